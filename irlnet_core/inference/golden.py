"""A model's golden vectors: what it answered, on its maker's machine, to pictures that code makes.

``golden.json`` lies beside the card. The pictures are made by integer arithmetic alone, so that every machine
makes the same ones, and their hash is checked before the network is asked.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irlnet_core import files
from irlnet_core.errors import ModelError

GOLDEN_NAME = "golden.json"
FORMAT = {"id": "irlnet-golden", "version": 1}
STEP = 8  # every 8th response in both directions is kept
SIZES = ((200, 144), (72, 136))  # width, height: several tiles, and smaller than one
_BLOCK = 12
_MOST = 1 << 12  # a seed, or a side in pixels: a larger one was never made


@dataclass(frozen=True)
class GoldenVector:
    """One picture and the responses to it, 16 bit (65535 = 1), at every 8th row and column."""

    seed: int
    width: int
    height: int
    pixels_sha256: str
    response: tuple[tuple[int, ...], ...]

    def values(self) -> NDArray[np.int64]:
        return np.array(self.response, np.int64)


@dataclass(frozen=True)
class GoldenSet:
    """All golden vectors of the weights with this hash, and on what they were made."""

    weights_sha256: str
    made: dict[str, str]
    vectors: tuple[GoldenVector, ...]


def make_picture(seed: int, width: int, height: int) -> NDArray[np.uint8]:
    """Return a picture (uint8 HxWx3) of blocks with noise, a smooth patch pasted in; the same everywhere."""
    rows, columns = -(-height // _BLOCK), -(-width // _BLOCK)
    coarse = _random(3 * seed, rows * columns * 3).reshape(rows, columns, 3) % 200 + 24
    picture = np.kron(coarse, np.ones((_BLOCK, _BLOCK, 1), np.uint64))[:height, :width].astype(np.int64)
    picture += _random(3 * seed + 1, picture.size).reshape(picture.shape).astype(np.int64) % 17 - 8
    top, left = height // 4, width // 3
    patch = picture[top : top + height // 3, left : left + width // 4]
    patch[:] = (patch + np.roll(patch, 1, 0) + np.roll(patch, 1, 1) + np.roll(patch, 2, 1)) // 4
    return picture.clip(0, 255).astype(np.uint8)


def sample(response16: NDArray[np.uint16]) -> NDArray[np.int64]:
    """Return the responses that are kept of a map."""
    return response16[::STEP, ::STEP].astype(np.int64)


def read_golden(folder: Path) -> GoldenSet | None:
    """Return a model's golden vectors, None when it has none. Raises :class:`ModelError` if damaged."""
    path = Path(folder) / GOLDEN_NAME
    try:
        return _from_data(json.loads(path.read_text("utf-8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError) as error:
        cure = "Get the model folder again from its source."
        raise ModelError(f"holds no golden vectors ({error!r}).", path=path, cure=cure) from error


def write_golden(folder: Path, golden: GoldenSet) -> Path:
    """Write the vectors beside the model's card and return the file."""
    path = Path(folder) / GOLDEN_NAME
    vectors = [asdict(vector) for vector in golden.vectors]
    data = {"format": FORMAT, **asdict(golden), "vectors": vectors}
    files.write_bytes(path, (json.dumps(data) + "\n").encode("ascii"))
    return path


def _from_data(data: dict[str, Any]) -> GoldenSet:
    if data["format"] != FORMAT:
        raise ValueError(f"{data['format']} is not {FORMAT}")
    vectors = tuple(_read_vector(vector) for vector in data["vectors"])
    if not vectors:
        raise ValueError("it is empty")
    return GoldenSet(str(data["weights_sha256"]), dict(data["made"]), vectors)


def _read_vector(data: dict[str, Any]) -> GoldenVector:
    vector = GoldenVector(**{**data, "response": tuple(tuple(map(int, row)) for row in data["response"])})
    for number in (vector.seed, vector.width, vector.height):
        if not isinstance(number, int) or not 0 <= number <= _MOST:
            raise ValueError(f"{number!r} is no seed and no side")
    vector.values()  # refuses rows of unequal length, and what is no response
    return vector


def _random(seed: int, count: int) -> NDArray[np.uint64]:
    """Return numbers by splitmix64 (Steele, Lea and Flood 2014): no library's stream may ever change them."""
    with np.errstate(over="ignore"):
        z = np.arange(1, count + 1, dtype=np.uint64) + np.uint64(seed) * np.uint64(1 << 32)
        z = z * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))
