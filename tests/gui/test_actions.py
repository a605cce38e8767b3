"""Declared commands: no key twice, every icon there, every command in a menu, all keys on the page."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence

from irlgui.actions import COMMANDS, MENUS, SEPARATOR, TOOLBAR, make_actions
from irlgui.dialogs.shortcuts_dialog import list_shortcuts, show_keys
from irlgui.shipped import resource


def test_no_key_is_given_twice_and_all_can_be_read() -> None:
    keys = [key for command in COMMANDS for key in command.keys]

    assert [key for key, count in Counter(keys).items() if count > 1] == []
    assert [key for key in keys if QKeySequence(key).isEmpty()] == []


def test_every_icon_is_shipped() -> None:
    missing = [c.icon for c in COMMANDS if c.icon and not resource("icons", f"{c.icon}.svg").is_file()]

    assert missing == []


def test_menus_and_toolbar_name_commands_that_exist_and_every_command_can_be_found() -> None:
    ids = {command.id for command in COMMANDS}
    in_menus = {name for names in MENUS.values() for name in names}
    named = {name for name in in_menus | set(TOOLBAR) if name != SEPARATOR and not name.startswith("<")}

    assert named <= ids
    assert ids - in_menus == {"peek"}  # a button to hold; its key is the viewer's


def test_commands_of_one_choice_exclude_each_other(qapp: object) -> None:
    holder = QObject()
    actions = make_actions(holder)
    actions["overlay_heat"].setChecked(True)
    actions["overlay_mask"].setChecked(True)

    assert not actions["overlay_heat"].isChecked()


def test_the_page_of_shortcuts_shows_every_key(qapp: object) -> None:
    shown = {keys for _, rows in list_shortcuts() for _, keys in rows}

    assert {show_keys(c.keys) for c in COMMANDS if c.keys} <= shown
