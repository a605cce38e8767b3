"""What is kept comes back the same, what is damaged does not come back, and the cap holds."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from irlnet_core.errors import OutputError
from irlnet_core.evidence.area import Area
from irlnet_core.evidence.image import SuspectImage, read_image
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.record import AnalysisRecord
from irlnet_core.evidence.result_store import ResultKey, ResultStore
from tests.core.evidence.conftest import PhotoAt, RecordOf

KEY = ResultKey("1" * 64, "2" * 64, tile=256, overlap=64)


@pytest.fixture
def image(tmp_path: Path, photo_at: PhotoAt) -> SuspectImage:
    return read_image(photo_at(tmp_path / "evidence" / "größe.png"))


@pytest.fixture
def record(image: SuspectImage, blob_map: Localization, record_of: RecordOf) -> AnalysisRecord:
    return record_of(image, blob_map)


@pytest.fixture
def store(tmp_path: Path) -> ResultStore:
    return ResultStore(tmp_path / "kept")


def entry(store: ResultStore) -> Path:
    (path,) = (path for path in store.folder.rglob("*") if path.is_file())
    return path


def test_a_result_comes_back_with_the_same_masks_and_the_same_record(
    store: ResultStore, blob_map: Localization, record: AnalysisRecord
) -> None:
    assert store.load(KEY) is None
    store.save(KEY, blob_map, record)
    kept = store.load(KEY)
    assert kept is not None
    assert kept.record == record
    assert (kept.localization.probability16() == blob_map.probability16()).all()
    for threshold in (0.0, 0.013, 0.5, 0.9, 1.0):
        assert (kept.localization.mask(threshold) == blob_map.mask(threshold)).all()


def test_an_analysed_area_comes_back_as_one(
    store: ResultStore, blob_map: Localization, record: AnalysisRecord
) -> None:
    key = replace(KEY, area=Area(1, 2, 30, 20))
    store.save(key, Localization(blob_map.probability, key.area), record)
    kept = store.load(key)
    assert kept is not None
    assert kept.localization.analysed == Area(1, 2, 30, 20)
    assert store.load(KEY) is None


@pytest.mark.parametrize(
    "other",
    [
        {"image_sha256": "3" * 64},
        {"model_sha256": "3" * 64},
        {"tile": 128},
        {"overlap": 32},
        {"precision": "bfloat16"},
        {"area": Area(0, 0, 8, 8)},
        {"program": "0"},
    ],
)
def test_another_picture_model_parameter_or_program_has_no_part_in_it(
    store: ResultStore, blob_map: Localization, record: AnalysisRecord, other: dict[str, object]
) -> None:
    store.save(KEY, blob_map, record)
    assert store.load(replace(KEY, **other)) is None  # type: ignore[arg-type]
    assert store.load(KEY) is not None


def damage_in_the_middle(data: bytes) -> bytes:
    return data[: len(data) // 2] + bytes([data[len(data) // 2] ^ 1]) + data[len(data) // 2 + 1 :]


@pytest.mark.parametrize(
    "damage", [damage_in_the_middle, lambda data: data[:-1], lambda data: b"", lambda data: b"\xff" * 500]
)
def test_a_damaged_entry_is_dropped(
    store: ResultStore,
    blob_map: Localization,
    record: AnalysisRecord,
    damage: object,
) -> None:
    store.save(KEY, blob_map, record)
    path = entry(store)
    path.write_bytes(damage(path.read_bytes()))  # type: ignore[operator]
    assert store.load(KEY) is None
    assert not path.exists()


def test_an_entry_under_a_foreign_name_is_dropped(
    store: ResultStore, blob_map: Localization, record: AnalysisRecord
) -> None:
    store.save(KEY, blob_map, record)
    mine = entry(store)
    other = replace(KEY, tile=64)
    place = store.folder / other.digest()[:2] / f"{other.digest()}.result"
    place.parent.mkdir(exist_ok=True)
    mine.rename(place)
    assert store.load(other) is None
    assert not place.exists()


def test_beyond_the_cap_the_longest_unused_go_first(
    store: ResultStore, blob_map: Localization, record: AnalysisRecord
) -> None:
    store.save(KEY, blob_map, record)
    one = store.size()
    store.cap_bytes = 3 * one + one // 2
    keys = [replace(KEY, tile=8 * number) for number in range(1, 4)]
    for age, key in zip((30, 10), keys[:2], strict=True):
        store.save(key, blob_map, record)
        path = store.folder / key.digest()[:2] / f"{key.digest()}.result"
        os.utime(path, (path.stat().st_mtime - age,) * 2)
    assert store.load(keys[0]) is not None  # used just now, so the other one is older
    store.save(keys[2], blob_map, record)
    assert store.size() <= store.cap_bytes
    assert [store.load(key) is not None for key in (KEY, *keys)] == [True, True, False, True]


def test_a_result_larger_than_the_cap_is_not_kept(
    tmp_path: Path, blob_map: Localization, record: AnalysisRecord
) -> None:
    store = ResultStore(tmp_path / "small", cap_bytes=10)
    store.save(KEY, blob_map, record)
    assert store.size() == 0


def test_results_can_be_forgotten(store: ResultStore, blob_map: Localization, record: AnalysisRecord) -> None:
    other = replace(KEY, tile=64)
    for key in (KEY, other):
        store.save(key, blob_map, record)
    store.remove(KEY)
    assert store.load(KEY) is None
    assert store.load(other) is not None
    store.clear()
    assert (store.load(other), store.size()) == (None, 0)


def test_a_folder_that_can_t_be_written_is_named(
    tmp_path: Path, blob_map: Localization, record: AnalysisRecord
) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    with pytest.raises(OutputError, match="file"):
        ResultStore(tmp_path / "file").save(KEY, blob_map, record)


def test_a_map_of_extremes_is_kept_exactly(store: ResultStore, record: AnalysisRecord) -> None:
    extremes = Localization(np.array([[0, 1], [0.5, 1 / 65535]], np.float32))
    store.save(KEY, extremes, record)
    kept = store.load(KEY)
    assert kept is not None
    assert kept.localization.probability16().tolist() == extremes.probability16().tolist()
