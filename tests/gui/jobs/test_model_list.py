"""Every model folder at hand is listed; one that can't be used says why."""

from __future__ import annotations

import shutil
from pathlib import Path

from irlgui.jobs.model_list import list_models


def test_models_are_listed_by_name_and_a_broken_one_says_why(model: Path, tmp_path: Path) -> None:
    for name in ("base", "special"):
        shutil.copytree(model, tmp_path / name)
    (tmp_path / "special" / "card.json").write_text("{}", "utf-8")
    base, special = list_models([tmp_path])
    assert (base.name, base.default, base.error) == ("base", True, "")
    assert base.card is not None
    assert base.card.tile == 64
    assert (special.name, special.default, special.card) == ("special", False, None)
    assert "card.json" in special.error


def test_without_a_model_the_list_is_empty(tmp_path: Path) -> None:
    assert list_models([tmp_path]) == []
