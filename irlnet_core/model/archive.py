"""A model as one file to hand on: a ZIP of safetensors, JSON, CSV and PNG, and of nothing else. Torch-free.

A file from outside is not trusted: its members must bear known names, be stored or deflated, stay within a
size, and have the hashes that the card tells. Nothing in it is ever executed or unpickled.
"""

from __future__ import annotations

import dataclasses
import re
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import BinaryIO

from irlnet_core import files
from irlnet_core.config import ModelConfig
from irlnet_core.errors import ModelError, OutputError
from irlnet_core.model.card import CARD_NAME, PHOTOS_NAME, WEIGHTS_NAME, ModelCard, read_card

SUFFIX = ".irlmodel"

# What may lie beside the weights: the curves of the training, the frozen data, the comparison, the previews.
EXTRAS = re.compile(
    r"golden\.json|curve\.jsonl|loss\.jsonl|compare\.json|data(-\d+)?\.json|compare/\d+\.png|previews/step-\d+/\d+\.png"
)
_NEEDED = (CARD_NAME, WEIGHTS_NAME)
_MOST_BYTES = 4 << 30
_MOST_MEMBERS = 2000
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_WHEN = (1980, 1, 1, 0, 0, 0)  # the same model gives the same file
_CURE = "Ask for the file again; only files that this program exported can be imported."


def parts_of(folder: Path) -> list[Path]:
    """Return the files of a model folder that belong to the model, the card first."""
    names = (CARD_NAME, WEIGHTS_NAME, PHOTOS_NAME)
    own = [folder / name for name in names if (folder / name).is_file()]
    extra = sorted(
        path for path in folder.rglob("*") if EXTRAS.fullmatch(path.relative_to(folder).as_posix())
    )
    return own + [path for path in extra if path.is_file()]


def verify_files(folder: Path) -> list[str]:
    """Return what is wrong with a model folder's files by the card's hashes; empty = whole."""
    try:
        card = read_card(folder)
    except ModelError as error:
        return [str(error)]
    problems = []
    for name in {WEIGHTS_NAME: "", **card.hashes}:
        path = folder / name
        if not path.is_file():
            problems.append(f"{name} is missing.")
        elif files.sha256_of_file(path) != card.hashes.get(name):
            problems.append(f"{name} is cut or altered: its SHA-256 is not the one on the card.")
    return problems


def export_model(folder: Path, file: Path) -> Path:
    """Write the model in ``folder`` as one ``file``; return its path.

    Raises :class:`ModelError` when the folder is damaged, :class:`OutputError` when the disk refuses.
    """
    folder, file = Path(folder), Path(file)
    if problems := verify_files(folder):
        raise ModelError(f"is damaged: {problems[0]}", path=folder)
    with files.write_atomically(file) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for path in parts_of(folder):
            name = path.relative_to(folder).as_posix()
            archive.writestr(zipfile.ZipInfo(name, _WHEN), path.read_bytes(), zipfile.ZIP_STORED)
    return file


def import_model(file: Path, home: Path, *, name: str = "", taken: Collection[str] = ()) -> Path:
    """Unpack ``file`` into a new folder of ``home``, called ``name`` or as its card says; return the folder.

    Everything is checked before the folder appears. ``taken`` are names of models elsewhere, which would hide
    it. Raises :class:`ModelError` for anything but a whole exported model, :class:`OutputError` when the name
    is taken or the disk refuses.
    """
    file, home = Path(file), Path(home)
    try:
        home.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=".import-", dir=home))
    except OSError as error:
        raise OutputError(f"cannot be written ({error.strerror or error}).", path=home) from error
    try:
        _unpack(file, work)
        card = _check(work, file)
        return _settle(work, home, name or card.name, taken)
    except OSError as error:
        raise OutputError(f"cannot be written ({error.strerror or error}).", path=home) from error
    finally:
        shutil.rmtree(work, ignore_errors=True)


def check_name(name: str) -> str:
    """Return a name that a model's folder may bear. Raises :class:`ModelError`."""
    return ModelCard(name, ModelConfig(), 128, 32).name  # the card knows the rule


def refuse_taken(target: Path, taken: Collection[str]) -> None:
    """Raise :class:`OutputError` when ``target`` is there, or its name is one of ``taken``."""
    if target.exists() or target.name in taken:
        reason = f"There is a model called {target.name!r} already: no model is written over."
        raise OutputError(reason, cure="Choose another name.")


def _open(file: Path) -> BinaryIO:
    try:
        if not stat.S_ISREG(file.stat().st_mode):  # a pipe would be waited for
            raise ModelError("is no exported model (it is no regular file).", path=file, cure=_CURE)
        return file.open("rb")
    except FileNotFoundError as error:
        raise ModelError("does not exist.", path=file) from error
    except OSError as error:
        reason = f"can't be read ({error.strerror or error})."
        raise ModelError(reason, path=file, cure="Check that you may read it.") from error


def _unpack(file: Path, folder: Path) -> None:
    try:
        with _open(file) as opened, zipfile.ZipFile(opened) as archive:
            members = archive.infolist()
            _check_members(members, file)
            for member in members:
                path = folder / member.filename
                path.parent.mkdir(parents=True, exist_ok=True)
                with archive.open(member) as source, path.open("wb") as target:
                    shutil.copyfileobj(source, target)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise ModelError(f"is no exported model ({error}).", path=file, cure=_CURE) from error


def _check_members(members: list[zipfile.ZipInfo], file: Path) -> None:
    names = [member.filename for member in members]
    odd = [name for name in names if not (name in (*_NEEDED, PHOTOS_NAME) or EXTRAS.fullmatch(name))]
    if odd:
        raise ModelError(f"holds {odd[0]!r}, which is no part of a model.", path=file, cure=_CURE)
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        raise ModelError(f"lacks {missing[0]}: it is no exported model.", path=file, cure=_CURE)
    if len(set(names)) < len(names) or len(names) > _MOST_MEMBERS:
        raise ModelError("holds a file twice, or far too many.", path=file, cure=_CURE)
    if any(member.flag_bits & 1 for member in members):
        raise ModelError("is encrypted.", path=file, cure=_CURE)
    if any(member.compress_type not in _METHODS for member in members):
        raise ModelError("is packed in a way that no exported model is.", path=file, cure=_CURE)
    if sum(member.file_size for member in members) > _MOST_BYTES:
        raise ModelError("is larger than any model.", path=file, cure=_CURE)


def _check(folder: Path, file: Path) -> ModelCard:
    try:
        card = read_card(folder)
    except ModelError as error:
        raise ModelError(f"has a card that {error.reason}", path=file, cure=_CURE) from error
    unknown = sorted(set(card.hashes) - {WEIGHTS_NAME, PHOTOS_NAME})
    problems = [f"its card names {unknown[0]!r}."] if unknown else verify_files(folder)
    if problems:
        raise ModelError(f"is damaged: {problems[0]}", path=file, cure=_CURE)
    _check_weights(folder, file)
    return card


def _check_weights(folder: Path, file: Path) -> None:
    """Load the network once: whether the weights fit the card shows before the model is taken in."""
    from irlnet_core.model.checkpoint import load_model

    try:
        load_model(folder)
    except ModelError as error:
        raise ModelError(f"does not fit its card: {error.reason}", path=file, cure=_CURE) from error


def _settle(work: Path, home: Path, name: str, taken: Collection[str]) -> Path:
    target = home / check_name(name)
    refuse_taken(target, taken)
    card = read_card(work)
    if card.name != name:
        rename_card(work, name)
    work.chmod(0o777 & ~files.UMASK)
    work.rename(target)
    return target


def rename_card(folder: Path, name: str) -> None:
    """Write another name on the card of the model in ``folder``. Raises :class:`ModelError`."""
    card = dataclasses.replace(read_card(folder), name=name)
    files.write_bytes(folder / CARD_NAME, card.to_json().encode("utf-8"))
