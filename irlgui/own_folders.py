"""Where the program keeps what is its own: results, thumbnails, models."""

from __future__ import annotations

from pathlib import Path

import appdirs
from PySide6.QtCore import QCoreApplication

from irlgui.models.thumbnail_cache import ThumbnailCache
from irlgui.settings import Settings


def data_folder() -> Path:
    """Return the program's own folder, in which results are kept."""
    return Path(appdirs.user_data_dir("irlnet", appauthor=False))


def thumbnail_cache(settings: Settings) -> ThumbnailCache:
    """Return the thumbnails' place on the disk, as large as the settings allow."""
    folder = Path(appdirs.user_cache_dir("irlnet", appauthor=False)) / "thumbnails"
    return ThumbnailCache(folder, cache_bytes(settings))


def cache_bytes(settings: Settings) -> int:
    """Return how many bytes the thumbnails may take on the disk."""
    return int(settings.value("browser/cache")) * 1_000_000


def no_model_text() -> str:
    """Say calmly that nothing can be analysed yet, and what to do."""
    text = QCoreApplication.translate(
        "Desk",
        "No model is installed, so pictures can be looked at but not analysed. Put a model folder into {}.",
    )
    return text.format(data_folder() / "models")
