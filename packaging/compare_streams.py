r"""Compare trace streams by marks and scores: how the weights of "fast" were chosen among stages and means.

    python packaging/compare_streams.py KEPT --clean DIR --data DIR DIR… [--data DIR… --variants as-is …] \
        --models MODEL_FOLDER…

The stream alone answers, in bfloat16, for whole pictures; their traces are measured once, and kept in KEPT.
A picture's level is the response that half a percent of it exceeds; the 5 % (10 %) mark is the level that so
many of the clean pictures exceed. Each --data gives figures of its folders together (images/, masks/,
originals/): for every variant AUC, F1 at the 5 % mark and at the 10 % mark; and how many originals exceed the
5 % mark.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from irlnet_core import files
from irlnet_core.data.forged_cache import read_kept
from irlnet_core.data.pairs import read_pairs
from irlnet_core.data.photographs import find_photographs
from irlnet_core.data.truth import read_truth
from irlnet_core.evidence.alarm import ALARM_SHARE
from irlnet_core.evidence.image import read_image
from irlnet_core.model.checkpoint import load_model
from irlnet_core.model.traces import PictureTraces
from irlnet_core.training.metrics import area_under_curve, count
from irlnet_core.training.variants import VARIANTS

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Kept:
    """The traces of one picture in a file, and its true mask."""

    path: Path

    def answer(self, net: Any) -> tuple[NDArray[np.float32], Mask]:
        """Return the stream's response to the picture, and the mask."""
        from irlnet_core.training.validation import respond_to_traces

        mask, traces = read_kept(self.path, "mask", "traces")
        return respond_to_traces(net, traces, mask.shape), mask


def main(args: argparse.Namespace) -> None:
    """Print one line for each model and group of folders."""
    args.kept.mkdir(parents=True, exist_ok=True)
    clean = [_keep(args.kept, _read(photo.path)) for photo in find_photographs(args.clean)]
    groups = [_Group.of(args.kept, folders, args.variants) for folders in args.data]
    for folder in args.models:
        net = load_model(folder).net.float().eval()
        levels = sorted((_level(kept.answer(net)[0]) for kept in clean), reverse=True)
        marks = levels[len(levels) // 20], levels[len(levels) // 10]
        print(f"{folder.name}: 5 % mark {marks[0]:.3f}, 10 % mark {marks[1]:.3f} of {len(clean)}", flush=True)
        for group in groups:
            for line in group.tell(net, marks):
                print(f"    {line}", flush=True)


@dataclass(frozen=True)
class _Group:
    name: str
    forged: dict[str, list[Kept]]
    originals: list[Kept]

    @classmethod
    def of(cls, folder: Path, folders: Sequence[Path], variants: Sequence[str]) -> _Group:
        """Measure what is not kept yet of the pictures of ``folders``."""
        forged: dict[str, list[Kept]] = {}  # empty for folders of authentic pictures alone
        originals: dict[Path, Kept] = {}
        for pair in (pair for each in folders for pair in read_pairs(each)):
            picture = read_image(pair.image)
            truth = read_truth(pair, picture)
            for variant in variants if truth.any() else ():
                one = _keep(folder, VARIANTS[variant](picture.pixels, truth))
                forged.setdefault(variant, []).append(one)
            pristine = pair.original if truth.any() else pair.image
            if pristine:
                original = _keep(folder, _read(pristine))
                originals[original.path] = original  # several forgeries of one photograph: once
        return cls(" + ".join(each.name for each in folders), forged, list(originals.values()))

    def tell(self, net: Any, marks: tuple[float, float]) -> list[str]:
        """Return a line for each variant, and one about the originals."""
        lines = []
        for variant, kept in self.forged.items():
            scores = []
            for one in kept:
                response, mask = one.answer(net)
                found = (count(response >= mark, mask).f1 for mark in marks)
                scores.append((area_under_curve(response, mask), *found))
            auc, at_5, at_10 = np.mean(scores, axis=0)
            lines.append(f"{self.name}, {variant}: AUC {auc:.3f}, F1 {at_5:.3f}, {at_10:.3f} ({len(scores)})")
        if self.originals:
            alarms = sum(_level(one.answer(net)[0]) > marks[0] for one in self.originals)
            lines.append(f"{self.name}, originals: {alarms} of {len(self.originals)} exceed the 5 % mark")
        return lines


def _read(path: Path) -> tuple[Image, Mask]:
    pixels = read_image(path).pixels
    return pixels, np.zeros(pixels.shape[:2], bool)


def _keep(folder: Path, picture: tuple[Image, Mask]) -> Kept:
    image, mask = picture
    path = folder / f"{files.sha256_of_bytes(image.tobytes() + mask.tobytes())[:32]}.npz"
    if not path.is_file():
        traces = PictureTraces().of_picture(np.ascontiguousarray(image)).numpy().astype(np.float16)
        with files.write_atomically(path) as temporary:
            np.savez(temporary, mask=mask, traces=traces)
    return Kept(path)


def _level(response: NDArray[np.float32]) -> float:
    return float(np.quantile(response, 1 - ALARM_SHARE))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Compare trace streams by marks and scores.")
    parser.add_argument("kept", type=Path)
    parser.add_argument("--clean", type=Path, required=True)
    parser.add_argument("--data", type=Path, nargs="+", action="append", required=True)
    parser.add_argument("--variants", nargs="+", choices=list(VARIANTS), default=["as-is"])
    parser.add_argument("--models", type=Path, nargs="+", required=True)
    main(parser.parse_args())
