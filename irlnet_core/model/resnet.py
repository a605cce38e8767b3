"""Residual networks (He et al. 2016) whose last stage is dilated instead of strided (Chen et al. 2017)."""

from __future__ import annotations

from torch import Tensor, nn

from irlnet_core.errors import ConfigError
from irlnet_core.model.blocks import scaled

_BLOCKS = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3)}
_FIRST_WITH_BOTTLENECKS = 50
_LAST_DILATIONS = (1, 2, 4)


class DilatedResNet(nn.Module):
    """A ResNet of the given depth without its classifier: (N, 3, H, W) → features at 1/4, 1/8, 1/16 and 1/16.

    ``channels`` holds the four channel counts (256, 512, 1024, 2048 for depth 50 at width 1). The blocks of
    the last stage have dilations 1, 2, 4. Weights start at random; nothing is downloaded.
    Raises :class:`ConfigError` for a depth other than 18, 34, 50, 101.
    """

    def __init__(self, depth: int, width: float = 1.0) -> None:
        super().__init__()
        if depth not in _BLOCKS:
            raise ConfigError(f"model.backbone = {depth} is not one of {', '.join(map(str, _BLOCKS))}.")
        base = scaled(64, width)
        expansion = 4 if depth >= _FIRST_WITH_BOTTLENECKS else 1
        self.channels = tuple(base * 2**stage * expansion for stage in range(4))
        self.stem = nn.Sequential(_convolution(3, base, 7, stride=2), nn.ReLU(), nn.MaxPool2d(3, 2, 1))
        self.stages = nn.ModuleList()
        incoming = base
        for stage, count in enumerate(_BLOCKS[depth]):
            self.stages.append(_make_stage(incoming, self.channels[stage], expansion, count, stage))
            incoming = self.channels[stage]
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, image: Tensor) -> list[Tensor]:
        features = []
        current = self.stem(image)
        for stage in self.stages:
            current = stage(current)
            features.append(current)
        return features


class ResNetBlock(nn.Module):
    """The classic block: two 3x3 convolutions, or a 1x1, 3x3, 1x1 bottleneck if ``expansion`` is 4."""

    def __init__(
        self, in_channels: int, out_channels: int, expansion: int, *, stride: int = 1, dilation: int = 1
    ) -> None:
        super().__init__()
        inner = out_channels // expansion
        if expansion == 1:
            layers = [_convolution(in_channels, inner, 3, stride=stride, dilation=dilation), nn.ReLU()]
            layers += [_convolution(inner, inner, 3, dilation=dilation)]
        else:
            layers = [_convolution(in_channels, inner, 1), nn.ReLU()]
            layers += [_convolution(inner, inner, 3, stride=stride, dilation=dilation), nn.ReLU()]
            layers += [_convolution(inner, out_channels, 1)]
        self.body = nn.Sequential(*layers)
        changes = stride != 1 or in_channels != out_channels
        self.shortcut = (
            _convolution(in_channels, out_channels, 1, stride=stride) if changes else nn.Identity()
        )
        self.relu = nn.ReLU()

    def forward(self, features: Tensor) -> Tensor:
        summed: Tensor = self.relu(self.body(features) + self.shortcut(features))
        return summed


def _make_stage(incoming: int, channels: int, expansion: int, count: int, stage: int) -> nn.Sequential:
    stride = 2 if stage in (1, 2) else 1
    dilations = _LAST_DILATIONS if stage == 3 else (1,) * count
    blocks = [ResNetBlock(incoming, channels, expansion, stride=stride, dilation=dilations[0])]
    blocks += [
        ResNetBlock(channels, channels, expansion, dilation=dilation) for dilation in dilations[1:count]
    ]
    return nn.Sequential(*blocks)


def _convolution(
    in_channels: int, out_channels: int, side: int, *, stride: int = 1, dilation: int = 1
) -> nn.Module:
    padding = dilation * (side // 2)
    convolution = nn.Conv2d(in_channels, out_channels, side, stride, padding, dilation, bias=False)
    return nn.Sequential(convolution, nn.BatchNorm2d(out_channels))
