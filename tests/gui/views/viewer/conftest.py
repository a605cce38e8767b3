"""A viewer bound to a session of its own, shut down whatever happens."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from irlgui.session import Session
from irlgui.views.picture.pyramid_loader import _alive
from irlgui.views.viewer import Viewer


@pytest.fixture
def session() -> Session:
    return Session()


@pytest.fixture
def viewer(session: Session, qtbot: QtBot) -> Iterator[Viewer]:
    viewer = Viewer(session)
    qtbot.addWidget(viewer)
    viewer.resize(640, 480)
    viewer.show()
    yield viewer
    viewer.shutdown()
    qtbot.waitUntil(lambda: not _alive)
