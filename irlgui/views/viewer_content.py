"""What the viewer has to show: the picture, its response, what it is compared with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QRect, Signal
from PySide6.QtGui import QRegion

from irlgui.views.picture.pyramid import (
    Pyramid,
    blank_map,
    build_map,
    build_picture,
    flat_picture,
    preview_picture,
    refresh_map,
)
from irlgui.views.picture.pyramid_loader import PyramidLoader
from irlgui.views.picture.side import Compare, Response, Side, Views, choose_views
from irlgui.views.picture.turn import Turn
from irlnet_core.errors import ConfigError
from irlnet_core.evidence.area import Area
from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.localization import Localization

Rect = tuple[int, int, int, int]
Place = QRect | Area | Rect


def as_rect(place: Place) -> Rect:
    """Return x, y, width, height of a rectangle in any of the forms that callers hold."""
    if isinstance(place, QRect):
        return place.x(), place.y(), place.width(), place.height()
    return (place.x, place.y, place.width, place.height) if isinstance(place, Area) else place


class Content(QObject):
    """Holds the pyramids; builds them off the GUI thread and drops answers that come too late."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.turn = Turn(1, 1)
        self.picture: Pyramid | None = None
        self.pixels: NDArray[np.uint8] | None = None  # None while only a preview is there
        self.response: Response | None = None
        self.undone: QRegion | None = None
        self.other_label = ""
        self._other_picture: Pyramid | None = None
        self._other_response: Response | None = None
        self._other_map: Localization | None = None
        self._exact: NDArray[np.float32] | None = None
        self._analysed: Area | None = None
        self._pictures, self._maps = PyramidLoader(self), PyramidLoader(self)
        self._other_pictures, self._other_maps = PyramidLoader(self), PyramidLoader(self)
        self._pictures.ready.connect(self._take_picture)
        self._maps.ready.connect(self._take_map)
        self._other_pictures.ready.connect(self._take_other_picture)
        self._other_maps.ready.connect(self._take_other_map)
        for loader in (self._pictures, self._maps, self._other_pictures, self._other_maps):
            loader.failed.connect(self._take_failure)

    @property
    def busy(self) -> bool:
        """Whether something better than what is shown is being made."""
        loaders = (self._pictures, self._maps, self._other_pictures, self._other_maps)
        return any(loader.busy for loader in loaders)

    def show_preview(
        self, pixels: NDArray[np.uint8], width: int, height: int, orientation: int | None
    ) -> None:
        """Show a small decoding until the picture itself comes."""
        self._leave(Turn(width, height, orientation or 1))
        self.picture = preview_picture(pixels, width, height)
        self.changed.emit()

    def show_picture(self, image: SuspectImage | None) -> None:
        """Show a picture at once, and in all sizes as soon as they are made."""
        if image is None:
            self._leave(Turn(1, 1))
            self.changed.emit()
            return
        pixels = image.pixels
        self._leave(Turn(pixels.shape[1], pixels.shape[0], image.facts.orientation or 1))
        self.pixels, self.picture = pixels, flat_picture(pixels)
        self._pictures.load(lambda: build_picture(pixels))
        self.changed.emit()

    def show_response(self, localization: Localization | None) -> None:
        """Show a finished map, or none. A partial map stays until the finished one is ready."""
        self.undone = None
        self._maps.drop()
        self._exact = localization.probability if localization else None
        self._analysed = localization.analysed if localization else None
        if localization is None:
            self.response = None
        else:
            probability = localization.probability
            self._maps.load(lambda: build_map(probability))
        self.changed.emit()

    def show_partial(self, probability: NDArray[np.float32] | None, done: Place | None) -> None:
        """Show what a tile at ``done`` (stored pixels) has added to a map that is being computed."""
        if probability is None or self.picture is None:
            self.response = self.undone = None
        elif probability.shape == (self.turn.height, self.turn.width):
            self._begin_partial()
            self._add_partial(probability, done)
        self.changed.emit()

    def show_other(self, other: SuspectImage | Localization | NDArray[np.uint8] | None, label: str) -> None:
        """Compare with another picture of the same size, or with another map; None ends it."""
        self._forget_other()
        self.other_label = label
        if isinstance(other, Localization):
            exact = other.probability
            self._check_size(exact.shape, label)
            self._other_map = other
            self._other_maps.load(lambda: build_map(exact))
        elif other is not None:
            pixels = other.pixels if isinstance(other, SuspectImage) else other
            self._check_size(pixels.shape[:2], label)
            self._other_picture = flat_picture(pixels)
            self._other_pictures.load(lambda: build_picture(pixels))
        self.changed.emit()

    def views(self, compare: Compare, names: tuple[str, str], *, peek: bool) -> Views | None:
        """Return what each pane shows; ``names`` are those of the picture and of its response."""
        if self.picture is None:
            return None
        plain = Side(self.picture, None, names[0])
        marked = Side(self.picture, self.response, names[1] if self.response else names[0])
        other = None
        if self._other_picture is not None:
            other = Side(self._other_picture, None, self.other_label)
        elif self._other_response is not None:
            other = Side(self.picture, self._other_response, self.other_label)
        return choose_views(compare, plain, marked, other, peek=peek)

    def response_at(self, x: int, y: int) -> float | None:
        """Return the stored response of a pixel, None where none is known."""
        if self._analysed is not None and not QRect(*as_rect(self._analysed)).contains(x, y):
            return None
        if self._exact is not None:
            return float(self._exact[y, x])
        if self.response is None or (self.undone is not None and self.undone.contains(QRect(x, y, 1, 1))):
            return None
        return float(self.response.indices.levels[0].pixels[y, x]) / 255

    def shutdown(self) -> None:
        """Stop the threads and wait for them."""
        for loader in (self._pictures, self._maps, self._other_pictures, self._other_maps):
            loader.shutdown()

    def _leave(self, turn: Turn) -> None:
        self._pictures.drop()
        self._maps.drop()
        self._forget_other()
        self.turn = turn
        self.picture = self.pixels = self.response = self._exact = self._analysed = self.undone = None

    def _forget_other(self) -> None:
        self._other_pictures.drop()
        self._other_maps.drop()
        self._other_picture = self._other_response = self._other_map = None

    def _check_size(self, shape: tuple[int, ...], label: str) -> None:
        if self.picture is None or shape != (self.turn.height, self.turn.width):
            raise ConfigError(
                f"{label} has {shape[1]} x {shape[0]} pixels, "
                f"the picture {self.turn.width} x {self.turn.height}.",
                cure="Compare pictures of the same stored size.",
            )

    def _begin_partial(self) -> None:
        if self.undone is None:
            width, height = self.turn.width, self.turn.height
            self._maps.drop()
            self._exact = self._analysed = None
            self.response = Response(blank_map(width, height))
            self.undone = QRegion(0, 0, width, height)

    def _add_partial(self, probability: NDArray[np.float32], done: Place | None) -> None:
        if self.response is None or self.undone is None or done is None:
            return
        rect = as_rect(done)
        refresh_map(self.response.indices, probability, rect)
        self.response = replace(self.response, version=self.response.version + 1)
        self.undone = self.undone.subtracted(QRegion(*rect))

    def _take_picture(self, pyramid: Pyramid) -> None:
        self.picture = pyramid
        self.changed.emit()

    def _take_map(self, pyramid: Pyramid) -> None:
        self.response = Response(pyramid, self._exact, analysed=self._analysed)
        self.changed.emit()

    def _take_other_picture(self, pyramid: Pyramid) -> None:
        self._other_picture = pyramid
        self.changed.emit()

    def _take_failure(self, error: Exception) -> None:
        """Let it be seen where the program shows such faults: the view lacks something."""
        raise error

    def _take_other_map(self, pyramid: Pyramid) -> None:
        if self._other_map is not None:
            exact, analysed = self._other_map.probability, self._other_map.analysed
            self._other_response = Response(pyramid, exact, analysed=analysed)
        self.changed.emit()
