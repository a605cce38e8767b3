"""Looks into every file of the found pairs, one pair at a time, and says which can be learned from."""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from irlnet_core.data.duplicates import fingerprint
from irlnet_core.data.pairing import Pairing
from irlnet_core.data.pairs import Pair, Problem
from irlnet_core.data.truth import MaskSource, SizeMismatch, check_size, make_truth, open_mask
from irlnet_core.errors import DataError, ImageReadError, naming
from irlnet_core.evidence.decode import ImageFacts, open_picture, pixels_of, read_orientation
from irlnet_core.evidence.image import hash_pixels, read_bytes
from irlnet_core.files import sha256_of_bytes
from irlnet_core.progress import Event, Progress

Offer = Literal["invert", "turn"]
Fix = Literal["invert", "turn", "keep"]
Side = Literal["train", "validation", ""]

LEAST_SIDE = 32  # pixels: the smallest tile that the networks take
_MANY = 0.5  # of the picture: more white than this may be a mask the wrong way round


@dataclass(frozen=True)
class CheckedPair:
    """One row of the check: a pair, whether it is usable, and if not, why and what may be offered.

    ``marked`` is the marked share of the picture (0..1), ``levels`` what the mask's values are like,
    ``fingerprint`` 64 bits of coarse content. ``group`` (the source picture) and ``side`` (of the split)
    are empty until :func:`irlnet_core.data.split.settle` has seen all rows.
    """

    pair: Pair
    problem: Problem | None = None
    offers: tuple[Offer, ...] = ()
    width: int = 0
    height: int = 0
    marked: float = 0.0
    levels: str = ""
    notes: tuple[str, ...] = ()
    image_sha256: str = ""
    mask_sha256: str = ""
    original_sha256: str = ""
    fingerprint: int | None = None
    group: str = ""
    side: Side = ""

    @property
    def usable(self) -> bool:
        return self.problem is None


@dataclass(frozen=True)
class RowChecked(Event):
    """One pair has been looked into; its row is not settled yet."""

    row: CheckedPair

    def as_dict(self) -> dict[str, Any]:
        problem = self.row.problem
        return {
            "event": "RowChecked",
            "image": str(self.row.pair.image),
            "file": str(problem.file) if problem else "",
            "reason": problem.text if problem else "",
        }


@dataclass(frozen=True)
class DataCheck:
    """All rows of a folder, and the files that paired with nothing."""

    folder: Path
    rows: tuple[CheckedPair, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def usable(self) -> list[CheckedPair]:
        return [row for row in self.rows if row.usable]


def check_pairs(
    pairing: Pairing,
    *,
    authentic: bool = False,
    evidence: Collection[str] = (),
    fixes: Collection[Fix] = (),
) -> Generator[Event, None, DataCheck]:
    """Yield rows and progress; return the check of every pair, with ``authentic`` also of maskless pictures.

    ``evidence`` holds SHA-256 sums (of files or of decoded pixels) of pictures of the case, which no net may
    learn from. ``fixes`` answers what may be offered, for all rows at once ("keep" = masks that are mostly
    white are right). ``close()`` cancels. The rows are not settled yet: no groups, no split.
    """
    pairs = [*pairing.pairs, *(pairing.authentic if authentic else ())]
    banned = frozenset(text.lower() for text in evidence)
    rows = []
    for number, pair in enumerate(pairs, 1):
        row = check_pair(pair, authentic=authentic, evidence=banned)
        while row.offers and (answered := answer(row, fixes)) != row.pair:
            row = check_pair(answered, authentic=authentic, evidence=banned)
        rows.append(row)
        yield RowChecked(row)
        yield Progress("check", number, len(pairs))
    return DataCheck(pairing.folder, tuple(rows), pairing.problems)


def check_pair(
    pair: Pair, *, authentic: bool = False, evidence: Collection[str] = frozenset()
) -> CheckedPair:
    """Read both headers, then the pixels once; what is wrong becomes the row's problem, never an error.

    ``authentic`` takes a mask that marks nothing as the word that its picture is authentic.
    """
    check = _Check(pair, authentic=authentic, evidence=evidence)
    try:
        check.run()
    except SizeMismatch as error:
        return check.fail(error, ("turn",) if error.turnable else ())
    except (ImageReadError, DataError) as error:
        return check.fail(error)
    except MemoryError:
        return check.fail(DataError("does not fit into memory.", path=pair.image, cure="Leave it out."))
    return check.row


def answer(row: CheckedPair, fixes: Collection[Fix]) -> Pair:
    """Return the row's pair with those of ``fixes`` applied that its check offers."""
    pair = row.pair
    if "turn" in row.offers and "turn" in fixes:
        return replace(pair, turn=True)
    if "invert" in row.offers and {"invert", "keep"} & set(fixes):
        return replace(pair, invert="invert" in fixes)
    return pair


def failed_files(rows: Iterable[CheckedPair]) -> list[Problem]:
    """Return a problem for every file of the rows that cannot be used: the faulty one, then its partners."""
    in_use = {path for row in rows if row.usable for path in _files(row.pair)}
    found: dict[Path, Problem] = {}
    for row in rows:
        if row.problem is None:
            continue
        faulty = row.problem
        found.setdefault(faulty.file, faulty)
        for path in _files(row.pair):
            if path != faulty.file and path not in in_use:
                place = "/".join(faulty.file.parts[-2:])
                reason = f"is left out because of {place}, which {faulty.reason}"
                found.setdefault(path, Problem(path, reason, faulty.cure))
    return list(found.values())


@dataclass
class _Check:
    """The check of one pair: ``row`` grows as the files are read."""

    pair: Pair
    authentic: bool
    evidence: Collection[str]
    row: CheckedPair = field(init=False)

    def __post_init__(self) -> None:
        self.row = CheckedPair(self.pair)

    def fail(self, error: ImageReadError | DataError, offers: tuple[Offer, ...] = ()) -> CheckedPair:
        """Return the row with a problem about the file that the error names."""
        problem = Problem(error.path or self.pair.image, error.reason, error.cure)
        return replace(self.row, problem=problem, offers=offers or self.row.offers)

    def run(self) -> None:
        """Raise what is wrong with the pair; otherwise fill the row."""
        image, mask = self.pair.image, self.pair.mask
        data, _ = read_bytes(image)
        size, orientation = _read_header(data, image)
        self.row = replace(self.row, width=size[1], height=size[0], image_sha256=sha256_of_bytes(data))
        self._refuse_evidence(self.row.image_sha256, image)
        if min(size) < LEAST_SIDE:
            raise DataError(
                f"is too small: {size[1]}x{size[0]} pixels.",
                path=image,
                cure=f"Both sides need at least {LEAST_SIDE}.",
            )
        source = open_mask(self.pair, mask) if mask else None
        if source:
            self.row = replace(self.row, mask_sha256=sha256_of_bytes(source.data))
            check_size(self.pair, source, size, orientation)
        pixels, facts = _decode(data, image)
        if self.evidence:
            self._refuse_evidence(hash_pixels(pixels), image)
        self.row = replace(self.row, fingerprint=fingerprint(pixels))
        if source:
            self._take_mask(source, pixels, facts)
        self._take_original(size)

    def _refuse_evidence(self, sha256: str, path: Path) -> None:
        if sha256 in self.evidence:
            raise DataError(
                "is evidence of the case.",
                path=path,
                cure="Leave it out: a net that has learned a picture can no longer judge it.",
            )

    def _take_mask(self, source: MaskSource, pixels: NDArray[np.uint8], facts: ImageFacts) -> None:
        orientation = facts.orientation or 1
        clean = make_truth(self.pair, source, pixels, orientation)
        marked = float(clean.mask.mean())
        notes = clean.notes + _note_orientation(self.pair, source, orientation)
        self.row = replace(self.row, marked=marked, levels=clean.levels, notes=notes)
        problem = self._judge(marked, source.path)
        if problem:
            raise problem

    def _judge(self, marked: float, path: Path) -> DataError | None:
        """Return what is wrong with the share of marked pixels."""
        if marked == 0 and not self.authentic:
            return _empty(self.pair, path)
        if marked == 1:
            cure = "Give the mask of the changed part alone."
            return DataError("is a full mask: it marks every pixel.", path=path, cure=cure)
        if marked <= _MANY:
            return None
        share = f"{100 * marked:.0f} %"
        if self.pair.derived:
            cure = "Give two pictures that differ in the changed part only, or a mask."
            return DataError(f"differs from the picture in {share} of it.", path=path, cure=cure)
        if self.pair.kind == "picture" and self.pair.invert is None:
            self.row = replace(self.row, offers=("invert",))
            cure = "Say whether white means changed: keep it, or invert it."
            return DataError(f"may be inverted: {share} of it is white.", path=path, cure=cure)
        self.row = replace(self.row, notes=(*self.row.notes, f"{share} of the picture is marked"))
        return None

    def _take_original(self, size: tuple[int, int]) -> None:
        """Keep the original's hash; one that does not fit is left out with a note, the pair stays.

        Rehearsal learns from originals too, and a pair shows most of its own: none may be evidence.
        """
        original = self.pair.original
        if original is None:
            return
        try:
            data, _ = read_bytes(original)
            self._refuse_evidence(sha256_of_bytes(data), original)
            if self.evidence:
                self._refuse_evidence(hash_pixels(_decode(data, original)[0]), original)
            fits = _read_header(data, original)[0] == size
        except ImageReadError as error:
            data, fits = b"", False
            note = f"the original {original.name} is left out: it {error.reason}"
        else:
            note = f"the original {original.name} is left out: its size differs"
        if fits:
            self.row = replace(self.row, original_sha256=sha256_of_bytes(data))
        else:
            pair = replace(self.pair, original=None)
            self.row = replace(self.row, pair=pair, notes=(*self.row.notes, note))


def _empty(pair: Pair, path: Path) -> DataError:
    if pair.derived:
        cure = "Give the original of this picture, or a mask."
        return DataError("does not differ from the picture: nothing to learn.", path=path, cure=cure)
    cure = "If the picture is authentic, say that pictures without a mask are."
    return DataError("is an empty mask: it marks nothing.", path=path, cure=cure)


def _note_orientation(pair: Pair, source: MaskSource, orientation: int) -> tuple[str, ...]:
    if orientation == 1 or pair.turn or source.size is None or pair.derived:
        return ()
    return (f"the picture has orientation flag {orientation}: see that the mask is not turned against it",)


def _read_header(data: bytes, path: Path) -> tuple[tuple[int, int], int]:
    with naming(path):
        _, picture = open_picture(data)
    return (picture.height, picture.width), read_orientation(picture) or 1


def _decode(data: bytes, path: Path) -> tuple[NDArray[np.uint8], ImageFacts]:
    with naming(path):
        return pixels_of(data)


def _files(pair: Pair) -> list[Path]:
    return [path for path in (pair.image, pair.mask, pair.original) if path is not None]
