"""What is typed into the notes stays as it was typed, in any script."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QPlainTextEdit
from pytestqt.qtbot import QtBot

from irlgui.models.outlines import OutlineLayer
from irlgui.views.notes_section import NotesSection
from irlnet_core.evidence.annotations import Annotations


@pytest.fixture
def section(qtbot: QtBot) -> NotesSection:
    layer = OutlineLayer()
    layer.set_annotations(Annotations("ab" * 32, 200, 100))
    layer.add("rectangle", [(10, 10), (30, 30)])
    section = NotesSection(layer)
    qtbot.addWidget(section)
    return section


def type_into(field: QPlainTextEdit, text: str) -> None:
    for letter in text:
        event = QInputMethodEvent()
        event.setCommitString(letter)
        QApplication.sendEvent(field, event)


@pytest.mark.parametrize("text", ["写真\u3000左上の雲", "می\u200cخواهم این", "prix\u202f: 5", "a\u200d b"])
def test_spaces_and_joiners_of_any_script_are_kept_where_they_were_typed(
    section: NotesSection, text: str
) -> None:
    type_into(section.notes, text)
    type_into(section.note, text)
    assert section.notes.toPlainText() == section.note.toPlainText() == text
    assert section.layer.annotations
    assert section.layer.annotations.notes == text
    assert section.layer.outlines[0].note == text


def test_what_turns_the_direction_is_not_kept_and_what_follows_it_stays_in_its_place(
    section: NotesSection,
) -> None:
    type_into(section.notes, "a\u202eb c")
    assert section.layer.annotations
    assert section.layer.annotations.notes == "ab c"
    assert section.notes.toPlainText().replace("\u202e", "") == "ab c"
