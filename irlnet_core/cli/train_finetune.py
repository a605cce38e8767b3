"""``irlnet train --finetune``: teach a model a case, as a child process of the window or from a terminal.

With ``--events jsonl`` every line of stdout is one JSON object with the key ``event``: the events of
:mod:`irlnet_core.progress` (Note, Progress, StepDone, EpochDone, CheckpointSaved) and of
:mod:`irlnet_core.training.finetune_events` (RunStarted, PreviewSaved, StepTimed, RunEnded, Failed), whose
fields are the keys beside it. A reader passes over what it does not know. The last line is RunEnded,
StepTimed or Failed. Exit codes: 0 finished, early or stopped (the model is there); 130 paused or cancelled;
2 failed; 64 wrong usage.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from irlnet_core.cli.check_data import pictures_in, read_check_options, write_sets
from irlnet_core.cli.options import parse_count, parse_number
from irlnet_core.cli.wishes import Wishes, listen_for_wishes
from irlnet_core.errors import Interrupted, IrlnetError, OutputError
from irlnet_core.evidence.export import check_output, check_writable
from irlnet_core.model.card import read_card
from irlnet_core.progress import Event, Progress, finish
from irlnet_core.training.finetune_events import Failed, RunEnded, RunStarted, StepTimed
from irlnet_core.training.finetune_policy import FREEZABLE, FinetunePolicy, forge_of
from irlnet_core.training.finetune_run_folder import RUN, RunFolder, find_best_step
from irlnet_core.training.run_lock import hold

if TYPE_CHECKING:
    from irlnet_core.data.photographs import Photograph
    from irlnet_core.training.finetune_data import FinetuneData

Say = Callable[[Event], None]

INTERRUPTED = 130

_OWN: dict[str, tuple[Callable[[str], Any], str]] = {
    "learning_rate": (parse_number, "top of the learning rate"),
    "crop": (parse_count, "side of the crops in pixels (default: the base's tile)"),
    "batch": (parse_count, "crops in one step (default: by their size and the device)"),
    "rehearsal": (parse_number, "share of general forgeries among the crops"),
    "postprocess": (parse_number, "share of the case's crops that are recoded first"),
    "patience": (int, "end after so many validations without a better one; 0 = never"),
    "validate_every": (parse_count, "steps between two validations"),
    "validation_count": (parse_count, "held-out crops of a validation"),
    "workers": (int, "processes that make samples; -1 = by the machine"),
    "threads": (int, "threads of the network; 0 = by the machine"),
    "seed": (int, "same seed, same samples"),
}


def add_finetune_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options that only fine-tuning has."""
    group = parser.add_argument_group("fine-tuning", "from --init, on --data (or --photos alone)")
    group.add_argument(
        "--finetune", action="store_true", help="rehearse, keep the best, stop early (default with --init "
        "and --data, but without --config)",
    )  # fmt: skip
    defaults = FinetunePolicy()
    for name, (kind, words) in _OWN.items():
        option = f"--{name.replace('_', '-')}"
        text = words if "(default" in words else f"{words} (default: {getattr(defaults, name):g})"
        group.add_argument(option, type=kind, metavar="N", help=text)
    group.add_argument(
        "--freeze",
        choices=FREEZABLE,
        help=f"what stays as the base has it (default: {defaults.freeze} = the network, where "
        "the base has a trace stream that can learn alone, else none)",
    )
    group.add_argument(
        "--precision", choices=["auto", "float32", "bfloat16"], help=f"default: {defaults.precision}"
    )
    group.add_argument("--time-step", action="store_true", help="time one step, write nothing")
    group.add_argument(
        "--stop-file", type=Path, metavar="FILE", help="stop, keeping the best, once it exists"
    )
    group.add_argument(
        "--control", choices=["stdin"], help="obey the lines stop, cancel and pause; its end means pause"
    )


def is_finetuning(args: argparse.Namespace) -> bool:
    """Tell whether the arguments ask for fine-tuning and not for a plain training."""
    if args.finetune or args.time_step:
        return True
    if args.resume and args.output is not None and (args.output / RUN).is_file():
        return True
    return bool(args.init and args.data and not args.config)


def run_finetune(args: argparse.Namespace, command: str, say: Say) -> int:
    """Fine-tune, or time one step; return the exit code. With events an error is told by Failed."""
    if args.control:
        say = _outlive_the_reader(say)
    try:
        return _time(args, say) if args.time_step else _train(args, command, say)
    except IrlnetError as error:
        if args.events:
            say(Failed(error.reason, error.cure, str(error.path or "")))
        raise


def _outlive_the_reader(say: Say) -> Say:
    """Speak into nothing once the reader of stdout is gone: the end of stdin will tell what to do."""

    def spoken(event: Event) -> None:
        try:
            say(event)
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    return spoken


def speak(event: Event) -> None:
    """Tell a person what only a fine-tuning tells."""
    if isinstance(event, RunStarted):
        words = f"{event.pictures} pictures to learn, {event.validation_pictures} to judge by"
        print(f"{words}; rehearsal from {event.rehearsal_photographs} photographs; at most "
              f"{event.minutes:g} minutes or {event.steps} steps", flush=True)  # fmt: skip
    elif isinstance(event, StepTimed):
        memory = event.peak_memory_bytes / 1e9
        print(f"{event.seconds_per_step:.2f} s a step: {event.steps} steps, {event.minutes:.0f} minutes, "
              f"{memory:.1f} GB on {event.device}", flush=True)  # fmt: skip
    elif isinstance(event, RunEnded):
        print(f"{event.detail} Best at step {event.best_step} of {event.step}: {event.run}", flush=True)


def _train(args: argparse.Namespace, command: str, say: Say) -> int:
    say(Progress("loading", 0, 0))
    run = RunFolder(args.output)
    order = run.describe() if args.resume else _order(args, command)
    photos = Path(order["photos"]) if order["photos"] else None
    check_output(args.output, pictures_in(map(Path, order["data"]), photos))
    if not args.resume:
        _check_free(run)
    check_writable(args.output)
    with hold(run.path), listen_for_wishes(control=args.control, stop_file=args.stop_file) as wishes:
        try:
            if args.resume:
                _check_unchanged(order, run, wishes, say)
                return _drive(order, run, args.device, wishes, say)
            return _begin(args, order, run, wishes, say)
        except Interrupted:
            ended = _end_early(run, wishes.current())
    say(ended)
    return 0 if ended.reason == "stopped" else INTERRUPTED


def _end_early(run: RunFolder, wish: str) -> RunEnded:
    """End a run before its training began or went on; what it has learned is kept, unless it is cancelled."""
    if wish == "cancel" or not run.has_state():
        if run.is_begun():
            run.remove()
        detail = "Ended before the training began; nothing is kept."
        return RunEnded("cancelled", 0, 0, 0.0, str(run.path), detail)
    reason = "stopped" if wish == "stop" else "paused"
    run.end(reason)
    curve = run.curve()
    last: dict[str, Any] = curve[-1] if curve else {"step": 0, "seconds": 0.0}
    detail = "Ended before the training went on; what was learned before is kept."
    return RunEnded(reason, last["step"], find_best_step(curve), last["seconds"], str(run.path), detail)


def _begin(args: argparse.Namespace, order: dict[str, Any], run: RunFolder, wishes: Wishes, say: Say) -> int:
    """Begin a run in a folder that this process holds; before anything is learned an error leaves none."""
    _check_free(run)  # again: another process may have begun one while this one waited
    run.begin(order)
    try:
        _freeze(args, order, run, wishes, say)
        return _drive(order, run, args.device, wishes, say)
    except IrlnetError:
        if run.is_begun() and not run.has_state():
            run.remove()
        raise


def _drive(order: dict[str, Any], run: RunFolder, device: str, wishes: Wishes, say: Say) -> int:
    from irlnet_core.training.finetune import FineTuner

    policy, base = FinetunePolicy.from_data(order["policy"]), Path(order["base"])
    data = _gather(order, run, wishes, say)
    tuner = FineTuner(
        policy,
        data,
        run,
        base=base,
        resume=run.has_state(),
        device=device,
        name=order["name"],
        command=order["command"],
        wished=wishes.current,
    )
    ended = finish(tuner.run_to_end(), say)
    return INTERRUPTED if ended.reason in ("paused", "cancelled") else 0


def _time(args: argparse.Namespace, say: Say) -> int:
    from irlnet_core.training.time_step import time_step

    order = _order(args, "")
    policy, base = FinetunePolicy.from_data(order["policy"]), Path(order["base"])
    with tempfile.TemporaryDirectory(prefix="irlnet-") as folder:
        run = RunFolder(Path(folder))
        _freeze(args, order, run, Wishes(), say)
        data = _gather(order, run, Wishes(), say)
        finish(time_step(policy, data, base=base, device=args.device), say)
    return 0


def _order(args: argparse.Namespace, command: str) -> dict[str, Any]:
    """Return what run.json tells: everything that a resumed run must know again."""
    from irlnet_core.model.locate import find_model

    given = {name: getattr(args, name) for name in (*_OWN, "freeze", "precision", "minutes", "steps")}
    policy = dataclasses.replace(FinetunePolicy(), **{k: v for k, v in given.items() if v is not None})
    base = find_model(args.init).resolve()
    policy.config(read_card(base))  # a setting that can't be is told before anything is read
    return {
        "policy": policy.as_dict(),
        "base": str(base),
        "data": [str(folder.resolve()) for folder in args.data or []],
        "photos": str(args.photos.resolve()) if args.photos else "",
        "without": sorted(read_check_options(args).evidence),
        "name": args.name,
        "command": command,
    }


def _freeze(
    args: argparse.Namespace, order: dict[str, Any], run: RunFolder, wishes: Wishes, say: Say
) -> None:
    """Check the pairs and write them into the run as they are now."""
    from irlnet_core.data.data_sets import freeze_folders

    folders = [Path(folder) for folder in order["data"]]
    if folders:
        job = freeze_folders(folders, read_check_options(args), frozen=[args.frozen] if args.frozen else ())
        write_sets(finish(job, _attentive(wishes, say)), run.path)


def _check_unchanged(order: dict[str, Any], run: RunFolder, wishes: Wishes, say: Say) -> None:
    """Refuse to go on with other pairs than those that the run began with (:class:`DataError`)."""
    from irlnet_core.data.data_sets import place_sets, read_unchanged

    folders = [Path(folder) for folder in order["data"]]
    finish(read_unchanged(place_sets(run.path, len(folders)), folders), _attentive(wishes, say))


def _gather(order: dict[str, Any], run: RunFolder, wishes: Wishes, say: Say) -> FinetuneData:
    from irlnet_core.data.photographs import find_photographs
    from irlnet_core.training.finetune_data import gather
    from irlnet_core.training.finetune_pairs import read_pairs_of

    policy, card = FinetunePolicy.from_data(order["policy"]), read_card(Path(order["base"]))
    pairs = read_pairs_of(run, [Path(folder) for folder in order["data"]])
    photos: list[Photograph] = []
    if order["photos"]:
        without = frozenset(order.get("without", ()))  # runs of earlier versions do not tell
        photos = find_photographs(Path(order["photos"]), split="train", without=without)
    job = gather(
        pairs,
        photos,
        forge_of(card),
        size=policy.crop or card.tile,
        rehearsal=policy.rehearsal,
        seed=policy.seed,
    )
    return finish(job, _attentive(wishes, say))


def _attentive(wishes: Wishes, say: Say) -> Say:
    """Pass events on, and end the work where there is a wish: nothing is learned yet, nothing is kept."""

    def listen(event: Event) -> None:
        say(event)
        if wishes.current():
            raise Interrupted("The work was asked to end before the training began.")

    return listen


def _check_free(run: RunFolder) -> None:
    """Refuse a folder that holds a model, a run, or anything of a name that a run writes."""
    if found := run.in_the_way():
        raise OutputError(
            f"holds a model or a training already ({', '.join(found[:3])}).",
            path=run.path,
            cure="Add --resume to go on with it, or choose a new folder with --output.",
        )
