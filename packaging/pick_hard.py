"""Pick the kept forgeries that a model errs on, to be learned from more often: what stage 24 of "fast" added.

    python packaging/pick_hard.py MODEL_FOLDER NEW_FOLDER KEPT_FOLDER...

The new folder holds links, and a note that `irlnet train --forged` reads. A clean picture counts three times
more when 0.5 % of it reaches 0.4; a forged one once more when 0.5 % of its genuine part reaches 0.65, or when
between a twentieth and nine tenths of its hole reach 0.6: what is found not at all may not be there to find.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from irlnet_core.data.forged_cache import list_kept, read_kept, read_note, write_note
from irlnet_core.evidence.alarm import ALARM_SHARE
from irlnet_core.model.checkpoint import load_model
from irlnet_core.model.traces import CHANNELS

_SMALLEST = 512  # pixels: stage 24's crops
_CLEAN, _OUTSIDE, _FOUND = 0.4, 0.65, 0.6
_PARTLY = (0.05, 0.9)
_CLEAN_COPIES = 3


def main(model: Path, new: Path, folders: list[Path]) -> None:
    """Link the hard pictures of ``folders`` into ``new``."""
    loaded = load_model(model)
    net = loaded.net.float().eval()
    photographs = ""
    for folder in folders:
        photographs = read_note(folder, photographs)["photographs_sha256"]
    new.mkdir(parents=True, exist_ok=True)
    if any(new.iterdir()):
        raise SystemExit(f"{new} is not empty. Name a new folder.")
    links = {  # all found before the first is made: an interruption leaves an empty folder
        f"{number}_{folder.name}_{path.stem}_{copy}.npz": path.resolve()
        for number, folder in enumerate(folders, 1)
        for path in list_kept(folder)
        for copy in range(_copies(net, path))
    }
    for name, path in links.items():
        (new / name).symlink_to(path)
    note = {
        "photographs_sha256": photographs,
        "traces": CHANNELS,
        "picked_from": [folder.name for folder in folders],
        "picked_by": loaded.card.hashes,
        "picked_rule": {
            "clean": _CLEAN,
            "clean_copies": _CLEAN_COPIES,
            "outside": _OUTSIDE,
            "found": list(_PARTLY),
            "found_above": _FOUND,
        },
    }
    write_note(new, note)
    print(f"{len(links)} links")


def _copies(net: Any, path: Path) -> int:
    from irlnet_core.training.validation import respond_to_traces

    mask, traces = read_kept(path, "mask", "traces")
    if min(mask.shape) < _SMALLEST:
        return 0
    response = respond_to_traces(net, traces, mask.shape)
    genuine, hole = response[~mask], response[mask]
    if not hole.size:
        return _CLEAN_COPIES * _alarms(genuine, _CLEAN, mask.size)
    low, high = _PARTLY
    return _alarms(genuine, _OUTSIDE, mask.size) + (low < float(np.mean(hole >= _FOUND)) < high)


def _alarms(genuine: NDArray[np.float32], level: float, pixels: int) -> bool:
    return bool(np.count_nonzero(genuine >= level) >= ALARM_SHARE * pixels)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), [Path(name) for name in sys.argv[3:]])
