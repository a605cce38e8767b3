"""``irlnet train-engine KIND``: train an engine of the forge on photographs."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from collections.abc import Callable
from pathlib import Path

from irlnet_core.cli.train import print_event
from irlnet_core.data.photographs import Photograph, find_photographs
from irlnet_core.errors import OutputError
from irlnet_core.evidence.export import check_output, check_writable
from irlnet_core.forge.autoencoder_config import (
    ACTIVATIONS,
    ENCODERS,
    STRIDES,
    UPSAMPLINGS,
    AutoencoderConfig,
)
from irlnet_core.forge.engine_files import CARD, EngineCard
from irlnet_core.forge.gc_config import SIZES
from irlnet_core.progress import finish
from irlnet_core.training.gc_training import GcTraining, snapshot_folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``irlnet train-engine``: one sub-command for each kind of engine."""
    kinds = parser.add_subparsers(dest="kind", metavar="KIND", required=True)
    _add_autoencoder(
        kinds.add_parser("autoencoder", help="a small autoencoder whose round trip leaves its traces")
    )
    _add_gc(kinds.add_parser("gc", help="an inpainter of gated convolutions with a discriminator"))


def run(args: argparse.Namespace) -> int:
    """Train the engine, print how good it is on photographs that it never saw, and return 0."""
    photographs = find_photographs(args.photos, split=args.split)
    check_output(args.output, [args.photos, *(photo.path for photo in photographs)])
    _check_free(args)
    check_writable(args.output)
    card = _KINDS[args.kind](args, photographs)
    if args.events is None:
        sys.stdout.write(_describe(card, args.output) + "\n")
    return 0


def _check_free(args: argparse.Namespace) -> None:
    """Refuse to write over an engine or its snapshots unless their training is to go on."""
    if getattr(args, "resume", False):
        return
    snapshots = [snapshot_folder(args.output, k + 1) for k in range(getattr(args, "snapshots", 0))]
    for folder in (args.output, *snapshots):
        if any((folder / name).exists() for name in (CARD, "state/state.json")):
            raise OutputError(
                "holds an engine or the state of its training already.",
                path=folder,
                cure="Add --resume to go on with an engine of gc, or choose a new folder with --output.",
            )


def _add_autoencoder(parser: argparse.ArgumentParser) -> None:
    _add_common(parser, steps=1500)
    defaults = AutoencoderConfig()
    parser.add_argument("--upsampling", choices=UPSAMPLINGS, default=defaults.upsampling)
    parser.add_argument("--stride", type=int, choices=STRIDES, default=defaults.stride)
    parser.add_argument("--activation", choices=ACTIVATIONS, default=defaults.activation)
    parser.add_argument("--depth", type=int, default=defaults.depth, help="residual blocks at each size")
    parser.add_argument("--base", type=int, default=defaults.base, help="channels at full size")
    parser.add_argument("--latent", type=int, default=defaults.latent, help="channels of the latent")
    parser.add_argument(
        "--encoder",
        choices=ENCODERS,
        default=defaults.encoder,
        help="area: learn to enlarge a reduced picture",
    )
    parser.add_argument(
        "--texture", type=float, default=0.0, help="weight of the loss on texture's strength (default: 0)"
    )
    parser.add_argument("--crop", type=int, default=96, help="side of the training crops in pixels")


def _add_gc(parser: argparse.ArgumentParser) -> None:
    defaults = GcTraining()
    _add_common(parser, steps=defaults.steps)
    parser.add_argument("--size", choices=tuple(SIZES), default="small", help="default: %(default)s")
    parser.add_argument("--base", type=int, help="filters of the first convolution (default: the size's)")
    parser.add_argument("--crop", type=int, default=defaults.crop, help="side of the crops in pixels")
    parser.add_argument("--batch", type=int, default=defaults.batch)
    parser.add_argument(
        "--adversarial", type=float, default=defaults.adversarial, help="pull of the discriminator (L1's = 1)"
    )
    parser.add_argument(
        "--texture", type=float, default=defaults.texture, help="weight of the loss on texture's strength"
    )
    parser.add_argument("--learning-rate", type=float, default=defaults.learning_rate)
    parser.add_argument("--patches", type=int, default=defaults.patches, help="discriminator's first filters")
    parser.add_argument("--patch-layers", type=int, default=defaults.patch_layers)
    parser.add_argument(
        "--warmup", type=float, default=defaults.warmup, help="share of the training without it"
    )
    parser.add_argument(
        "--snapshots", type=int, default=0, metavar="K", help="engines to keep on the way, beside ENGINE"
    )
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default=defaults.precision)
    parser.add_argument("--resume", action="store_true", help="go on from the state in ENGINE/state")


def _add_common(parser: argparse.ArgumentParser, *, steps: int) -> None:
    parser.add_argument("--photos", type=Path, required=True, metavar="DIR", help="pristine photographs")
    parser.add_argument(
        "--output", type=Path, required=True, metavar="ENGINE", help="folder of the new engine"
    )
    parser.add_argument(
        "--split", default="train", help="split of the manifest to use (default: %(default)s)"
    )
    parser.add_argument("--steps", type=int, default=steps, help="optimizer steps (default: %(default)s)")
    parser.add_argument("--minutes", type=float, default=0.0, help="time limit (default: none)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--events", choices=["jsonl"], help="print every event as a line of JSON")


def _train_autoencoder(args: argparse.Namespace, photographs: list[Photograph]) -> EngineCard:
    config = AutoencoderConfig(
        args.upsampling, args.stride, args.depth, args.base, args.activation, args.latent, args.encoder
    )
    # Torch takes seconds to load: only once the rest of the command line is known to be right.
    from irlnet_core.training.train_autoencoder import AutoencoderTraining, train_autoencoder_engine

    training = AutoencoderTraining(
        args.steps, args.minutes, crop=args.crop, seed=args.seed, texture=args.texture
    )
    job = train_autoencoder_engine(photographs, args.output, config, training)
    return finish(job, lambda event: print_event(event, as_json=args.events == "jsonl"))


def _train_gc(args: argparse.Namespace, photographs: list[Photograph]) -> EngineCard:
    config = SIZES[args.size] if args.base is None else dataclasses.replace(SIZES[args.size], base=args.base)
    names = {field.name for field in dataclasses.fields(GcTraining)}
    training = GcTraining(**{name: value for name, value in vars(args).items() if name in names})
    from irlnet_core.training.train_gc import train_gc_engine

    job = train_gc_engine(photographs, args.output, config, training, resume=args.resume)
    return finish(job, lambda event: print_event(event, as_json=args.events == "jsonl"))


def _describe(card: EngineCard, folder: Path) -> str:
    quality = card.quality
    verdict = "" if quality["counts"] else "  (blurry, noisy or no better than Telea's fill)"
    return (
        f"{folder}: {card.training['steps']} steps on {card.training['photographs']} photographs\n"
        f"on {quality['photographs']} unseen photographs, in the hole, of 255 levels: "
        f"error {quality['error']:.2f}, Telea's {quality['telea_error']:.2f}; "
        f"sharpness inside / outside {quality['sharpness']:.2f}, "
        f"of the originals {quality['true_sharpness']:.2f}{verdict}"
    )


_KINDS: dict[str, Callable[[argparse.Namespace, list[Photograph]], EngineCard]] = {
    "autoencoder": _train_autoencoder,
    "gc": _train_gc,
}
