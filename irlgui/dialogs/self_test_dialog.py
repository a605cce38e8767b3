"""The self-test: does the model answer here as it did at its maker's? Kept for records and reports."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from irlgui import assets
from irlgui.jobs.lane import Lane
from irlgui.jobs.self_test import check_model
from irlgui.views import theme
from irlgui.wizard.look import dim
from irlnet_core.errors import IrlnetError
from irlnet_core.inference.self_test import SelfTest, last_self_test
from irlnet_core.model.card import WEIGHTS_NAME, read_card
from irlnet_core.model.locate import find_model
from irlnet_core.progress import Event, Progress

_ICONS = {"passed": "check", "differs": "caution", "not run": "info"}


class SelfTestDialog(QDialog):
    """Shows the last outcome and makes a new one; the window stays usable meanwhile."""

    def __init__(self, model: str | None, device: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Self-test"))
        self._model, self._device = model, device
        self.outcome: SelfTest | None = None
        self._lane = Lane(self)
        self._lane.reported.connect(self._take_event)
        self._lane.succeeded.connect(self._take_outcome)
        self._lane.failed.connect(self._take_failure)
        self.mark, self.sentence, self.facts = QLabel(), QLabel(), QFormLayout()
        self.run_button = QPushButton(self.tr("&Test now"))
        self._lay_out()
        self._show_last()

    @property
    def busy(self) -> bool:
        """Tell whether a test is running."""
        return not self.run_button.isEnabled()

    @Slot()
    def run(self) -> None:
        """Test the model now."""
        self.run_button.setEnabled(False)
        self._say("info", self.tr("Loading the model…"))
        self._lane.submit(lambda: check_model(self._model, self._device))

    def done(self, result: int) -> None:
        """Close; a test that runs ends by itself, and its outcome is kept."""
        self._lane.shutdown(5.0)
        super().done(result)

    def _show_last(self) -> None:
        try:
            card = read_card(find_model(self._model))
        except IrlnetError as error:
            self.run_button.setEnabled(False)
            self._say("caution", str(error))
            return
        last = last_self_test(card.hashes.get(WEIGHTS_NAME, ""))
        if last:
            self._show(SelfTest(**last))
        else:
            text = self.tr("The model {} was not tested on this machine yet.").format(card.name)
            self._say("info", text)

    @Slot(int, object)
    def _take_event(self, _ticket: int, event: Event) -> None:
        if isinstance(event, Progress) and event.phase == "computing":
            self._say("info", self.tr("Computing the golden vectors…"))

    @Slot(int, object)
    def _take_outcome(self, _ticket: int, outcome: SelfTest) -> None:
        self.run_button.setEnabled(True)
        self._show(outcome)

    @Slot(int, object)
    def _take_failure(self, _ticket: int, error: Exception) -> None:
        """Tell an expected refusal in words; let a fault of ours be seen where such faults are shown."""
        self.run_button.setEnabled(True)
        self._say("caution", str(error))
        if not isinstance(error, IrlnetError):
            raise error

    def _show(self, outcome: SelfTest) -> None:
        self.outcome = outcome
        words = {
            "passed": self.tr("Passed: the model answers here as it did on its maker's machine."),
            "differs": self.tr("Differs: the model answers here in another way. Don't rely on its results."),
        }
        self._say(_ICONS[outcome.state], words.get(outcome.state, self.tr("Not run.")))
        rows = (
            (self.tr("Outcome"), outcome.reason),
            (self.tr("Computed on"), f"{outcome.device}, {outcome.precision}"),
            (self.tr("Time"), outcome.time),
            (self.tr("Program"), outcome.program),
            (self.tr("Weights"), outcome.weights_sha256),
        )
        for name, value in rows:
            told = QLabel(value)
            told.setWordWrap(True)
            told.setTextFormat(Qt.TextFormat.PlainText)
            told.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            told.setAccessibleName(name)
            self.facts.addRow(name, told)

    def _say(self, icon: str, text: str) -> None:
        while self.facts.rowCount():
            self.facts.removeRow(0)
        self.mark.setPixmap(assets.icon(icon).pixmap(QSize(20, 20), self.devicePixelRatio()))
        self.sentence.setText(text)

    def _lay_out(self) -> None:
        self.sentence.setFont(theme.font("body", bold=True))
        self.sentence.setWordWrap(True)
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setAccessibleName(self.tr("Outcome"))
        head = QHBoxLayout()
        head.setSpacing(3 * theme.SPACE)
        head.addWidget(self.mark, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.sentence, 1)
        self.facts.setHorizontalSpacing(4 * theme.SPACE)
        self.facts.setVerticalSpacing(2 * theme.SPACE)
        self.facts.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        text = self.tr(
            "Small made pictures are analysed, and the responses are compared with those at the model's "
            "maker. The outcome goes into every record and report of this model on this machine."
        )
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(self.run_button, QDialogButtonBox.ButtonRole.ActionRole)
        self.run_button.clicked.connect(self.run)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[6 * theme.SPACE] * 4)
        layout.setSpacing(4 * theme.SPACE)
        layout.addWidget(dim(text))
        layout.addLayout(head)
        layout.addLayout(self.facts)
        layout.addStretch()
        layout.addWidget(buttons)
        self.resize(600, 360)
