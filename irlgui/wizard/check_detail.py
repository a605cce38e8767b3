"""Beside the table: one pair large, what is wrong with it and what helps, and the answers to choose from."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from irlgui.plain_text import let_shrink
from irlgui.views import theme
from irlgui.wizard.check_row import CheckRow
from irlgui.wizard.look import dim, make_heading
from irlnet_core.data.pair_check import CheckedPair

DETAIL_SIDE = 560  # pixels of the large preview's longer side


class PairPicture(QWidget):
    """A picture fitted into a neutral frame; without one, a few words."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._image: QImage | None = None
        self._words = ""
        self.setMinimumHeight(120)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(self.tr("The picture with its mask laid over"))

    def show_image(self, image: QImage | None, words: str = "") -> None:
        """Show a picture, or words instead."""
        self._image, self._words = image, words
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        t = theme.tokens()
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(t.surround))
        if self._image is None or self._image.isNull():
            painter.setPen(QColor(t.on_surround))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(self.rect().adjusted(12, 12, -12, -12), int(flags), self._words)
            return
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(self.rect().topLeft(), size)
        place.moveCenter(self.rect().center())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, self._image)


class CheckDetail(QWidget):
    """Tells of the chosen rows; its buttons carry no rows, the page knows which are chosen."""

    invert_asked = Signal()
    right_asked = Signal()
    turn_asked = Signal()
    leave_out_asked = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[CheckRow] = []
        self.picture = PairPicture()
        self.name = make_heading("")
        self.reason, self.cure, self.notes = QLabel(), QLabel(), dim()
        for label in (self.name, self.reason, self.cure, self.notes):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setTextFormat(Qt.TextFormat.PlainText)
        let_shrink(self.name, self.reason, self.cure, self.notes)
        self.invert = QPushButton(self.tr("&Invert the mask"))
        self.right = QPushButton(self.tr("The mask is right as it &is"))
        self.turn = QPushButton(self.tr("&Turn the mask as the picture"))
        self.leave_out = QPushButton(self.tr("&Leave out"))
        self.invert.clicked.connect(self.invert_asked)
        self.right.clicked.connect(self.right_asked)
        self.turn.clicked.connect(self.turn_asked)
        self.leave_out.clicked.connect(self._ask_leave_out)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * theme.SPACE)
        layout.addWidget(self.picture, 1)
        for widget in (self.name, self.reason, self.cure, self.notes):
            layout.addWidget(widget)
        for button in (self.right, self.invert, self.turn, self.leave_out):
            layout.addWidget(button)
        self.setMinimumWidth(240)
        self.show_rows([])

    def show_rows(self, rows: Sequence[CheckRow]) -> None:
        """Tell of the chosen rows."""
        self._rows = list(rows)
        one = rows[0] if len(rows) == 1 else None
        pairs = [row.checked for row in rows if row.checked]
        self.name.setText(one.path.name if one else self._describe_many(len(rows)))
        self._say(self.reason, one.remark if one and one.bad else "")
        self._say(self.cure, one.cure if one else "")
        self._say(self.notes, one.remark if one and not one.bad else "")
        self.right.setVisible(bool(pairs) and all("invert" in pair.offers for pair in pairs))
        self.turn.setVisible(bool(pairs) and all("turn" in pair.offers for pair in pairs))
        self.invert.setVisible(bool(pairs) and all(_may_be_inverted(pair) for pair in pairs))
        self.leave_out.setVisible(bool(pairs) and any(not row.bad for row in rows))
        self.leave_out.setText(self.tr("&Take in again") if self._all_out() else self.tr("&Leave out"))

    def set_enabled(self, on: bool) -> None:
        """Grey the answers out while one is being worked on."""
        for button in (self.right, self.invert, self.turn, self.leave_out):
            button.setEnabled(on)

    def _describe_many(self, count: int) -> str:
        return self.tr("{} rows chosen").format(count) if count else self.tr("Choose a row")

    def _all_out(self) -> bool:
        usable = [row for row in self._rows if row.checked and not row.bad]
        return bool(usable) and all(row.left_out for row in usable)

    def _ask_leave_out(self) -> None:
        self.leave_out_asked.emit(not self._all_out())

    def _say(self, label: QLabel, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))


def _may_be_inverted(pair: CheckedPair) -> bool:
    return pair.pair.mask is not None and (pair.usable or "invert" in pair.offers)
