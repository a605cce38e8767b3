"""The fourth page: the training as it runs in its own process; stop it, pause it, cancel it, resume it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMessageBox,
    QPlainTextEdit,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
    QWizardPage,
)

from irlgui.jobs.training_process import Ending, TrainingProcess
from irlgui.jobs.training_process_arguments import resume_arguments, train_arguments
from irlgui.views import theme
from irlgui.wizard import run_words
from irlgui.wizard.look import PAGE_MARGINS, dim, make_heading
from irlgui.wizard.plan import Plan, discard
from irlgui.wizard.run_curves import RunCurves
from irlgui.wizard.run_previews import RunPreviews
from irlgui.wizard.run_state import RunState, read_run
from irlgui.wizard.training_lock import TrainingLock
from irlnet_core.errors import IrlnetError
from irlnet_core.model.card import CARD_NAME
from irlnet_core.training.finetune_run_folder import RunFolder

_DRAW_MS = 400
_ASK_AFTER_SECONDS = 20  # a run shorter than this is thrown away without asking again


class RunPage(QWizardPage):
    """Shows the state of the child; ``busy_changed`` tells the wizard when it begins and ends."""

    busy_changed = Signal(bool)
    discarded = Signal()

    def __init__(
        self, plan: Plan, process: TrainingProcess, lock: TrainingLock, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("Training"))
        self.plan, self.process, self._lock = plan, process, lock
        self.state = RunState()
        self.ending: Ending | None = None
        self._make_widgets()
        self._lay_out()
        self._drawing = QTimer(self)
        self._drawing.setSingleShot(True)
        self._drawing.setInterval(_DRAW_MS)
        self._drawing.timeout.connect(self.draw)
        process.reported.connect(self._take_event)
        process.said.connect(self._log)
        process.ended.connect(self._take_end)
        self._enable()

    def begin(self) -> None:
        """Start or resume the run of the plan; one that is under way or has ended is only shown."""
        run = self.plan.run
        if run is None or self.process.running:
            return
        self.state, self.ending = read_run(run), None
        self._tell_history()
        if self._has_ended():
            self.ending = Ending("done", code=0)
            self._say(self.tr("This training has ended; compare its model now."))
        else:
            self._start(resume=self.plan.resume)
        self._enable()
        self.draw()

    def isComplete(self) -> bool:  # noqa: N802 - Qt's name
        run, ending = self.plan.run, self.ending
        if run is None or ending is None or ending.outcome not in ("done", "stopped"):
            return False
        return (run / CARD_NAME).is_file()

    @Slot()
    def stop(self) -> None:
        """End the training and keep the best so far."""
        self.process.stop()
        self._say(self.tr("Stopping: the best so far is kept…"))
        self._enable()

    @Slot()
    def pause(self) -> None:
        """Save the state and free the processor."""
        self.process.pause()
        self._say(self.tr("Pausing: the state is being saved…"))
        self._enable()

    @Slot()
    def resume(self) -> None:
        """Go on from the saved state."""
        if self.plan.run and not self.process.running:
            self.state = read_run(self.plan.run)
            self._start(resume=True)

    @Slot()
    def keep_best(self) -> None:
        """Go on to the comparison with the best so far of a run that did not end by itself."""
        run = self.plan.run
        if run is None or self.process.running:
            return
        try:
            RunFolder(run).end("stopped")
        except IrlnetError as error:
            self._say(str(error))
            return
        self.ending = Ending("stopped", code=0)
        self._say(run_words.describe_ending(self.ending, can_resume=False))
        self._enable()

    @Slot()
    def ask_cancel(self) -> None:
        """Ask whether what was learned so far may be thrown away, if it is worth a question."""
        if self.state.seconds < _ASK_AFTER_SECONDS:
            self.cancel()
            return
        box = QMessageBox(self)
        box.setObjectName("cancel")
        box.setIcon(QMessageBox.Icon.NoIcon)
        box.setWindowTitle(self.tr("Cancel and discard"))
        box.setText(self.tr("Throw away what was learned so far?"))
        box.setInformativeText(self.tr("Nothing of this training is kept; your pictures are not touched."))
        throw = box.addButton(self.tr("Cancel and discard"), QMessageBox.ButtonRole.DestructiveRole)
        back = box.addButton(self.tr("Go on"), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(back)
        throw.clicked.connect(self.cancel)
        box.open()

    @Slot()
    def cancel(self) -> None:
        """End the training and leave nothing of it; answers at once."""
        if self.process.running:
            self.process.cancel()
            self._say(self.tr("Cancelling…"))
            self._enable()
        else:
            self._discard()

    @Slot()
    def draw(self) -> None:
        """Show what is known now."""
        state = self.state
        self.bar.setValue(round(1000 * state.share))
        self.progress.setText(run_words.describe_progress(state, running=self.process.running))
        self.best.setText(run_words.describe_best(state))
        if self.process.running and self.process.wish is None:
            self.phase.setText(run_words.describe_phase(state))
        self.curves.show_run(state)

    def _start(self, *, resume: bool) -> None:
        run = self.plan.run
        if run is None:
            return
        if reason := self._lock.take():
            self._say(reason)
            return
        self.ending = None
        self.plan.resume = True  # from here on a second start goes on with this one
        self._say(self.tr("Starting…"))
        self.process.start(resume_arguments(run) if resume else train_arguments(self.plan.order(run)))
        self.previews.show_previews(self.state.previews)
        self.busy_changed.emit(self.process.running)  # it may have failed to start, and told so
        self._enable()

    def _tell_history(self) -> None:
        """Show what the files of a run tell that was begun before this window was opened."""
        best = self.state.best
        self.previews.show_previews(self.state.previews, best.step if best else None)
        self.log.clear()
        for found in self.state.validations:
            event = {"event": "EpochDone", "step": found.step, "scores": found.scores, "best": found.best}
            self._log(run_words.describe_event(event))

    def _has_ended(self) -> bool:
        run = self.plan.run
        try:
            ended = RunFolder(run).describe().get("ended") if run else None
        except IrlnetError:
            return False
        return ended in ("finished", "early", "stopped")

    @Slot(object)
    def _take_event(self, event: dict[str, Any]) -> None:
        self.state.take(event)
        if line := run_words.describe_event(event):
            self._log(line)
        if event["event"] == "PreviewSaved":
            best = self.state.best
            self.previews.show_previews(self.state.previews, best.step if best else None)
        if not self._drawing.isActive():
            self._drawing.start()

    @Slot(object)
    def _take_end(self, ending: Ending) -> None:
        self.ending = ending
        self._drawing.stop()
        can_resume = self._can_resume()
        self._say(run_words.describe_ending(ending, can_resume=can_resume))
        self._log(run_words.describe_ending(ending, can_resume=can_resume))
        if ending.outcome == "cancelled":
            self._discard()
        elif not can_resume and ending.outcome == "failed" and not self._has_model():
            self.plan.resume = False
        self._enable()
        self.draw()
        self.busy_changed.emit(False)

    def _discard(self) -> None:
        run = self.plan.run
        if run is not None:
            try:
                discard(run)
            except (IrlnetError, OSError) as error:
                self._say(str(error))
                return
        self.plan.run, self.plan.resume = None, False
        self.state = RunState()
        self.previews.show_previews({})
        self._enable()
        self.draw()
        self.discarded.emit()

    def _can_resume(self) -> bool:
        return self.plan.run is not None and RunFolder(self.plan.run).is_unfinished()

    def _is_begun(self) -> bool:
        """Tell whether there is anything to discard."""
        return self.plan.run is not None and RunFolder(self.plan.run).is_begun()

    def _has_model(self) -> bool:
        return self.plan.run is not None and (self.plan.run / CARD_NAME).is_file()

    def _enable(self) -> None:
        """Offer what makes sense now, and nothing else."""
        running, wish = self.process.running, self.process.wish
        for button in (self.stop_button, self.pause_button):
            button.setVisible(running)
            button.setEnabled(wish is None)
        self.shared.setVisible(running)
        stuck = not running and self.plan.run is not None and not self.isComplete()
        self.resume_button.setVisible(stuck and self._can_resume())
        self.keep_button.setVisible(stuck and self._has_model())
        self.cancel_button.setVisible(running or self.plan.run is not None)
        self.cancel_button.setEnabled(wish != "cancel" or not running)
        left = self.tr("Discard") if self._is_begun() else self.tr("Back to the settings")
        self.cancel_button.setText(self.tr("Cancel and discard") if running else left)
        self.completeChanged.emit()

    @Slot(str)
    def _log(self, line: str) -> None:
        self.log.appendPlainText(line)

    def _say(self, text: str) -> None:
        self.phase.setText(text)

    def _make_widgets(self) -> None:
        self.phase = make_heading("")
        self.phase.setWordWrap(True)
        self.phase.setAccessibleName(self.tr("State of the training"))
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setAccessibleName(self.tr("Share of the time or the steps that is used up"))
        self.progress, self.best = QLabel(), QLabel()
        self.best.setAccessibleName(self.tr("Best validation"))
        self.shared = dim(
            self.tr(
                "Pictures can be analysed meanwhile. Both use the same processor, or the same graphics card "
                "and its memory, so both take longer; Pause frees it."
            )
        )
        self.curves, self.previews = RunCurves(), RunPreviews()
        self.log = QPlainTextEdit()
        self.log.setReadOnly(True)
        self.log.setMaximumBlockCount(2000)
        self.log.setAccessibleName(self.tr("Log"))
        self.log.setFont(theme.font("small"))
        self.stop_button = self._button(self.tr("Stop and keep the best"), self.stop)
        self.pause_button = self._button(self.tr("Pause"), self.pause)
        self.resume_button = self._button(self.tr("Resume"), self.resume)
        self.keep_button = self._button(self.tr("Go on with the best so far"), self.keep_best)
        self.cancel_button = self._button(self.tr("Cancel and discard"), self.ask_cancel)

    def _button(self, text: str, do: Any) -> QPushButton:
        button = QPushButton(text)
        button.clicked.connect(do)
        return button

    def _lay_out(self) -> None:
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * theme.SPACE)
        for button in (self.stop_button, self.resume_button, self.keep_button, self.pause_button):
            buttons.addWidget(button)
        buttons.addStretch()
        buttons.addWidget(self.cancel_button)
        facts = QHBoxLayout()
        facts.addWidget(self.progress)
        facts.addStretch()
        facts.addWidget(self.best)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*PAGE_MARGINS)
        layout.setSpacing(2 * theme.SPACE)
        layout.addWidget(self.phase)
        layout.addWidget(self.bar)
        layout.addLayout(facts)
        layout.addWidget(self.curves, 3)
        layout.addWidget(self.previews)
        layout.addWidget(self.log, 1)
        layout.addWidget(self.shared)
        layout.addLayout(buttons)
