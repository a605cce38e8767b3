"""Traces of a grid of 8 pixels: where a picture was coded in blocks, or enlarged by a network, and where not.

JPEG sets many DCT coefficients of each 8x8 block to zero, on one grid over the whole picture. A region that
was filled in after coding lacks these zeros; a network that enlarges small feature maps by 2, 4 or 8 leaves a
rhythm of its own. So the zeros around every pixel are counted (:mod:`irlnet_core.model.grid_votes`). Within
5x5 cells of 8x8 pixels their means by phase are expanded in a Fourier series over the phases: its power at
the periods 2, 4 and 8, and how far it agrees in phase with the whole picture, are the traces. They are
measured, not learned.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from irlnet_core.model.grid_votes import CELL

_HALO = 2  # cells on each side over which the counts are averaged
_PERIODS = (2, 4, 8)
COUNT = 2 * (1 + 2 * len(_PERIODS))
_MOST = (63, 126)
_STRIP = 1 << 21  # pixels related at once
# What brings the traces to about 1: over photographs powers and agreements spread by about these amounts.
_SPREADS = (0.14, 0.12, 0.007, 0.016, 0.04, 0.007, 0.01, 0.02, 0.006, 0.017, 0.04, 0.008, 0.01, 0.018)


class GridTraces(nn.Module):
    """Read the grid off counted zeros: uint8 (N, 2, 8 h, 8 w) of whole pictures → float32 (N, 14, h, w).

    For luma and chroma: the share of zeros, then power, then agreement at the periods 2, 4 and 8. No
    parameters, no gradient.
    """

    _real: Tensor
    _imaginary: Tensor
    _period: Tensor
    _most: Tensor
    _spread: Tensor

    def __init__(self) -> None:
        super().__init__()
        real, imaginary, period = _fourier_rows()
        self.register_buffer("_real", real, persistent=False)
        self.register_buffer("_imaginary", imaginary, persistent=False)
        self.register_buffer("_period", period, persistent=False)
        self.register_buffer("_most", torch.tensor(_MOST)[:, None, None], persistent=False)
        self.register_buffer("_spread", torch.tensor(_SPREADS)[:, None, None], persistent=False)

    @property
    def device(self) -> torch.device:
        """The device of its tables."""
        return self._real.device

    @torch.no_grad()
    def forward(self, votes: Tensor) -> Tensor:
        reference = self._spectrum(self._mean_phases(votes))
        own = torch.cat([self._traces(votes, *ends, reference) for ends in _strips(votes)], dim=-2)
        return own / self._spread

    def _mean_phases(self, votes: Tensor) -> Tensor:
        parts = [self._by_phase(votes, *ends).sum((-2, -1), keepdim=True) for ends in _strips(votes)]
        mean: Tensor = torch.stack(parts).sum(0) * CELL * CELL / votes[0, 0].numel()
        return mean

    def _traces(self, votes: Tensor, top: int, end: int, reference: tuple[Tensor, Tensor]) -> Tensor:
        """Return the 14 traces of the rows of cells ``top`` to ``end``."""
        begin, stop = max(0, top - _HALO), min(votes.shape[-2] // CELL, end + _HALO)
        phases = self._by_phase(votes, begin, stop)
        near = functional.avg_pool2d(phases, 2 * _HALO + 1, 1, _HALO, count_include_pad=False)
        near = near[..., top - begin : end - begin, :]
        real, imaginary = self._spectrum(near)
        length = torch.hypot(*reference).clamp(min=1e-6)
        agreement = (real * reference[0] + imaginary * reference[1]) / length
        parts = [near.mean(1, keepdim=True), self._sum(torch.hypot(real, imaginary)), self._sum(agreement)]
        return torch.cat([part.reshape(votes.shape[0], -1, *part.shape[-2:]) for part in parts], dim=1)

    def _by_phase(self, votes: Tensor, top: int, end: int) -> Tensor:
        """Sort rows of cells by the pixels' place in the cell: shares of zeros, (2N, 64, rows, w)."""
        shares = votes[..., top * CELL : end * CELL, :] / self._most
        return functional.pixel_unshuffle(shares.flatten(0, 1)[:, None], CELL)

    def _spectrum(self, phases: Tensor) -> tuple[Tensor, Tensor]:
        return functional.conv2d(phases, self._real), functional.conv2d(phases, self._imaginary)

    def _sum(self, spectrum: Tensor) -> Tensor:
        """Add up a spectrum's frequencies by period: (2N, 63, h, w) → (2N, 3, h, w)."""
        return functional.conv2d(spectrum, self._period)


def _strips(votes: Tensor) -> list[tuple[int, int]]:
    cells = votes.shape[-2] // CELL
    step = max(1, _STRIP // (CELL * votes.shape[-1]))
    return [(top, min(top + step, cells)) for top in range(0, cells, step)]


def _fourier_rows() -> tuple[Tensor, Tensor, Tensor]:
    """Return the 2-D Fourier rows over the phases, real and imaginary, and each frequency's period.

    Two arrays (63, 64, 1, 1) and one (3, 63, 1, 1): 1 where the frequency's period is 2, 4, 8 pixels.
    """
    numbers = torch.arange(CELL * CELL)
    y, x = numbers // CELL, numbers % CELL
    frequencies = numbers[1:, None]
    angle = 2 * math.pi / CELL * ((frequencies // CELL) * y + (frequencies % CELL) * x)
    step = torch.gcd(torch.gcd(frequencies[:, 0] // CELL, frequencies[:, 0] % CELL), torch.tensor(CELL))
    period = torch.stack([(CELL // step == p).float() for p in _PERIODS])
    real, imaginary = torch.cos(angle) / CELL**2, torch.sin(angle) / CELL**2
    return real[..., None, None], imaginary[..., None, None], period[..., None, None]
