"""A line above the viewer that says calmly what went wrong and what to do; it never stops the work."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from irlgui import assets
from irlgui.plain_text import let_shrink
from irlgui.views import theme


class Notice(QWidget):
    """One message with a button to close it; hidden as long as there is none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._icon = QLabel()
        self._text = QLabel()
        self._text.setWordWrap(True)
        let_shrink(self._text)
        self._text.setTextFormat(Qt.TextFormat.PlainText)  # names of files and cases come from outside
        self._text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._text.setAccessibleName(self.tr("Message"))
        self.offer_button = QToolButton()
        self.offer_button.hide()
        self.close_button = QToolButton()
        self.close_button.setProperty("flat", True)
        self.close_button.setIcon(assets.icon("cancel"))
        self.close_button.setToolTip(self.tr("Close this message"))
        self.close_button.setAccessibleName(self.tr("Close this message"))
        self.close_button.clicked.connect(self.clear)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(3 * theme.SPACE, theme.SPACE, theme.SPACE, theme.SPACE)
        layout.setSpacing(2 * theme.SPACE)
        layout.addWidget(self._icon)
        layout.addWidget(self._text, 1)
        layout.addWidget(self.offer_button)
        layout.addWidget(self.close_button)
        self._dress()
        self.hide()

    @property
    def text(self) -> str:
        """Return the message that is shown, or nothing."""
        return "" if self.isHidden() else self._text.text()

    def show_text(self, text: str) -> None:
        """Show a message instead of the one that may be there."""
        self._text.setText(text)
        self.offer_button.hide()
        self.show()

    def offer(self, action: QAction) -> None:
        """Put a command that helps beside the message that is shown."""
        self.offer_button.setDefaultAction(action)
        self.offer_button.show()

    def clear(self) -> None:
        """Take the message away."""
        self._text.clear()
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        t = theme.tokens()
        painter.fillRect(self.rect(), QColor(t.raised))
        painter.fillRect(0, self.height() - 1, self.width(), 1, QColor(t.line))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        self._icon.setPixmap(assets.icon("info").pixmap(QSize(20, 20), self.devicePixelRatio()))
