"""The models at hand: shipped ones stay, own ones can be renamed and deleted, one is the default."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from irlnet_core.cli.main import main
from irlnet_core.config import ModelConfig
from irlnet_core.errors import ModelError
from irlnet_core.model.card import ModelCard, read_card
from irlnet_core.model.locate import find_model
from irlnet_core.model.model_library import ModelLibrary


def put(home: Path, name: str, verdict: str = "") -> Path:
    card = ModelCard(name, ModelConfig(width=0.0625), tile=32, overlap=8)
    if verdict:
        card = replace(card, verdict={"verdict": verdict, "reasons": ["F1 fell"]})
    (home / name).mkdir(parents=True)
    (home / name / "card.json").write_text(card.to_json(), "utf-8")
    return home / name


@pytest.fixture
def library(tmp_path: Path) -> ModelLibrary:
    put(tmp_path / "shipped", "fast")
    put(tmp_path / "own", "mine")
    put(tmp_path / "own", "bad", verdict="worse")
    return ModelLibrary([tmp_path / "shipped", tmp_path / "own"])


def test_every_model_is_listed_with_its_kind_and_a_damaged_one_with_its_problem(
    library: ModelLibrary,
) -> None:
    (library.user_home / "broken").mkdir()
    (library.user_home / "broken/card.json").write_text("{")

    entries = {entry.name: entry for entry in library.entries()}

    assert list(entries) == ["bad", "broken", "fast", "mine"]
    assert [name for name, entry in entries.items() if entry.shipped] == ["fast"]
    assert [name for name, entry in entries.items() if entry.default] == ["fast"]
    assert entries["broken"].card is None
    assert "JSON" in entries["broken"].problem
    assert entries["bad"].verdict == "worse"


def test_the_chosen_default_is_the_one_that_is_found(library: ModelLibrary) -> None:
    library.set_default("mine")

    assert find_model(None, library.homes) == library.user_home / "mine"
    library.rename("mine", "renamed")
    assert find_model(None, library.homes) == library.user_home / "renamed"
    assert read_card(library.user_home / "renamed").name == "renamed"
    library.delete("renamed")
    assert find_model(None, library.homes).name == "fast"
    assert not (library.user_home / "renamed").exists()


def test_a_worse_model_becomes_the_default_only_when_that_is_confirmed(library: ModelLibrary) -> None:
    with pytest.raises(ModelError, match="F1 fell"):
        library.set_default("bad")
    assert find_model(None, library.homes).name == "fast"

    library.set_default("bad", accept_worse=True)

    assert find_model(None, library.homes).name == "bad"


def test_a_damaged_choice_of_the_default_is_passed_over(library: ModelLibrary) -> None:
    (library.user_home / "default.json").write_text("[]")
    assert find_model(None, library.homes).name == "fast"
    (library.user_home / "default.json").write_text('{"default": "gone"}')
    assert find_model(None, library.homes).name == "fast"


def test_shipped_models_and_taken_or_impossible_names_are_refused(library: ModelLibrary) -> None:
    for action in (lambda: library.delete("fast"), lambda: library.rename("fast", "x")):
        with pytest.raises(ModelError, match="ships with the program"):
            action()
    for name in ("fast", "bad"):
        with pytest.raises(ModelError, match="already"):
            library.rename("mine", name)
    with pytest.raises(ModelError, match="no model name"):
        library.rename("mine", "../x")
    with pytest.raises(ModelError, match="Models at hand: bad, fast, mine"):
        library.find("none")


def test_the_command_lists_and_chooses(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    put(tmp_path / "own", "mine")
    put(tmp_path / "own", "bad", verdict="worse")
    home = ["models", "--home", str(tmp_path / "own")]

    assert main([*home, "default", "mine"]) == 0
    assert main([*home, "list"]) == 0
    assert any(line.startswith("* mine") for line in capsys.readouterr().out.splitlines())
    assert main([*home, "default", "bad"]) == 2
    assert main([*home, "default", "bad", "--accept-worse"]) == 0
    assert main([*home, "verify", "mine"]) == 2
    assert "model.safetensors is missing" in capsys.readouterr().out
    assert main([*home, "rename", "mine", "yours"]) == 0
    assert main([*home, "delete", "yours"]) == 0
    assert not (tmp_path / "own/yours").exists()


def test_the_command_takes_no_model_in_under_a_shipped_name(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home, file = tmp_path / "own", tmp_path / "fast.irlmodel"
    home.mkdir()
    assert main(["models", "--home", str(home), "export", "fast", str(file)]) == 0

    assert main(["models", "--home", str(home), "import", str(file)]) == 2
    assert "'fast' already" in capsys.readouterr().err
    assert list(home.iterdir()) == []
    assert main(["models", "--home", str(home), "import", str(file), "--name", "mine"]) == 0
    assert find_model("mine", [home]) == home / "mine"


def test_a_damaged_model_is_not_half_renamed(library: ModelLibrary) -> None:
    (library.user_home / "mine/card.json").write_text("{")

    with pytest.raises(ModelError, match="JSON"):
        library.rename("mine", "other")

    assert sorted(path.name for path in library.user_home.iterdir()) == ["bad", "mine"]
