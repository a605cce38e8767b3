"""The lower line of the browser, and what stands in the place of pictures while there are none."""

from __future__ import annotations

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from irlgui import assets
from irlgui.plain_text import let_shrink, plain_text
from irlgui.views import theme


class Foot(QWidget):
    """Says how many pictures there are, and that folders are being searched."""

    stop_pressed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._notes: list[str] = []
        self.text = QLabel(self)
        self.text.setAccessibleName(self.tr("Number of pictures"))
        let_shrink(self.text)
        self.note = QLabel(self)
        self.note.hide()
        self.stop = QToolButton(self)
        self.stop.setIcon(assets.icon("stop"))
        self.stop.setToolTip(self.tr("Stop searching folders"))
        self.stop.setAccessibleName(self.tr("Stop searching folders"))
        self.stop.setProperty("flat", True)
        self.stop.clicked.connect(self.stop_pressed)
        self.stop.hide()
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE)
        row.addWidget(self.text, 1)
        row.addWidget(self.stop)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(2 * theme.SPACE, theme.SPACE, 2 * theme.SPACE, theme.SPACE)
        rows.setSpacing(theme.SPACE // 2)
        rows.addLayout(row)
        rows.addWidget(self.note)

    def set_counts(
        self, *, total: int, shown: int, with_regions: int, selected: int, searching: bool
    ) -> None:
        """Show the numbers; those of zero are left out."""
        parts = [self._pictures(total, shown)]
        if with_regions:
            parts.append(self.tr("{count} with regions").format(count=_number(with_regions)))
        if selected > 1:
            parts.append(self.tr("{count} selected").format(count=_number(selected)))
        if searching:
            parts.insert(0, self.tr("Searching…"))
        text = " · ".join(part for part in parts if part)
        self.text.setText(text)
        self.text.setToolTip(text)
        self.stop.setVisible(searching)

    def add_note(self, sentence: str) -> None:
        """Show that a place could not be searched; the tool tip names each."""
        self._notes.append(sentence)
        count = len(self._notes)
        words = self.tr("1 place left out") if count == 1 else self.tr("{count} places left out")
        self.note.setText(words.format(count=_number(count)))
        self.note.setToolTip(plain_text("\n".join(self._notes[-20:])))
        self.note.show()

    def clear_notes(self) -> None:
        """Forget which places could not be searched."""
        self._notes.clear()
        self.note.hide()

    def _pictures(self, total: int, shown: int) -> str:
        if total == 0:
            return self.tr("No pictures")
        words = self.tr("1 picture") if total == 1 else self.tr("{total} pictures")
        if shown != total:
            words = self.tr("{shown} of {total} pictures")
        return words.format(total=_number(total), shown=_number(shown))


class EmptyNote(QWidget):
    """A sentence in the middle that says what to do next, perhaps with a button for it."""

    pressed = Signal()

    def __init__(self, text: str, *, button: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = QLabel(text, self, alignment=Qt.AlignmentFlag.AlignCenter, wordWrap=True)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(4 * theme.SPACE, 4 * theme.SPACE, 4 * theme.SPACE, 4 * theme.SPACE)
        rows.setSpacing(3 * theme.SPACE)
        rows.addStretch(1)
        rows.addWidget(self.label)
        if button:
            self.button = QPushButton(button, self)
            self.button.clicked.connect(self.pressed)
            rows.addWidget(self.button, 0, Qt.AlignmentFlag.AlignHCenter)
        rows.addStretch(1)


def _number(count: int) -> str:
    return QLocale().toString(count)
