"""A rectangle of a picture, in whole pixels of the stored grid."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from irlnet_core.errors import ConfigError


@dataclass(frozen=True)
class Area:
    """The pixels of rows ``y`` to ``y + height``, columns ``x`` to ``x + width``, the ends left out."""

    x: int
    y: int
    width: int
    height: int

    @classmethod
    def between(cls, y0: int, x0: int, y1: int, x1: int) -> Area:
        return cls(x0, y0, x1 - x0, y1 - y0)

    @property
    def y1(self) -> int:
        return self.y + self.height

    @property
    def x1(self) -> int:
        return self.x + self.width

    @property
    def slices(self) -> tuple[slice, slice]:
        """Return the index of these pixels in an array (H, W, ...)."""
        return slice(self.y, self.y1), slice(self.x, self.x1)

    def as_dict(self) -> dict[str, int]:
        return asdict(self)

    def within(self, other: Area) -> Area:
        """Return the part that lies in ``other``. Raises :class:`ConfigError` when there is none."""
        part = Area.between(
            max(self.y, other.y), max(self.x, other.x), min(self.y1, other.y1), min(self.x1, other.x1)
        )
        if part.width < 1 or part.height < 1:
            raise ConfigError(
                f"The area of {self.width} x {self.height} pixels at column {self.x}, row {self.y} lies "
                f"outside the picture of {other.width} x {other.height} pixels.",
                cure="Select an area that lies in the picture.",
            )
        return part
