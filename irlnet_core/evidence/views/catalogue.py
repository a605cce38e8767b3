"""The other views, declared once: what each is, what to look for, what to ignore, and how it is made."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.views import error_level as ela
from irlnet_core.evidence.views import ghosts, noise, thumbnail
from irlnet_core.evidence.views.view import Layer, View, not_run
from irlnet_core.progress import Event, Progress

Making = Generator[Event, None, View]


@dataclass(frozen=True)
class ViewKind:
    """One view: its three lines for the analyst, and what makes it.

    ``make`` None: it shows facts of the file, or it needs the model.
    """

    id: str
    title: str
    what: str
    look_for: str
    ignore: str
    make: Callable[[SuspectImage], Making] | None = None


def make_error_level(image: SuspectImage) -> Making:
    """Show the error levels of a JPEG; other types keep no compression of their own to compare with."""
    if image.facts.format != "JPEG":
        return not_run(
            f"the file is a {image.facts.format}: error levels compare a JPEG with its own compression, "
            "and this file has none."
        )
    levels = yield from ela.error_level(image.pixels)
    return View(
        "found",
        (Layer(f"Error level, quality {ela.QUALITY}", levels),),
        f"Saved again at quality {ela.QUALITY}; difference × {ela.GAIN}, brightest channel.",
        parameters={"quality": ela.QUALITY, "gain": ela.GAIN, "subsampling": "4:4:4"},
    )


def make_noise(image: SuspectImage) -> Making:
    """Show the fixed high-pass residual; it runs on every type."""
    residual = yield from noise.noise_residual(image.pixels)
    return View(
        "found",
        (Layer("Noise residual", residual, "pick"),),
        f"5 × 5 high-pass of the brightness × {noise.GAIN}; grey = no residual.",
        parameters={"kernel": "SQUARE 5x5 / 12", "gain": noise.GAIN},
    )


def make_ghosts(image: SuspectImage) -> Making:
    """Show one ghost map per quality; on every type, because a PNG may hold what was a JPEG before."""
    maps = yield from ghosts.jpeg_ghosts(image.pixels)
    first, last = ghosts.QUALITIES[0], ghosts.QUALITIES[-1]
    return View(
        "found",
        tuple(Layer(f"Quality {q}", level) for q, level in zip(ghosts.QUALITIES, maps, strict=True)),
        f"Saved again at qualities {first} to {last}, blocks of {ghosts.BLOCK} × {ghosts.BLOCK} pixels; "
        "dark = changes least at this quality.",
        parameters={"qualities": list(ghosts.QUALITIES), "block": ghosts.BLOCK},
    )


def make_thumbnail(image: SuspectImage) -> Making:
    """Compare the embedded thumbnail with the picture."""
    yield Progress("thumbnail", 0, 1)
    return thumbnail.compare_thumbnail(image.pixels, image.metadata)


CATALOGUE: tuple[ViewKind, ...] = (
    ViewKind(
        "error-level",
        "Error levels",
        "The picture is saved once more as JPEG; bright is what that changes.",
        "A part much brighter or darker than other parts with the same texture.",
        "Edges and fine texture are always bright. Pictures that were resized or came through a messenger "
        "show little. Alone it proves nothing.",
        make_error_level,
    ),
    ViewKind(
        "noise",
        "Noise, fixed filter",
        "A fixed high-pass filter removes the scene and leaves fine noise.",
        "A part that is smoother, rougher or patterned unlike its surroundings of equal brightness.",
        "Edges stay visible. Sky, out-of-focus and overexposed parts are smooth in any picture.",
        make_noise,
    ),
    ViewKind(
        "bayar",
        "Noise, the model's filter",
        "What the model's first layer passes on: a learned high-pass filter, its three outputs as colours.",
        "The same as in the fixed filter; it shows what the network starts from.",
        "Colours have no meaning of their own. It is not the model's result.",
    ),
    ViewKind(
        "ghosts",
        "JPEG ghosts",
        "The picture is saved again at many qualities; dark is what changes least.",
        "A closed dark part at one quality while the rest is dark at another.",
        "Flat and overexposed parts turn dark everywhere. A part moved off the 8-pixel grid leaves no ghost.",
        make_ghosts,
    ),
    ViewKind(
        "thumbnail",
        "Embedded thumbnail",
        "The preview that the camera or a program put into the file, against the picture made as small.",
        "Things that are in one and not in the other.",
        "Faint edges everywhere come from resizing. Most programs write a new thumbnail when they save.",
        make_thumbnail,
    ),
)

TABLES = ViewKind(
    "tables",
    "JPEG tables",
    "The quantisation tables that the file was last saved with, 8 × 8 steps, and the nearest IJG quality.",
    "Tables that the named camera does not write, or those of an editing program.",
    "Messengers and web sites save pictures again with their own tables, without any other change.",
)
METADATA = ViewKind(
    "metadata",
    "Metadata",
    "What the file says about itself.",
    "Names of editing programs; times and cameras that contradict the case.",
    "Anybody can write or remove metadata. Missing metadata is usual for pictures from the web.",
)
