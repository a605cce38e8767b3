"""``irlnet models``: the models at hand, the default among them, and handing one on as a single file."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from irlnet_core.cli.progress_bar import printable
from irlnet_core.model.archive import SUFFIX, export_model, import_model
from irlnet_core.model.model_library import ModelEntry, ModelLibrary
from irlnet_core.training.promote import keep_model

FAILED = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the actions of ``irlnet models``."""
    parser.add_argument("--home", type=Path, metavar="DIR", help="instead of the user's own models folder")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser("list", help="show every model at hand; * is the default")
    listing.add_argument("--json", action="store_true", help="as JSON")
    for action, words in (
        ("verify", "check a model's files by the hashes on its card"),
        ("delete", "delete one of your own models"),
    ):
        actions.add_parser(action, help=words).add_argument("name")
    default = actions.add_parser("default", help="make a model the default")
    default.add_argument("name")
    _accept(default)
    rename = actions.add_parser("rename", help="rename one of your own models")
    rename.add_argument("name")
    rename.add_argument("new")
    export = actions.add_parser("export", help=f"write a model as one {SUFFIX} file")
    export.add_argument("name")
    export.add_argument("file", type=Path)
    take = actions.add_parser(
        "import", help=f"take a model in from a {SUFFIX} file; anything else is refused"
    )
    take.add_argument("file", type=Path)
    take.add_argument("--name", default="", help="call it so (default: as its card says)")
    keep = actions.add_parser("keep", help="keep the model of a fine-tuning among your own models")
    keep.add_argument("folder", type=Path, metavar="RUN")
    keep.add_argument("name")
    keep.add_argument("--notes", default="")
    _accept(keep)


def run(args: argparse.Namespace) -> int:
    """Do what was asked; return 0, or 2 when a model is found damaged."""
    homes = ModelLibrary().homes
    library = ModelLibrary([*homes[:-1], args.home] if args.home else homes)
    if args.action == "list":
        _list(library, as_json=args.json)
    elif args.action == "verify":
        return _verify(library, args.name)
    elif args.action == "default":
        library.set_default(args.name, accept_worse=args.accept_worse)
    elif args.action == "rename":
        library.rename(args.name, args.new)
    elif args.action == "delete":
        library.delete(args.name)
    elif args.action == "export":
        print(export_model(library.find(args.name).folder, args.file))
    elif args.action == "import":
        print(import_model(args.file, library.user_home, name=args.name, taken=library.names))
    else:
        print(
            keep_model(
                args.folder,
                library.user_home,
                args.name,
                notes=args.notes,
                accept_worse=args.accept_worse,
                taken=library.names,
            )
        )
    return 0


def _accept(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--accept-worse", action="store_true", help="also when it was found worse than its base"
    )


def _list(library: ModelLibrary, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([_describe(entry) for entry in library.entries()], indent=2))
        return
    for entry in library.entries():
        mark, kind = "*" if entry.default else " ", "shipped" if entry.shipped else "own"
        words = entry.problem or entry.verdict
        print(printable(f"{mark} {entry.name:<24} {kind:<8} {entry.folder}  {words}").rstrip())


def _describe(entry: ModelEntry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "folder": str(entry.folder),
        "shipped": entry.shipped,
        "default": entry.default,
        "verdict": entry.verdict,
        "problem": entry.problem,
    }


def _verify(library: ModelLibrary, name: str) -> int:
    problems = library.verify(name)
    for problem in problems:
        print(printable(f"{name}: {problem}"))
    if not problems:
        print(f"{name}: whole")
    return FAILED if problems else 0
