"""Asking for pictures, folders and places to write; each begins where the last one of its kind ended."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from irlgui.settings import Settings
from irlnet_core.case.package import SUFFIX, package_name
from irlnet_core.evidence.export import safe_stem
from irlnet_core.evidence.image import EXTENSIONS

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
    name, _ = QFileDialog.getSaveFileName(parent, _tr("Save the table as CSV"), str(start), "CSV (*.csv)")
    if not name:
        return None
    path = Path(name)
    settings.store.setValue(_WRITE_KEY, str(path.parent))
    return path if path.suffix else path.with_suffix(".csv")


def ask_record(parent: QWidget, settings: Settings, stem: str) -> Path | None:
    """Return the chosen file for a record, with its whole ending, or None."""
    start = Path(str(settings.store.value(_WRITE_KEY, ""))) / package_name(stem)
    kinds = f"{_tr('Records')} (*{SUFFIX})"
    name, _ = QFileDialog.getSaveFileName(parent, _tr("Write the record"), str(start), kinds)
    if not name:
        return None
    path = Path(name)
    settings.store.setValue(_WRITE_KEY, str(path.parent))
    return (
        path if path.name.endswith(SUFFIX) else path.with_name(package_name(path.name.removesuffix(".zip")))
    )


def ask_report(parent: QWidget, settings: Settings, name: str) -> Path | None:
    """Ask where the report on ``name`` goes: a PDF or HTML file; None = cancelled."""
    start = Path(str(settings.store.value(_REPORT_KEY, ""))) / f"{safe_stem(name)}.report.pdf"
    chosen, kind = QFileDialog.getSaveFileName(
        parent, _tr("Save the report"), str(start), "PDF (*.pdf);;HTML (*.html)"
    )
    if not chosen:
        return None
    path = Path(chosen)
    if path.suffix.lower() not in (".pdf", ".html", ".htm"):
        path = path.with_name(path.name + (".html" if kind.startswith("HTML") else ".pdf"))
    settings.store.setValue(_REPORT_KEY, str(path.parent))
    return path


def _filters() -> str:
    patterns = " ".join(f"*{extension}" for group in EXTENSIONS.values() for extension in group)
    return f"{_tr('Pictures')} ({patterns});;{_tr('All files')} (*)"


def _tr(text: str) -> str:
    return QCoreApplication.translate("FileDialogs", text)
