"""Model folders on the disk: safetensors and JSON only, hashed, written atomically, never unpickled.

A model folder holds ``model.safetensors``, ``card.json`` and ``photos.csv`` (source, author, licence and hash
of every training photograph). Weights may be stored as float16; they are always float32 in memory.
"""

from __future__ import annotations

import contextlib
import dataclasses
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors import torch as safetensors
from torch import Tensor, nn

from irlnet_core import files
from irlnet_core.errors import ModelError
from irlnet_core.model import registry
from irlnet_core.model.card import CARD_NAME, PHOTOS_NAME, WEIGHTS_NAME, ModelCard, read_card

_CURE = "Get the model folder again from its source, or choose another model."


@dataclass(frozen=True)
class LoadedModel:
    """A network ready to answer (float32, evaluation mode, no gradients), and where it comes from."""

    net: nn.Module
    card: ModelCard
    sha256: str
    folder: Path


def save_model(
    folder: Path, net: nn.Module, card: ModelCard, *, photos: str = "", float16: bool = True
) -> ModelCard:
    """Write ``net`` as a model folder and return its card with the hashes filled in.

    ``photos`` is the text of photos.csv ("" = none). ``float16`` halves the parameters' size; buffers keep
    their type. All files are complete before the first is replaced; the card comes last.
    Raises :class:`ModelError` for weights that are not finite, :class:`OutputError` when the disk refuses.
    """
    folder = Path(folder)
    contents = {WEIGHTS_NAME: safetensors.save(_to_disk(net, float16=float16))}
    if photos:
        contents[PHOTOS_NAME] = photos.encode("utf-8")
    hashes = {name: files.sha256_of_bytes(data) for name, data in contents.items()}
    card = dataclasses.replace(card, hashes=hashes)
    contents = {CARD_NAME: card.to_json().encode("utf-8"), **contents}
    with contextlib.ExitStack() as stack:  # left in reverse order: the card, entered first, is replaced last
        for name, data in contents.items():
            stack.enter_context(files.write_atomically(folder / name)).write_bytes(data)
    return card


def load_model(folder: Path) -> LoadedModel:
    """Load a model folder on the CPU.

    Raises :class:`ModelError` when a file is missing, cut, altered or foreign, when the weights don't fit the
    architecture on the card, or when they are not finite.
    """
    folder = Path(folder)
    card = read_card(folder)
    path = folder / WEIGHTS_NAME
    data = _read_checked(path, card.hashes.get(WEIGHTS_NAME, ""))
    if PHOTOS_NAME in card.hashes:
        _read_checked(folder / PHOTOS_NAME, card.hashes[PHOTOS_NAME])
    net = registry.build(card.architecture)
    _fill(net, _parse(path, data), path)
    impose_constraints(net)
    net.eval().requires_grad_(requires_grad=False)
    return LoadedModel(net, card, card.hashes[WEIGHTS_NAME], folder)


def impose_constraints(net: nn.Module) -> None:
    """Re-impose what the architecture demands of its weights (the Bayar layer's sums), if anything."""
    project = getattr(net, "project_", None)
    if callable(project):
        project()


def _to_disk(net: nn.Module, *, float16: bool) -> dict[str, Tensor]:
    parameters = {name for name, _ in net.named_parameters()}
    tensors = {}
    for name, value in net.state_dict().items():
        stored = value.half() if float16 and name in parameters else value
        if not torch.isfinite(stored).all():
            raise ModelError(
                f"The weights {name!r} are not finite, so the model was not saved.",
                cure="Go back to an earlier checkpoint, or train with a smaller learning rate.",
            )
        tensors[name] = stored.detach().cpu().contiguous().clone()
    return tensors


def _read_checked(path: Path, sha256: str) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(f"can't be read ({error.strerror}).", path=path, cure=_CURE) from error
    found = files.sha256_of_bytes(data)
    if found != sha256:
        expected = f"{sha256[:12]}…" if sha256 else "none"
        reason = f"is cut or altered (SHA-256 {found[:12]}…, expected {expected})."
        raise ModelError(reason, path=path, cure=_CURE)
    return data


def _parse(path: Path, data: bytes) -> dict[str, Tensor]:
    try:
        return safetensors.load(data)
    except (SafetensorError, KeyError) as error:  # the latter for a type of numbers that torch lacks
        raise ModelError(f"is no safetensors file ({error}).", path=path, cure=_CURE) from error


def _fill(net: nn.Module, tensors: dict[str, Tensor], path: Path) -> None:
    expected = net.state_dict()
    odd = sorted(set(expected) ^ set(tensors))
    if odd:
        state = "lacks" if odd[0] in expected else "has the unknown"
        reason = f"{state} weights {odd[0]!r} ({len(odd)} differ from the architecture on the card)."
        raise ModelError(reason, path=path, cure=_CURE)
    for name, tensor in tensors.items():
        if tensor.shape != expected[name].shape:
            reason = (
                f"weights {name!r} are {tuple(tensor.shape)}, the card says {tuple(expected[name].shape)}."
            )
            raise ModelError(reason, path=path, cure=_CURE)
        if tensor.dtype not in (torch.float16, expected[name].dtype):
            raise ModelError(
                f"weights {name!r} are {tensor.dtype}, not {expected[name].dtype}.", path=path, cure=_CURE
            )
        if not torch.isfinite(tensor).all():
            raise ModelError(f"weights {name!r} are not finite.", path=path, cure=_CURE)
    net.load_state_dict(tensors)
