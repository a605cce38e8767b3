"""What happens with a picture, from being dropped on the window to its kept result.

The desk owns the session, the list and the jobs, and knows their order. It draws nothing; the window connects
its views to it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QRect, Signal, Slot

from irlgui import recent
from irlgui.case_desk import CaseDesk
from irlgui.case_pictures import CasePictures
from irlgui.comparison import Comparison
from irlgui.exporter import Exporter
from irlgui.first_look import FirstLook
from irlgui.job_watch import JobWatch
from irlgui.jobs.analysis_queue import AnalysisQueue, explain, facts_of
from irlgui.jobs.case_thread import Opened
from irlgui.jobs.evidence import Evidence
from irlgui.jobs.picture_loader import PictureLoader
from irlgui.jobs.recall import Recall
from irlgui.jobs.region_finder import RegionFinder
from irlgui.models.picture_list import PictureList
from irlgui.models.status_keeper import StatusKeeper
from irlgui.own_folders import data_folder, no_model_text
from irlgui.session import Analysis, Session
from irlgui.settings import Settings
from irlnet_core.errors import IrlnetError, ModelError
from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.result_store import ResultStore
from irlnet_core.model.card import WEIGHTS_NAME, ModelCard, read_card
from irlnet_core.model.locate import find_model, shipped_models

_MODEL_KEY = "model"


class Desk(QObject):
    """Takes paths and wishes, moves session, list and queue, and says in words what could not be done."""

    noted = Signal(str)
    found_nothing = Signal(str)
    opening = Signal(object)  # Path: being decoded
    shown = Signal(object)  # Path: now in the session
    list_left = Signal()  # another case begins with a list of its own
    model_changed = Signal(object)  # ModelCard | None

    def __init__(self, settings: Settings, model: str | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.settings = settings
        self.session = Session(self)
        self.pictures = PictureList(self)
        self.case = CaseDesk(data_folder() / "cases", data_folder() / "annotations", self)
        self.statuses = StatusKeeper(self.pictures, self.case, self)
        self.case_pictures = CasePictures(self.pictures, self.case, self)
        store = ResultStore(data_folder() / "results")
        self.loader = PictureLoader(self)
        self.first_look = FirstLook(self.session, self.loader, self)
        self.recall = Recall(store, self)
        self.queue = AnalysisQueue(store, self)
        self.finder = RegionFinder(self.session, self)
        self.exporter = Exporter(store, self)
        self.watch = JobWatch(self.queue, self)
        self.comparison = Comparison(self.session, store, self)
        self.model: str | None = model or str(settings.store.value(_MODEL_KEY, "")) or None
        self._show_next_found = self._analyse_next_shown = False
        self._first_case = True
        # A picture that is opened shows what the case holds; another model is asked alone.
        self._any_model = True
        self._latest: Analysis | None = None  # its picture may be opened before the disk has kept it
        self._connect()
        for key in ("analysis/device", "look/palette", "look/opacity"):
            self._take_setting(key, settings.value(key))
        self.case.start()

    def _connect(self) -> None:
        self.loader.loaded.connect(self._take_picture)
        self.loader.failed.connect(self._take_load_failure)
        self.first_look.ended.connect(self._look_up)
        self.recall.recalled.connect(self._take_recalled)
        self.queue.state_changed.connect(self._take_state)
        self.queue.analysed.connect(self._take_analysis)
        self.queue.failed.connect(self._take_failure)
        self.queue.noted.connect(self._take_note)
        self.exporter.ended.connect(self.noted)
        self.comparison.noted.connect(self.noted)
        self.case.noted.connect(self.noted)
        self.case.opened.connect(self._take_case)
        self.case.analysis_found.connect(self._take_from_case)
        self.case_pictures.listed.connect(self._show_listed)
        self.case_pictures.noted.connect(self.noted)
        self.settings.changed.connect(self._take_setting)

    def expect(self, paths: Iterable[Path], *, analyse: bool = False) -> None:
        """Files and folders are about to be searched: show the first picture that is found."""
        recent.remember(self.settings, [path for path in paths if recent.is_there(path)])
        self._show_next_found = True
        self._analyse_next_shown = analyse

    @Slot(object)
    def take_found(self, paths: Sequence[Path]) -> None:
        """Show the first of the pictures that a search has put into the list, if it was waited for."""
        if paths and self._show_next_found:
            self._show_next_found = False
            self.show(paths[0])

    @Slot()
    def take_search_end(self) -> None:
        """Say that a search has found nothing, where that was all there was to tell."""
        if self._show_next_found:
            self._show_next_found = self._analyse_next_shown = False
            self.found_nothing.emit(self.tr("No pictures were found there."))

    @Slot(object)
    def show(self, path: Path) -> None:
        """Open one picture of the list; the session keeps the former one until this one is seen."""
        self.opening.emit(path)
        self.loader.load(path)

    def analyse(
        self, paths: Iterable[Path], *, area: QRect | None = None, start: tuple[float, float] | None = None
    ) -> None:
        """Queue pictures; without a model say so."""
        wanted = list(paths)
        if not wanted:
            return
        try:
            folder = find_model(self.model)
        except ModelError:
            self.noted.emit(self.model_problem())
            return
        self.queue.enqueue(wanted, model=folder, area=area, start=start, first=len(wanted) == 1)

    def analyse_all(self) -> None:
        """Queue every picture that the chosen model has not analysed; say so where there is none."""
        card, rows = self.card(), self.pictures.pictures
        under_way = {self.queue.running, *self.queue.waiting}
        left = [row.path for row in rows if row.path not in under_way]
        if card:
            done = {row.path for row in rows if row.state == "done" and row.model == card.name}
            left = [path for path in left if path not in done]
        if card and not left:
            text = self.tr("Every picture of the list was analysed with the model {}, or waits for it.")
            self.noted.emit(text.format(card.name))
        self.analyse(left)

    def forget_results(self) -> None:
        """Remove all kept results from the disk; what is shown stays."""
        self._latest = None
        if self.queue.store:
            self.queue.store.clear()

    def stop(self) -> None:
        """Cancel what runs and what waits."""
        self.queue.cancel()
        self.comparison.stop()

    def remove(self, paths: Iterable[Path]) -> None:
        """Take pictures off the list; no file is touched."""
        doomed = list(paths)
        for path in doomed:
            self.queue.cancel(path)
        self.pictures.remove_paths(doomed)
        self.first_look.forget(doomed)
        if self.loader.loading in doomed:
            self.loader.cancel()
        if self.session.path in doomed:
            self.session.set_picture(None)

    def make_case(self, path: Path, facts: dict[str, str], *, keep: bool) -> None:
        """Make a new case; with ``keep`` the pictures of the list, and what was said of them, go into it."""
        kept = [one.path for one in self.pictures.pictures] if keep else []
        self.case.create(path, facts, self.case.carried(kept))

    @Slot(object)
    def _take_case(self, opened: Opened) -> None:
        """Another case begins with its own pictures; the automatic one with what is open already."""
        kept = opened.kept
        first, self._first_case = self._first_case, False
        if kept or (first and self.case.state.automatic):
            if self.session.picture:
                self.case.take_picture(self.session.picture)
            if self.session.path and self.session.analysis:
                self.case.take_analysis(self.session.path, self.session.analysis)
            done = [one.path for one in self.pictures.pictures if one.state == "done" and one.path in kept]
            self.analyse(path for path in done if path != self.session.path)  # they are kept: at once
            if kept:
                self.case_pictures.take_in(kept)
            return
        self._show_next_found = self._analyse_next_shown = False
        self.list_left.emit()
        self.remove([one.path for one in self.pictures.pictures])
        self.loader.cancel()
        self.session.set_picture(None)
        if not self.case.state.automatic:
            self.case_pictures.list_all()

    @Slot(object)
    def _show_listed(self, path: Path) -> None:
        """A case that was opened shows its first picture, unless another one is looked at already."""
        if self.session.picture is None and self.loader.loading is None:
            self.show(path)

    def choose_model(self, name: str | None) -> None:
        """Analyse with another model from now on, what waits as well; look for its kept result."""
        self.model = name
        self.settings.store.setValue(_MODEL_KEY, name or "")
        self.model_changed.emit(self.card())
        self.first_look.forget_analysis()
        if self.session.picture:
            self.session.set_analysis(None)
            self._begin_at_models_threshold()
            self._any_model = False
            self.recall.look_up(self.session.picture, model=self.model)
        with contextlib.suppress(ModelError):
            self.queue.change_model(find_model(self.model))

    def card(self) -> ModelCard | None:
        """Return the card of the chosen model, or None when there is no usable one."""
        try:
            return read_card(find_model(self.model))
        except IrlnetError:
            return None

    def model_problem(self) -> str:
        """Say why nothing can be analysed; "" where the chosen model can be used."""
        try:
            read_card(find_model(self.model))
        except IrlnetError as error:
            return str(error) if shipped_models() else no_model_text()
        return ""

    def model_folder(self) -> Path:
        """Return the folder of the chosen model. Raises :class:`ModelError` when there is none."""
        return find_model(self.model)

    def evidence(self) -> Evidence:
        """Return every picture of the list and of the case: what may be evidence.

        Of the automatic case only the list counts: it holds whatever was ever opened.
        """
        rows = self.pictures.pictures
        case = set() if self.case.state.automatic else set(self.case.overview.items)
        hashes = {row.sha256 for row in rows if row.sha256} | case
        return Evidence(frozenset(hashes), tuple(row.path for row in rows if not row.sha256))

    @Slot(str, bool)
    def take_kept(self, name: str, default: bool) -> None:
        """A model was trained and kept: analyse with it if it is the default now."""
        if default:
            self.choose_model(None)
        text = QCoreApplication.translate("Desk", "The model {} was kept. Analysis, Model lists it.")
        self.noted.emit(text.format(name))

    def reset_threshold(self) -> None:
        """Set the threshold back to what the analysis was made with, which is the model's own."""
        if self.session.analysis:
            threshold = self.session.analysis.record.threshold
            self.session.set_threshold(threshold.value, threshold.source)

    def shutdown(self, seconds: float = 5.0) -> bool:
        """Save, let what is being written end, then all threads in about ``seconds``; tell if they have."""
        self.case.flush_asked.emit()
        ended = [self.exporter.shutdown()]  # first: a record is written by the case's thread
        deadline = time.monotonic() + seconds
        ended += [
            part.shutdown(max(0.1, deadline - time.monotonic()))
            for part in (
                self.queue,
                self.loader,
                self.recall,
                self.finder,
                self.comparison,
                self.case_pictures,
            )
        ]
        return self.case.shutdown(max(1.0, deadline - time.monotonic())) and all(ended)

    @Slot(object)
    def _take_picture(self, picture: SuspectImage) -> None:
        self.pictures.set_unreadable(picture.path, "")  # whatever was told of it before
        self.session.set_picture(picture)
        self.case.take_picture(picture)
        self.statuses.learn(picture.path, picture.sha256)
        self.shown.emit(picture.path)
        self._look_up()

    @Slot()
    def _look_up(self) -> None:
        """Look for a kept result of the open picture."""
        if self.session.picture and self.session.analysis is None:
            self._begin_at_models_threshold()
            self._any_model = True
            self.recall.look_up(self.session.picture, model=self.model)

    @Slot(object, object)
    def _take_load_failure(self, path: Path, error: IrlnetError) -> None:
        self.pictures.set_unreadable(path, error.reason)
        self._analyse_next_shown = False
        self.noted.emit(str(error))

    @Slot(object, object)
    def _take_recalled(self, path: Path, analysis: Analysis | None) -> None:
        """Show what is kept; what is not may be computed at once, if that is wished."""
        picture = self.session.picture
        if picture is None or picture.path != path:
            return  # it was left or taken off the list meanwhile
        analysis = analysis or self._just_made()
        if analysis is None and self._any_model:
            self.case.find_analysis(picture.sha256)
        else:
            self._show_recalled(path, analysis)

    @Slot(str, object)
    def _take_from_case(self, sha256: str, analysis: Analysis | None) -> None:
        """The case may hold what no store keeps: another program's work, or another model's."""
        picture = self.session.picture
        if picture is None or picture.sha256 != sha256 or self.session.analysis:
            return
        self._show_recalled(picture.path, analysis)
        card = self.card()
        if analysis and (card is None or card.hashes.get(WEIGHTS_NAME) != analysis.model_sha256):
            text = self.tr("This result is the case's own, by the model {}.")
            self.noted.emit(text.format(analysis.model_name))

    def _show_recalled(self, path: Path, analysis: Analysis | None) -> None:
        wished = self._analyse_next_shown or self.settings.value("analysis/when_opened")
        self._analyse_next_shown = False
        if analysis:
            self.pictures.set_state(path, "done", **facts_of(analysis))
            self._take_analysis(path, analysis)
        elif wished and path not in (self.queue.running, *self.queue.waiting):
            self.analyse([path], start=self._middle())

    def _just_made(self) -> Analysis | None:
        """Return the newest analysis if it is what was asked for: the open picture, whole, by this model."""
        latest, picture, card = self._latest, self.session.picture, self.card()
        if latest is None or picture is None or card is None or latest.localization.analysed is not None:
            return None
        same = latest.image_sha256 == picture.sha256 and latest.model_sha256 == card.hashes.get(WEIGHTS_NAME)
        return latest if same else None

    def _begin_at_models_threshold(self) -> None:
        """Let a map that is only filling in be drawn at the threshold at which it will be judged."""
        if self.session.analysis is None and (card := self.card()):
            self.session.set_threshold(card.threshold, f"model card: {card.threshold_source}")

    def _middle(self) -> tuple[float, float] | None:
        """Return the picture's middle (y, x): a picture that was just opened is in view as a whole."""
        picture = self.session.picture
        if picture is None or not self.settings.value("analysis/from_view"):
            return None
        return picture.facts.height / 2, picture.facts.width / 2

    @Slot(object, object)
    def _take_analysis(self, path: Path, analysis: Analysis) -> None:
        self.case.take_analysis(path, analysis)
        self.statuses.learn(path, analysis.image_sha256)
        self._latest = analysis
        picture = self.session.picture
        if picture is None or analysis.image_sha256 != picture.sha256:
            if picture and picture.path == path and not self.loader.loading:  # what lies there is another one
                text = self.tr("{} has changed since it was opened, and is opened again.")
                self.noted.emit(text.format(path.name))
                self.show(path)
            return
        self.session.set_threshold(analysis.record.threshold.value, analysis.record.threshold.source)
        self.session.set_analysis(analysis)

    @Slot(object, str, object)
    def _take_state(self, path: Path, state: str, facts: dict[str, object]) -> None:
        shown = self.session.analysis if path == self.session.path else None
        if shown and state == "failed":  # the former result is there, and is shown
            state, facts = "done", facts_of(shown)
        self.pictures.set_state(path, state, **facts)  # type: ignore[arg-type]
        if state == "new":
            self.statuses.recognise(path)

    @Slot(object, object)
    def _take_failure(self, path: Path, error: Exception) -> None:
        self.noted.emit(f"{path.name}: {explain(error)}")

    @Slot(object, str)
    def _take_note(self, path: Path, sentence: str) -> None:
        self.noted.emit(f"{path.name}: {sentence}")

    @Slot(str, object)
    def _take_setting(self, key: str, value: object) -> None:
        if key == "analysis/device":
            for queue in (self.queue, self.comparison.queue):
                queue.configure(device=str(value))
        elif key == "look/palette":
            self.session.change_overlay(palette=value)
        elif key == "look/opacity":
            self.session.change_overlay(opacity=float(str(value)) / 100)
