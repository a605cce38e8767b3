"""Declared settings: types, limits, what is kept, and that the dialog is built from them."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QLabel, QSpinBox
from pytestqt.qtbot import QtBot

from irlgui.dialogs.settings_dialog import SettingsDialog
from irlgui.settings import GROUPS, SETTINGS, Settings
from irlgui.views import theme


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "irlgui.ini"


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.key)
def test_every_setting_has_a_group_and_a_default_that_it_accepts(setting: object) -> None:
    assert setting.group in GROUPS  # type: ignore[attr-defined]
    assert setting.read(setting.default) == setting.default  # type: ignore[attr-defined]


def test_a_value_is_kept_in_its_type(qapp: object, path: Path) -> None:
    first = Settings(path)
    first.set_value("browser/blur", True)
    first.set_value("browser/cache", 64)
    first.store.sync()

    again = Settings(path)
    assert again.value("browser/blur") is True
    assert again.value("browser/cache") == 64


@pytest.mark.parametrize(
    ("key", "stored", "read"),
    [
        ("look/theme", "pink", "system"),
        ("look/opacity", "a lot", 60),
        ("look/opacity", "250", 100),
        ("browser/cache", "-5", 16),
        ("browser/blur", "perhaps", False),
    ],
)
def test_what_makes_no_sense_in_the_file_becomes_the_default_or_the_limit(
    qapp: object, path: Path, key: str, stored: str, read: object
) -> None:
    settings = Settings(path)
    settings.store.setValue(key, stored)

    assert settings.value(key) == read


def test_hints_follow_a_theme_that_is_chosen_beside_them(
    qtbot: QtBot, qapp: QApplication, path: Path
) -> None:
    before, sheet = qapp.palette(), qapp.styleSheet()
    try:
        theme.apply(qapp, "light")
        dialog = SettingsDialog(Settings(path))
        qtbot.addWidget(dialog)
        help_ = next(setting.help for setting in SETTINGS if setting.help)
        hint = next(label for label in dialog.findChildren(QLabel) if label.text() == help_)
        assert theme.LIGHT.text_dim in hint.styleSheet()
        theme.apply(qapp, "dark")
        assert theme.DARK.text_dim in hint.styleSheet()
    finally:
        qapp.setPalette(before)
        qapp.setStyleSheet(sheet)


def test_a_change_is_told_once(qtbot: QtBot, path: Path) -> None:
    settings = Settings(path)
    told: list[tuple[str, object]] = []
    settings.changed.connect(lambda key, value: told.append((key, value)))

    settings.set_value("look/theme", "dark")
    settings.set_value("look/theme", "dark")

    assert told == [("look/theme", "dark")]


def test_the_dialog_has_an_editor_for_every_setting_and_a_change_takes_effect_at_once(
    qtbot: QtBot, path: Path
) -> None:
    settings = Settings(path)
    dialog = SettingsDialog(settings)
    qtbot.addWidget(dialog)

    assert set(dialog.editors) == {setting.key for setting in SETTINGS}
    assert all(editor.accessibleName() for editor in dialog.editors.values())
    theme, blur, cache = (dialog.editors[key] for key in ("look/theme", "browser/blur", "browser/cache"))
    assert isinstance(theme, QComboBox)
    assert isinstance(blur, QCheckBox)
    assert isinstance(cache, QSpinBox)
    blur.click()
    cache.setValue(128)
    assert settings.value("browser/blur") is True
    assert settings.value("browser/cache") == 128


def test_defaults_can_be_restored(qtbot: QtBot, path: Path) -> None:
    settings = Settings(path)
    settings.set_value("look/opacity", 20)
    settings.set_value("look/theme", "dark")
    dialog = SettingsDialog(settings)
    qtbot.addWidget(dialog)

    dialog.restore_defaults()

    assert all(settings.value(setting.key) == setting.default for setting in SETTINGS)
    opacity = dialog.editors["look/opacity"]
    assert isinstance(opacity, QSpinBox)
    assert opacity.value() == 60
