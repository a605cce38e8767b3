"""``irlnet train``: train a network on photographs (forged on the fly) or on given pairs."""

from __future__ import annotations

import argparse
import dataclasses
import json
import shlex
import sys
from pathlib import Path

from irlnet_core.cli.check_data import (
    add_check_arguments,
    pictures_in,
    read_check_options,
    run_check,
    show_progress,
    write_sets,
)
from irlnet_core.cli.options import parse_device
from irlnet_core.cli.train_finetune import add_finetune_arguments, is_finetuning, run_finetune, speak
from irlnet_core.config import Config, TrainConfig, read_config
from irlnet_core.data.data_sets import CheckOptions, freeze_folders, place_sets
from irlnet_core.errors import ConfigError, OutputError
from irlnet_core.evidence.export import check_output, check_writable
from irlnet_core.model.card import CARD_NAME
from irlnet_core.progress import EpochDone, Event, Note, StepDone
from irlnet_core.training.run_lock import hold

_EVERY = 50  # steps between two printed lines


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``irlnet train``."""
    parser.add_argument(
        "--photos",
        type=Path,
        metavar="DIR",
        help="pristine photographs to forge from; beside --data: to rehearse",
    )
    parser.add_argument(
        "--data",
        type=Path,
        nargs="+",
        metavar="DIR",
        help="folders of pictures and their masks to learn from",
    )
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="recipe (TOML); default: the paper's setting"
    )
    parser.add_argument(
        "--forged",
        type=Path,
        nargs="+",
        metavar="DIR",
        help="where a recipe's forged pictures are kept (default: OUTPUT/forged); "
        "further folders: kept by other recipes, to learn from as well",
    )
    parser.add_argument("--init", metavar="MODEL", help="start from this model's weights")
    parser.add_argument("--output", type=Path, metavar="DIR", help="model folder to write")
    parser.add_argument("--resume", action="store_true", help="go on from the state in --output")
    parser.add_argument("--minutes", type=float, metavar="M", help="end after so many minutes")
    parser.add_argument("--steps", type=int, metavar="N", help="end after so many steps")
    parser.add_argument(
        "--device", type=parse_device, default="auto", help="auto, cpu, cuda or cuda:N (default: auto)"
    )
    parser.add_argument("--name", default="", help="the model's name (default: the folder's)")
    parser.add_argument("--events", choices=["jsonl"], help="print every event as a line of JSON")
    add_check_arguments(parser)
    add_finetune_arguments(parser)


def run(args: argparse.Namespace) -> int:
    """Train, or only check the data; return 0. Ctrl-C ends with the best model so far in --output."""
    options = read_check_options(args)
    if args.check:
        return run_check(args)
    _check_words(args)
    command = _command_line(sys.argv[1:])
    if is_finetuning(args):
        return run_finetune(args, command, lambda event: print_event(event, as_json=args.events == "jsonl"))
    config = _with_limits(read_config(args.config) if args.config else Config(), args)
    if args.forged and not (args.photos and config.train.pictures):
        raise ConfigError("--forged needs --photos and a recipe that keeps pictures (train.pictures).")
    _check_place(args)
    _check_free(args)
    check_writable(args.output)
    with hold(args.output):
        _check_free(args)  # again: another process may have trained there while this one waited
        _train(args, config, options, command)
    return 0


def _train(args: argparse.Namespace, config: Config, options: CheckOptions, command: str) -> None:
    from irlnet_core.model.locate import find_model
    from irlnet_core.training.engine import Trainer
    from irlnet_core.training.sources import crops_of_sets, forged_from_photographs

    if args.photos:
        kept = args.forged or [args.output / "forged"]
        data = forged_from_photographs(args.photos, config, kept, options.evidence)
    else:
        sets = show_progress(freeze_folders(args.data, options, frozen=_frozen_before(args)))
        data = crops_of_sets(sets, config)
        write_sets(sets, args.output)
    trainer = Trainer(
        config,
        data,
        args.output,
        init=find_model(args.init) if args.init else None,
        resume=args.resume,
        device=args.device,
        name=args.name,
        command=command,
    )
    for event in trainer.run():
        print_event(event, as_json=args.events == "jsonl")


def _frozen_before(args: argparse.Namespace) -> list[Path]:
    """Return the files of the sets to learn from as they are: those given, or those that a run began with."""
    if args.frozen:
        return [args.frozen]
    known = place_sets(args.output, len(args.data))
    return known if args.resume and all(path.is_file() for path in known) else []


def _check_words(args: argparse.Namespace) -> None:
    """Refuse what has no source, no place or two sources."""
    tuning = is_finetuning(args)
    if not args.data and not args.photos and not (tuning and args.resume):
        raise ConfigError("--photos or --data is needed: what to learn from.")
    if args.data and args.photos and not tuning:
        raise ConfigError("--photos and --data together mean fine-tuning: add --finetune, or leave one out.")
    if args.output is None and not args.time_step:
        raise ConfigError("--output is needed: the model folder to write.")


def _check_place(args: argparse.Namespace) -> None:
    """Refuse to write among the photographs, wherever the folders that were named say that they lie."""
    sources = pictures_in(args.data or [], args.photos)
    check_output(args.output, sources)
    if args.forged:
        check_output(args.forged[0], sources, option="--forged")


def _check_free(args: argparse.Namespace) -> None:
    """Refuse to write over a model unless it is to go on."""
    if not args.resume and any((args.output / name).exists() for name in (CARD_NAME, "state/state.json")):
        raise OutputError(
            "holds a model or the state of a training already.",
            path=args.output,
            cure="Add --resume to go on with it, or choose a new folder with --output.",
        )


def _command_line(words: list[str]) -> str:
    """Return the command for the card; folders stay private: of most paths only the name is kept."""
    return shlex.join(["irlnet", *map(_without_folders, words)])


def _without_folders(word: str) -> str:
    """Return a word, or of a path that tells where things lie on this machine its name alone."""
    option, equals, value = word.partition("=") if word.startswith("--") else ("", "", word)
    private = Path(value).is_absolute() or ".." in Path(value).parts
    return option + equals + (Path(value).name if private else value)


def print_event(event: Event, *, as_json: bool) -> None:
    """Print an event as JSON, or as a line for a person (every 50th step only)."""
    if as_json:
        print(json.dumps(event.as_dict()), flush=True)
    elif isinstance(event, StepDone) and event.step % _EVERY == 0:
        print(f"step {event.step}  loss {event.loss:.4f}  {event.seconds / 60:.1f} min", flush=True)
    elif isinstance(event, EpochDone):
        scores = "  ".join(f"{name} {value:.4f}" for name, value in event.scores.items())
        print(f"validation at step {event.step}: {scores}{'  (best)' if event.best else ''}", flush=True)
    elif isinstance(event, Note):
        print(event.message, flush=True)
    else:
        speak(event)


def _with_limits(config: Config, args: argparse.Namespace) -> Config:
    changes = {name: getattr(args, name) for name in ("minutes", "steps") if getattr(args, name) is not None}
    if args.minutes is not None and args.minutes <= 0:
        raise ConfigError("--minutes must be positive.")
    train: TrainConfig = dataclasses.replace(config.train, **changes)
    return dataclasses.replace(config, train=train)
