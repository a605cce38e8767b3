"""Small pictures of a validation in a row: picture, true mask and response, before and now."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from irlgui.views import theme

_HEIGHT = 84


class RunPreviews(QWidget):
    """Shows one step's previews; the box chooses which, and follows the newest until another is chosen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._previews: dict[int, list[Path]] = {}
        self.steps = QComboBox()
        self.steps.setAccessibleName(self.tr("Previews of which validation"))
        self.steps.setMinimumWidth(150)
        self.steps.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.steps.activated.connect(self._show_chosen)
        heading = QLabel(f"<b>{self.tr('Held-out pictures')}</b>")
        hint = QLabel(self.tr("picture · true mask · response"))
        hint.setFont(theme.font("small"))
        head = QHBoxLayout()
        head.setSpacing(2 * theme.SPACE)
        for widget in (heading, hint):
            head.addWidget(widget)
        head.addStretch()
        head.addWidget(self.steps)
        self._row = QHBoxLayout()
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(3 * theme.SPACE)
        self._row.addStretch()
        inner = QWidget()
        inner.setLayout(self._row)
        self.area = QScrollArea()
        self.area.setWidget(inner)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFixedHeight(_HEIGHT + 16)
        self.area.setAccessibleName(self.tr("Previews of the validation"))
        self._hint = hint
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(theme.SPACE)
        layout.addLayout(head)
        layout.addWidget(self.area)
        self._dress()

    def show_previews(self, previews: dict[int, list[Path]], best: int | None = None) -> None:
        """Show the newest step's previews, or those that were chosen; steps whose files are gone drop out."""
        follow = self.steps.currentIndex() in (-1, self.steps.count() - 1)
        chosen = self.steps.currentData()
        self._previews = {step: [p for p in paths if p.is_file()] for step, paths in sorted(previews.items())}
        self._previews = {step: paths for step, paths in self._previews.items() if paths}
        self.steps.clear()
        for step in self._previews:
            words = self.tr("before training") if step == 0 else self.tr("step {}").format(step)
            self.steps.addItem(words + (self.tr(" (best)") if step == best else ""), step)
        place = self.steps.findData(chosen)
        self.steps.setCurrentIndex(self.steps.count() - 1 if follow or place < 0 else place)
        self.steps.setEnabled(self.steps.count() > 0)
        self._show_chosen()

    def shown(self) -> list[Path]:
        """Return the files whose pictures are shown."""
        return self._previews.get(self.steps.currentData(), [])

    def _show_chosen(self) -> None:
        while self._row.count() > 1:
            item = self._row.takeAt(0)
            if item is not None and (widget := item.widget()):
                widget.deleteLater()
        for number, path in enumerate(self.shown()):
            image = QImage(str(path))
            if not image.isNull():
                self._row.insertWidget(self._row.count() - 1, self._frame(image, number + 1))

    def _frame(self, image: QImage, number: int) -> QLabel:
        ratio = self.devicePixelRatioF()
        scaled = image.scaledToHeight(round(_HEIGHT * ratio), Qt.TransformationMode.SmoothTransformation)
        scaled.setDevicePixelRatio(ratio)
        label = QLabel()
        label.setPixmap(QPixmap.fromImage(scaled))
        label.setFixedSize(QSize(scaled.size()) / ratio)
        label.setAccessibleName(self.tr("Held-out picture {}: picture, true mask, response").format(number))
        return label

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 - Qt's name
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        self._hint.setStyleSheet(f"color: {theme.tokens().text_dim}")
