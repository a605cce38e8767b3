"""The command ``irlnet``: picks the sub-command, imports it alone, and turns its end into an exit code."""

from __future__ import annotations

import argparse
import importlib
import io
import os
import sys
import traceback
import warnings
from collections.abc import Sequence
from typing import NoReturn

from irlnet_core import __version__
from irlnet_core.cli.progress_bar import printable
from irlnet_core.errors import ConfigError, IrlnetError

DONE, FAILED, WRONG_USAGE, CRASHED, INTERRUPTED, BROKEN_PIPE = 0, 2, 64, 70, 130, 141

# name → (module with add_arguments(parser) and run(args) -> exit code, one line of help)
COMMANDS = {
    "localize": ("irlnet_core.cli.localize", "mark the inpainted regions of pictures"),
    "scan": ("irlnet_core.cli.scan", "analyse a folder of pictures into a case file"),
    "verify": ("irlnet_core.cli.verify", "check a record or a case, and run a record again"),
    "self-test": ("irlnet_core.cli.self_test", "tell whether a model answers here as it did on its maker's"),
    "forge": ("irlnet_core.cli.forge", "make forged pictures and their masks from photographs"),
    "train": ("irlnet_core.cli.train", "train a network"),
    "train-engine": ("irlnet_core.cli.train_engine", "train an engine of the forge"),
    "calibrate": ("irlnet_core.cli.calibrate", "set the thresholds by false alarms on clean photographs"),
    "compare": ("irlnet_core.cli.compare", "tell whether a fine-tuned model is better than its base"),
    "models": ("irlnet_core.cli.models", "list, choose, rename, delete, export and import models"),
    "evaluate": ("irlnet_core.cli.evaluate", "measure a model on pictures with known masks"),
    "report": ("irlnet_core.cli.report", "write the report on a record or a case as PDF and HTML"),
    "bench": ("irlnet_core.cli.bench", "measure speed and memory on this machine"),
}

# What these had finished when Ctrl-C came is on the disk, and whole.
_KEEPING = ("localize", "scan", "train")

_EXIT_CODES = """exit codes (scan, verify and self-test have their own: see their help):
  0    done
  2    failed, and why is told; localize has finished all other pictures
  64   wrong usage
  70   the program itself failed: nothing is known of the result
  130  stopped with Ctrl-C; localize, scan and train have kept what was finished"""


class Parser(argparse.ArgumentParser):
    """An argument parser that ends with 64 (EX_USAGE) on wrong usage, because 2 has another meaning here."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(WRONG_USAGE, f"{self.prog}: error: {message}\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``irlnet`` with ``argv`` (default: the process's own arguments) and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a file name may hold what the terminal can't show
            stream.reconfigure(errors="backslashreplace")
    # What Pillow warns about is told by the record, or by an error; stderr is for our own words.
    warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
    words = sys.argv[1:] if argv is None else list(argv)
    command = next((word for word in words if not word.startswith("-")), None)
    try:
        code = _run(words, command)
        sys.stdout.flush()
        return code
    except IrlnetError as error:
        print(printable(f"irlnet: {error}"), file=sys.stderr)
        return WRONG_USAGE if isinstance(error, ConfigError) else FAILED
    except KeyboardInterrupt:
        kept = "; finished results were kept" if command in _KEEPING else ""
        print(f"irlnet: stopped{kept}.", file=sys.stderr)
        return INTERRUPTED
    except OSError as error:  # the reader of our output has gone, or the disk that takes it is full
        _finish_output()
        if isinstance(error, BrokenPipeError):
            return BROKEN_PIPE
        print(printable(f"irlnet: {error}"), file=sys.stderr)
        return FAILED
    except Exception:  # noqa: BLE001 - Python's own code would be 1, which says "altered" of a record
        traceback.print_exc()
        return CRASHED


def make_parser(command: str | None = None) -> Parser:
    """Return the parser that knows every sub-command by name and the options of ``command`` alone."""
    parser = Parser(
        prog="irlnet",
        description="Find the inpainted regions of photographs, pixel by pixel.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"irlnet {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, (module, help_line) in COMMANDS.items():
        own = commands.add_parser(name, help=help_line, description=help_line.capitalize() + ".")
        if name == command:
            chosen = importlib.import_module(module)
            chosen.add_arguments(own)
            own.set_defaults(run=chosen.run)
    return parser


def _finish_output() -> None:
    """Send off what was printed, or drop it: else Python would complain when it flushes stdout at exit."""
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(argv: list[str], command: str | None) -> int:
    try:
        args = make_parser(command).parse_args(argv)
    except SystemExit as stop:  # argparse has printed the help, the version or what is wrong
        return int(stop.code or 0)
    code: int = args.run(args)
    return code


if __name__ == "__main__":
    sys.exit(main())
