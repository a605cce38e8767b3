"""A program that fills a case until it is killed, and tells each step only once it was saved.

Started by test_case_kill.py and packaging/kill_case.py with the case's path and a seed.
"""

from __future__ import annotations

import random
import sys

from irlnet_core.case.case_file import CaseFile
from irlnet_core.evidence.annotations import Annotations


def main(path: str, seed: int) -> None:
    chance = random.Random(seed)
    with CaseFile.open(path) as case:  # type: ignore[arg-type]
        item = case.items()[0]
        print("open", flush=True)
        number = seed * 1_000_000
        while True:
            number += 1
            if chance.random() < 0.5:
                case.judge(item, opinion=f"{number}", status=number % 6)
                print(f"opinion {number}", flush=True)
            else:
                notes = f"{number} " + "x" * chance.randrange(9000)
                width, height = item.facts["width"], item.facts["height"]
                case.annotate(item, Annotations(item.sha256, width, height, (), notes))
                print(f"notes {number}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
