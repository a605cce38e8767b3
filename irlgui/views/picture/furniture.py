"""What stands over the picture at the view's edges: names, legend, scale bar, what the pointer reads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QCoreApplication, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen, QPolygonF

from irlgui.views import theme
from irlgui.views.picture.camera import Camera
from irlgui.views.picture.frame import Look
from irlgui.views.picture.marks import find_marks, heat_table, mark_table, paint
from irlnet_core.evidence.legend import ruler_length
from irlnet_core.evidence.localization import say_threshold

# The same in both themes: these chips lie over evidence, not over the window.
GROUND = QColor(24, 24, 24, 208)
BRIGHT = QColor(240, 240, 240)
DIM = QColor(196, 196, 196)
EDGE = 8
PAD = 8
_BAR = 128
_LEAST_HEIGHT = 280  # logical pixels; a lower view is all picture


@dataclass(frozen=True)
class Furniture:
    """What is said over the view; empty texts are not shown."""

    label: str = ""
    second_label: str = ""
    adjusted: str = ""
    reading: str = ""
    legend: bool = False
    ruler: bool = False


def describe_tool(tool: str) -> str:
    """Say how to draw with a tool; nothing for the one that moves the picture."""
    tr = QCoreApplication.translate
    return {
        "area": tr("Furniture", "Select an area: drag, or arrows and Enter · Esc ends"),
        "rectangle": tr("Furniture", "Rectangle: drag, or arrows and Enter · Esc ends"),
        "freehand": tr("Furniture", "Freehand: drag, or Enter, arrows, Enter · Esc ends"),
        "polygon": tr(
            "Furniture", "Polygon: click, or arrows and Enter; Enter twice closes · Backspace takes back"
        ),
    }.get(tool, "")


def draw_furniture(
    painter: QPainter, size: tuple[float, float], said: Furniture, look: Look, camera: Camera
) -> None:
    """Draw all of it over a view of ``size`` (logical pixels)."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(theme.font("small"))
    width, height = size
    beside = _chip(painter, EDGE, EDGE, said.label) if said.label else 0.0
    if said.adjusted:
        _chip(painter, EDGE + (beside + 4 if beside else 0), EDGE, said.adjusted, marked=True)
    if said.second_label:
        _chip(painter, width - EDGE, EDGE, said.second_label, right=True)
    right = _draw_ruler(painter, width, height, camera) if said.ruler else width - EDGE
    left = _draw_legend(painter, height, look, right) if said.legend and height >= _LEAST_HEIGHT else EDGE
    if said.reading:
        room = _chip_width(painter, said.reading)
        row = height - EDGE if right - left > room + 2 * EDGE else height - 2 * EDGE - 44
        _chip(painter, max(EDGE, (width - room) / 2), row - _chip_height(painter), said.reading)


def describe_adjustment(look: Look) -> str:
    """Say how the shown values differ from the stored ones; empty when they do not."""
    tone = look.tone
    if not tone.adjusted:
        return ""
    parts = [_tr("Display adjusted")]
    if tone.channel != "rgb":
        parts.append(
            {
                "red": _tr("red only"),
                "green": _tr("green only"),
                "blue": _tr("blue only"),
                "luminance": _tr("luminance"),
            }[tone.channel]
        )
    if (tone.black, tone.white) != (0, 255):
        parts.append(_tr("levels {0}–{1}").format(tone.black, tone.white))
    if tone.gamma != 1:
        parts.append(_tr("gamma {0:g}").format(tone.gamma))
    return " · ".join(parts)


def describe_reading(x: int, y: int, rgb: tuple[int, int, int], response: float | None) -> str:
    """Say what is stored at a pixel."""
    text = _tr("x {0}  y {1}   R {2}  G {3}  B {4}").format(x, y, *rgb)
    return text if response is None else text + "   " + _tr("response {0:.3f}").format(response)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Viewer", text)


def _chip_height(painter: QPainter) -> float:
    return round(QFontMetricsF(painter.font()).height()) + 8


def _chip_width(painter: QPainter, text: str) -> float:
    return QFontMetricsF(painter.font()).horizontalAdvance(text) + 2 * PAD


def _chip(
    painter: QPainter, x: float, y: float, text: str, *, right: bool = False, marked: bool = False
) -> float:
    """Draw a text on a dark ground and return its right end; ``marked`` ones have a bright frame."""
    width = _chip_width(painter, text)
    box = QRectF(x - width if right else x, y, width, _chip_height(painter))
    _ground(painter, box, marked=marked)
    painter.setPen(BRIGHT)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)
    return box.right()


def _ground(painter: QPainter, box: QRectF, *, marked: bool = False) -> None:
    painter.setPen(QPen(BRIGHT, 1) if marked else Qt.PenStyle.NoPen)
    painter.setBrush(GROUND)
    painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5) if marked else box, theme.RADIUS, theme.RADIUS)


def _draw_legend(painter: QPainter, height: float, look: Look, limit: float) -> float:
    """Draw the scale 0..1 by the overlay's own tables, the threshold's mark on it; return the right end."""
    metrics = QFontMetricsF(painter.font())
    line = round(metrics.height())
    title = _tr("Response") + "  " + _tr("threshold {0}").format(say_threshold(look.threshold, 2))
    wide = max(float(_BAR), metrics.horizontalAdvance(title))
    box = QRectF(EDGE, height - EDGE - (2 * line + 32), wide + 2 * PAD, 2 * line + 32)
    if box.right() + EDGE > limit:
        return EDGE
    _ground(painter, box)
    left, bar = box.left() + PAD, box.top() + line + 14
    painter.setPen(BRIGHT)
    painter.drawText(QPointF(left, box.top() + 4 + metrics.ascent()), title)
    painter.drawImage(QRectF(left, bar, wide, 8), _scale_image(round(wide), look))
    at = left + look.threshold * wide
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(BRIGHT)
    painter.drawPolygon(QPolygonF([QPointF(at - 4, bar - 7), QPointF(at + 4, bar - 7), QPointF(at, bar - 1)]))
    painter.setPen(DIM)
    flags = (Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignHCenter, Qt.AlignmentFlag.AlignRight)
    for text, flag in zip(("0", "0.5", "1"), flags, strict=True):
        painter.drawText(QRectF(left, bar + 10, wide, line), flag, text)
    return box.right()


def _scale_image(length: int, look: Look) -> QImage:
    indices = np.broadcast_to(np.linspace(0, 255, length).round().astype(np.uint8), (8, length))
    image = QImage(length, 8, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor(96, 96, 96))
    pen = QPainter(image)
    sheets = [paint(heat_table(look.opacity, look.palette), indices)] if look.mode == "heat" else []
    mask = (np.linspace(0, 1, length) >= look.threshold).astype(np.uint8)
    marks = find_marks(np.ascontiguousarray(np.broadcast_to(mask, (8, length))), 1)
    for sheet in (
        *sheets,
        paint(mark_table(look.mode if look.mode != "none" else "heat", look.opacity), marks),
    ):
        pixels = np.ascontiguousarray(sheet)
        kind = QImage.Format.Format_ARGB32_Premultiplied
        pen.drawImage(0, 0, QImage(pixels.data, length, 8, 4 * length, kind))
    pen.end()
    return image


def _draw_ruler(painter: QPainter, width: float, height: float, camera: Camera) -> float:
    """Draw a bar of a round number of stored pixels and the zoom; return the left end."""
    metrics = QFontMetricsF(painter.font())
    line = round(metrics.height())
    per_pixel = camera.scale * width / camera.view_width
    pixels = ruler_length(max(5, round(min(width, 640) / per_pixel)))
    length = pixels * per_pixel
    percent = 100 * camera.scale
    zoom = f"{percent:.0f} %" if percent >= 10 else f"{percent:.1f} %"
    text = f"{pixels} px"
    inner = max(length, metrics.horizontalAdvance(text) + metrics.horizontalAdvance(zoom) + 24)
    box = QRectF(width - EDGE - inner - 2 * PAD, height - EDGE - line - 20, inner + 2 * PAD, line + 20)
    _ground(painter, box)
    row, right = box.top() + 10, box.right() - PAD
    painter.setPen(QPen(BRIGHT, 1))
    painter.drawPolyline(
        [
            QPointF(right - length, row - 4),
            QPointF(right - length, row),
            QPointF(right, row),
            QPointF(right, row - 4),
        ]
    )
    place = QRectF(box.left() + PAD, row + 4, inner, line)
    painter.drawText(place, Qt.AlignmentFlag.AlignRight, text)
    painter.setPen(DIM)
    painter.drawText(place, Qt.AlignmentFlag.AlignLeft, zoom)
    return box.left()


def draw_empty(painter: QPainter, box: QRectF, title: str, text: str) -> None:
    """Say in the middle of an empty view what to do next."""
    painter.setPen(QColor(theme.tokens().on_surround))
    heading: QFont = theme.font("title", bold=True)
    painter.setFont(heading)
    line = QFontMetricsF(heading).height()
    middle = box.center().y()
    centre = Qt.AlignmentFlag.AlignHCenter | Qt.TextFlag.TextWordWrap
    painter.drawText(
        QRectF(box.left() + 16, middle - 2 * line - 4, box.width() - 32, 2 * line),
        centre | Qt.AlignmentFlag.AlignBottom,
        title,
    )
    painter.setFont(theme.font("body"))
    painter.drawText(QRectF(box.left() + 16, middle + 4, box.width() - 32, 3 * line), centre, text)
