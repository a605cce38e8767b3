"""The analyst's own layer: outlines that can be added, changed, moved and deleted, each step undoable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from irlgui.plain_text import no_mnemonic
from irlnet_core.errors import DataError
from irlnet_core.evidence.annotations import (
    Annotations,
    Kind,
    Outline,
    Point,
    clean_label,
    clean_note,
    keep_inside,
    make_outline,
)

Outlines = tuple[Outline, ...]


class OutlineLayer(QObject):
    """The outlines and notes of one picture; never mixed with what the tool found."""

    outlines_changed = Signal(object)  # tuple[Outline, ...]
    notes_changed = Signal(str)
    chosen_changed = Signal(object)  # str (an outline's id) | None

    def __init__(self, parent: QObject | None = None, *, author: str = "") -> None:
        super().__init__(parent)
        self.author = author
        self.undo_stack = QUndoStack(self)
        self.chosen: str | None = None
        self._of: Annotations | None = None

    @property
    def annotations(self) -> Annotations | None:
        """Return everything about the open picture; None without a picture."""
        return self._of

    @property
    def outlines(self) -> Outlines:
        """Return the outlines in the order in which they were drawn."""
        return self._of.outlines if self._of else ()

    def set_annotations(self, annotations: Annotations | None) -> None:
        """Show another picture's outlines and notes; the former picture's steps can't be undone any more."""
        self._of = annotations
        self.undo_stack.clear()
        self.choose(None)
        self.outlines_changed.emit(self.outlines)
        self.notes_changed.emit(annotations.notes if annotations else "")

    def set_notes(self, text: str) -> None:
        """Keep the notes about the whole picture; a text field has its own undo."""
        text = clean_note(text)
        if self._of and text != self._of.notes:
            self._of = replace(self._of, notes=text)
            self.notes_changed.emit(text)

    def find(self, number: str | None) -> Outline | None:
        """Return the outline with this id."""
        return next((outline for outline in self.outlines if outline.id == number), None)

    def choose(self, number: str | None) -> None:
        """Choose an outline by its id, or none."""
        if number != self.chosen:
            self.chosen = number
            self.chosen_changed.emit(number)

    def add(self, kind: Kind, points: Sequence[Point], *, label: str = "") -> Outline | None:
        """Add what was drawn and choose it; None without a picture. Raises :class:`DataError`."""
        if self._of is None:
            return None
        number = 1 + sum(outline.author in ("", self.author) for outline in self.outlines)
        outline = make_outline(
            kind,
            points,
            (self._of.width, self._of.height),
            label=label or self.tr("Outline {n}").format(n=number),
            colour=number - 1,
            author=self.author,
        )
        self._do(self.tr("Add {label}").format(label=outline.label), (*self.outlines, outline))
        self.choose(outline.id)
        return outline

    def add_shape(self, shape: object) -> None:
        """Add a finished shape of the viewer, anything with ``kind`` and ``points``; no shape is dropped."""
        kind, points = getattr(shape, "kind", None), getattr(shape, "points", ())
        try:
            self.add(cast(Kind, kind), points)
        except DataError:
            return  # the viewer tells that nothing was drawn: a click is no outline

    def delete(self, number: str) -> None:
        """Delete an outline."""
        if outline := self.find(number):
            left = tuple(other for other in self.outlines if other is not outline)
            self._do(self.tr("Delete {label}").format(label=outline.label), left)

    def rename(self, number: str, label: str) -> None:
        """Give an outline another name; an empty one changes nothing."""
        outline, label = self.find(number), clean_label(label)
        if outline and label and label != outline.label:
            self._change(self.tr("Rename {label}").format(label=outline.label), replace(outline, label=label))

    def edit_note(self, number: str, note: str) -> None:
        """Change what is written about an outline."""
        outline, note = self.find(number), clean_note(note)
        if outline and note != outline.note:
            text = self.tr("Note on {label}").format(label=outline.label)
            self._change(text, replace(outline, note=note), merge=f"note {number}")

    def move(self, number: str, dx: float, dy: float) -> None:
        """Move an outline by stored pixels, as far as the picture's edges allow; steps in a row are one."""
        outline = self.find(number)
        if outline is None or self._of is None:
            return
        changed = moved(outline, dx, dy, (self._of.width, self._of.height))
        if changed.points != outline.points:
            text = self.tr("Move {label}").format(label=outline.label)
            self._change(text, changed, merge=f"move {number}")

    def reshape(self, changed: Outline) -> None:
        """Take over the points of an outline that was dragged in the viewer; one without area is refused."""
        outline = self.find(changed.id)
        if outline and changed.area > 0 and changed.points != outline.points:
            text = self.tr("Change the shape of {label}").format(label=outline.label)
            self._change(text, replace(outline, points=changed.points))

    def put(self, outlines: Outlines) -> None:
        """Show these outlines; called by the steps of the undo stack."""
        if self._of is None:
            return
        self._of = replace(self._of, outlines=outlines)
        if self.chosen and self.find(self.chosen) is None:
            self.choose(None)
        self.outlines_changed.emit(self.outlines)

    def _change(self, text: str, changed: Outline, merge: str = "") -> None:
        after = tuple(changed if outline.id == changed.id else outline for outline in self.outlines)
        self._do(text, after, merge)

    def _do(self, text: str, after: Outlines, merge: str = "") -> None:
        self.undo_stack.push(_Step(self, no_mnemonic(text), self.outlines, after, merge))


def moved(outline: Outline, dx: float, dy: float, size: tuple[int, int]) -> Outline:
    """Return the outline moved by stored pixels, as far as the edges of a picture of ``size`` allow."""
    x, y, width, height = outline.box
    dx = min(max(dx, -x), size[0] - x - width)
    dy = min(max(dy, -y), size[1] - y - height)
    return replace(outline, points=keep_inside([(px + dx, py + dy) for px, py in outline.points], size))


class _Step(QUndoCommand):
    """From one set of outlines to another; small, because outlines are shared and never changed in place."""

    def __init__(self, layer: OutlineLayer, text: str, before: Outlines, after: Outlines, merge: str) -> None:
        super().__init__(text)
        self._layer, self._before, self._after, self._merge = layer, before, after, merge

    def redo(self) -> None:
        self._layer.put(self._after)

    def undo(self) -> None:
        self._layer.put(self._before)

    def id(self) -> int:
        return 1 if self._merge else -1

    def mergeWith(self, other: QUndoCommand) -> bool:  # noqa: N802
        if not isinstance(other, _Step) or other._merge != self._merge:
            return False
        self._after = other._after
        return True
