"""Other looks at the picture, at the viewer's place: made off the GUI thread, each with its three lines."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any

import numpy as np
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from irlgui.jobs.lane import Lane
from irlgui.session import Session
from irlgui.views import theme
from irlgui.views.other_views_pane import LinkedPane
from irlgui.views.other_views_words import say, state_line, three_lines
from irlgui.views.picture.turn import Turn
from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.views.catalogue import CATALOGUE, ViewKind
from irlnet_core.evidence.views.view import View, not_run
from irlnet_core.progress import Progress

Make = Callable[[SuspectImage], Generator[Any, None, View]]
_MOST_KEPT_BYTES = 400_000_000


class OtherViews(QWidget):
    """Shows one view at a time; a view is made when it is first looked at, and kept for the open picture.

    ``makers`` gives what the catalogue lacks (the model's own filter). Call :meth:`shutdown` before the window goes.
    """

    place_asked = Signal(object)  # (x, y) in stored pixels: the viewer should go there
    comparison_asked = Signal(object, str)  # uint8 picture of the stored size, its name; for the viewer

    def __init__(
        self, session: Session, parent: QWidget | None = None, *, makers: Mapping[str, Make] | None = None
    ) -> None:
        super().__init__(parent)
        self._session, self._makers = session, dict(makers or {})
        self._lane = Lane(self)
        self._made: dict[str, View] = {}
        self._pending: tuple[int, str, str] | None = None  # ticket, view, the picture's hash
        self.chooser, self.pane = QComboBox(), LinkedPane()
        self.layer_slider, self.layer_name = QSlider(Qt.Orientation.Horizontal), QLabel()
        self.progress, self.state, self.lines = QProgressBar(), QLabel(), QLabel()
        self.enlarge = QPushButton(self.tr("Show in the viewer"))
        self._prepare()
        self._build()
        self._connect()
        self._follow_picture(session.picture)

    @property
    def kind(self) -> ViewKind:
        """Return the chosen view."""
        return CATALOGUE[self.chooser.currentIndex()]

    def follow(self, view: object) -> None:
        """Go where the viewer is: anything with ``rect`` (x, y, width, height in stored pixels)."""
        rect = getattr(view, "rect", None)
        if isinstance(rect, tuple) and self._session.picture is not None:
            self.pane.set_rect(rect)

    def shutdown(self, timeout: float = 3.0) -> bool:
        """Stop what is being made and end the thread; tell whether it has ended."""
        return self._lane.shutdown(timeout)

    def showEvent(self, event: Any) -> None:  # noqa: N802
        super().showEvent(event)
        self._want()

    def hideEvent(self, event: Any) -> None:  # noqa: N802
        """Stop what nobody looks at."""
        self._stop()
        super().hideEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()
        super().changeEvent(event)

    # Making

    def _want(self) -> None:
        """Show the chosen view, and have it made when it is not there yet."""
        self._stop()
        image, kind = self._session.picture, self.kind
        self.lines.setText(three_lines(kind))
        if image is None or not self.isVisible():
            self._show(None)
            return
        if kind.id in self._made:
            self._show(self._made[kind.id])
            return
        make = self._makers.get(kind.id, kind.make)
        if make is None:
            self._show(not_run(say("the model's filter is not at hand.")))
            return
        self._show_busy()
        self._pending = (self._lane.submit(_Making(make, image)), kind.id, image.sha256)

    def _stop(self) -> None:
        if self._pending is not None:
            self._pending = None
            self._lane.stop()

    def _take_event(self, ticket: int, event: object) -> None:
        if isinstance(event, Progress) and event.total and self._is_awaited(ticket):
            self.progress.setRange(0, 1000)
            self.progress.setValue(round(1000 * event.done / event.total))

    def _take_view(self, ticket: int, view: View) -> None:
        if not self._is_awaited(ticket):
            return
        _, name, _ = self._pending or (0, "", "")
        self._pending = None
        self._keep(name, view)
        self._show(view)

    def _take_error(self, ticket: int, error: Exception) -> None:
        """A view that failed did not run; it is not kept, so that looking again tries again."""
        if self._is_awaited(ticket):
            self._pending = None
            memory = isinstance(error, MemoryError)
            self._show(not_run(say("there is not enough memory.") if memory else f"{error}"))

    def _is_awaited(self, ticket: int) -> bool:
        image = self._session.picture
        return (
            self._pending is not None
            and self._pending[0] == ticket
            and image is not None
            and self._pending[2] == image.sha256
        )

    def _keep(self, name: str, view: View) -> None:
        """Keep a view as long as all together stay small; the oldest go first."""
        self._made[name] = view
        while len(self._made) > 1 and sum(map(_bytes_of, self._made.values())) > _MOST_KEPT_BYTES:
            del self._made[next(iter(self._made))]

    # Showing

    def _follow_picture(self, image: SuspectImage | None) -> None:
        self._stop()
        self._made.clear()
        if image is not None:
            self.pane.set_turn(Turn(image.facts.width, image.facts.height, image.facts.orientation))
        self._want()

    def _show_busy(self) -> None:
        self.progress.setRange(0, 0)
        self.progress.show()
        self.pane.set_layer(None, say("Being made…"))
        self.state.setText(say("Being made…"))
        self._show_layers(0)

    def _show(self, view: View | None) -> None:
        self.progress.hide()
        self._show_layers(len(view.layers) if view else 0)
        if view is None:
            self.state.setText("")
            self.pane.set_layer(None, say("No picture"))
        else:
            self.state.setText(state_line(view))
            self._show_layer(self.layer_slider.value())

    def _show_layers(self, number: int) -> None:
        self.layer_slider.blockSignals(True)  # noqa: FBT003 - Qt's own signature
        self.layer_slider.setRange(0, max(0, number - 1))
        self.layer_slider.blockSignals(False)  # noqa: FBT003
        self.layer_slider.setVisible(number > 1)
        self.layer_name.setVisible(number > 0)
        self.enlarge.setEnabled(number > 0)

    def _show_layer(self, number: int) -> None:
        view = self._made.get(self.kind.id)
        if view is None or not view.layers:
            words = say("Not run") if view is None or view.state == "not run" else say("Not found")
            self.pane.set_layer(None, words)
            return
        layer = view.layers[min(number, len(view.layers) - 1)]
        self.layer_name.setText(say(layer.label))
        self.pane.set_layer(layer)

    def _enlarge(self) -> None:
        """Hand the shown layer to the viewer as a picture of the stored size."""
        view, image = self._made.get(self.kind.id), self._session.picture
        if view is None or not view.layers or image is None:
            return
        layer = view.layers[min(self.layer_slider.value(), len(view.layers) - 1)]
        self.comparison_asked.emit(_stretch(layer.pixels, image.facts.width, image.facts.height), layer.label)

    def _prepare(self) -> None:
        for kind in CATALOGUE:
            self.chooser.addItem(say(kind.title), kind.id)
        self.chooser.setAccessibleName(self.tr("Other view"))
        self.chooser.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.layer_slider.setPageStep(1)
        self.layer_slider.setAccessibleName(self.tr("Layer of the view"))
        self.layer_slider.setTickPosition(QSlider.TickPosition.TicksBelow)
        self.enlarge.setToolTip(self.tr("Compare this view with the picture in the viewer"))
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(theme.SPACE)
        self.progress.setAccessibleName(self.tr("Progress of the view"))
        for label in (self.state, self.lines, self.layer_name):
            label.setFont(theme.font("small"))
            label.setTextFormat(Qt.TextFormat.PlainText)
        for label in (self.state, self.lines):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._dress()

    def _build(self) -> None:
        row = QHBoxLayout()
        row.addWidget(self.layer_name, 1)
        row.addWidget(self.enlarge)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE)
        for widget in (self.chooser, self.pane, self.progress, self.layer_slider):
            column.addWidget(widget)
        column.addLayout(row)
        column.addWidget(self.state)
        column.addWidget(self.lines)

    def _connect(self) -> None:
        self.chooser.currentIndexChanged.connect(self._want)
        self.layer_slider.valueChanged.connect(self._show_layer)
        self.enlarge.clicked.connect(self._enlarge)
        self.pane.place_asked.connect(self.place_asked)
        self._lane.reported.connect(self._take_event)
        self._lane.succeeded.connect(self._take_view)
        self._lane.failed.connect(self._take_error)
        self._session.picture_changed.connect(self._follow_picture)

    def _dress(self) -> None:
        style = f"color: {theme.tokens().text_dim};"
        if self.lines.styleSheet() != style:
            self.lines.setStyleSheet(style)


class _Making:
    """What the lane runs: a maker and the picture it is for."""

    def __init__(self, make: Make, image: SuspectImage) -> None:
        self._make, self._image = make, image

    def __call__(self) -> Generator[Any, None, View]:
        return self._make(self._image)


def _bytes_of(view: View) -> int:
    return sum(layer.pixels.nbytes for layer in view.layers)


def _stretch(pixels: np.ndarray, width: int, height: int) -> np.ndarray:
    """Return a layer as RGB of the picture's stored size; blocks keep hard edges."""
    rows, columns = pixels.shape[:2]
    if (rows, columns) != (height, width):
        down = np.arange(height) * rows // height
        across = np.arange(width) * columns // width
        pixels = pixels[down[:, None], across]
    return pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
