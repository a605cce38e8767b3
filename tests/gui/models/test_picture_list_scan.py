from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from irlgui.models.picture_list_scan import FolderScan, PicturesFound, scan_pictures
from irlnet_core.evidence.image import find_images
from irlnet_core.progress import Event, Note, finish


def fill(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"")


def scan(*paths: Path) -> tuple[list[Path], list[str], int]:
    events: list[Event] = []
    count = finish(scan_pictures(paths), events.append)
    found = [path for event in events if isinstance(event, PicturesFound) for path in event.paths]
    return found, [event.message for event in events if isinstance(event, Note)], count


def test_it_finds_what_the_cores_search_finds(tmp_path: Path) -> None:
    fill(
        tmp_path,
        "a.jpg",
        "B.JPEG",
        "c.txt",
        "x/d.tif",
        "x/y/e.avif",
        ".hidden/f.jpg",
        "x/.g.png",
        "x/h.webp.part",
        "x/i.HEIC",
    )
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "gone.jpg").symlink_to(tmp_path / "nowhere")
    found, notes, count = scan(tmp_path)

    assert sorted(found) == sorted(find_images([tmp_path], unread=True))
    assert count == len(found) == 6  # a broken link too: it must not go unseen
    assert notes == []


def test_a_file_that_is_named_is_taken_whatever_its_name(tmp_path: Path) -> None:
    fill(tmp_path, "evidence.bin", "folder/a.png")
    found, notes, _ = scan(tmp_path / "evidence.bin", tmp_path / "missing.jpg", tmp_path / "folder")

    assert found == [tmp_path / "evidence.bin", tmp_path / "folder" / "a.png"]
    assert notes == [f"{tmp_path / 'missing.jpg'}: does not exist."]


def test_pictures_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    fill(tmp_path, "b10.jpg", "b9.jpg", "A1.jpg", "x/a.jpg", "x/B.jpg")
    found, _, _ = scan(tmp_path)

    assert [path.name for path in found] == ["A1.jpg", "b9.jpg", "b10.jpg", "a.jpg", "B.jpg"]


def test_a_file_in_a_closed_folder_is_named_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(tmp_path, "closed/a.jpg", "open/b.jpg")
    ask = os.stat

    def refuse(path: Any, **options: Any) -> os.stat_result:  # as the system does, but not for root
        if str(path).startswith(str(tmp_path / "closed")):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return ask(path, **options)

    monkeypatch.setattr(os, "stat", refuse)
    found, notes, _ = scan(tmp_path / "closed" / "a.jpg", tmp_path / "open")

    assert found == [tmp_path / "open" / "b.jpg"]
    assert notes == [f"{tmp_path / 'closed' / 'a.jpg'}: cannot be read (Permission denied)."]


def test_a_huge_folder_comes_in_portions_and_can_be_stopped(tmp_path: Path) -> None:
    fill(tmp_path, *(f"{number}.jpg" for number in range(600)))
    search = scan_pictures([tmp_path])
    first = next(search)
    search.close()

    assert isinstance(first, PicturesFound)
    assert 0 < len(first.paths) <= 250


def test_the_search_runs_elsewhere_and_takes_orders_meanwhile(tmp_path: Path, qtbot: QtBot) -> None:
    fill(tmp_path, *(f"one/{number}.jpg" for number in range(300)), "two/a.jpg")
    found: list[Path] = []
    search = FolderScan()
    search.found.connect(found.extend)
    with qtbot.waitSignal(search.ended):
        search.scan([tmp_path / "one"])
        assert search.busy
        search.scan([tmp_path / "two"])

    assert len(found) == 301
    assert not search.busy


def test_stopping_ends_the_thread(tmp_path: Path, qtbot: QtBot) -> None:
    fill(tmp_path, *(f"{number}/a.jpg" for number in range(50)))
    search = FolderScan()
    with qtbot.waitSignal(search.ended):
        search.scan([tmp_path])
        search.stop()

    assert not search.busy
    assert search.shutdown()


def test_a_closed_folder_is_told_and_the_others_are_searched(tmp_path: Path) -> None:
    fill(tmp_path, "open/a.jpg", "closed/b.jpg")
    (tmp_path / "closed").chmod(0)
    try:
        found, notes, _ = scan(tmp_path)
    finally:
        (tmp_path / "closed").chmod(0o755)

    assert tmp_path / "open" / "a.jpg" in found
    if os.geteuid() != 0:  # nothing is closed to root
        assert "cannot be searched" in notes[0]
