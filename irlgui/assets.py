"""Files that ship with the program, and its icons, tinted from the palette while they are painted."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from irlgui.shipped import resource
from irlgui.views import theme

DIM = QIcon.Mode.Disabled  # the mode in which an icon only decorates


def icon(name: str) -> QIcon:
    """Return the icon ``resources/icons/<name>.svg`` in the text's colour; it follows a change of theme."""
    return QIcon(_TintedSvg(name))


def application_icon() -> QIcon:
    """Return the program's own icon, in its own colours."""
    return QIcon(str(resource("icons", "irlnet.svg")))


@cache
def _read_svg(name: str) -> str:
    return resource("icons", f"{name}.svg").read_text("utf-8")


@cache
def _renderer(name: str, colour: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(_read_svg(name).replace("currentColor", colour).encode("utf-8")))


class _TintedSvg(QIconEngine):
    """Draws one stroke icon in the colour that its mode asks for in the theme of the moment."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self._name = name

    def clone(self) -> QIconEngine:
        return _TintedSvg(self._name)

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        side = min(rect.width(), rect.height())
        square = QRectF(0, 0, side, side)
        square.moveCenter(QRectF(rect).center())
        _renderer(self._name, _colour(mode, state)).render(painter, square)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:  # noqa: N802
        pixmap = QPixmap(size)  # already in device pixels: Qt sets the ratio afterwards
        pixmap.fill(QColor(Qt.GlobalColor.transparent))
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.paint(painter, QRect(QPoint(0, 0), size), mode, state)
        painter.end()
        return pixmap


def _colour(mode: QIcon.Mode, state: QIcon.State) -> str:
    t = theme.tokens()
    if mode == QIcon.Mode.Disabled:
        return t.text_off
    if mode == QIcon.Mode.Selected:
        return t.on_accent
    return t.accent if state == QIcon.State.On else t.text
