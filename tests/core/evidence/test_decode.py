from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageFile

from irlnet_core.errors import ImageReadError
from irlnet_core.evidence import decode
from irlnet_core.evidence.decode import pixels_of
from tests.core.evidence.conftest import tiff_of

LOSSLESS: list[tuple[str, dict[str, Any]]] = [
    ("PNG", {}),
    ("TIFF", {}),
    ("TIFF", {"compression": "tiff_lzw"}),
    ("TIFF", {"compression": "tiff_adobe_deflate"}),
    ("WebP", {"lossless": True}),
    ("BMP", {}),
]


@pytest.fixture
def rgb() -> NDArray[np.uint8]:
    return np.random.default_rng(3).integers(0, 256, (37, 53, 3), dtype=np.uint8)


@pytest.fixture
def deep() -> NDArray[np.uint16]:
    return np.random.default_rng(4).integers(0, 65536, (37, 53, 3), dtype=np.uint16)


def encode(image: Image.Image | NDArray[Any], kind: str, **options: Any) -> bytes:
    image = image if isinstance(image, Image.Image) else Image.fromarray(image)
    target = io.BytesIO()
    image.save(target, format=kind, **options)
    return target.getvalue()


@pytest.mark.parametrize(("kind", "options"), LOSSLESS)
def test_lossless_files_give_back_their_very_pixels(
    rgb: NDArray[np.uint8], kind: str, options: dict[str, Any]
) -> None:
    pixels, facts = pixels_of(encode(rgb, kind, **options))
    np.testing.assert_array_equal(pixels, rgb)
    assert (facts.format, facts.width, facts.height, facts.bit_depth) == (kind, 53, 37, 8)
    assert facts.conversions == ()
    assert facts.not_analysed == ()


@pytest.mark.parametrize("kind", ["JPEG", "AVIF", "WebP"])
def test_lossy_files_come_near_their_pixels(rgb: NDArray[np.uint8], kind: str) -> None:
    smooth = cv2.GaussianBlur(rgb, (0, 0), 5)
    pixels, facts = pixels_of(encode(smooth, kind, quality=95))
    assert facts.format == kind
    assert np.abs(pixels.astype(int) - smooth).mean() < 4


def test_strips_join_without_a_seam(rgb: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decode, "_STRIP_PIXELS", 53 * 10)
    np.testing.assert_array_equal(pixels_of(encode(rgb, "PNG"))[0], rgb)


@pytest.mark.parametrize("extension", [".png", ".tiff"])
def test_sixteen_bits_keep_the_high_byte_and_say_so(deep: NDArray[np.uint16], extension: str) -> None:
    colour = cv2.imencode(extension, deep[..., ::-1])[1].tobytes()
    pixels, facts = pixels_of(colour)
    np.testing.assert_array_equal(pixels, deep >> 8)
    assert facts.bit_depth == 16
    assert facts.conversions == ("16 bits per sample to 8 by keeping the high byte (value >> 8)",)
    grey, facts = pixels_of(cv2.imencode(extension, deep[..., 0])[1].tobytes())
    np.testing.assert_array_equal(grey, np.repeat(deep[..., :1] >> 8, 3, axis=2))
    assert len(facts.conversions) == 2


def test_separate_planes_are_read_right_or_refused(deep: NDArray[np.uint16]) -> None:
    planes = deep.transpose(2, 0, 1)
    np.testing.assert_array_equal(pixels_of(tiff_of(planes >> 8, bits=8))[0], deep >> 8)
    np.testing.assert_array_equal(pixels_of(tiff_of(planes, packed=True))[0], deep >> 8)
    with pytest.raises(ImageReadError, match="separate planes"):
        pixels_of(tiff_of(planes))


@pytest.mark.parametrize("packed", [False, True])
def test_a_turned_tiff_stays_on_its_stored_grid(deep: NDArray[np.uint16], packed: bool) -> None:
    planes = deep.transpose(2, 0, 1) >> 8
    pixels, facts = pixels_of(tiff_of(planes, bits=8, packed=packed, orientation=6))
    np.testing.assert_array_equal(pixels, deep >> 8)
    assert facts.orientation == 6


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP", "AVIF", "TIFF"])
@pytest.mark.parametrize("orientation", [3, 6, 8])
def test_the_orientation_flag_is_a_fact_and_never_applied(kind: str, orientation: int) -> None:
    left_white = np.zeros((32, 64, 3), np.uint8)
    left_white[:, :32] = 255
    exif = Image.Exif()
    exif[274] = orientation
    pixels, facts = pixels_of(encode(left_white, kind, exif=exif))
    assert facts.orientation == orientation
    assert pixels.shape == (32, 64, 3)
    assert pixels[:, :24].min() > 200
    assert pixels[:, 40:].max() < 55


def test_alpha_is_dropped_and_not_composited(rgb: NDArray[np.uint8]) -> None:
    clear = np.dstack([rgb, np.zeros(rgb.shape[:2], np.uint8)])
    pixels, facts = pixels_of(encode(clear, "PNG"))
    np.testing.assert_array_equal(pixels, rgb)
    assert any("transparency dropped" in words for words in facts.conversions)


def test_a_palette_with_transparency_gives_its_stored_colours(rgb: NDArray[np.uint8]) -> None:
    paletted = Image.fromarray(rgb).quantize(16)
    expected = np.asarray(paletted.convert("RGB"))
    pixels, facts = pixels_of(encode(paletted, "PNG", transparency=bytes([0] * 16)))
    np.testing.assert_array_equal(pixels, expected)
    assert "palette to RGB" in facts.conversions
    assert any("transparency dropped" in words for words in facts.conversions)


def test_grey_and_one_bit_become_three_equal_channels(rgb: NDArray[np.uint8]) -> None:
    grey = Image.fromarray(rgb[..., 0])
    pixels, facts = pixels_of(encode(grey, "PNG"))
    np.testing.assert_array_equal(pixels, np.repeat(rgb[..., :1], 3, axis=2))
    assert facts.conversions == ("grey to RGB (three equal channels)",)
    bits, facts = pixels_of(encode(grey.convert("1"), "PNG"))
    assert set(np.unique(bits)) == {0, 255}
    assert facts.bit_depth == 1


def test_an_adobe_cmyk_jpeg_is_not_inverted() -> None:
    red = Image.new("CMYK", (32, 32), (0, 255, 255, 0))
    data = encode(red, "JPEG", quality=95)
    assert b"Adobe" in data
    pixels, facts = pixels_of(data)
    assert np.abs(pixels[16, 16].astype(int) - (255, 0, 0)).max() < 12
    assert facts.mode == "CMYK"
    assert "CMYK" in facts.conversions[0]


def test_cmyk_becomes_rgb_by_the_formula_that_is_told() -> None:
    stored = np.random.default_rng(0).integers(0, 256, (40, 50, 4), np.uint8)
    pixels, facts = pixels_of(encode(Image.fromarray(stored, "CMYK"), "TIFF"))
    assert facts.conversions == (
        "CMYK to RGB by (255 - ink) * (255 - black) / 255, without a colour profile",
    )
    ink, black = stored[..., :3].astype(float), stored[..., 3:].astype(float)
    assert np.abs(pixels - (255 - ink) * (255 - black) / 255).max() <= 1


def test_a_jpeg_whose_scan_breaks_off_before_its_end_marker_is_told(rgb: NDArray[np.uint8]) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (256, 256, 3), np.uint8)
    data = encode(Image.fromarray(noise), "JPEG", quality=90)
    assert pixels_of(data)[1].notes == ()
    pixels, facts = pixels_of(data[: len(data) // 2] + b"\xff\xd9")
    assert (pixels[-8:] == 128).all()
    assert "grey 128 throughout" in facts.notes[0]


@pytest.mark.parametrize("mode", ["F", "I"])
def test_float_and_32_bit_pictures_are_refused_with_a_cure(mode: str) -> None:
    with pytest.raises(ImageReadError, match="not converted") as caught:
        pixels_of(encode(Image.new(mode, (8, 8)), "TIFF"))
    assert "TIFF or PNG" in caught.value.cure


@pytest.mark.parametrize(
    ("kind", "noun"), [("GIF", "frame"), ("TIFF", "page"), ("WebP", "frame"), ("PNG", "frame")]
)
@pytest.mark.parametrize("count", [2, 5])
def test_the_first_frame_is_analysed_and_the_others_are_named(kind: str, noun: str, count: int) -> None:
    shades = [Image.new("RGB", (24, 16), (40 * n, 0, 0)) for n in range(count)]
    data = encode(shades[0], kind, save_all=True, append_images=shades[1:])
    pixels, facts = pixels_of(data)
    assert pixels.shape == (16, 24, 3)
    assert pixels.max() == 0
    expected = f"{noun} 2 of the {kind}" if count == 2 else f"{noun}s 2–{count} of the {kind}"
    assert facts.not_analysed == (expected,)


def test_the_further_pictures_of_a_multi_picture_jpeg_are_named(rgb: NDArray[np.uint8]) -> None:
    first = Image.fromarray(rgb)
    data = encode(first, "MPO", save_all=True, append_images=[first, first])
    _, facts = pixels_of(data)
    assert facts.format == "JPEG"
    assert facts.not_analysed == ("pictures 2–3 of the JPEG",)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WebP", "BMP", "AVIF", "GIF"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_cut_file_is_an_error_and_never_filled_in(rgb: NDArray[np.uint8], kind: str, share: float) -> None:
    data = encode(rgb, kind)
    with pytest.raises(ImageReadError) as caught:
        pixels_of(data[: int(len(data) * share)])
    assert kind in caught.value.reason
    assert caught.value.cure


def test_a_cut_jpeg_stays_an_error_when_another_part_lets_pillow_fill(
    rgb: NDArray[np.uint8], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    data = encode(rgb, "JPEG")
    with pytest.raises(ImageReadError, match="cut short"):
        pixels_of(data[: len(data) // 2])
    png = encode(rgb, "PNG")
    with pytest.raises(ImageReadError, match="fill in truncated"):
        pixels_of(png[: len(png) // 2])


def test_bytes_after_the_end_of_a_jpeg_are_noted(rgb: NDArray[np.uint8]) -> None:
    data = encode(rgb, "JPEG", progressive=True)
    assert pixels_of(data)[1].notes == ()
    pixels, facts = pixels_of(data + b"hidden text")
    np.testing.assert_array_equal(pixels, pixels_of(data)[0])
    assert facts.notes == ("11 bytes follow the end of the JPEG picture",)


def test_a_bomb_is_refused_from_its_header_naming_the_way_to_raise_the_limit(rgb: NDArray[np.uint8]) -> None:
    bomb = bytearray(encode(rgb, "PNG"))
    bomb[16:24] = struct.pack(">II", 60_000, 50_000)
    bomb[29:33] = struct.pack(">I", zlib.crc32(bytes(bomb[12:29])))
    with pytest.raises(ImageReadError, match="--max-pixels 3000000000") as caught:
        pixels_of(bytes(bomb))
    assert "60000x50000" in caught.value.reason
    with pytest.raises(ImageReadError, match="the limit is 1,960"):
        pixels_of(encode(rgb, "PNG"), max_pixels=1960)
    assert pixels_of(encode(rgb, "PNG"), max_pixels=1961)[0].shape == rgb.shape


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "BMP", "AVIF", "GIF"])
def test_pillows_own_limit_does_not_interfere_and_is_left_alone(
    rgb: NDArray[np.uint8], kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 200)
    monkeypatch.setattr(decode, "_STRIP_PIXELS", 53 * 3)
    assert pixels_of(encode(rgb, kind))[0].shape == rgb.shape
    assert Image.MAX_IMAGE_PIXELS == 200


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"hello, world", "not a picture"),
        (b"%PDF-1.7", "not a picture"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"\xff\xd8\xff", "JPEG"),
        (b"II*\0\xff\xff\xff\xff", "TIFF"),
        (b"GIF89a", "GIF"),
        (b"BM", "BMP"),
        (b"RIFF\0\0\0\0WEBP", "WebP"),
    ],
)
def test_what_is_no_picture_is_an_error_with_a_cure(data: bytes, reason: str) -> None:
    with pytest.raises(ImageReadError, match=reason) as caught:
        pixels_of(data)
    assert caught.value.cure


def test_a_camera_raw_file_is_refused_and_not_read_as_its_preview() -> None:
    with pytest.raises(ImageReadError, match="camera raw"):
        pixels_of(encode(Image.new("RGB", (16, 12)), "TIFF", tiffinfo={254: 1}))


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw"])
def test_colours_that_were_multiplied_with_alpha_are_told_and_not_called_stored(compression: str) -> None:
    stored = np.full((4, 4, 4), (100, 0, 0, 128), np.uint8)
    data = bytearray(encode(stored, "TIFF", compression=compression))
    entry = data.index(struct.pack("<HHI", 338, 3, 1))  # ExtraSamples, one SHORT
    data[entry + 8] = 1  # associated alpha
    pixels, facts = pixels_of(bytes(data))
    assert pixels[0, 0].tolist() == [100 * 255 // 128, 0, 0]
    assert "divided by" in facts.conversions[0]
    assert "stored colours" not in " ".join(facts.conversions)


def test_a_png_whose_end_is_missing_or_followed_by_more_is_told(rgb: NDArray[np.uint8]) -> None:
    data = encode(rgb, "PNG")
    assert pixels_of(data)[1].notes == ()
    for altered, told in (
        (data[:-12], "its end is missing"),
        (data[:-1], "its end is missing"),
        (data + b"PK\3\4 more", "9 bytes follow the end of the PNG picture"),
    ):
        pixels, facts = pixels_of(altered)
        np.testing.assert_array_equal(pixels, rgb)
        (note,) = facts.notes
        assert told in note


def test_a_gif_whose_first_frame_is_smaller_than_its_canvas_says_what_is_filled_in() -> None:
    data = bytearray(encode(np.full((10, 10), 7, np.uint8), "GIF"))
    assert pixels_of(bytes(data))[1].notes == ()
    data[6:10] = struct.pack("<HH", 20, 30)  # the canvas
    frame = data.index(b",")
    data[frame + 1 : frame + 5] = struct.pack("<HH", 5, 7)
    pixels, facts = pixels_of(bytes(data))
    assert pixels.shape == (30, 20, 3)
    (note,) = facts.notes
    assert "10x10 pixels from column 5, row 7" in note
