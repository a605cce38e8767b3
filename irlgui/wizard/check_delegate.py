"""Draws the check's lines: the small picture beside its name; what can't be used in the colour of caution."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from irlgui.views import theme
from irlgui.wizard.check_table import PICTURE, REMARK, USE, CheckTable

ROW_HEIGHT = 56
_THUMB = QSize(72, 48)
Index = QModelIndex | QPersistentModelIndex


class CheckDelegate(QStyledItemDelegate):
    """Draws cells of a :class:`CheckTable`."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        self.initStyleOption(option, index)
        model = index.model()
        if not isinstance(model, CheckTable):
            super().paint(painter, option, index)
            return
        row = model.row_at(index.row())
        t = theme.tokens()
        if not row.kept:
            colour = t.caution if row.bad and index.column() in (USE, REMARK) else t.text_dim
            option.palette.setColor(QPalette.ColorRole.Text, QColor(colour))
        if index.column() == PICTURE:
            self._paint_picture(painter, option, model.thumbnail(row.pair))
        else:
            super().paint(painter, option, index)

    def _paint_picture(self, painter: QPainter, option: QStyleOptionViewItem, image: QImage | None) -> None:
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        t = theme.tokens()
        painter.save()
        if selected:
            painter.fillRect(option.rect, option.palette.highlight())
        frame = QRect(option.rect.left() + 4, option.rect.top() + 4, _THUMB.width(), _THUMB.height())
        painter.fillRect(frame, QColor(t.surround))
        if image is not None and not image.isNull():
            size = image.size().scaled(frame.size(), Qt.AspectRatioMode.KeepAspectRatio)
            place = QRect(frame.topLeft(), size)
            place.moveCenter(frame.center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(place, image)
        role = QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text
        painter.setPen(option.palette.color(role))
        text = option.rect.adjusted(_THUMB.width() + 12, 0, -4, 0)
        told = option.fontMetrics.elidedText(option.text, Qt.TextElideMode.ElideMiddle, text.width())
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, told)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: N802 - Qt's name
        return QSize(super().sizeHint(option, index).width(), ROW_HEIGHT)
