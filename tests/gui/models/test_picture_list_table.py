from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from irlgui.models.picture_list_entry import Picture
from irlgui.models.picture_list_table import COLUMNS, quote_formula, write_batch_table
from irlnet_core.errors import OutputError


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def make(folder: Path, name: str, **facts: object) -> Picture:
    picture = Picture(folder / name, 0, 0)
    for fact, value in facts.items():
        setattr(picture, fact, value)
    return picture


def test_the_table_holds_every_fact_and_leaves_unknown_cells_empty(tmp_path: Path) -> None:
    evidence = tmp_path / "evidence"
    done = make(
        evidence, "a,b.jpg", state="done", response=0.71, regions=2, area=0.041, status=3, sha256="ab" * 32
    )
    failed = make(evidence, "Größe.jpg", state="failed", error="is cut\nshort.")
    write_batch_table(tmp_path / "out" / "table.csv", [done, failed])

    first, second = read(tmp_path / "out" / "table.csv")
    assert tuple(first) == COLUMNS
    assert first["file"] == "a,b.jpg"
    assert (first["largest_response"], first["regions"], first["area_percent"]) == ("0.7100", "2", "4.100")
    assert (first["analyst_status"], first["analyst_status_name"]) == ("3", "Inconsistent")
    assert second["file"] == "Größe.jpg"
    assert (second["largest_response"], second["regions"], second["area_percent"]) == ("", "", "")
    assert second["error"] == "is cut\nshort."


def test_a_file_name_is_never_run_as_a_formula(tmp_path: Path) -> None:
    names = ["=cmd|' calc'!A1.jpg", "+1.jpg", "-1.jpg", "@SUM(A1).jpg", " =1.jpg", "\t=1.jpg", "=1.jpg"]
    write_batch_table(tmp_path / "out" / "table.csv", [make(tmp_path / "evidence", name) for name in names])

    assert [row["file"] for row in read(tmp_path / "out" / "table.csv")] == [f"'{name}" for name in names]


@given(st.text(st.characters(codec="utf-8")))
def test_a_quoted_cell_loses_nothing(text: str) -> None:
    assert quote_formula(text) in (text, f"'{text}")
    assert not quote_formula(text).lstrip(" ").startswith(("=", "+", "-", "@"))


def test_a_name_that_is_not_utf8_is_written_with_escapes(tmp_path: Path) -> None:
    write_batch_table(tmp_path / "out" / "table.csv", [make(tmp_path / "evidence", "caf\udce9.jpg")])

    assert read(tmp_path / "out" / "table.csv")[0]["file"] == "caf\\xe9.jpg"


def test_the_table_is_never_written_beside_evidence(tmp_path: Path) -> None:
    evidence = tmp_path / "evidence"
    evidence.mkdir()
    (evidence / "a.jpg").write_bytes(b"x")
    elsewhere = tmp_path / "links"
    elsewhere.mkdir()
    (elsewhere / "b.jpg").symlink_to(evidence / "a.jpg")

    for picture in (make(evidence, "a.jpg"), make(elsewhere, "b.jpg")):
        with pytest.raises(OutputError, match="evidence"):
            write_batch_table(evidence / "below" / "table.csv", [picture])
    assert [path.name for path in evidence.iterdir()] == ["a.jpg"]
