"""One forged sample: a host cut from a photograph, a hole, a fill, and the original's pixels everywhere else.

JPEG history is a shortcut that a net would learn instead of the fill's own traces: photographs were JPEGs,
a fill was not. So a third of the hosts is reduced first (neither side has a history), for a third the fill is
recompressed with the photograph's own tables on its own grid (both sides have it), and a third is left as it
is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from irlnet_core.config import ForgeConfig
from irlnet_core.data.photographs import Photograph, cut
from irlnet_core.errors import ConfigError, DataError
from irlnet_core.forge.engine import Engine, Image, Mask
from irlnet_core.forge.finish import draw_finish, resize, resize_mask
from irlnet_core.forge.innocent import make_otherwise
from irlnet_core.forge.jpeg import JpegHistory, history_of_quality, recompress
from irlnet_core.forge.masks import draw_mask
from irlnet_core.forge.operations import apply_random

_HOST_PROCESSED = 0.25
_MATCHED = 1 / 3
_RESIZED = 0.3  # share of the finished samples that are also resized
_ALONE = 0.25  # share of the samples without surroundings, where the recipe asks for some
_LEAST_WINDOW = 0.75  # of a crop's side
_LARGE = 0.40, 0.85  # of the picture


@dataclass(frozen=True)
class Sample:
    """A picture (uint8, H x W x 3), its true mask (bool, H x W), the pristine twin, and how it was made.

    Unless ``finish`` names a post-processing, ``image`` equals ``original`` at every pixel outside ``mask``.
    """

    image: Image
    mask: Mask
    original: Image
    engine: str
    history: str
    finish: str


@dataclass(frozen=True)
class Host:
    """A piece of a photograph and what is known of its coding: tables and grid phase, when it keeps them."""

    pixels: Image
    jpeg: JpegHistory | None
    phase: tuple[int, int]
    history: str


class Forge:
    """Makes samples from photographs; sample number ``index`` is the same on every run with the same seed."""

    def __init__(
        self, photographs: list[Photograph], engines: dict[str, Engine], config: ForgeConfig, *, seed: int = 0
    ) -> None:
        if seed < 0:
            raise ConfigError(f"seed = {seed} must be 0 or more.")
        if not photographs:
            raise DataError("there are no photographs to forge from.")
        missing = sorted(set(config.engines) - set(engines))
        if missing:
            raise DataError(f"the engine {missing[0]!r} was not loaded.")
        self.photographs, self.engines, self.config, self.seed = photographs, engines, config, seed
        shares = np.array([config.engines[name] for name in config.engines], float)
        self._names, self._shares = list(config.engines), shares / shares.sum()

    def make(self, index: int, size: int) -> Sample:
        """Return sample number ``index``: a square of ``size`` pixels, or up to ``config.picture``."""
        rng = np.random.default_rng((self.seed, index))
        scale = self._draw_scale(rng)
        least = round(size / scale)
        host = self._draw_host(least, max(least, round(self._draw_side(size, rng) / scale)), rng)
        if rng.random() < self.config.pristine:
            image, mask, engine = self._process_pristine(host, rng)
            original = image
        else:
            image, mask, engine = self._forge(host, least, rng)
            original = host.pixels
        side = size if len(host.pixels) == least else round(len(host.pixels) * scale)
        return self._finish(image, mask, original, engine, host.history, side, rng)

    def _draw_side(self, size: int, rng: np.random.Generator) -> int:
        if self.config.picture <= size or rng.random() < _ALONE:
            return size
        return int(rng.integers(size, self.config.picture + 1))

    def _draw_scale(self, rng: np.random.Generator) -> float:
        resized = rng.random() < self.config.postprocess * _RESIZED
        return float(np.exp(rng.uniform(np.log(0.6), np.log(1.5)))) if resized else 1.0

    def _draw_host(self, least: int, side: int, rng: np.random.Generator) -> Host:
        """Cut a square of ``side`` pixels, or of less where the photograph is small: at least ``least``."""
        photo = self.photographs[int(rng.integers(len(self.photographs)))]
        pixels, jpeg = photo.read()
        history = str(rng.choice(("reduced", "matched", "kept"), p=np.array(self.config.history)))
        host = self._cut_host(pixels, jpeg, least, side, history, rng)
        if self.config.innocent and rng.random() < self.config.innocent:
            host = Host(make_otherwise(host.pixels, rng), None, (0, 0), "made otherwise")
        if rng.random() < self.config.host_jpeg:
            return self._code_host(host, rng)
        return host

    def _cut_host(
        self,
        pixels: Image,
        jpeg: JpegHistory | None,
        least: int,
        side: int,
        history: str,
        rng: np.random.Generator,
    ) -> Host:
        room = min(pixels.shape[:2])
        if room < least:
            pixels = resize(pixels, *(max(least, round(n * least / room)) for n in pixels.shape[:2]))
            return Host(cut(pixels, (least, least), rng)[0], None, (0, 0), "enlarged")
        if history == "reduced" and room > 1.25 * least:
            factor = rng.uniform(0.3, 0.75)
            side = max(least, min(side, round(room * factor)))
            source = min(round(side / factor), room)
            piece, _ = cut(pixels, (source, source), rng)
            return Host(self._maybe_process(resize(piece, side, side), rng), None, (0, 0), "reduced")
        side = min(side, room)
        piece, offset = cut(pixels, (side, side), rng)
        if history == "kept" and rng.random() < _HOST_PROCESSED:
            return Host(apply_random(piece, rng), None, (0, 0), "processed")
        matched = history == "matched" and jpeg is not None
        return Host(piece, jpeg if matched else None, offset, "matched" if matched else "kept")

    def _code_host(self, host: Host, rng: np.random.Generator) -> Host:
        """Give a host a JPEG history of its own, as web pictures have; a third of the fills match."""
        history, phase = _draw_jpeg(rng)
        matched = rng.random() < _MATCHED
        pixels = recompress(host.pixels, history, phase)
        return Host(pixels, history if matched else None, phase, "coded, matched" if matched else "coded")

    def _maybe_process(self, image: Image, rng: np.random.Generator) -> Image:
        return apply_random(image, rng) if rng.random() < _HOST_PROCESSED else image

    def _process_pristine(self, host: Host, rng: np.random.Generator) -> tuple[Image, Mask, str]:
        """An innocent sample: as it is, or processed or round-tripped as a whole."""
        nothing = np.zeros(host.pixels.shape[:2], bool)
        if rng.random() >= self.config.processed_pristine:
            return host.pixels, nothing, "none"
        if rng.random() < 0.7:
            return apply_random(host.pixels, rng), nothing, "processing"
        engine = self.engines[str(rng.choice(self._names, p=self._shares))]
        try:
            whole = (
                engine.fill(host.pixels, ~nothing, rng, reconstruct=True) if _round_trips(engine) else None
            )
        except DataError:  # an inpainter, which has nothing around the hole to fill it from
            whole = None
        if whole is None:
            return apply_random(host.pixels, rng), nothing, "processing"
        return whole, nothing, f"{engine.name} over all"

    def _forge(self, host: Host, least: int, rng: np.random.Generator) -> tuple[Image, Mask, str]:
        """Fill a hole in a window of the host, whose size is drawn too: holes of every size, at one price."""
        if self.config.large_holes and rng.random() < self.config.large_holes:
            return self._fill(host, rng, *_LARGE)
        rows, columns = _draw_window(len(host.pixels), least, rng)
        phase = ((host.phase[0] + rows.start) % 16, (host.phase[1] + columns.start) % 16)
        part = Host(host.pixels[rows, columns], host.jpeg, phase, host.history)
        filled, hole, engine = self._fill(part, rng, self.config.hole_min, self.config.hole_max)
        image, mask = host.pixels.copy(), np.zeros(host.pixels.shape[:2], bool)
        image[rows, columns], mask[rows, columns] = filled, hole
        return image, mask, engine

    def _fill(
        self, host: Host, rng: np.random.Generator, hole_min: float, hole_max: float
    ) -> tuple[Image, Mask, str]:
        mask = draw_mask(rng, *host.pixels.shape[:2], hole_min=hole_min, hole_max=hole_max)
        engine = self.engines[str(rng.choice(self._names, p=self._shares))]
        reconstruct = bool(rng.random() < self.config.reconstruction)
        filled = engine.fill(host.pixels, mask, rng, reconstruct=reconstruct)
        if host.jpeg is not None:
            filled = recompress(compose(host.pixels, filled, mask), host.jpeg, host.phase)
        elif self.config.fill_jpeg and rng.random() < self.config.fill_jpeg:
            filled = recompress(compose(host.pixels, filled, mask), *_draw_jpeg(rng))
        return compose(host.pixels, filled, mask), mask, engine.name

    def _finish(
        self,
        image: Image,
        mask: Mask,
        original: Image,
        engine: str,
        history: str,
        size: int,
        rng: np.random.Generator,
    ) -> Sample:
        names = []
        if image.shape[0] != size:
            names.append(f"resize x{size / image.shape[0]:.2f}")
            image, original = resize(image, size, size), resize(original, size, size)
            mask = resize_mask(mask, size, size)
        if rng.random() < self.config.postprocess:
            finish = draw_finish(rng)
            names.append("recoded or filtered")
            image, original = finish(image), finish(original)
        return Sample(image, mask, original, engine, history, " + ".join(names))


def compose(original: Image, filled: Image, mask: Mask) -> Image:
    """Return ``filled`` inside the mask and ``original``, to the bit, everywhere else."""
    return np.where(mask[..., None], filled, original)


def _draw_window(side: int, least: int, rng: np.random.Generator) -> tuple[slice, slice]:
    """Draw where in a square picture the hole will be: all of it where it has no surroundings."""
    if side == least:
        return slice(0, side), slice(0, side)
    window = round(math.exp(rng.uniform(math.log(_LEAST_WINDOW * least), math.log(side))))
    top, left = (int(start) for start in rng.integers(0, side - window + 1, 2))
    return slice(top, top + window), slice(left, left + window)


def _draw_jpeg(rng: np.random.Generator) -> tuple[JpegHistory, tuple[int, int]]:
    """Draw the tables and the grid phase of a JPEG as pictures on the web have them."""
    history = history_of_quality(int(rng.integers(60, 96)), int(rng.choice((0, 2), p=(0.3, 0.7))))
    return history, (int(rng.integers(16)), int(rng.integers(16)))


def _round_trips(engine: Engine) -> bool:
    return engine.name not in ("telea", "navier-stokes", "exemplar")
