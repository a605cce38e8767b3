"""Kept forgeries that a model errs on, picked from several folders into one that a training reads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

from irlnet_core.config import ForgeConfig
from irlnet_core.data.forged_cache import KEPT_NOTE, bind_folder, find_kept
from irlnet_core.data.photographs import find_photographs
from irlnet_core.errors import DataError
from irlnet_core.forge.compose import Forge
from irlnet_core.forge.engine import load_engine
from irlnet_core.model.traces import CHANNELS
from tests.core.packaging_scripts import load_script, save_trace_model

Pick = Callable[[Sequence[Path]], Path]


@pytest.fixture
def forge(photo_folder: Path) -> Forge:
    engines = {"telea": load_engine("telea")}
    return Forge(find_photographs(photo_folder), engines, ForgeConfig(engines={"telea": 1.0}))


@pytest.fixture
def pick(tmp_path: Path) -> Pick:
    """Pick with a model that responds everywhere, so that every clean picture is a hard one."""
    model = save_trace_model(tmp_path / "model")

    def into_new(folders: Sequence[Path]) -> Path:
        load_script("pick_hard").main(model, tmp_path / "hard", folders)
        return tmp_path / "hard"

    return into_new


def keep_clean_picture(folder: Path, forge: Forge) -> Path:
    """Keep one picture of zeros, in which nothing was filled, and the note of ``forge``."""
    bind_folder(folder, forge, 512)
    blank = np.zeros((512, 512), bool)
    traces = np.zeros((CHANNELS, 64, 64), np.float16)
    np.savez(folder / "000000.npz", image=np.zeros((512, 512, 3), np.uint8), mask=blank, traces=traces)
    return folder


def test_folders_of_one_name_are_picked_from_side_by_side(tmp_path: Path, forge: Forge, pick: Pick) -> None:
    folders = [keep_clean_picture(tmp_path / run / "forged", forge) for run in ("one", "two")]
    (folders[0] / ".tmp-1.npz").write_bytes(b"half-written")

    paths, note = find_kept(pick(folders), forge, 512)

    picked = [path.resolve() for path in paths]
    assert picked == [(folder / "000000.npz").resolve() for folder in folders for _ in range(3)]
    assert note["picked_from"] == ["forged", "forged"]


def test_a_folder_whose_pictures_would_not_fit_the_others_is_refused(
    tmp_path: Path, forge: Forge, pick: Pick
) -> None:
    narrow, fit = (keep_clean_picture(tmp_path / name, forge) for name in ("narrow", "fit"))
    note = narrow / KEPT_NOTE
    note.write_text(note.read_text().replace(f'"traces": {CHANNELS}', '"traces": 593'))
    foreign = keep_clean_picture(
        tmp_path / "foreign", Forge(forge.photographs[1:], forge.engines, forge.config)
    )

    with pytest.raises(DataError, match="narrow: keeps pictures with other traces"):
        pick([fit, narrow])
    with pytest.raises(DataError, match="foreign: keeps pictures of other photographs"):
        pick([fit, foreign])
    assert not (tmp_path / "hard").exists()


def test_a_picking_that_failed_can_be_done_again_and_one_that_is_done_stays(
    tmp_path: Path, forge: Forge, pick: Pick
) -> None:
    folder = keep_clean_picture(tmp_path / "forged", forge)
    (folder / "000001.npz").write_bytes(b"half-written")
    with pytest.raises(DataError, match=r"000001\.npz"):
        pick([folder])
    (folder / "000001.npz").unlink()

    assert len(find_kept(pick([folder]), forge, 512)[0]) == 3
    with pytest.raises(SystemExit, match="hard"):
        pick([folder])
