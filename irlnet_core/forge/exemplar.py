"""A fill made of the picture's own patches: exemplar-based inpainting, coarse to fine."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from irlnet_core.errors import DataError
from irlnet_core.forge.diffusion import fill_diffusion

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Places = NDArray[np.int64]

_RADIUS = 3  # patches of 7x7
_SIDE = 2 * _RADIUS + 1
_STRIDE = 2  # only every second row and column of patches is matched
_PAD = 4  # mirrored border, so that patches cover the hole's pixels at the border too
_COARSEST_SIDE = 20
_DEEPEST_HOLE = 5  # pixels from the hole's middle to its border at which the coarsest level is reached
_FEWEST_SOURCES = 40
_FIRST_ROUNDS, _ROUNDS = 8, 3
_RANDOM_TRIES = 4
_NEIGHBOURS = tuple(np.array(step) * _STRIDE for step in ((0, 1), (1, 0), (0, -1), (-1, 0)))
_SOFT, _SHARP = 2.0, 8.0  # exponents of the votes: a mean while searching, almost the best patch at the end


def fill_exemplar(image: Image, mask: Mask, rng: np.random.Generator) -> Image:
    """Fill the hole ``mask`` of ``image`` with patches from outside the hole, and return the new picture.

    Image RGB uint8 HxWx3, mask bool HxW; pixels outside the mask are returned unchanged; the same generator
    state gives the same fill. Where no 7x7 patch lies wholly outside the hole, Telea's method steps in.
    Raises :class:`DataError` when picture and mask differ in size, or nothing lies outside the hole.

    Source: Wexler, Shechtman & Irani 2007 (coarse to fine, voting) with the search of Barnes et al. 2009
    (PatchMatch: propagation and random search), run for all patches at once.
    """
    if image.shape != (*mask.shape, 3):
        raise DataError(f"a picture of shape {image.shape} cannot be filled by a mask of shape {mask.shape}.")
    if not mask.any():
        return image.copy()
    filled: Image = fill_diffusion(image, mask)
    matches: _Matches | None = None
    for level_image, level_mask in reversed(_build_pyramid(image, mask)):
        rounds = _ROUNDS if matches else _FIRST_ROUNDS
        matches = _Matches(level_image, level_mask, rng, coarser=matches)
        for _ in range(rounds):
            matches.search()
            matches.vote(_SOFT)
        filled = matches.vote(_SHARP)
    return np.where(mask[..., None], filled, image)


def _build_pyramid(image: Image, mask: Mask) -> list[tuple[Image, Mask]]:
    """Return (picture, hole) from fine to coarse as long as there are sources; empty when there are none."""
    levels: list[tuple[Image, Mask]] = []
    while np.count_nonzero(_find_sources(mask)) >= (_FEWEST_SOURCES if levels else 1):
        levels.append((image, mask))
        depth = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 3).max()
        if min(mask.shape) < 2 * _COARSEST_SIDE or depth <= _DEEPEST_HOLE:
            break
        image, mask = _halve(image, mask)
    return levels


def _find_sources(mask: Mask) -> Mask:
    """Mark the centres of patches that lie inside the picture and outside the hole."""
    kernel = np.ones((_SIDE, _SIDE), np.uint8)
    free = cv2.erode((~mask).astype(np.uint8), kernel, borderType=cv2.BORDER_CONSTANT, borderValue=0)
    return free.astype(bool)


def _halve(image: Image, mask: Mask) -> tuple[Image, Mask]:
    """Average the known pixels of each 2x2 cell; a cell with fewer than two of them becomes hole."""
    known = (~mask).astype(np.float32)
    size = ((mask.shape[1] + 1) // 2, (mask.shape[0] + 1) // 2)
    share = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
    light = cv2.resize(image * known[..., None], size, interpolation=cv2.INTER_AREA)
    mean = light / np.maximum(share, 1e-6)[..., None]
    return np.round(np.clip(mean, 0, 255)).astype(np.uint8), share < 0.49


class _Matches:
    """The nearest-neighbour field of one level: for each patch that touches the hole, the best source.

    All places are (row, column) of patch centres in the padded picture. Targets stand on every second row and
    column of it.
    """

    def __init__(self, image: Image, mask: Mask, rng: np.random.Generator, coarser: _Matches | None) -> None:
        self._rng = rng
        self._hole = _pad(mask.astype(np.uint8)).astype(bool)
        self._is_source = np.pad(_find_sources(mask), _PAD)
        self._all_sources: Places = np.argwhere(self._is_source)
        self._targets, self._numbers = self._find_targets()
        self._destinations = self._pixels_of(self._targets)
        self._trust = self._trust_of_targets()
        self._image = _pad(image if coarser else fill_diffusion(image, mask))
        self._sources = self._random_sources() if coarser is None else self._inherit(coarser)
        self._costs = np.ones(len(self._targets))
        if coarser is not None:
            self.vote(_SOFT)

    def search(self) -> None:
        """Improve every match once: try the shifted matches of four neighbours, then random places."""
        self._costs = self._cost(np.arange(len(self._targets)), self._sources)
        for step in _NEIGHBOURS:
            neighbour = self._numbers[tuple((self._targets + step).T)]
            self._try(self._sources[neighbour] - step, neighbour >= 0)
        reach = max(self._hole.shape)
        for _ in range(_RANDOM_TRIES):
            radius = np.exp(self._rng.uniform(0, np.log(reach), size=(len(self._targets), 1)))
            jump = radius * self._rng.uniform(-1, 1, size=(len(self._targets), 2))
            self._try(self._sources + np.round(jump).astype(np.int64), np.True_)

    def vote(self, sharpness: float) -> Image:
        """Set each pixel of the hole to the weighted mean of the patches over it; return the picture."""
        patches = self._read_patches(self._sources)
        weights = self._trust * (self._costs + 1.0) ** -sharpness
        places = self._destinations.ravel()
        spread = np.repeat(weights, _SIDE * _SIDE)
        total = np.bincount(places, spread, self._hole.size)
        hole = np.flatnonzero(self._hole & (total > 0).reshape(self._hole.shape))
        flat = self._image.reshape(-1, 3)
        for channel in range(3):
            light = np.bincount(places, spread * patches[:, channel::3].ravel(), self._hole.size)
            flat[hole, channel] = np.round(light[hole] / total[hole]).astype(np.uint8)
        inner = self._image[_PAD:-_PAD, _PAD:-_PAD].copy()
        self._image = _pad(inner)
        return inner

    def _find_targets(self) -> tuple[Places, Places]:
        """Return the centres of patches that touch the hole, and a map from place to their number (or -1)."""
        touched = cv2.dilate(self._hole.astype(np.uint8), np.ones((_SIDE, _SIDE), np.uint8))
        height, width = touched.shape
        inner = touched[_PAD : height - _RADIUS : _STRIDE, _PAD : width - _RADIUS : _STRIDE]
        targets: Places = np.argwhere(inner) * _STRIDE + _PAD
        numbers = np.full(touched.shape, -1, np.int64)
        numbers[tuple(targets.T)] = np.arange(len(targets))
        return targets, numbers

    def _trust_of_targets(self) -> NDArray[np.float64]:
        """Patches deep in the hole know less of the picture and have less to say."""
        depth = cv2.distanceTransform(self._hole.astype(np.uint8), cv2.DIST_L2, 3)
        return np.asarray(1.3 ** -depth[tuple(self._targets.T)].astype(np.float64))

    def _inherit(self, coarser: _Matches) -> Places:
        """Double the matches of the coarser level; where they point nowhere, take random ones."""
        parents = ((self._targets - _PAD) // 2 + _PAD) // _STRIDE * _STRIDE
        numbers = coarser._numbers[tuple(parents.T)]
        moved = (coarser._sources[numbers] - parents) * 2 + self._targets
        usable = (numbers >= 0) & self._allowed(moved)
        return np.where(usable[:, None], moved, self._random_sources())

    def _random_sources(self) -> Places:
        return self._all_sources[self._rng.integers(len(self._all_sources), size=len(self._targets))]

    def _allowed(self, places: Places) -> Mask:
        inside = np.all((places >= 0) & (places < self._hole.shape), axis=1)
        clipped = np.clip(places, 0, np.array(self._hole.shape) - 1)
        return np.asarray(inside & self._is_source[tuple(clipped.T)])

    def _try(self, candidates: Places, eligible: NDArray[np.bool_] | np.bool_) -> None:
        chosen = np.flatnonzero(eligible & self._allowed(candidates))
        costs = self._cost(chosen, candidates[chosen])
        better = costs < self._costs[chosen]
        self._sources[chosen[better]] = candidates[chosen[better]]
        self._costs[chosen[better]] = costs[better]

    def _cost(self, targets: Places, sources: Places) -> NDArray[np.float64]:
        """Sum of squared differences between target patches (by number) and source patches (by place)."""
        ours = self._read_patches(self._targets[targets])
        gap = ours.astype(np.int16) - self._read_patches(sources)
        gap32 = gap.astype(np.float32)
        return np.asarray(np.einsum("ij,ij->i", gap32, gap32), np.float64)

    def _read_patches(self, places: Places) -> Image:
        """Return the patches around ``places`` as rows of 147 bytes (pixel by pixel, RGB)."""
        # Each patch is seven runs of 21 bytes: seen as overlapping 21-byte items, numpy copies whole runs.
        runs = np.ndarray((self._hole.size - _SIDE + 1,), f"V{3 * _SIDE}", self._image, strides=(3,))
        starts = (
            (places[:, :1] + np.arange(-_RADIUS, _RADIUS + 1)) * self._hole.shape[1] + places[:, 1:] - _RADIUS
        )
        return np.asarray(runs[starts].view(np.uint8).reshape(len(places), 3 * _SIDE * _SIDE))

    def _pixels_of(self, places: Places) -> Places:
        """Return the flat index of each pixel of each patch, (patches, 49)."""
        offsets = np.arange(-_RADIUS, _RADIUS + 1)
        around = (offsets[:, None] * self._hole.shape[1] + offsets).ravel()
        return np.asarray((places[:, 0] * self._hole.shape[1] + places[:, 1])[:, None] + around)


def _pad(picture: Image) -> Image:
    padded = cv2.copyMakeBorder(picture, _PAD, _PAD, _PAD, _PAD, cv2.BORDER_REFLECT)
    return np.ascontiguousarray(padded, np.uint8)
