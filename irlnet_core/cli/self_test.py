"""``irlnet self-test``: a model's golden vectors, computed on this machine."""

from __future__ import annotations

import argparse
import json
import sys

from irlnet_core.cli.options import add_model_options
from irlnet_core.cli.progress_bar import printable
from irlnet_core.inference.self_test import SelfTest, keep_self_test, make_golden, run_self_test

_CODES = {"passed": 0, "differs": 1, "not run": 2}
_EXIT_CODES = """exit codes:
  0    the model answers here as it did on its maker's machine
  1    it answers differently
  2    it could not be tested: the model, or its golden vectors, are not there
  64   wrong usage
  70   the program itself failed: nothing is known of the result"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``irlnet self-test``."""
    parser.epilog, parser.formatter_class = _EXIT_CODES, argparse.RawDescriptionHelpFormatter
    add_model_options(parser)
    parser.add_argument(
        "--make",
        action="store_true",
        help="for the maker of a model: write its golden vectors, as it answers here, into its folder",
    )
    parser.add_argument("--json", action="store_true", help="print the outcome as JSON")


def run(args: argparse.Namespace) -> int:
    """Test the model and keep the outcome for the records to come; return 0, 1 or 2."""
    from irlnet_core.inference.localizer import Localizer

    localizer = Localizer(args.model, device=args.device, precision=args.precision)
    if args.make:
        written = printable(f"Written: {make_golden(localizer)}")
        print(written, file=sys.stderr if args.json else sys.stdout)
    outcome = run_self_test(localizer)
    keep_self_test(outcome)
    print(json.dumps(outcome.as_dict(), indent=2) if args.json else _tell(localizer.model.card.name, outcome))
    return _CODES[outcome.state]


def _tell(name: str, outcome: SelfTest) -> str:
    return f"{outcome.state}: model {name} on {outcome.device}, {outcome.precision}. {outcome.reason}"
