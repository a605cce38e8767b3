"""A model is found by its name or its path, and the answer to a wrong name lists the right ones."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from irlnet_core.errors import ModelError
from irlnet_core.model.locate import find_model, shipped_models


def make_home(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).mkdir(parents=True)
        (folder / name / "card.json").write_text("{}", "utf-8")
    folder.mkdir(exist_ok=True)
    return folder


def test_the_first_home_wins_and_folders_without_a_card_are_no_models(tmp_path: Path) -> None:
    first, second = make_home(tmp_path / "1", "base"), make_home(tmp_path / "2", "base", "zebra", "ant")
    (first / "notes").mkdir()
    assert shipped_models([first, second]) == {
        "ant": second / "ant",
        "base": first / "base",
        "zebra": second / "zebra",
    }


@pytest.mark.parametrize(
    ("names", "default"), [(("base", "fast", "ant"), "fast"), (("ant", "base"), "base"), (("b", "a"), "a")]
)
def test_the_default_is_fast_then_base_then_the_first(
    tmp_path: Path, names: tuple[str, ...], default: str
) -> None:
    assert find_model(None, [make_home(tmp_path / "m", *names)]).name == default


def test_a_path_is_taken_where_no_model_has_that_name(tmp_path: Path) -> None:
    home = make_home(tmp_path / "m", "base")
    own = make_home(tmp_path / "own", "mine") / "mine"
    assert find_model("base", [home]) == home / "base"
    assert find_model(str(own), [home]) == own


def test_a_wrong_name_lists_the_names_at_hand(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"'bass'.*base, fast"):
        find_model("bass", [make_home(tmp_path / "m", "base", "fast")])
    with pytest.raises(ModelError, match="No model is installed"):
        find_model(None, [tmp_path / "empty"])


def test_models_can_be_listed_without_loading_torch() -> None:
    code = "import irlnet_core.model.locate, sys; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
