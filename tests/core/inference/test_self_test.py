"""Golden vectors: made once, passed where nothing changed, and told where anything did."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import torch
from PIL import Image

from irlnet_core.cli.main import main
from irlnet_core.config import ModelConfig
from irlnet_core.errors import ModelError
from irlnet_core.evidence.image import hash_pixels, read_image
from irlnet_core.evidence.record import AnalysisRecord
from irlnet_core.inference.analysis import choose_threshold, make_record
from irlnet_core.inference.golden import SIZES, make_picture, read_golden
from irlnet_core.inference.localizer import Localizer
from irlnet_core.inference.self_test import (
    keep_self_test,
    last_self_test,
    make_golden,
    run_self_test,
    with_self_test,
)
from irlnet_core.model.archive import export_model, import_model
from irlnet_core.model.card import ModelCard
from irlnet_core.model.checkpoint import save_model
from irlnet_core.model.registry import build
from irlnet_core.progress import finish


@pytest.fixture(autouse=True)
def _own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))


def make_model(folder: Path, seed: int = 1) -> Path:
    torch.manual_seed(seed)
    config = ModelConfig(width=0.0625)
    save_model(folder, build(config), ModelCard("tiny", config, tile=64, overlap=16))
    return folder


@pytest.fixture
def localizer(tmp_path: Path) -> Localizer:
    return Localizer(make_model(tmp_path / "model"), device="cpu")


def edit_golden(folder: Path, **changes: object) -> None:
    path = folder / "golden.json"
    path.write_text(json.dumps({**json.loads(path.read_text("ascii")), **changes}), "ascii")


def test_a_model_without_golden_vectors_is_not_run_and_not_passed(localizer: Localizer) -> None:
    outcome = run_self_test(localizer)
    assert (outcome.state, outcome.largest_difference) == ("not run", None)
    assert "no golden vectors" in outcome.reason


def test_the_same_model_on_the_same_machine_passes(localizer: Localizer) -> None:
    make_golden(localizer)
    outcome = run_self_test(localizer)
    assert (outcome.state, outcome.largest_difference) == ("passed", 0.0)


def test_another_answer_differs(localizer: Localizer) -> None:
    make_golden(localizer)
    folder = localizer.model.folder
    vectors = json.loads((folder / "golden.json").read_text("ascii"))["vectors"]
    vectors[1]["response"][2][3] ^= 1 << 8
    edit_golden(folder, vectors=vectors)
    outcome = run_self_test(localizer)
    assert outcome.state == "differs"
    assert outcome.largest_difference == pytest.approx(256 / 65535)


def test_vectors_of_other_weights_or_pictures_are_not_run(localizer: Localizer, tmp_path: Path) -> None:
    make_golden(localizer)
    folder = localizer.model.folder
    vectors = json.loads((folder / "golden.json").read_text("ascii"))["vectors"]
    edit_golden(folder, vectors=[{**vectors[0], "pixels_sha256": "0" * 64}])
    assert "come out differently" in run_self_test(localizer).reason
    edit_golden(folder, weights_sha256="0" * 64)
    assert "other weights" in run_self_test(localizer).reason


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "[" * 100_000, '{"format": {"id": "irlnet-golden", "version": 1}}']
)
def test_a_damaged_file_is_told(localizer: Localizer, text: str) -> None:
    (localizer.model.folder / "golden.json").write_text(text, "ascii")
    with pytest.raises(ModelError, match="golden"):
        read_golden(localizer.model.folder)


@pytest.mark.parametrize(
    "change",
    [
        {"width": "wide"},
        {"width": 40.5},
        {"height": 1 << 40},
        {"seed": -1},
        {"seed": 1 << 70},
        {"response": [[1], [1, 2]]},
        {"response": [[1e400]]},
    ],
)
def test_vectors_that_no_maker_wrote_are_damaged(localizer: Localizer, change: dict[str, object]) -> None:
    make_golden(localizer)
    folder = localizer.model.folder
    vectors = json.loads((folder / "golden.json").read_text("ascii"))["vectors"]
    edit_golden(folder, vectors=[{**vectors[0], **change}])

    with pytest.raises(ModelError, match="holds no golden vectors"):
        run_self_test(localizer)


def test_the_test_pictures_are_the_same_everywhere() -> None:
    found = [hash_pixels(make_picture(seed, *size))[:16] for seed, size in enumerate(SIZES)]
    assert found == ["416c621038fe6000", "e5205dfc5911f605"]


def test_the_vectors_travel_with_an_exported_model(localizer: Localizer, tmp_path: Path) -> None:
    make_golden(localizer)
    file = export_model(localizer.model.folder, tmp_path / "tiny.irlmodel")
    folder = import_model(file, tmp_path / "home", name="other")
    assert run_self_test(Localizer(folder, device="cpu")).state == "passed"


def test_the_last_outcome_is_kept_for_these_weights_alone(localizer: Localizer) -> None:
    sha256 = localizer.model.sha256
    assert last_self_test(sha256) is None
    outcome = run_self_test(localizer)
    keep_self_test(outcome)
    assert last_self_test(sha256) == outcome.as_dict()
    assert last_self_test("0" * 64) is None


def test_a_record_tells_of_the_test_at_its_own_device_and_precision_alone(
    localizer: Localizer, tmp_path: Path
) -> None:
    png = tmp_path / "evidence.png"
    Image.fromarray(make_picture(3, 96, 80)).save(png)
    make_golden(localizer)
    passed = run_self_test(localizer)
    elsewhere = replace(passed, precision="bfloat16", state="differs", time="9999-01-01T00:00:00.000Z")

    def analyse() -> AnalysisRecord:
        image = read_image(png)
        result = finish(localizer.localize(image.pixels))
        return make_record(
            image, localizer.model, result, choose_threshold(localizer.model, None), datetime.now(UTC)
        )

    keep_self_test(elsewhere)
    untested = analyse()
    assert untested.self_test is None
    assert "self-test" in {check.check for check in untested.not_run}
    assert with_self_test(untested) is untested

    keep_self_test(passed)
    assert analyse().self_test == with_self_test(untested).self_test == passed.as_dict()
    assert last_self_test(localizer.model.sha256) == elsewhere.as_dict()


def test_the_command_makes_tests_and_tells(localizer: Localizer, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["self-test", "--model", str(localizer.model.folder), "--device", "cpu"]
    assert main(words) == 2
    assert "not run: model tiny on cpu" in capsys.readouterr().out
    assert main([*words, "--make"]) == 0
    assert "passed: model tiny on cpu" in capsys.readouterr().out
    for more in (["--json"], ["--make", "--json"]):
        assert main([*words, *more]) == 0
        assert json.loads(capsys.readouterr().out) == last_self_test(localizer.model.sha256)
    edit_golden(localizer.model.folder, weights_sha256="0" * 64)
    assert main(words) == 2
