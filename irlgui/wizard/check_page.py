"""The second page: every pair as the reader sees it, what can't be used and why, the analyst's answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import Qt, QTimer, Slot
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QSplitter,
    QVBoxLayout,
    QWidget,
    QWizardPage,
)

from irlgui.jobs.data_check import check_folder, divide, recheck
from irlgui.jobs.data_check_preview import PreviewMade, make_previews
from irlgui.jobs.lane import Lane
from irlgui.views import theme
from irlgui.wizard.check_detail import DETAIL_SIDE, CheckDetail
from irlgui.wizard.check_row import CheckRow, describe_rows, explain, make_rows
from irlgui.wizard.check_table import CheckTable
from irlgui.wizard.check_view import CheckView
from irlgui.wizard.look import PAGE_MARGINS, Attention
from irlgui.wizard.plan import Plan
from irlnet_core.data.pair_check import CheckedPair, DataCheck, RowChecked
from irlnet_core.data.pairs import Pair
from irlnet_core.progress import Event, Progress

_THUMB_SIDE = 144
_SHOW_MS = 150  # rows that were read meanwhile are shown together


class CheckPage(QWizardPage):
    """Fills the plan's check, rows and what is left out; reads on threads of its own."""

    def __init__(self, plan: Plan, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.plan = plan
        self.setTitle(self.tr("Check the data"))
        self._divided = False
        self._arrived: list[CheckedPair] = []
        self._done = (0, 0)
        self._working = Lane(self)
        self._take: Callable[[Any], None] = self._take_check
        self._working.reported.connect(self._take_event)
        self._working.succeeded.connect(self._take_result)
        self._working.failed.connect(self._take_failure)
        self._looking, self._showing = Lane(self), Lane(self)
        for lane in (self._looking, self._showing):
            lane.reported.connect(self._take_preview)
            lane.failed.connect(self._take_preview_failure)
        self._make_widgets()
        self._lay_out()
        self._scrolled, self._showing_soon = QTimer(self), QTimer(self)
        for timer, wait, act in (
            (self._scrolled, 60, self._want_thumbnails),
            (self._showing_soon, _SHOW_MS, self._show_arrived),
        ):
            timer.setSingleShot(True)
            timer.setInterval(wait)
            timer.timeout.connect(act)
        self._connect()

    def begin(self) -> None:
        """Check the plan's folder, unless that was done."""
        folder = self.plan.folder
        if self.plan.check is not None or folder is None:
            return
        self.table.set_rows([])
        self._divided, self._arrived, self._done = False, [], (0, 0)
        self.only_problems.setChecked(False)
        self.attention.show_text("")
        self._say(self.tr("Searching…"))
        make = partial(check_folder, folder, authentic=self.plan.authentic, evidence=self.plan.evidence)
        self._work(make, self._take_check)

    def forget(self) -> None:
        """The plan's folder has changed: what is being read now is of no use any more."""
        self._working.stop()
        self._showing_soon.stop()
        if not self.bar.isHidden():
            self.plan.check = None
            self._rest()

    def isComplete(self) -> bool:  # noqa: N802 - Qt's name
        return self._divided

    def shutdown(self, timeout: float) -> bool:
        """End all threads."""
        ended = [lane.shutdown(timeout) for lane in (self._working, self._looking, self._showing)]
        return all(ended)

    def chosen(self) -> list[CheckRow]:
        """Return the rows that are selected."""
        return [self.table.row_at(index.row()) for index in self.view.selectionModel().selectedRows()]

    @Slot()
    def invert(self) -> None:
        """Read the chosen pairs again with their masks the other way round."""
        self._answer(lambda pair: replace(pair, invert=not pair.invert))

    @Slot()
    def confirm(self) -> None:
        """Read the chosen pairs again with their masks taken as right."""
        self._answer(lambda pair: replace(pair, invert=False))

    @Slot()
    def turn(self) -> None:
        """Read the chosen pairs again with their masks turned by the picture's orientation flag."""
        self._answer(lambda pair: replace(pair, turn=True))

    @Slot(bool)
    def leave_out(self, out: bool) -> None:
        """Take the chosen pictures out of the training, or in again."""
        paths = {row.path for row in self.chosen() if row.checked and not row.bad}
        self.plan.left_out = self.plan.left_out | paths if out else self.plan.left_out - paths
        self._divide()

    def _answer(self, change: Callable[[Pair], Pair]) -> None:
        pairs = [change(row.checked.pair) for row in self.chosen() if row.checked and row.checked.pair.mask]
        if pairs:
            self._work(partial(recheck, pairs, self.plan.evidence), self._take_rechecked)

    def _work(self, make: Callable[[], Any], take: Callable[[Any], None]) -> None:
        self._take = take
        self.detail.set_enabled(False)
        self.bar.setRange(0, 0)
        self.bar.show()
        self._working.submit(make)
        self.completeChanged.emit()

    def _divide(self) -> None:
        """Divide anew what is kept: a picture that was taken out or fixed may change the groups."""
        self._divided = False
        rows = [row for row in self.plan.rows if row.pair.image not in self.plan.left_out]
        self._show_rows()
        if self.plan.kept:
            self._work(lambda: divide(rows), self._take_divided)
        else:
            self._rest()
            self.attention.show_text(explain(self.plan.check) if self.plan.check else "")
            self.completeChanged.emit()

    def _take_check(self, check: DataCheck) -> None:
        self._show_arrived()
        self.plan.check, self.plan.rows = check, list(check.rows)
        self.table.append_rows(make_rows((), check.problems, ()))
        self.table.sort_again()
        self._choose_first()
        self._divide()

    def _take_rechecked(self, rows: list[CheckedPair]) -> None:
        new = {row.pair.image: row for row in rows}
        self.plan.rows = [new.get(row.pair.image, row) for row in self.plan.rows]
        self._divide()

    def _take_divided(self, rows: list[CheckedPair]) -> None:
        new = {row.pair.image: row for row in rows}
        self.plan.rows = [new.get(row.pair.image, replace(row, side="")) for row in self.plan.rows]
        sides = {row.side for row in self.plan.kept}
        self._divided = {"train", "validation"} <= sides
        lonely = self.tr("All these pictures come from one source, so none can be held out. Add another one.")
        self.attention.show_text("" if self._divided else lonely)
        self._rest()
        self._show_rows()
        self.completeChanged.emit()

    @Slot(int, object)
    def _take_event(self, ticket: int, event: Event) -> None:
        if not self._working.is_newest(ticket):
            return
        if isinstance(event, RowChecked):
            self._arrived.append(event.row)
        elif isinstance(event, Progress) and event.phase == "check":
            self._done = (event.done, event.total)
        else:
            return
        if not self._showing_soon.isActive():
            self._showing_soon.start()

    @Slot()
    def _show_arrived(self) -> None:
        """Show the rows that were read since the last time."""
        self._showing_soon.stop()
        rows, self._arrived = self._arrived, []
        done, total = self._done
        if total:
            self.bar.setRange(0, total)
            self.bar.setValue(done)
            self._say(self.tr("Reading pair {} of {}").format(f"{done:,}", f"{total:,}"))
        if rows:
            self.table.append_rows(make_rows(rows, (), ()))
            self._count_problems()
            self._choose_first()
            self._scrolled.start()

    def _choose_first(self) -> None:
        if self.table.rowCount() and not self.view.currentIndex().isValid():
            self.view.setCurrentIndex(self.table.index(0, 0))

    @Slot(int, object)
    def _take_result(self, ticket: int, result: Any) -> None:
        if self._working.is_newest(ticket):
            self._take(result)

    @Slot(int, object)
    def _take_failure(self, ticket: int, error: Exception) -> None:
        if self._working.is_newest(ticket):
            self._rest()
            self._say(describe_rows(self.table.rows) if self.table.rows else "")
            self.attention.show_text(str(error))

    def _rest(self) -> None:
        self.bar.hide()
        self.detail.set_enabled(True)

    def _make_rows(self) -> list[CheckRow]:
        problems = self.plan.check.problems if self.plan.check else ()
        return make_rows(self.plan.rows, problems, self.plan.left_out)

    def _show_rows(self) -> None:
        self.table.replace_rows(self._make_rows())
        self._say(describe_rows(self.table.rows))
        self._count_problems()
        self._show_chosen()
        self._scrolled.start()

    def _count_problems(self) -> None:
        bad = sum(row.bad for row in self.table.rows)
        self.only_problems.setText(self.tr("Only problems ({})").format(f"{bad:,}"))
        self.only_problems.setEnabled(bad > 0)

    @Slot()
    def _show_chosen(self) -> None:
        rows = self.chosen()
        self.detail.show_rows(rows)
        pair = rows[0].pair if len(rows) == 1 else None
        self.detail.picture.show_image(self.table.thumbnail(pair) if pair else None)
        if pair is None:
            self._showing.stop()
        else:
            self._showing.submit(lambda: make_previews([pair], DETAIL_SIDE))

    @Slot()
    def _want_thumbnails(self) -> None:
        height = self.view.viewport().height()
        first = max(0, self.view.rowAt(0))
        last = self.view.rowAt(height - 1)
        last = last if last >= 0 else self.table.rowCount() - 1
        lacking = self.table.lacking(first, last)
        if lacking:
            self._looking.submit(lambda: make_previews(lacking, _THUMB_SIDE))

    @Slot(int, object)
    def _take_preview(self, ticket: int, made: PreviewMade) -> None:
        if made.side == _THUMB_SIDE:
            self.table.set_thumbnail(made.pair, made.image)
        elif self._showing.is_newest(ticket):
            words = "" if made.image else self.tr("This picture can't be shown.")
            self.detail.picture.show_image(made.image, words)

    @Slot(int, object)
    def _take_preview_failure(self, _ticket: int, error: Exception) -> None:
        """Let a fault of ours be seen where the program shows such faults."""
        raise error

    @Slot(bool)
    def _filter(self, only: bool) -> None:
        self.table.set_only_problems(only)
        if self.table.rowCount():
            self.view.setCurrentIndex(self.table.index(0, 0))
        self._show_chosen()
        self._scrolled.start()

    def _say(self, text: str) -> None:
        self.counts.setText(text)

    def _connect(self) -> None:
        self.only_problems.toggled.connect(self._filter)
        self.view.selectionModel().selectionChanged.connect(self._show_chosen)
        self.view.verticalScrollBar().valueChanged.connect(self._note_scroll)
        self.detail.invert_asked.connect(self.invert)
        self.detail.right_asked.connect(self.confirm)
        self.detail.turn_asked.connect(self.turn)
        self.detail.leave_out_asked.connect(self.leave_out)
        self.table.layoutChanged.connect(self._note_scroll)

    @Slot()
    def _note_scroll(self) -> None:
        self._scrolled.start()

    def _make_widgets(self) -> None:
        self.counts = QLabel()
        self.counts.setAccessibleName(self.tr("Counts"))
        self.only_problems = QCheckBox(self.tr("Only problems"))
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedHeight(6)
        self.bar.setAccessibleName(self.tr("Progress of the check"))
        self.bar.hide()
        self.attention = Attention()
        self.table = CheckTable(self)
        self.view = CheckView(self.table)
        self.detail = CheckDetail()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.counts)
        head.addStretch()
        head.addWidget(self.only_problems)
        split = QSplitter(Qt.Orientation.Horizontal)
        split.setChildrenCollapsible(False)
        split.setHandleWidth(2 * theme.SPACE)
        split.setStyleSheet("QSplitter::handle { background: transparent }")
        split.addWidget(self.view)
        split.addWidget(self.detail)
        split.setStretchFactor(0, 2)
        split.setStretchFactor(1, 1)
        split.setSizes([800, 272])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*PAGE_MARGINS)
        layout.setSpacing(2 * theme.SPACE)
        layout.addWidget(self.attention)
        layout.addLayout(head)
        layout.addWidget(self.bar)
        layout.addWidget(split, 1)
