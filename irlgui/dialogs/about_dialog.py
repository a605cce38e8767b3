"""What this program is, in which versions, and what the model in use says about itself."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from irlgui import assets
from irlgui.startup.crash import describe_versions
from irlgui.views import theme
from irlnet_core import __version__
from irlnet_core.evidence.localization import say_threshold
from irlnet_core.model.card import ModelCard


def describe_card(card: ModelCard | None) -> str:
    """Return a model's card as HTML: what it is, how it was measured, what it can't do."""
    if card is None:
        return f"<p>{_tr('No model is installed.')}</p>"
    point = _tr("{} (set by: {})").format(say_threshold(card.threshold), escape(card.threshold_source))
    rows = [
        (_tr("Model"), escape(card.name)),
        (_tr("Network"), f"{escape(card.architecture.architecture)}, width {card.architecture.width:g}"),
        (_tr("Tile"), _tr("{} px, overlap {} px").format(card.tile, card.overlap)),
        (_tr("Threshold"), point),
        (_tr("Licence"), escape(card.licence) or "–"),
        *[(_tr("Mark"), _describe_point(item)) for item in card.operating_points],
        *[(_tr("Limit"), escape(limit)) for limit in card.limits],
        *[(_tr("Weights"), f"SHA-256 {digest[:16]}…") for digest in list(card.hashes.values())[:1]],
    ]
    dim = theme.tokens().text_dim
    cells = (
        f'<tr><td style="color:{dim}">{name}&nbsp;&nbsp;</td><td>{text}</td></tr>' for name, text in rows
    )
    notes = f"<p>{escape(card.notes)}</p>" if card.notes else ""
    return f"<table cellpadding=2>{''.join(cells)}</table>{notes}"


class AboutDialog(QDialog):
    """Name, versions (to be copied), the model's card, the sentence on what a result is not."""

    def __init__(self, card: ModelCard | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("About IRL-Net"))
        picture = QLabel()
        picture.setPixmap(assets.application_icon().pixmap(64, 64))
        title = QLabel(f"IRL-Net {__version__}")
        title.setFont(theme.font("title", bold=True))
        purpose = QLabel(self.tr("Marks the inpainted regions of a photograph, pixel by pixel."))
        self.text = QTextBrowser()
        self.text.setOpenLinks(False)
        self.text.setAccessibleName(self.tr("Versions and model"))
        self.text.setHtml(self._page(card))
        copy = QPushButton(self.tr("Copy versions"))
        copy.clicked.connect(self.copy_versions)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(copy, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        names = QVBoxLayout()
        names.addWidget(title)
        names.addWidget(purpose)
        head = QHBoxLayout()
        head.setSpacing(4 * theme.SPACE)
        head.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        head.addLayout(names, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[6 * theme.SPACE] * 4)
        layout.setSpacing(4 * theme.SPACE)
        layout.addLayout(head)
        layout.addWidget(self.text, 1)
        layout.addWidget(buttons)
        self.resize(560, 560)

    def copy_versions(self) -> None:
        """Put the versions onto the clipboard as plain text."""
        QGuiApplication.clipboard().setText(describe_versions())

    def _page(self, card: ModelCard | None) -> str:
        versions = "<br>".join(escape(line) for line in describe_versions().splitlines())
        warning = self.tr(
            "The network's response is not a probability of forgery. A mask is a tool result, not a finding "
            "that the picture was manipulated, and no response is no proof of authenticity."
        )
        licence = self.tr("Licence: Apache-2.0. Nothing about a picture leaves this machine.")
        return (
            f"<h4>{self.tr('The model in use')}</h4>{describe_card(card)}"
            f"<h4>{self.tr('What a result is')}</h4><p>{warning}</p>"
            f"<h4>{self.tr('Versions')}</h4><p>{versions}</p><p>{licence}</p>"
        )


def _describe_point(point: dict[str, object]) -> str:
    text = _tr("response {} at a false-alarm rate of {}").format(
        escape(str(point.get("threshold", "?"))), escape(str(point.get("false_alarm_rate", "?")))
    )
    source = point.get("source")
    return f"{text} ({escape(str(source))})" if source else text


def _tr(text: str) -> str:
    return QCoreApplication.translate("AboutDialog", text)
