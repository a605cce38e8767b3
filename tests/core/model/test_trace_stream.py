"""The grid traces, the stream that looks at them, and grafting it onto a network that had none."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from irlnet_core.config import ModelConfig
from irlnet_core.errors import ConfigError
from irlnet_core.model.graft import graft
from irlnet_core.model.irlnet import IRLNet
from irlnet_core.model.trace_stream import SecondLook, describe_sides, trace_channels
from irlnet_core.model.traces import CHANNELS, KINDS, WITHOUT_CHROMA, PictureTraces
from tests.core.model.test_grid_votes import coded, noise

AGREEMENT = slice(8, 11)  # luma's, at the periods 2, 4 and 8


def measure(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    return PictureTraces().of_picture(image).numpy()


def patched(image: NDArray[np.uint8], patch: NDArray[np.uint8]) -> NDArray[np.uint8]:
    out = image.copy()
    out[64:128, 64:128] = patch[64:128, 64:128]
    return out


def test_a_patch_without_the_coding_of_its_surroundings_does_not_agree_with_them() -> None:
    host = coded(noise(192, 192))
    traces = measure(patched(host, noise(192, 192, seed=5)))[AGREEMENT].sum(0)

    assert traces[10:14, 10:14].max() < 0.5 * traces[:6].min()


def test_a_patch_coded_on_another_grid_does_not_agree_either() -> None:
    shifted = np.pad(coded(noise(188, 189)), ((4, 0), (3, 0), (0, 0)), mode="edge")
    traces = measure(patched(coded(noise(192, 192, seed=3)), shifted))[AGREEMENT].sum(0)

    assert traces[10:14, 10:14].max() < 0.5 * traces[:6].min()


def test_power_shows_a_rhythm_of_two_pixels_that_enlarging_leaves() -> None:
    small = noise(96, 96, seed=2)
    enlarged = np.kron(small, np.ones((2, 2, 1), np.uint8)).astype(np.uint8)
    power = measure(patched(noise(192, 192), enlarged))[2]

    assert power[10:14, 10:14].min() > 1.5 * power[:6].max()  # values are cut at 10


def test_where_the_picture_was_cut_does_not_change_power_and_agreement() -> None:
    whole = coded(noise(264, 264))
    one, other = measure(whole[:256, :256])[2:14], measure(whole[3:259, 5:261])[2:14]

    assert one.mean((1, 2)) == pytest.approx(other.mean((1, 2)), rel=0.1, abs=0.1)


def test_strips_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    image = coded(noise(200, 90))
    whole = measure(image)
    monkeypatch.setattr("irlnet_core.model.grid_traces._STRIP", 8 * 96)

    assert whole.shape == (CHANNELS, 25, 12)
    assert measure(image) == pytest.approx(whole, abs=1e-3)


def test_a_batch_is_measured_picture_by_picture() -> None:
    pictures = np.stack([coded(noise(64, 72, seed)) for seed in (0, 1)])
    together = PictureTraces()(torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255)

    for alone, traces in zip(pictures, together, strict=True):
        assert traces.numpy() == pytest.approx(measure(alone), abs=1e-3)


def test_the_other_traces_are_the_same_with_and_without_those_of_the_colours() -> None:
    image = coded(noise(96, 104))

    few = PictureTraces(chroma=False).of_picture(image)

    assert few.shape == (WITHOUT_CHROMA, 12, 13)
    assert measure(image)[:WITHOUT_CHROMA] == pytest.approx(few.numpy(), abs=1e-4)
    assert sum(KINDS) == CHANNELS
    assert (measure(image)[WITHOUT_CHROMA:].std((1, 2)) > 0).any()


@pytest.mark.parametrize("chroma", [False, True])
def test_the_network_measures_by_itself_what_it_is_not_given(chroma: bool) -> None:
    torch.manual_seed(0)
    net = IRLNet(ModelConfig(width=0.0625, traces=True, chroma_traces=chroma)).eval()
    assert net.traces is not None
    picture = torch.randint(0, 256, (1, 3, 43, 50)).float() / 255
    with torch.inference_mode():
        alone = net(picture)
        padded = torch.nn.functional.pad(picture, (0, 6, 0, 5), mode="replicate")
        given = net(picture, PictureTraces()(padded))
        without = net(picture, torch.zeros(1, CHANNELS, 6, 7))

    assert alone.shape == (1, 1, 43, 50)
    assert torch.equal(alone, given)
    assert not torch.allclose(alone, without)


def test_a_grafted_network_answers_at_first_like_the_one_it_came_from_and_then_learns() -> None:
    torch.manual_seed(0)
    config = ModelConfig(width=0.0625)
    small = IRLNet(config)
    large = graft(small, IRLNet(dataclasses.replace(config, traces=True)))
    picture = torch.rand(1, 3, 32, 32)

    assert torch.allclose(small(picture), large(picture), atol=1e-5)
    large(picture).sum().backward()
    entry = dict(large.named_parameters())["decoder.to_quarter.0.weight"]
    before = small.state_dict()["decoder.to_quarter.0.weight"].shape[1]
    assert entry.grad is not None
    assert entry.grad[:, before:].abs().max() > 0


def stirred(net: IRLNet) -> IRLNet:
    """A network whose stream answers, as if it had learned."""
    assert net.traces is not None
    torch.nn.init.normal_(net.traces.head.weight)
    if net.traces.second is not None:
        torch.nn.init.normal_(net.traces.second.write.weight)
    return net.eval()


def test_every_voice_learns_from_the_mean_of_the_answers() -> None:
    net = IRLNet(ModelConfig(width=0.0625, traces=True, trace_channels=8, trace_voices=3))
    net.trace_logits(torch.randn(1, CHANNELS, 5, 6)).sum().backward()

    heads = [weights.grad for name, weights in net.named_parameters() if name.endswith("head.weight")]
    assert sum(grad is not None and bool(grad.abs().max() > 0) for grad in heads) == 3  # the decoder's is not
    with pytest.raises(ConfigError, match="trace_voices"):
        ModelConfig(traces=True, trace_voices=9)


@pytest.mark.parametrize("second_look", [False, True])
def test_a_stream_grafted_into_a_wider_one_that_looks_twice_answers_as_before(second_look: bool) -> None:
    torch.manual_seed(0)
    config = ModelConfig(width=0.0625, traces=True, second_look=second_look)
    small = stirred(IRLNet(config))
    larger = dataclasses.replace(config, trace_channels=24, second_look=True, chroma_traces=True)
    large = graft(small, IRLNet(larger)).eval()
    picture = torch.rand(1, 3, 40, 48)

    assert trace_channels(larger) == 24
    assert torch.allclose(small(picture), large(picture), atol=1e-4)


def test_the_second_look_compares_with_places_beyond_the_stream_s_reach() -> None:
    torch.manual_seed(0)
    look = SecondLook(8)
    torch.nn.init.normal_(look.write.weight)
    features, response = torch.randn(1, 8, 10, 90), torch.full((1, 1, 10, 90), 0.05)
    response[..., 80:] = 0.9
    other = features.clone()
    other[..., 80:] = -other[..., 80:]
    near = slice(0, 40)

    with torch.inference_mode():
        changed = (look(features, response) - look(other, response))[..., near]
    assert changed.abs().max() > 0.01


def test_what_hardly_responds_is_not_taken_for_filled_however_much_of_it_there_is() -> None:
    torch.manual_seed(0)
    look = SecondLook(8)
    torch.nn.init.normal_(look.write.weight)
    filled, genuine = torch.ones(1, 8, 4, 4), torch.zeros(1, 8, 4, 4)

    def told(background: int) -> torch.Tensor:
        features = torch.cat([filled, genuine.repeat(1, 1, 1, background)], dim=3)
        response = torch.cat([0.9 * filled[:, :1], 0.05 + genuine[:, :1].repeat(1, 1, 1, background)], dim=3)
        return describe_sides(features, response)[0, :8]

    assert told(2) == pytest.approx(torch.ones(8), abs=0.01)
    assert told(1000) == pytest.approx(torch.ones(8), abs=0.2)
