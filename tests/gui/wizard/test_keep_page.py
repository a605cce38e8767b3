"""Keeping a model: a worse one never becomes the default by itself, and nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from irlgui.wizard.keep_page import KeepPage
from irlgui.wizard.plan import Plan, runs_folder, waiting_runs
from irlnet_core.errors import OutputError
from irlnet_core.model.locate import find_model
from irlnet_core.model.model_library import ModelLibrary
from tests.gui.wizard.conftest import MakeRun


def open_page(run: Path, qtbot: QtBot) -> KeepPage:
    page = KeepPage(Plan(run, folder=Path("/data/My case #3"), run=run))
    qtbot.addWidget(page)
    page.show()
    page.begin()
    return page


def default() -> str:
    return find_model(None, ModelLibrary().homes).name


def test_a_better_model_is_kept_and_becomes_the_default(
    qtbot: QtBot, make_run: MakeRun, own_folders: Path
) -> None:
    page = open_page(make_run("better"), qtbot)
    assert page.name.text() == "My-case-3"
    assert page.default.isChecked()
    assert page.worse.text == ""

    with qtbot.waitSignal(page.kept) as kept:
        assert page.validatePage()

    assert kept.args == ["My-case-3", True]
    assert default() == "My-case-3"
    assert waiting_runs() == []
    assert (own_folders / "My-case-3" / "curve.jsonl").is_file()


def test_a_worse_model_is_marked_and_kept_only_with_a_word(qtbot: QtBot, make_run: MakeRun) -> None:
    page = open_page(make_run("worse"), qtbot)

    assert "worse than its base" in page.worse.text
    assert "0.500 → 0.400" in page.worse.text
    assert not page.default.isChecked()
    assert not page.isComplete()
    page.accept_worse.setChecked(True)
    assert page.isComplete()
    assert page.validatePage()
    assert default() == "fast"


@pytest.mark.parametrize("agreed", [False, True])
@pytest.mark.parametrize("verdict", ["worse", "not shown"])
def test_what_is_not_better_becomes_the_default_only_after_a_question(
    qtbot: QtBot, make_run: MakeRun, monkeypatch: pytest.MonkeyPatch, verdict: str, agreed: bool
) -> None:
    page = open_page(make_run(verdict), qtbot)
    asked: list[bool] = []

    def answer() -> bool:
        asked.append(agreed)
        return agreed

    monkeypatch.setattr(page, "confirm_default", answer)
    assert not page.default.isChecked()
    page.accept_worse.setChecked(True)
    page.default.setChecked(True)

    assert page.validatePage() is agreed
    assert asked == [agreed]
    assert default() == ("My-case-3" if agreed else "fast")
    assert len(waiting_runs()) == (0 if agreed else 1)


def test_names_that_can_not_be_are_refused_with_a_reason(qtbot: QtBot, make_run: MakeRun) -> None:
    page = open_page(make_run(), qtbot)
    for name in ("", "-x", "a/b", "fast", "x" * 65):
        page.name.setText(name)
        assert not page.isComplete() or len(page.name.text()) == 64
    page.name.setText("fast")
    assert "already" in page.name_hint.text()


def test_a_damaged_model_is_not_kept_and_the_run_stays(qtbot: QtBot, make_run: MakeRun) -> None:
    run = make_run()
    (run / "model.safetensors").write_bytes(b"cut")
    page = open_page(run, qtbot)

    assert not page.validatePage()
    assert "cut or altered" in page.failed.text
    assert waiting_runs() == [run]
    assert runs_folder() == run.parent


def test_where_the_default_can_not_be_set_the_model_is_kept_once_and_the_page_can_be_left(
    qtbot: QtBot, make_run: MakeRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OutputError("cannot be written.", path="default")

    page = open_page(make_run("better"), qtbot)
    monkeypatch.setattr(ModelLibrary, "set_default", refuse)
    assert not page.validatePage()
    assert "cannot be written" in page.failed.text
    page.default.setChecked(False)
    assert page.validatePage()
    assert [entry.name for entry in ModelLibrary().entries()] == ["My-case-3", "fast"]
    assert waiting_runs() == []
