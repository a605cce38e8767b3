"""Texts from outside, made harmless and visible: nothing turns a line around, hides in it or breaks it."""

from __future__ import annotations

import unicodedata
from collections.abc import Container


def make_visible(text: str, *, lines: bool = False) -> str:
    """Return ``text`` with each control, format, private or unpaired character as ‹U+202E›.

    A forged file name may hold characters that turn it around or hide a part of it; here they are seen.
    With ``lines`` line ends and tabs stay.
    """
    kept = {"\n", "\t"} if lines else set()
    text = text.replace("\r\n", "\n") if lines else text
    return "".join(letter if letter in kept else _show(letter) for letter in text)


def shorten(text: str, most: int = 70) -> str:
    """Return a text of at most ``most`` characters, its middle left out: names differ at their ends."""
    half = (most - 1) // 2
    return text if len(text) <= most else f"{text[:half].rstrip()}…{text[-half:].strip()}"


def print_with(text: str, letters: Container[int]) -> str:
    """Return ``text`` with each character that a font lacks (not in ``letters``) as ‹U+1F600›."""
    return "".join(c if ord(c) in letters or c in "\n\t" else _name(c) for c in text)


def _show(letter: str) -> str:
    hidden = unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    return _name(letter) if hidden else letter


def _name(letter: str) -> str:
    return f"‹U+{ord(letter):04X}›"
