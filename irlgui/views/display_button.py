"""The toolbar's button for how the picture is displayed; it stays marked as long as that is adjusted."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QMenu, QToolButton, QWidget, QWidgetAction

from irlgui import assets
from irlgui.views.viewer import Viewer
from irlgui.views.viewer_display import DisplayControls


class DisplayButton(QToolButton):
    """Opens :class:`DisplayControls` below itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.controls = DisplayControls()
        self._menu = QMenu(self)
        holder = QWidgetAction(self._menu)
        holder.setDefaultWidget(self.controls)
        self._menu.addAction(holder)
        self.setCheckable(True)
        self.setIcon(assets.icon("display"))
        self.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setMenu(self._menu)
        self.setAccessibleName(self.tr("Display"))
        self._menu.aboutToShow.connect(self._begin)
        self._menu.aboutToHide.connect(self._mark)
        self.controls.display_asked.connect(self._mark)
        self._mark()

    def connect_viewer(self, viewer: Viewer) -> None:
        """Drive a viewer's display."""
        self.controls.connect_viewer(viewer)

    @Slot()
    def reset(self) -> None:
        """Show the picture as it is stored again."""
        self.controls.reset.click()

    @Slot()
    def _begin(self) -> None:
        self.controls.black.setFocus()

    @Slot()
    def _mark(self) -> None:
        adjusted = self.controls.tone().adjusted
        self.setChecked(adjusted)
        tip = self.tr("Display adjusted: levels, gamma, channel") if adjusted else ""
        self.setToolTip(tip or self.tr("Levels, gamma and single channels, for the display only"))
        self.setAccessibleDescription(self.toolTip())
