from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from irlgui.models.thumbnail_cache import ThumbnailCache
from irlgui.models.thumbnail_shelf import ThumbnailShelf, blur

EVIDENCE = Path("/evidence/a.jpg")


@pytest.fixture
def cache(tmp_path: Path) -> ThumbnailCache:
    return ThumbnailCache(tmp_path / "cache" / "thumbnails", 10_000)


def files(cache: ThumbnailCache) -> list[Path]:
    return sorted(path for path in cache.folder.rglob("*") if path.is_file())


def put(cache: ThumbnailCache, name: str, size: int = 100) -> str:
    key = f"{name:0>64}"[::-1]
    cache.put(key, name[0].encode() * size, evidence=EVIDENCE)
    return key


def test_what_was_put_is_found_by_the_next_session(cache: ThumbnailCache) -> None:
    key = put(cache, "a")

    assert ThumbnailCache(cache.folder, 10_000).get(key) == b"a" * 100
    assert cache.get("0" * 64) is None


def test_a_changed_file_has_another_key(cache: ThumbnailCache, tmp_path: Path) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(b"one")
    os.utime(file, ns=(1, 1))
    first = cache.key(file, 256)

    assert cache.key(file, 256) == first
    assert cache.key(file, 128) != first
    os.utime(file, ns=(2, 2))
    second = cache.key(file, 256)
    file.write_bytes(b"longer")
    os.utime(file, ns=(2, 2))
    assert len({first, second, cache.key(file, 256)}) == 3
    with pytest.raises(FileNotFoundError):
        cache.key(tmp_path / "missing.jpg", 256)


def test_the_cap_holds_and_the_longest_unused_go_first(cache: ThumbnailCache) -> None:
    keys = [put(cache, letter, 2400) for letter in "abcd"]
    for age, key in enumerate(keys):
        os.utime(cache.folder / key[:2] / f"{key}.thumb", ns=(age, age))
    assert cache.get(keys[0])  # used again just now
    newest = put(cache, "e", 2400)

    assert cache.size_bytes() <= 10_000
    assert cache.get(keys[1]) is None
    assert cache.get(keys[0])
    assert cache.get(newest)


@pytest.mark.parametrize("damage", [b"", b"junk", b"IRLT1\n\0\0\0\0other"])
def test_a_damaged_entry_counts_as_missing_and_makes_room(cache: ThumbnailCache, damage: bytes) -> None:
    key = put(cache, "a")
    files(cache)[0].write_bytes(damage)

    assert cache.get(key) is None
    assert files(cache) == []
    put(cache, "a")
    assert cache.get(key) == b"a" * 100


def test_a_flipped_bit_is_noticed(cache: ThumbnailCache) -> None:
    key = put(cache, "a")
    data = bytearray(files(cache)[0].read_bytes())
    data[-7] ^= 4
    files(cache)[0].write_bytes(bytes(data))

    assert cache.get(key) is None


def test_clearing_removes_entries_and_nothing_else(cache: ThumbnailCache) -> None:
    put(cache, "a")
    put(cache, "b")
    foreign = cache.folder / "notes.txt"
    foreign.write_text("mine")
    cache.clear()

    assert files(cache) == [foreign]
    assert cache.size_bytes() == 0


def test_nothing_is_kept_in_or_under_a_folder_that_holds_the_evidence(tmp_path: Path) -> None:
    cache = ThumbnailCache(tmp_path / "home" / "cache", 10_000)
    (tmp_path / "home").mkdir()
    (tmp_path / "elsewhere").mkdir()
    link = tmp_path / "elsewhere" / "link.jpg"
    target = tmp_path / "home" / "a.jpg"
    target.write_bytes(b"")
    link.symlink_to(target)
    for evidence in (target, link):
        cache.put("ab" * 32, b"x", evidence=evidence)

    assert not cache.folder.exists()


def test_a_cache_that_cannot_be_written_is_no_reason_to_fail(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = ThumbnailCache(tmp_path / "file" / "below", 10_000)
    key = put(cache, "a")

    assert cache.get(key) is None
    cache.clear()


@pytest.mark.skipif(os.name != "posix", reason="POSIX permissions")
def test_others_on_the_machine_cannot_look_into_it(cache: ThumbnailCache) -> None:
    put(cache, "a")

    assert stat.S_IMODE(cache.folder.stat().st_mode) == 0o700


def test_several_threads_may_use_it_at_once(cache: ThumbnailCache) -> None:
    def work(letter: str) -> None:
        for number in range(12):
            key = put(cache, f"{letter}{number}", 900)
            assert cache.get(key) in (None, letter.encode() * 900)

    threads = [threading.Thread(target=work, args=(letter,)) for letter in "xyz"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 0 < cache.size_bytes() <= 10_000


def image(side: int = 64) -> QImage:
    """Return a picture of black and white squares of 2 pixels."""
    board = QImage(side, side, QImage.Format.Format_RGB32)
    for x in range(side):
        for y in range(side):
            board.setPixelColor(x, y, QColor("white" if (x // 2 + y // 2) % 2 else "black"))
    return board


def test_the_shelf_keeps_the_latest_within_its_cap(qtbot: QtBot) -> None:
    shelf = ThumbnailShelf(cap_bytes=3 * 64 * 64 * 4)
    for name in "abc":
        shelf.put(Path(name), image())
    shelf.get(Path("a"))
    shelf.put(Path("d"), image())

    assert [name for name in "abcd" if Path(name) in shelf] == ["a", "c", "d"]
    shelf.clear()
    assert shelf.get(Path("a")) is None


def test_a_blurred_thumbnail_keeps_its_size_and_loses_its_details(qtbot: QtBot) -> None:
    sharp = image()
    soft = blur(sharp)
    greys = [soft.pixelColor(x, y).value() for x in range(0, 64, 4) for y in range(0, 64, 4)]

    assert soft.size() == sharp.size()
    assert max(greys) - min(greys) < 200  # the squares were 0 and 255
    assert blur(QImage(300, 1, QImage.Format.Format_RGB32)).width() == 300
