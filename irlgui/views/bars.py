"""Menus and toolbar, filled from the tables in actions.py."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QMenuBar,
    QSizePolicy,
    QSlider,
    QToolBar,
    QToolButton,
    QWidget,
)

from irlgui import assets
from irlgui.actions import MENUS, SEPARATOR, TOOLBAR, WITH_WORDS, translate
from irlgui.views import theme


def fill_menus(bar: QMenuBar, actions: Mapping[str, QAction], others: Mapping[str, QMenu | QAction]) -> None:
    """Add the menus; ``others`` stand for the names in angle brackets."""
    for title, names in MENUS.items():
        menu = bar.addMenu(translate(title))
        for name in names:
            if name == SEPARATOR:
                menu.addSeparator()
                continue
            other = others.get(name) or actions[name]
            if isinstance(other, QMenu):
                menu.addMenu(other)
            else:
                menu.addAction(other)


def fill_toolbar(bar: QToolBar, actions: Mapping[str, QAction], widgets: Mapping[str, QWidget]) -> None:
    """Add the tools; ``widgets`` stand for the names in angle brackets."""
    bar.setMovable(False)
    bar.setIconSize(QSize(20, 20))
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    for name in TOOLBAR:
        if name == SEPARATOR:
            bar.addSeparator()
        elif name == "<space>":
            space = QWidget()
            space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
            bar.addWidget(space)
        elif name in widgets:
            bar.addWidget(widgets[name])
        else:
            bar.addAction(actions[name])
            _dress(bar.widgetForAction(actions[name]), name)
    rest = bar.findChild(QToolButton, "qt_toolbar_ext_button")
    if isinstance(rest, QToolButton):  # Qt's own arrow can't be seen on a dark bar
        rest.setIcon(assets.icon("more"))
        rest.setIconSize(QSize(12, 12))
        rest.setAccessibleName(translate("More tools"))
        rest.setToolTip(translate("More tools"))
        rest.setFocusPolicy(Qt.FocusPolicy.TabFocus)


def _dress(button: QWidget, name: str) -> None:
    if isinstance(button, QToolButton):
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(button.defaultAction().text().replace("&", "").removesuffix("…"))
        if name in WITH_WORDS:
            button.defaultAction().setIconText(translate(WITH_WORDS[name]))
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)


class Opacity(QWidget):
    """A short slider for the overlay's opacity, 0..1."""

    changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = QLabel()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, 100)
        self.slider.setFixedWidth(72)
        self.slider.setAccessibleName(self.tr("Opacity of the overlay"))
        self.slider.setToolTip(self.tr("Opacity of the overlay"))
        self.slider.valueChanged.connect(self._tell)
        row = QHBoxLayout(self)
        row.setContentsMargins(2 * theme.SPACE, 0, 2 * theme.SPACE, 0)
        row.setSpacing(theme.SPACE)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        row.addWidget(self._icon)
        row.addWidget(self.slider)
        self._dress()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        self._icon.setPixmap(assets.icon("opacity").pixmap(QSize(20, 20), self.devicePixelRatio()))

    def set_opacity(self, opacity: float) -> None:
        """Show an opacity without telling of it."""
        self.slider.blockSignals(True)
        self.slider.setValue(round(opacity * 100))
        self.slider.blockSignals(False)

    def _tell(self, value: int) -> None:
        self.changed.emit(value / 100)
