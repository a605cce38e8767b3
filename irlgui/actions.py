"""Every command of the window, declared once: menus, toolbar, shortcuts and help page are built from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QObject
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

from irlgui import assets

_T = cast(Callable[[str, str], str], QT_TRANSLATE_NOOP)
SEPARATOR = "|"


@dataclass(frozen=True)
class Command:
    """One command: its name in code, its words, its first shortcut and others, its icon and its tip.

    ``choice`` names the set of which exactly one command is checked; ``toggle`` makes one that is on or off.
    """

    id: str
    text: str
    keys: tuple[str, ...] = ()
    icon: str = ""
    tip: str = ""
    choice: str = ""
    toggle: bool = False


COMMANDS = (
    Command("open", _T("Actions", "&Open pictures…"), ("Ctrl+O",), "open", _T("Actions", "Open pictures")),
    Command(
        "open_folder",
        _T("Actions", "Open &folder…"),
        ("Ctrl+Shift+O",),
        "folder",
        _T("Actions", "Open all pictures of a folder and of the folders in it"),
    ),
    Command(
        "new_case",
        _T("Actions", "&New case…"),
        ("Ctrl+N",),
        "",
        _T("Actions", "Make a case file for an examination, with the pictures of the list"),
    ),
    Command(
        "open_case",
        _T("Actions", "Open &case…"),
        ("Ctrl+Alt+O",),
        "",
        _T("Actions", "Open a case file with its pictures, results and your words"),
    ),
    Command(
        "automatic_case",
        _T("Actions", "Leave the case"),
        (),
        "",
        _T("Actions", "Go on in the automatic case"),
    ),
    Command(
        "case_facts",
        _T("Actions", "The case…"),
        ("Ctrl+I",),
        "",
        _T("Actions", "Number, examiner, file, log"),
    ),
    Command("find_evidence", _T("Actions", "&Find evidence…")),
    Command(
        "verify",
        _T("Actions", "&Verify a record…"),
        ("Ctrl+Shift+V",),
        "",
        _T("Actions", "Check a record or a case that you were given; also by dropping it here"),
    ),
    Command("verify_case", _T("Actions", "Verify this case…")),
    Command(
        "case_report",
        _T("Actions", "Report of &many pictures…"),
        ("Ctrl+Shift+R",),
        "",
        _T("Actions", "One report of the whole case, or of the pictures that are chosen in the list"),
    ),
    Command(
        "export",
        _T("Actions", "&Export result…"),
        ("Ctrl+E",),
        "export",
        _T("Actions", "Write map, mask, overlay and record of this picture"),
    ),
    Command(
        "record",
        _T("Actions", "Write a rec&ord to hand on…"),
        ("Ctrl+Shift+S",),
        "",
        _T("Actions", "Results, reports, log and hashes in one file that anybody can verify"),
    ),
    Command(
        "report",
        _T("Actions", "&Report…"),
        ("Ctrl+R",),
        "",
        _T("Actions", "Choose what the report of this picture holds, look at its pages, save it"),
    ),
    Command("export_table", _T("Actions", "Export &table of all pictures…"), ("Ctrl+Shift+E",), "table"),
    Command("settings", _T("Actions", "&Settings…"), ("Ctrl+,",), "settings"),
    Command("quit", _T("Actions", "&Quit"), ("Ctrl+Q",)),
    Command(
        "analyse",
        _T("Actions", "&Analyse"),
        ("F5",),
        "analyse",
        _T("Actions", "Look for inpainting in this picture"),
    ),
    Command(
        "select_area",
        _T("Actions", "Select an a&rea"),
        ("A",),
        "area",
        _T("Actions", "Drag a rectangle, to analyse that part only"),
        toggle=True,
    ),
    Command("analyse_area", _T("Actions", "Analyse the &selected area"), ("Shift+F5",)),
    Command("analyse_all", _T("Actions", "Analyse a&ll pictures"), ("Ctrl+F5",), "analyse-all"),
    Command(
        "stop",
        _T("Actions", "&Stop"),
        ("Ctrl+.",),
        "stop",
        _T("Actions", "Stop after the step that is running; finished results are kept"),
    ),
    Command("pause", _T("Actions", "&Pause the queue"), ("F6",), "pause", toggle=True),
    Command(
        "teach",
        _T("Actions", "&Teach the net a case…"),
        ("Ctrl+T",),
        "",
        _T("Actions", "Train a model of your own from pictures with masks, or from clean pictures"),
    ),
    Command(
        "models",
        _T("Actions", "M&odels…"),
        ("Ctrl+M",),
        "",
        _T("Actions", "Look at, compare, rename, import and export models, and choose the default"),
    ),
    Command("previous", _T("Actions", "&Previous picture"), ("P", "PgUp"), "previous"),
    Command("next", _T("Actions", "&Next picture"), ("N", "PgDown"), "next"),
    Command("search", _T("Actions", "&Search names"), ("Ctrl+F",)),
    Command("previous_region", _T("Actions", "Previous re&gion"), ("Shift+R",)),
    Command("next_region", _T("Actions", "Next &region"), ("R",)),
    Command(
        "overlay_none", _T("Actions", "&Picture only"), ("X",), "none", _T("Actions", "No overlay"), "overlay"
    ),
    Command(
        "overlay_heat",
        _T("Actions", "&Heat map"),
        ("H",),
        "heat",
        _T("Actions", "Response in colour, always on the scale 0 to 1"),
        "overlay",
    ),
    Command(
        "overlay_mask",
        _T("Actions", "&Mask"),
        ("M",),
        "mask",
        _T("Actions", "Fill what is above the threshold"),
        "overlay",
    ),
    Command(
        "overlay_outline",
        _T("Actions", "&Outline"),
        ("O",),
        "outline",
        _T("Actions", "Draw the edge of what is above the threshold"),
        "overlay",
    ),
    Command("compare_single", _T("Actions", "One &view"), ("V",), "single", "", "compare"),
    Command(
        "compare_side",
        _T("Actions", "&Side by side"),
        ("S",),
        "side",
        _T("Actions", "Picture and overlay side by side, at one place and zoom"),
        "compare",
    ),
    Command(
        "compare_swipe",
        _T("Actions", "S&wipe"),
        ("W",),
        "swipe",
        _T("Actions", "Drag a line between picture and overlay"),
        "compare",
    ),
    Command(
        "compare_blink",
        _T("Actions", "&Blink"),
        ("B",),
        "blink",
        _T("Actions", "Picture and overlay in turn"),
        "compare",
    ),
    Command(
        "compare_original",
        _T("Actions", "Compare with a &known original…"),
        ("C",),
        "",
        _T("Actions", "Show a picture of the same size in place of the response"),
    ),
    Command("end_comparison", _T("Actions", "&End comparison"), ("Shift+C",)),
    Command(
        "adjust_display",
        _T("Actions", "Ad&just the display…"),
        ("D",),
        "display",
        _T("Actions", "Levels, gamma and single channels, for the display only"),
    ),
    Command("reset_display", _T("Actions", "&Display as stored"), ("Shift+D",)),
    Command(
        "peek",
        _T("Actions", "Pee&k at the picture"),
        (),
        "peek",
        _T("Actions", "Hold to see the picture without overlay"),
    ),
    Command("fit", _T("Actions", "&Fit"), ("F", "Ctrl+0"), "fit", _T("Actions", "Show the whole picture")),
    Command("actual_size", _T("Actions", "&100 %"), ("Ctrl+1",), "actual-size"),
    Command("zoom_in", _T("Actions", "Zoom &in"), ("Ctrl++", "Ctrl+="), "zoom-in"),
    Command("zoom_out", _T("Actions", "Zoom o&ut"), ("Ctrl+-",), "zoom-out"),
    Command("threshold_up", _T("Actions", "&Raise the threshold"), ("Ctrl+Up",)),
    Command("threshold_down", _T("Actions", "&Lower the threshold"), ("Ctrl+Down",)),
    Command("threshold_reset", _T("Actions", "Threshold of the &model"), ("Ctrl+Backspace",)),
    Command("status_0", _T("Actions", "Status &0: not judged"), ("0",)),
    Command("status_1", _T("Actions", "Status &1: consistent"), ("1",)),
    Command("status_2", _T("Actions", "Status &2: inconclusive"), ("2",)),
    Command("status_3", _T("Actions", "Status &3: inconsistent"), ("3",)),
    Command("status_4", _T("Actions", "Status &4: look again"), ("4",)),
    Command("status_5", _T("Actions", "Status &5: set aside"), ("5",)),
    Command("show_browser", _T("Actions", "&Browser"), ("F7",), "browser-column", toggle=True),
    Command("show_result", _T("Actions", "&Result"), ("F8",), "result-column", toggle=True),
    Command(
        "show_views",
        _T("Actions", "&Other views"),
        ("F9",),
        "layers",
        _T("Actions", "Error level, noise, JPEG ghosts and more, at the same place"),
        toggle=True,
    ),
    Command("full_screen", _T("Actions", "F&ull screen"), ("F11",), toggle=True),
    Command("shortcuts", _T("Actions", "&Keyboard shortcuts"), ("F1",), "keyboard"),
    Command(
        "self_test",
        _T("Actions", "&Self-test…"),
        (),
        "",
        _T("Actions", "Does the model answer on this machine as it did on its maker's?"),
    ),
    Command("log_folder", _T("Actions", "Open &log folder")),
    Command("about", _T("Actions", "&About IRL-Net"), (), "info"),
)

# Menu → commands; a name in angle brackets is a menu or an action that the window gives.
MENUS = {
    _T("Actions", "&File"): (
        *("open", "open_folder", "<recent>", SEPARATOR),
        *("new_case", "open_case", "automatic_case", "case_facts", "find_evidence", SEPARATOR),
        *(
            "export",
            "record",
            "report",
            "case_report",
            "export_table",
            SEPARATOR,
            "verify",
            "verify_case",
            SEPARATOR,
        ),
        *("settings", SEPARATOR, "quit"),
    ),
    _T("Actions", "&Edit"): (
        *("<draw_polygon>", "<draw_rectangle>", "<draw_freehand>", SEPARATOR),
        *("<undo>", "<redo>", "<delete_outline>", SEPARATOR),
        *("status_0", "status_1", "status_2", "status_3", "status_4", "status_5"),
    ),
    _T("Actions", "&Analysis"): (
        *("analyse", "analyse_all", "select_area", "analyse_area", SEPARATOR),
        *("stop", "pause", SEPARATOR, "<model>", "models", "teach", SEPARATOR),
        *("threshold_up", "threshold_down", "threshold_reset"),
    ),
    _T("Actions", "&View"): (
        *("overlay_none", "overlay_heat", "overlay_mask", "overlay_outline", SEPARATOR),
        *("compare_single", "compare_side", "compare_swipe", "compare_blink", SEPARATOR),
        *("compare_original", "<compare_model>", "end_comparison", SEPARATOR),
        *("adjust_display", "reset_display", SEPARATOR),
        *("fit", "actual_size", "zoom_in", "zoom_out", SEPARATOR),
        *("show_browser", "show_result", "show_views", "full_screen"),
    ),
    _T("Actions", "&Go"): ("previous", "next", "search", SEPARATOR, "previous_region", "next_region"),
    _T("Actions", "&Help"): ("shortcuts", "self_test", "log_folder", SEPARATOR, "about"),
}
TOOLBAR = (
    *("open", "open_folder", SEPARATOR, "analyse", "stop", SEPARATOR),
    *("overlay_none", "overlay_heat", "overlay_mask", "overlay_outline", "<opacity>", "peek", SEPARATOR),
    *("compare_single", "compare_side", "compare_swipe", "compare_blink", SEPARATOR, "fit", "actual_size"),
    *("<display>", "<space>", "export", SEPARATOR, "show_browser", "show_views", "show_result"),
)
# What has words in the toolbar; all others are icons with a tip.
WITH_WORDS = {
    "open": _T("Actions", "Open"),
    "analyse": _T("Actions", "Analyse"),
    "export": _T("Actions", "Export"),
}

# Keys that widgets handle themselves, for the page of shortcuts: (keys, what they do).
OTHER_KEYS = (
    (_T("Actions", "Hold Space"), _T("Actions", "See the picture without overlay")),
    ("G / Shift+G / Ctrl+G", _T("Actions", "Draw a polygon, a rectangle, freehand")),
    (
        _T("Actions", "Arrows, Enter"),
        _T("Actions", "While drawing: move the pen, set a corner (Shift: far, Ctrl: by a pixel)"),
    ),
    (_T("Actions", "Alt+arrows"), _T("Actions", "Move the chosen outline (Shift: by 10 pixels)")),
    ("Ctrl+Z", _T("Actions", "Undo the last change of your outlines")),
    ("Ctrl+Shift+Z", _T("Actions", "Redo it")),
    (
        _T("Actions", "Del"),
        _T("Actions", "In the viewer: delete the chosen outline; in the browser: off the list"),
    ),
    (_T("Actions", "Wheel"), _T("Actions", "In the viewer: zoom at the pointer")),
    (_T("Actions", "Drag"), _T("Actions", "In the viewer: move the picture, an outline or its corner")),
)


def translate(text: str) -> str:
    """Return a text of these tables in the user's language."""
    return QCoreApplication.translate("Actions", text)


def make_actions(parent: QObject) -> dict[str, QAction]:
    """Return an action for every command, by id; those of one ``choice`` exclude each other."""
    groups: dict[str, QActionGroup] = {}
    made = {command.id: _make(command, parent) for command in COMMANDS}
    for command in COMMANDS:
        if command.choice:
            group = groups.setdefault(command.choice, QActionGroup(parent))
            group.addAction(made[command.id])
    return made


def _make(command: Command, parent: QObject) -> QAction:
    action = QAction(translate(command.text), parent)
    action.setObjectName(command.id)
    action.setShortcuts([QKeySequence(key) for key in command.keys])
    action.setCheckable(bool(command.choice) or command.toggle)
    plain = translate(command.tip or command.text).replace("&", "").removesuffix("…")
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    action.setToolTip(f"{plain}  ({keys})" if keys else plain)
    action.setStatusTip("")
    if command.icon:
        action.setIcon(assets.icon(command.icon))
    return action
