"""``irlnet forge``: make forged pictures with true masks from pristine photographs."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path

from irlnet_core.cli.progress_bar import ProgressBar
from irlnet_core.config import Config, read_config
from irlnet_core.errors import ConfigError
from irlnet_core.progress import Event, Progress, finish


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``irlnet forge``."""
    parser.add_argument("--photos", type=Path, required=True, metavar="DIR", help="pristine photographs")
    parser.add_argument("--output", type=Path, required=True, metavar="DIR", help="new folder to fill")
    parser.add_argument("--count", type=int, required=True, metavar="N", help="how many pictures")
    parser.add_argument("--size", type=int, default=512, help="side of the pictures in pixels (default: 512)")
    parser.add_argument(
        "--engines", nargs="+", metavar="NAME[=SHARE]", help="engines and shares (default: recipe's)"
    )
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="recipe (TOML) whose [forge] table is used"
    )
    parser.add_argument("--seed", type=int, default=0, help="same seed, same pictures (default: 0)")
    parser.add_argument("--workers", type=int, default=0, help="parallel processes (default: none)")


def run(args: argparse.Namespace) -> int:
    """Forge the pictures; return 0."""
    config = (read_config(args.config) if args.config else Config()).forge
    if args.engines:
        config = dataclasses.replace(config, engines=parse_shares(args.engines))
    config = dataclasses.replace(config, picture=0)  # every picture has the side that was asked for
    from irlnet_core.data.photographs import find_photographs
    from irlnet_core.forge.build import build
    from irlnet_core.forge.compose import Forge
    from irlnet_core.forge.engine import load_engine

    engines = {name: load_engine(name) for name in config.engines}
    forge = Forge(find_photographs(args.photos, split="train"), engines, config, seed=args.seed)
    bar = ProgressBar(sys.stderr, unit="picture")
    bar.start("forging")

    def show(event: Event) -> None:
        if isinstance(event, Progress):
            bar.update(event.done, event.total)

    job = build(forge, args.output, args.count, size=args.size, workers=args.workers)
    manifest = finish(job, show)
    bar.clear()
    print(f"{args.count} pictures in {manifest.parent}, listed in {manifest}")
    return 0


def parse_shares(words: list[str]) -> dict[str, float]:
    """Turn ``["telea", "gc=2"]`` into ``{"telea": 1.0, "gc": 2.0}``. Raises :class:`ConfigError`."""
    shares = {}
    for word in words:
        name, _, share = word.partition("=")
        try:
            shares[name] = float(share or 1)
        except ValueError as error:
            raise ConfigError(f"--engines {word!r}: {share!r} is not a number.") from error
    return shares
