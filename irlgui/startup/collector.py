"""Python's cycle collector, kept on the GUI thread.

The collector runs on whichever thread happens to allocate. On a worker thread it could destroy Qt objects of
the GUI thread, which Qt forbids: seen as a rare crash in a deferred delete. So while the window lives,
automatic collection is off and a timer of the GUI thread collects instead, by Python's own thresholds.

What was made by importing libraries lives as long as the program, so it is taken out of the collector's
sight: looking through the 220,000 objects of torch stopped the window for 0.15 s, again and again.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_INTERVAL = 2000  # milliseconds


class Collector(QObject):
    """Collects cyclic garbage from a timer while it lives; :meth:`stop` gives the work back to Python."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thresholds = gc.get_threshold()
        self._was_on = gc.isenabled()
        gc.disable()
        gc.freeze()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.check)
        self._timer.start(_INTERVAL)

    def check(self) -> None:
        """Collect the oldest generation whose count is over its threshold, as Python would."""
        counts = gc.get_count()
        over = [
            generation for generation in range(3) if counts[generation] > self._thresholds[generation] > 0
        ]
        if over:
            gc.collect(max(over))

    def stop(self) -> None:
        """Stop the timer and switch automatic collection on again, if it was on before."""
        self._timer.stop()
        gc.unfreeze()
        if self._was_on:
            gc.enable()
