"""Two processes never train in one folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from irlnet_core.errors import OutputError
from irlnet_core.training.run_lock import hold

HOLDER = """
import sys, time
from pathlib import Path
from irlnet_core.training.run_lock import hold
with hold(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_held_folder_is_refused_and_free_again_when_its_holder_dies(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(OutputError, match="another process"), hold(tmp_path, patience=0.1):
            pass
    finally:
        holder.kill()
        holder.wait()
        if holder.stdout:
            holder.stdout.close()

    with hold(tmp_path, patience=2):
        assert tmp_path.exists()


def test_a_folder_that_was_emptied_meanwhile_is_gone_afterwards(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    with hold(folder):
        pass
    assert not folder.exists()
