"""The right column: the result in words, threshold, regions, the analyst's own layer, facts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from irlgui.models.outlines import OutlineLayer
from irlgui.plain_text import let_shrink
from irlgui.session import Analysis, Session
from irlgui.views import theme
from irlgui.views.facts_section import FactsSection
from irlgui.views.judgement_section import JudgementSection
from irlgui.views.notes_section import NotesSection
from irlgui.views.regions_section import RegionsSection
from irlgui.views.result_export import FindingsWriter
from irlgui.views.result_head import ResultHead
from irlgui.views.result_section import Section
from irlgui.views.result_words import default_threshold, marks_of, percent
from irlgui.views.threshold_block import ThresholdBlock
from irlnet_core.evidence.annotation_export import Findings
from irlnet_core.evidence.annotations import Outline
from irlnet_core.evidence.histogram import ResponseHistogram
from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.regions import Regions

if TYPE_CHECKING:
    from irlgui.views.picture.pane import Tool
    from irlgui.views.viewer import Viewer

LEAST_WIDTH = 280


class ResultPanel(QWidget):
    """Follows a session; what is wanted of the viewer leaves as a signal.

    ``layer`` holds the analyst's outlines; who keeps them, and the judgement, is not this view's business.
    ``evidence`` gives all pictures beside which nothing is written.
    Call :meth:`shutdown` before the window goes.
    """

    zoom_to_region = Signal(object)  # Region
    zoom_to_outline = Signal(object)  # Outline
    draw_asked = Signal(str)  # polygon, rectangle, freehand, pan: the viewer's tool

    def __init__(
        self,
        session: Session,
        parent: QWidget | None = None,
        *,
        author: str = "",
        evidence: Callable[[], Sequence[Path]] = tuple,
    ) -> None:
        super().__init__(parent)
        self._session, self._evidence = session, evidence
        self._shown: Analysis | None = None
        self._viewer: Viewer | None = None
        self._calm = False
        self._histogram: ResponseHistogram | None = None
        self.layer = OutlineLayer(self, author=author)
        self.head, self.message = ResultHead(), QLabel()
        self.threshold, self.regions = ThresholdBlock(), RegionsSection()
        self.judgement = JudgementSection()
        self.notes, self.facts = NotesSection(self.layer), FactsSection()
        self.writer = FindingsWriter(self)
        self._build()
        self._connect()
        self._follow_picture(session.picture)
        self._follow_analysis(session.analysis)

    def connect_viewer(self, viewer: Viewer) -> None:
        """Draw with a viewer's tools, show the outlines in it, and zoom it to regions and outlines."""
        self._viewer = viewer
        viewer.shape_drawn.connect(self._take_shape)
        viewer.tool_dropped.connect(self.notes.end_drawing)
        viewer.outline_chosen.connect(self.layer.choose)
        viewer.outline_changed.connect(self.layer.reshape)
        viewer.outline_nudged.connect(self.layer.move)
        self.draw_asked.connect(self._begin_drawing)
        self.layer.outlines_changed.connect(viewer.set_outlines)
        self.layer.chosen_changed.connect(viewer.set_chosen_outline)
        self.zoom_to_outline.connect(self._show_outline)
        viewer.set_outlines(self.layer.outlines)
        viewer.addActions([self.notes.undo_action, self.notes.redo_action, self.notes.delete_action])

    def show_nothing(self) -> None:
        """Say that the open picture is not analysed."""
        if self._session.analysis is None:
            self.head.show_nothing(picture=True)

    def show_busy(self, *, waiting: bool = False) -> None:
        """Say that the open picture is being analysed, or waits for its turn."""
        if self._session.analysis is None:
            self.head.show_busy(waiting=waiting)

    def show_error(self, text: str) -> None:
        """Say that there is no result, and why."""
        if self._session.analysis is None:
            self.head.show_error(text)

    def show_message(self, text: str, *, calm: bool = False) -> None:
        """Say below the result what needs attention, or calmly what was done; an empty text takes it away."""
        self._calm = calm
        self.message.setText(text)
        self.message.setVisible(bool(text))
        self._dress()

    def shutdown(self, timeout: float = 3.0) -> bool:
        """End the thread; tell whether it has ended."""
        return self.writer.shutdown(timeout)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()
        super().changeEvent(event)

    # What the session says

    def _follow_picture(self, image: SuspectImage | None) -> None:
        self.show_message("")
        self.facts.set_image(image)
        self.regions.export_button.setEnabled(image is not None)  # the analyst's outlines need no analysis
        if self._session.analysis is None:
            self.head.show_nothing(picture=image is not None)

    def _follow_analysis(self, analysis: Analysis | None) -> None:
        self._shown = analysis
        self._histogram = ResponseHistogram(analysis.localization) if analysis else None
        default = default_threshold(analysis) if analysis else None
        self.threshold.set_map(self._histogram, marks_of(analysis), default)
        self.threshold.set_threshold(self._session.threshold)
        if analysis is None:
            self.head.show_nothing(picture=self._session.picture is not None)
            self.regions.set_regions(None, self.tr("No analysis yet."))
        else:
            self.head.show_analysis(analysis)
            self.regions.set_regions(self._session.regions)
        self._show_numbers()

    def _follow_threshold(self, value: float) -> None:
        self.threshold.set_threshold(value)
        self._show_numbers()

    def _follow_regions(self, regions: Regions | None) -> None:
        if self._shown is None or self._shown is not self._session.analysis:
            return  # the analysis follows in the same breath
        self.regions.set_regions(regions)
        self.regions.choose(self._session.chosen_region)
        self._show_numbers()

    def _show_numbers(self) -> None:
        """Show area and regions; the area is exact at once, the regions follow."""
        if self._histogram is None:
            self.sections["threshold"].set_remark("")
            self.sections["regions"].set_remark("")
            return
        threshold, regions = self._session.threshold, self._session.regions
        area = self._histogram.area(threshold)
        current = regions is not None and regions.threshold == threshold
        self.head.show_numbers(regions, area, threshold)
        self.sections["threshold"].set_remark(percent(area))
        self.sections["regions"].set_remark(f"{regions.count:,}" if regions and current else "…")

    # What the analyst does

    def _move_threshold(self, value: float) -> None:
        if self._shown is not None:
            self._session.set_threshold(value, "analyst")

    def _reset_threshold(self) -> None:
        if self._shown is not None:
            self._session.set_threshold(*default_threshold(self._shown))

    def _export(self, kind: str) -> None:
        image, notes = self._session.picture, self.layer.annotations
        if image is None or notes is None:
            return
        regions = self._session.regions
        if self._shown is not None and (regions is None or regions.threshold != self._session.threshold):
            self.show_message(self.tr("Regions are still being counted. Try again in a moment."))
            return
        localization = self._shown.localization if self._shown else None
        findings = Findings(image.path.name, notes, localization, regions)
        self.writer.ask(kind, findings, image.path, self._evidence())

    def _begin_drawing(self, kind: Tool) -> None:
        """Give the viewer its tool, and the keyboard, which draws as well as the mouse."""
        if self._viewer is not None:
            self._viewer.set_tool(kind)
            if kind != "pan":
                self._viewer.setFocus()

    def _take_shape(self, shape: object) -> None:
        """Take what was drawn into the layer, and give the pointer back for panning."""
        self.layer.add_shape(shape)
        self.notes.end_drawing()
        if self._viewer is not None:
            self._viewer.set_tool("pan")

    def _show_outline(self, outline: Outline) -> None:
        if self._viewer is not None:
            self._viewer.show_rect(*outline.box)

    def _show_done(self, text: str) -> None:
        self.show_message(text, calm=True)

    def _count_outlines(self, _outlines: object) -> None:
        number = len(self.layer.outlines)
        self.sections["notes"].set_remark(f"{number:,}" if number else "")

    def _build(self) -> None:
        self.sections = {
            "threshold": Section(self.tr("Threshold"), self.threshold),
            "regions": Section(self.tr("Regions"), self.regions),
            "judgement": Section(self.tr("Your judgement"), self.judgement),
            "notes": Section(self.tr("Notes and outlines"), self.notes),
            "facts": Section(self.tr("Facts"), self.facts, opened=False),
        }
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(3 * theme.SPACE, 2 * theme.SPACE, 3 * theme.SPACE, 3 * theme.SPACE)
        column.setSpacing(theme.SPACE)
        column.addWidget(self.head.details)
        for section in self.sections.values():
            column.addWidget(section)
        column.addStretch(1)
        scroll = self.scroll_area = QScrollArea()
        scroll.setWidget(inside)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._line = QFrame()
        self._line.setFixedHeight(1)
        self.message.setWordWrap(True)
        let_shrink(self.message)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setContentsMargins(3 * theme.SPACE, 0, 3 * theme.SPACE, 2 * theme.SPACE)
        self.message.hide()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        for widget in (self.head, self.message, self._line):
            whole.addWidget(widget)
        whole.addWidget(scroll, 1)
        self.setMinimumWidth(LEAST_WIDTH)
        self.setAccessibleName(self.tr("Result"))
        self._dress()

    def _connect(self) -> None:
        session = self._session
        session.picture_changed.connect(self._follow_picture)
        session.analysis_changed.connect(self._follow_analysis)
        session.threshold_changed.connect(self._follow_threshold)
        session.regions_changed.connect(self._follow_regions)
        session.region_chosen.connect(self.regions.choose)
        self.threshold.threshold_moved.connect(self._move_threshold)
        self.threshold.reset_asked.connect(self._reset_threshold)
        self.regions.region_chosen.connect(session.choose_region)
        self.regions.zoom_asked.connect(self.zoom_to_region)
        self.regions.export_asked.connect(self._export)
        self.notes.draw_asked.connect(self.draw_asked)
        self.notes.zoom_asked.connect(self.zoom_to_outline)
        self.layer.outlines_changed.connect(self._count_outlines)
        self.writer.told.connect(self._show_done)
        self.writer.failed.connect(self.show_message)

    def _dress(self) -> None:
        t = theme.tokens()
        for widget, style in (
            (self.message, f"color: {t.text_dim if self._calm else t.caution};"),
            (self._line, f"background: {t.line}; border: 0;"),
        ):
            if widget.styleSheet() != style:
                widget.setStyleSheet(style)
