"""Where the threshold is moved: histogram, slider, number, the model's default, and what the marks mean."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QPushButton, QSlider, QVBoxLayout, QWidget

from irlgui.plain_text import plain_text
from irlgui.views import theme
from irlgui.views.result_words import Mark, marks_line, say
from irlgui.views.threshold_histogram import ThresholdHistogram
from irlnet_core.evidence.histogram import ResponseHistogram
from irlnet_core.evidence.localization import say_threshold

STEPS = 10_000
FINE, COARSE = 0.001, 0.01
_PAGE_KEYS = (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class PageSlider(QSlider):
    """A slider whose page keys are its own, though the window has shortcuts of these keys."""

    def event(self, event: QEvent) -> bool:
        asked = event.type() == QEvent.Type.ShortcutOverride
        if asked and isinstance(event, QKeyEvent) and event.key() in _PAGE_KEYS and not event.modifiers():
            event.accept()
        return super().event(event)


class ThresholdBlock(QWidget):
    """Shows one threshold three ways and tells when any of them was moved. Fine steps 0.001, coarse 0.01."""

    threshold_moved = Signal(float)
    reset_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.histogram = ThresholdHistogram()
        self.slider = PageSlider(Qt.Orientation.Horizontal)
        self.number = QDoubleSpinBox()
        self.reset = QPushButton()
        self.note = QLabel()
        self._prepare()
        self._build()
        self.slider.valueChanged.connect(self._slide)
        self.number.valueChanged.connect(self.threshold_moved)
        self.histogram.threshold_dragged.connect(self.threshold_moved)
        self.reset.clicked.connect(self.reset_asked)
        self.set_map(None, (), None)

    def set_map(
        self, histogram: ResponseHistogram | None, marks: tuple[Mark, ...], default: tuple[float, str] | None
    ) -> None:
        """Show another map's histogram with its card's marks and default; None = there is no map."""
        self.histogram.set_histogram(histogram)
        self.histogram.set_marks(marks)
        for control in (self.slider, self.number, self.reset):
            control.setEnabled(histogram is not None)
        self.note.setText(marks_line(marks))
        self.note.setVisible(histogram is not None)
        sources = (f"{mark.label}: {mark.source}" for mark in marks if mark.source)
        self.note.setToolTip(plain_text("\n".join(sources)))
        value, source = default or (0.5, "")
        self.reset.setText(
            say("Default {value}", value=say_threshold(value, 2)) if default else say("Default")
        )
        told = say("The model's own threshold: {source}", source=source) if source else ""
        self.reset.setToolTip(plain_text(told))

    def set_threshold(self, threshold: float) -> None:
        """Show a threshold without telling of it."""
        with QSignalBlocker(self.slider), QSignalBlocker(self.number):
            self.slider.setValue(round(threshold * STEPS))
            self.number.setValue(threshold)
        self.histogram.set_threshold(threshold)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()
        super().changeEvent(event)

    def _slide(self, position: int) -> None:
        self.threshold_moved.emit(position / STEPS)

    def _prepare(self) -> None:
        self.slider.setRange(0, STEPS)
        self.slider.setSingleStep(round(FINE * STEPS))
        self.slider.setPageStep(round(COARSE * STEPS))
        self.number.setRange(0, 1)
        self.number.setDecimals(4)
        self.number.setSingleStep(COARSE)
        self.number.setKeyboardTracking(False)
        self.number.lineEdit().setTextMargins(theme.SPACE, 0, 0, 0)
        self.slider.setAccessibleName(self.tr("Threshold"))
        self.number.setAccessibleName(self.tr("Threshold as a number"))
        self.reset.setAccessibleName(self.tr("Reset the threshold to the model's default"))
        self.slider.setToolTip(self.tr("Arrow keys: 0.001 · Page keys: 0.01"))
        self.note.setWordWrap(True)
        self.note.setFont(theme.font("small"))

    def _build(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(2 * theme.SPACE)
        row.addWidget(self.number)
        row.addStretch(1)
        row.addWidget(self.reset)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE)
        for widget in (self.histogram, self.slider):
            column.addWidget(widget)
        column.addLayout(row)
        column.addWidget(self.note)
        self._dress()

    def _dress(self) -> None:
        style = f"color: {theme.tokens().text_dim};"
        if self.note.styleSheet() != style:
            self.note.setStyleSheet(style)
