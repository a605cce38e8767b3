"""A part of the result column with a heading that folds it away."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from irlgui.views import theme

_FLAT = (
    "QToolButton { border: 1px solid transparent; border-radius: 4px;"
    " padding: 4px 4px 4px 0; background: transparent; }"
    "QToolButton:hover { background: palette(midlight); }"
    "QToolButton:focus { border-color: palette(highlight); }"
)


class Section(QWidget):
    """A heading with an arrow, a short remark at its right, and a body that can be folded away."""

    toggled = Signal(bool)

    def __init__(
        self, title: str, body: QWidget, *, opened: bool = True, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.body = body
        self.heading = QToolButton()
        self.heading.setText(title)
        self.heading.setCheckable(True)
        self.heading.setChecked(opened)
        self.heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.heading.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.heading.setStyleSheet(_FLAT)
        self.heading.setFont(theme.font("body", bold=True))
        self.heading.setAccessibleName(self.tr("Section {title}").format(title=title))
        self._remark = QLabel()
        self._remark.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._remark.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._build()
        self._fold(opened)
        self._dress()
        self.heading.toggled.connect(self._fold)
        self.heading.toggled.connect(self.toggled)

    @property
    def opened(self) -> bool:
        """Whether the body is seen."""
        return self.heading.isChecked()

    def set_opened(self, opened: bool) -> None:
        """Fold the body away, or show it."""
        self.heading.setChecked(opened)

    def set_remark(self, text: str) -> None:
        """Show a few words beside the heading: they are seen when the body is not."""
        self._remark.setText(text)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()
        super().changeEvent(event)

    def _build(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE)
        row.addWidget(self.heading)
        row.addWidget(self._remark, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE)
        column.addLayout(row)
        column.addWidget(self.body)
        self.body.setContentsMargins(0, 0, 0, 2 * theme.SPACE)

    def _fold(self, opened: bool) -> None:
        self.heading.setArrowType(Qt.ArrowType.DownArrow if opened else Qt.ArrowType.RightArrow)
        self.body.setVisible(opened)

    def _dress(self) -> None:
        style = f"color: {theme.tokens().text_dim};"
        if self._remark.styleSheet() != style:
            self._remark.setStyleSheet(style)
