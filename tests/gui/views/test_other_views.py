"""Other views: made off the GUI thread, at the viewer's place, each with a state in words."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from irlgui.session import Session
from irlgui.views.other_views import WIDE, OtherViews, stretch
from irlgui.views.other_views_making import Make
from irlgui.views.other_views_pane import choose_level, cut_out, halve
from irlgui.views.picture.turn import Turn
from irlgui.views.viewer import Viewer
from irlnet_core.errors import ModelError
from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.views.catalogue import CATALOGUE
from irlnet_core.evidence.views.view import Layer, View
from irlnet_core.progress import Event, Progress
from tests.gui.views.analysed import make_analysis, save_image

NAMES = [kind.id for kind in CATALOGUE]


class Bayar:
    """Stands for the model's view: remembers for which model it was asked, and waits when it is told to."""

    def __init__(self) -> None:
        self.asked: list[str | None] = []
        self.fails = False
        self.go = threading.Event()
        self.go.set()

    def __call__(self, model: str | None) -> Make:
        self.asked.append(model)
        return self.make

    def make(self, image: SuspectImage) -> Generator[Event, None, View]:
        yield Progress("waiting", 1, 2)
        self.go.wait(10)
        if self.fails:
            raise ModelError("The model is damaged.")
        layer = Layer(image.path.name, np.zeros(image.pixels.shape, np.uint8))
        return View("found", (layer,), "From a fake.")


@pytest.fixture
def bayar() -> Bayar:
    return Bayar()


@pytest.fixture
def session(tmp_path: Path) -> Session:
    session = Session()
    session.set_picture(save_image(tmp_path, "a.jpg", quality=80))
    return session


@pytest.fixture
def views(session: Session, bayar: Bayar, qtbot: QtBot) -> Iterator[OtherViews]:
    views = OtherViews(session, bayar=bayar)
    qtbot.addWidget(views)
    views.resize(320, 640)
    yield views
    bayar.go.set()
    assert views.shutdown()


def choose(views: OtherViews, name: str, qtbot: QtBot) -> None:
    views.chooser.setCurrentIndex(NAMES.index(name))
    views.show()
    qtbot.waitUntil(lambda: not views.maker.busy)


def test_nothing_is_made_before_somebody_looks(views: OtherViews) -> None:
    assert not views.maker.busy
    assert views.layer is None


@pytest.mark.parametrize("name", ["error-level", "noise", "ghosts"])
def test_a_map_is_made_shown_and_kept(views: OtherViews, qtbot: QtBot, name: str) -> None:
    choose(views, name, qtbot)
    assert views.layer is not None
    assert views.state.text().startswith("Shown.")
    assert views.progress.isHidden()
    kept = views.maker.kept(name)
    choose(views, "thumbnail", qtbot)
    choose(views, name, qtbot)
    assert views.maker.kept(name) is kept


def test_each_view_tells_its_three_lines(views: OtherViews, qtbot: QtBot) -> None:
    for name in NAMES:
        choose(views, name, qtbot)
        assert [line.split(":")[0] for line in views.lines.text().splitlines()] == [
            "What it is",
            "Look for",
            "Ignore",
        ]


def test_a_file_without_thumbnail_is_not_found_and_a_png_has_no_error_levels(
    views: OtherViews, session: Session, qtbot: QtBot, tmp_path: Path
) -> None:
    choose(views, "thumbnail", qtbot)
    assert views.state.text() == "Not found. The file holds no embedded thumbnail."
    session.set_picture(save_image(tmp_path, "b.png"))
    choose(views, "error-level", qtbot)
    assert views.state.text().startswith("Not run, because the file is a PNG")
    assert not views.enlarge.isEnabled()


def test_a_view_that_fails_did_not_run_and_is_tried_again(
    views: OtherViews, bayar: Bayar, qtbot: QtBot
) -> None:
    bayar.fails = True
    choose(views, "bayar", qtbot)
    assert views.state.text() == "Not run, because it failed: The model is damaged."
    bayar.fails = False
    choose(views, "thumbnail", qtbot)
    choose(views, "bayar", qtbot)
    assert views.state.text() == "Shown. From a fake."


def test_the_models_view_is_made_anew_with_another_model(
    views: OtherViews, session: Session, bayar: Bayar, qtbot: QtBot
) -> None:
    choose(views, "bayar", qtbot)
    assert session.picture
    session.set_analysis(make_analysis(session.picture))
    qtbot.waitUntil(lambda: not views.maker.busy)
    views.set_model("/models/mine")
    qtbot.waitUntil(lambda: not views.maker.busy)
    assert bayar.asked == [None, "base", "/models/mine"]


def test_an_answer_for_a_former_picture_is_dropped(
    views: OtherViews, session: Session, bayar: Bayar, qtbot: QtBot, tmp_path: Path
) -> None:
    bayar.go.clear()
    views.chooser.setCurrentIndex(NAMES.index("bayar"))
    views.show()
    qtbot.waitUntil(lambda: views.progress.maximum() == 1000)  # the first step was told
    session.set_picture(save_image(tmp_path, "second.png", seed=2))
    bayar.go.set()
    qtbot.waitUntil(lambda: not views.maker.busy)
    assert views.layer is not None
    assert views.layer.label == "second.png"


def test_hiding_stops_and_looking_again_begins_again(views: OtherViews, bayar: Bayar, qtbot: QtBot) -> None:
    bayar.go.clear()
    views.chooser.setCurrentIndex(NAMES.index("bayar"))
    views.show()
    views.hide()
    assert not views.maker.busy
    bayar.go.set()
    choose(views, "bayar", qtbot)
    assert views.state.text() == "Shown. From a fake."


def test_closing_while_a_view_is_made_ends_the_thread(session: Session, bayar: Bayar, qtbot: QtBot) -> None:
    views = OtherViews(session, bayar=bayar)
    qtbot.addWidget(views)
    bayar.go.clear()
    views.chooser.setCurrentIndex(NAMES.index("bayar"))
    views.show()
    qtbot.waitUntil(lambda: views.progress.maximum() == 1000)
    threading.Timer(0.1, bayar.go.set).start()
    assert views.shutdown(5)


def test_the_layers_of_ghosts_are_chosen_by_a_slider(views: OtherViews, qtbot: QtBot) -> None:
    choose(views, "ghosts", qtbot)
    assert views.layer_name.text() == "Quality 70"
    QTest.keyClick(views.layer_slider, Qt.Key.Key_Right)
    assert views.layer_name.text() == "Quality 75"


def test_a_layer_is_handed_to_the_viewer_at_the_stored_size_and_taken_away_again(
    views: OtherViews, qtbot: QtBot
) -> None:
    choose(views, "ghosts", qtbot)
    with qtbot.waitSignal(views.comparison_asked) as asked:
        views.enlarge.click()
    assert asked.args[0].shape == (120, 200, 3)
    assert asked.args[1] == "JPEG ghosts: Quality 70"
    with qtbot.waitSignal(views.comparison_asked) as asked:
        views.enlarge.click()
    assert asked.args[0] is None


def test_a_layer_stands_beside_the_picture_in_the_viewer_at_one_place(
    views: OtherViews, session: Session, qtbot: QtBot
) -> None:
    viewer = Viewer(session)
    qtbot.addWidget(viewer)
    viewer.resize(500, 300)
    viewer.show()
    views.connect_viewer(viewer)
    choose(views, "noise", qtbot)
    views.enlarge.click()
    assert session.compare == "side"
    assert viewer.panes[1].isVisible()
    viewer.zoom_to(4.0, (60, 50))
    before = views.pane.place
    views.place_asked.emit((100.0, 60.0))
    centre = viewer.view_centre()
    assert centre == pytest.approx((60, 100), abs=1)
    assert views.pane.place.size() == before.size()
    viewer.shutdown()


def test_a_layer_that_another_comparison_has_replaced_ends_nothing_any_more(
    views: OtherViews, qtbot: QtBot
) -> None:
    choose(views, "noise", qtbot)
    views.enlarge.click()
    with qtbot.assertNotEmitted(views.comparison_asked):
        views.give_viewer_up()
        views.hide()
    assert not views.enlarge.isChecked()


def test_the_pane_follows_the_viewer_and_a_click_leads_it(views: OtherViews, qtbot: QtBot) -> None:
    choose(views, "noise", qtbot)
    views.follow(SimpleNamespace(rect=(50.0, 20.0, 40.0, 20.0)))
    place = views.pane.place
    assert place.width() / place.height() == pytest.approx(2)
    with qtbot.waitSignal(views.place_asked) as asked:
        QTest.mouseClick(
            views.pane, Qt.MouseButton.LeftButton, pos=QPoint(*map(round, place.center().toTuple()))
        )
    assert asked.args[0] == pytest.approx((70, 30), abs=0.5)


def test_the_words_stand_beside_the_map_where_there_is_room(views: OtherViews, qtbot: QtBot) -> None:
    choose(views, "noise", qtbot)
    assert views.lines.mapTo(views, QPoint()).y() > views.pane.geometry().bottom()
    views.resize(WIDE + 200, 320)
    qtbot.waitUntil(lambda: views.lines.mapTo(views, QPoint()).x() > views.pane.geometry().right())


@given(st.integers(1, 8), st.integers(1, 30), st.integers(1, 30), st.data())
def test_what_is_cut_out_is_what_lies_there(flag: int, width: int, height: int, data: st.DataObject) -> None:
    """At one device pixel per picture pixel the cut is the turned part itself."""
    pixels = np.arange(height * width, dtype=np.int64).reshape(height, width).astype(np.uint8)
    turn = Turn(width, height, flag)
    x, y = data.draw(st.integers(0, width - 1)), data.draw(st.integers(0, height - 1))
    w, h = data.draw(st.integers(1, width - x)), data.draw(st.integers(1, height - y))
    shown = turn.apply(pixels[y : y + h, x : x + w])
    cut = cut_out(Layer("", pixels), turn, (x, y, w, h), shown.shape[1], shown.shape[0])
    assert np.array_equal(cut, shown)
    double = cut_out(Layer("", pixels), turn, (x, y, w, h), 2 * shown.shape[1], 2 * shown.shape[0])
    assert np.array_equal(double, shown.repeat(2, 0).repeat(2, 1))


def test_a_view_that_begins_inside_a_pixel_is_not_shifted_to_its_edge() -> None:
    pixels = np.repeat(np.arange(0, 200, 20, dtype=np.uint8)[None], 10, axis=0)
    cut = cut_out(Layer("", pixels), Turn(10, 10), (2.5, 0, 2, 10), 8, 40)
    assert cut[0].tolist() == [40, 40, 60, 60, 60, 60, 80, 80]


def test_smaller_is_averaged_or_picked_as_the_layer_says() -> None:
    board = np.indices((64, 64)).sum(0) % 2 * 255
    pixels = board.astype(np.uint8)
    turn, rect = Turn(64, 64), (0, 0, 64, 64)
    assert np.ptp(cut_out(Layer("", pixels), turn, rect, 16, 16)) <= 2
    assert set(np.unique(cut_out(Layer("", pixels, "pick"), turn, rect, 17, 17))) == {0, 255}


def test_a_large_layer_is_halved_once_and_the_fitting_half_is_chosen() -> None:
    large = Layer("", np.zeros((1000, 2000), np.uint8))
    levels = halve(large)
    assert [level.pixels.shape for level in levels] == [(1000, 2000), (500, 1000)]
    assert choose_level(levels, 300 * 200, 1.0) is levels[1]
    assert choose_level(levels, 300 * 200, 0.05) is large
    assert choose_level(levels, 10_000_000, 1.0) is large
    assert len(halve(Layer("", large.pixels, "pick"))) == 1


def test_a_layer_of_blocks_is_stretched_with_hard_edges() -> None:
    stretched = stretch(np.array([[0, 255]], np.uint8), 32, 16)
    assert stretched.shape == (16, 32, 3)
    assert np.all(stretched[:, :16] == 0)
    assert np.all(stretched[:, 16:] == 255)
