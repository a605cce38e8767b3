"""IRL-Net: the inpainted region localization network (Daryani et al., "IRL-Net", IEEE Access)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

from irlnet_core.config import ModelConfig
from irlnet_core.errors import ModelError
from irlnet_core.model.bayar import BayarConv2d
from irlnet_core.model.blocks import scaled
from irlnet_core.model.decoder import Decoder
from irlnet_core.model.encoder import Encoder
from irlnet_core.model.enhancement import EarlyFusion, MiddleFusion, make_branches
from irlnet_core.model.trace_stream import TraceStream, trace_channels

_STRIDE = 8


class IRLNet(nn.Module):
    """Mark the inpainted pixels of a picture: RGB in 0..1, (N, 3, H, W) → logits, (N, 1, H, W).

    ``IRLNet(ModelConfig())`` is the paper's network: 13,536,599 parameters, 74.98 GFLOP of convolutions and
    4.83 of attention at 256x256 (a multiply-add counts 2; 8.59 with the zeros that our kernel adds). The
    authors' published program has 13,536,598: it creates the attention's scalar alpha outside the model, so
    that its attention never acts; ours is a parameter. Sides that are no multiple of 8 are padded by
    replication inside and cut off again.

    With ``config.traces`` it also looks at traces (:mod:`irlnet_core.model.traces`), which are measured on
    the picture given, or on a larger one by the caller: ``traces``, (N, 793, H/8, W/8). ``read`` are instead
    their part of the trace stream's features, computed from a whole picture's traces at once.
    """

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        three_scales = 3 * scaled(32, config.width)
        deep, quarter = scaled(256, config.width), scaled(128, config.width)
        branches = 2 if config.fusion == "late" else 1
        if config.fusion == "late":
            self.enhancements = make_branches(config.width)
        elif config.fusion == "middle":
            self.enhancements = nn.ModuleList([MiddleFusion(config.width)])
            three_scales *= 2
        else:
            self.enhancements = nn.ModuleList([EarlyFusion(config.width)])
        self.encoders = nn.ModuleList(
            Encoder(three_scales, config.width, config.residual) for _ in range(branches)
        )
        self.traces = TraceStream(config) if config.traces else None
        beside = trace_channels(config)
        self.decoder = Decoder(branches * deep + beside, branches * quarter, config.width, config.attention)

    def forward(self, image: Tensor, traces: Tensor | None = None, read: Tensor | None = None) -> Tensor:
        padded = _pad(image)
        beside = read if self.traces is None or read is not None else self._read(padded, traces)
        logits = self.answer(self.features(padded, beside), beside)
        return logits[..., : image.shape[-2], : image.shape[-1]]

    def answer(self, features: Tensor, beside: Tensor | None) -> Tensor:
        """Return the logits of the decoder's last features, and of the trace stream's, which are added."""
        logits: Tensor = self.decoder.head(features)
        if self.traces is None or beside is None:
            return logits
        return logits.float() + self.traces.logits(beside)

    def trace_logits(self, traces: Tensor) -> Tensor:
        """Return what the trace stream alone answers to traces (N, 793, H/8, W/8): (N, 1, H, W)."""
        if self.traces is None:
            raise ModelError("has no trace stream.", cure="Set traces = true in its recipe's [model] table.")
        return self.traces.logits(self.traces(traces))

    def _read(self, image: Tensor, traces: Tensor | None) -> Tensor:
        stream = self.traces
        read: Tensor = stream(stream.measure(image) if traces is None else traces)  # type: ignore[misc, union-attr]
        return read

    def features(self, image: Tensor, beside: Tensor | None = None) -> Tensor:
        """Return the decoder's last features, (N, 32 * width, H, W); sides are multiples of 8.

        ``beside`` are the trace stream's features.
        """
        encoded = [
            encoder(enhance(image)) for enhance, encoder in zip(self.enhancements, self.encoders, strict=True)
        ]
        quarter = torch.cat([features for features, _ in encoded], dim=1)
        deep = torch.cat([features for _, features in encoded], dim=1)
        if self.traces is not None and beside is not None:
            deep = torch.cat([deep, self.traces.first(beside)], dim=1)
        refined: Tensor = self.decoder.features(deep, quarter)
        return refined

    def project_(self) -> None:
        """Impose the Bayar constraint again: to be called after every optimizer step."""
        for module in self.modules():
            if isinstance(module, BayarConv2d):
                module.project_()


def _pad(image: Tensor) -> Tensor:
    bottom, right = -image.shape[-2] % _STRIDE, -image.shape[-1] % _STRIDE
    return functional.pad(image, (0, right, 0, bottom), mode="replicate") if bottom or right else image
