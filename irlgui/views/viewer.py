"""The picture and the network's response over it: compared, read out, marked; bound to the session."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QWidget

from irlgui.session import Overlay, Session
from irlgui.views.picture.camera import GRID_FROM
from irlgui.views.picture.frame import Look
from irlgui.views.picture.furniture import Furniture, describe_adjustment, describe_reading, describe_tool
from irlgui.views.picture.hit import find_region_at
from irlgui.views.picture.pane import Tool
from irlgui.views.picture.side import Views
from irlgui.views.picture.tone import Channel, Tone
from irlgui.views.viewer_content import Content, Place
from irlgui.views.viewer_stage import Stage
from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.localization import Localization

Reading = tuple[int, int, tuple[int, int, int], float | None]


class Viewer(Stage):
    """Follows a session's picture, analysis, threshold, regions, overlay and comparison."""

    cursor_moved = Signal(object)  # (x, y, (r, g, b), response | None) | None

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._content = Content(self)
        self._look = Look()
        self._peeking = self._turned = self._previewing = False
        self._reading = ""
        self._blink = QTimer(self, interval=600)
        self._connect()
        self._name()
        self._follow_overlay(session.overlay)
        self._follow_picture(session.picture)
        self._follow_analysis()
        self._follow_compare()

    @property
    def busy(self) -> bool:
        """Whether a thread is still preparing something better than what is shown."""
        return self._content.busy

    # What the window asks for

    def set_preview(
        self, pixels: NDArray[np.uint8], width: int, height: int, orientation: int | None = None
    ) -> None:
        """Show a small decoding (RGB) of a picture of ``width`` x ``height`` until it is read."""
        self._content.show_preview(pixels, width, height, orientation)
        self._renew()
        self._previewing = True

    def set_partial(self, probability: NDArray[np.float32] | None, done_rect: Place | None) -> None:
        """Show a map (HxW) that is being computed; ``done_rect`` has just been added.

        None ends it: the session's own response is shown again, if there is one.
        """
        self._content.show_partial(probability, done_rect)
        if probability is None:
            self._follow_analysis()

    def set_comparison(
        self, other: SuspectImage | Localization | NDArray[np.uint8] | None, label: str = ""
    ) -> None:
        """Compare with a known original or another model's map; None compares picture and response again.

        Raises :class:`ConfigError` when the sizes differ.
        """
        self._content.show_other(other, label)

    def set_display(
        self, levels: tuple[int, int] = (0, 255), gamma: float = 1.0, channel: Channel = "rgb"
    ) -> None:
        """Show the stored values otherwise; the view says so as long as it lasts."""
        self._set_look(tone=Tone(*levels, gamma, channel))

    def set_tool(self, tool: Tool) -> None:
        """Choose what a drag does, and say how to draw as long as one draws."""
        super().set_tool(tool)
        self._say()

    def set_peek(self, on: bool) -> None:
        """Lift the response and everything drawn off while ``on``."""
        if on != self._peeking:
            self._peeking = on
            self._refresh()

    @property
    def blink_interval(self) -> int:
        """How long each side is shown while blinking, in milliseconds."""
        return self._blink.interval()

    def set_blink_interval(self, milliseconds: int) -> None:
        """Show each side that long while blinking."""
        self._blink.setInterval(max(100, milliseconds))

    def shutdown(self) -> None:
        """Stop timer and threads; call it before the window goes."""
        self._blink.stop()
        self._content.shutdown()

    # What the session says

    def _follow_picture(self, image: SuspectImage | None) -> None:
        self._content.show_picture(image)
        self._renew()

    def _follow_analysis(self) -> None:
        analysis = self._session.analysis
        self._content.show_response(analysis.localization if analysis else None)

    def _follow_threshold(self, value: float) -> None:
        self._set_look(threshold=value)

    def _follow_overlay(self, overlay: Overlay) -> None:
        self._set_look(
            mode=overlay.mode,
            opacity=overlay.opacity,
            palette=overlay.palette,
            threshold=self._session.threshold,
        )
        self._follow_regions()

    def _follow_regions(self) -> None:
        """Number the regions where the response is seen, and frame the chosen one everywhere."""
        regions, chosen = self._session.regions, self._session.chosen_region
        listed = regions.listed if regions and self._look.mode != "none" else ()
        only = tuple(region for region in listed if region.id == chosen)
        for pane in self.panes:
            plain = pane.split is None and pane.views is not None and pane.views.main.response is None
            pane.items_layer.set_regions(only if plain else listed, chosen)

    def _follow_compare(self) -> None:
        self._turned = False
        if self._session.compare == "blink":
            self._blink.start()
        else:
            self._blink.stop()
        self.panes[0].split = 0.5 if self._session.compare == "swipe" else None
        self._refresh()

    # What the panes say

    def _take_click(self, x: float, y: float) -> None:
        analysis, regions = self._session.analysis, self._session.regions
        if analysis is not None and regions is not None:
            self._session.choose_region(find_region_at(analysis.localization, regions, x, y))

    def _take_hover(self, place: tuple[float, float] | None) -> None:
        cursor = self._read(place)
        self._reading = describe_reading(*cursor) if cursor and self.camera.scale >= GRID_FROM else ""
        self._say()
        self.cursor_moved.emit(cursor)

    def _take_split(self, share: float) -> None:
        self.panes[0].split = share
        self.panes[0].viewport().update()

    def _take_turn(self) -> None:
        self._turned = not self._turned
        self._refresh()

    # What follows from all of it

    def _connect(self) -> None:
        session = self._session
        session.picture_changed.connect(self._follow_picture)
        session.analysis_changed.connect(self._follow_analysis)
        session.threshold_changed.connect(self._follow_threshold)
        session.overlay_changed.connect(self._follow_overlay)
        session.regions_changed.connect(self._follow_regions)
        session.region_chosen.connect(self._follow_regions)
        session.compare_changed.connect(self._follow_compare)
        self._content.changed.connect(self._refresh)
        self._blink.timeout.connect(self._take_turn)
        self.peek_wanted.connect(self.set_peek)
        for pane in self.panes:
            pane.clicked.connect(self._take_click)
            pane.hovered.connect(self._take_hover)
        self.panes[0].split_moved.connect(self._take_split)

    def _name(self) -> None:
        self.setAccessibleName(self.tr("Viewer"))
        keys = self.tr("Arrows move, plus and minus zoom, Space shows the picture without the response.")
        for pane, name in zip(self.panes, (self.tr("Picture"), self.tr("Comparison")), strict=True):
            pane.setAccessibleName(name)
            pane.setAccessibleDescription(keys)
            pane.empty = (
                self.tr("Drop pictures here, or press Ctrl+O"),
                self.tr("They are only read, never changed."),
            )

    def _renew(self) -> None:
        """Begin with another picture; the place is kept when a preview gives way to its own picture."""
        self._reading = ""
        self.cursor_moved.emit(None)  # until the pointer moves, nothing of this picture has been read
        if not (self._previewing and self._content.turn == self.turn):
            self.begin(self._content.turn, vacant=self._content.picture is None)
        self._previewing = False
        if self._content.picture is not None:
            pixels = self._content.picture.thumbnail(336)
            if max(pixels.shape[:2]) > 2048:  # only its full size is there yet
                step = max(pixels.shape[:2]) // 1024
                pixels = pixels[::step, ::step]
            self.overview.set_picture(self._content.turn.apply(pixels), self._content.turn.shown_size)
            self._put_overview()

    def _refresh(self) -> None:
        """Show what the content, the comparison and the keys now make of it."""
        compare = self._session.compare
        names = (self.tr("Picture"), self.tr("Response"))
        views = self._content.views(compare, names, peek=self._peeking)
        second = views.second if views else None
        beside = compare == "side" and second is not None
        main = views
        if views is not None and second is not None and compare == "blink":
            main = Views(second if self._turned else views.main)
        elif views is not None and compare == "side":
            main = Views(views.main)
        self.panes[0].undone = self.panes[1].undone = self._content.undone
        self.panes[0].set_views(main)
        self.panes[1].set_views(Views(second) if beside and second else None)
        if self.panes[1].isVisibleTo(self) != beside:
            self.panes[1].setVisible(beside)
        for pane in self.panes:
            pane.items_layer.setVisible(not self._peeking)
        self._follow_regions()
        self._say()

    def _set_look(self, **changes: Any) -> None:
        look = replace(self._look, **changes)
        if look != self._look:
            self._look = look
            for pane in self.panes:
                pane.set_look(look)
            self._say()

    def _say(self) -> None:
        """Say over each pane what it shows."""
        compare = self._session.compare
        for number, pane in enumerate(self.panes):
            views = pane.views
            if views is None:
                continue
            sides = [side for side in (views.main, views.second) if side is not None]
            drawn = self._look.mode != "none" and any(side.response is not None for side in sides)
            single = compare == "single" and not self._peeking
            pane.say(
                Furniture(
                    label=describe_tool(self._tool) or ("" if single else views.main.label),
                    second_label=views.second.label if views.second else "",
                    adjusted=describe_adjustment(self._look),
                    reading=self._reading if number == 0 else "",
                    legend=drawn,
                    ruler=number == 0 or not drawn,
                )
            )

    def _read(self, place: tuple[float, float] | None) -> Reading | None:
        """Return what is stored under a point, None outside the picture or while it is being read."""
        pixels = self._content.pixels
        if place is None or pixels is None:
            return None
        x, y = int(np.floor(place[0])), int(np.floor(place[1]))
        if not (0 <= x < pixels.shape[1] and 0 <= y < pixels.shape[0]):
            return None
        red, green, blue = (int(value) for value in pixels[y, x])
        return x, y, (red, green, blue), self._content.response_at(x, y)
