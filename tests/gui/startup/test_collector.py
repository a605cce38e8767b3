"""Cyclic garbage is collected on the GUI thread only, while the window lives."""

from __future__ import annotations

import gc
import weakref

from pytestqt.qtbot import QtBot

from irlgui.startup.collector import Collector


class Knot:
    """An object that only the cycle collector can free."""

    def __init__(self) -> None:
        self.me = self


def test_while_it_lives_nothing_is_collected_by_allocation_and_afterwards_again(qtbot: QtBot) -> None:
    collector = Collector()
    try:
        assert not gc.isenabled()
    finally:
        collector.stop()
    assert gc.isenabled()


def test_garbage_goes_once_there_is_enough_of_it(qtbot: QtBot) -> None:
    collector = Collector()
    try:
        gc.collect()
        knot = weakref.ref(Knot())
        collector.check()
        assert knot() is not None
        _many = [Knot() for _ in range(gc.get_threshold()[0] + 10)]
        collector.check()
        assert knot() is None
    finally:
        collector.stop()


def test_what_was_imported_before_is_out_of_its_sight_while_it_lives(qtbot: QtBot) -> None:
    collector = Collector()
    try:
        assert gc.get_freeze_count() > 10_000
    finally:
        collector.stop()
    assert gc.get_freeze_count() == 0
