from __future__ import annotations

import json
import pickle
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import helper

from irlnet_core.config import ForgeConfig
from irlnet_core.data.photographs import find_photographs
from irlnet_core.errors import ConfigError, DataError, ModelError
from irlnet_core.forge.build import build
from irlnet_core.forge.compose import Forge
from irlnet_core.forge.engine import Engine, Image, Mask, load_engine
from irlnet_core.forge.onnx_engine import OnnxInpainter, OnnxRoundTrip, load_onnx_engine
from irlnet_core.progress import finish
from tests.core.forge.onnx_files import (
    BOTH,
    BYTES,
    IMAGE,
    MASK,
    save,
    save_enlarger,
    save_negative,
    save_painter,
)


def noisy_picture(height: int, width: int, seed: int = 0) -> Image:
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)


def box(height: int, width: int, rows: slice, columns: slice) -> Mask:
    mask = np.zeros((height, width), bool)
    mask[rows, columns] = True
    return mask


def fill(engine: Engine, image: Image, mask: Mask, *, reconstruct: bool = False, seed: int = 0) -> Image:
    return engine.fill(image, mask, np.random.default_rng(seed), reconstruct=reconstruct)


HOLE = box(96, 80, slice(30, 50), slice(20, 41))


def test_a_network_of_picture_and_hole_is_an_inpainter_named_after_its_file(tmp_path: Path) -> None:
    picture = noisy_picture(96, 80)

    engine = load_engine(str(save_painter(tmp_path / "painter.onnx")))
    filled = fill(engine, picture, HOLE)

    assert engine.name == "painter"
    assert (filled[HOLE] == 128).all()
    assert np.array_equal(filled[~HOLE], picture[~HOLE])


def test_an_inpainter_never_sees_what_was_in_the_hole(tmp_path: Path) -> None:
    engine = load_onnx_engine(save_painter(tmp_path / "painter.onnx"))
    one, other = noisy_picture(96, 80), noisy_picture(96, 80)
    other[HOLE] = 255 - other[HOLE]

    assert np.array_equal(fill(engine, one, HOLE), fill(engine, other, HOLE))
    assert np.array_equal(fill(engine, one, HOLE, reconstruct=True), fill(engine, other, HOLE))


def test_the_card_tells_values_and_what_the_hole_holds(tmp_path: Path) -> None:
    # The hole holds grey 0.25, which is -0.5 between -1 and 1; the mask there is -1, half of it is added.
    card = {"image": [-1, 1], "output": [-1, 1], "mask": [1, -1], "blank": 0.25}
    engine = load_onnx_engine(save_painter(tmp_path / "painter.onnx", card=card))

    assert np.unique(fill(engine, noisy_picture(96, 80), HOLE)[HOLE]).tolist() in ([0], [1])


@pytest.mark.parametrize(("order", "first"), [("image-mask", 0), ("mask-image", 1)])
def test_picture_and_hole_may_share_one_input_in_either_order(tmp_path: Path, order: str, first: int) -> None:
    # The network gives three of its four channels back: the picture's.
    where = {name: np.array([n], np.int64) for name, n in (("start", first), ("end", first + 3), ("axis", 1))}
    nodes = [helper.make_node("Slice", ["both", "start", "end", "axis"], ["out"])]
    path = save(
        tmp_path / "four.onnx", nodes, {"both": BOTH}, constants=where, card={"order": order, "blank": 0.6}
    )

    assert (fill(load_onnx_engine(path), noisy_picture(96, 80), HOLE)[HOLE] == 153).all()


def test_a_network_of_bytes_gets_and_gives_0_to_255(tmp_path: Path) -> None:
    nodes = [helper.make_node("Max", ["picture", "mask"], ["out"])]
    path = save(tmp_path / "bytes.onnx", nodes, {"picture": IMAGE, "mask": MASK}, kind=BYTES)

    assert (fill(load_onnx_engine(path), noisy_picture(96, 80), HOLE)[HOLE] == 255).all()


@pytest.mark.parametrize(("height", "width"), [(96, 80), (40, 30), (200, 64)])
def test_a_network_fixed_to_one_size_gets_a_square_of_it(tmp_path: Path, height: int, width: int) -> None:
    engine = load_onnx_engine(save_painter(tmp_path / "painter.onnx", side=64))
    picture, hole = noisy_picture(height, width), box(height, width, slice(0, 90), slice(width - 20, width))

    filled = fill(engine, picture, hole)

    # Where the hole is higher than 64 its fill is enlarged again: its rim mixes with what lies beside it.
    core = cv2.erode(hole.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(bool)
    assert np.abs(filled[core].astype(int) - 128).max() <= 1
    assert np.array_equal(filled[~hole], picture[~hole])


def test_a_network_of_a_picture_alone_is_a_round_trip_of_what_is_there(tmp_path: Path) -> None:
    picture = noisy_picture(96, 80)
    engine = load_onnx_engine(save_negative(tmp_path / "negative.onnx"))

    filled = fill(engine, picture, HOLE, reconstruct=True)

    assert isinstance(engine, OnnxRoundTrip)
    assert engine.scale == 1
    assert np.array_equal(filled[HOLE], 255 - picture[HOLE])
    assert np.array_equal(filled[~HOLE], picture[~HOLE])


def test_without_reconstruction_a_round_trip_does_not_see_the_hole_either(tmp_path: Path) -> None:
    engine = load_onnx_engine(save_enlarger(tmp_path / "enlarger.onnx"))
    one, other = noisy_picture(96, 80), noisy_picture(96, 80)
    other[HOLE] = 255 - other[HOLE]

    for seed in range(8):
        assert np.array_equal(fill(engine, one, HOLE, seed=seed), fill(engine, other, HOLE, seed=seed))


@pytest.mark.parametrize("side", ["h", 24])
@pytest.mark.parametrize("scale", [2, 3])
def test_an_upscaler_gets_the_picture_reduced_by_its_factor(
    tmp_path: Path, scale: int, side: int | str
) -> None:
    picture = noisy_picture(96, 96)
    hole = box(96, 96, slice(30, 48), slice(24, 42))  # whole cells of 2 and of 3 pixels
    engine = load_onnx_engine(save_enlarger(tmp_path / "enlarger.onnx", scale, side=side))

    filled = fill(engine, picture, hole, reconstruct=True)

    assert isinstance(engine, OnnxRoundTrip)
    assert engine.scale == scale
    means = cv2.resize(picture, (96 // scale, 96 // scale), interpolation=cv2.INTER_AREA)
    enlarged = means.repeat(scale, axis=0).repeat(scale, axis=1)
    if side == "h":  # where the window is free its cells lie on the picture's own grid
        assert np.array_equal(filled[hole], enlarged[hole])
    same = (np.diff(filled[30:48, 24:42].astype(int), axis=1) == 0).all(axis=(0, 2))
    assert same.mean() == pytest.approx(1 - 1 / scale, abs=0.06)  # equal pixels, but where two cells meet


@given(height=st.integers(1, 70), width=st.integers(1, 70), seed=st.integers(0, 2**32 - 1))
def test_a_picture_of_any_size_changes_inside_the_hole_only(
    tmp_path_factory: pytest.TempPathFactory, height: int, width: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    picture, hole = noisy_picture(height, width, seed), rng.random((height, width)) < 0.1
    hole[0, 0] = False
    before, folder = picture.copy(), tmp_path_factory.mktemp("any")
    engines = [
        load_onnx_engine(save_painter(folder / "a.onnx")),
        load_onnx_engine(save_painter(folder / "b.onnx", side=32)),
        load_onnx_engine(save_enlarger(folder / "c.onnx", 4)),
    ]

    for engine in engines:
        filled = engine.fill(picture, hole, rng, reconstruct=True)

        assert filled.shape == picture.shape
        assert filled.dtype == np.uint8
        assert np.array_equal(filled[~hole], picture[~hole])
    assert np.array_equal(picture, before)


def test_an_engine_survives_the_way_into_another_process(tmp_path: Path) -> None:
    engine = load_onnx_engine(save_painter(tmp_path / "painter.onnx"))

    copy = pickle.loads(pickle.dumps(engine))

    assert isinstance(copy, OnnxInpainter)
    assert (fill(copy, noisy_picture(96, 80), HOLE)[HOLE] == 128).all()


def test_a_missing_and_a_foreign_file_are_refused_by_name(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign.onnx"
    foreign.write_bytes(b"not a network")

    with pytest.raises(ModelError, match=r"lost\.onnx: is not there"):
        load_engine(str(tmp_path / "lost.onnx"))
    with pytest.raises(ModelError, match=r"foreign\.onnx: is not an ONNX file"):
        load_engine(str(foreign))


def test_a_cut_file_is_refused(tmp_path: Path) -> None:
    path = save_painter(tmp_path / "cut.onnx")
    path.write_bytes(path.read_bytes()[:-20])

    with pytest.raises(ModelError, match=r"cut\.onnx"):
        load_onnx_engine(path)


def test_a_file_that_is_not_the_one_of_its_card_is_refused(tmp_path: Path) -> None:
    path = save_painter(tmp_path / "painter.onnx", card={"sha256": "0" * 64})

    with pytest.raises(ModelError, match="altered"):
        load_onnx_engine(path)


@pytest.mark.parametrize(
    "card",
    [{"image": [1, 1]}, {"blank": 2}, {"order": "rgb"}, {"multiple": 0}, {"surprise": 1}],
)
def test_an_impossible_card_is_refused_by_its_own_name(tmp_path: Path, card: dict[str, object]) -> None:
    path = save_painter(tmp_path / "painter.onnx", card=card)

    with pytest.raises(ModelError, match=rf"painter\.json.*{next(iter(card))}"):
        load_onnx_engine(path)


@pytest.mark.parametrize("text", ["", "[1]", "3", "{", '{"mask": 3}'])
def test_a_card_of_another_form_is_refused(tmp_path: Path, text: str) -> None:
    path = save_painter(tmp_path / "painter.onnx")
    path.with_suffix(".json").write_text(text)

    with pytest.raises(ModelError, match=r"painter\.json"):
        load_onnx_engine(path)


@pytest.mark.parametrize(
    "shapes",
    [
        {"a": (1, 5, "h", "w")},
        {"a": IMAGE, "b": IMAGE},
        {"a": IMAGE, "b": MASK, "c": MASK},
        {"a": (1, "h", "w")},
        {"a": (1, 3, 32, 48)},
    ],
)
def test_a_network_that_takes_something_else_is_refused(
    tmp_path: Path, shapes: dict[str, tuple[int | str, ...]]
) -> None:
    path = save(tmp_path / "other.onnx", [helper.make_node("Identity", ["a"], ["out"])], shapes)

    with pytest.raises(ModelError, match=r"other\.onnx"):
        load_onnx_engine(path)


def test_a_network_that_makes_no_picture_is_refused(tmp_path: Path) -> None:
    nodes = [helper.make_node("GlobalAveragePool", ["a"], ["out"])]

    with pytest.raises(ModelError, match="neither a round trip"):
        load_onnx_engine(save(tmp_path / "mean.onnx", nodes, {"a": IMAGE}))


def test_values_that_are_no_numbers_are_refused(tmp_path: Path) -> None:
    # The logarithm of a black hole.
    nodes = [
        helper.make_node("Add", ["a", "b"], ["sum"]),
        helper.make_node("Sub", ["sum", "b"], ["same"]),
        helper.make_node("Log", ["same"], ["out"]),
    ]
    engine = load_onnx_engine(save(tmp_path / "log.onnx", nodes, {"a": IMAGE, "b": MASK}))

    with pytest.raises(ModelError, match="not numbers"):
        fill(engine, noisy_picture(96, 80), HOLE)


def test_a_hole_of_another_size_or_over_all_is_refused(tmp_path: Path) -> None:
    engine = load_onnx_engine(save_painter(tmp_path / "painter.onnx"))

    with pytest.raises(DataError, match="hole"):
        fill(engine, noisy_picture(80, 96), HOLE)
    with pytest.raises(DataError, match="whole picture"):
        fill(engine, noisy_picture(96, 80), np.ones((96, 80), bool))


def test_the_forge_uses_an_onnx_engine_in_its_processes_and_never_over_a_whole_picture(
    photo_folder: Path, tmp_path: Path
) -> None:
    path = save_painter(tmp_path / "painter.onnx")
    shares = {str(path): 1.0}
    half = ForgeConfig(engines=shares, pristine=0.5, processed_pristine=1.0, postprocess=0.0)
    forge = Forge(find_photographs(photo_folder), {str(path): load_engine(str(path))}, half, seed=2)

    finish(build(forge, tmp_path / "forged", 20, size=96, workers=1))

    rows = (tmp_path / "forged" / "manifest.csv").read_text().splitlines()[1:]
    assert {row.split(",")[1] for row in rows} == {"painter", "processing"}


def test_an_onnx_engine_cannot_be_perturbed(tmp_path: Path) -> None:
    path = save_painter(tmp_path / "painter.onnx")

    with pytest.raises(ConfigError, match="perturbed"):
        load_engine(f"{path}+perturbed")


def test_without_onnxruntime_the_cure_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save_painter(tmp_path / "painter.onnx")
    monkeypatch.setitem(__import__("sys").modules, "onnxruntime", None)

    with pytest.raises(ConfigError, match="pip install"):
        load_onnx_engine(path)


def test_the_card_is_plain_json_that_a_person_can_write(tmp_path: Path) -> None:
    path = save_negative(tmp_path / "negative.onnx", card={"licence": "MIT", "source": "https://example.org"})

    assert json.loads(path.with_suffix(".json").read_text())["licence"] == "MIT"
    assert load_onnx_engine(path).name == "negative"
