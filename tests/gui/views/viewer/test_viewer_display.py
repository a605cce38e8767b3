from __future__ import annotations

from pytestqt.qtbot import QtBot

from irlgui.session import Session
from irlgui.views.picture.tone import Tone
from irlgui.views.viewer import Viewer
from irlgui.views.viewer_display import DisplayControls


def test_the_controls_drive_the_viewer_and_reset_it(qtbot: QtBot) -> None:
    viewer, controls = Viewer(Session()), DisplayControls()
    qtbot.addWidget(viewer)
    qtbot.addWidget(controls)
    controls.connect_viewer(viewer)

    controls.white.setValue(100)
    controls.black.setValue(20)
    controls.gamma.setValue(1.5)
    controls.channel.setCurrentIndex(4)
    assert viewer.panes[0].look.tone == Tone(20, 100, 1.5, "luminance")
    controls.reset.click()
    assert viewer.panes[0].look.tone == Tone()
    assert not controls.reset.isEnabled()
    viewer.shutdown()


def test_the_black_point_stays_below_the_white_point(qtbot: QtBot) -> None:
    controls = DisplayControls()
    qtbot.addWidget(controls)

    controls.white.setValue(50)
    controls.black.setValue(90)

    assert controls.tone() == Tone(49, 50)


def test_every_control_has_a_name(qtbot: QtBot) -> None:
    controls = DisplayControls()
    qtbot.addWidget(controls)

    named = (controls.black, controls.white, controls.gamma, controls.channel)
    assert all(control.accessibleName() for control in named)
