"""Kills a program that writes into a case 200 times (kill -9) and tells what was lost: nothing, or what.

.venv/bin/python packaging/kill_case.py [ROUNDS]
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from PIL import Image  # noqa: E402

from irlnet_core.case.case_file import CaseFile  # noqa: E402
from irlnet_core.evidence.image import read_image  # noqa: E402
from tests.core.case.kill_rounds import kill_rounds  # noqa: E402


def main(rounds: int = 200) -> int:
    """Run the loop and print one line; return 1 when anything was lost."""
    began, told, lost = time.monotonic(), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        picture, path = Path(folder, "evidence", "a.png"), Path(folder, "case", "x.irlcase")
        picture.parent.mkdir()
        Image.new("RGB", (64, 48)).save(picture)
        with CaseFile.create(path) as case:
            case.add_item(read_image(picture))
        for number, found in enumerate(kill_rounds(path, rounds), start=1):
            told += found.told
            lost += len(found.lost)
            for sentence in found.lost:
                print(f"round {number}: {sentence}")
        size = path.stat().st_size
    seconds = time.monotonic() - began
    print(f"{rounds} kills, {told} steps told as saved, {lost} lost; {seconds:.0f} s, {size} bytes")
    return int(lost > 0)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2])))
