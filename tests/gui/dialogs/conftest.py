"""The same folders as the wizard's tests, and evidence beside which nothing may be written."""

from pathlib import Path

import pytest

from tests.gui.wizard.conftest import make_run, own_folders

__all__ = ["make_run", "own_folders"]


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """A picture that is evidence too, alone in a folder of its own."""
    path = tmp_path / "other" / "b.png"
    path.parent.mkdir()
    path.touch()
    return path
