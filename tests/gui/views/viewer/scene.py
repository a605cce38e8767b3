"""A small picture with a map in a viewer, and how a test looks at it and points into it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
from PIL import Image
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from irlgui.session import Analysis, Session
from irlgui.views.viewer import Viewer
from irlnet_core.evidence.image import SuspectImage, read_image
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.record import AnalysisRecord
from irlnet_core.evidence.regions import find_regions

WIDTH, HEIGHT = 300, 200
LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


def save_picture(
    folder: Path, width: int = WIDTH, height: int = HEIGHT, orientation: int = 1
) -> SuspectImage:
    """Return a picture whose red is its column and whose green is its row."""
    rows, columns = np.mgrid[0:height, 0:width]
    pixels = np.stack([columns % 256, rows % 256, 0 * rows + 77], axis=-1).astype(np.uint8)
    exif = Image.Exif()
    exif[274] = orientation
    Image.fromarray(pixels).save(folder / "picture.png", exif=exif)
    return read_image(folder / "picture.png")


def one_blob() -> Localization:
    """Return a map with 0.9 in columns 100..139, rows 50..89, and 0.2 elsewhere."""
    probability = np.full((HEIGHT, WIDTH), 0.2, np.float32)
    probability[50:90, 100:140] = 0.9
    return Localization(probability)


def analysis_of(image: SuspectImage, localization: Localization) -> Analysis:
    record = cast(AnalysisRecord, SimpleNamespace(regions=find_regions(localization, 0.5)))
    return Analysis(image.sha256, localization, record, "small", "0" * 64)


def settle(viewer: Viewer, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not viewer.busy)
    QApplication.processEvents()


def show(viewer: Viewer, session: Session, qtbot: QtBot, image: SuspectImage) -> None:
    session.set_picture(image)
    session.set_analysis(analysis_of(image, one_blob()))
    settle(viewer, qtbot)


def colour_at(viewer: Viewer, x: float, y: float, pane: int = 0) -> tuple[int, int, int]:
    """Return the colour on the screen over the middle of a stored pixel."""
    canvas = viewer.panes[pane]
    place = canvas.camera.to_view(*canvas.turn.to_shown(x + 0.5, y + 0.5))
    colour = canvas.grab().toImage().pixelColor(int(place[0]), int(place[1]))
    return colour.red(), colour.green(), colour.blue()


def point_at(viewer: Viewer, x: float, y: float) -> QPoint:
    """Return where a stored point is on the first pane."""
    canvas = viewer.panes[0]
    left, top = canvas.camera.to_view(*canvas.turn.to_shown(x, y))
    return QPoint(int(left + 1e-6), int(top + 1e-6))


def drag(viewer: Viewer, start: QPoint, *stops: QPoint) -> None:
    viewport = viewer.panes[0].viewport()
    QTest.mousePress(viewport, LEFT, NONE, start)
    for stop in stops:
        QTest.mouseMove(viewport, stop)
        QApplication.processEvents()
    QTest.mouseRelease(viewport, LEFT, NONE, stops[-1])
