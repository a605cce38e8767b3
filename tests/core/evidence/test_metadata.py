from __future__ import annotations

import io
import json
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, PngImagePlugin

from irlnet_core.evidence.metadata import read_metadata

PICTURE = Image.linear_gradient("L").convert("RGB").resize((48, 32))


def saved(kind: str, **options: object) -> bytes:
    target = io.BytesIO()
    PICTURE.save(target, kind, **options)
    return target.getvalue()


def exif_with_thumbnail(thumbnail: bytes) -> bytes:
    head = Image.Exif()
    head[271], head[272], head[305], head[274] = "ACME", "Box 1\0", "Editor", 6
    head.get_ifd(0x8769)[36867] = "2026:01:02 03:04:05"
    block = head.tobytes().removeprefix(b"Exif\0\0")
    # Append the second directory by hand: offset and length of a JPEG that follows it.
    at = len(block)
    mark = "<" if block[:2] == b"II" else ">"
    (first,) = struct.unpack_from(f"{mark}I", block, 4)
    link = first + 2 + 12 * struct.unpack_from(f"{mark}H", block, first)[0]
    block = block[:link] + struct.pack(f"{mark}I", at) + block[link + 4 :]
    second = struct.pack(f"{mark}HHHIIHHII", 2, 513, 4, 1, at + 30, 514, 4, 1, len(thumbnail))
    return b"Exif\0\0" + block + second + b"\0\0\0\0" + thumbnail


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP", "AVIF"])
def test_exif_is_told_as_plain_text_and_its_thumbnail_is_at_hand(kind: str) -> None:
    thumbnail = saved("JPEG", quality=30)
    metadata = read_metadata(saved(kind, exif=exif_with_thumbnail(thumbnail)))
    assert metadata.exif.state == "found"
    assert metadata.exif.values == {
        "make": "ACME",
        "model": "Box 1",
        "software": "Editor",
        "orientation": "6",
        "taken": "2026:01:02 03:04:05",
    }
    if kind == "AVIF":
        assert metadata.thumbnail.state == "not run"
    else:
        assert metadata.thumbnail_bytes == thumbnail
        assert metadata.thumbnail.values["bytes"] == len(thumbnail)


def test_a_bare_file_has_nothing_found_and_says_so() -> None:
    metadata = read_metadata(saved("PNG"))
    assert {metadata.exif.state, metadata.thumbnail.state, metadata.icc.state, metadata.text.state} == {
        "not found"
    }
    assert metadata.jpeg.as_dict() == {"state": "not run", "reason": "the file's type is PNG"}


def test_the_tables_of_a_jpeg_are_told() -> None:
    values = read_metadata(saved("JPEG", quality=83, progressive=True, subsampling=1)).jpeg.values
    assert (values["ijg_quality"], values["ijg_tables_equal"]) == (83, True)
    assert (values["subsampling"], values["progressive"]) == ("4:2:2", True)
    assert [len(table) for table in values["quantisation_tables"]] == [64, 64]


def test_the_colour_profile_is_named() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert read_metadata(saved("JPEG", icc_profile=profile)).icc.values["name"] == "sRGB built-in"
    broken = read_metadata(saved("JPEG", icc_profile=b"no profile")).icc
    assert broken.state == "not run"
    assert broken.reason


def test_texts_are_told_wherever_they_stand() -> None:
    chunks = PngImagePlugin.PngInfo()
    chunks.add_text("parameters", "a cat, steps 20")
    chunks.add_itxt("Titel", "Übung")
    chunks.add_text("late", "behind the pixels", zip=True)
    data = saved("PNG", pnginfo=chunks)
    late = data.index(b"zTXt") - 4
    end = late + 12 + int.from_bytes(data[late : late + 4], "big")
    moved = data[:late] + data[end:-12] + data[late:end] + data[-12:]
    expected = {"parameters": "a cat, steps 20", "Titel": "Übung", "late": "behind the pixels"}
    assert read_metadata(moved).text.values == expected
    assert read_metadata(saved("JPEG", comment=b"made by \xff")).text.values == {"comment": "made by \\xff"}


def test_a_long_text_is_cut_and_says_so() -> None:
    text = read_metadata(saved("JPEG", comment=b"x" * 9000)).text.values["comment"]
    assert len(text) < 4100
    assert text.endswith("… (cut)")


def test_a_thumbnail_that_points_outside_is_not_run_with_its_reason() -> None:
    exif = exif_with_thumbnail(b"\xff\xd8 thumbnail")[:-5]
    fact = read_metadata(saved("JPEG", exif=exif)).thumbnail
    assert fact.state == "not run"
    assert "outside" in fact.reason


@settings(max_examples=60, deadline=None)
@given(
    data=st.binary(max_size=300),
    at=st.integers(0, 200),
    kind=st.sampled_from(["JPEG", "PNG", "WebP", "TIFF"]),
)
@pytest.mark.filterwarnings("ignore")
def test_hostile_bytes_never_raise_and_always_give_json(data: bytes, at: int, kind: str) -> None:
    whole = saved(kind, **({} if kind == "TIFF" else {"exif": exif_with_thumbnail(b"\xff\xd8")}))
    for hostile in (data, whole[:at] + data + whole[at + len(data) :], whole[: at + 20]):
        json.dumps(read_metadata(hostile).as_dict()).encode("utf-8")


@pytest.mark.filterwarnings("ignore:Corrupt EXIF")
def test_an_exif_block_that_cannot_be_read_is_not_told_as_none() -> None:
    fact = read_metadata(saved("JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff broken")).exif
    assert fact.state == "not run"
    assert "hold no entry that can be read" in fact.reason


def test_exif_entries_that_are_not_listed_are_counted() -> None:
    head = Image.Exif()
    head[37510], head[11] = b"a comment", "a program"
    fact = read_metadata(saved("JPEG", exif=head.tobytes())).exif
    assert fact.state == "found"
    assert fact.values == {"other_entries": 2}
