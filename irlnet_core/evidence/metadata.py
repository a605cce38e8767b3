"""What a picture file says about itself, as data: every group is found, not found, or not run, because …"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from PIL import ExifTags, Image, ImageCms, ImageFile, JpegImagePlugin

from irlnet_core.errors import ImageReadError
from irlnet_core.evidence import jpeg
from irlnet_core.evidence.decode import open_picture
from irlnet_core.files import sha256_of_bytes

State = Literal["found", "not found", "not run"]
_MAX_TEXT = 4000
_TAGS = {
    "make": 271,
    "model": 272,
    "software": 305,
    "modified": 306,
    "artist": 315,
    "copyright": 33432,
    "orientation": 274,
}
_POINTERS = (ExifTags.IFD.Exif, ExifTags.IFD.GPSInfo)
_EXIF_TAGS = {"taken": 36867, "digitised": 36868, "lens": 42036, "serial": 42033}


@dataclass(frozen=True)
class Fact:
    """One group of facts: its state, its values (plain JSON data) when found, its reason when not run."""

    state: State
    values: dict[str, Any]
    reason: str = ""

    def as_dict(self) -> dict[str, Any]:
        facts: dict[str, Any] = {"state": self.state}
        if self.state == "found":
            facts["values"] = self.values
        if self.state == "not run":
            facts["reason"] = self.reason
        return facts


@dataclass(frozen=True)
class Metadata:
    """The facts of one file. ``thumbnail_bytes`` is the embedded preview itself (JPEG), if there is one."""

    exif: Fact
    jpeg: Fact
    thumbnail: Fact
    icc: Fact
    text: Fact
    thumbnail_bytes: bytes | None = None

    def as_dict(self) -> dict[str, Any]:
        groups = {name: getattr(self, name) for name in ("exif", "jpeg", "thumbnail", "icc", "text")}
        return {name: fact.as_dict() for name, fact in groups.items()}


def read_metadata(data: bytes) -> Metadata:
    """Read the metadata of a picture file held in memory. Never raises: what is broken is "not run"."""
    try:
        kind, picture = open_picture(_without_png_pixels(data))
    except ImageReadError as error:
        closed = Fact("not run", {}, f"the file {error.reason}")
        return Metadata(closed, closed, closed, closed, closed)
    preview, thumbnail = _read_thumbnail(kind, picture)
    return Metadata(
        exif=_attempt(_exif_values, picture),
        jpeg=_attempt(_jpeg_values, picture) if kind == "JPEG" else _other_type(kind),
        thumbnail=preview,
        icc=_attempt(_icc_values, picture),
        text=_attempt(_text_values, picture),
        thumbnail_bytes=thumbnail,
    )


def _read_thumbnail(kind: str, picture: ImageFile.ImageFile) -> tuple[Fact, bytes | None]:
    if kind == "AVIF":
        # Pillow writes the EXIF of a turned AVIF anew and loses the thumbnail's directory.
        return _other_type(kind), None
    try:
        thumbnail = _thumbnail_of(picture)
    except Exception as error:  # noqa: BLE001 - EXIF is written by anybody
        return _not_run(error), None
    if not thumbnail:
        return _fact({}), None
    return _fact({"bytes": len(thumbnail), "sha256": sha256_of_bytes(thumbnail)}), thumbnail


def _attempt(read: Callable[[ImageFile.ImageFile], dict[str, Any]], picture: ImageFile.ImageFile) -> Fact:
    try:
        return _fact(read(picture))
    except Exception as error:  # noqa: BLE001 - metadata may break its parser in any way
        return _not_run(error)


def _other_type(kind: str) -> Fact:
    return Fact("not run", {}, f"the file's type is {kind}")


def _fact(values: dict[str, Any]) -> Fact:
    return Fact("found", values) if values else Fact("not found", {})


def _not_run(error: Exception) -> Fact:
    return Fact("not run", {}, f"it cannot be parsed ({type(error).__name__}: {_plain(error)})")


def _exif_values(picture: ImageFile.ImageFile) -> dict[str, Any]:
    exif = _exif_of(picture)
    if not exif and (block := picture.info.get("exif")):
        raise ValueError(f"its {len(block)} bytes hold no entry that can be read")
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    pairs = [(name, exif.get(tag)) for name, tag in _TAGS.items()]
    pairs += [(name, inner.get(tag)) for name, tag in _EXIF_TAGS.items()]
    values: dict[str, Any] = {name: _plain(value) for name, value in pairs if value not in (None, "", b"")}
    if exif.get_ifd(ExifTags.IFD.GPSInfo):
        values["gps"] = "present"
    if others := len(set(exif) - {*_TAGS.values(), *_POINTERS}) + len(set(inner) - {*_EXIF_TAGS.values()}):
        values["other_entries"] = others
    return values


def _exif_of(picture: ImageFile.ImageFile) -> Image.Exif:
    if picture.format == "PNG":  # PngImageFile.getexif would decode the pixels
        exif = Image.Exif()
        if block := picture.info.get("exif"):
            exif.load(block)
        return exif
    return picture.getexif()


def _thumbnail_of(picture: ImageFile.ImageFile) -> bytes:
    block: bytes = picture.info.get("exif", b"")
    if not block:
        return b""
    second = _exif_of(picture).get_ifd(ExifTags.IFD.IFD1)
    start, length = second.get(513), second.get(514)
    if not isinstance(start, int) or not isinstance(length, int):
        return b""
    block = block.removeprefix(b"Exif\0\0")
    if length <= 0 or start + length > len(block):
        raise ValueError(f"the thumbnail's {length} bytes at {start} lie outside the EXIF block")
    return block[start : start + length]


def _jpeg_values(picture: ImageFile.ImageFile) -> dict[str, Any]:
    if not isinstance(picture, JpegImagePlugin.JpegImageFile):
        return {}
    tables = [list(map(int, table)) for _, table in sorted(picture.quantization.items())]
    quality, exact = jpeg.estimate_quality(tables) if tables else (0, False)
    return {
        "quantisation_tables": tables,
        "ijg_quality": quality,
        "ijg_tables_equal": exact,
        "subsampling": jpeg.name_subsampling(picture.layer),
        "progressive": bool(picture.info.get("progressive", False)),
    }


def _icc_values(picture: ImageFile.ImageFile) -> dict[str, Any]:
    profile = picture.info.get("icc_profile")
    if not profile:
        return {}
    name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    return {"name": _plain(name), "bytes": len(profile), "sha256": sha256_of_bytes(profile)}


def _text_values(picture: ImageFile.ImageFile) -> dict[str, Any]:
    own = ("compression",)  # Pillow's word for a TIFF's encoding, not a text of the file
    return {
        _plain(key): _plain(value)
        for key, value in picture.info.items()
        if (isinstance(value, str) and key not in own) or key in ("comment", "xmp")
    }


def _plain(value: object) -> str:
    """Return any value as printable text that fits into UTF-8, cut where it is longer than a page."""
    text = value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)
    text = text.encode("utf-8", "backslashreplace").decode("utf-8").strip("\0 \r\n\t")
    text = "".join(c if c.isprintable() or c in "\n\t" else f"\\x{ord(c):02x}" for c in text[: _MAX_TEXT + 1])
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}… (cut)"


def _without_png_pixels(data: bytes) -> bytes:
    """Drop a PNG's pixel chunks, so that texts behind them are read without decoding; leave other files."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        return data
    kept, position = [data[:8]], 8
    while position + 12 <= len(data):
        end = position + 12 + int.from_bytes(data[position : position + 4], "big")
        if data[position + 4 : position + 8] not in (b"IDAT", b"fdAT", b"fcTL", b"acTL"):
            kept.append(data[position:end])
        position = end
    return b"".join(kept)
