from __future__ import annotations

import json
import math
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from irlnet_core.errors import OutputError
from irlnet_core.evidence import export
from irlnet_core.evidence.export import Results, check_output, safe_stem, write_results
from irlnet_core.evidence.image import read_image
from irlnet_core.evidence.localization import Localization
from tests.core.evidence.conftest import PhotoAt, RecordOf


@pytest.fixture
def write(tmp_path: Path, blob_map: Localization, record_of: RecordOf) -> Any:
    def run(photo: Path, *, threshold: float = 0.5, output: Path = tmp_path / "out") -> Results:
        image = read_image(photo)
        return write_results(output, image, blob_map, record_of(image, blob_map, threshold=threshold))

    return run


def snapshot(folder: Path) -> dict[str, tuple[bytes, int, int]]:
    return {
        str(path): (
            path.read_bytes() if path.is_file() else b"",
            path.stat().st_size,
            path.stat().st_mtime_ns,
        )
        for path in [folder, *sorted(folder.rglob("*"))]
    }


def test_four_files_tell_the_result_and_the_mask_can_be_recomputed_from_them(
    tmp_path: Path, photo_at: PhotoAt, write: Any, blob_map: Localization
) -> None:
    results = write(photo_at(tmp_path / "in" / "a.jpg"), threshold=0.4321)
    names = ["a.json", "a.mask.png", "a.overlay.png", "a.probability.png"]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == names
    record = json.loads(results.record.read_text("utf-8"))
    with Image.open(results.probability) as file:
        assert file.mode == "I;16"
        stored = np.asarray(file)
    np.testing.assert_array_equal(stored, blob_map.probability16())
    with Image.open(results.mask) as file:
        assert file.mode == "1"
        mask = np.asarray(file)
    np.testing.assert_array_equal(mask, stored >= math.ceil(record["threshold"]["value"] * 65535))
    assert record["regions"]["area_fraction"] == mask.mean()
    with Image.open(results.overlay) as file:
        assert file.mode == "RGB"
        assert file.height > 90


def test_the_evidence_folder_is_untouched(tmp_path: Path, photo_at: PhotoAt, write: Any) -> None:
    photo = photo_at(tmp_path / "in" / "a.jpg")
    before = snapshot(tmp_path / "in")
    write(photo)
    assert snapshot(tmp_path / "in") == before


def test_the_same_picture_replaces_its_own_results(tmp_path: Path, photo_at: PhotoAt, write: Any) -> None:
    photo = photo_at(tmp_path / "in" / "a.jpg")
    first = write(photo, threshold=0.3)
    again = write(photo_at(tmp_path / "elsewhere" / "a.jpg"), threshold=0.7)
    assert first == again
    assert json.loads(again.record.read_text("utf-8"))["threshold"]["value"] == 0.7
    assert len(list((tmp_path / "out").iterdir())) == 4


def test_another_picture_of_the_same_name_gets_its_hash_added_and_keeps_it(
    tmp_path: Path, photo_at: PhotoAt, write: Any
) -> None:
    one, two = photo_at(tmp_path / "x" / "a.jpg"), photo_at(tmp_path / "y" / "a.png", seed=1)
    first, second = write(one), write(two)
    assert second.record.name == f"a-{read_image(two).sha256[:8]}.json"
    assert second.mask.name == f"a-{read_image(two).sha256[:8]}.mask.png"
    assert (write(two), write(one)) == (second, first)
    for path in first.paths:
        path.unlink()
    assert write(two) == second


def test_files_that_are_not_ours_are_never_replaced(tmp_path: Path, photo_at: PhotoAt, write: Any) -> None:
    photo = photo_at(tmp_path / "in" / "a.jpg")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "a.mask.png").write_text("somebody's truth")
    results = write(photo)
    assert results.record.name == f"a-{read_image(photo).sha256[:8]}.json"
    assert (tmp_path / "out" / "a.mask.png").read_text() == "somebody's truth"
    (tmp_path / "out" / "b.json").write_text("[1, 2]")
    assert write(photo_at(tmp_path / "in" / "b.jpg", seed=2)).record.name != "b.json"


def test_pictures_of_one_name_that_are_written_at_once_do_not_mix(
    tmp_path: Path, photo_at: PhotoAt, write: Any
) -> None:
    photos = [photo_at(tmp_path / str(n) / "a.png", seed=n) for n in range(6)]
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(write, photos))
    assert len({result.record for result in results}) == 6
    for photo, result in zip(photos, results, strict=True):
        assert json.loads(result.record.read_text("utf-8"))["evidence"]["sha256"] == read_image(photo).sha256
    assert not list((tmp_path / "out").glob(".*"))


def test_a_claim_left_by_a_crash_does_not_stop_the_work(
    tmp_path: Path, photo_at: PhotoAt, write: Any
) -> None:
    photo = photo_at(tmp_path / "in" / "a.jpg")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".irlnet-a.claim").write_text("f" * 64)
    assert write(photo).record.name == f"a-{read_image(photo).sha256[:8]}.json"
    (tmp_path / "out" / ".irlnet-b.claim").write_text(read_image(photo).sha256)
    assert write(photo.rename(photo.with_stem("b"))).record.name == "b.json"


def test_a_failure_leaves_the_former_results_whole(
    tmp_path: Path, photo_at: PhotoAt, write: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = photo_at(tmp_path / "in" / "a.jpg")
    write(photo, threshold=0.3)
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}

    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(export, "render_overlay", fail)
    with pytest.raises(OutputError, match="No space left"):
        write(photo, threshold=0.7)
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


@pytest.mark.parametrize(
    "name", ["con", "a:b", "  x ", "...", ".hidden", "line\nbreak", "é" * 200, 'q"?*|<>']
)
def test_hostile_names_become_names_that_every_system_takes(name: str) -> None:
    stem = safe_stem(name)
    assert stem
    assert not stem.startswith((".", " "))
    assert not set(stem) & set('<>:"/\\|?*\n')
    assert len(stem.encode("utf-8")) <= 121


@given(st.text(max_size=300))
def test_every_name_can_be_written(name: str) -> None:
    stem = safe_stem(name)
    assert stem == safe_stem(stem)
    assert Path(f"{stem}.json").name == f"{stem}.json"


def test_an_output_folder_in_or_under_the_evidence_is_refused(tmp_path: Path, photo_at: PhotoAt) -> None:
    photo = photo_at(tmp_path / "case" / "evidence" / "a.jpg")
    for output in (photo.parent, photo.parent / "results", photo.parent / "x" / ".." / "y" / "z"):
        for given_input in (photo, photo.parent):
            with pytest.raises(OutputError, match="--output"):
                check_output(output, [given_input])
    check_output(tmp_path / "case" / "results", [photo])
    check_output(tmp_path / "case", [photo])


def test_links_do_not_hide_the_evidence_folder(tmp_path: Path, photo_at: PhotoAt) -> None:
    photo = photo_at(tmp_path / "evidence" / "a.jpg")
    (tmp_path / "door").symlink_to(photo.parent, target_is_directory=True)
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "b.jpg").symlink_to(photo)
    for output, source in (
        (tmp_path / "door" / "out", photo),
        (tmp_path / "evidence" / "out", tmp_path / "links" / "b.jpg"),
        (tmp_path / "links" / "out", tmp_path / "links" / "b.jpg"),
        (tmp_path / "evidence" / "out", tmp_path / "door"),
    ):
        with pytest.raises(OutputError, match="evidence"):
            check_output(output, [source])


def test_the_default_output_is_refused_beside_pictures(
    tmp_path: Path, photo_at: PhotoAt, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo_at(tmp_path / "a.jpg")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OutputError, match="--output"):
        check_output(Path("irlnet-results"), [Path("a.jpg")])


def test_an_output_that_is_a_file_is_an_error(tmp_path: Path, photo_at: PhotoAt, write: Any) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="cannot be written"):
        write(photo_at(tmp_path / "in" / "a.jpg"), output=tmp_path / "file")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_closed_output_folder_is_an_error(tmp_path: Path, photo_at: PhotoAt, write: Any) -> None:
    (tmp_path / "closed").mkdir(mode=0o500)
    with pytest.raises(OutputError, match="cannot be written"):
        write(photo_at(tmp_path / "in" / "a.jpg"), output=tmp_path / "closed")
