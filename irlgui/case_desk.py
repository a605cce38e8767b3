"""The window's door to the case: what it holds is here in memory, and every change goes to its thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal, Slot

from irlgui.jobs.case_doors import Carried
from irlgui.jobs.recall import from_case
from irlgui.open_case import Key, OpenCase
from irlgui.session import Analysis
from irlnet_core.case.audit import user_name
from irlnet_core.case.case_file import CaseFile
from irlnet_core.case.exhibit import OUTCOME_OF, Judgement
from irlnet_core.case.items import Item
from irlnet_core.case.marks import Mark
from irlnet_core.case.overview import Finding, Glimpse, Overview
from irlnet_core.errors import DataError, IrlnetError
from irlnet_core.evidence.annotations import Annotations
from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.record import describe_evidence, format_utc
from irlnet_core.evidence.result_store import key_of
from irlnet_core.files import sha256_of_file


class CaseDesk(OpenCase):
    """Knows what the open case holds, and keeps in it what the analyst says and the tool finds."""

    judged = Signal(str)  # SHA-256: another judgement
    analysis_found = Signal(str, object)  # SHA-256, session.Analysis | None

    _answered = Signal(str, object)

    def __init__(self, folder: Path, former: Path, parent: QObject | None = None) -> None:
        super().__init__(folder, former, parent)
        self.overview = Overview()
        self._seen: dict[str, tuple[dict[str, Any], Path]] = {}
        self._by_path: dict[Path, Glimpse] = {}
        self._marked = 0
        self._early: dict[str, set[str]] = {}  # what of a judgement was said before the case could be read
        self._answered.connect(self._take_answer)

    # What is known

    def judgement(self, sha256: str) -> Judgement:
        """Return what the analyst thinks of a picture."""
        return self.overview.judgements.get(sha256, Judgement())

    def annotations(self, image: SuspectImage) -> Annotations | None:
        """Return the outlines and notes on a picture; None as long as no case is open."""
        if not self.ready:
            return None
        empty = Annotations(image.sha256, image.facts.width, image.facts.height)
        kept = self.overview.annotations.get(image.sha256, empty)
        return kept if (kept.width, kept.height) == (empty.width, empty.height) else empty

    def item_at(self, path: Path) -> Glimpse | None:
        """Return the item that was seen at ``path``, whatever lies there now."""
        return self._by_path.get(path)

    def find_analysis(self, sha256: str) -> None:
        """Look for the newest analysis of a picture; ``analysis_found`` answers."""
        if self._thread is None or sha256 not in self.overview.findings:
            self.analysis_found.emit(sha256, None)
            return
        future = self._thread.ask(lambda case: from_case(case, sha256))
        future.add_done_callback(lambda done: self._answered.emit(sha256, done))

    # What is to be written

    def take_picture(self, image: SuspectImage) -> None:
        """A picture was opened: it is evidence of the case from now on."""
        self.take_facts(describe_evidence(image), image.path)

    def take_facts(self, facts: dict[str, Any], path: Path) -> None:
        """A picture was read: it is evidence of the case from now on."""
        seen = self._see(facts, path)
        key = ("evidence", f"{facts['sha256']} {path}")
        self._note_down(key, path.name, lambda case: case.add_evidence(*seen))

    def take_analysis(self, path: Path, analysis: Analysis) -> None:
        """A picture was analysed: keep the record and the map."""
        record, localization = analysis.record, analysis.localization
        seen = self._see(record.evidence, path)
        regions = record.regions
        response = float(localization.probability.max())
        self.overview.findings[analysis.image_sha256] = Finding(
            regions.count, regions.listed_fraction, response, analysis.model_name
        )

        def do(case: CaseFile) -> None:
            case.keep_analysis(case.add_evidence(*seen), localization, record, key_of(record))

        key = key_of(record).digest() + record.times["started"]
        self._note_down(("analysis", key), self.tr("the analysis of {}").format(path.name), do)

    def judge(self, sha256: str, **changes: Any) -> None:
        """Change the ``status`` or ``opinion`` about a picture; three statuses are outcomes as well."""
        if "opinion" in changes:
            self.release(("opinion", sha256))
        before = self.judgement(sha256)
        judgement = replace(before, **changes)
        judgement = replace(judgement, outcome=OUTCOME_OF.get(judgement.status, ""))
        if judgement == before:
            return
        now = format_utc(datetime.now(UTC))
        self.overview.judgements[sha256] = judgement = replace(judgement, author=self.author, changed=now)
        seen, words = self._seen.get(sha256), _words(judgement, self._said(sha256, changes))

        def do(case: CaseFile) -> None:
            case.judge(_item(case, sha256, seen), **words)

        self._put(("judgement", sha256), self.tr("your judgement of {}").format(self._name(sha256)), do)
        self.judged.emit(sha256)

    def annotate(self, annotations: Annotations) -> None:
        """Keep the outlines and notes on a picture."""
        sha256 = annotations.image_sha256
        self.release(("annotations", sha256))
        if annotations == self.overview.annotations.get(sha256):
            return
        self.overview.annotations[sha256] = annotations
        seen = self._seen.get(sha256)

        def do(case: CaseFile) -> None:
            case.annotate(_item(case, sha256, seen), annotations)

        self._put(("annotations", sha256), self.tr("your notes on {}").format(self._name(sha256)), do)

    def mark(self, marks: Iterable[Mark]) -> None:
        """Keep digits for files that were not read yet."""
        put = tuple(marks)
        self.overview.marks.update({mark.path: mark for mark in put})
        self._marked += 1
        self._put(("marks", str(self._marked)), self.tr("your statuses"), lambda case: case.mark(put))

    def set_facts(self, **facts: str) -> None:
        """Change number, title, laboratory or examiner of the case."""
        if self.state.facts is None:
            return
        self._tell(facts=replace(self.state.facts, **facts))
        self._put(("facts", ""), self.tr("the facts of the case"), lambda case: case.set_facts(**facts))

    def add_places(self, moved: Mapping[str, Path]) -> None:
        """Note that evidence was found elsewhere."""
        for sha256, path in moved.items():
            glimpse = self.overview.items[sha256]
            self._remember(replace(glimpse, places=(*glimpse.places, path), relative=(*glimpse.relative, "")))

            def do(case: CaseFile, sha256: str = sha256, path: Path = path) -> None:
                case.add_place(_item(case, sha256, None), path)

            key = ("place", f"{sha256} {path}")
            self._note_down(key, self.tr("the new place of {}").format(path.name), do)

    def log_report(self, path: Path) -> None:
        """Write into the case's log that a report was written, with the file's hash."""

        def do(case: CaseFile) -> None:
            case.log("report written", file=path.name, sha256=sha256_of_file(path))

        self._note_down(("report", str(path)), self.tr("the log's entry on {}").format(path.name), do)

    # Inside

    def _note_down(self, key: Key, what: str, do: Callable[[CaseFile], object]) -> None:
        """Put what the program itself has to say; it leaves a case that can't be written as it is."""
        if not self.state.read_only:
            self._put(key, what, do)

    def _see(self, facts: dict[str, Any], path: Path) -> tuple[dict[str, Any], Path]:
        seen = self._seen[facts["sha256"]] = (facts, path)
        known = self.overview.items.get(facts["sha256"])
        places, relative = (known.places, known.relative) if known else ((), ())
        if path not in places:
            places, relative = (*places, path), (*relative, "")
        name, size, modified = (facts[key] for key in ("file_name", "size_bytes", "modified"))
        self._remember(Glimpse(facts["sha256"], name, size, modified, places, relative))
        return seen

    def _remember(self, glimpse: Glimpse) -> None:
        self.overview.items[glimpse.sha256] = glimpse
        self._by_path.update(dict.fromkeys(glimpse.places, glimpse))

    def carried(self, keep: Iterable[Path]) -> Carried | None:
        """Return what was said here about these pictures; None where there are none."""
        paths, told = list(keep), self.overview
        hashes = {item.sha256 for path in paths if (item := self.item_at(path))}
        if not paths:
            return None
        return Carried(
            tuple(paths),
            {sha256: one for sha256, one in told.judgements.items() if sha256 in hashes},
            tuple(one for sha256, one in told.annotations.items() if sha256 in hashes),
            tuple(told.marks[path] for path in paths if path in told.marks),
        )

    def _forget(self) -> None:
        self.overview, self._seen, self._early = Overview(), {}, {}

    def _take_contents(self, overview: Overview) -> None:
        """Take what the disk holds; what was said before it could be read is newer."""
        found, mine = overview, self.overview
        early, self._early = self._early, {}
        judgements = {
            sha256: replace(
                found.judgements.get(sha256, Judgement()), **_words(mine.judgements[sha256], said)
            )
            for sha256, said in early.items()
        }
        self.overview = replace(
            found,
            items=found.items | mine.items,
            judgements=found.judgements | judgements,
            annotations=found.annotations | mine.annotations,
            findings=found.findings | mine.findings,
            marks=found.marks | mine.marks,
        )
        self._by_path = {path: item for item in self.overview.items.values() for path in item.places}

    @Slot(str, object)
    def _take_answer(self, sha256: str, future: Future[Analysis | None]) -> None:
        try:
            self.analysis_found.emit(sha256, None if future.cancelled() else future.result())
        except IrlnetError as error:
            self.noted.emit(str(error))
            self.analysis_found.emit(sha256, None)

    def _said(self, sha256: str, changes: Iterable[str]) -> set[str]:
        """Return which parts of a judgement are the analyst's: before the case is read, not those unseen."""
        if self.ready:
            return {"status", "outcome", "opinion", "author"}
        said = self._early.setdefault(sha256, {"author"})
        said.update(changes, ("outcome",) if "status" in changes else ())
        return said

    @property
    def author(self) -> str:
        """Return whose words are put: the case's examiner, or whoever is logged in."""
        return (self.state.facts.examiner if self.state.facts else "") or user_name()

    def _name(self, sha256: str) -> str:
        item = self.overview.items.get(sha256)
        return item.name if item else f"{sha256[:12]}…"


def _words(judgement: Judgement, said: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(judgement, name) for name in said}


def _item(case: CaseFile, sha256: str, seen: tuple[dict[str, Any], Path] | None) -> Item:
    item = case.add_evidence(*seen) if seen else case.find_item(sha256)
    if item is None:
        raise DataError("the picture is not in the case.", path=case.path, cure="Open the picture first.")
    return item
