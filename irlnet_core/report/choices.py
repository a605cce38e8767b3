"""What a report holds and who signs it: chosen by the analyst, apart from what the tool found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from irlnet_core.errors import ConfigError
from irlnet_core.evidence.area import Area

Depth = Literal["plain", "technical"]
DEPTHS: tuple[Depth, ...] = ("plain", "technical")
# What may be left out. Results, what was not run, performance and limits can't: they'd make a claim bare.
OPTIONAL = (
    *("request", "file", "crops", "metadata", "opinion", "method", "verification", "integrity"),
    "signatures",
)
_PRINT, _SCREEN, _MANY = 300, 150, 20
LEAST_DPI, MOST_DPI = 30, 1200  # below, a legend can't be read; above, a figure takes gigabytes


@dataclass(frozen=True)
class Letterhead:
    """Who reports, to whom, about which case; the analyst fills it in. ``logo`` is a PNG or JPEG file."""

    laboratory: str = ""
    address: str = ""
    logo: bytes | None = None
    examiner: str = ""
    reviewer: str = ""
    case_number: str = ""
    request: str = ""


@dataclass(frozen=True)
class Choices:
    """The analyst's choices for one report.

    ``left_out`` names sections of :data:`OPTIONAL`. ``paths`` = False leaves local folders out of every text.
    ``blackened`` maps the SHA-256 of a picture's file to areas that are black in all its figures. ``amends``
    is the id of the report that this one replaces. ``dpi`` 0 takes 300, or 150 in a report of more than 20
    pictures. Raises :class:`ConfigError` for a name that is unknown, and for figures too coarse or too fine.
    """

    depth: Depth = "technical"
    language: str = "en"
    left_out: frozenset[str] = frozenset()
    paths: bool = True
    blackened: Mapping[str, tuple[Area, ...]] = field(default_factory=dict)
    amends: str = ""
    dpi: int = 0

    def __post_init__(self) -> None:
        if self.depth not in DEPTHS:
            raise ConfigError(f"There is no depth {self.depth!r}.", cure="Choose plain or technical.")
        if odd := sorted(self.left_out - set(OPTIONAL)):
            cure = f"These can: {', '.join(OPTIONAL)}."
            raise ConfigError(f"{odd[0]!r} can't be left out of a report.", cure=cure)
        if self.dpi and not LEAST_DPI <= self.dpi <= MOST_DPI:
            cure = f"Choose {LEAST_DPI} to {MOST_DPI}."
            raise ConfigError(f"Figures of {self.dpi} dots per inch can't be printed.", cure=cure)

    @property
    def technical(self) -> bool:
        return self.depth == "technical"

    def has(self, section: str) -> bool:
        """Tell whether an optional section is in the report."""
        return section not in self.left_out

    def resolution(self, pictures: int) -> int:
        """Return the figures' dots per inch in a report of so many pictures."""
        return self.dpi or (_PRINT if pictures <= _MANY else _SCREEN)
