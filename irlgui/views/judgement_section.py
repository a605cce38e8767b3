"""What the analyst thinks of the picture: a status, which may be an outcome, and an opinion."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from irlgui.models.picture_list_entry import STATUSES, status_meaning, status_name
from irlgui.views import theme
from irlnet_core.case.exhibit import Judgement

_LINES = 4


class JudgementSection(QWidget):
    """Two fields; what is typed leaves as a signal at each letter, and is read with :meth:`opinion`."""

    status_chosen = Signal(int)
    opinion_edited = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.status = QComboBox()
        for digit in STATUSES:
            self.status.addItem(f"{digit}  {status_name(digit)}", digit)
        self.status.setAccessibleName(self.tr("Your status of the picture"))
        self.status.activated.connect(self.status_chosen)
        self.meaning = QLabel()
        self.meaning.setWordWrap(True)
        self.meaning.setFont(theme.font("small"))
        self.text = QPlainTextEdit()
        self.text.setTabChangesFocus(True)
        self.text.setPlaceholderText(self.tr("Your opinion, in your words. The report prints it as yours."))
        self.text.setAccessibleName(self.tr("Your opinion"))
        margin = 2 * (self.text.frameWidth() + int(self.text.document().documentMargin()))
        self.text.setFixedHeight(_LINES * self.text.fontMetrics().lineSpacing() + margin)
        self.text.textChanged.connect(self.opinion_edited)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE)
        for widget in (self.status, self.meaning, self.text):
            column.addWidget(widget)
        self.show_judgement(Judgement(), enabled=False)
        self._dress()

    def opinion(self) -> str:
        """Return what is typed."""
        return self.text.toPlainText()

    def show_judgement(self, judgement: Judgement, *, enabled: bool) -> None:
        """Show another picture's judgement; nothing can be judged without a picture."""
        with QSignalBlocker(self.text):
            self.text.setPlainText(judgement.opinion)
        self.show_status(judgement.status)
        for field in (self.status, self.text):
            field.setEnabled(enabled)

    def show_status(self, status: int) -> None:
        """Show the digit, which may have been set in the browser; the opinion stays as it is typed."""
        self.status.setCurrentIndex(status)
        self.meaning.setText(status_meaning(status))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        style = f"color: {theme.tokens().text_dim};"
        if self.meaning.styleSheet() != style:
            self.meaning.setStyleSheet(style)
