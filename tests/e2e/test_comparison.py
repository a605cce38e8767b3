"""Comparing with a known original and with a second model, adjusting the display, judging by digits."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from irlgui.main_window import MainWindow
from irlnet_core.config import ModelConfig
from irlnet_core.model import locate
from irlnet_core.model.card import ModelCard
from irlnet_core.model.checkpoint import save_model
from irlnet_core.model.registry import build
from tests.e2e.play import PATIENCE, RunApp, write_picture


def test_an_original_of_the_same_size_is_shown_beside_until_the_comparison_ends(
    run_app: RunApp, evidence: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(evidence / "b.png"), ""))

    def script(window: MainWindow) -> None:
        qtbot.waitUntil(lambda: window.desk.session.picture is not None, timeout=PATIENCE)
        window.commands["compare_original"].trigger()
        qtbot.waitUntil(lambda: window.desk.comparison.active, timeout=PATIENCE)
        assert window.desk.session.compare == "side"
        beside = window.viewer.panes[1].views
        assert beside is not None
        assert beside.main.label == "Known original: b.png"
        window.commands["end_comparison"].trigger()
        assert not window.desk.comparison.active
        assert not window.commands["end_comparison"].isEnabled()

    run_app(script, evidence / "a.png")


def test_an_original_of_another_size_is_refused_calmly(
    run_app: RunApp, evidence: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    other = write_picture(tmp_path / "small.png", 64)

    def script(window: MainWindow) -> None:
        qtbot.waitUntil(lambda: window.desk.session.picture is not None, timeout=PATIENCE)
        with qtbot.waitSignal(window.desk.noted, timeout=PATIENCE) as noted:
            window.desk.comparison.with_original(other)
        assert noted.args == [
            "small.png has 64 × 64 pixels, the open picture 160 × 160: they can't be compared."
        ]
        assert not window.desk.comparison.active

    run_app(script, evidence / "a.png")


def test_an_original_that_cannot_be_read_is_told(
    run_app: RunApp, evidence: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"no picture")

    def script(window: MainWindow) -> None:
        qtbot.waitUntil(lambda: window.desk.session.picture is not None, timeout=PATIENCE)
        with qtbot.waitSignal(window.desk.noted, timeout=PATIENCE) as noted:
            window.desk.comparison.with_original(broken)
        assert noted.args is not None
        assert "broken.png" in noted.args[0]

    run_app(script, evidence / "a.png")


def test_a_second_models_map_is_shown_and_the_first_result_stays(
    run_app: RunApp,
    evidence: Path,
    tiny_model: Path,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    models = tmp_path / "models"
    shutil.copytree(tiny_model, models / "tiny")
    torch.manual_seed(2)
    config = ModelConfig(width=0.0625)
    save_model(models / "second", build(config), ModelCard("second", config, tile=64, overlap=16))

    def script(window: MainWindow) -> None:
        desk = window.desk
        qtbot.waitUntil(lambda: desk.session.analysis is not None, timeout=PATIENCE)
        first = desk.session.analysis
        window.compare_menu.aboutToShow.emit()
        entries = {action.text(): action for action in window.compare_menu.actions()}
        assert list(entries) == ["second"]
        entries["second"].trigger()
        assert window.commands["stop"].isEnabled()
        qtbot.waitUntil(lambda: desk.comparison.active, timeout=PATIENCE)
        assert desk.session.analysis is first
        qtbot.waitUntil(lambda: label_beside(window) == "Response of second", timeout=PATIENCE)

    monkeypatch.setattr(locate, "model_homes", lambda: [models])
    run_app(script, "--model", "tiny", "--analyse", evidence / "a.png")


def test_the_display_is_adjusted_marked_and_reset(run_app: RunApp, evidence: Path, qtbot: QtBot) -> None:
    def script(window: MainWindow) -> None:
        qtbot.waitUntil(lambda: window.desk.session.picture is not None, timeout=PATIENCE)
        assert not window.commands["reset_display"].isEnabled()
        window.display.controls.gamma.setValue(2.0)
        assert window.display.isChecked()
        window.commands["reset_display"].trigger()
        assert not window.display.isChecked()
        assert window.display.controls.gamma.value() == 1.0

    run_app(script, evidence / "a.png")


def label_beside(window: MainWindow) -> str:
    beside = window.viewer.panes[1].views
    return beside.main.label if beside else ""


@pytest.mark.parametrize("place", ["viewer", "browser"])
def test_a_digit_sets_the_status_wherever_the_keyboard_is(
    run_app: RunApp, evidence: Path, qtbot: QtBot, place: str
) -> None:
    def script(window: MainWindow) -> None:
        qtbot.waitUntil(lambda: window.desk.session.picture is not None, timeout=PATIENCE)
        window.activateWindow()
        target = window.viewer.panes[0] if place == "viewer" else window.browser.view
        target.setFocus()
        qtbot.waitUntil(target.hasFocus, timeout=PATIENCE)
        window.desk.session.set_compare("side")
        qtbot.keyClick(target, Qt.Key.Key_1)  # type: ignore[no-untyped-call]
        picture = window.desk.pictures.find(evidence / "a.png")
        assert picture is not None
        assert picture.status == 1
        assert window.desk.session.compare == "side"

    run_app(script, evidence / "a.png")


def test_settings_of_blink_browser_and_cache_take_effect_at_once(run_app: RunApp, evidence: Path) -> None:
    def script(window: MainWindow) -> None:
        window.settings.set_value("look/blink", 1200)
        window.settings.set_value("browser/mode", "list")
        window.settings.set_value("browser/cache", 16)
        assert window.viewer.blink_interval == 1200
        assert window.browser.mode == "list"
        assert window.browser.thumbnails.cache is not None
        assert window.browser.thumbnails.cache.cap_bytes == 16_000_000

    run_app(script, evidence / "a.png")
