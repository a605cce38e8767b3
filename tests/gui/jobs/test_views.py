"""The model's own view as a job of the window."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from irlgui.jobs.views import bayar_maker
from irlnet_core.evidence.image import read_image
from irlnet_core.progress import finish
from tests.gui.jobs.conftest import PictureAt


def test_the_models_view_of_a_picture_is_made(model: Path, picture_at: PictureAt) -> None:
    image = read_image(picture_at("a.png"))
    view = finish(bayar_maker(model)(image))
    assert view.state == "found"
    assert view.layers[0].pixels.shape == image.pixels.shape


def test_the_other_views_load_no_torch_before_one_needs_it() -> None:
    code = "import sys, irlgui.views.other_views, irlgui.views.result_panel; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
