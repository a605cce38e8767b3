"""What an engine of the forge is: something that fills a hole, behind one small interface."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from irlnet_core.errors import ConfigError

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]

PERTURBED = "+perturbed"


class Engine(Protocol):
    """Fills the hole of a picture; pixels outside the hole of what it returns are ignored.

    With ``reconstruct`` the engine may look at the true content inside the hole and only leaves its traces
    there (a round trip); without, it must not. Engines that cannot do one of the two do the other.
    """

    @property
    def name(self) -> str: ...

    def fill(self, image: Image, mask: Mask, rng: np.random.Generator, *, reconstruct: bool) -> Image: ...


def load_engine(name: str) -> Engine:
    """Return the engine of that name, or the one in a folder (trained) or ONNX file of that path.

    ``+perturbed`` after a trained engine's name asks for decoder weights that vary from fill to fill.
    Raises :class:`ConfigError` naming the known engines when there is none.
    """
    from irlnet_core.forge.classical import CLASSICAL
    from irlnet_core.forge.random_generator import RandomGenerator
    from irlnet_core.forge.retouch import Retouch

    made_by_code = {**CLASSICAL, "retouch": Retouch, "random-generator": RandomGenerator}
    if name in made_by_code:
        engine: Engine = made_by_code[name]()
        return engine
    base = name.removesuffix(PERTURBED)
    if base.endswith(".onnx"):
        return _load_onnx(base, perturbed=base != name)
    folder = find_engine_folder(base)
    if folder is None:
        known = sorted([*made_by_code, *shipped_engines()])
        raise ConfigError(
            f"there is no engine {name!r}.",
            cure=f"Known: {', '.join(known)}; or give an engine's folder or ONNX file.",
        )
    from irlnet_core.forge.trained import PERTURBATION, load_trained_engine

    return load_trained_engine(folder, perturb=PERTURBATION if base != name else 0.0)


def _load_onnx(path: str, *, perturbed: bool) -> Engine:
    from irlnet_core.forge.onnx_engine import load_onnx_engine

    if perturbed:
        raise ConfigError(
            f"the engine {path!r} cannot be perturbed: the weights in an ONNX file stay as they are.",
            cure=f"Leave {PERTURBED!r} away.",
        )
    return load_onnx_engine(Path(path))


def engines_folder() -> Path:
    """Return the folder of the engines that ship: in the repository, else in the installed package."""
    here = Path(__file__).resolve().parents[1]
    repository = here.parent / "resources" / "engines"
    return repository if repository.is_dir() else here / "resources" / "engines"


def shipped_engines() -> list[str]:
    """Return the names of the trained engines that ship."""
    return sorted(path.parent.name for path in engines_folder().glob("*/engine.json"))


def find_engine_folder(name: str) -> Path | None:
    """Return the folder of a trained engine given by path or by shipped name, or None."""
    for folder in (Path(name), engines_folder() / name):
        if (folder / "engine.json").is_file():
            return folder
    return None
