"""The check of a data folder as JSON: pairs that are usable, files that are not, and why."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from irlnet_core.data.pair_check import CheckedPair, DataCheck, failed_files


def describe_check(check: DataCheck) -> dict[str, Any]:
    """Return ``{"pairs": [{"image", "mask", "convention", …}], "problems": [{"file", "reason"}]}``.

    Paths are relative to the checked folder, with forward slashes. Every file that cannot be used has one
    problem: the faulty one, and the others that are left out with it.
    """
    problems = {problem.file: problem.text for problem in (*failed_files(check.rows), *check.problems)}
    return {
        "pairs": [_describe_row(row, check.folder) for row in check.usable],
        "problems": [
            {"file": relative(file, check.folder), "reason": problems[file]} for file in sorted(problems)
        ],
    }


def relative(path: Path, folder: Path) -> str:
    """Return a file's path as seen from ``folder``, with forward slashes; bytes that are no text, escaped."""
    text = Path(os.path.relpath(path, folder)).as_posix()
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def _describe_row(row: CheckedPair, folder: Path) -> dict[str, Any]:
    pair = row.pair
    return {
        "image": relative(pair.image, folder),
        "mask": relative(pair.mask, folder) if pair.mask else None,
        "convention": pair.convention,
        "original": relative(pair.original, folder) if pair.original else None,
        "derived": pair.derived,
        "width": row.width,
        "height": row.height,
        "marked": round(row.marked, 6),
        "levels": row.levels,
        "split": row.side,
        "group": row.group,
        "notes": list(row.notes),
    }
