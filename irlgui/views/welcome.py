"""The viewer's place as long as no picture is open: says what to do next."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from irlgui import assets
from irlgui.views import theme


class Welcome(QWidget):
    """An invitation to drop pictures, three buttons, and one line about the model."""

    sample_requested = Signal()

    def __init__(self, open_pictures: QAction, open_folder: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("welcome")
        self._icon = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self._title = QLabel(self.tr("Drop pictures here, or press Ctrl+O"))
        self._title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._title.setWordWrap(True)
        self._text = QLabel(self.tr("Pictures and folders are only read; nothing is written beside them."))
        self._text.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._text.setWordWrap(True)
        self.model_line = QLabel()
        self.model_line.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.model_line.setWordWrap(True)
        self.model_line.setTextFormat(Qt.TextFormat.PlainText)
        self.sample = QPushButton(self.tr("Try the sample"))
        self.sample.clicked.connect(self.sample_requested)
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * theme.SPACE)
        buttons.addStretch()
        for action, words in (
            (open_pictures, self.tr("Open pictures…")),
            (open_folder, self.tr("Open folder…")),
        ):
            button = QPushButton(words)
            button.clicked.connect(action.trigger)
            buttons.addWidget(button)
        buttons.addWidget(self.sample)
        self.setFocusProxy(self.sample)
        buttons.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[8 * theme.SPACE] * 4)
        layout.setSpacing(3 * theme.SPACE)
        layout.addStretch(4)
        layout.addWidget(self._icon)
        layout.addSpacing(theme.SPACE)
        layout.addWidget(self._title)
        layout.addWidget(self._text)
        layout.addSpacing(2 * theme.SPACE)
        layout.addLayout(buttons)
        layout.addStretch(5)
        layout.addWidget(self.model_line)
        self.setAutoFillBackground(True)
        self._dress()

    def set_model_line(self, text: str) -> None:
        self.model_line.setText(text)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()
        super().changeEvent(event)

    def _dress(self) -> None:
        """Put on the theme's colours: the dim texts and the icon don't follow the palette by themselves."""
        t = theme.tokens()
        self._icon.setPixmap(assets.icon("drop").pixmap(QSize(48, 48), self.devicePixelRatio(), assets.DIM))
        self._title.setFont(theme.font("title"))
        for label in (self._text, self.model_line):
            style = f"color: {t.text_dim}"
            if label.styleSheet() != style:
                label.setStyleSheet(style)
