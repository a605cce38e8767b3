"""A program that is killed while it writes loses nothing that it had shown as saved."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from irlnet_core.case.case_file import CaseFile
from irlnet_core.evidence.image import SuspectImage
from tests.core.case.kill_rounds import kill_rounds


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
def test_a_killed_program_loses_nothing_that_it_told_as_saved(case_path: Path, image: SuspectImage) -> None:
    with CaseFile.create(case_path) as case:
        case.add_item(image)
    rounds = list(kill_rounds(case_path, 8))
    assert [found.lost for found in rounds] == [()] * 8
    assert sum(found.told for found in rounds) > 0
