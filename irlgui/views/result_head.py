"""The result in words at the top of the column: large, calm, and with what limits it right below."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QVBoxLayout, QWidget

from irlgui.session import Analysis
from irlgui.views import result_words, theme
from irlgui.views.result_words import say
from irlnet_core.evidence.regions import Regions
from irlnet_core.inference.analysis import summarize

_FROM_A_METRE = 1.2  # the one text that must be read from farther away than the rest


class ResultHead(QWidget):
    """Shows the result in two lines; ``details`` is a widget of its own, which may scroll away.

    The details are the default sentence, rank, range and model; or what to do when there is no result.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.above, self.numbers, self.sentence, self.remark = (QLabel() for _ in range(4))
        self.area, self.rank, self.range, self.model = (QLabel() for _ in range(4))
        self.details = QWidget()
        top, below = QVBoxLayout(self), QVBoxLayout(self.details)
        top.setContentsMargins(3 * theme.SPACE, 3 * theme.SPACE, 3 * theme.SPACE, 2 * theme.SPACE)
        below.setContentsMargins(0, 0, 0, 2 * theme.SPACE)
        for column in (top, below):
            column.setSpacing(theme.SPACE)
        for label in (self.above, self.numbers, self.sentence, self.remark, *self._facts):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            (top if label in (self.above, self.numbers) else below).addWidget(label)
        below.insertSpacing(2, theme.SPACE)
        self.above.setFont(theme.font("body", bold=True))
        large = theme.font("title", bold=True)
        large.setPointSizeF(large.pointSizeF() * _FROM_A_METRE)
        self.numbers.setFont(large)
        for label in (self.sentence, self.remark, *self._facts):
            label.setFont(theme.font("small"))
        self.numbers.setAccessibleName(self.tr("Result"))
        self._caution = False
        self._dress()
        self.show_nothing(picture=False)

    @property
    def _facts(self) -> tuple[QLabel, ...]:
        return self.area, self.rank, self.range, self.model

    def show_nothing(self, *, picture: bool) -> None:
        """Say what to do next: there is no picture, or it is not analysed."""
        for label in (self.remark, *self._facts):
            label.hide()
        self.above.setText(self.tr("Not analysed") if picture else self.tr("No picture"))
        self.numbers.setText("—")
        self.sentence.setText(
            self.tr("Press F5 to look for inpainting in this picture.")
            if picture
            else self.tr("Open a picture with Ctrl+O, or drop it onto the window.")
        )

    def show_opening(self) -> None:
        """Say that a picture is seen already, but not read yet."""
        self.show_nothing(picture=True)
        self.above.setText(self.tr("Opening…"))
        self.sentence.setText(self.tr("The picture is being read."))

    def show_busy(self, *, waiting: bool = False) -> None:
        """Say that the picture is being analysed, or waits for its turn."""
        self.show_nothing(picture=True)
        if waiting:
            self.above.setText(self.tr("Waiting to be analysed"))
            self.sentence.setText(self.tr("Its turn comes when the queue has got so far."))
        else:
            self.above.setText(self.tr("Analysing…"))
            self.sentence.setText(self.tr("The map fills in while the network answers."))

    def show_error(self, text: str) -> None:
        """Say that there is no result, and why: a failure is never "nothing found"."""
        self.show_nothing(picture=True)
        self.above.setText(self.tr("No result"))
        self.sentence.setText(text)

    def show_analysis(self, analysis: Analysis) -> None:
        """Show what does not depend on the threshold."""
        state, line, details = result_words.range_line(analysis)
        _fill(self.area, result_words.area_line(analysis))
        _fill(self.rank, result_words.rank_line(analysis))
        _fill(self.range, line)
        self.range.setToolTip(details)
        self.range.setAccessibleDescription(details)
        _fill(self.model, "\n".join(result_words.model_lines(analysis)))
        self.model.setToolTip(analysis.model_sha256)
        self._caution = state == "out of range"
        self._dress()

    def show_numbers(self, regions: Regions | None, area: float, threshold: float) -> None:
        """Show the result at a threshold; ``area`` is exact at once, regions follow when counted."""
        above, numbers = result_words.headline(regions, area, threshold)
        self.above.setText(above)
        self.numbers.setText(numbers)
        current = regions is not None and regions.threshold == threshold
        sentence = summarize(regions) if regions and current else say("Counting regions…")
        self.sentence.setText(sentence.replace(" %", "\u00a0%"))
        _fill(self.remark, result_words.remark_on(regions, threshold))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        t = theme.tokens()
        for label in (self.sentence, self.remark, *self._facts):
            colour = (
                t.caution if label is self.area or (label is self.range and self._caution) else t.text_dim
            )
            style = f"color: {colour};"
            if label.styleSheet() != style:
                label.setStyleSheet(style)


def _fill(label: QLabel, text: str) -> None:
    label.setText(text)
    label.setVisible(bool(text))
