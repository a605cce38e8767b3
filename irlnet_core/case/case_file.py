"""A case: one SQLite file with evidence items, analyses, the analyst's words, and a log of every change."""

from __future__ import annotations

import contextlib
import io
import os
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from uuid import uuid4

from irlnet_core.case import tables
from irlnet_core.case.audit import AuditEntry, ChainHead, canonical, user_name
from irlnet_core.case.case_check import check_case
from irlnet_core.case.connection import NoCaseError, connect, open_database, tell_errors
from irlnet_core.case.exhibit import (
    CaseFacts,
    Exhibit,
    Judgement,
    case_facts_from,
    judgement_from,
)
from irlnet_core.case.items import (
    Analysed,
    Item,
    analysed_from,
    find_moved,
    item_from,
    load_evidence,
    place_of,
)
from irlnet_core.case.marks import Mark, put_mark
from irlnet_core.case.overview import Overview, read_overview
from irlnet_core.case.rows import Row, Rows
from irlnet_core.errors import DataError, OutputError
from irlnet_core.evidence.annotations import Annotations, annotations_from
from irlnet_core.evidence.export import check_output, write_png
from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.record import AnalysisRecord, describe_evidence, format_utc
from irlnet_core.evidence.result_store import ResultKey
from irlnet_core.evidence.stored_map import read_map

_FACTS = "case"


class CaseFile:
    """An open case. What a method has written when it returns is on the disk, with its entry in the log.

    Use it on one thread, and close it: others can't open it before. Don't open the file by other means in
    the same process meanwhile: on POSIX systems, closing it again gives up the lock.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection, actor: str, *, read_only: bool) -> None:
        self.path = path
        self._rows = Rows(path, connection, actor, read_only=read_only)

    @classmethod
    def create(
        cls,
        path: Path,
        *,
        number: str = "",
        title: str = "",
        laboratory: str = "",
        examiner: str = "",
        actor: str = "",
    ) -> Self:
        """Make a new case and open it. Raises :class:`OutputError` where there is a file already."""
        path = Path(path)
        now = format_utc(datetime.now(UTC))
        facts = CaseFacts(uuid4().hex, number, title, laboratory, examiner, now)
        with _new_file(path) as temporary, tell_errors(path):
            case = cls(path, open_database(temporary, "rwc"), actor or user_name(), read_only=False)
            with case:
                case._start(facts)
        return cls.open(path, actor=actor)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        actor: str = "",
        read_only: bool = False,
        migrations: Sequence[tables.Migration] = tables.MIGRATIONS,
    ) -> Self:
        """Open a case; one of an older program is brought up to date. ``actor`` is whom the log names.

        Raises :class:`OutputError` when it is open in another program, :class:`DataError` when it is missing,
        damaged, foreign or of a newer program.
        """
        path = Path(path)
        case = cls(path, connect(path, read_only=read_only), actor or user_name(), read_only=read_only)
        try:
            case._update(migrations)
        except BaseException:
            case.close()
            raise
        return case

    def close(self) -> None:
        """Give the file back."""
        self._rows.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def read_only(self) -> bool:
        return self._rows.read_only

    @property
    def facts(self) -> CaseFacts:
        return case_facts_from(self._rows.data("facts", _FACTS) or {})

    def set_facts(self, **changes: str) -> CaseFacts:
        """Change ``number``, ``title``, ``laboratory`` or ``examiner``."""
        before = self.facts
        facts = replace(before, **changes, id=before.id, created=before.created)
        if facts != before:
            with self._rows.change():
                self._rows.put(Row("facts", _FACTS, None, asdict(facts)), "case described", **changes)
        return facts

    @property
    def head(self) -> ChainHead:
        """Length and head hash of the log as it is now."""
        return self._rows.head()

    def audit(self) -> tuple[AuditEntry, ...]:
        """Return the whole log, oldest first. Raises :class:`DataError` where an entry can't be read."""
        return tuple(self._rows.entries())

    def log(self, action: str, **details: Any) -> AuditEntry:
        """Write an entry about something that changed nothing in the case ("report written")."""
        with self._rows.change():
            return self._rows.log(action, details)

    def together(self) -> contextlib.AbstractContextManager[None]:
        """Save all changes within this block at its end, or none of them."""
        return self._rows.together()

    def verify(self, printed: ChainHead | None = None) -> list[str]:
        """Return what is wrong with the case, each in a sentence: the log, and every row against it.

        ``printed`` is the length and head hash in a record or report: without one, a cut tail of the log
        can't be told (:data:`irlnet_core.case.audit.LIMIT`).
        """
        with tell_errors(self.path):
            return check_case(self._rows.connection, printed)

    def add_item(self, image: SuspectImage) -> Item:
        """Take a picture in; the same bytes at another path are another place of the same item.

        Raises :class:`OutputError` when the case lies in or under the picture's folder.
        """
        return self.add_evidence(describe_evidence(image), image.path)

    def add_evidence(self, facts: Mapping[str, Any], path: Path) -> Item:
        """Take in what a record tells of a picture (``record.evidence``), seen at ``path``."""
        check_output(self.path.parent, [path], option="--case")
        sha256 = facts["sha256"]
        with self._rows.change():
            if self._rows.data("items", sha256) is None:
                data = {"facts": dict(facts), "added": format_utc(datetime.now(UTC))}
                self._rows.put(Row("items", sha256, sha256, data), "evidence added")
            self._add_place(sha256, path)
        item = self.find_item(sha256)
        if item is None:
            raise DataError("lost an item that was just written.", path=self.path)
        return item

    def add_place(self, item: Item, path: Path) -> None:
        """Note that the item's bytes were seen at ``path`` as well."""
        if path.absolute() not in item.places:
            check_output(self.path.parent, [path], option="--case")
            with self._rows.change():
                self._add_place(item.sha256, path)

    def overview(self) -> Overview:
        """Return what the case holds, without maps and metadata: for a list of its pictures."""
        return read_overview(self._rows)

    def items(self) -> tuple[Item, ...]:
        """Return all items in the order in which they came."""
        places: dict[str, list[str]] = {}
        for sha256, data in self._rows.select("SELECT item, data FROM places ORDER BY rowid"):
            places.setdefault(sha256, []).append(data)
        rows = self._rows.select("SELECT key, data FROM items ORDER BY rowid")
        return tuple(item_from(key, data, places.get(key, [])) for key, data in rows)

    def find_item(self, sha256: str) -> Item | None:
        """Return the item with these bytes."""
        rows = self._rows.select("SELECT data FROM items WHERE key = ?", sha256)
        places = self._rows.select("SELECT data FROM places WHERE item = ? ORDER BY rowid", sha256)
        return item_from(sha256, rows[0][0], [place[0] for place in places]) if rows else None

    def locate(self, item: Item, search: Iterable[Path] = ()) -> Path | None:
        """Return where the item's file is now, by its hash: where it was, beside the case as before, or at or
        below one of the places ``search``. A new place is kept in the case. None = nowhere.
        """
        item = self.find_item(item.sha256) or item  # it may have been seen elsewhere since
        found = find_moved(item, self.path, search)
        if found and not self._rows.read_only:
            with contextlib.suppress(OutputError):  # the case lies among evidence now: only reading is left
                self.add_place(item, found)
        return found

    def add_analysis(
        self, item: Item, localization: Localization, record: AnalysisRecord, key: ResultKey | None = None
    ) -> Analysed:
        """Keep an analysis: its record and its map, to the 16 bits that are published."""
        if record.evidence["sha256"] != item.sha256:
            raise DataError("an analysis belongs to another picture.", path=self.path)
        number = uuid4().hex
        largest = round(float(localization.probability.max()), 6)
        now = format_utc(datetime.now(UTC))
        data = {"record": record.as_dict(), "created": now, "largest_response": largest}
        png = io.BytesIO()
        write_png(png, localization.probability16())
        told = {"threshold": record.threshold.value, "model": record.model["weights_sha256"]}
        extra = (key.digest() if key else None, png.getvalue())
        with self._rows.change():
            self._rows.put(Row("analyses", number, item.sha256, data, extra), "analysis added", **told)
        return analysed_from(number, item.sha256, canonical(data))

    def keep_analysis(
        self, item: Item, localization: Localization, record: AnalysisRecord, key: ResultKey
    ) -> Analysed:
        """Keep an analysis unless the newest one for ``key`` is that very one."""
        known = self.find_analysis(key)
        if known and known.record.times == record.times:
            return known
        return self.add_analysis(item, localization, record, key)

    def analyses(self, item: Item) -> tuple[Analysed, ...]:
        """Return the item's analyses, the newest last."""
        rows = self._rows.select(
            "SELECT key, item, data FROM analyses WHERE item = ? ORDER BY rowid", item.sha256
        )
        return tuple(analysed_from(*row) for row in rows)

    def newest(self, item: Item) -> Analysed | None:
        """Return the analysis that counts: the newest one of the whole picture, else of an area."""
        analyses = self.analyses(item)
        whole = [analysed for analysed in analyses if analysed.record.tiles.get("area") is None]
        return next(reversed(whole or analyses), None)

    def find_analysis(self, key: ResultKey) -> Analysed | None:
        """Return the newest analysis that was made for ``key``."""
        query = "SELECT key, item, data FROM analyses WHERE request = ? ORDER BY rowid DESC LIMIT 1"
        return next((analysed_from(*row) for row in self._rows.select(query, key.digest())), None)

    def load_map(self, analysed: Analysed) -> Localization:
        """Return the response map of an analysis. Raises :class:`DataError` where it is damaged."""
        rows = self._rows.select("SELECT map FROM analyses WHERE key = ?", analysed.id)
        if not rows:
            raise DataError("has no such analysis.", path=self.path)
        try:
            return read_map(rows[0][0], analysed.record)
        except DataError as error:
            raise DataError(error.reason, path=self.path, cure="Analyse the picture again.") from error

    def judgement(self, item: Item | str) -> Judgement:
        """Return what the analyst thinks of an item, or of the picture with this SHA-256."""
        data = self._rows.data("judgements", _sha256(item))
        return judgement_from(data) if data else Judgement()

    def judge(self, item: Item | str, **changes: Any) -> Judgement:
        """Change ``status``, ``outcome``, ``opinion`` or ``author`` of an item; the time is set."""
        before = self.judgement(item)
        judgement = replace(before, **changes)
        if judgement == before:
            return before
        judgement = replace(judgement, changed=format_utc(datetime.now(UTC)))
        with self._rows.change():
            self._judge(_sha256(item), judgement)
        return judgement

    def mark(self, marks: Iterable[Mark]) -> None:
        """Keep digits for files that were not read yet, all of them or none."""
        with self._rows.change():
            for mark in marks:
                put_mark(self._rows, mark)

    def take_over(
        self, judgements: Mapping[str, Judgement], annotations: Iterable[Annotations], marks: Iterable[Mark]
    ) -> None:
        """Bring in an analyst's words from elsewhere, all of them or none; what is here already stays."""
        here = self.overview()
        with self._rows.change():
            for sha256, judgement in judgements.items():
                if sha256 not in here.judgements:
                    self._judge(sha256, judgement)
            for one in annotations:
                if one.image_sha256 not in here.annotations:
                    self._annotate(one)
            for mark in marks:
                if mark.path not in here.marks:
                    put_mark(self._rows, mark)

    def annotations(self, item: Item) -> Annotations:
        """Return the analyst's outlines and notes about an item."""
        data = self._rows.data("annotations", item.sha256)
        if data:
            return annotations_from(data)
        return Annotations(item.sha256, item.facts["width"], item.facts["height"])

    def annotate(self, item: Item, annotations: Annotations) -> None:
        """Replace the outlines and notes about an item."""
        if annotations.image_sha256 != item.sha256:
            raise DataError("the outlines belong to another picture.", path=self.path)
        if annotations == self.annotations(item):
            return
        with self._rows.change():
            self._annotate(annotations)

    def exhibit(self, item: Item, analysed: Analysed | None = None, *, load_image: bool = True) -> Exhibit:
        """Return all about an item: the analysis that counts, or the given one, words and evidence.

        Raises :class:`DataError` for an item that was not analysed.
        """
        analysed = analysed or self.newest(item)
        if analysed is None:
            raise DataError(f"holds no analysis of {item.name}.", path=self.path, cure="Analyse it first.")
        place = self.locate(item) if load_image else None
        image, missing = load_evidence(item.sha256, place) if load_image else (None, "It was not asked for.")
        return Exhibit(
            record=replace(analysed.record, audit=self.head.as_dict()),
            localization=self.load_map(analysed),
            annotations=self.annotations(item),
            judgement=self.judgement(item),
            case=self.facts,
            image=image,
            missing=missing,
        )

    def _start(self, facts: CaseFacts) -> None:
        with self._rows.change():
            tables.migrate(self._rows.connection)
            self._rows.put(Row("facts", _FACTS, None, asdict(facts)), "case made")

    def _update(self, migrations: Sequence[tables.Migration]) -> None:
        with tell_errors(self.path):
            version = tables.version_of(self._rows.connection)
        try:
            tables.check_version(version, len(migrations))
        except DataError as error:
            raise NoCaseError(error.reason, path=self.path, cure=error.cure) from error
        if version == len(migrations):
            return
        if self._rows.read_only:
            cure = "Open it once for writing: it is brought up to date then."
            raise NoCaseError(f"is of the older version {version}.", path=self.path, cure=cure)
        with self._rows.change():
            before, after = tables.migrate(self._rows.connection, migrations)
            self._rows.log("case brought up to date", {"from": before, "to": after})

    def _judge(self, sha256: str, judgement: Judgement) -> None:
        told = {"status": judgement.status, "outcome": judgement.outcome}
        self._rows.put(Row("judgements", sha256, sha256, asdict(judgement)), "judged", **told)

    def _annotate(self, annotations: Annotations) -> None:
        sha256 = annotations.image_sha256
        row = Row("annotations", sha256, sha256, annotations.as_dict())
        self._rows.put(row, "annotated", outlines=len(annotations.outlines))

    def _add_place(self, sha256: str, path: Path) -> None:
        key, data = place_of(sha256, path, self.path)
        if self._rows.data("places", key) is None:
            self._rows.put(Row("places", key, sha256, data), "evidence seen")


def _sha256(item: Item | str) -> str:
    return item if isinstance(item, str) else item.sha256


@contextlib.contextmanager
def _new_file(path: Path) -> Iterator[Path]:
    """Yield a temporary name beside ``path`` and move what was made there into place: all or nothing."""
    if os.path.lexists(path):
        raise OutputError("is there already.", path=path, cure="Choose another name for the new case.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".tmp-", dir=path.parent) as folder:
            temporary = Path(folder, path.name)
            yield temporary
            temporary.rename(path)
    except OSError as error:
        cure = "Choose another folder for the case."
        raise OutputError(f"cannot be written ({error.strerror or error}).", path=path, cure=cure) from error
