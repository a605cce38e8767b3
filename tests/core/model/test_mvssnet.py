"""MVSS-Net: its sizes, its two views, its attention, its loss and its learning."""

from __future__ import annotations

import pytest
import torch

from irlnet_core.config import ModelConfig
from irlnet_core.errors import ConfigError
from irlnet_core.model.mvssnet import (
    ChannelAttention,
    MVSSNet,
    PositionAttention,
    SobelGate,
    edges_of,
    mvss_loss,
)
from irlnet_core.model.resnet import DilatedResNet

torch.set_num_threads(1)


def _small() -> MVSSNet:
    torch.manual_seed(0)
    return MVSSNet(ModelConfig(architecture="mvssnet", backbone=18, width=0.125))


def _square(side: int) -> torch.Tensor:
    mask = torch.zeros(1, 1, side, side)
    mask[..., side // 4 : side // 2, side // 4 : side // 2] = 1
    return mask


@pytest.mark.parametrize(
    ("backbone", "name", "parameters"), [(50, "mvssnet", 142_713_218), (18, "mvssnet-r18", 28_337_026)]
)
def test_the_net_has_the_paper_size_and_the_small_one_says_so(
    backbone: int, name: str, parameters: int
) -> None:
    with torch.device("meta"):
        net = MVSSNet(ModelConfig(architecture="mvssnet", backbone=backbone))
    assert net.name == name
    assert sum(parameter.numel() for parameter in net.parameters()) == parameters


def test_a_resnet_50_without_classifier_has_the_published_count() -> None:
    with torch.device("meta"):
        net = DilatedResNet(50)
    assert sum(parameter.numel() for parameter in net.parameters()) == 25_557_032 - 2_049_000
    assert net.channels == (256, 512, 1024, 2048)


def test_a_resnet_18_has_features_at_a_quarter_an_eighth_and_two_sixteenths() -> None:
    shapes = [tuple(stage.shape[1:]) for stage in DilatedResNet(18, 0.125)(torch.rand(2, 3, 64, 96))]
    assert shapes == [(8, 16, 24), (16, 8, 12), (32, 4, 6), (64, 4, 6)]


def test_an_unknown_depth_is_refused() -> None:
    with pytest.raises(ConfigError, match="backbone = 19"):
        DilatedResNet(19)


@pytest.mark.parametrize(("height", "width"), [(64, 64), (37, 50), (5, 131)])
def test_logits_have_the_size_of_the_picture_and_edges_a_quarter(height: int, width: int) -> None:
    net, image = _small().eval(), torch.rand(2, 3, height, width)
    logits, edges = net.forward_training(image)
    assert logits.shape == (2, 1, height, width)
    assert edges.shape == (2, 1, -(-height // 4), -(-width // 4))
    torch.testing.assert_close(net(image), logits)


def test_position_attention_equals_the_formula_with_the_whole_matrix() -> None:
    torch.manual_seed(1)
    layer, features = PositionAttention(16), torch.randn(2, 16, 5, 7)
    torch.testing.assert_close(layer(features), features)  # its gain starts at 0
    torch.nn.init.constant_(layer.alpha, 0.5)
    query, key, value = (part(features).flatten(2) for part in (layer.query, layer.key, layer.value))
    weights = torch.einsum("ncj,nci->nji", query, key).softmax(dim=2)  # for each query j over all keys i
    expected = 0.5 * torch.einsum("nji,nci->ncj", weights, value).reshape_as(features) + features
    torch.testing.assert_close(layer(features), expected)


def test_channel_attention_prefers_unlike_channels() -> None:
    layer, features = ChannelAttention(), torch.zeros(1, 2, 2, 2)
    features[0, 0, 0], features[0, 1, 1] = 10.0, 10.0
    torch.testing.assert_close(layer(features), features)
    torch.nn.init.ones_(layer.beta)
    torch.testing.assert_close(layer(features) - features, features.flip(1))


def test_the_sobel_gate_opens_at_edges_and_survives_flat_features() -> None:
    gate = SobelGate()
    features = torch.ones(1, 4, 16, 16)
    features[..., 8:] = 2
    opened = (gate(features) / features)[0, 0]
    assert opened[8, 7] > opened[8, 3] + 0.1
    flat = torch.ones(1, 4, 16, 16, requires_grad=True)
    gate(flat).sum().backward()
    assert flat.grad is not None
    assert torch.isfinite(flat.grad).all()


def test_the_edge_target_is_the_outline_of_the_mask_and_not_the_picture_border() -> None:
    edges = edges_of(_square(64), (16, 16))[0, 0]
    expected = torch.zeros(16, 16)
    expected[3:9, 3:9] = 1
    expected[5:7, 5:7] = 0
    torch.testing.assert_close(edges, expected)
    assert edges_of(torch.ones(1, 1, 64, 64), (16, 16)).sum() == 0


def test_the_loss_is_near_zero_for_the_truth_and_near_one_for_its_opposite() -> None:
    mask = _square(64)
    edges = edges_of(mask, (16, 16))
    truth = mvss_loss(40 * mask - 20, 40 * edges - 20, mask)
    opposite = mvss_loss(20 - 40 * mask, 20 - 40 * edges, torch.zeros_like(mask))
    assert truth < 0.01
    assert opposite > 0.9


def test_an_empty_mask_has_a_gradient_that_lowers_the_response() -> None:
    logits = torch.zeros(1, 1, 32, 32, requires_grad=True)
    edge_logits = torch.zeros(1, 1, 8, 8, requires_grad=True)
    mvss_loss(logits, edge_logits, torch.zeros(1, 1, 32, 32)).backward()  # type: ignore[no-untyped-call]
    assert logits.grad is not None
    assert edge_logits.grad is not None
    assert (logits.grad > 0).all()
    assert (edge_logits.grad > 0).all()


def test_a_few_steps_lower_the_loss_move_every_parameter_and_keep_the_bayar_constraint() -> None:
    net = _small().train()
    image, mask = torch.rand(4, 3, 64, 64), _square(64).repeat(4, 1, 1, 1)
    image = image * (1 - 0.9 * mask)
    optimizer = torch.optim.Adam(net.parameters(), 2e-3)
    before = [parameter.detach().clone() for parameter in net.parameters()]
    losses = []
    for _ in range(10):
        loss = mvss_loss(*net.forward_training(image), mask)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        net.project_()
        losses.append(loss.item())
    assert losses[-1] < 0.9 * losses[0]
    moved = {
        name: bool((old != new).any())
        for old, (name, new) in zip(before, net.named_parameters(), strict=True)
    }
    assert [name for name, did in moved.items() if not did] == []
    weight = net.bayar.weight.detach()
    torch.testing.assert_close(weight.sum(dim=(2, 3)), torch.zeros(3, 1), atol=1e-5, rtol=0)
    torch.testing.assert_close(weight[:, :, 2, 2], torch.full((3, 1), -1.0))
