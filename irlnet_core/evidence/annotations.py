"""The analyst's own outlines and notes about one picture, kept apart from everything that the tool found."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args
from unicodedata import category
from uuid import uuid4

from irlnet_core.errors import DataError, naming
from irlnet_core.evidence.record import format_utc
from irlnet_core.files import write_json

Kind = Literal["polygon", "rectangle", "freehand"]
Point = tuple[float, float]

FORMAT = {"id": "irlnet-annotations", "version": 1}
COLOURS = 8
MOST_POINTS = 20_000
_LONGEST_LABEL, _LONGEST_NOTE = 200, 20_000
_KEPT = "\n\t\u200c\u200d"  # unprintable, yet part of a text
_CURE = "Draw it again."


@dataclass(frozen=True)
class Outline:
    """One outline that the analyst drew.

    ``points`` are (x, y) in pixels of the stored grid, (0, 0) the upper left corner of the first pixel.
    A rectangle has two opposite corners, the others at least three points and are closed by themselves.
    ``colour`` is an index 0..7 into the display's colours; ``created`` is UTC, ISO 8601.
    Raises :class:`DataError`.
    """

    id: str
    kind: Kind
    points: tuple[Point, ...]
    label: str
    note: str = ""
    colour: int = 0
    author: str = ""
    created: str = ""

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise DataError(f"{self.kind!r} is no kind of outline.", cure=_CURE)
        fits = len(self.points) == 2 if self.kind == "rectangle" else 3 <= len(self.points) <= MOST_POINTS
        if not fits:
            raise DataError(f"a {self.kind} can't have {len(self.points)} points.", cure=_CURE)
        if not all(math.isfinite(value) for point in self.points for value in point):
            raise DataError("an outline has a point that is not a number.", cure=_CURE)
        texts: tuple[object, ...] = (self.id, self.label, self.note, self.author, self.created)
        if not all(isinstance(text, str) for text in texts):
            raise DataError("an outline has a text that is none.", cure=_CURE)
        if not 0 <= self.colour < COLOURS:
            raise DataError(f"there is no colour {self.colour}.", cure=f"Choose one of 0 to {COLOURS - 1}.")

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Return x, y, width, height of the bounding box in pixels."""
        xs, ys = [x for x, _ in self.points], [y for _, y in self.points]
        return min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)

    @property
    def corners(self) -> tuple[Point, ...]:
        """Return the outline as a polygon; a rectangle's four corners clockwise from the upper left."""
        if self.kind != "rectangle":
            return self.points
        x, y, width, height = self.box
        return (x, y), (x + width, y), (x + width, y + height), (x, y + height)

    @property
    def area(self) -> float:
        """Return the enclosed area in square pixels (shoelace; where an outline crosses itself, less)."""
        corners = self.corners
        turns = zip(corners, (*corners[1:], corners[0]), strict=True)
        return abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in turns)) / 2


@dataclass(frozen=True)
class Annotations:
    """Everything the analyst drew and wrote about the picture with these bytes and this stored size."""

    image_sha256: str
    width: int
    height: int
    outlines: tuple[Outline, ...] = ()
    notes: str = ""

    @property
    def empty(self) -> bool:
        return not self.outlines and not self.notes

    def as_dict(self) -> dict[str, Any]:
        return {"format": FORMAT, **asdict(self)}


def make_outline(
    kind: Kind,
    points: Sequence[Point],
    size: tuple[int, int],
    *,
    label: str = "outline",
    note: str = "",
    colour: int = 0,
    author: str = "",
) -> Outline:
    """Return a new outline, timed, with its points kept within a picture of ``size`` (width, height).

    A rectangle may be given by any points: its box counts. Raises :class:`DataError`.
    """
    inside = keep_inside(points, size)
    if kind == "rectangle" and len(inside) > 2:
        xs, ys = zip(*inside, strict=True)
        inside = ((min(xs), min(ys)), (max(xs), max(ys)))
    return Outline(
        id=uuid4().hex,
        kind=kind,
        points=inside,
        label=clean_label(label) or "outline",
        note=clean_note(note),
        colour=colour % COLOURS,
        author=clean_label(author),
        created=format_utc(datetime.now(UTC)),
    )


def keep_inside(points: Sequence[Point], size: tuple[int, int]) -> tuple[Point, ...]:
    """Return the points, each moved to the nearest place within a picture of ``size`` (width, height)."""
    width, height = size
    return tuple((min(max(float(x), 0.0), width), min(max(float(y), 0.0), height)) for x, y in points)


def clean_label(text: str) -> str:
    """Return ``text`` as one printable line of at most 200 characters that fits into UTF-8."""
    line = "".join(letter if letter.isprintable() else " " for letter in _storable(text))
    return " ".join(line.split())[:_LONGEST_LABEL].rstrip()


def clean_note(text: str) -> str:
    """Return ``text`` with its lines but no control characters, at most 20,000, that fits into UTF-8.

    Spaces of any width and the joiners that scripts and emoji need stay; what turns the direction goes.
    """
    kept = (c for c in _storable(text) if c.isprintable() or c in _KEPT or category(c) == "Zs")
    return "".join(kept)[:_LONGEST_NOTE]


def read_annotations(path: Path) -> Annotations:
    """Read what :func:`write_annotations` wrote. Raises :class:`DataError` where it is damaged or foreign."""
    try:
        with naming(path):
            return annotations_from(json.loads(path.read_bytes()))
    except (OSError, ValueError, RecursionError) as error:
        reason = f"holds outlines and notes that can't be read ({error})."
        raise DataError(reason, path=path, cure="Restore the file from a copy, or move it away.") from error


def annotations_from(data: Any) -> Annotations:
    """Return the annotations of :meth:`Annotations.as_dict`. Raises :class:`DataError` for other data."""
    try:
        return _from_data(data)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        reason = f"holds outlines and notes that can't be read ({error!r})."
        raise DataError(reason, cure="Restore the file from a copy, or move it away.") from error


def write_annotations(path: Path, annotations: Annotations) -> None:
    """Write outlines and notes as JSON, atomically. Raises :class:`OutputError`."""
    write_json(path, annotations.as_dict())


def _storable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _from_data(data: Mapping[str, Any]) -> Annotations:
    if data["format"] != FORMAT:
        raise DataError(
            f"is {data['format']!r} instead of {FORMAT!r}.", cure="Use a program of the file's age."
        )
    outlines = tuple(
        Outline(**{**entry, "points": tuple((float(x), float(y)) for x, y in entry["points"])})
        for entry in data["outlines"]
    )
    sha256, width, height, notes = (data[key] for key in ("image_sha256", "width", "height", "notes"))
    if not (isinstance(sha256, str) and isinstance(notes, str)):
        raise TypeError("a text is missing")
    return Annotations(sha256, int(width), int(height), outlines, notes)
