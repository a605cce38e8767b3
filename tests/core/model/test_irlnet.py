"""The network is the paper's: its size, its arithmetic, its constraint, its attention, its variants."""

from __future__ import annotations

import itertools

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.flop_counter import FlopCounterMode

from irlnet_core.config import Fusion, ModelConfig
from irlnet_core.model.attention import CrossAttention, attend
from irlnet_core.model.bayar import BayarConv2d
from irlnet_core.model.blocks import ResidualBlock
from irlnet_core.model.irlnet import IRLNet

TINY = 0.0625


def meta_net(config: ModelConfig) -> IRLNet:
    with torch.device("meta"):
        return IRLNet(config)


def parameters(net: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in net.parameters())


def test_the_default_net_has_the_papers_parameters_and_arithmetic() -> None:
    net = meta_net(ModelConfig())
    with FlopCounterMode(display=False) as counter:
        logits = net(torch.empty(1, 3, 256, 256, device="meta"))

    counts = counter.get_flop_counts()["Global"]
    assert logits.shape == (1, 1, 256, 256)
    assert parameters(net) == 13_536_599
    assert round(counts[torch.ops.aten.convolution] / 1e9, 2) == 74.98
    # 4.83 by the paper's sizes: the kernel fills queries and keys up with zeros to the values' 128 channels.
    assert round(counts[torch.ops.aten.bmm] / 1e9, 2) == 8.59


def test_without_attention_its_three_projections_and_alpha_are_gone() -> None:
    dropped = parameters(meta_net(ModelConfig())) - parameters(meta_net(ModelConfig(attention=False)))

    assert dropped == 2 * (128 * 16 + 16) + (128 * 128 + 128) + 1


@pytest.mark.parametrize(
    ("fusion", "residual", "attention"),
    list(itertools.product(["early", "middle", "late"], ["bn", "srresnet", "plain", "se"], [True, False])),
)
def test_every_variant_answers_any_size_and_every_parameter_learns(
    fusion: str, residual: str, attention: bool
) -> None:
    config = ModelConfig(width=TINY, fusion=fusion, residual=residual, attention=attention)  # type: ignore[arg-type]
    torch.manual_seed(0)
    net = IRLNet(config)
    if attention:
        assert net.decoder.attention is not None
        net.decoder.attention.alpha.data.fill_(0.5)  # at 0 its projections get no gradient yet

    logits = net(torch.rand(2, 3, 37, 51))
    logits.square().mean().backward()

    assert logits.shape == (2, 1, 37, 51)
    without = [name for name, p in net.named_parameters() if p.grad is None]
    assert without == []


def test_a_flat_picture_has_no_bayar_response() -> None:
    layer = BayarConv2d()

    residual = layer(torch.full((1, 3, 12, 12), 0.7))

    assert residual.abs().max() < 1e-5


@given(st.floats(-5, 5), st.integers(0, 1000))
def test_the_bayar_projection_holds_for_any_weights_and_is_finite(scale: float, seed: int) -> None:
    layer = BayarConv2d()
    generator = torch.Generator().manual_seed(seed)
    layer.weight.data = scale * torch.randn(layer.weight.shape, generator=generator)

    layer.project_()

    weight = layer.weight.detach().double()
    assert torch.isfinite(weight).all()
    assert torch.equal(weight[:, :, 2, 2], torch.full((3, 3), -1.0, dtype=torch.float64))
    assert weight.sum((2, 3)).abs().max() < 1e-4  # the others sum to 1


def test_loading_weights_that_break_the_bayar_constraint_restores_it() -> None:
    net = IRLNet(ModelConfig(width=TINY))
    state = net.state_dict()
    state["enhancements.0.bayar.weight"] = torch.randn(3, 3, 5, 5)

    net.load_state_dict(state)

    weight = net.get_parameter("enhancements.0.bayar.weight").detach()
    assert weight.sum((2, 3)).abs().max() < 1e-5


def test_the_softmax_runs_over_the_keys_of_each_query() -> None:
    """Eq. 4: for each query position the weights of all key positions sum to 1."""
    torch.manual_seed(0)
    query, key = torch.randn(1, 6, 4), torch.randn(1, 4, 9)

    ones = attend(query, key, torch.ones(1, 9, 2))
    marked = attend(query, key, torch.nn.functional.one_hot(torch.arange(9), 9).float()[None])

    assert torch.allclose(ones, torch.ones_like(ones))
    expected = torch.exp(query[0, 2] @ key[0])
    assert torch.allclose(marked[0, 2], expected / expected.sum(), atol=1e-6)


def test_attention_equals_the_whole_matrix_with_its_gradients() -> None:
    torch.manual_seed(1)
    query, key, value = (torch.randn(2, 64, 4), torch.randn(2, 4, 64), torch.randn(2, 64, 8))
    query.requires_grad_()
    whole = torch.softmax(query @ key, 2) @ value
    wanted = torch.autograd.grad(whole.square().sum(), query)[0]

    blocks = attend(query, key, value)

    assert torch.allclose(blocks, whole, atol=1e-6)
    assert torch.allclose(torch.autograd.grad(blocks.square().sum(), query)[0], wanted, atol=1e-5)


def test_attention_starts_as_no_change_and_its_alpha_learns() -> None:
    attention = CrossAttention(16, 16)
    decoded, encoded = torch.randn(1, 16, 4, 4), torch.randn(1, 16, 4, 4)

    out = attention(decoded, encoded)
    (out * torch.randn_like(out)).sum().backward()

    assert torch.equal(out, decoded)
    assert attention.alpha.grad is not None
    assert attention.alpha.grad.abs() > 0


def test_only_the_classic_block_ends_in_a_relu_and_only_two_have_batch_norm() -> None:
    features = torch.randn(2, 8, 6, 6)
    for kind in ("bn", "srresnet", "plain", "se"):
        block = ResidualBlock(8, 8, 1, kind)  # type: ignore[arg-type]
        assert (block(features).min() >= 0) == (kind == "bn")
        norms = [m for m in block.modules() if isinstance(m, torch.nn.BatchNorm2d)]
        assert len(norms) == (2 if kind in ("bn", "srresnet") else 0)


@pytest.mark.parametrize("fusion", ["early", "middle", "late"])
def test_the_first_layer_sees_the_picture_to_the_bit(fusion: Fusion) -> None:
    net, picture = IRLNet(ModelConfig(width=TINY, fusion=fusion)).eval(), torch.rand(1, 3, 40, 48)
    seen: list[torch.Tensor] = []
    (bayar,) = (layer for layer in net.modules() if isinstance(layer, BayarConv2d))
    bayar.register_forward_pre_hook(lambda _, given: seen.extend(given))

    net(picture)

    assert [torch.equal(image, picture) for image in seen] == [True]


def test_a_pixel_has_no_say_far_away() -> None:
    """A change far outside a pixel's reach leaves its logit alone in a plain, attention-free net."""
    torch.manual_seed(0)
    net = IRLNet(ModelConfig(width=TINY, residual="plain", attention=False)).eval()
    picture = torch.rand(1, 3, 64, 640)
    changed = picture.clone()
    changed[..., -8:] = 0

    with torch.no_grad():
        before, after = net(picture), net(changed)

    assert torch.equal(before[..., :8], after[..., :8])
    assert not torch.equal(before[..., -8:], after[..., -8:])
