"""Other looks at the picture, at the viewer's place, each with its three lines and one of three states."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from irlgui.jobs.views import bayar_maker
from irlgui.session import Session
from irlgui.views import theme
from irlgui.views.other_views_making import Make, ViewMaker
from irlgui.views.other_views_pane import LinkedPane
from irlgui.views.other_views_words import say, state_line, three_lines
from irlgui.views.picture.turn import Turn
from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.views.catalogue import CATALOGUE, ViewKind
from irlnet_core.evidence.views.view import Layer, View

if TYPE_CHECKING:
    from irlgui.views.viewer import Viewer

WIDE = 560  # from this width on the words stand beside the map
_WORDS_WIDTH, _NO_LIMIT = 300, 16_777_215  # Qt's QWIDGETSIZE_MAX


class OtherViews(QWidget):
    """Shows one view at a time, made off the GUI thread when it is first looked at.

    ``bayar`` gives the maker of the model's own view for a model's name. Call :meth:`shutdown` before the
    window goes.
    """

    place_asked = Signal(object)  # (x, y) in stored pixels: the viewer should go there
    comparison_asked = Signal(object, str)  # RGB of the stored size, or None; its name

    def __init__(
        self,
        session: Session,
        parent: QWidget | None = None,
        *,
        bayar: Callable[[str | None], Make] = bayar_maker,
    ) -> None:
        super().__init__(parent)
        self._session, self._bayar = session, bayar
        self._view: View | None = None
        self._viewer: Viewer | None = None
        self._chosen_model: str | None = None
        self.maker = ViewMaker(self)
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

    @property
    def layer(self) -> Layer | None:
        """Return the layer that is shown."""
        layers = self._view.layers if self._view else ()
        return layers[min(self.layer_slider.value(), len(layers) - 1)] if layers else None

    def connect_viewer(self, viewer: Viewer) -> None:
        """Follow a viewer's place, and show layers in it when that is wanted."""
        self._viewer = viewer
        viewer.view_changed.connect(self.follow)
        self.place_asked.connect(self._send_viewer)
        self.comparison_asked.connect(self._compare_in_viewer)

    def set_model(self, model: str | None) -> None:
        """Take the model's own view from this model (a name or a folder's path), whatever was analysed."""
        if model != self._chosen_model:
            self._chosen_model = model
            self._follow_analysis()

    def give_viewer_up(self) -> None:
        """Something else is compared in the viewer now, or nothing: there is no layer to take away again."""
        with QSignalBlocker(self.enlarge):
            self.enlarge.setChecked(False)

    def follow(self, view: object) -> None:
        """Go where the viewer is: anything with ``rect`` (x, y, width, height in stored pixels)."""
        rect = getattr(view, "rect", None)
        if isinstance(rect, tuple) and self._session.picture is not None:
            self.pane.set_rect(rect)

    def shutdown(self, timeout: float = 3.0) -> bool:
        """Stop what is being made and end the thread; tell whether it has ended."""
        return self.maker.shutdown(timeout)

    # What is looked at

    def _want(self) -> None:
        """Show the chosen view, and have it made when it is not there yet."""
        self.maker.stop()
        image, kind = self._session.picture, self.kind
        self.lines.setText(three_lines(kind))
        if image is None:
            self._show(None)
        elif (view := self.maker.kept(self._name())) is not None:
            self._show(view)
        elif self.isVisible():
            self._show(None, busy=True)
            self.maker.make(self._name(), self._make_of(kind), image)

    def _name(self) -> str:
        return f"{self.kind.id} {self._model()}" if self.kind.make is None else self.kind.id

    def _model(self) -> str | None:
        if self._chosen_model is not None:
            return self._chosen_model
        return self._session.analysis.model_name if self._session.analysis else None

    def _make_of(self, kind: ViewKind) -> Make:
        return kind.make or self._bayar(self._model())

    def _follow_picture(self, image: SuspectImage | None) -> None:
        self.maker.forget()
        self.give_viewer_up()
        if image is not None:
            self.pane.set_turn(Turn(image.facts.width, image.facts.height, image.facts.orientation))
        self._want()

    def _follow_analysis(self) -> None:
        """The model's own view is another one with another model."""
        if self.kind.make is None:
            self._want()

    def _show(self, view: View | None, *, busy: bool = False) -> None:
        self._view = view
        number = len(view.layers) if view else 0
        self.progress.setRange(0, 0 if busy else 1000)
        self.progress.setVisible(busy)
        with QSignalBlocker(self.layer_slider):
            self.layer_slider.setRange(0, max(0, number - 1))
            self.layer_slider.setValue(number // 2 if number > 3 else 0)
        self.layer_slider.setVisible(number > 1)
        self.enlarge.setEnabled(number > 0)
        self.state.setText(state_line(view) if view else say("Being made…") if busy else "")
        self._show_layer()

    def _show_layer(self) -> None:
        layer = self.layer
        self.layer_name.setText(say(layer.label) if layer else "")
        self.pane.set_layer(layer, self._words())
        if self.enlarge.isChecked() and layer is not None:
            self._enlarge(on=True)

    def _words(self) -> str:
        """Return what stands where the map would be."""
        if self._view is not None:
            return say("Not run") if self._view.state == "not run" else say("Not found")
        return say("Being made…") if self._session.picture else say("No picture")

    def _show_progress(self, share: float) -> None:
        self.progress.setRange(0, 1000)
        self.progress.setValue(round(1000 * share))

    def _enlarge(self, on: bool) -> None:
        """Hand the shown layer to the viewer as a picture of the stored size, or take it away again."""
        image, layer = self._session.picture, self.layer
        if on and image is not None and layer is not None:
            name = f"{say(self.kind.title)}: {say(layer.label)}"
            self.comparison_asked.emit(stretch(layer.pixels, image.facts.width, image.facts.height), name)
        else:
            self.comparison_asked.emit(None, "")

    def _send_viewer(self, place: tuple[float, float]) -> None:
        if self._viewer is not None:
            self._viewer.zoom_to(self._viewer.camera.scale, place)

    def _compare_in_viewer(self, pixels: NDArray[np.uint8] | None, name: str) -> None:
        if self._viewer is None:
            return
        self._viewer.set_comparison(pixels, name)
        if pixels is not None and self._session.compare == "single":
            self._session.set_compare("side")

    # What Qt says

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self._want()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        """Stop what nobody looks at."""
        self.maker.stop()
        self.enlarge.setChecked(False)
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Put the words beside the map where there is room."""
        wide = event.size().width() >= WIDE
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._whole.setDirection(across if wide else down)
        self._texts.setMinimumWidth(_WORDS_WIDTH if wide else 0)
        self._texts.setMaximumWidth(_WORDS_WIDTH if wide else _NO_LIMIT)
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        if event.type() == QEvent.Type.PaletteChange:
            self._dress()
        super().changeEvent(event)

    def _prepare(self) -> None:
        for kind in CATALOGUE:
            self.chooser.addItem(say(kind.title), kind.id)
        self.chooser.setAccessibleName(self.tr("Other view"))
        self.chooser.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.layer_slider.setPageStep(1)
        self.layer_slider.setAccessibleName(self.tr("Layer of the view"))
        self.layer_slider.setTickPosition(QSlider.TickPosition.TicksBelow)
        self.enlarge.setCheckable(True)
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
        self._texts = QWidget()
        column = QVBoxLayout(self._texts)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE)
        for widget in (self.chooser, self.progress, self.layer_slider):
            column.addWidget(widget)
        column.addLayout(row)
        column.addWidget(self.state)
        column.addWidget(self.lines)
        column.addStretch(1)
        self._whole = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._whole.setContentsMargins(*(2 * theme.SPACE,) * 4)
        self._whole.setSpacing(2 * theme.SPACE)
        self._whole.addWidget(self.pane, 1)
        self._whole.addWidget(self._texts)

    def _connect(self) -> None:
        self.chooser.currentIndexChanged.connect(self._want)
        self.layer_slider.valueChanged.connect(self._show_layer)
        self.enlarge.toggled.connect(self._enlarge)
        self.pane.place_asked.connect(self.place_asked)
        self.maker.progressed.connect(self._show_progress)
        self.maker.made.connect(self._show)
        self._session.picture_changed.connect(self._follow_picture)
        self._session.analysis_changed.connect(self._follow_analysis)

    def _dress(self) -> None:
        style = f"color: {theme.tokens().text_dim};"
        if self.lines.styleSheet() != style:
            self.lines.setStyleSheet(style)


def stretch(pixels: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """Return a layer as RGB of the picture's stored size; blocks keep hard edges."""
    rows, columns = pixels.shape[:2]
    if (rows, columns) != (height, width):
        down = np.arange(height) * rows // height
        across = np.arange(width) * columns // width
        pixels = pixels[down[:, None], across]
    return pixels if pixels.ndim == 3 else np.repeat(pixels[..., None], 3, axis=2)
