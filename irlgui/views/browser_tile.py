"""How one picture looks in the browser: as a tile of the grid, or as a row of the list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import (
    QCoreApplication,
    QLocale,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from irlgui.models.picture_list import PictureRole
from irlgui.models.picture_list_entry import Picture
from irlgui.models.thumbnail_shelf import ThumbnailShelf
from irlgui.views import theme
from irlgui.views.browser_marks import draw_broken, draw_regions, draw_state

Mode = Literal["grid", "list"]
LEAST_TILE = 124  # points; as many columns as fit share the width

_GAP = theme.SPACE
_MARK = 12


@dataclass(frozen=True)
class Places:
    """Where the parts of a tile go."""

    picture: QRect
    name: QRect
    facts: QRect


def cell_size(mode: Mode, width: int, line: int) -> QSize:
    """Return the size of a cell for a view of ``width`` points and a text line of ``line`` points."""
    if mode == "list":
        return QSize(max(1, width), max(14 * _GAP, 2 * line + 5 * _GAP))
    width = max(1, width - 1)  # Qt breaks the line where a row would fill it to the last point
    cell = width // max(1, width // LEAST_TILE)
    return QSize(cell, _picture_height(cell) + 2 * line + 7 * _GAP)


def _picture_height(cell: int) -> int:
    return round((cell - 4 * _GAP) * 0.72)


def place_parts(mode: Mode, cell: QRect, line: int) -> Places:
    """Return the places of thumbnail, name and facts in a cell."""
    inner = cell.adjusted(2 * _GAP, 2 * _GAP, -2 * _GAP, -2 * _GAP)
    if mode == "grid":
        picture = QRect(inner.left(), inner.top(), inner.width(), _picture_height(cell.width()))
        name = QRect(inner.left(), picture.bottom() + 1 + _GAP, inner.width(), line)
        return Places(picture, name, name.translated(0, line + _GAP // 2))
    height = inner.height() + 2 * _GAP
    picture = QRect(inner.left(), inner.top() - _GAP, height * 4 // 3, height)
    left = picture.right() + 1 + 2 * _GAP
    top = cell.center().y() - line - _GAP // 2
    name = QRect(left, top, max(0, inner.right() + 1 - left), line)
    return Places(picture, name, name.translated(0, line + _GAP))


class TileDelegate(QStyledItemDelegate):
    """Paints thumbnail, name (shortened in the middle: both ends of a camera's names matter) and facts."""

    def __init__(self, shelf: ThumbnailShelf, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.mode: Mode = "grid"
        self.shelf = shelf
        self.cell = QSize(LEAST_TILE, LEAST_TILE)
        self.restyle()

    def restyle(self) -> None:
        """Take over the theme's fonts and colours; call it when they have changed."""
        self._font, self._small = theme.font("body"), theme.font("small")
        self._metrics, self._small_metrics = QFontMetrics(self._font), QFontMetrics(self._small)
        self.line = self._metrics.height()
        self._tokens = theme.tokens()

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: N802
        return self.cell

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        picture: Picture | None = index.data(PictureRole)
        if picture is None:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRect(option.rect.topLeft(), self.cell)  # type: ignore[attr-defined]
        places = place_parts(self.mode, rect, self.line)
        self._draw_ground(painter, rect, option.state)  # type: ignore[attr-defined]
        self._draw_thumbnail(painter, places.picture, picture)
        painter.setFont(self._font)
        painter.setPen(QColor(self._tokens.text))
        name = self._metrics.elidedText(picture.name, Qt.TextElideMode.ElideMiddle, places.name.width())
        painter.drawText(places.name, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
        self._draw_facts(painter, places.facts, picture)
        painter.restore()

    def _draw_ground(self, painter: QPainter, rect: QRect, state: QStyle.StateFlag) -> None:
        """Draw what says selected (filled, outlined), current (a thicker outline) and under the mouse."""
        t = self._tokens
        selected = bool(state & QStyle.StateFlag.State_Selected)
        current = bool(state & QStyle.StateFlag.State_HasFocus)
        hover = bool(state & QStyle.StateFlag.State_MouseOver)
        if not (selected or current or hover):
            return
        painter.setBrush(
            QColor(t.accent_soft if selected else t.hover) if selected or hover else Qt.BrushStyle.NoBrush
        )
        width = 2.0 if current else 1.0
        painter.setPen(QPen(QColor(t.accent), width) if selected or current else Qt.PenStyle.NoPen)
        inset = 2 + width / 2
        painter.drawRoundedRect(
            QRectF(rect).adjusted(inset, inset, -inset, -inset), theme.RADIUS, theme.RADIUS
        )

    def _draw_thumbnail(self, painter: QPainter, box: QRect, picture: Picture) -> None:
        t = self._tokens
        pixmap = self.shelf.get(picture.path)
        if pixmap is None or pixmap.isNull():
            painter.setPen(QPen(QColor(t.line), 1))
            painter.setBrush(QColor(t.panel))
            painter.drawRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5))
            if picture.unreadable:
                draw_broken(painter, QRectF(box), QColor(t.text_dim))
            return
        size = pixmap.size().scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
        if size.width() > pixmap.width() and not self.shelf.blurred:
            size = pixmap.size()  # a tiny picture is shown as it is
        place = QRect(0, 0, max(1, size.width()), max(1, size.height()))
        place.moveCenter(box.center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(place, pixmap)

    def _draw_facts(self, painter: QPainter, box: QRect, picture: Picture) -> None:
        t = self._tokens
        painter.setFont(self._small)
        right = self._draw_status(painter, box, picture.status) if picture.status else box.right()
        colour = QColor(
            t.caution if picture.state == "failed" else t.text if picture.state == "done" else t.text_dim
        )
        square = QRectF(box.left(), box.center().y() - _MARK / 2 + 0.5, _MARK, _MARK)
        draw_state(painter, square, picture.state, colour)
        left = round(square.right()) + _GAP // 2
        painter.setPen(colour)
        left = self._write(painter, box, left, right, _short_words(picture, self.mode))
        if picture.state == "done" and picture.regions is not None and left + _MARK < right:
            square.moveLeft(left + _GAP)
            draw_regions(painter, square, colour)
            self._write(
                painter, box, round(square.right()) + _GAP // 2, right, QLocale().toString(picture.regions)
            )

    def _write(self, painter: QPainter, box: QRect, left: int, right: int, text: str) -> int:
        """Write text between two edges, shortened if it must be, and return where it ends."""
        text = self._small_metrics.elidedText(text, Qt.TextElideMode.ElideRight, right - left)
        place = QRect(left, box.top(), right - left, box.height())
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        return left + self._small_metrics.horizontalAdvance(text)

    def _draw_status(self, painter: QPainter, box: QRect, status: int) -> int:
        """Draw the analyst's digit in a frame at the right edge; return what is left of it for the rest."""
        side = min(box.height(), 4 * _GAP)
        square = QRectF(box.right() - side + 0.5, box.center().y() - side / 2 + 0.5, side, side)
        painter.setPen(QPen(QColor(self._tokens.text), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(square, 3, 3)
        painter.drawText(square, Qt.AlignmentFlag.AlignCenter, str(status))
        return round(square.left()) - _GAP // 2


def _short_words(picture: Picture, mode: Mode) -> str:
    """Return what stands beside the sign of the state."""
    tr = QCoreApplication.translate
    if picture.state == "done":
        return "–" if picture.response is None else QLocale().toString(picture.response, "f", 2)
    if picture.state == "failed" and mode == "list" and picture.error:
        return picture.error
    words = {
        "new": tr("Tile", "not analysed") if mode == "list" else "",
        "queued": tr("Tile", "waiting"),
        "running": tr("Tile", "running"),
        "failed": tr("Tile", "failed"),
    }
    return words[picture.state]
