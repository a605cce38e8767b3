"""An automatic case in a folder of the test, closed when the test is over; and keys that are let go."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from irlgui.case_desk import CaseDesk

OpenCaseAt = Callable[..., CaseDesk]


@pytest.fixture(autouse=True)
def _let_go() -> Iterator[None]:
    """Hold no key from one test to the next: Qt takes the last event's modifiers for those that are held."""
    yield
    if QGuiApplication.instance() and QGuiApplication.keyboardModifiers():
        QTest.keyRelease(QWidget(), Qt.Key.Key_Control)


@pytest.fixture
def open_case(qtbot: QtBot, tmp_path: Path) -> Iterator[OpenCaseAt]:
    """Return a function that opens the automatic case, as a new start of the program does."""
    opened: list[CaseDesk] = []

    def open_it(folder: str = "cases") -> CaseDesk:
        case = CaseDesk(tmp_path / folder, tmp_path / "annotations")
        opened.append(case)
        with qtbot.waitSignal(case.opened, timeout=20_000):
            case.start()
        return case

    yield open_it
    for case in opened:
        case.shutdown()
        case.deleteLater()
