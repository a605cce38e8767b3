"""The analyst's side: notes on the picture, outlines drawn by hand, undo. Nothing of the tool's is here."""

from __future__ import annotations

from PySide6.QtCore import QItemSelection, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QSizePolicy,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from irlgui import assets
from irlgui.models.outlines import OutlineLayer
from irlgui.models.outlines_list import OutlinesList
from irlgui.plain_text import no_mnemonic
from irlgui.views import theme
from irlnet_core.evidence.annotations import clean_note

_ROWS_SEEN = 4


class NotesSection(QWidget):
    """Binds itself to an :class:`OutlineLayer`; drawing is asked of the viewer."""

    draw_asked = Signal(str)  # polygon, rectangle, freehand; pan ends it
    zoom_asked = Signal(object)  # Outline

    def __init__(self, layer: OutlineLayer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.layer = layer
        self.notes, self.note = QPlainTextEdit(), QPlainTextEdit()
        self.model = OutlinesList(layer, self)
        self.table = QTableView()
        self.note_title = QLabel()
        self._silent = False
        self._prepare_texts()
        self._prepare_table()
        self._build(self._tools())
        layer.notes_changed.connect(self._show_notes)
        layer.outlines_changed.connect(self._show_outlines)
        layer.chosen_changed.connect(self._show_chosen)
        self._show_outlines()

    def delete_chosen(self) -> None:
        """Delete the chosen outline; it can be undone."""
        if self.layer.chosen:
            self.layer.delete(self.layer.chosen)

    def end_drawing(self) -> None:
        """Show that nothing is being drawn any more."""
        if (action := self._drawing.checkedAction()) is not None:
            action.setChecked(False)

    def _tools(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(0)
        self.draw_buttons: dict[str, QToolButton] = {}
        self.draw_actions: dict[str, QAction] = {}
        self._drawing = QActionGroup(self)
        self._drawing.setExclusionPolicy(QActionGroup.ExclusionPolicy.ExclusiveOptional)
        self._drawing.triggered.connect(self._ask_drawing)
        words = {
            "polygon": (self.tr("Draw a polygon"), "G"),
            "rectangle": (self.tr("Draw a rectangle"), "Shift+G"),
            "freehand": (self.tr("Draw freehand"), "Ctrl+G"),
        }
        for kind, (text, letter) in words.items():
            action = self.draw_actions[kind] = QAction(assets.icon(kind), text, self)
            action.setShortcut(letter)
            action.setToolTip(f"{text}  ({letter})")
            action.setData(kind)
            action.setCheckable(True)
            self._drawing.addAction(action)
            self.draw_buttons[kind] = self._button(action, row)
        row.addStretch(1)
        stack = self.layer.undo_stack
        self.undo_action = stack.createUndoAction(self)
        self.redo_action = stack.createRedoAction(self)
        self.delete_action = QAction(self.tr("Delete the outline"), self)
        for action, name, key in (
            (self.undo_action, "undo", QKeySequence.StandardKey.Undo),
            (self.redo_action, "redo", QKeySequence.StandardKey.Redo),
            (self.delete_action, "remove", QKeySequence.StandardKey.Delete),
        ):
            action.setIcon(assets.icon(name))
            action.setShortcut(key)
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            self.addAction(action)
            self._button(action, row)
        self.delete_action.triggered.connect(self.delete_chosen)
        return row

    def _button(self, action: QAction, row: QHBoxLayout) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(action)
        button.setIconSize(QSize(20, 20))
        button.setProperty("flat", True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setMinimumSize(7 * theme.SPACE, 7 * theme.SPACE)
        button.setAccessibleName(action.text())
        row.addWidget(button)
        return button

    def _prepare_texts(self) -> None:
        line = self.notes.fontMetrics().lineSpacing()
        for text, lines, name in (
            (self.notes, 4, "Notes on this picture"),
            (self.note, 2, "Note on the outline"),
        ):
            text.setFixedHeight(lines * line + 4 * theme.SPACE)
            text.setTabChangesFocus(True)
            text.setAccessibleName(self.tr(name))
        self.notes.setPlaceholderText(
            self.tr("Your own notes on this picture. They are saved by themselves.")
        )
        self.note.setPlaceholderText(self.tr("What you see here"))
        self.notes.textChanged.connect(self._write_notes)
        self.note.textChanged.connect(self._write_note)
        self.note_title.setFont(theme.font("small"))
        self.note_title.setTextFormat(Qt.TextFormat.PlainText)
        self.note_title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.note_title.setBuddy(self.note)

    def _prepare_table(self) -> None:
        table = self.table
        table.setModel(self.model)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(
            QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.SelectedClicked
        )
        table.setTabKeyNavigation(False)
        table.setShowGrid(False)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        height = table.fontMetrics().height() + 2 * theme.SPACE
        table.verticalHeader().setDefaultSectionSize(height)
        table.horizontalHeader().setHighlightSections(False)
        table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for column in (1, 2):
            table.horizontalHeader().setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        table.setFixedHeight((_ROWS_SEEN + 1) * height + 2 * theme.SPACE)
        table.setAccessibleName(self.tr("Your outlines"))
        table.selectionModel().selectionChanged.connect(self._choose)
        table.doubleClicked.connect(self._zoom)

    def _build(self, tools: QHBoxLayout) -> None:
        self.hint = QLabel(self.tr("Outlines are yours alone: they stay apart from what the tool found."))
        self.hint.setWordWrap(True)
        self.hint.setFont(theme.font("small"))
        self.hint.setEnabled(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE)
        column.addWidget(self.notes)
        column.addLayout(tools)
        for widget in (self.hint, self.table, self.note_title, self.note):
            column.addWidget(widget)

    def _ask_drawing(self, action: QAction) -> None:
        self.draw_asked.emit(action.data() if action.isChecked() else "pan")

    def _zoom(self, index: object) -> None:
        if (outline := self.layer.find(self.layer.chosen)) is not None:
            self.zoom_asked.emit(outline)

    def _write_notes(self) -> None:
        self.layer.set_notes(self.notes.toPlainText())

    def _write_note(self) -> None:
        if self.layer.chosen:
            self.layer.edit_note(self.layer.chosen, self.note.toPlainText())

    def _choose(self, _selected: QItemSelection, _deselected: QItemSelection) -> None:
        if not self._silent:
            rows = self.table.selectionModel().selectedRows()
            self.layer.choose(self.model.outline_at(rows[0].row()).id if rows else None)

    def _show_notes(self, text: str) -> None:
        _show_text(self.notes, text)

    def _show_outlines(self, _outlines: object = None) -> None:
        ready, filled = self.layer.annotations is not None, bool(self.layer.outlines)
        self.notes.setEnabled(ready)
        for button in self.draw_buttons.values():
            button.defaultAction().setEnabled(ready)
        self.table.setVisible(filled)
        self.hint.setVisible(not filled)
        self._show_chosen(self.layer.chosen)

    def _show_chosen(self, number: object) -> None:
        outline = self.layer.find(self.layer.chosen)
        self.delete_action.setEnabled(outline is not None)
        for widget in (self.note, self.note_title):
            widget.setVisible(outline is not None)
        row = self.model.row_of(outline.id) if outline else None
        self._silent = True
        if row is None:
            self.table.clearSelection()
        elif [index.row() for index in self.table.selectionModel().selectedRows()] != [row]:
            self.table.selectRow(row)
        self._silent = False
        if outline is not None:
            self.note_title.setText(self.tr("Note on “{label}”").format(label=no_mnemonic(outline.label)))
            _show_text(self.note, outline.note)


def _show_text(field: QPlainTextEdit, text: str) -> None:
    """Show a kept text; what is being typed and was kept as this stays: setting it would move the cursor."""
    if text != clean_note(field.toPlainText()):
        with QSignalBlocker(field):
            field.setPlainText(text)
