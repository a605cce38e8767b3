"""What the bytes of a JPEG say beside its pixels: its end, its quantisation, its colour subsampling."""

from __future__ import annotations

import re
from collections.abc import Sequence

# Annex K.1 and K.2 of ISO/IEC 10918-1, row by row: the tables that the IJG library scales by its "quality".
_LUMINANCE = (
    (16, 11, 10, 16, 24, 40, 51, 61), (12, 12, 14, 19, 26, 58, 60, 55), (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62), (18, 22, 37, 56, 68, 109, 103, 77), (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101), (72, 92, 95, 98, 112, 100, 103, 99),
)  # fmt: skip
_CHROMINANCE = (
    (17, 18, 24, 47, 99, 99, 99, 99), (18, 21, 26, 66, 99, 99, 99, 99), (24, 26, 56, 99, 99, 99, 99, 99),
    (47, 66, 99, 99, 99, 99, 99, 99), *((99,) * 8,) * 4,
)  # fmt: skip

# Inside a scan FF 00 is a data byte, FF D0..D7 restart it and FF FF is padding: any other marker ends it.
_END_OF_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_SUBSAMPLING = {
    (1, 1): "4:4:4", (2, 1): "4:2:2", (1, 2): "4:4:0", (2, 2): "4:2:0", (4, 1): "4:1:1", (4, 2): "4:1:0",
}  # fmt: skip


def find_end(data: bytes) -> int | None:
    """Return the offset just after the first picture's end-of-image marker, or None where it is missing.

    Bytes between two segments that belong to none are passed over, as decoders do.
    """
    position = 2
    while (position := data.find(b"\xff", position)) >= 0 and position + 2 <= len(data):
        marker = data[position + 1 : position + 2]
        if marker == b"\xff":  # padding before a marker
            position += 1
        elif marker == b"\xd9":
            return position + 2
        elif marker == b"\x00":  # no marker: a data byte that strayed
            position += 2
        else:
            position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
            if marker == b"\xda":
                found = _END_OF_SCAN.search(data, position)
                if found is None:
                    return None
                position = found.start()
    return None


def estimate_quality(tables: Sequence[Sequence[int]]) -> tuple[int, bool]:
    """Return the IJG quality (1..100) whose tables lie nearest, and whether they are equal.

    ``tables`` are one or two tables of 64 steps, row by row: luminance, then chrominance (libjpeg,
    jcparam.c).
    """
    given = [step for table in tables[:2] for step in table]

    def distance(quality: int) -> int:
        expected = [step for table in _ijg_tables(quality)[: len(tables[:2])] for step in table]
        return sum(abs(a - b) for a, b in zip(given, expected, strict=True))

    best = min(range(100, 0, -1), key=distance)
    return best, distance(best) == 0


def name_subsampling(layers: Sequence[tuple[int, int, int, int]]) -> str:
    """Name the colour subsampling of ``layers`` (id, horizontal, vertical, table), such as ``4:2:0``."""
    if len(layers) == 1:
        return "grey"
    (_, h, v, _), *rest = layers
    if all(layer[1:3] == rest[0][1:3] for layer in rest) and (h % rest[0][1], v % rest[0][2]) == (0, 0):
        known = _SUBSAMPLING.get((h // rest[0][1], v // rest[0][2]))
        if known:
            return known
    return " ".join(f"{layer[1]}x{layer[2]}" for layer in layers)


def _ijg_tables(quality: int) -> list[list[int]]:
    scale = 5000 // quality if quality < 50 else 200 - 2 * quality
    return [
        [min(max((step * scale + 50) // 100, 1), 255) for row in table for step in row]
        for table in (_LUMINANCE, _CHROMINANCE)
    ]
