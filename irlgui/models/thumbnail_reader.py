"""From a picture file to a small upright picture for the eye; nothing here is analysed."""

from __future__ import annotations

import io
import threading
from pathlib import Path

from PIL import Image

from irlnet_core.errors import ImageReadError, naming
from irlnet_core.evidence.decode import DEFAULT_MAX_PIXELS, open_picture, pixels_of

_ORIENTATION = 274
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_HEAVY_PIXELS = 20_000_000
_one_at_a_time = threading.Lock()  # decoding a large picture in full takes up to a gigabyte


def read_thumbnail(path: Path, side: int) -> Image.Image:
    """Return the picture as RGB, turned upright, its longer side at most ``side`` pixels.

    The thumbnail embedded in a file is not used: it may show another picture than the file does.
    Raises :class:`ImageReadError` with the file's reason, as the core's reader does.
    """
    try:
        with naming(path):
            return _decode(path.read_bytes(), side)
    except MemoryError as error:
        raise ImageReadError("does not fit into memory.", path=path, cure="Close other programs.") from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ImageReadError(f"cannot be read ({reason}).", path=path, cure="Is it still there?") from error


def _decode(data: bytes, side: int) -> Image.Image:
    kind, picture = open_picture(data)
    pixels = picture.width * picture.height
    if kind == "JPEG" and 0 < pixels <= DEFAULT_MAX_PIXELS:
        return _decode_jpeg(data, picture, side)
    if pixels > _HEAVY_PIXELS:
        with _one_at_a_time:
            return _decode_in_full(data, side)
    return _decode_in_full(data, side)


def _decode_jpeg(data: bytes, picture: Image.Image, side: int) -> Image.Image:
    """Decode at an eighth, a quarter or half of the size: a JPEG's blocks allow it (Pillow's draft mode)."""
    if data.rfind(b"\xff\xd9") < 0:
        raise ImageReadError("is a JPEG that is cut short: its end is missing.", cure="Get a complete copy.")
    orientation = _orientation(picture)
    try:
        picture.thumbnail((side, side))
        small = picture.convert("RGB")
    except MemoryError:
        raise
    except Exception as error:  # a decoder fed with hostile bytes may raise anything
        if "truncated" in str(error).lower():
            raise ImageReadError("is a JPEG that is cut short.", cure="Get a complete copy.") from error
        raise ImageReadError(f"is a JPEG that cannot be decoded ({error}).") from error
    return _turn(small, orientation)


def _decode_in_full(data: bytes, side: int) -> Image.Image:
    pixels, facts = pixels_of(data)
    small = Image.fromarray(pixels)
    small.thumbnail((side, side), reducing_gap=2.0)
    return _turn(small, facts.orientation)


def _orientation(picture: Image.Image) -> int | None:
    try:
        value = picture.getexif().get(_ORIENTATION)
    except Exception:  # noqa: BLE001 - broken EXIF is told by the metadata; the pixels are whole
        return None
    return value if isinstance(value, int) else None


def _turn(picture: Image.Image, orientation: int | None) -> Image.Image:
    method = _UPRIGHT.get(orientation or 1)
    return picture.transpose(method) if method is not None else picture


def encode(picture: Image.Image) -> bytes:
    """Return a thumbnail as JPEG bytes, for the cache."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


def decode(data: bytes) -> Image.Image:
    """Return the thumbnail that :func:`encode` wrote. Raises :class:`OSError` where the bytes hold none."""
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as picture:
        return picture.convert("RGB")
