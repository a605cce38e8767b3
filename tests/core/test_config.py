"""A recipe that can't be followed is refused before anything begins, with its file and the key."""

from __future__ import annotations

from pathlib import Path

import pytest

from irlnet_core.config import read_config
from irlnet_core.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("# Gr\xfc\xdfe", "utf-8"),
        ("[forge]\nhistory = ['a', 1, 1]", "history = 'a' has the wrong type"),
        ("[forge]\nhistory = [1.0]", "needs 3 values"),
        ("[forge]\nhistory = [0.4, 0.4, 0.4]", "add up to 1"),
        ("[forge]\nengines = {telea = 'x'}", "engines.telea = 'x' has the wrong type"),
        ("[forge]\nengines = {telea = nan}", "forge.engines"),
        ("[train]\nworkers = -1", "train.workers"),
        ("[train]\nema = 7.0", "train.ema"),
        ("a = " + "[" * 3000 + "]" * 3000, "recursion"),
    ],
)
def test_a_recipe_that_cannot_be_followed_is_refused_by_name(text: str, says: str, tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(text, "latin-1")

    with pytest.raises(ConfigError, match=says) as error:
        read_config(recipe)
    assert error.value.path == recipe
