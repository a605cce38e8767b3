"""Names and words from outside, for places of Qt that take a text for HTML when it looks like it."""

from __future__ import annotations

from html import escape

from PySide6.QtGui import Qt
from PySide6.QtWidgets import QLabel


def plain_text(text: str) -> str:
    """Return a text that a tool tip or a message box shows letter by letter."""
    return f'<span style="white-space: pre-wrap">{escape(text)}</span>' if Qt.mightBeRichText(text) else text


def no_mnemonic(text: str) -> str:
    """Return a text whose ampersands a menu, a button or a label with a buddy shows as such."""
    return text.replace("&", "&&")


def let_shrink(*labels: QLabel) -> None:
    """Let labels be narrower than their longest word: a file's name must not widen a window."""
    for label in labels:
        label.setMinimumWidth(1)
