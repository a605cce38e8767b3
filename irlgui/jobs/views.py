"""The one other view that needs the model. No torch is loaded here, only when the view is made."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path

from irlgui.jobs.torch_libraries import load_libraries
from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.views.view import View
from irlnet_core.inference.bayar_view import make_bayar_view
from irlnet_core.progress import Event, Progress

Make = Callable[[SuspectImage], Generator[Event, None, View]]


def bayar_maker(model: str | Path | None) -> Make:
    """Return what makes the residual view of a model; None = the default one."""

    def make(image: SuspectImage) -> Generator[Event, None, View]:
        yield Progress("loading", 0, 0)
        load_libraries()
        return (yield from make_bayar_view(image, model))

    return make
