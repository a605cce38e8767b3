"""The models at hand: those that ship and the user's own, the default among them, and what may be done.

Torch-free.
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from irlnet_core import files
from irlnet_core.errors import ModelError, OutputError
from irlnet_core.model.archive import check_name, rename_card, verify_files
from irlnet_core.model.card import ModelCard, read_card
from irlnet_core.model.locate import DEFAULT_FILE, find_model, model_homes, shipped_models


@dataclass(frozen=True)
class ModelEntry:
    """One model: ``card`` is None where ``problem`` says why; ``shipped`` ones stay as they are."""

    name: str
    folder: Path
    card: ModelCard | None
    shipped: bool
    default: bool
    problem: str = ""

    @property
    def verdict(self) -> str:
        """ "better", "worse", "not shown", or "" where it was never compared with a base."""
        return str(self.card.verdict.get("verdict", "")) if self.card else ""


class ModelLibrary:
    """The models in ``homes`` (default: all that :func:`model_homes` tells); the last is the user's own."""

    def __init__(self, homes: Sequence[Path] | None = None) -> None:
        self.homes = list(model_homes() if homes is None else homes)

    @property
    def user_home(self) -> Path:
        """The folder of the user's own models; it need not exist yet."""
        return self.homes[-1]

    @property
    def names(self) -> list[str]:
        """Return the names at hand: of two models with one name only the first home's is found."""
        return list(shipped_models(self.homes))

    def entries(self) -> list[ModelEntry]:
        """Return every model at hand by name."""
        try:
            default: Path | None = find_model(None, self.homes)
        except ModelError:
            default = None
        return [self._entry(name, path, default) for name, path in shipped_models(self.homes).items()]

    def find(self, name: str) -> ModelEntry:
        """Return the model of that name. Raises :class:`ModelError` that lists the names at hand."""
        found = {entry.name: entry for entry in self.entries()}
        if name not in found:
            known = ", ".join(found) or "none"
            raise ModelError(f"There is no model called {name!r}.", cure=f"Models at hand: {known}.")
        return found[name]

    def set_default(self, name: str, *, accept_worse: bool = False) -> None:
        """Make a model the one that is used when none is named.

        Raises :class:`ModelError` for a damaged model, and for one that was found worse than its base unless
        ``accept_worse``.
        """
        entry = self.find(name)
        if entry.card is None:
            raise ModelError(entry.problem)
        refuse_worse(entry.card, entry.folder, accept_worse=accept_worse)
        files.write_json(self.user_home / DEFAULT_FILE, {"default": name})

    def rename(self, name: str, new: str) -> Path:
        """Rename one of the user's models, folder and card; return its folder. Raises :class:`ModelError`."""
        entry = self._own(name)
        if entry.card is None:
            raise ModelError(entry.problem)
        target = self.user_home / check_name(new)
        if new in self.names or target.exists():
            raise ModelError(f"There is a model called {new!r} already.", cure="Choose another name.")
        with _told(entry.folder):
            entry.folder.rename(target)
        rename_card(target, new)
        if entry.default:
            files.write_json(self.user_home / DEFAULT_FILE, {"default": new})
        return target

    def delete(self, name: str) -> None:
        """Delete one of the user's models; a shipped one is the default then. Raises :class:`ModelError`."""
        entry = self._own(name)
        with _told(entry.folder):
            gone = entry.folder.with_name(f".gone-{entry.folder.name}")
            entry.folder.rename(gone)  # at once or not at all
            shutil.rmtree(gone)
        if entry.default:
            (self.user_home / DEFAULT_FILE).unlink(missing_ok=True)

    def verify(self, name: str) -> list[str]:
        """Return what is wrong with a model's files by their hashes; empty = whole."""
        return verify_files(self.find(name).folder)

    def _own(self, name: str) -> ModelEntry:
        entry = self.find(name)
        if entry.shipped:
            raise ModelError(f"{name!r} ships with the program and stays as it is.", path=entry.folder)
        return entry

    def _entry(self, name: str, folder: Path, default: Path | None) -> ModelEntry:
        shipped = folder.parent != self.user_home
        try:
            return ModelEntry(name, folder, read_card(folder), shipped, folder == default)
        except ModelError as error:
            return ModelEntry(name, folder, None, shipped, folder == default, str(error))


def refuse_worse(card: ModelCard, folder: Path, *, accept_worse: bool) -> None:
    """Raise :class:`ModelError` for a model that was found worse than its base, unless that is accepted."""
    if card.verdict.get("verdict") == "worse" and not accept_worse:
        reasons = "; ".join(str(reason) for reason in card.verdict.get("reasons", []))
        raise ModelError(
            f"was found worse than its base: {reasons}.", path=folder, cure="Confirm it explicitly to go on."
        )


@contextlib.contextmanager
def _told(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(f"can't be changed ({error.strerror or error}).", path=folder) from error
