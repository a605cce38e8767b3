"""One sheet of the best, the worst and the false-alarm maps of an evaluation, to be looked at. Torch-free."""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.overlay import colorize, outline
from irlnet_core.training.summary import Row

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]

_SIDE, _GAP, _LINE = 220, 8, 18  # pixels: a thumbnail's side, the space between two, a line of text
_ACROSS = 2  # shots in a row of the sheet
_GROUND, _TEXT, _NO_TRUTH = (40, 40, 40), (235, 235, 235), (70, 70, 70)


@dataclass(frozen=True)
class Shot:
    """One picture as shown: its row, and thumbnails of the picture, its truth and its map."""

    row: Row
    thumbnails: tuple[Pixels, Pixels, Pixels]


@dataclass
class Gallery:
    """Keeps the thumbnails of the ``kept`` best, worst and most alarming pictures of all that it is shown."""

    threshold: float
    kept: int = 6
    _ranked: dict[str, list[tuple[float, int, Shot]]] = field(default_factory=dict)
    _shown: int = 0

    def show(self, row: Row, image: Pixels, truth: Mask, found: Localization) -> None:
        """Show one measured picture."""
        self._shown += 1
        keys = {"best": -row.f1, "worst": row.f1} if row.f1 == row.f1 else {}  # not NaN
        if row.false_alarm:
            keys = {"false alarms": -row.listed}
        wanted = {part: key for part, key in keys.items() if self._has_room(part, key)}
        if wanted:
            shot = Shot(row, _thumbnails(image, truth, found, self.threshold))
            for part, key in wanted.items():
                ranked = self._ranked.setdefault(part, [])
                insort(ranked, (key, self._shown, shot))
                del ranked[self.kept :]

    def shots(self, part: str) -> list[Shot]:
        """Return the shots of "best", "worst" or "false alarms", the most telling first."""
        return [shot for _, _, shot in self._ranked.get(part, [])]

    def _has_room(self, part: str, key: float) -> bool:
        ranked = self._ranked.get(part, [])
        return len(ranked) < self.kept or key < ranked[-1][0]


def render_contact_sheet(gallery: Gallery) -> Pixels:
    """Return the sheet (RGB uint8): picture, truth and map side by side, each with its figures as caption."""
    sections = [
        ("Best: highest F1", gallery.shots("best")),
        ("Worst: lowest F1", gallery.shots("worst")),
        ("False alarms on pristine pictures: largest regions first", gallery.shots("false alarms")),
    ]
    legend = (
        "Picture, truth (white = inpainted), response from 0 (dark) to 1 (yellow) on a fixed scale; "
        f"the white line surrounds what is at or above the threshold {gallery.threshold:.4g}."
    )
    width = _ACROSS * (3 * _SIDE + 4 * _GAP)
    parts = [_title(legend, width), *(_section(title, shots, width) for title, shots in sections)]
    return np.concatenate(parts)


def _thumbnails(
    image: Pixels, truth: Mask, found: Localization, threshold: float
) -> tuple[Pixels, Pixels, Pixels]:
    height, width = truth.shape
    scale = _SIDE / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    colours = colorize(np.clip(_shrink(found.probability, size), 0, 1))
    colours[outline(_shrink(found.mask(threshold).astype(np.float32), size) > 0)] = 255
    blank = np.full((size[1], size[0], 3), _NO_TRUTH, np.uint8)
    white = (_shrink(truth.astype(np.float32), size) * 255).astype(np.uint8)[..., None].repeat(3, axis=2)
    return np.asarray(_shrink(image, size), np.uint8), white if truth.any() else blank, colours


def _shrink(pixels: NDArray[Any], size: tuple[int, int]) -> NDArray[Any]:
    method = cv2.INTER_AREA if size[0] < pixels.shape[1] else cv2.INTER_NEAREST
    return np.asarray(cv2.resize(pixels, size, interpolation=method))


def _section(title: str, shots: Sequence[Shot], width: int) -> Pixels:
    head = _title(f"{title}{'' if shots else ': none'}", width)
    lines = [shots[start : start + _ACROSS] for start in range(0, len(shots), _ACROSS)]
    return np.concatenate([head, *(_line(line, width) for line in lines)])


def _line(shots: Sequence[Shot], width: int) -> Pixels:
    sheet = Image.new("RGB", (width, _SIDE + 2 * _LINE + 2 * _GAP), _GROUND)
    pen = ImageDraw.Draw(sheet)
    for place, shot in enumerate(shots):
        left = place * (width // _ACROSS) + _GAP
        for number, thumbnail in enumerate(shot.thumbnails):
            sheet.paste(Image.fromarray(thumbnail), (left + number * (_SIDE + _GAP), _GAP))
        for number, text in enumerate(_caption(shot.row)):
            place_of_text = (left, _SIDE + _GAP + 2 + number * _LINE)
            pen.text(place_of_text, text, _TEXT, ImageFont.load_default(14))
    return np.array(sheet)


def _caption(row: Row) -> tuple[str, str]:
    place = f"{row.set_name} / {row.name}, {row.width}x{row.height}, {row.variant}"
    if row.kind == "original":
        return place, f"{row.regions} regions on {100 * row.listed:.2f} % of a pristine picture"
    figures = f"F1 {row.f1:.2f}, IoU {row.iou:.2f}, AUC {row.auc:.2f}"
    return place, f"{figures}; hole {100 * row.hole:.1f} %, marked {100 * row.area:.1f} %"


def _title(text: str, width: int) -> Pixels:
    sheet = Image.new("RGB", (width, 2 * _LINE), _GROUND)
    ImageDraw.Draw(sheet).text((_GAP, _LINE // 2), text, _TEXT, ImageFont.load_default(16))
    return np.array(sheet)
