"""The curves of a training: the loss of the steps, and the scores of the validations with the best marked."""

from __future__ import annotations

from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from irlgui.views import theme
from irlgui.wizard.run_state import RunState

_FEW_POINTS = 12  # are drawn as points, too: a single one makes no line
_MOST_POINTS = 2000  # of the loss; more would only cost time


class RunCurves(QWidget):
    """Two plots over the steps; :meth:`show_run` draws what is known."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.loss = _make_plot(self.tr("Loss while learning, by step"))
        self.loss.setLimits(yMin=0, minYRange=0.2)
        self.scores = _make_plot(self.tr("Scores of the validations, by step"))
        self.scores.setYRange(0, 1, padding=0.02)
        self.scores.setLimits(yMin=-0.05, yMax=1.05)
        self.scores.getPlotItem().getViewBox().enableAutoRange(axis=pg.ViewBox.XAxis)
        self._loss_line = self.loss.plot(antialias=True)
        self._case = self.scores.plot(symbol="o", symbolSize=6, antialias=True)
        self._general = self.scores.plot(antialias=True)
        self._best = self.scores.plot(symbol="o", symbolSize=12, pen=None, antialias=True)
        self._line = pg.InfiniteLine(angle=90, movable=False)
        self._line.setVisible(False)
        self.scores.addItem(self._line)
        self.legend = QLabel()
        self.legend.setTextFormat(Qt.TextFormat.RichText)
        self.legend.setWordWrap(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4 * theme.SPACE)
        row.addLayout(_titled(self.tr("Loss"), self.tr("mean of 10 steps"), self.loss), 1)
        row.addLayout(_titled(self.tr("Validation"), "", self.scores, self.legend), 1)
        self._state = RunState()
        self._dress()

    def show_run(self, state: RunState) -> None:
        """Draw the losses and validations of a run."""
        self._state = state
        step = max(1, len(state.losses) // _MOST_POINTS)
        points = state.losses[::step]
        self._loss_line.setData([x for x, _ in points], [y for _, y in points])
        self._loss_line.setSymbol("o" if len(points) < _FEW_POINTS else None)
        case = [(found.step, found.case) for found in state.validations if found.case is not None]
        general = [(found.step, found.general) for found in state.validations if found.general is not None]
        self._case.setData(*_columns(case))
        self._general.setData(*_columns(general))
        best = state.best
        marked = best is not None and best.case is not None
        self._best.setData([best.step] if best and marked else [], [best.case] if best and marked else [])
        self._line.setVisible(marked)
        if best and marked:
            self._line.setValue(best.step)
        self._tell(state)

    def _tell(self, state: RunState) -> None:
        t, best = theme.tokens(), state.best
        parts = [f'<span style="color:{t.accent}">●</span> ' + self.tr("F1 on your held-out pictures")]
        if any(found.general is not None for found in state.validations):
            parts.append(f'<span style="color:{t.text_dim}">━</span> ' + self.tr("AUC on general forgeries"))
        if best is not None and best.case is not None:
            parts.append(self.tr("best: step {}").format(best.step))
        self.legend.setText("&nbsp;&nbsp; ".join(parts))
        told = self.tr("{} validations, best at step {}").format(
            len(state.validations), best.step if best else "–"
        )
        self.scores.setAccessibleDescription(told)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        t = theme.tokens()
        for plot in (self.loss, self.scores):
            plot.setBackground(QColor(t.field))
            for name in ("left", "bottom"):
                axis = plot.getAxis(name)
                axis.setPen(QColor(t.line_strong))
                axis.setTextPen(QColor(t.text_dim))
        self._loss_line.setPen(pg.mkPen(QColor(t.text_dim), width=1.5))
        self._case.setPen(pg.mkPen(QColor(t.accent), width=2))
        self._loss_line.setSymbolBrush(QColor(t.text_dim))
        self._loss_line.setSymbolPen(None)
        self._loss_line.setSymbolSize(5)
        self._case.setSymbolBrush(QColor(t.accent))
        self._case.setSymbolPen(None)
        self._general.setPen(pg.mkPen(QColor(t.text_dim), width=1.5))
        self._best.setSymbolBrush(QColor(t.field))
        self._best.setSymbolPen(pg.mkPen(QColor(t.accent), width=2.5))
        self._line.setPen(pg.mkPen(QColor(t.line_strong), width=1, style=Qt.PenStyle.DashLine))
        self._tell(self._state)


def _make_plot(name: str) -> Any:
    plot = pg.PlotWidget()
    plot.setMouseEnabled(x=False, y=False)
    plot.hideButtons()
    plot.setMenuEnabled(False)
    plot.setAntialiasing(True)
    plot.showGrid(x=False, y=True, alpha=0.15)
    plot.setMinimumSize(220, 140)
    plot.setLimits(xMin=0, minXRange=10)
    plot.setAccessibleName(name)
    plot.getAxis("left").setWidth(44)
    plot.setFrameShape(plot.Shape.NoFrame)
    for axis in ("left", "bottom"):
        plot.getAxis(axis).enableAutoSIPrefix(False)
        plot.getAxis(axis).setTickFont(theme.font("small"))
    return plot


def _titled(title: str, hint: str, plot: QWidget, below: QWidget | None = None) -> QVBoxLayout:
    heading = QLabel(f"<b>{title}</b>" + (f"&nbsp; <small>{hint}</small>" if hint else ""))
    column = QVBoxLayout()
    column.setSpacing(theme.SPACE)
    column.addWidget(heading)
    if below is not None:
        below.setFont(theme.font("small"))
        column.addWidget(below)
    column.addWidget(plot, 1)
    return column


def _columns(points: list[tuple[int, float]] | list[tuple[int, float | None]]) -> tuple[list[int], list[Any]]:
    return [x for x, _ in points], [y for _, y in points]
