"""A picture that is opened again shows its kept result, and never another picture's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from irlgui.jobs import tasks
from irlgui.jobs.recall import Recall
from irlgui.jobs.request import AnalysisRequest
from irlnet_core.evidence.image import read_image
from irlnet_core.evidence.result_store import ResultStore
from irlnet_core.progress import finish
from tests.gui.jobs.conftest import PictureAt


@pytest.fixture
def recall(qapp: object, store: ResultStore) -> Iterator[Recall]:
    recall = Recall(store)
    yield recall
    assert recall.shutdown()
    recall.deleteLater()


def test_a_kept_result_is_found_and_an_unknown_picture_has_none(
    qtbot: QtBot, recall: Recall, picture_at: PictureAt, model: Path, store: ResultStore
) -> None:
    known, unknown = picture_at("a.png"), picture_at("b.png", seed=1)
    done = finish(tasks.analyse(AnalysisRequest(known, model, device="cpu"), tasks.Engine(), store))
    with qtbot.waitSignal(recall.recalled) as answer:
        recall.look_up(read_image(known), model=model)
    path, analysis = answer.args
    assert path == known
    assert analysis.record == done.record
    for options in ({"image": read_image(unknown)}, {"image": read_image(known), "precision": "bfloat16"}):
        with qtbot.waitSignal(recall.recalled) as answer:
            recall.look_up(options.pop("image"), model=model, **options)  # type: ignore[arg-type]
        assert answer.args[1] is None


def test_only_the_newest_question_is_answered(
    qtbot: QtBot, recall: Recall, picture_at: PictureAt, model: Path
) -> None:
    images = [read_image(picture_at(f"{n}.png", seed=n)) for n in range(3)]
    answers: list[Path] = []
    recall.recalled.connect(lambda path, _: answers.append(path))
    with qtbot.waitSignal(recall.recalled):
        for image in images:
            recall.look_up(image, model=model)
    assert answers == [images[2].path]


def test_without_a_model_nothing_is_kept(
    qtbot: QtBot, recall: Recall, picture_at: PictureAt, tmp_path: Path
) -> None:
    with qtbot.waitSignal(recall.recalled) as answer:
        recall.look_up(read_image(picture_at("a.png")), model=tmp_path / "none")
    assert answer.args[1] is None
