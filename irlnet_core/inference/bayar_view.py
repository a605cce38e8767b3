"""The model's own noise view: what its Bayar layer passes on of a picture. Torch is loaded on use."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.views.view import Layer, View, cut_strips, not_run
from irlnet_core.model.locate import find_model
from irlnet_core.progress import Event, Progress

if TYPE_CHECKING:
    from irlnet_core.model.bayar import BayarConv2d

GAIN = 6
_GREY = (0.299, 0.587, 0.114)  # ITU-R BT.601, for a layer that sees one channel


def make_bayar_view(image: SuspectImage, model: str | Path | None = None) -> Generator[Event, None, View]:
    """Show the Bayar layer's residual of a picture, a colour per output; without that layer it is not run.

    ``model`` is a name or a folder, None = the default one. Raises :class:`ModelError`.
    """
    yield Progress("loading", 0, 0)
    from irlnet_core.model.bayar import BayarConv2d
    from irlnet_core.model.checkpoint import load_model

    loaded = load_model(find_model(model))
    layer = next((module for module in loaded.net.modules() if isinstance(module, BayarConv2d)), None)
    if layer is None:
        return not_run(f"the model {loaded.card.name} has no such layer.")
    residual = yield from bayar_residual(layer, image.pixels)
    return View(
        "found",
        (Layer("The model's residual", residual, "pick"),),
        f"The first Bayar layer of {loaded.card.name} × {GAIN}; grey = no residual.",
        parameters={"model": loaded.card.name, "weights_sha256": loaded.sha256, "gain": GAIN},
    )


def bayar_residual(
    layer: BayarConv2d, pixels: NDArray[np.uint8], *, gain: float = GAIN
) -> Generator[Event, None, NDArray[np.uint8]]:
    """Return 128 + ``gain`` x the layer's first three outputs for RGB uint8 HxWx3, as uint8 HxWx3.

    The layer sees what it sees in the network: values 0..1, the border replicated. Strips change nothing.
    """
    height, width = pixels.shape[:2]
    margin = layer.kernel_size[0] // 2
    residual = np.empty((height, width, 3), np.uint8)
    for rows in cut_strips(height, width):
        first, last = max(0, rows.start - margin), min(height, rows.stop + margin)
        answer = _answer(layer, pixels[first:last])[rows.start - first : rows.stop - first]
        residual[rows] = np.clip(np.rint(128 + 255 * gain * answer), 0, 255)
        yield Progress("the model's residual", rows.stop, height)
    return residual


def _answer(layer: BayarConv2d, pixels: NDArray[np.uint8]) -> NDArray[Any]:
    import torch

    with torch.inference_mode():
        image = torch.tensor(pixels).permute(2, 0, 1)[None].float() / 255
        if layer.in_channels == 1:
            image = (image * image.new_tensor(_GREY).view(3, 1, 1)).sum(1, keepdim=True)
        answer = layer(image)[0, :3]
        return np.asarray(answer.expand(3, *answer.shape[1:]).permute(1, 2, 0).numpy())
