"""The bar at the lower edge: what is running, what lies under the pointer, which device and model answer."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QCoreApplication, Qt, Signal, SignalInstance
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStatusBar, QToolButton, QWidget

from irlgui import assets
from irlgui.job_watch import JobState
from irlgui.open_case import CaseState
from irlgui.plain_text import let_shrink
from irlgui.views import theme
from irlnet_core.report.visible import shorten

_PHASES = {
    "reading": "reading the picture",
    "looking": "looking for a kept result",
    "loading": "loading the model",
    "finding regions": "finding regions",
    "checking": "checking that the file is unchanged",
    "keeping": "keeping the result",
}


def describe_job(state: JobState) -> str:
    """Say in one line what runs, how far it is and how long it will take."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("StatusLine", text)

    if state.ending:
        return tr("Cancelling…")
    begins = tr("Comparing {}") if state.comparing else tr("Analysing {}")
    parts = [(tr("Paused: {}") if state.paused else begins).format(shorten(state.name, 40))]
    if state.phase in _PHASES:
        parts.append(tr(_PHASES[state.phase]))
    elif state.total:
        parts.append(tr("tile {} / {}").format(state.done, state.total))
    if 1 < state.done < state.total and state.seconds > 1 and not state.paused:
        parts.append(
            tr("{} left").format(describe_seconds(state.seconds * (state.total - state.done) / state.done))
        )
    if state.waiting:
        parts.append(tr("{} waiting").format(state.waiting))
    if state.beside:
        parts.append(tr("a comparison too"))
    return "   ".join(parts)


def describe_saving(state: CaseState) -> str:
    """Say whether the case is on the disk."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("StatusLine", text)

    if state.problem:
        return tr("{} not saved").format(state.waiting)
    if state.waiting or state.path is None:
        return tr("saving…")
    if state.refused:
        return tr("{} refused").format(state.refused)
    return tr("read only") if state.read_only else tr("saved")


def describe_seconds(seconds: float) -> str:
    """Return ``m:ss``, or ``h:mm:ss`` from an hour on."""
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def describe_cursor(cursor: tuple[int, int, tuple[int, int, int], float | None] | None) -> str:
    """Return place, colour and response under the pointer."""
    if cursor is None:
        return ""
    x, y, (red, green, blue), response = cursor
    parts = [f"{x}, {y}", f"RGB {red} {green} {blue}"]
    if response is not None:
        parts.append(QCoreApplication.translate("StatusLine", "response {:.3f}").format(response))
    return "   ".join(parts)


class Bar(QWidget):
    """A thin bar that is filled from left to right, or hidden while nothing runs."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedSize(120, 4)
        self._share = 0.0
        self.setAccessibleName(self.tr("Progress"))

    def set_share(self, share: float) -> None:
        self._share = share
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        t = theme.tokens()
        for width, colour in ((float(self.width()), t.line_strong), (self.width() * self._share, t.accent)):
            painter.setBrush(QColor(colour))
            painter.drawRoundedRect(0, 0, round(width), self.height(), 2, 2)


class StatusLine(QStatusBar):
    """Shows what it is told; its one control is Cancel."""

    cancel_requested = Signal()
    training_asked = Signal()
    case_asked = Signal()
    search_stopped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.job = QLabel(self.tr("Ready"))
        self.bar = Bar()
        self.cancel = QToolButton()
        self.cancel.setText(self.tr("Cancel"))
        self.cancel.setProperty("flat", True)
        self.cancel.setAccessibleName(self.tr("Cancel the analysis"))
        self.cancel.setToolTip(self.tr("Stop after the step that is running; finished results are kept"))
        self.cancel.clicked.connect(self.cancel_requested)
        left = QWidget()
        row = QHBoxLayout(left)
        row.setContentsMargins(3 * theme.SPACE, 0, 0, 0)
        row.setSpacing(3 * theme.SPACE)
        for widget in (self.job, self.bar, self.cancel):
            row.addWidget(widget)
        row.addStretch()
        self.job.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        let_shrink(self.job)
        self.job.setTextFormat(Qt.TextFormat.PlainText)
        self.addWidget(left, 1)
        self.training = QToolButton()
        self.training.setProperty("flat", True)
        self.training.setToolTip(self.tr("Show the training"))
        self.training.clicked.connect(self.training_asked)
        self.addPermanentWidget(self.training)
        self.set_training("")
        self.search, self.case = self._add_button(self.search_stopped), self._add_button(self.case_asked)
        self.search.setToolTip(self.tr("Stop looking"))
        self.search.hide()
        self.cursor_label, self.device, self.model = (self._add_field(name) for name in self._field_names())
        self.set_job(None)

    def set_job(self, state: JobState | None) -> None:
        """Show what runs, or that nothing does."""
        self.job.setText(describe_job(state) if state else self.tr("Ready"))
        self.bar.setVisible(state is not None)
        self.cancel.setVisible(state is not None)
        self.cancel.setEnabled(state is not None and not state.ending)
        self.bar.set_share(state.done / state.total if state and state.total else 0.0)

    def set_training(self, text: str) -> None:
        """Show how far a training is; an empty text takes the button away."""
        self.training.setText(text)
        self.training.setAccessibleName(text)
        self.training.setVisible(bool(text))

    def set_search(self, text: str) -> None:
        """Show how far a search for evidence is, on a button that stops it; an empty text takes it away."""
        self.search.setText(self.tr("{}   Stop").format(text) if text else "")
        self.search.setAccessibleName(self.search.text())
        self.search.setVisible(bool(text))

    def set_case(self, name: str, state: CaseState) -> None:
        """Show the case and whether all of it is on the disk; nothing is called saved before it is."""
        text = f"{shorten(name, 28)} · {describe_saving(state)}"
        self.case.setText(text.replace("&", "&&"))
        self.case.setAccessibleName(self.tr("Case: {}").format(f"{name}, {describe_saving(state)}"))
        told = (name, str(state.path or ""), state.problem)
        self.case.setToolTip("<br>".join(f"<span>{escape(part)}</span>" for part in told if part))
        caution = bool(state.problem or state.refused)
        if caution != bool(self.case.property("caution")):
            self.case.setProperty("caution", caution)
            self.case.setIcon(assets.icon("caution") if caution else QIcon())

    def set_cursor(self, cursor: object) -> None:
        """Show ``(x, y, (r, g, b), response or None)``; None empties the field."""
        self.cursor_label.setText(describe_cursor(cursor))  # type: ignore[arg-type]

    def set_device(self, text: str) -> None:
        self.device.setText(text)

    def set_model(self, text: str) -> None:
        self.model.setText(text)

    def _field_names(self) -> tuple[str, str, str]:
        return self.tr("Under the pointer"), self.tr("Device"), self.tr("Model")

    def _add_button(self, signal: SignalInstance) -> QToolButton:
        button = QToolButton()
        button.setProperty("flat", True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.clicked.connect(signal)
        self.addPermanentWidget(button)
        return button

    def _add_field(self, name: str) -> QLabel:
        label = QLabel()
        label.setAccessibleName(name)
        label.setToolTip(name)
        label.setContentsMargins(3 * theme.SPACE, theme.SPACE, 2 * theme.SPACE, theme.SPACE)
        self.addPermanentWidget(label)
        return label
