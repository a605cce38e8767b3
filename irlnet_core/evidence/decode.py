"""From a file's bytes to RGB pixels on the stored grid: the same for training, analysis and report."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)
from PIL.AvifImagePlugin import AvifImageFile
from PIL.TiffImagePlugin import TiffImageFile

from irlnet_core.errors import ImageReadError
from irlnet_core.evidence import jpeg

DEFAULT_MAX_PIXELS = 200_000_000
SUPPORTED = "JPEG, PNG, TIFF, WebP, BMP, AVIF and GIF"

_STRIP_PIXELS = 4_000_000
_BLOCK, _FILLED_IN = 8, 128  # rows of a JPEG block; its level where no data came
_ORIENTATION, _EXTRA_SAMPLES = 274, 338
_ALPHA = {"LA", "PA", "RGBA"}
_WORDS = {
    "1": "1-bit black and white to RGB",
    "L": "grey to RGB (three equal channels)",
    "LA": "grey to RGB (three equal channels)",
    "P": "palette to RGB",
    "PA": "palette to RGB",
    "CMYK": "CMYK to RGB by (255 - ink) * (255 - black) / 255, without a colour profile",
    "YCbCr": "YCbCr to RGB (ITU-R BT.601, full range)",
}
_AS_IS = {"RGB", "RGBA", "RGBX"}


@dataclass(frozen=True)
class ImageFacts:
    """What kind of picture the bytes hold, and everything that was done to get RGB pixels out of them.

    ``format`` is found by content. ``width`` and ``height`` are of the stored grid. ``mode`` is Pillow's name
    for the stored colour model, ``bit_depth`` the stored bits per sample. ``orientation`` is the EXIF flag
    1..8 (None = absent); it is never applied. ``conversions``, ``not_analysed`` and ``notes`` are sentences.
    """

    format: str
    width: int
    height: int
    mode: str
    bit_depth: int
    orientation: int | None = None
    conversions: tuple[str, ...] = ()
    not_analysed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


class _StoredTiff(TiffImageFile):
    """Pillow's TIFF reader without its own pixel limit, and without turning the picture upright."""

    def _setup(self) -> None:
        super()._setup()
        self._size = self._tile_size

    def load_prepare(self) -> None:
        if self._im is None:
            self.im = Image.new(self.mode, self._size).im
        ImageFile.ImageFile.load_prepare(self)

    def load_end(self) -> None:
        """Leave the pixels as they are stored."""


# The plugins' classes are called directly: Image.open would add a limit and warnings global to the process.
_READERS: dict[str, type[ImageFile.ImageFile]] = {
    "JPEG": JpegImagePlugin.JpegImageFile,
    "PNG": PngImagePlugin.PngImageFile,
    "TIFF": _StoredTiff,
    "WebP": WebPImagePlugin.WebPImageFile,
    "BMP": BmpImagePlugin.BmpImageFile,
    "AVIF": AvifImageFile,
    "GIF": GifImagePlugin.GifImageFile,
}


def pixels_of(data: bytes, *, max_pixels: int = DEFAULT_MAX_PIXELS) -> tuple[NDArray[np.uint8], ImageFacts]:
    """Decode a picture file held in memory into RGB pixels (uint8 HxWx3, stored grid) and the facts about it.

    Raises :class:`ImageReadError` without a path: no picture, unknown type, cut or broken, too many pixels.
    """
    kind, picture = open_picture(data)
    _check_size(picture, max_pixels)
    frame_notes = _note_small_frame(kind, picture)
    _load(kind, picture, data)
    depth = _bit_depth(kind, picture, data)
    conversions = _conversions(kind, picture, depth)
    pixels = _to_rgb(picture, depth)
    facts = ImageFacts(
        format=kind,
        width=picture.width,
        height=picture.height,
        mode=picture.mode,
        bit_depth=depth,
        orientation=read_orientation(picture),
        conversions=conversions,
        not_analysed=_not_analysed(kind, picture),
        notes=(*_notes(kind, data, pixels), *frame_notes),
    )
    return pixels, facts


def open_picture(data: bytes) -> tuple[str, ImageFile.ImageFile]:
    """Return the type (by content) and the picture with only its header read."""
    kind = _kind_of(data)
    try:
        picture = _READERS[kind](io.BytesIO(data))
    except MemoryError:
        raise
    except Exception as error:  # a decoder fed with hostile bytes may raise anything
        raise _unreadable(kind, error) from error
    if kind == "TIFF":
        _refuse_raw(picture, data)
        _refuse_planar(picture)
    return kind, picture


def _kind_of(data: bytes) -> str:
    if not data:
        raise ImageReadError("is empty (0 bytes).", cure="Copy it again from its source.")
    signatures = {
        "JPEG": data.startswith(b"\xff\xd8\xff"),
        "PNG": data.startswith(b"\x89PNG\r\n\x1a\n"),
        "TIFF": data.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")),
        "WebP": data.startswith(b"RIFF") and data[8:12] == b"WEBP",
        "BMP": data.startswith(b"BM"),
        "AVIF": data[4:12] in (b"ftypavif", b"ftypavis") or (data[4:8] == b"ftyp" and b"avif" in data[8:40]),
        "GIF": data.startswith((b"GIF87a", b"GIF89a")),
    }
    for kind, matches in signatures.items():
        if matches:
            return kind
    if data[4:8] == b"ftyp" and data[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"hevc"):
        raise ImageReadError(
            "is an HEIC picture, which is not read.", cure="Convert it to TIFF or PNG first."
        )
    raise ImageReadError("is not a picture of a type that is read.", cure=f"Read are {SUPPORTED}.")


def _refuse_raw(picture: ImageFile.ImageFile, data: bytes) -> None:
    """Refuse camera raw files: their first TIFF page is only a small preview, not the photograph."""
    tags = getattr(picture, "tag_v2", {})
    if tags.get(254, 0) == 1 or 50706 in tags or data[8:10] == b"CR":
        raise ImageReadError(
            "is camera raw or begins with a preview.", cure="Develop it to TIFF or PNG first."
        )


def _refuse_planar(picture: ImageFile.ImageFile) -> None:
    """Refuse what Pillow reads wrongly: uncompressed 16-bit colour planes, one after the other."""
    tags = getattr(picture, "tag_v2", {})
    depth = _bit_depth("TIFF", picture, b"")
    if depth > 8 and tags.get(284) == 2 and tags.get(277, 1) > 1 and tags.get(259, 1) == 1:
        raise ImageReadError(
            f"is a TIFF with {depth}-bit colour in separate planes, which is not read.",
            cure="Convert it without loss to interleaved TIFF or PNG and say so.",
        )


def _check_size(picture: ImageFile.ImageFile, max_pixels: int) -> None:
    pixels = picture.width * picture.height
    if pixels == 0:
        raise ImageReadError(f"has no pixels ({picture.width}x{picture.height}).")
    if pixels > max_pixels:
        raise ImageReadError(
            f"has {picture.width}x{picture.height} = {pixels:,} pixels; the limit is {max_pixels:,}.",
            cure=f"If you trust the file, raise the limit with --max-pixels {pixels}.",
        )


def _load(kind: str, picture: ImageFile.ImageFile, data: bytes) -> None:
    cut = kind == "JPEG" and jpeg.find_end(data) is None
    if cut or ImageFile.LOAD_TRUNCATED_IMAGES:
        # Pillow's switch would fill in missing pixels without a word: no part of this program may set it.
        raise _unreadable(kind, OSError("truncated" if cut else "Pillow is set to fill in truncated files"))
    try:
        picture.load()
    except MemoryError as error:
        raise ImageReadError("does not fit into memory.", cure="Close other programs.") from error
    except Exception as error:  # a decoder fed with hostile bytes may raise anything
        raise _unreadable(kind, error) from error


def _unreadable(kind: str, error: Exception) -> ImageReadError:
    article = "an" if kind == "AVIF" else "a"
    if "truncated" in str(error).lower():
        return ImageReadError(
            f"is {article} {kind} that is cut short: its end is missing ({error}).",
            cure="Get a complete copy; missing pixels are not filled in.",
        )
    return ImageReadError(
        f"is {article} {kind} that cannot be decoded ({type(error).__name__}: {error}).",
        cure="Check the copy's hash against its source, or convert the original without loss to PNG.",
    )


def _bit_depth(kind: str, picture: ImageFile.ImageFile, data: bytes) -> int:
    if kind == "PNG":
        return data[24]
    if kind == "TIFF":
        bits = getattr(picture, "tag_v2", {}).get(258, (1,))
        return int(max(bits)) if isinstance(bits, tuple) else int(bits)
    if kind == "AVIF" and (box := data.find(b"av1C")) >= 0 and len(data) > box + 6:
        flags = data[box + 6]  # AV1-ISOBMFF 2.3.3: seq_tier_0, high_bitdepth, twelve_bit, ...
        return (8, 10, 8, 12)[(flags >> 6 & 1) + 2 * (flags >> 5 & 1)]
    return 1 if picture.mode == "1" else 8


def _conversions(kind: str, picture: ImageFile.ImageFile, depth: int) -> tuple[str, ...]:
    mode, words = picture.mode, []
    if depth > 8:
        how = "by the AVIF decoder" if kind == "AVIF" else f"by keeping the high byte (value >> {depth - 8})"
        words.append(f"{depth} bits per sample to 8 {how}")
    if mode.startswith("I;16"):
        words.append(_WORDS["L"])
    elif mode in _WORDS:
        words.append(_WORDS[mode])
    elif mode not in _AS_IS:
        raise ImageReadError(
            f"stores its pixels as {mode!r} ({depth} bits), which is not converted.",
            cure="Convert the original to 8- or 16-bit RGB TIFF or PNG and say so.",
        )
    if _is_premultiplied(kind, picture):
        words.append(
            "colours divided by their alpha (value * 255 / alpha), with which the file multiplied them"
        )
        words.append("transparency dropped; the colours are analysed without it, not composited")
    elif mode in _ALPHA or "transparency" in picture.info:
        words.append("transparency dropped; the stored colours are analysed, not composited")
    return tuple(words)


def _is_premultiplied(kind: str, picture: ImageFile.ImageFile) -> bool:
    """Tell whether a TIFF's colours come multiplied with its alpha (ExtraSamples 1), which Pillow undoes."""
    samples = getattr(picture, "tag_v2", {}).get(_EXTRA_SAMPLES) or ()
    return kind == "TIFF" and picture.mode == "RGBA" and tuple(samples)[:1] == (1,)


def _to_rgb(picture: ImageFile.ImageFile, depth: int) -> NDArray[np.uint8]:
    """Convert row strips, so that a large picture is never held a third time."""
    width, height = picture.size
    picture.info.pop("transparency", None)  # else Pillow looks for a free palette entry, and warns
    inverted = picture.mode.startswith("I;16") and getattr(picture, "tag_v2", {}).get(262) == 0
    pixels = np.empty((height, width, 3), np.uint8)
    rows = max(1, _STRIP_PIXELS // width)
    for top in range(0, height, rows):
        strip = picture.crop((0, top, width, min(top + rows, height)))
        pixels[top : top + rows] = _strip_to_rgb(strip, depth, inverted)
    return pixels


def _strip_to_rgb(strip: Image.Image, depth: int, inverted: bool) -> NDArray[np.uint8]:
    if strip.mode.startswith("I;16"):
        grey = (np.asarray(strip) >> max(depth - 8, 0)).astype(np.uint8)
        return (255 - grey if inverted else grey)[..., None]
    return np.asarray(strip if strip.mode == "RGB" else strip.convert("RGB"))


def read_orientation(picture: ImageFile.ImageFile) -> int | None:
    """Return the EXIF flag 1..8, None where it is absent, impossible or unreadable."""
    try:
        tags = picture.tag_v2 if isinstance(picture, TiffImageFile) else picture.getexif()
        value = tags.get(_ORIENTATION)
    except Exception:  # noqa: BLE001 - broken EXIF is told by the metadata; the pixels are whole
        return None
    return value if isinstance(value, int) and 1 <= value <= 8 else None


def _not_analysed(kind: str, picture: ImageFile.ImageFile) -> tuple[str, ...]:
    try:
        if kind == "JPEG":
            noun, count = "picture", int((getattr(picture, "_getmp")() or {}).get(45057, 1))  # noqa: B009
        else:
            noun, count = "page" if kind == "TIFF" else "frame", int(getattr(picture, "n_frames", 1))
    except Exception as error:  # noqa: BLE001 - the first frame is read; what follows may be anything
        return (f"what follows the first picture of the {kind} (its directory cannot be read: {error})",)
    if count < 2:
        return ()
    return (f"{noun} 2 of the {kind}" if count == 2 else f"{noun}s 2–{count} of the {kind}",)


def _notes(kind: str, data: bytes, pixels: NDArray[np.uint8]) -> tuple[str, ...]:
    if kind not in ("JPEG", "PNG"):
        return ()
    notes, grey = [], _count_grey_rows(pixels) if kind == "JPEG" else 0
    end = jpeg.find_end(data) if kind == "JPEG" else _find_png_end(data)
    if end is None:  # a JPEG without one was refused
        notes.append("the PNG's pixels are whole, but its end is missing: compare the file with its source")
    elif end != len(data):
        notes.append(f"{len(data) - end:,} bytes follow the end of the {kind} picture")
    if grey >= _BLOCK:
        notes.append(
            f"the last {grey:,} of {len(pixels):,} rows are grey 128 throughout, as decoders fill in rows "
            "whose data is missing: compare the file with its source"
        )
    return tuple(notes)


def _note_small_frame(kind: str, picture: ImageFile.ImageFile) -> tuple[str, ...]:
    """Tell of a GIF that is not loaded yet whether its first frame leaves a part of the canvas open."""
    whole = (0, 0, *picture.size)
    frame = picture.tile[0][1] if kind == "GIF" and picture.tile else None
    if frame is None or frame == whole:
        return ()
    left, top, right, bottom = frame
    stored = f"{right - left}x{bottom - top} pixels from column {left}, row {top}"
    return (f"the first frame of the GIF holds only {stored}; the rest of the canvas is filled in",)


def _find_png_end(data: bytes) -> int | None:
    """Return the offset just after the IEND chunk, or None where it is missing."""
    position = 8
    while position + 12 <= len(data):
        last = data[position + 4 : position + 8] == b"IEND"
        position += 12 + int.from_bytes(data[position : position + 4], "big")
        if last:
            return position if position <= len(data) else None
    return None


def _count_grey_rows(pixels: NDArray[np.uint8]) -> int:
    """Count the rows at the foot that are what libjpeg gives for blocks that are not there."""
    count = 0
    while count < len(pixels) and np.all(pixels[-1 - count] == _FILLED_IN):
        count += 1
    return count
