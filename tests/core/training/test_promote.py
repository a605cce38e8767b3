"""A fine-tuned model is kept with its curves; a worse one only when that is confirmed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from irlnet_core.errors import ModelError, OutputError
from irlnet_core.files import write_bytes
from irlnet_core.model.card import read_card
from irlnet_core.model.checkpoint import load_model
from irlnet_core.training.promote import keep_model


def mark(run: Path, verdict: str) -> None:
    card = replace(read_card(run), verdict={"verdict": verdict, "reasons": ["F1 fell"]})
    write_bytes(run / "card.json", card.to_json().encode())


@pytest.fixture
def run(base: Path) -> Path:
    (base / "curve.jsonl").write_text('{"step": 0}\n')
    (base / "previews/step-000100").mkdir(parents=True)
    (base / "previews/step-000100/01.png").write_bytes(b"png")
    (base / "state").mkdir()
    (base / "state/state.json").write_text("{}")
    (base / "run.json").write_text("{}")
    return base


def test_the_kept_model_has_its_name_its_notes_and_its_curves_but_no_state(run: Path, tmp_path: Path) -> None:
    mark(run, "better")

    kept = keep_model(run, tmp_path / "home", "case-7", notes="For case 7.")

    assert load_model(kept).card.name == "case-7"
    assert read_card(kept).notes.endswith("For case 7.")
    names = {path.relative_to(kept).as_posix() for path in kept.rglob("*") if path.is_file()}
    assert names == {
        "card.json", "model.safetensors", "photos.csv", "curve.jsonl", "previews/step-000100/01.png",
    }  # fmt: skip
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["case-7"]


def test_a_worse_model_is_not_kept_silently(run: Path, tmp_path: Path) -> None:
    mark(run, "worse")
    with pytest.raises(ModelError, match="F1 fell"):
        keep_model(run, tmp_path / "home", "case-7")
    assert not (tmp_path / "home").exists()

    kept = keep_model(run, tmp_path / "home", "case-7", accept_worse=True)

    assert read_card(kept).verdict["verdict"] == "worse"


def test_a_name_that_is_taken_or_impossible_is_refused(run: Path, tmp_path: Path) -> None:
    keep_model(run, tmp_path / "home", "one")
    with pytest.raises(OutputError, match="already"):
        keep_model(run, tmp_path / "home", "one")
    with pytest.raises(ModelError, match="no model name"):
        keep_model(run, tmp_path / "home", "../one")


def test_a_damaged_model_is_not_kept(run: Path, tmp_path: Path) -> None:
    (run / "model.safetensors").write_bytes(b"cut")
    with pytest.raises(ModelError, match="SHA-256"):
        keep_model(run, tmp_path / "home", "one")
