"""What is measured on a whole picture, beside its pixels: traces of coding, enlarging, noise; by cell."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from irlnet_core.model import clipping, grid_traces, noise_statistics
from irlnet_core.model.grid_traces import GridTraces
from irlnet_core.model.grid_votes import count_zeros

CHANNELS = 2 * (grid_traces.COUNT + noise_statistics.COUNT + clipping.COUNT)
# What brings the statistics' spread over photographs to about 1.
_SPREADS = (1.5, 0.5, 0.5, 0.2, 0.2, 0.5)
_CLIPPED_SPREAD = 0.2


class PictureTraces(nn.Module):
    """Measure pictures: RGB in 0..1, (N, 3, H, W) → float32 (N, 44, ceil H/8, ceil W/8).

    The grid's 14 traces, the same less the picture's median, then the six statistics of noise and the two
    shares of clipped pixels likewise. The median is what is usual in this picture. No parameters, no
    gradient; always float32.
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
        """Return the traces (44, h, w) of one picture of any size, uint8 H x W x 3.

        ``between`` is called now and then; what it raises ends the measuring.
        """
        votes = torch.from_numpy(count_zeros(pixels, between)).to(self.grid.device)
        noise = torch.from_numpy(noise_statistics.noise_statistics(pixels, between)).to(self.grid.device)
        with torch.autocast(votes.device.type, enabled=False):
            parts = (
                self.grid(votes[None])[0],
                noise / noise.new_tensor(_SPREADS)[:, None, None],
                torch.from_numpy(clipping.clipped_shares(pixels)).to(self.grid.device) / _CLIPPED_SPREAD,
            )
            return torch.cat([torch.cat([part, part - _median(part)]) for part in parts])


def _median(cells: Tensor) -> Tensor:
    return cells.flatten(1).median(dim=1).values[:, None, None]
