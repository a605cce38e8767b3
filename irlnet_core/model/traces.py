"""What is measured on a whole picture, beside its pixels: traces of coding, enlarging, noise; by cell."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from irlnet_core.model import (
    clipping,
    cooccurrence,
    expectation,
    grid_traces,
    noise_statistics,
    residual_shape,
    rhythm,
    spectrum,
)
from irlnet_core.model.grid_traces import GridTraces
from irlnet_core.model.grid_votes import count_zeros

_COUNTS = (
    grid_traces.COUNT,
    noise_statistics.COUNT,
    clipping.COUNT,
    spectrum.COUNT,
    cooccurrence.COUNT,
    rhythm.COUNT,
    residual_shape.COUNT,
    cooccurrence.COUNT,
)
_CHROMA = cooccurrence.CHROMA_COUNT
# The channels of each kind: as measured, less the median, less what is usual; then what that depends on; then
# each kind again, less what is usual, by how far such places are off it; at last how far to trust that.
_FIRST = (*(3 * count for count in _COUNTS), expectation.COUNT, *_COUNTS, *(1,) * expectation.TRUST_COUNT)
KINDS = (*_FIRST, 3 * _CHROMA, _CHROMA)  # the sequences of the colours came last
CHANNELS = sum(KINDS)
WITHOUT_CHROMA = sum(_FIRST)
_MOST = 10.0  # usual traces are about 1; what flat or synthetic areas give is cut here
_SPECTRUM = 3  # its place among the kinds
# What brings the spread over photographs to about 1, of each kind after the grid's.
_SPREADS = ((1.5, 0.5, 0.5, 0.2, 0.2, 0.5), (0.2,), (2.0,), (0.07,), (2.0,), (1.0,), (0.07,), (0.07,))


class PictureTraces(nn.Module):
    """Measure pictures: RGB in 0..1, (N, 3, H, W) → float32 (N, 793, ceil H/8, ceil W/8), or 593 of them.

    The grid's 14 traces, the same less the picture's median, and the same less what is usual in this picture
    at a place of such brightness, colour and coarse texture (:mod:`irlnet_core.model.expectation`). Then
    likewise six statistics of noise, two shares of clipped pixels, 47 energies of frequencies, 25 shares of
    sequences, 18 powers of rhythms, ten shapes of residuals and 25 shares of relative sequences; then
    brightness and colour. Then all 147 again: less what is usual, divided by how far such places are off it
    in this picture; then how unlike the others a place looks, and how far off it is altogether. At last the
    50 shares of sequences of the colours, likewise in four ways, unless without ``chroma``; the others are
    the same with and without. No parameters, no gradient; always float32.
    """

    def __init__(self, *, chroma: bool = True) -> None:
        super().__init__()
        self.grid = GridTraces()
        self.channels = CHANNELS if chroma else WITHOUT_CHROMA

    @torch.no_grad()
    def forward(self, image: Tensor) -> Tensor:
        pixels = (255 * image.float()).round().byte().permute(0, 2, 3, 1).cpu().numpy()
        pictures = [self.of_picture(np.ascontiguousarray(picture)) for picture in pixels]
        return torch.stack(pictures).to(image.device)

    @torch.no_grad()
    def of_picture(self, pixels: NDArray[np.uint8], between: Callable[[], None] | None = None) -> Tensor:
        """Return the traces (793 or 593, h, w) of one picture of any size, uint8 H x W x 3.

        ``between`` is called now and then; what it raises ends the measuring.
        """
        votes, light, *measured = _measure(pixels, between, chroma=self.channels == CHANNELS)
        device = self.grid.device
        with torch.autocast(device.type, enabled=False):
            grid = self.grid(torch.from_numpy(votes)[None].to(device))[0].cpu().numpy()
        kinds = [grid, *(_scale(*pair) for pair in zip(measured, _SPREADS[: len(measured)], strict=True))]
        texture = spectrum.coarse_texture(kinds[_SPECTRUM])
        traces = np.empty((*grid.shape[1:], self.channels), np.float32)  # in the order that convolutions like
        _write(kinds, light, expectation.describe(light, texture), traces)
        np.clip(traces, -_MOST, _MOST, out=traces)
        return torch.from_numpy(traces).to(device).permute(2, 0, 1)


def _measure(
    pixels: NDArray[np.uint8], between: Callable[[], None] | None, *, chroma: bool
) -> list[NDArray[Any]]:
    """Measure a picture in every way, as many ways at once as torch has threads."""
    ways: list[Callable[[], NDArray[Any]]] = [
        lambda: count_zeros(pixels, between),
        lambda: expectation.lights(pixels, between),
        lambda: noise_statistics.noise_statistics(pixels, between),
        lambda: clipping.clipped_shares(pixels),
        lambda: spectrum.band_energies(pixels, between),
        lambda: cooccurrence.cooccurrences(pixels, between),
        lambda: rhythm.rhythms(pixels, between),
        lambda: residual_shape.residual_shapes(pixels, between),
        lambda: cooccurrence.relative_cooccurrences(pixels, between),
    ]
    if chroma:
        ways.append(lambda: cooccurrence.chroma_cooccurrences(pixels, between))
    with ThreadPoolExecutor(torch.get_num_threads()) as pool:
        return list(pool.map(lambda way: way(), ways))


def _scale(values: NDArray[Any], spread: tuple[float, ...]) -> NDArray[np.float32]:
    return np.asarray(values / np.reshape(spread, (-1, 1, 1)), np.float32)


def _write(
    kinds: list[NDArray[np.float32]],
    light: NDArray[np.float32],
    terms: NDArray[np.float32],
    traces: NDArray[np.float32],
) -> None:
    """Write each kind of traces as it is, less its median, and less what the terms explain; then the rest."""
    step = -(-len(terms) // expectation.MOST)
    chosen = [kind.reshape(len(kind), -1)[:, ::step] for kind in kinds]
    total = sum(_COUNTS)
    usual = expectation.explain(np.concatenate(chosen), terms[::step], total)
    shape, again = light.shape[1:], 3 * total + len(light)
    traces[..., 3 * total : again] = light.transpose(1, 2, 0)
    distances = np.zeros(len(terms), np.float32)
    first = 0
    for kind in kinds:
        count, which = len(kind), slice(first, first + len(kind))
        judges = first < total  # the colours' sequences came last, and have no say in how far a place is off
        at = 3 * first if judges else WITHOUT_CHROMA
        divided = again + first if judges else at + 3 * count
        values = kind.transpose(1, 2, 0)
        off = values - (terms @ usual.mean[:, which]).reshape(values.shape)
        traces[..., at : at + count] = values
        traces[..., at + count : at + 2 * count] = values - np.median(kind, axis=(1, 2))
        traces[..., at + 2 * count : at + 3 * count] = off
        off = off.reshape(-1, count)
        traces[..., divided : divided + count] = usual.standardize(off, terms, which).reshape(values.shape)
        if judges:
            distances += usual.squared_distance(off, which)
        first += count
    trusted = slice(again + total, WITHOUT_CHROMA)
    traces[..., trusted] = usual.trust(distances, terms).T.reshape(*shape, -1)
