"""The thumbnails that are in memory: those on the screen and around it, never all of them."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage, QPixmap

_BLURRED_SIDE = 12  # pixels that are left of a thumbnail: shapes and light, no details


class ThumbnailShelf:
    """Pixmaps by path, at most ``cap_bytes`` together; the longest unused go first."""

    def __init__(self, cap_bytes: int = 64 << 20) -> None:
        self.cap_bytes = cap_bytes
        self.blurred = False
        self._pixmaps: OrderedDict[Path, QPixmap] = OrderedDict()
        self._total = 0

    def __contains__(self, path: Path) -> bool:
        return path in self._pixmaps

    def get(self, path: Path) -> QPixmap | None:
        """Return a thumbnail and note that it was used, or None."""
        pixmap = self._pixmaps.get(path)
        if pixmap is not None:
            self._pixmaps.move_to_end(path)
        return pixmap

    def put(self, path: Path, image: QImage) -> None:
        """Keep a thumbnail; blurred, if that is the wish: then the sharp one is nowhere in memory."""
        self.drop(path)
        pixmap = QPixmap.fromImage(blur(image) if self.blurred else image)
        self._pixmaps[path] = pixmap
        self._total += _bytes(pixmap)
        while self._total > self.cap_bytes and len(self._pixmaps) > 1:
            self._total -= _bytes(self._pixmaps.popitem(last=False)[1])

    def drop(self, path: Path) -> None:
        """Forget a thumbnail."""
        pixmap = self._pixmaps.pop(path, None)
        if pixmap is not None:
            self._total -= _bytes(pixmap)

    def clear(self) -> None:
        """Forget all thumbnails."""
        self._pixmaps.clear()
        self._total = 0


def blur(image: QImage) -> QImage:
    """Return the picture with its details gone, for material that is hard to look at."""
    smooth = Qt.TransformationMode.SmoothTransformation
    few = image.size().scaled(_BLURRED_SIDE, _BLURRED_SIDE, Qt.AspectRatioMode.KeepAspectRatio)
    small = image.scaled(few.expandedTo(QSize(1, 1)), mode=smooth)
    return small.scaled(image.size(), mode=smooth)


def _bytes(pixmap: QPixmap) -> int:
    return pixmap.width() * pixmap.height() * 4
