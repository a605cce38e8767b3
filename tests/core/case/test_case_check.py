"""What the order of a case's rows says is in its log too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from irlnet_core.case.case_file import CaseFile
from irlnet_core.case.exhibit import Exhibit
from tests.core.case.test_case_file import alter, filled, problems_of

__all__ = ["filled"]


def test_an_older_analysis_that_was_made_the_newest_is_told(filled: Path, exhibit: Exhibit) -> None:
    record, localization = exhibit.record, exhibit.localization
    assert localization is not None
    with CaseFile.open(filled) as case:
        later = replace(record, times={**record.times, "finished": "2031-01-01T00:00:00.000Z"})
        case.add_analysis(case.items()[0], localization, later)
    assert problems_of(filled) == ""
    alter(filled, "UPDATE analyses SET rowid = rowid + 1000 WHERE rowid = (SELECT min(rowid) FROM analyses)")
    assert "another order than they were logged in" in problems_of(filled)


def test_a_log_with_another_column_is_told_and_never_breaks_the_check(filled: Path) -> None:
    alter(filled, "ALTER TABLE audit ADD COLUMN more")
    assert "other columns" in problems_of(filled)
