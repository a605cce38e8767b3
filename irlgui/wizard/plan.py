"""What the wizard has been told so far: the pages fill it in from left to right, the run is begun from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import appdirs

from irlgui.jobs.evidence import Evidence
from irlgui.jobs.training_process_arguments import TrainingOrder
from irlnet_core.data.pair_check import CheckedPair, DataCheck
from irlnet_core.training.finetune_policy import FinetunePolicy
from irlnet_core.training.finetune_run_folder import RUN, RunFolder

Source = Literal["pairs", "clean"]
FROZEN_SUFFIX, _SUMS_SUFFIX = ".data.json", ".evidence.txt"


def runs_folder() -> Path:
    """Return where runs lie until they are kept or discarded: in the program's own data folder."""
    return Path(appdirs.user_data_dir("irlnet", appauthor=False)) / "training"


@dataclass
class Plan:
    """The answers of all pages; ``evidence`` are the pictures of the main window and its case.

    ``rows`` is the check's table with the analyst's fixes, ``left_out`` the pictures that were taken out by
    hand. ``run`` is the folder of the run once it has begun, also of one that is resumed.
    """

    base: Path
    source: Source = "pairs"
    folder: Path | None = None
    photos: Path | None = None
    authentic: bool = False
    evidence: Evidence = field(default_factory=Evidence)
    check: DataCheck | None = None
    rows: list[CheckedPair] = field(default_factory=list)
    left_out: set[Path] = field(default_factory=set)
    policy: FinetunePolicy = field(default_factory=FinetunePolicy)
    device: str = "auto"
    run: Path | None = None
    resume: bool = False

    @property
    def kept(self) -> list[CheckedPair]:
        """Return the rows to train on: usable and not left out."""
        return [row for row in self.rows if row.usable and row.pair.image not in self.left_out]

    @property
    def photographs(self) -> Path | None:
        """Return the folder of clean photographs: for rehearsal, or what all is forged from."""
        return self.photos if self.source == "pairs" else self.folder

    def order(self, run: Path) -> TrainingOrder:
        """Return what the child is told to do in the folder ``run``."""
        pairs = self.source == "pairs"
        return TrainingOrder(
            base=self.base,
            run=run,
            policy=self.policy,
            data=self.folder if pairs else None,
            frozen=frozen_file(run) if pairs else None,
            photos=self.photographs,
            evidence=sums_file(run) if sums_file(run).is_file() else None,
            device=self.device,
        )


def new_run(home: Path | None = None) -> Path:
    """Return a folder for a new run, named after the moment; it is not made."""
    home = home or runs_folder()
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    names = [stamp, *(f"{stamp}-{number}" for number in range(2, 100))]
    return next(home / name for name in names if not (home / name).exists())


def frozen_file(run: Path) -> Path:
    """Return where the manifest that a run begins with lies: beside its folder, which the child makes."""
    return run.with_name(run.name + FROZEN_SUFFIX)


def sums_file(run: Path) -> Path:
    """Return where the SHA-256 sums of the evidence lie that is left out of the photographs."""
    return run.with_name(run.name + _SUMS_SUFFIX)


def forget_preparation(run: Path) -> None:
    """Take away what was written beside a run's folder before it began. Raises OSError."""
    for file in (frozen_file(run), sums_file(run)):
        file.unlink(missing_ok=True)


def waiting_runs(home: Path | None = None) -> list[Path]:
    """Return the runs that were begun and neither kept nor discarded, the newest first."""
    home = home or runs_folder()
    return sorted((path.parent for path in home.glob(f"*/{RUN}")), key=lambda path: path.name, reverse=True)


def discard(run: Path) -> None:
    """Take away all that a run has written. Raises :class:`OutputError`."""
    if (run / RUN).exists():
        RunFolder(run).remove()
    forget_preparation(run)
