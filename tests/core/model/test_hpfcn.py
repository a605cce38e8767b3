"""The high-pass network: its size, its filters, its shapes, its learning."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from irlnet_core.config import ModelConfig
from irlnet_core.model.hpfcn import HPFCN, BottleneckUnit, HighPassFilters

torch.set_num_threads(1)


def _small() -> HPFCN:
    torch.manual_seed(0)
    return HPFCN(ModelConfig(architecture="hpfcn", width=0.1))


def test_the_full_net_has_seven_point_seven_million_parameters() -> None:
    with torch.device("meta"):
        net = HPFCN(ModelConfig(architecture="hpfcn"))
    assert sum(parameter.numel() for parameter in net.parameters()) == 7_698_928


@pytest.mark.parametrize(("height", "width"), [(64, 64), (37, 50), (5, 131)])
def test_logits_have_the_size_of_the_picture(height: int, width: int) -> None:
    assert _small().eval()(torch.rand(2, 3, height, width)).shape == (2, 1, height, width)


def test_the_filters_start_as_differences_to_the_three_next_pixels() -> None:
    image = torch.rand(1, 3, 9, 9)
    response = HighPassFilters()(image)[..., 1:-1, 1:-1].reshape(3, 3, 7, 7)
    centre = image[0, :, 1:-1, 1:-1]
    for number, following in enumerate([image[0, :, 2:, 1:-1], image[0, :, 1:-1, 2:], image[0, :, 2:, 2:]]):
        torch.testing.assert_close(response[:, number], following - centre)


def test_a_flat_picture_gives_no_residual_even_at_its_border() -> None:
    assert HighPassFilters()(torch.full((1, 3, 8, 8), 0.7)).abs().max() < 1e-6


def test_upsampling_starts_as_bilinear_interpolation() -> None:
    layer = _small().upsampling[1]
    assert isinstance(layer, torch.nn.ConvTranspose2d)
    low = torch.rand(1, layer.in_channels, 6, 6)
    gains = layer.weight[:, :, 3:5, 3:5].mean(dim=(2, 3)).detach() / 0.875**2
    mixed = torch.einsum("nchw,cd->ndhw", low, gains)
    expected = functional.interpolate(mixed, scale_factor=4, mode="bilinear", align_corners=False)
    torch.testing.assert_close(layer(low).detach()[..., 4:-4, 4:-4], expected[..., 4:-4, 4:-4])


def test_a_unit_of_stride_two_without_a_body_passes_every_second_pixel() -> None:
    unit = BottleneckUnit(8, 8, stride=2).eval()
    last = unit.body[-1]
    assert isinstance(last, torch.nn.Conv2d)
    torch.nn.init.zeros_(last.weight)
    torch.nn.init.zeros_(last.bias)  # type: ignore[arg-type]
    features = torch.rand(1, 8, 6, 6)
    torch.testing.assert_close(unit(features), features[..., ::2, ::2])


def test_a_few_steps_lower_the_loss_and_move_every_parameter() -> None:
    net = _small().train()
    image, target = torch.rand(4, 3, 32, 32), torch.zeros(4, 1, 32, 32)
    target[..., 8:24, 8:24] = 1
    image[..., 8:24, 8:24] = image[..., 8:24, 8:24] * 0.2 + 0.4
    optimizer = torch.optim.Adam(net.parameters(), 3e-3)
    before = [parameter.detach().clone() for parameter in net.parameters()]
    losses = []
    for _ in range(12):
        loss = functional.binary_cross_entropy_with_logits(net(image), target)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.8 * losses[0]
    assert all((old != new).any() for old, new in zip(before, net.parameters(), strict=True))
