"""Trace streams compared on folders of pairs: after interruptions, and without forgeries."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from irlnet_core.errors import DataError
from tests.core.data.test_dataset import save_pairs
from tests.core.packaging_scripts import load_script, save_trace_model

Compare = Callable[..., list[str]]


@pytest.fixture
def compare(photo_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Compare:
    model = save_trace_model(tmp_path / "model")

    def run(*folders: Path) -> list[str]:
        load_script("compare_streams").main(
            argparse.Namespace(
                kept=tmp_path / "kept", clean=photo_folder, data=[folders], variants=["as-is"], models=[model]
            )
        )
        return capsys.readouterr().out.splitlines()

    return run


def test_a_folder_without_a_forgery_has_a_line_for_its_originals_alone(
    tmp_path: Path, compare: Compare
) -> None:
    folder = save_pairs(tmp_path / "authentic", 2)
    full = save_pairs(tmp_path / "full", 1)
    for mask in (folder / "masks").iterdir():
        Image.new("L", (120, 90)).save(mask)

    head, line = compare(folder)
    _, forged, originals = compare(folder, full)

    assert head == "model: 5 % mark 0.500, 10 % mark 0.500 of 6"
    assert line == "    authentic, originals: 0 of 2 exceed the 5 % mark"
    assert forged.startswith("    authentic + full, as-is: AUC 0.500, F1 ")
    assert forged.endswith(" (1)")
    assert originals == "    authentic + full, originals: 0 of 2 exceed the 5 % mark"


def test_an_interrupted_comparison_can_be_done_again(
    tmp_path: Path, compare: Compare, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(file: Any, **arrays: Any) -> None:
        Path(file).write_bytes(b"half")
        raise KeyboardInterrupt

    folder = save_pairs(tmp_path / "set", 1)
    with monkeypatch.context() as patch:
        patch.setattr(np, "savez", interrupted)
        with pytest.raises(KeyboardInterrupt):
            compare(folder)

    assert len(compare(folder)) == 2


def test_a_file_that_an_older_interruption_tore_is_named_with_its_cure(
    tmp_path: Path, compare: Compare
) -> None:
    folder = save_pairs(tmp_path / "set", 1)
    whole = compare(folder)
    torn = min((tmp_path / "kept").iterdir())
    torn.write_bytes(torn.read_bytes()[:100])

    with pytest.raises(DataError, match=rf"{torn.name}: cannot be read as a kept picture .*Delete it"):
        compare(folder)
    torn.unlink()
    assert compare(folder) == whole
