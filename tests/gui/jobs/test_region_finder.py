"""The session's regions follow its threshold; a fast drag is not worked off step by step."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from irlgui.jobs import tasks
from irlgui.jobs.region_finder import RegionFinder
from irlgui.jobs.request import AnalysisRequest
from irlgui.session import Session
from irlnet_core.evidence.image import read_image
from irlnet_core.evidence.regions import find_regions
from irlnet_core.progress import finish
from tests.gui.jobs.conftest import PictureAt


@pytest.fixture
def session(qapp: object, picture_at: PictureAt, model: Path) -> Session:
    """A session with an analysed picture at the threshold of its record."""
    path = picture_at("a.png")
    analysis = finish(tasks.analyse(AnalysisRequest(path, model, device="cpu"), tasks.Engine(), None))
    session = Session()
    session.set_picture(read_image(path))
    session.set_threshold(analysis.record.threshold.value, "model card")
    session.set_analysis(analysis)
    return session


@pytest.fixture
def finder(session: Session) -> Iterator[RegionFinder]:
    finder = RegionFinder(session)
    yield finder
    assert finder.shutdown()
    finder.deleteLater()


def test_regions_follow_the_threshold(qtbot: QtBot, session: Session, finder: RegionFinder) -> None:
    assert session.analysis is not None
    for threshold in (0.45, 0.52):
        with qtbot.waitSignal(session.regions_changed):
            session.set_threshold(threshold)
            assert finder.busy
        assert session.regions == find_regions(session.analysis.localization, threshold)
        assert not finder.busy


def test_an_analysis_at_another_threshold_than_the_session_s_gets_its_regions(
    qtbot: QtBot, session: Session, finder: RegionFinder
) -> None:
    analysis = session.analysis
    session.set_analysis(None)
    session.set_threshold(0.45)
    assert not finder.busy
    with qtbot.waitSignal(finder.busy_changed, check_params_cb=lambda busy: not busy):
        session.set_analysis(analysis)
    assert session.regions is not None
    assert session.regions.threshold == 0.45


def test_of_a_fast_drag_only_the_last_threshold_is_searched(
    qtbot: QtBot, session: Session, finder: RegionFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    searched: list[float] = []
    begun, go = threading.Event(), threading.Event()

    def slow(localization: Any, threshold: float) -> Any:
        searched.append(threshold)
        begun.set()
        go.wait(20)
        return find_regions(localization, threshold)

    monkeypatch.setattr("irlgui.jobs.region_finder.find_regions", slow)
    shown: list[float] = []
    session.regions_changed.connect(lambda regions: shown.append(regions.threshold))
    session.set_threshold(0.40)
    assert begun.wait(20)
    for step in range(41, 60):
        session.set_threshold(step / 100)
    with qtbot.waitSignal(session.regions_changed):
        go.set()
    assert searched == [0.40, 0.59]
    assert shown == [0.59]


def test_going_back_to_the_shown_threshold_needs_no_search(
    qtbot: QtBot, session: Session, finder: RegionFinder
) -> None:
    assert session.regions is not None
    before = session.regions
    session.set_threshold(0.45)
    session.set_threshold(before.threshold)
    assert not finder.busy
    assert session.regions is before


def test_regions_that_can_t_be_found_leave_none_rather_than_wrong_ones(
    qtbot: QtBot, session: Session, finder: RegionFinder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("irlgui.jobs.region_finder.find_regions", lambda *_: 1 // 0)
    with qtbot.waitSignal(session.regions_changed):
        session.set_threshold(0.45)
    assert session.regions is None
