"""Light and dark from one set of tokens: neutral greys, one accent, three text sizes, a 4-pixel grid.

Every colour that follows the theme comes from :func:`tokens`; what lies over evidence has its own. Widgets
that paint by themselves ask for it while they paint, or again on ``QEvent.Type.PaletteChange``; others follow
the application's palette.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from irlgui.shipped import resource

Choice = Literal["system", "light", "dark"]
Size = Literal["small", "body", "title"]

SPACE = 4  # the grid; margins and gaps are multiples of it
RADIUS = 4
_FAMILIES = ("Inter", "Noto Sans", "Cantarell", "Ubuntu", "DejaVu Sans")
_STEPS = {"small": -1.0, "body": 0.0, "title": 4.0}  # points added to the body's size


@dataclass(frozen=True)
class Tokens:
    """The colours of one theme, as ``#rrggbb``.

    ``surround`` is the neutral grey around evidence and ``on_surround`` what is written there; ``accent`` is
    the only colour that is not data; ``caution`` marks what needs attention, never a finding.
    """

    name: Literal["light", "dark"]
    window: str
    panel: str
    field: str
    raised: str
    hover: str
    pressed: str
    line: str
    line_strong: str
    text: str
    text_dim: str
    text_off: str
    accent: str
    accent_soft: str
    on_accent: str
    caution: str
    surround: str
    on_surround: str


LIGHT = Tokens(
    name="light",
    window="#f0f0f0",
    panel="#f7f7f7",
    field="#ffffff",
    raised="#fcfcfc",
    hover="#e4e4e4",
    pressed="#d6d6d6",
    line="#dadada",
    line_strong="#b8b8b8",
    text="#1d1d1d",
    text_dim="#5f5f5f",
    text_off="#a2a2a2",
    accent="#2a62c4",
    accent_soft="#dbe5f7",
    on_accent="#ffffff",
    caution="#8a5a00",
    surround="#808080",
    on_surround="#ffffff",
)
DARK = Tokens(
    name="dark",
    window="#202020",
    panel="#262626",
    field="#1b1b1b",
    raised="#333333",
    hover="#383838",
    pressed="#434343",
    line="#373737",
    line_strong="#5a5a5a",
    text="#e6e6e6",
    text_dim="#a3a3a3",
    text_off="#6a6a6a",
    accent="#7aa7f7",
    accent_soft="#2b3b58",
    on_accent="#10151f",
    caution="#e0b15c",
    surround="#5a5a5a",
    on_surround="#f2f2f2",
)


def tokens() -> Tokens:
    """Return the tokens of the theme that the application shows now."""
    return DARK if QGuiApplication.palette().color(QPalette.ColorRole.Window).lightness() < 128 else LIGHT


def font(size: Size = "body", *, bold: bool = False) -> QFont:
    """Return the program's one family in one of its three sizes, with figures of equal width."""
    chosen = QFont(QApplication.font())
    chosen.setPointSizeF(chosen.pointSizeF() + _STEPS[size])
    chosen.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return chosen


def install(app: QApplication) -> None:
    """Choose the style and the type family; once, before the first window."""
    app.setStyle("Fusion")
    base = QFont(app.font())
    if sys.platform.startswith("linux") and base.family() in ("Sans Serif", "Sans", "DejaVu Sans", ""):
        base.setFamilies(list(_FAMILIES))
    body = max(10.0, base.pointSizeF()) if sys.platform != "darwin" else base.pointSizeF()
    base.setPointSizeF(body)
    base.setFeature(QFont.Tag("tnum"), 1)
    app.setFont(base)


def apply(app: QApplication, choice: Choice) -> None:
    """Show the chosen theme in every window that is open and in those to come."""
    schemes = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
    hints = app.styleHints()
    if choice == "system":
        hints.unsetColorScheme()
    else:
        hints.setColorScheme(schemes[choice])
    dark = choice == "dark" or (choice == "system" and hints.colorScheme() == Qt.ColorScheme.Dark)
    chosen = DARK if dark else LIGHT
    app.setPalette(make_palette(chosen))
    app.setStyleSheet(make_stylesheet(chosen))


def make_palette(t: Tokens) -> QPalette:
    """Return Qt's palette of these tokens."""
    role = QPalette.ColorRole
    palette = QPalette()
    colours = {
        role.Window: t.window,
        role.WindowText: t.text,
        role.Base: t.field,
        role.AlternateBase: t.panel,
        role.Text: t.text,
        role.Button: t.raised,
        role.ButtonText: t.text,
        role.BrightText: t.on_accent,
        role.ToolTipBase: t.raised,
        role.ToolTipText: t.text,
        role.PlaceholderText: t.text_dim,
        role.Highlight: t.accent,
        role.HighlightedText: t.on_accent,
        role.Accent: t.accent,
        role.Link: t.accent,
        role.LinkVisited: t.accent,
        role.Light: t.raised,
        role.Midlight: t.hover,
        role.Mid: t.line_strong,
        role.Dark: t.line_strong,
        role.Shadow: t.line_strong,
    }
    for which, colour in colours.items():
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(t.text_off))
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(t.line_strong))
    return palette


def make_stylesheet(t: Tokens) -> str:
    """Return the few rules that Fusion and the palette can't give: hairlines, flat bars, thin scroll bars."""
    icons = resource("icons").as_posix()
    return f"""
    QToolBar {{ background: {t.window}; border: 0; border-bottom: 1px solid {t.line};
        spacing: 2px; padding: 4px 8px; }}
    QToolBar::separator {{ background: {t.line}; width: 1px; margin: 6px 8px; }}
    QToolBar QToolButton, QToolButton[flat="true"] {{
        border: 1px solid transparent; border-radius: {RADIUS}px; padding: 4px 6px;
        background: transparent; }}
    QToolBar QToolButton:hover, QToolButton[flat="true"]:hover {{ background: {t.hover}; }}
    QToolBar QToolButton:pressed, QToolButton[flat="true"]:pressed {{ background: {t.pressed}; }}
    QToolBar QToolButton:checked, QToolButton[flat="true"]:checked {{ background: {t.accent_soft}; }}
    QToolBar QToolButton:focus, QToolButton[flat="true"]:focus {{ border-color: {t.accent}; }}
    QToolBar QToolButton[popupMode="1"] {{ padding-right: 18px; }}
    QToolBar QToolButton#qt_toolbar_ext_button {{ padding: 0; border: 0; }}
    QPushButton {{ background: {t.raised}; border: 1px solid {t.line_strong}; border-radius: {RADIUS}px;
        padding: 5px 14px; min-height: 16px; }}
    QPushButton:hover {{ background: {t.hover}; }}
    QPushButton:pressed {{ background: {t.pressed}; }}
    QPushButton:focus {{ border-color: {t.accent}; }}
    QPushButton:disabled {{ color: {t.text_off}; border-color: {t.line}; }}
    QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
    QLineEdit, QAbstractSpinBox, QComboBox {{ background: {t.field}; border: 1px solid {t.line_strong};
        border-radius: {RADIUS}px; padding: 3px 7px; min-height: 18px;
        selection-background-color: {t.accent}; selection-color: {t.on_accent}; }}
    QAbstractSpinBox QLineEdit {{ background: transparent; border: 0; padding: 0 5px; min-height: 0; }}
    QComboBox {{ background: {t.raised}; }}
    QPlainTextEdit, QTextEdit {{ background: {t.field}; border: 1px solid {t.line_strong};
        border-radius: {RADIUS}px; padding: 2px; }}
    QPlainTextEdit:focus, QTextEdit:focus {{ border-color: {t.accent}; }}
    QTableView {{ border: 1px solid {t.line}; border-radius: {RADIUS}px; gridline-color: {t.line}; }}
    QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus {{ border-color: {t.accent}; }}
    QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled {{
        color: {t.text_off}; border-color: {t.line}; }}
    QComboBox::drop-down {{ border: 0; width: 20px; }}
    QComboBox::down-arrow {{ image: url("{icons}/control-chevron-down.svg"); width: 12px; height: 12px; }}
    QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ border: 0; width: 18px; }}
    QAbstractSpinBox::up-arrow {{ image: url("{icons}/control-chevron-up.svg"); width: 10px; height: 10px; }}
    QAbstractSpinBox::down-arrow {{ image: url("{icons}/control-chevron-down.svg");
        width: 10px; height: 10px; }}
    QCheckBox {{ spacing: 8px; }}
    QCheckBox::indicator, QAbstractItemView::indicator {{ width: 14px; height: 14px;
        border: 1px solid {t.text_dim}; border-radius: 3px; background: {t.field}; }}
    QAbstractItemView::indicator {{ width: 12px; height: 12px; }}
    QCheckBox::indicator:hover, QCheckBox::indicator:focus {{ border-color: {t.accent}; }}
    QCheckBox::indicator:checked, QAbstractItemView::indicator:checked {{ background: {t.accent};
        border-color: {t.accent}; image: url("{icons}/control-check-{t.name}.svg"); }}
    QAbstractItemView::indicator:checked {{ border-color: {t.field}; }}
    QAbstractItemView::indicator:disabled {{ border-color: {t.text_off}; }}
    QRadioButton {{ spacing: 8px; }}
    QRadioButton::indicator {{ width: 14px; height: 14px; border: 1px solid {t.text_dim};
        border-radius: 8px; background: {t.field}; }}
    QRadioButton::indicator:hover, QRadioButton::indicator:focus {{ border-color: {t.accent}; }}
    QRadioButton::indicator:checked {{ width: 6px; height: 6px; border: 5px solid {t.accent};
        background: {t.on_accent}; }}
    QStatusBar QToolButton[flat="true"] {{ border: 1px solid {t.line_strong}; padding: 1px 8px; }}
    QMenuBar {{ background: {t.window}; border: 0; padding: 2px 8px; }}
    QMenuBar::item {{ padding: 4px 8px; border-radius: {RADIUS}px; background: transparent; }}
    QMenuBar::item:selected {{ background: {t.hover}; }}
    QFrame[frameShape="4"], QFrame[frameShape="5"] {{ color: {t.line}; }}
    QStatusBar {{ background: {t.window}; border-top: 1px solid {t.line}; }}
    QStatusBar::item {{ border: 0; }}
    QSplitter::handle {{ background: {t.line}; }}
    QSplitter::handle:hover {{ background: {t.accent}; }}
    QToolTip {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.line_strong}; padding: 4px; }}
    QHeaderView::section {{
        background: {t.panel}; color: {t.text_dim}; border: 0; border-bottom: 1px solid {t.line};
        padding: 4px 8px; }}
    QScrollBar:vertical {{ background: transparent; width: 12px; margin: 0; }}
    QScrollBar:horizontal {{ background: transparent; height: 12px; margin: 0; }}
    QScrollBar::handle {{ background: {t.line_strong}; border-radius: 3px; margin: 3px; min-height: 28px;
        min-width: 28px; }}
    QScrollBar::handle:hover {{ background: {t.text_dim}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    """
