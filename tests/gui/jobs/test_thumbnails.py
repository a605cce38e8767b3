from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from irlgui.jobs.thumbnails import Thumbnails, make_thumbnail
from irlgui.models.thumbnail_cache import ThumbnailCache


def save(folder: Path, count: int, side: int = 320) -> list[Path]:
    folder.mkdir(exist_ok=True)
    paths = [folder / f"{number}.jpg" for number in range(count)]
    for number, path in enumerate(paths):
        Image.fromarray(np.full((side // 2, side, 3), 4 * number, np.uint8)).save(path)
    return paths


@pytest.fixture
def cache(tmp_path: Path) -> ThumbnailCache:
    return ThumbnailCache(tmp_path / "cache", 1 << 20)


def test_thumbnails_arrive_and_the_threads_end_by_themselves(
    tmp_path: Path, qtbot: QtBot, cache: ThumbnailCache
) -> None:
    paths = save(tmp_path / "evidence", 6)
    made: dict[Path, QImage] = {}
    thumbnails = Thumbnails(cache)
    thumbnails.made.connect(made.__setitem__)
    thumbnails.want(paths)
    qtbot.waitUntil(lambda: len(made) == 6 and not thumbnails.busy, timeout=10_000)

    assert set(made) == set(paths)
    assert (made[paths[0]].width(), made[paths[0]].height()) == (256, 128)
    assert abs(made[paths[5]].pixelColor(9, 9).red() - 20) < 4


def test_a_broken_file_is_told_with_its_reason(tmp_path: Path, qtbot: QtBot) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"\xff\xd8\xff")
    thumbnails = Thumbnails()
    with qtbot.waitSignal(thumbnails.refused, timeout=10_000) as told:
        thumbnails.want([broken])

    assert told.args is not None
    assert told.args[0] == broken
    assert "cut short" in told.args[1] or "decoded" in told.args[1]
    qtbot.waitUntil(lambda: not thumbnails.busy)


def test_what_scrolled_away_is_not_made(tmp_path: Path, qtbot: QtBot, cache: ThumbnailCache) -> None:
    paths = save(tmp_path / "evidence", 60)
    made: list[Path] = []
    thumbnails = Thumbnails(cache)
    thumbnails.made.connect(lambda path, _: made.append(path))
    thumbnails.want(paths[:50])
    thumbnails.want(paths[50:])
    qtbot.waitUntil(lambda: set(paths[50:]) <= set(made) and not thumbnails.busy, timeout=10_000)

    assert len(made) < 20  # the ten, and what was already being decoded


def test_shutting_down_ends_the_threads_and_silences_late_answers(tmp_path: Path, qtbot: QtBot) -> None:
    made: list[Path] = []
    thumbnails = Thumbnails()
    thumbnails.made.connect(lambda path, _: made.append(path))
    thumbnails.want(save(tmp_path / "evidence", 30))

    assert thumbnails.shutdown()
    qtbot.wait(20)
    assert made == []
    assert not thumbnails.busy
    thumbnails.want([tmp_path / "evidence" / "0.jpg"])
    assert not thumbnails.busy


def test_a_thumbnail_comes_from_the_cache_the_second_time(tmp_path: Path, cache: ThumbnailCache) -> None:
    path = save(tmp_path / "evidence", 1)[0]
    first = make_thumbnail(path, cache)
    kept = cache.get(cache.key(path, 256))
    assert kept is not None
    cache.put(cache.key(path, 256), _other(), evidence=path)

    assert make_thumbnail(path, cache).size == (7, 7)
    cache.put(cache.key(path, 256), b"no picture at all", evidence=path)
    assert make_thumbnail(path, cache).size == first.size


def test_nothing_appears_beside_the_evidence(tmp_path: Path) -> None:
    path = save(tmp_path / "evidence", 1)[0]
    before = path.read_bytes()
    make_thumbnail(path, ThumbnailCache(tmp_path / "evidence" / "cache", 1 << 20))

    assert [entry.name for entry in (tmp_path / "evidence").iterdir()] == ["0.jpg"]
    assert path.read_bytes() == before


def _other() -> bytes:
    from irlgui.models.thumbnail_reader import encode

    return encode(Image.new("RGB", (7, 7)))
