"""``irlnet train-engine KIND``: train an engine of the forge on photographs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from irlnet_core.cli.train import print_event
from irlnet_core.data.photographs import find_photographs
from irlnet_core.errors import OutputError
from irlnet_core.files import is_inside
from irlnet_core.forge.autoencoder_config import ACTIVATIONS, STRIDES, UPSAMPLINGS, AutoencoderConfig
from irlnet_core.forge.engine_files import EngineCard
from irlnet_core.progress import finish


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``irlnet train-engine``: one sub-command for each kind of engine."""
    kinds = parser.add_subparsers(dest="kind", metavar="KIND", required=True)
    _add_autoencoder(
        kinds.add_parser("autoencoder", help="a small autoencoder whose round trip leaves its traces")
    )


def run(args: argparse.Namespace) -> int:
    """Train the engine, print how good it is on photographs that it never saw, and return 0."""
    if is_inside(args.output, args.photos):
        raise OutputError(
            "lies in the folder of the photographs.", path=args.output, cure="Choose another --output."
        )
    card = _KINDS[args.kind](args)
    if args.events is None:
        sys.stdout.write(_describe(card, args.output) + "\n")
    return 0


def _add_autoencoder(parser: argparse.ArgumentParser) -> None:
    _add_common(parser, steps=1500)
    defaults = AutoencoderConfig()
    parser.add_argument("--upsampling", choices=UPSAMPLINGS, default=defaults.upsampling)
    parser.add_argument("--stride", type=int, choices=STRIDES, default=defaults.stride)
    parser.add_argument("--activation", choices=ACTIVATIONS, default=defaults.activation)
    parser.add_argument("--depth", type=int, default=defaults.depth, help="residual blocks at each size")
    parser.add_argument("--base", type=int, default=defaults.base, help="channels at full size")
    parser.add_argument("--latent", type=int, default=defaults.latent, help="channels of the latent")
    parser.add_argument("--crop", type=int, default=96, help="side of the training crops in pixels")


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


def _train_autoencoder(args: argparse.Namespace) -> EngineCard:
    config = AutoencoderConfig(
        args.upsampling, args.stride, args.depth, args.base, args.activation, args.latent
    )
    photographs = find_photographs(args.photos, split=args.split)
    # Torch takes seconds to load: only once the rest of the command line is known to be right.
    from irlnet_core.training.train_autoencoder import AutoencoderTraining, train_autoencoder_engine

    training = AutoencoderTraining(args.steps, args.minutes, crop=args.crop, seed=args.seed)
    job = train_autoencoder_engine(photographs, args.output, config, training)
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


_KINDS: dict[str, Callable[[argparse.Namespace], EngineCard]] = {"autoencoder": _train_autoencoder}
