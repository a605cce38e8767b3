"""A training state comes back exactly, survives a failed save, and is refused when damaged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from torch import nn

from irlnet_core.errors import ModelError
from irlnet_core.model.resume import flatten_optimizer, load_state, restore_optimizer, save_state


def make_tensors(step: int = 1) -> dict[str, torch.Tensor]:
    torch.manual_seed(step)
    return {"net.a": torch.rand(3, 4), "rng": torch.get_rng_state(), "step": torch.tensor(step)}


def test_tensors_and_info_come_back_exactly(tmp_path: Path) -> None:
    tensors, info = make_tensors(), {"step": 7, "best": {"f1": 0.25}, "name": "größe"}
    save_state(tmp_path, tensors, info)
    loaded, found = load_state(tmp_path)
    assert found == info
    assert set(loaded) == set(tensors)
    assert all(torch.equal(loaded[name], value) for name, value in tensors.items())


def test_a_new_state_replaces_the_old_one_and_leaves_one_tensor_file(tmp_path: Path) -> None:
    save_state(tmp_path, make_tensors(1), {"step": 1})
    save_state(tmp_path, make_tensors(2), {"step": 2})
    assert load_state(tmp_path)[1] == {"step": 2}
    assert len(list(tmp_path.iterdir())) == 2


def test_a_save_that_fails_leaves_the_last_good_state(tmp_path: Path) -> None:
    save_state(tmp_path, make_tensors(1), {"step": 1})
    with pytest.raises(ValueError, match="JSON"):
        save_state(tmp_path, make_tensors(2), {"loss": float("nan")})
    tensors, info = load_state(tmp_path)
    assert info == {"step": 1}
    assert torch.equal(tensors["net.a"], make_tensors(1)["net.a"])


def test_a_cut_altered_or_missing_state_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"state\.json"):
        load_state(tmp_path)
    save_state(tmp_path, make_tensors(), {})
    (file,) = tmp_path.glob("*.safetensors")
    good = file.read_bytes()
    for bad in (good[:-1], good[:-1] + bytes([good[-1] ^ 1])):
        file.write_bytes(bad)
        with pytest.raises(ModelError, match="cut or altered"):
            load_state(tmp_path)
    file.unlink()
    with pytest.raises(ModelError, match="can't be read"):
        load_state(tmp_path)


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", 3, None])
def test_a_state_that_points_outside_its_folder_is_refused(tmp_path: Path, name: object) -> None:
    save_state(tmp_path, make_tensors(), {})
    head = json.loads((tmp_path / "state.json").read_text("utf-8"))
    (tmp_path / "state.json").write_text(json.dumps({**head, "tensors": name}), "utf-8")
    with pytest.raises(ModelError, match="damaged"):
        load_state(tmp_path)


def test_a_state_of_another_program_is_refused(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text('{"format": "other"}', "utf-8")
    with pytest.raises(ModelError, match="no training state"):
        load_state(tmp_path)


def make_run(seed: int) -> tuple[nn.Module, torch.optim.Optimizer]:
    torch.manual_seed(seed)
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
    return net, torch.optim.AdamW(net.parameters(), lr=0.01)


def take_steps(net: nn.Module, optimizer: torch.optim.Optimizer, count: int) -> None:
    for number in range(count):
        optimizer.zero_grad()
        net(torch.full((2, 4), 0.1 * number)).square().sum().backward()
        optimizer.step()


def test_an_optimizer_goes_on_exactly_where_it_stopped(tmp_path: Path) -> None:
    net, optimizer = make_run(0)
    take_steps(net, optimizer, 3)
    save_state(tmp_path, {**net.state_dict(), **flatten_optimizer(optimizer)}, {})
    take_steps(net, optimizer, 3)

    other, resumed = make_run(1)
    tensors, _ = load_state(tmp_path)
    other.load_state_dict({k: v for k, v in tensors.items() if not k.startswith("optimizer.")})
    restore_optimizer(resumed, tensors)
    take_steps(other, resumed, 3)
    assert all(torch.equal(a, b) for a, b in zip(net.parameters(), other.parameters(), strict=True))


def test_the_memory_of_another_network_is_refused() -> None:
    net, optimizer = make_run(0)
    take_steps(net, optimizer, 1)
    other = nn.Linear(3, 3)
    with pytest.raises(ModelError, match="does not fit"):
        restore_optimizer(torch.optim.AdamW(other.parameters()), flatten_optimizer(optimizer))
