"""Quick export writes what the command line writes, at the analyst's threshold, never beside the evidence."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pytestqt.qtbot import QtBot

from irlgui.jobs import tasks
from irlgui.jobs.export import ExportRequest, captions, export, record_at
from irlgui.jobs.job import Job
from irlgui.jobs.request import AnalysisRequest
from irlnet_core.cli.main import main
from irlnet_core.errors import ImageReadError, OutputError
from irlnet_core.evidence.annotations import Outline
from irlnet_core.evidence.image import read_image
from irlnet_core.progress import finish
from tests.gui.jobs.conftest import PictureAt


@pytest.fixture
def request_(picture_at: PictureAt, model: Path, tmp_path: Path) -> ExportRequest:
    path = picture_at("a.png")
    analysis = finish(tasks.analyse(AnalysisRequest(path, model, device="cpu"), tasks.Engine(), None))
    return ExportRequest(read_image(path), analysis, tmp_path / "out", threshold=0.48)


def test_the_files_are_those_of_the_command_line(
    qtbot: QtBot, request_: ExportRequest, model: Path, tmp_path: Path
) -> None:
    job = Job(lambda: export(request_))
    with qtbot.waitSignal(job.finished):
        job.start()
    words = ["localize", "--quiet", "--device", "cpu", "--model", str(model), "--threshold", "0.48"]
    assert main([*words, "--output", str(tmp_path / "cli"), str(request_.image.path)]) == 0
    names = sorted(path.name for path in request_.output.iterdir())
    assert names == sorted(path.name for path in (tmp_path / "cli").iterdir())
    for name in ("a.probability.png", "a.mask.png"):
        mine, theirs = (np.asarray(Image.open(tmp_path / folder / name)) for folder in ("out", "cli"))
        assert np.abs(mine.astype(int) - theirs.astype(int)).max() <= 1
    ours, others = (json.loads((tmp_path / folder / "a.json").read_bytes()) for folder in ("out", "cli"))
    assert ours["threshold"] == {"value": 0.48, "source": "analyst"}
    assert ours["regions"]["count"] == others["regions"]["count"]
    assert ours["evidence"] == others["evidence"]


def test_the_footer_names_the_threshold_who_set_it_the_model_and_the_hash(request_: ExportRequest) -> None:
    text = " ".join(captions(record_at(request_.analysis, 0.48, "analyst")))
    assert "Threshold 0.48, set by: analyst." in text
    assert request_.image.sha256 in text
    assert f"Model tiny, SHA-256 {request_.analysis.model_sha256[:16]}" in text


def test_at_its_own_threshold_the_record_stays_what_it_was(request_: ExportRequest) -> None:
    record = request_.analysis.record
    assert record_at(request_.analysis, record.threshold.value, record.threshold.source) is record


def test_the_analyst_s_outlines_are_in_the_overlay_and_in_no_result(request_: ExportRequest) -> None:
    plain = finish(export(request_))
    files = {path.name: path.read_bytes() for path in plain.paths}
    outline = Outline("1", "rectangle", ((10, 10), (90, 60)), "mine")
    drawn = finish(export(replace(request_, outlines=(outline,))))
    differing = [path.name for path in drawn.paths if path.read_bytes() != files[path.name]]
    assert differing == ["a.overlay.png"]


def test_nothing_is_written_beside_the_evidence(request_: ExportRequest) -> None:
    with pytest.raises(OutputError, match="holds evidence"):
        finish(export(replace(request_, output=request_.image.path.parent / "out")))
    assert [path.name for path in request_.image.path.parent.iterdir()] == ["a.png"]


def test_evidence_that_changed_since_is_refused(request_: ExportRequest, picture_at: PictureAt) -> None:
    picture_at("a.png", seed=5)
    with pytest.raises(ImageReadError, match="changed"):
        finish(export(request_))
    assert not request_.output.exists()
