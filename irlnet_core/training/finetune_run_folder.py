"""The folder of one fine-tuning: what it was asked, how far it came, and how to take it away. Torch-free.

``run.json`` comes first and marks the folder as ours; beside it lie the model folder's files (the best so
far), ``curve.jsonl``, ``loss.jsonl``, ``previews/``, ``state/``, ``data.json`` and ``compare.json``.
"""

from __future__ import annotations

import contextlib
import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from irlnet_core import files
from irlnet_core.errors import ModelError, OutputError
from irlnet_core.evidence.record import format_utc
from irlnet_core.model.card import CARD_NAME, PHOTOS_NAME, WEIGHTS_NAME
from irlnet_core.training.run_lock import LOCK

FORMAT = {"id": "irlnet-finetune-run", "version": 1}
RUN, CURVE, LOSS, COMPARE, DATA = "run.json", "curve.jsonl", "loss.jsonl", "compare.json", "data.json"
PREVIEWS, STATE, MAPS = "previews", "state", "compare"

_FILES = (CARD_NAME, WEIGHTS_NAME, PHOTOS_NAME, CURVE, LOSS, COMPARE, DATA)
_MORE = ("data-*.json", ".tmp-*")
_FOLDERS = (PREVIEWS, STATE, MAPS)


@dataclass(frozen=True)
class RunFolder:
    """A fine-tuning's folder by its path; it need not exist yet."""

    path: Path

    def begin(self, info: dict[str, Any]) -> None:
        """Mark the folder as a run with what it was asked. Raises :class:`OutputError`."""
        begun = format_utc(datetime.now(UTC))
        files.write_json(self.path / RUN, {"format": FORMAT, "begun": begun, "ended": None, **info})

    def end(self, reason: str) -> None:
        """Note how the run ended ("paused" or None = it can go on)."""
        files.write_json(self.path / RUN, {**self.describe(), "ended": reason})

    def describe(self) -> dict[str, Any]:
        """Return run.json. Raises :class:`ModelError` when it is missing or not a fine-tuning's."""
        path = self.path / RUN
        try:
            data = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise ModelError(f"can't be read ({error}): no fine-tuning to go on with.", path=path) from error
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise ModelError("is no fine-tuning of this program's version.", path=path)
        return data

    def curve(self) -> list[dict[str, Any]]:
        """Return one row a validation: step, seconds, best and the scores."""
        return _read_lines(self.path / CURVE)

    def losses(self) -> list[dict[str, Any]]:
        """Return rows of step, loss (mean of some steps) and learning_rate."""
        return _read_lines(self.path / LOSS)

    def previews(self) -> dict[int, list[Path]]:
        """Return the preview pictures by the step of their validation."""
        folders = sorted((self.path / PREVIEWS).glob("step-*"))
        return {int(folder.name.removeprefix("step-")): sorted(folder.glob("*.png")) for folder in folders}

    def comparison(self) -> dict[str, Any] | None:
        """Return compare.json, or None while the model was not compared with its base."""
        with contextlib.suppress(OSError, ValueError):
            found = json.loads((self.path / COMPARE).read_text("utf-8"))
            return found if isinstance(found, dict) else None
        return None

    def in_the_way(self) -> list[str]:
        """Return the names of what lies where a run would write, and which :meth:`remove` would take away."""
        patterns = (RUN, *_FILES, *_FOLDERS, *_MORE)
        return sorted(path.name for pattern in patterns for path in self.path.glob(pattern))

    def is_begun(self) -> bool:
        """Tell whether the folder is marked as a run."""
        return (self.path / RUN).is_file()

    def has_state(self) -> bool:
        """Tell whether there is a state to resume from."""
        return (self.path / STATE / "state.json").is_file()

    def is_unfinished(self) -> bool:
        """Tell whether this run was paused, killed or crashed, and can go on."""
        try:
            return self.describe().get("ended") in (None, "paused") and self.has_state()
        except ModelError:
            return False

    def remove(self) -> None:
        """Take away all that a run writes, and the folder when nothing else is in it.

        Raises :class:`ModelError` when it is no run's folder, :class:`OutputError` when the disk refuses.
        """
        self.describe()
        try:
            for name in _FOLDERS:
                shutil.rmtree(self.path / name, ignore_errors=True)
            more = [path for pattern in _MORE for path in self.path.glob(pattern)]
            for path in (*(self.path / name for name in _FILES), *more, self.path / RUN):
                path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # somebody's own files, or the lock of a process that ends
                (self.path / LOCK).unlink(missing_ok=True)
                self.path.rmdir()
        except OSError as error:
            reason = f"can't be removed ({error.strerror or error})."
            raise OutputError(reason, path=self.path, cure="Delete it by hand.") from error


def find_best_step(curve: list[dict[str, Any]]) -> int:
    """Return the step of the weights that are kept, as the rows of a curve tell."""
    return int(max((row["step"] for row in curve if row.get("best")), default=0))


def _read_lines(path: Path) -> list[dict[str, Any]]:
    try:
        lines = path.read_text("utf-8").splitlines()
    except OSError:
        return []
    rows = []
    for line in lines:
        with contextlib.suppress(ValueError):
            rows.append(json.loads(line))
    return [row for row in rows if isinstance(row, dict)]
