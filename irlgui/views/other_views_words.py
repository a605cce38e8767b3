"""The words of the other views in the user's language: three lines each, and a state that claims nothing."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from irlnet_core.evidence.views.catalogue import ViewKind
from irlnet_core.evidence.views.view import View


def say(text: str) -> str:
    """Return a sentence of the other views in the user's language."""
    return QCoreApplication.translate("OtherViews", text)


def three_lines(kind: ViewKind) -> str:
    """Return what it is, what to look for, what to ignore."""
    return "\n".join(
        (
            f"{say('What it is:')} {say(kind.what)}",
            f"{say('Look for:')} {say(kind.look_for)}",
            f"{say('Ignore:')} {say(kind.ignore)}",
        )
    )


def state_line(view: View) -> str:
    """Return the outcome in words: shown, not found, or not run, because …"""
    if view.state == "not run":
        return say("Not run, because {reason}").format(reason=view.reason)
    if view.state == "not found":
        return say("Not found. {statement}").format(statement=view.statement)
    return say("Shown. {statement}").format(statement=view.statement)
