"""What is measured on a whole picture, beside its pixels: traces of coding, enlarging, noise; by cell."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from irlnet_core.model import clipping, cooccurrence, grid_traces, noise_statistics, rhythm, spectrum
from irlnet_core.model.grid_traces import GridTraces
from irlnet_core.model.grid_votes import count_zeros

# The channels of each kind of traces: as measured, and less the picture's median.
KINDS = tuple(
    2 * kind.COUNT for kind in (grid_traces, noise_statistics, clipping, spectrum, cooccurrence, rhythm)
)
CHANNELS = sum(KINDS)
# What brings the spread over photographs to about 1, of each kind after the grid's.
_SPREADS = ((1.5, 0.5, 0.5, 0.2, 0.2, 0.5), (0.2,), (2.0,), (0.07,), (2.0,))


class PictureTraces(nn.Module):
    """Measure pictures: RGB in 0..1, (N, 3, H, W) → float32 (N, 224, ceil H/8, ceil W/8).

    The grid's 14 traces, the same less the picture's median, then likewise the six statistics of noise, the
    two shares of clipped pixels, the 47 energies of frequencies, the 25 shares of sequences and the 18 powers
    of rhythms. The median is what is usual in this picture. No parameters, no gradient; always float32.
    """

    def __init__(self) -> None:
        super().__init__()
        self.grid = GridTraces()

    @torch.no_grad()
    def forward(self, image: Tensor) -> Tensor:
        pixels = (255 * image.float()).round().byte().permute(0, 2, 3, 1).cpu().numpy()
        pictures = [self.of_picture(np.ascontiguousarray(picture)) for picture in pixels]
        return torch.stack(pictures).to(image.device)

    @torch.no_grad()
    def of_picture(self, pixels: NDArray[np.uint8], between: Callable[[], None] | None = None) -> Tensor:
        """Return the traces (224, h, w) of one picture of any size, uint8 H x W x 3.

        ``between`` is called now and then; what it raises ends the measuring.
        """
        votes, *measured = _measure(pixels, between)
        device = self.grid.device
        with torch.autocast(device.type, enabled=False):
            grid = self.grid(torch.from_numpy(votes)[None].to(device))[0]
            traces = torch.empty((CHANNELS, *grid.shape[1:]), device=device)
            at = _write(grid, traces, 0)
            for values, spread in zip(measured, _SPREADS, strict=True):
                divisor = torch.tensor(spread, device=device).reshape(-1, 1, 1)
                at = _write(torch.from_numpy(values).to(device) / divisor, traces, at)
            return traces


def _measure(pixels: NDArray[np.uint8], between: Callable[[], None] | None) -> list[NDArray[Any]]:
    """Measure a picture in every way, as many ways at once as torch has threads."""
    ways: tuple[Callable[[], NDArray[Any]], ...] = (
        lambda: count_zeros(pixels, between),
        lambda: noise_statistics.noise_statistics(pixels, between),
        lambda: clipping.clipped_shares(pixels),
        lambda: spectrum.band_energies(pixels, between),
        lambda: cooccurrence.cooccurrences(pixels, between),
        lambda: rhythm.rhythms(pixels, between),
    )
    with ThreadPoolExecutor(torch.get_num_threads()) as pool:
        return list(pool.map(lambda way: way(), ways))


def _write(part: Tensor, traces: Tensor, at: int) -> int:
    """Write a part of the traces, and the same less its median; return where the next begins."""
    count = len(part)
    traces[at : at + count] = part
    traces[at + count : at + 2 * count] = part - _median(part)
    return at + 2 * count


def _median(cells: Tensor) -> Tensor:
    return cells.flatten(1).median(dim=1).values[:, None, None]
