"""The state from which a training run goes on after a stop or a crash: named tensors and plain data.

``state.json`` names the one tensor file that belongs to it and its hash. A new state is written under a new
name before ``state.json`` is replaced, so that a crash at any moment leaves the last good state.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors import torch as safetensors
from torch import Tensor, nn

from irlnet_core import files
from irlnet_core.errors import ModelError

_FORMAT = {"id": "irlnet-training-state", "version": 1}
_INFO_NAME = "state.json"
_CURE = "Start the training anew, or resume from another folder."
_OTHER = "Resume with the recipe that the training began with, or train into a new folder."


def save_state(folder: Path, tensors: dict[str, Tensor], info: dict[str, Any]) -> None:
    """Write ``tensors`` (any type and device) and ``info`` (JSON data) as the training state in ``folder``.

    Raises :class:`ModelError` for tensors that are not finite, :class:`OutputError` when the disk refuses;
    the state before stays good.
    """
    folder = Path(folder)
    _check_finite(tensors, folder)
    data = safetensors.save({name: t.detach().cpu().contiguous().clone() for name, t in tensors.items()})
    sha256 = files.sha256_of_bytes(data)
    name = f"state-{sha256[:16]}.safetensors"
    files.write_bytes(folder / name, data)
    head = {"format": _FORMAT, "tensors": name, "sha256": sha256, "info": info}
    files.write_json(folder / _INFO_NAME, head)
    for old in folder.glob("state-*.safetensors"):
        if old.name != name:
            old.unlink(missing_ok=True)


def load_state(folder: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return the tensors (on the CPU) and the info that :func:`save_state` wrote.

    Raises :class:`ModelError` when the state is missing, cut, altered or foreign.
    """
    head = _read_head(Path(folder) / _INFO_NAME)
    path = Path(folder) / head["tensors"]
    try:
        data = path.read_bytes()
        if files.sha256_of_bytes(data) != head.get("sha256"):
            raise ModelError("is cut or altered: its SHA-256 is not the one noted.", path=path, cure=_CURE)
        return safetensors.load(data), head["info"]
    except (OSError, SafetensorError) as error:
        raise ModelError(f"can't be read ({error}).", path=path, cure=_CURE) from error


def flatten_optimizer(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """Return the optimizer's memory (moments, step counts) as tensors ``optimizer.<parameter>.<name>``.

    The settings of its groups (learning rate and so on) are not in it: they come from the configuration.
    """
    state = optimizer.state_dict()["state"]
    return {
        f"optimizer.{number}.{name}": torch.as_tensor(value)
        for number, values in state.items()
        for name, value in values.items()
    }


def restore_net(net: nn.Module, tensors: dict[str, Tensor], prefix: str) -> None:
    """Give the network the tensors whose names begin with ``prefix``.

    Raises :class:`ModelError` when they belong to another network.
    """
    own = {name[len(prefix) :]: t for name, t in tensors.items() if name.startswith(prefix)}
    try:
        net.load_state_dict(own)
    except RuntimeError as error:
        raise ModelError("is the state of another network.", cure=_OTHER) from error


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Give the optimizer back the memory that :func:`flatten_optimizer` took; other tensors are passed over.

    Raises :class:`ModelError` when it belongs to other parameters.
    """
    state: dict[int, dict[str, Tensor]] = {}
    for key, value in tensors.items():
        if key.startswith("optimizer."):
            _, number, name = key.split(".", 2)
            state.setdefault(int(number), {})[name] = value
    _check_fit(optimizer, state)
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})


def _check_finite(tensors: dict[str, Tensor], folder: Path) -> None:
    for name, tensor in tensors.items():
        if not torch.isfinite(tensor).all():
            raise ModelError(
                f"was not written: {name!r} is not finite. A state before it stays.",
                path=folder,
                cure="Resume from that one with a smaller learning rate or float32.",
            )


def _read_head(path: Path) -> dict[str, Any]:
    try:
        head = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(f"can't be read ({error}).", path=path, cure=_CURE) from error
    if not isinstance(head, dict) or head.get("format") != _FORMAT:
        raise ModelError("is no training state of this program's version.", path=path, cure=_CURE)
    name = head.get("tensors")
    if not isinstance(name, str) or Path(name).name != name or not isinstance(head.get("info"), dict):
        raise ModelError("is damaged: it names no tensor file beside it.", path=path, cure=_CURE)
    return head


def _check_fit(optimizer: torch.optim.Optimizer, state: dict[int, dict[str, Tensor]]) -> None:
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    for number, values in state.items():
        fits = number < len(parameters) and all(
            value.dim() == 0 or value.shape == parameters[number].shape for value in values.values()
        )
        if not fits:
            raise ModelError(f"holds a parameter {number} that does not fit this network.", cure=_OTHER)
