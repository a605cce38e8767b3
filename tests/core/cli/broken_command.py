"""A sub-command with a bug, for a test of what the program does then."""

from __future__ import annotations

import argparse


def add_arguments(_: argparse.ArgumentParser) -> None:
    """Declare nothing."""


def run(_: argparse.Namespace) -> int:
    """Fail as a bug does."""
    return 1 // 0
