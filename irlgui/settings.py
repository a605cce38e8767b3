"""Every setting of the window, declared once: the dialog is built from this table, values are read by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import appdirs
from PySide6.QtCore import QT_TRANSLATE_NOOP, QObject, QSettings, Signal

Value = bool | int | float | str


@dataclass(frozen=True)
class Setting:
    """One choice of the user.

    ``default`` fixes the type. ``choices`` maps a stored value to its words; ``limits`` are the least and the
    greatest number, ``step`` and ``unit`` belong to them. Texts are translated where they are shown.
    """

    key: str
    default: Value
    label: str
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    limits: tuple[float, float] | None = None
    step: float = 1
    unit: str = ""

    @property
    def group(self) -> str:
        return self.key.partition("/")[0]

    def read(self, stored: object) -> Value:
        """Return a stored value in this setting's type and limits; the default for what makes no sense."""
        value = _convert(stored, self.default)
        if value is None or (self.choices and value not in dict(self.choices)):
            return self.default
        if self.limits is None or isinstance(value, str):
            return value
        return type(self.default)(min(self.limits[1], max(self.limits[0], value)))


_T = cast(Callable[[str, str], str], QT_TRANSLATE_NOOP)
GROUPS = {
    "look": _T("Settings", "Appearance"),
    "analysis": _T("Settings", "Analysis"),
    "browser": _T("Settings", "Browser"),
}
SETTINGS = (
    Setting(
        "look/theme",
        "system",
        _T("Settings", "Theme"),
        choices=(
            ("system", _T("Settings", "Like the system")),
            ("light", _T("Settings", "Light")),
            ("dark", _T("Settings", "Dark")),
        ),
    ),
    Setting(
        "look/palette",
        "viridis",
        _T("Settings", "Colours of the heat map"),
        _T("Settings", "Both suit any kind of colour vision; the scale is always 0 to 1."),
        choices=(("viridis", _T("Settings", "Viridis")), ("cividis", _T("Settings", "Cividis"))),
    ),
    Setting(
        "look/opacity",
        60,
        _T("Settings", "Opacity of the overlay"),
        _T("Settings", "Where a session starts; the toolbar changes it for the moment."),
        limits=(0, 100),
        step=5,
        unit=" %",
    ),
    Setting(
        "look/blink",
        600,
        _T("Settings", "Blink every"),
        _T("Settings", "How long each side is shown when two are compared by blinking."),
        limits=(200, 5000),
        step=100,
        unit=" ms",
    ),
    Setting(
        "analysis/device",
        "auto",
        _T("Settings", "Compute on"),
        _T("Settings", "The status bar names the device that was really used."),
        choices=(
            ("auto", _T("Settings", "The best device at hand")),
            ("cpu", _T("Settings", "The processor (CPU)")),
            ("cuda", _T("Settings", "The graphics card (CUDA)")),
        ),
    ),
    Setting(
        "analysis/from_view",
        True,
        _T("Settings", "Begin with what is in view"),
        _T("Settings", "The result is the same; only the order of the tiles changes."),
    ),
    Setting(
        "analysis/when_opened",
        False,
        _T("Settings", "Analyse a picture as soon as it is opened"),
        _T("Settings", "Results that are already stored are shown at once in any case."),
    ),
    Setting(
        "browser/mode",
        "grid",
        _T("Settings", "Show pictures as"),
        choices=(("grid", _T("Settings", "Grid")), ("list", _T("Settings", "List"))),
    ),
    Setting(
        "browser/blur",
        False,
        _T("Settings", "Blur thumbnails"),
        _T("Settings", "For disturbing material. The viewer stays sharp."),
    ),
    Setting(
        "browser/cache",
        512,
        _T("Settings", "Thumbnail cache"),
        _T("Settings", "The oldest thumbnails are dropped when it is full."),
        limits=(16, 16384),
        step=64,
        unit=" MB",
    ),
)
_BY_KEY = {setting.key: setting for setting in SETTINGS}


def settings_file() -> Path:
    """Return where the settings lie: a plain INI file in the user's configuration folder."""
    return Path(appdirs.user_config_dir("irlnet", appauthor=False)) / "irlgui.ini"


class Settings(QObject):
    """The values of the moment, kept on the disk; ``changed`` carries key and value."""

    changed = Signal(str, object)

    def __init__(self, path: Path | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.store = QSettings(str(path or settings_file()), QSettings.Format.IniFormat, self)

    def value(self, key: str) -> Any:
        """Return the value of a declared setting."""
        setting = _BY_KEY[key]
        return setting.read(self.store.value(key, setting.default))

    def set_value(self, key: str, value: Value) -> None:
        """Keep a value and tell of it, if it is another one."""
        value = _BY_KEY[key].read(value)
        if value != self.value(key):
            self.store.setValue(key, value)
            self.changed.emit(key, value)


def _convert(stored: object, default: Value) -> Value | None:
    """Return ``stored`` (an INI file gives text) as the type of ``default``, or None."""
    if isinstance(default, bool):
        return {"true": True, "false": False}.get(str(stored).lower())
    if isinstance(default, str):
        return str(stored)
    try:
        return type(default)(float(str(stored)))
    except (ValueError, OverflowError):
        return None
