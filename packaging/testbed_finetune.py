"""Make a test bed for fine-tuning, teach it, and say what was gained and what was forgotten.

From photographs that no model was trained on it makes 30 pairs of one engine to learn from and 10 held out,
of other scenes; further photographs stay clean, for calibration. Run it with the project's Python::

    python packaging/testbed_finetune.py --photos DIR --output DIR [--base MODEL] [--keep DIR …]

``--engine`` names the engine; "worst" measures some and takes the one whose fills the base separates worst,
which may be one that a small network does not learn in minutes. ``--rehearse`` names photographs (the split
"train" of their manifest) to rehearse from, instead of the pairs' own authentic parts: the more variety, the
less is forgotten. ``--keep`` names folders with ``images/`` and ``masks/`` on which nothing may be lost. The
same seed makes the same pictures; how many steps the minutes hold depends on the machine.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np

from irlnet_core.cli.main import main as irlnet
from irlnet_core.config import ForgeConfig
from irlnet_core.data.photographs import Photograph, find_photographs
from irlnet_core.device import choose_device
from irlnet_core.evidence.export import write_png
from irlnet_core.files import write_bytes, write_json
from irlnet_core.forge.compose import Forge
from irlnet_core.forge.engine import load_engine
from irlnet_core.inference.localizer import Localizer
from irlnet_core.progress import finish
from irlnet_core.training.finetune_run_folder import RunFolder
from irlnet_core.training.metrics import area_under_curve, count

LEARN, HELD_OUT, TRIAL = 30, 10, 6
GAIN, LOSS = 0.15, 0.03
ENGINES = (
    "exemplar", "taef2", "ae-nearest-s2", "ae-pixelshuffle-s4", "ae-transposed-s2", "up-nearest-s2",
    "up-pixelshuffle-s2", "gc-tiny", "gc-narrow", "telea", "navier-stokes",
)  # fmt: skip
_SHOWN = ("f1", "best_f1", "auc", "false_alarms", "general_auc", "score")


def main(argv: Sequence[str] | None = None) -> int:
    """Make, teach, compare; print a table and write result.json; return 0 when the reach is met."""
    args = _parse(argv)
    scenes = _one_of_each_scene(find_photographs(args.photos, split=args.split), args.size)
    needed = LEARN + HELD_OUT + args.clean
    if len(scenes) < needed:
        raise SystemExit(
            f"{needed} scenes of at least {args.size} pixels are needed, {len(scenes)} are there."
        )
    order = np.random.default_rng(args.seed).permutation(len(scenes))
    scenes = [scenes[int(place)] for place in order]
    engine = choose_engine(args, scenes[:TRIAL]) if args.engine == "worst" else args.engine
    learn, held = args.output / "learn", args.output / "held-out"
    make_pairs(scenes[:LEARN], engine, learn, args)
    make_pairs(scenes[LEARN : LEARN + HELD_OUT], engine, held, args)
    clean = args.output / "clean"
    for photo in scenes[LEARN + HELD_OUT : needed]:
        write_bytes(clean / photo.path.name, photo.path.read_bytes())
    return teach(args, engine, learn, held, clean)


def choose_engine(args: argparse.Namespace, photos: Sequence[Photograph]) -> str:
    """Return the engine whose fills the base separates worst (mean AUC on a few pictures)."""
    localizer = Localizer(args.base, device=args.device)
    found = {}
    for name in ENGINES:
        samples = [sample for photo in photos for sample in [_forge([photo], name, args).make(0, args.size)]]
        maps = [finish(localizer.localize(sample.image)).localization.probability for sample in samples]
        found[name] = float(
            np.mean([area_under_curve(m, s.mask) for m, s in zip(maps, samples, strict=True)])
        )
        threshold = localizer.model.card.threshold
        f1 = np.mean([count(m >= threshold, s.mask).f1 for m, s in zip(maps, samples, strict=True)])
        print(f"{name:<20} base: AUC {found[name]:.3f}, F1 {f1:.3f}", flush=True)
    return min(found, key=found.__getitem__)


def make_pairs(photos: Sequence[Photograph], engine: str, folder: Path, args: argparse.Namespace) -> None:
    """Write one forged picture of each photograph, with its mask."""
    for number, photo in enumerate(photos):
        sample = _forge([photo], engine, args).make(number, args.size)
        for part, pixels in (("images", sample.image), ("masks", sample.mask.astype(np.uint8) * 255)):
            path = folder / part / f"{photo.path.stem}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_png(path, pixels)


def teach(args: argparse.Namespace, engine: str, learn: Path, held: Path, clean: Path) -> int:
    """Fine-tune by the commands that an analyst uses, then measure both models alike."""
    run = args.output / "run"
    began, computed = time.monotonic(), time.process_time()
    words = ["train", "--finetune", "--data", str(learn), "--init", args.base, "--output", str(run)]
    words += ["--photos", str(args.rehearse)] if args.rehearse else []
    words += ["--minutes", str(args.minutes), "--device", args.device, *args.more]
    if irlnet(words) != 0:
        return 2
    minutes, computed = (time.monotonic() - began) / 60, (time.process_time() - computed) / 60
    compared = args.output / "compare.json"
    measure = ["compare", str(run), "--data", str(held), "--clean", str(clean), "--json", str(compared)]
    if irlnet([*measure, "--device", args.device]) != 0:
        return 2
    result = {
        "engine": engine,
        "minutes": round(minutes, 2),
        "processor_minutes": round(computed, 2),  # of the training itself, not of those that make its samples
        "seed": args.seed,
        "machine": choose_device(args.device).name,
        "comparison": json.loads(compared.read_text("utf-8")),
        "curve": RunFolder(run).curve(),
        "kept": measure_kept(args, run),
    }
    write_json(args.output / "result.json", result)
    return tell(result)


def measure_kept(args: argparse.Namespace, run: Path) -> dict[str, dict[str, float]]:
    """Return F1 and AUC of both models on the folders where nothing may be lost."""
    found = {}
    for name, model in (("base", args.base), ("new", str(run))):
        if not args.keep:
            break
        file = args.output / f"kept-{name}.json"
        words = ["evaluate", "--data", *map(str, args.keep), "--model", model, "--device", args.device]
        irlnet([*words, "--json", str(file)])
        rows = [row for row in json.loads(file.read_text("utf-8"))["rows"] if row["kind"] == "forged"]
        found[name] = {score: float(np.mean([row[score] for row in rows])) for score in ("f1", "auc")}
    return found


def tell(result: dict[str, Any]) -> int:
    """Print what was reached; return 0 when it is the reach of this test bed."""
    print("step  minutes  " + "  ".join(_SHOWN))
    for row in result["curve"]:
        figures = "  ".join(f"{row.get(name, float('nan')):{len(name)}.3f}" for name in _SHOWN)
        print(f"{row['step']:>4}  {row['seconds'] / 60:7.1f}  {figures}{'  best' if row['best'] else ''}")
    rows = result["comparison"]["rows"]
    f1 = next(row for row in rows if (row["variant"], row["measure"]) == ("as they are", "F1"))
    gain = f1["new"] - f1["base"]
    print(f"{result['engine']}: F1 on {f1['count']} held-out pairs {f1['base']:.3f} to {f1['new']:.3f} "
          f"({gain:+.3f}) after {result['minutes']} minutes, {result['processor_minutes']} of them "
          "computing")  # fmt: skip
    reached = gain >= GAIN
    for score, old in result["kept"].get("base", {}).items():
        new = result["kept"]["new"][score]
        reached &= new >= old - LOSS
        print(f"elsewhere {score}: {old:.3f} to {new:.3f} ({new - old:+.3f})")
    print("reached" if reached else f"not reached: {GAIN:+} on the case, at most {-LOSS:+} elsewhere")
    return 0 if reached else 1


def _forge(photos: list[Photograph], engine: str, args: argparse.Namespace) -> Forge:
    """A forge of one engine: content that it made up itself, no post-processing, no shortcut by the host.

    Hosts are reduced, or their fills are recompressed alike: only the engine's own traces tell the hole.
    """
    config = ForgeConfig(
        engines={engine: 1.0},
        pristine=0.0,
        reconstruction=0.5,
        history=(0.5, 0.5, 0.0),
        hole_min=0.04,
        hole_max=0.25,
        postprocess=0.0,
    )
    return Forge(photos, {engine: load_engine(engine)}, config, seed=args.seed)


def _one_of_each_scene(photos: Sequence[Photograph], size: int) -> list[Photograph]:
    chosen: dict[str, Photograph] = {}
    for photo in photos:
        if photo.group not in chosen and min(photo.read()[0].shape[:2]) >= size:
            chosen[photo.group] = photo
    return list(chosen.values())


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--photos", type=Path, required=True, metavar="DIR")
    parser.add_argument("--split", default="calibration", help="rows of the manifest (default: %(default)s)")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR")
    parser.add_argument("--base", default="fast", metavar="MODEL")
    parser.add_argument("--engine", default="navier-stokes", help="or: worst (default: %(default)s)")
    parser.add_argument("--minutes", type=float, default=18.0)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--clean", type=int, default=40, help="clean photographs for calibration")
    parser.add_argument("--keep", type=Path, nargs="+", default=[], metavar="DIR")
    parser.add_argument("--rehearse", type=Path, metavar="DIR", help="photographs to rehearse from")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("more", nargs="*", help="further words for irlnet train, after --")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
