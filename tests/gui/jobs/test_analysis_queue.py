"""A queue of pictures: each gets its result or its error, and stopping is always safe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QRect
from pytestqt.qtbot import QtBot

from irlgui.jobs import tasks
from irlgui.jobs.analysis_queue import AnalysisQueue
from irlgui.jobs.request import AnalysisRequest
from irlnet_core.errors import ImageReadError
from irlnet_core.evidence.area import Area
from irlnet_core.evidence.histogram import ResponseHistogram
from irlnet_core.evidence.result_store import ResultStore
from irlnet_core.inference.analysis import make_record
from irlnet_core.inference.localizer import Localizer
from irlnet_core.progress import finish
from tests.gui.jobs.conftest import PictureAt
from tests.gui.jobs.diary import LARGE, Diary, run


def test_a_picture_gets_the_map_that_the_core_gives(
    qtbot: QtBot, queue: AnalysisQueue, diary: Diary, picture_at: PictureAt, model: Path
) -> None:
    path = picture_at("a.png")
    run(qtbot, queue, [path], model=model)
    analysis = diary.analyses["a.png"]
    pixels = np.random.default_rng(0).integers(0, 256, (110, 150, 3), dtype=np.uint8)
    expected = finish(Localizer(model, device="cpu").localize(pixels)).localization.probability
    assert np.abs(analysis.localization.probability - expected).max() < 1e-5
    assert diary.of("a.png") == ["queued", "running", "done"]
    facts = diary.facts["a.png", "done"]
    assert facts["response"] == pytest.approx(float(expected.max()), abs=1e-5)
    assert facts["regions"] == analysis.record.regions.count
    assert facts["sha256"] == analysis.image_sha256 == analysis.record.evidence["sha256"]
    assert analysis.record.model["name"] == analysis.model_name == "tiny"
    assert [line.startswith("CPU: ") for line in diary.devices] == [True]


def test_the_map_fills_in_tile_by_tile_without_being_copied(
    qtbot: QtBot, queue: AnalysisQueue, diary: Diary, picture_at: PictureAt, model: Path
) -> None:
    run(qtbot, queue, [picture_at("a.png", size=LARGE)], model=model, start=(399.0, 499.0))
    final = diary.analyses["a.png"].localization.probability
    assert len(diary.maps) > 1
    assert all(np.shares_memory(partial.probability, final) for partial in diary.maps)
    assert not any(partial.probability.flags.writeable for partial in diary.maps)
    places = [place for partial in diary.maps for place in partial.fresh]
    assert len(places) == diary.maps[-1].done == diary.maps[-1].total
    assert (places[0].x1, places[0].y1) == (500, 400)
    covered = np.zeros(final.shape, bool)
    for place in places:
        covered[place.slices] = True
    assert covered.all()


def test_the_histogram_is_counted_before_the_window_asks(
    qtbot: QtBot,
    queue: AnalysisQueue,
    diary: Diary,
    picture_at: PictureAt,
    model: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run(qtbot, queue, [picture_at("a.png")], model=model)
    monkeypatch.setattr("irlnet_core.evidence.histogram._count", None)
    found = diary.analyses["a.png"].localization
    assert ResponseHistogram(found).area(0.49) == found.area(0.49)


def test_only_the_selected_area_is_analysed_and_that_is_said_everywhere(
    qtbot: QtBot, queue: AnalysisQueue, diary: Diary, picture_at: PictureAt, model: Path
) -> None:
    path = picture_at("a.png")
    run(qtbot, queue, [path], model=model, area=QRect(40, 20, 50, 60))
    analysis = diary.analyses["a.png"]
    assert analysis.localization.analysed == Area(40, 20, 50, 60)
    assert analysis.record.tiles["area"] == {"x": 40, "y": 20, "width": 50, "height": 60}
    assert "the picture outside the selected area" in [check.check for check in analysis.record.not_run]
    assert "Only the area of 50 x 60 pixels at column 40, row 20" in diary.notes[0]
    beyond = analysis.localization.probability.copy()
    beyond[20:80, 40:90] = 0
    assert not beyond.any()
    run(qtbot, queue, [path], model=model)
    assert diary.analyses["a.png"].localization.analysed is None


def test_corrupt_and_missing_files_fail_and_the_good_ones_among_them_do_not(
    qtbot: QtBot, queue: AnalysisQueue, diary: Diary, picture_at: PictureAt, model: Path, tmp_path: Path
) -> None:
    good, other = picture_at("good.png"), picture_at("other.png", seed=1)
    corrupt = picture_at("corrupt.png", seed=2)
    corrupt.write_bytes(corrupt.read_bytes()[:300])
    run(qtbot, queue, [corrupt, good, tmp_path / "evidence" / "gone.png", other], model=model)
    assert set(diary.analyses) == {"good.png", "other.png"}
    assert set(diary.errors) == {"corrupt.png", "gone.png"}
    assert all(isinstance(error, ImageReadError) for error in diary.errors.values())
    assert "cut short" in diary.facts["corrupt.png", "failed"]["error"]
    assert str(corrupt) not in diary.facts["corrupt.png", "failed"]["error"]


def test_the_model_is_loaded_once_for_many_pictures_and_again_for_another_precision(
    qtbot: QtBot,
    queue: AnalysisQueue,
    picture_at: PictureAt,
    model: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded: list[str] = []
    real = tasks._load

    def load(folder: Path, request: AnalysisRequest) -> Any:
        loaded.append(request.precision)
        return real(folder, request)

    monkeypatch.setattr(tasks, "_load", load)
    paths = [picture_at(f"{n}.png", seed=n) for n in range(3)]
    run(qtbot, queue, paths, model=model)
    queue.configure(device="cpu", precision="bfloat16")
    run(qtbot, queue, paths[:1], model=model)
    assert loaded == ["float32", "bfloat16"]


def test_a_kept_result_comes_back_without_the_network(
    qtbot: QtBot,
    queue: AnalysisQueue,
    diary: Diary,
    picture_at: PictureAt,
    model: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = picture_at("a.png")
    run(qtbot, queue, [path], model=model)
    first = diary.analyses.pop("a.png")
    copy = picture_at("copy.png")
    loads: list[object] = []
    real = tasks.Engine.localizer

    def localizer(*args: Any) -> Any:
        loads.append(args)
        return real(*args)

    monkeypatch.setattr(tasks.Engine, "localizer", localizer)
    run(qtbot, queue, [copy], model=model)
    kept = diary.analyses["copy.png"]
    assert not loads
    assert (kept.localization.mask(0.49) == first.localization.mask(0.49)).all()
    assert kept.record.regions == first.record.regions
    assert kept.record.times == first.record.times
    assert kept.record.evidence["file_name"] == "copy.png"
    run(qtbot, queue, [copy], model=model, fresh=True)
    assert len(loads) == 1


def test_evidence_that_changes_meanwhile_fails_and_nothing_is_kept(
    qtbot: QtBot,
    queue: AnalysisQueue,
    diary: Diary,
    picture_at: PictureAt,
    model: Path,
    store: ResultStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = picture_at("a.png")

    def meddle(*args: Any) -> Any:
        picture_at("a.png", seed=9)
        return make_record(*args)

    monkeypatch.setattr(tasks, "make_record", meddle)
    run(qtbot, queue, [path], model=model)
    assert "changed while it was analysed" in str(diary.errors["a.png"])
    assert not diary.analyses
    assert store.size() == 0


def test_no_result_is_kept_under_a_folder_that_holds_the_evidence(
    qtbot: QtBot, queue: AnalysisQueue, diary: Diary, picture_at: PictureAt, model: Path, tmp_path: Path
) -> None:
    path = picture_at("a.png")
    queue.store = ResultStore(path.parent / "data")
    run(qtbot, queue, [path], model=model)
    assert "a.png" in diary.analyses
    assert "not kept" in diary.notes[-1]
    assert [entry.name for entry in path.parent.iterdir()] == ["a.png"]


def test_cancelling_in_the_middle_answers_at_once_and_the_next_picture_runs(
    qtbot: QtBot, queue: AnalysisQueue, diary: Diary, picture_at: PictureAt, model: Path
) -> None:
    large, small = picture_at("large.png", size=LARGE), picture_at("small.png", seed=1)
    with qtbot.waitSignal(queue.tile_ready):
        queue.enqueue([large, small], model=model)
    with qtbot.waitSignal(queue.emptied, timeout=30_000):
        queue.cancel(large)
        assert diary.cancelling == ["large.png"]
    assert diary.of("large.png") == ["queued", "running", "new"]
    assert diary.of("small.png") == ["queued", "running", "done"]
    assert set(diary.analyses) == {"small.png"}
    assert not diary.errors
    of_large = [partial for partial in diary.maps if partial.probability.shape == (400, 500)]
    assert of_large[-1].done < of_large[-1].total


def test_a_waiting_picture_is_cancelled_without_ever_running(
    qtbot: QtBot, queue: AnalysisQueue, diary: Diary, picture_at: PictureAt, model: Path
) -> None:
    first, second = picture_at("a.png"), picture_at("b.png", seed=1)
    queue.enqueue([first, second], model=model)
    with qtbot.waitSignal(queue.emptied, timeout=30_000):
        queue.cancel(second)
    assert diary.of("b.png") == ["queued", "new"]
    assert diary.of("a.png") == ["queued", "running", "done"]


def test_cancel_all_empties_the_queue_and_new_pictures_run_afterwards(
    qtbot: QtBot, queue: AnalysisQueue, diary: Diary, picture_at: PictureAt, model: Path
) -> None:
    paths = [picture_at(f"{n}.png", seed=n) for n in range(4)]
    queue.enqueue(paths, model=model)
    with qtbot.waitSignal(queue.emptied, timeout=30_000):
        queue.cancel()
    assert not diary.analyses
    assert {diary.of(path.name)[-1] for path in paths} == {"new"}
    run(qtbot, queue, paths[:1], model=model)
    assert set(diary.analyses) == {"0.png"}


def test_paused_pictures_wait_and_go_on(
    qtbot: QtBot, queue: AnalysisQueue, diary: Diary, picture_at: PictureAt, model: Path
) -> None:
    paths = [picture_at(f"{n}.png", seed=n) for n in range(2)]
    queue.pause()
    queue.enqueue(paths, model=model)
    assert (queue.running, queue.waiting) == (None, paths)
    with qtbot.waitSignal(queue.emptied, timeout=30_000):
        queue.resume()
    assert len(diary.analyses) == 2


def test_the_running_picture_is_held_between_tiles_and_goes_on_or_is_cancelled(
    qtbot: QtBot, queue: AnalysisQueue, diary: Diary, picture_at: PictureAt, model: Path
) -> None:
    large = picture_at("large.png", size=LARGE)
    with qtbot.waitSignal(queue.tile_ready):
        queue.enqueue([large], model=model)
    queue.pause()
    with qtbot.waitSignal(queue.emptied, timeout=30_000):
        queue.resume()
    assert "large.png" in diary.analyses
    with qtbot.waitSignal(queue.tile_ready):
        queue.enqueue([large], model=model, fresh=True)
    queue.pause()
    with qtbot.waitSignal(queue.emptied, timeout=30_000):
        queue.cancel(large)
    assert diary.of("large.png")[-1] == "new"


def test_a_failed_picture_can_be_asked_for_again(
    qtbot: QtBot, queue: AnalysisQueue, diary: Diary, picture_at: PictureAt, model: Path
) -> None:
    path = picture_at("a.png")
    whole = path.read_bytes()
    path.write_bytes(whole[:300])
    run(qtbot, queue, [path], model=model, area=Area(0, 0, 80, 80))
    path.write_bytes(whole)
    run(qtbot, queue, [path], model=model, area=Area(0, 0, 80, 80))
    assert diary.of("a.png") == ["queued", "running", "failed", "queued", "running", "done"]
    assert diary.analyses["a.png"].localization.analysed == Area(0, 0, 80, 80)


def test_a_running_picture_that_is_asked_for_otherwise_is_stopped_and_begun_anew(
    qtbot: QtBot, queue: AnalysisQueue, diary: Diary, picture_at: PictureAt, model: Path
) -> None:
    large = picture_at("large.png", size=LARGE)
    with qtbot.waitSignal(queue.tile_ready):
        queue.enqueue([large], model=model)
    queue.enqueue([large], model=model)  # the same again changes nothing
    assert diary.of("large.png") == ["queued", "running"]
    run(qtbot, queue, [large], model=model, area=Area(0, 0, 80, 80))
    assert diary.of("large.png") == ["queued", "running", "queued", "running", "done"]
    assert diary.analyses["large.png"].localization.analysed == Area(0, 0, 80, 80)


def test_one_picture_can_go_before_all_that_wait(
    qtbot: QtBot, queue: AnalysisQueue, diary: Diary, picture_at: PictureAt, model: Path
) -> None:
    paths = [picture_at(f"{n}.png", seed=n) for n in range(3)]
    queue.pause()
    queue.enqueue(paths[:2], model=model)
    queue.enqueue(paths[2:], model=model, first=True)
    assert queue.waiting == [paths[2], paths[0], paths[1]]
    queue.cancel()
