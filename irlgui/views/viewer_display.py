"""The controls of how the stored values are shown: levels, gamma, one channel. For a popup or a panel."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QWidget,
)

from irlgui.views import theme
from irlgui.views.picture.tone import CHANNELS, Channel, Tone
from irlgui.views.viewer import Viewer


class DisplayControls(QWidget):
    """Asks for another display by ``display_asked``: (black, white), gamma, channel."""

    display_asked = Signal(tuple, float, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.black, self.white = QSpinBox(), QSpinBox()
        self.gamma = QDoubleSpinBox()
        self.channel = QComboBox()
        self.reset = QPushButton(self.tr("As stored"))
        self._fill()
        self._lay_out()
        self.show_tone(Tone())
        for spin in (self.black, self.white):
            spin.valueChanged.connect(self._ask)
        self.gamma.valueChanged.connect(self._ask)
        self.channel.currentIndexChanged.connect(self._ask)
        self.reset.clicked.connect(self._reset)

    def connect_viewer(self, viewer: Viewer) -> None:
        """Drive a viewer's display."""
        self.display_asked.connect(viewer.set_display)

    def show_tone(self, tone: Tone) -> None:
        """Show a tone without asking for it."""
        blocked = self.blockSignals(True)
        self.black.setValue(tone.black)
        self.white.setValue(tone.white)
        self.gamma.setValue(tone.gamma)
        self.channel.setCurrentIndex(CHANNELS.index(tone.channel))
        self.blockSignals(blocked)
        self._limit()

    def tone(self) -> Tone:
        """Return what the controls say."""
        channel: Channel = CHANNELS[self.channel.currentIndex()]
        return Tone(self.black.value(), self.white.value(), round(self.gamma.value(), 2), channel)

    def _fill(self) -> None:
        self.gamma.setRange(0.1, 10.0)
        self.gamma.setSingleStep(0.1)
        self.black.setRange(0, 254)
        self.white.setRange(1, 255)
        names = (self.tr("Colour"), self.tr("Red"), self.tr("Green"), self.tr("Blue"), self.tr("Luminance"))
        self.channel.addItems(names)

    def _lay_out(self) -> None:
        form = QFormLayout(self)
        form.setContentsMargins(*[3 * theme.SPACE] * 4)
        form.setSpacing(2 * theme.SPACE)
        rows: tuple[tuple[str, QWidget], ...] = (
            (self.tr("Black point"), self.black),
            (self.tr("White point"), self.white),
            (self.tr("Gamma"), self.gamma),
            (self.tr("Channel"), self.channel),
        )
        for name, control in rows:
            control.setAccessibleName(name)
            form.addRow(name, control)
        note = QLabel(self.tr("Display only: analysis, values and exports stay as stored."))
        note.setWordWrap(True)
        note.setFont(theme.font("small"))
        form.addRow(note)
        row = QHBoxLayout()
        row.addStretch()
        row.addWidget(self.reset)
        form.addRow(row)

    def _limit(self) -> None:
        """Keep the black point below the white point, and tell whether there is anything to reset."""
        self.black.setMaximum(self.white.value() - 1)
        self.white.setMinimum(self.black.value() + 1)
        self.reset.setEnabled(self.tone().adjusted)

    def _ask(self) -> None:
        self._limit()
        tone = self.tone()
        self.display_asked.emit((tone.black, tone.white), tone.gamma, tone.channel)

    def _reset(self) -> None:
        # The limits first: each would hold the other's new value back.
        self.black.setMaximum(254)
        self.white.setMinimum(1)
        self.show_tone(Tone())
        self._ask()
