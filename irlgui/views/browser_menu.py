"""What can be done with the selected pictures: declared as data, shown as a menu."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from irlgui.models.picture_list_entry import STATUSES, Picture, status_meaning, status_name


@dataclass(frozen=True)
class Item:
    """One entry: its words, the key shown beside it, and for which of the selected pictures it is meant."""

    name: str
    text: str
    keys: str = ""
    fits: Callable[[Picture], bool] = lambda picture: True
    one_only: bool = False


def items() -> tuple[Item | None, ...]:
    """Return the entries in their order; None is a line between two groups."""
    tr = QCoreApplication.translate
    return (
        Item("analyse", tr("Browser", "&Analyse"), fits=lambda picture: picture.state in ("new", "done")),
        Item("retry", tr("Browser", "Try &again"), fits=lambda picture: picture.state == "failed"),
        Item("export", tr("Browser", "&Export results…"), fits=lambda picture: picture.state == "done"),
        None,
        Item("reveal", tr("Browser", "Show in file &manager"), one_only=True),
        Item("copy_path", tr("Browser", "Copy &path")),
        Item("copy_hash", tr("Browser", "Copy SHA-256 &hash")),
        None,
        Item("remove", tr("Browser", "&Remove from list"), keys="Del"),
    )


def make_menu(
    pictures: Sequence[Picture],
    run: Callable[[str], None],
    set_status: Callable[[int], None],
    parent: QWidget,
) -> QMenu:
    """Return the menu for the selected pictures; ``run`` gets an entry's name, ``set_status`` a digit."""
    menu = QMenu(parent)
    for item in items():
        if item is None:
            menu.addSeparator()
            continue
        if item.name == "remove":
            menu.addMenu(_make_status_menu(pictures, set_status, menu))
        words = f"{item.text}\t{item.keys}" if item.keys else item.text
        action = menu.addAction(words)
        action.setObjectName(item.name)
        action.setEnabled(any(map(item.fits, pictures)) and (len(pictures) == 1 or not item.one_only))
        action.triggered.connect(lambda _=False, name=item.name: run(name))
    return menu


def _make_status_menu(pictures: Sequence[Picture], set_status: Callable[[int], None], parent: QMenu) -> QMenu:
    menu = QMenu(QCoreApplication.translate("Browser", "Your &status"), parent)
    menu.setToolTipsVisible(True)
    for status in STATUSES:
        action: QAction = menu.addAction(f"{status_name(status)}\t{status}")
        action.setToolTip(status_meaning(status))
        action.setCheckable(True)
        action.setChecked(all(picture.status == status for picture in pictures))
        action.triggered.connect(lambda _=False, digit=status: set_status(digit))
    return menu
