from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from irlnet_core.evidence.image import read_image
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.record import AnalysisRecord, NotRun, Threshold, describe_times, format_utc
from irlnet_core.evidence.regions import find_regions
from tests.core.evidence.conftest import PhotoAt, RecordOf

TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)
KEYS = [
    *("schema", "evidence", "model", "environment", "tiles", "threshold", "performance", "regions"),
    *("not_run", "times"),
]


@pytest.fixture
def schema() -> dict[str, Any]:
    path = Path(__file__).parents[3] / "resources" / "analysis-record.schema.json"
    published: dict[str, Any] = json.loads(path.read_text("utf-8"))
    jsonschema.Draft202012Validator.check_schema(published)
    return published


def test_a_record_has_the_published_form(
    tmp_path: Path, photo_at: PhotoAt, blob_map: Localization, record_of: RecordOf, schema: dict[str, Any]
) -> None:
    exif = Image.Exif()
    exif[274] = 6
    for name in ("a.jpg", "a.png", "a.tif", "a.webp", "a.gif"):
        path = photo_at(tmp_path / name)
        if path.suffix != ".gif":
            with Image.open(path) as picture:
                picture.load()
                picture.save(path, exif=exif)
        record_of(read_image(path), blob_map).write(tmp_path / "a.json")
        record = json.loads((tmp_path / "a.json").read_text("utf-8"))
        assert list(record) == KEYS
        jsonschema.validate(record, schema, cls=jsonschema.Draft202012Validator)
        assert record["schema"] == {"id": "irlnet-analysis-record", "version": 1}
        assert record["evidence"]["path"] == str(path)
        assert record["regions"]["count"] == len(record["regions"]["listed"]) == 1
        assert record["regions"]["small"] == {"count": 1, "pixels": 9}


def test_the_published_form_refuses_what_is_not_in_it(
    tmp_path: Path, photo_at: PhotoAt, blob_map: Localization, record_of: RecordOf, schema: dict[str, Any]
) -> None:
    record = record_of(read_image(photo_at(tmp_path / "a.png")), blob_map).as_dict()
    validator = jsonschema.Draft202012Validator(schema)
    for broken in (
        {**record, "verdict": "fake"},
        {key: value for key, value in record.items() if key != "not_run"},
        {**record, "threshold": {"value": 1.5, "source": "x"}},
        {**record, "times": {**record["times"], "started": "2026-01-02T03:04:05+01:00"}},
    ):
        assert not validator.is_valid(broken)
    assert validator.is_valid(record)


def test_times_are_utc_whatever_zone_they_come_in() -> None:
    berlin = timezone(timedelta(hours=1))
    started = datetime(2026, 1, 2, 1, 30, tzinfo=berlin)
    times = describe_times(started, started.astimezone(UTC) + timedelta(seconds=1.25))
    assert times == {
        "started": "2026-01-02T00:30:00.000Z",
        "finished": "2026-01-02T00:30:01.250Z",
        "seconds": 1.25,
    }
    with pytest.raises(ValueError, match="time zone"):
        format_utc(datetime(2026, 1, 2))  # noqa: DTZ001


def test_a_clock_that_is_set_back_meanwhile_leaves_a_record_of_the_published_form(
    tmp_path: Path, photo_at: PhotoAt, blob_map: Localization, record_of: RecordOf, schema: dict[str, Any]
) -> None:
    started = datetime(2026, 1, 2, 1, 30, tzinfo=UTC)
    times = describe_times(started, started - timedelta(seconds=3))
    record = record_of(read_image(photo_at(tmp_path / "a.png")), blob_map)
    jsonschema.Draft202012Validator(schema).validate(replace(record, times=times).as_dict())
    assert times["finished"] < times["started"]


@pytest.mark.skipif(sys.platform != "linux", reason="file names are bytes on Linux only")
def test_a_file_name_that_is_not_utf8_still_makes_a_record(
    tmp_path: Path, photo_at: PhotoAt, blob_map: Localization, record_of: RecordOf
) -> None:
    path = photo_at(tmp_path / "a.png").rename(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.png"))
    record_of(read_image(path), blob_map).write(tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text("utf-8"))["evidence"]["file_name"] == "caf\\xe9.png"


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    threshold=st.floats(0, 1),
    source=TEXTS,
    name=TEXTS,
    checks=st.lists(st.builds(NotRun, TEXTS, TEXTS), max_size=4),
    audit=st.none() | st.fixed_dictionaries({"length": st.integers(0), "head": TEXTS}),
    seed=st.integers(0, 99),
)
def test_whatever_a_record_holds_comes_back_from_its_json(
    tmp_path: Path,
    photo_at: PhotoAt,
    record_of: RecordOf,
    threshold: float,
    source: str,
    name: str,
    checks: list[NotRun],
    audit: dict[str, Any] | None,
    seed: int,
) -> None:
    path = tmp_path / "a.png"
    image = read_image(path if path.exists() else photo_at(path))
    noise = np.random.default_rng(seed).random(image.pixels.shape[:2], np.float32)
    localization = Localization.from_probability16(Localization(noise).probability16())
    record = record_of(image, localization)
    record = replace(
        record,
        evidence={**record.evidence, "file_name": name},
        threshold=Threshold(threshold, source),
        regions=find_regions(localization, threshold),
        not_run=tuple(checks),
        audit=audit,
    )

    back = AnalysisRecord.from_dict(json.loads(json.dumps(record.as_dict())))
    assert back == record
    assert back.as_dict() == record.as_dict()
