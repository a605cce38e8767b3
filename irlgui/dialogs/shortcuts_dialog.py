"""All keys on one page, generated from the commands, so that it is never out of date."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from irlgui.actions import COMMANDS, MENUS, OTHER_KEYS, translate
from irlgui.views import theme

Page = tuple[str, list[tuple[str, str]]]


def list_shortcuts() -> list[Page]:
    """Return (menu, [(words, keys)]) for every command that has keys, then the widgets' own keys."""
    commands = {command.id: command for command in COMMANDS}
    pages = []
    for menu, ids in MENUS.items():
        rows = [(_plain(commands[i].text), show_keys(commands[i].keys)) for i in ids if i in commands]
        pages.append((_plain(menu), [row for row in rows if row[1]]))
    pages.append((translate("Pointer and more"), [(translate(text), translate(k)) for k, text in OTHER_KEYS]))
    return [page for page in pages if page[1]]


def show_keys(keys: tuple[str, ...]) -> str:
    """Return shortcuts as this system writes them."""
    form = QKeySequence.SequenceFormat.NativeText
    return translate(" or ").join(QKeySequence(key).toString(form) for key in keys)


class ShortcutsDialog(QDialog):
    """Two columns of keys, by menu."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        columns = QHBoxLayout()
        columns.setSpacing(12 * theme.SPACE)
        for part in _balance(list_shortcuts()):
            columns.addWidget(_make_column(part), 0, Qt.AlignmentFlag.AlignTop)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[6 * theme.SPACE] * 4)
        layout.setSpacing(4 * theme.SPACE)
        layout.addLayout(columns)
        layout.addWidget(buttons)


def _make_column(pages: list[Page]) -> QWidget:
    column = QWidget()
    grid = QGridLayout(column)
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(8 * theme.SPACE)
    grid.setVerticalSpacing(theme.SPACE)
    for title, rows in pages:
        if grid.rowCount() > 1:
            grid.setRowMinimumHeight(grid.rowCount(), 3 * theme.SPACE)
        heading = QLabel(title)
        heading.setFont(theme.font("body", bold=True))
        grid.addWidget(heading, grid.rowCount(), 0, 1, 2)
        for words, keys in rows:
            line = grid.rowCount()
            label = QLabel(keys)
            label.setStyleSheet(f"color: {theme.tokens().text_dim}")
            grid.addWidget(QLabel(words), line, 0)
            grid.addWidget(label, line, 1)
    return column


def _balance(pages: list[Page]) -> tuple[list[Page], list[Page]]:
    """Return two columns: each page goes below the shorter one."""
    columns: tuple[list[Page], list[Page]] = ([], [])
    for page in pages:
        shorter = min(columns, key=lambda column: sum(len(rows) + 2 for _, rows in column))
        shorter.append(page)
    return columns


def _plain(text: str) -> str:
    return translate(text).replace("&", "").removesuffix("…")
