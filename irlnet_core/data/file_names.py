"""What the names of folders and files say about a picture: forged, a mask, an original; and its base name."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Literal

from irlnet_core.evidence.image import EXTENSIONS, READ, UNREAD

Role = Literal["mask", "forged", "plain", "original"]

PICTURES = frozenset(READ)
LOSSY = frozenset(EXTENSIONS["JPEG"] + EXTENSIONS["WebP"] + EXTENSIONS["AVIF"])


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Pictures of kinds that are not read: left out aloud, not in silence.
FOREIGN = UNREAD | _words(".exr .tga .svg .npy .npz .mat")

_WORDS: dict[Role, frozenset[str]] = {
    "mask": _words("mask masks gt gts groundtruth groundtruths label labels annotation annotations"),
    "forged": _words("inpainted forged forgery forgeries tampered fake fakes tp manipulated edited"),
    "plain": _words("image images img imgs picture pictures photo photos jpegimages test"),
    "original": _words("original originals authentic au pristine real clean good"),
}
_ROLE_OF = {word: role for role, words in _WORDS.items() for word in words}
SPLITS = {"train": "train", "training": "train"} | dict.fromkeys(
    ("val", "valid", "validation", "dev", "test", "testing"), "validation"
)
_MASK_WORD = r"(?:masks?|gt|ground[-_ ]?truth|labels?)"
_FORGED_WORD = r"(?:inpainted|forged|tampered|fake|manipulated|edited|image|img)"
_ORIGINAL_WORD = r"(?:originals?|orig|pristine|authentic)"
_VARIANT = re.compile(
    r"[-_. ](?:jpe?g|q|quality)[-_]?\d{1,3}$"
    r"|[-_. ](?:copy|small|large|resized|scaled|half|recompressed|final)$"
    r"|[-_. ]?\(\d+\)$|[-_. ](?:v|version|var|variant|aug|crop)[-_]?\d+$"
)


@dataclass(frozen=True)
class FileName:
    """A file below the chosen folder, and what its name says.

    ``relative`` is its path below the folder, with forward slashes. Letter case and Unicode form play no
    part in what is compared.
    """

    path: Path
    relative: PurePosixPath

    @cached_property
    def stem(self) -> str:
        return fold(self.relative.stem)

    @cached_property
    def folders(self) -> tuple[str, ...]:
        return tuple(fold(part) for part in self.relative.parts[:-1])

    @cached_property
    def roles(self) -> tuple[tuple[int, Role], ...]:
        """Return (place, role) of every folder on the way whose name tells one."""
        words = [_plain_word(part) for part in self.folders]
        return tuple((place, _ROLE_OF[word]) for place, word in enumerate(words) if word in _ROLE_OF)

    @property
    def in_mask_folder(self) -> bool:
        return any(role == "mask" for _, role in self.roles)

    @property
    def in_original_folder(self) -> bool:
        return any(role == "original" for _, role in self.roles)

    @property
    def split(self) -> str:
        """Return "train" or "validation" where a folder's name says so, else nothing."""
        told = [SPLITS[part] for part in self.folders if part in SPLITS]
        return told[-1] if told else ""

    @cached_property
    def mask_base(self) -> str | None:
        """Return ``x`` for ``x_mask``, ``x_masks``, ``x_gt``, ``mask_x``; None where nothing says mask."""
        return _strip(self.stem, _MASK_WORD)

    @cached_property
    def original_base(self) -> str | None:
        """Return ``x`` for ``x_original``; None where nothing says original."""
        return _strip(self.stem, _ORIGINAL_WORD)

    @cached_property
    def picture_base(self) -> str | None:
        """Return ``x`` for ``x_inpainted``, ``x_forged``, ``img_x``; None where the name is plain."""
        return _strip(self.stem, _FORGED_WORD)

    def without(self, place: int) -> tuple[str, ...]:
        """Return the folders but the one at ``place``: what the two sides of a pair have in common."""
        return self.folders[:place] + self.folders[place + 1 :]

    def folder_at(self, place: int) -> str:
        """Return the name of the folder at ``place`` as it is written."""
        return self.relative.parts[place]


def fold(text: str) -> str:
    """Return ``text`` without differences of letter case and Unicode form."""
    return unicodedata.normalize("NFC", text).casefold()


def source_of(name: FileName) -> str:
    """Return the name of the source picture: the stem without marks of a forgery or of a variant.

    A stem that says nothing else (``image.png`` in a folder for each picture) gets its folders' names.
    """
    stem = name.stem
    for strip in (_FORGED_WORD, _ORIGINAL_WORD):
        base = _strip(stem, strip)
        stem = stem if base is None else base
    while shorter := _VARIANT.sub("", stem):
        if shorter == stem:
            break
        stem = shorter
    return stem or "/".join((*name.folders, name.stem))


def _plain_word(folder: str) -> str:
    return re.sub(r"[-_. ]", "", folder)


def _strip(stem: str, word: str) -> str | None:
    if re.fullmatch(word, stem):
        return ""
    found = re.fullmatch(rf"(?P<before>.+)[-_. ]{word}|{word}[-_. ](?P<after>.+)", stem)
    return (found["before"] or found["after"]) if found else None
