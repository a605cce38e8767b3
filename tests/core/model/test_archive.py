"""A model travels as one file; what is no whole model is refused, and nothing of it stays."""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from irlnet_core.config import ModelConfig
from irlnet_core.errors import ModelError, OutputError
from irlnet_core.model.archive import export_model, import_model, verify_files
from irlnet_core.model.card import ModelCard, read_card
from irlnet_core.model.checkpoint import load_model, save_model
from irlnet_core.model.registry import build


@pytest.fixture
def model(tmp_path: Path) -> Path:
    torch.manual_seed(1)
    config, folder = ModelConfig(width=0.0625), tmp_path / "mine"
    save_model(folder, build(config), ModelCard("mine", config, tile=32, overlap=8), photos="file\na.jpg\n")
    (folder / "curve.jsonl").write_text('{"step": 0}\n')
    (folder / "previews/step-000000").mkdir(parents=True)
    (folder / "previews/step-000000/01.png").write_bytes(b"shot")
    (folder / "state").mkdir()
    (folder / "state/state.json").write_text("{}")
    (folder / "notes.txt").write_text("private")
    return folder


@pytest.fixture
def file(model: Path, tmp_path: Path) -> Path:
    return export_model(model, tmp_path / "mine.irlmodel")


def rewrite(file: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """Write the archive anew with changed members."""
    with zipfile.ZipFile(file) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file


def test_what_was_exported_comes_back_to_the_bit_with_its_curves(
    file: Path, model: Path, tmp_path: Path
) -> None:
    taken = import_model(file, tmp_path / "home")

    assert taken == tmp_path / "home" / "mine"
    assert load_model(taken).sha256 == load_model(model).sha256
    names = {path.relative_to(taken).as_posix() for path in taken.rglob("*") if path.is_file()}
    assert names == {
        "card.json", "model.safetensors", "photos.csv", "curve.jsonl", "previews/step-000000/01.png",
    }  # fmt: skip


def test_the_same_model_gives_the_same_file(file: Path, model: Path, tmp_path: Path) -> None:
    assert export_model(model, tmp_path / "again.irlmodel").read_bytes() == file.read_bytes()


def test_another_name_is_written_on_the_card_and_a_taken_one_is_refused(file: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    import_model(file, home)
    with pytest.raises(OutputError, match="already"):
        import_model(file, home)

    assert read_card(import_model(file, home, name="other")).name == "other"


def test_a_name_that_another_home_holds_is_refused_for_it_would_hide_the_model(
    file: Path, tmp_path: Path
) -> None:
    with pytest.raises(OutputError, match="'mine' already"):
        import_model(file, tmp_path / "home", taken=["mine"])

    assert list((tmp_path / "home").iterdir()) == []
    assert import_model(file, tmp_path / "home", name="other", taken=["mine"]).is_dir()


def _add(name: str) -> Callable[[dict[str, bytes]], None]:
    return lambda members: members.update({name: b"x"})


def _cut(members: dict[str, bytes]) -> None:
    members["model.safetensors"] = members["model.safetensors"][:-4]


def _lie(members: dict[str, bytes]) -> None:
    card = json.loads(members["card.json"])
    card["architecture"]["width"] = 0.125
    members["card.json"] = json.dumps(card).encode()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (_add("../evil.json"), "no part of a model"),
        (_add("/etc/evil"), "no part of a model"),
        (_add("weights.pkl"), "no part of a model"),
        (_add("previews/step-1/../../../01.png"), "no part of a model"),
        (lambda members: members.pop("model.safetensors"), "lacks model.safetensors"),
        (lambda members: members.pop("card.json"), "lacks card.json"),
        (lambda members: members.update({"card.json": b"{}"}), "card"),
        (_cut, "SHA-256"),
        (_lie, "does not fit its card"),
    ],
)
def test_what_is_no_whole_model_is_refused_and_leaves_nothing(
    change: Callable[[dict[str, bytes]], None], says: str, file: Path, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=says):
        import_model(rewrite(file, change), tmp_path / "home")

    assert list((tmp_path / "home").iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut", b"\x80\x04]\x94.", b"{}"])
def test_files_of_another_kind_are_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.irlmodel").write_bytes(content)
    with pytest.raises(ModelError, match="no exported model"):
        import_model(tmp_path / "x.irlmodel", tmp_path / "home")
    with pytest.raises(ModelError, match="does not exist"):
        import_model(tmp_path / "none.irlmodel", tmp_path / "home")


def test_a_cut_archive_is_refused(file: Path, tmp_path: Path) -> None:
    file.write_bytes(file.read_bytes()[:-200])
    with pytest.raises(ModelError, match="no exported model"):
        import_model(file, tmp_path / "home")


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packed_weights_that_are_torn_are_refused_whatever_packed_them(
    method: int, model: Path, tmp_path: Path
) -> None:
    file = tmp_path / "packed.irlmodel"
    with zipfile.ZipFile(file, "w", method) as archive:
        for name in ("card.json", "model.safetensors", "photos.csv"):
            archive.writestr(name, (model / name).read_bytes())
    data = bytearray(file.read_bytes())
    torn = data.index(b"model.safetensors") + 100
    data[torn : torn + 200] = b"\xff" * 200
    file.write_bytes(data)

    with pytest.raises(ModelError, match="no exported model"):
        import_model(file, tmp_path / "home")


def test_what_cannot_be_read_is_named_and_not_the_place_of_the_models(file: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.irlmodel")
    for place in (tmp_path, tmp_path / "pipe.irlmodel"):
        with pytest.raises(ModelError, match="no regular file") as told:
            import_model(place, tmp_path / "home")
        assert told.value.path == place


def test_a_damaged_model_is_named_by_file_and_not_exported(model: Path, tmp_path: Path) -> None:
    assert verify_files(model) == []
    (model / "photos.csv").write_text("file\nb.jpg\n")

    assert "photos.csv is cut or altered" in verify_files(model)[0]
    with pytest.raises(ModelError, match=r"photos\.csv"):
        export_model(model, tmp_path / "bad.irlmodel")
    assert not (tmp_path / "bad.irlmodel").exists()
