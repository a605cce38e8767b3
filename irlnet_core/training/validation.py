"""Scores on a fixed set of samples while a network trains."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from irlnet_core.data.dataset import to_input
from irlnet_core.errors import DataError
from irlnet_core.training.metrics import area_under_curve, count

_FALSE_ALARM = 0.005  # share of a pristine crop above 0.5 that makes it a false alarm


def validate(
    net: nn.Module, samples: Iterable[tuple[Tensor, ...]], device: torch.device, *, bfloat16: bool
) -> dict[str, float]:
    """Return mean scores at threshold 0.5: ``mean_iou``, ``f1``, ``auc`` on forged samples, ``false_alarms``.

    ``samples`` are uint8 (3, H, W) pictures, (1, H, W) masks and, for a network that takes them, the traces
    of the whole pictures; mean IoU is over all of them, the paper's measure.
    """
    was_training = net.training
    net.eval()
    rows: list[tuple[float, float, float, float]] = []
    for image, mask, *traces in samples:
        beside = [tensor[None] for tensor in traces]
        response = respond(net, image[None], device, *beside, bfloat16=bfloat16)[0, 0]
        truth = mask[0].numpy().astype(bool)
        found = count(response >= 0.5, truth)
        if truth.any():
            rows.append((found.mean_iou, found.f1, area_under_curve(response, truth), np.nan))
        else:
            alarm = float((response >= 0.5).mean() > _FALSE_ALARM)
            rows.append((found.mean_iou, np.nan, np.nan, alarm))
    net.train(was_training)
    table = np.array(rows)
    names = ("mean_iou", "f1", "auc", "false_alarms")
    columns = (column[np.isfinite(column)] for column in table.T)
    return {name: float(c.mean()) if c.size else 0.0 for name, c in zip(names, columns, strict=True)}


class TracesAlone(nn.Module):
    """A network's trace stream answering by itself, called as the whole network is."""

    def __init__(self, net: nn.Module) -> None:
        super().__init__()
        self.net = net

    def forward(self, _image: Tensor, traces: Tensor) -> Tensor:
        logits: Tensor = self.net.trace_logits(traces)  # type: ignore[operator]
        return logits


@torch.inference_mode()
def respond(
    net: nn.Module, images: Tensor, device: torch.device, *traces: Tensor, bfloat16: bool
) -> np.ndarray:
    """Return the response (float32, 0..1) of a network to a uint8 batch, (N, 3, H, W) → (N, 1, H, W).

    Without ``traces`` a network that takes them measures the batch itself. Raises :class:`DataError` when a
    response is no number.
    """
    with torch.autocast(device.type, torch.bfloat16, enabled=bfloat16):
        logits = net(to_input(images, device), *(tensor.to(device) for tensor in traces))
    response: np.ndarray = torch.sigmoid(logits.float()).cpu().numpy()
    if not np.isfinite(response).all():
        raise DataError(
            "The network's response is no longer finite; the best model so far is kept.",
            cure="Use a smaller learning rate or float32.",
        )
    return response


@torch.inference_mode()
def respond_to_traces(net: nn.Module, traces: NDArray[np.float16], shape: tuple[int, int]) -> np.ndarray:
    """Return the response (float32, H x W as ``shape`` says) of a network's trace stream alone, in bfloat16.

    ``traces`` (C, ceil H/8, ceil W/8) are a whole picture's, as kept folders hold them; on the CPU.
    """
    batch = torch.from_numpy(traces.astype(np.float32))[None].contiguous(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16):
        logits = TracesAlone(net)(batch, batch)
    response: np.ndarray = torch.sigmoid(logits.float())[0, 0, : shape[0], : shape[1]].numpy()
    return response
