"""Asking for pictures, folders and places to write; each begins where the last one of its kind ended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QMessageBox, QWidget

from irlgui.plain_text import plain_text
from irlgui.settings import Settings
from irlnet_core.case.package import SUFFIX, package_name
from irlnet_core.evidence.export import safe_stem
from irlnet_core.evidence.image import READ

_OPEN_KEY, _WRITE_KEY, _REPORT_KEY = "dialogs/opened", "dialogs/written", "dialogs/reports"


def ask_pictures(parent: QWidget, settings: Settings) -> list[Path]:
    """Return the chosen pictures; none after Cancel."""
    names, _ = QFileDialog.getOpenFileNames(
        parent, _tr("Open pictures"), str(settings.store.value(_OPEN_KEY, "")), _filters()
    )
    if names:
        settings.store.setValue(_OPEN_KEY, str(Path(names[0]).parent))
    return [Path(name) for name in names]


def ask_original(parent: QWidget, settings: Settings) -> Path | None:
    """Return one picture to compare with, or None."""
    start = str(settings.store.value(_OPEN_KEY, ""))
    name, _ = QFileDialog.getOpenFileName(parent, _tr("Compare with a known original"), start, _filters())
    return Path(name) if name else None


def ask_folder(parent: QWidget, settings: Settings) -> Path | None:
    """Return the chosen folder of pictures, or None."""
    start = str(settings.store.value(_OPEN_KEY, ""))
    name = QFileDialog.getExistingDirectory(parent, _tr("Open a folder of pictures"), start)
    if name:
        settings.store.setValue(_OPEN_KEY, name)
    return Path(name) if name else None


def ask_output(parent: QWidget, settings: Settings) -> Path | None:
    """Return the chosen folder for results, or None. Whether it may be used is for the core to say."""
    start = str(settings.store.value(_WRITE_KEY, ""))
    title = _tr("Write results into a folder that holds no evidence")
    name = QFileDialog.getExistingDirectory(parent, title, start)
    if name:
        settings.store.setValue(_WRITE_KEY, name)
    return Path(name) if name else None


def ask_table(parent: QWidget, settings: Settings) -> Path | None:
    """Return the chosen file for a table, with its extension, or None."""
    start = Path(str(settings.store.value(_WRITE_KEY, ""))) / "irlnet-table.csv"
    path = ask_file(parent, _tr("Save the table as CSV"), start, "CSV (*.csv)", _as_table)
    if path:
        settings.store.setValue(_WRITE_KEY, str(path.parent))
    return path


def ask_record(parent: QWidget, settings: Settings, stem: str) -> Path | None:
    """Return the chosen file for a record, with its whole ending, or None."""
    start = Path(str(settings.store.value(_WRITE_KEY, ""))) / package_name(stem)
    kinds = f"{_tr('Records')} (*{SUFFIX})"
    path = ask_file(parent, _tr("Write the record"), start, kinds, _as_record)
    if path:
        settings.store.setValue(_WRITE_KEY, str(path.parent))
    return path


def ask_report(parent: QWidget, settings: Settings, name: str) -> Path | None:
    """Ask where the report on ``name`` goes: a PDF or HTML file; None = cancelled."""
    start = Path(str(settings.store.value(_REPORT_KEY, ""))) / f"{safe_stem(name)}.report.pdf"
    path = ask_file(parent, _tr("Save the report"), start, "PDF (*.pdf);;HTML (*.html)", _as_report)
    if path:
        settings.store.setValue(_REPORT_KEY, str(path.parent))
    return path


def ask_file(
    parent: QWidget, title: str, start: Path, kinds: str, complete: Callable[[Path, str], Path]
) -> Path | None:
    """Ask for a file to write, or None. ``complete`` is given the file and its kind, and adds the ending.

    The dialog asks about files that are there already; about the completed name nobody else would.
    """
    name, kind = QFileDialog.getSaveFileName(parent, title, str(start), kinds)
    if not name:
        return None
    path = complete(Path(name), kind)
    if path != Path(name) and path.exists() and not _may_replace(parent, title, path):
        return None
    return path


def _may_replace(parent: QWidget, title: str, path: Path) -> bool:
    text = _tr("{} is there already. Replace it?").format(path)
    return QMessageBox.question(parent, title, plain_text(text)) == QMessageBox.StandardButton.Yes


def _as_table(path: Path, _kind: str) -> Path:
    return path if path.suffix else path.with_suffix(".csv")


def _as_record(path: Path, _kind: str) -> Path:
    if path.name.endswith(SUFFIX):
        return path
    return path.with_name(package_name(path.name.removesuffix(".zip")))


def _as_report(path: Path, kind: str) -> Path:
    if path.suffix.lower() in (".pdf", ".html", ".htm"):
        return path
    return path.with_name(path.name + (".html" if kind.startswith("HTML") else ".pdf"))


def _filters() -> str:
    patterns = " ".join(f"*{extension}" for extension in READ)
    return f"{_tr('Pictures')} ({patterns});;{_tr('All files')} (*)"


def _tr(text: str) -> str:
    return QCoreApplication.translate("FileDialogs", text)
