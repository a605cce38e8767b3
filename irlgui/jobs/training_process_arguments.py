"""What the child processes of the wizard are asked: the words of ``irlnet train`` and ``irlnet compare``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from irlnet_core.training.finetune_policy import FinetunePolicy


@dataclass(frozen=True)
class TrainingOrder:
    """A run: base model, folder of the run, data, settings, device.

    ``data`` with ``frozen`` (the manifest of what was checked) are pairs; without ``data`` the forge makes
    the case from ``photos``, which otherwise are for rehearsal. ``evidence`` is a file of the SHA-256 sums of
    photographs that must not be learned.
    """

    base: Path
    run: Path
    policy: FinetunePolicy
    data: Path | None = None
    frozen: Path | None = None
    photos: Path | None = None
    evidence: Path | None = None
    device: str = "auto"


def train_arguments(order: TrainingOrder, *, timed_step: bool = False) -> list[str]:
    """Return the words that begin a run, or time one step of it and write nothing."""
    words = ["train", "--finetune", "--events", "jsonl", "--control", "stdin", "--init", str(order.base)]
    paths = {"--data": order.data, "--frozen": order.frozen, "--photos": order.photos}
    for option, path in {**paths, "--evidence": order.evidence}.items():
        if path is not None:
            words += [option, str(path)]
    policy = order.policy
    words += ["--minutes", f"{policy.minutes:g}", "--steps", str(policy.steps)]
    words += ["--learning-rate", f"{policy.learning_rate:g}"]
    words += ["--crop", str(policy.crop)] if policy.crop else []  # without: the base's tile
    words += ["--batch", str(policy.batch)] if policy.batch else []  # without: by crop and device
    words += ["--freeze", policy.freeze]
    words += ["--rehearsal", f"{policy.rehearsal:g}", "--patience", str(policy.patience)]
    words += ["--validate-every", str(policy.validate_every), "--postprocess", f"{policy.postprocess:g}"]
    words += ["--validation-count", str(policy.validation_count), "--workers", str(policy.workers)]
    words += ["--device", order.device, "--output", str(order.run)]
    return [*words, "--time-step"] if timed_step else words


def resume_arguments(run: Path) -> list[str]:
    """Return the words that go on with an unfinished run; all else stands in its folder."""
    return [
        "train",
        "--finetune",
        "--resume",
        "--events",
        "jsonl",
        "--control",
        "stdin",
        "--output",
        str(run),
    ]


def compare_arguments(run: Path, clean: Path | None = None, device: str = "auto") -> list[str]:
    """Return the words that measure a run's model against its base, and on authentic photographs."""
    words = ["compare", str(run), "--events", "jsonl", "--device", device]
    return [*words, "--clean", str(clean)] if clean else words


def compare_any_arguments(
    base: Path, new: Path, data: Path, output: Path, clean: Path | None = None
) -> list[str]:
    """Return the words that compare two models as they are on a folder of pairs; neither is changed."""
    words = [*compare_arguments(new, clean), "--base", str(base), "--data", str(data)]
    return [*words, "--output", str(output)]
