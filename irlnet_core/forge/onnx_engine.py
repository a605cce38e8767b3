"""Engines from elsewhere as ONNX files: inpainters, and networks whose round trip leaves their traces."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from irlnet_core.errors import DataError, ModelError
from irlnet_core.forge.classical import fill_content
from irlnet_core.forge.engine import Engine, Image, Mask
from irlnet_core.forge.onnx_card import OnnxCard, Range, read_onnx_card
from irlnet_core.forge.onnx_network import OnnxNetwork, Socket
from irlnet_core.forge.onnx_window import window_around

_CONTEXT, _MARGIN = 64, 16  # pixels around the hole that an inpainter and a round trip get to see


def load_onnx_engine(path: Path) -> Engine:
    """Return the network in an ONNX file as an engine, by what it takes.

    A picture and a hole (two inputs, or one of four channels) make an inpainter; a picture alone makes a
    round trip: the same size back, or, for an upscaler, the picture that is first reduced by its factor.
    Raises :class:`ModelError` when it is neither, cut or foreign, :class:`ConfigError` when onnxruntime is
    not installed.
    """
    path = Path(path)
    card = read_onnx_card(path)
    network = OnnxNetwork(path)
    if network.mask is None and network.image.channels == 3:
        return OnnxRoundTrip(path.stem, network, card, _measure_scale(network, card))
    return OnnxInpainter(path.stem, network, card)


@dataclass(frozen=True)
class OnnxInpainter:
    """Fills a hole with a network that never sees what was in it; ``reconstruct`` makes no difference."""

    name: str
    network: OnnxNetwork
    card: OnnxCard

    def fill(self, image: Image, mask: Mask, rng: np.random.Generator, *, reconstruct: bool) -> Image:
        """Return ``image`` with the hole ``mask`` filled; pixels outside the hole are unchanged.

        Raises :class:`DataError` when picture and mask differ in size or nothing lies outside the hole.
        """
        _check(image, mask)
        if mask.size and mask.all():
            raise DataError("the hole covers the whole picture, so that there is nothing to fill it from.")
        if not mask.any():
            return image.copy()
        socket = self.network.image
        window = window_around(mask, _CONTEXT, self.card.multiple, socket.side)
        hole = window.cut_mask(mask)
        seen = window.cut(image)
        seen[hole] = round(255 * self.card.blank)
        return window.paste(self._complete(seen, hole), image, mask)

    def _complete(self, seen: Image, hole: Mask) -> Image:
        socket, aside = self.network.image, self.network.mask
        picture = _to_planes(seen, socket, self.card.image)
        outside, inside = self.card.mask or (aside or socket).levels
        plane = np.where(hole, inside, outside)[None, None]
        if aside is not None:
            made = self.network.run(picture, plane.astype(aside.dtype))
        else:
            planes = [picture, plane.astype(socket.dtype)]
            made = self.network.run(
                np.concatenate(planes if self.card.order == "image-mask" else planes[::-1], axis=1)
            )
        return _to_image(made, self.card, self.network.path, hole.shape)


@dataclass(frozen=True)
class OnnxRoundTrip:
    """Passes what is in the hole (``reconstruct``) or a plain fill of it through a network.

    The picture is first reduced by ``scale``, the factor by which the network enlarges, so that the hole gets
    the network's own texture at the picture's size.
    """

    name: str
    network: OnnxNetwork
    card: OnnxCard
    scale: int

    def fill(self, image: Image, mask: Mask, rng: np.random.Generator, *, reconstruct: bool) -> Image:
        """Return ``image`` with the hole ``mask`` filled; pixels outside the hole are unchanged.

        Raises :class:`DataError` when picture and mask differ in size.
        """
        _check(image, mask)
        if not mask.any():
            return image.copy()
        side = self.network.image.side
        margin, cell = _MARGIN * self.scale, self.card.multiple * self.scale
        window = window_around(mask, margin, cell, side and side * self.scale)
        content = window.cut(image)
        if not reconstruct:
            hole = window.cut_mask(mask)
            content[hole] = fill_content(content, hole, rng)[hole]
        return window.paste(self._round_trip(content), image, mask)

    def _round_trip(self, content: Image) -> Image:
        height, width = content.shape[:2]
        size = width // self.scale, height // self.scale
        small = content if self.scale == 1 else cv2.resize(content, size, interpolation=cv2.INTER_AREA)
        socket = self.network.image
        made = self.network.run(_to_planes(np.asarray(small, np.uint8), socket, self.card.image))
        return _to_image(made, self.card, self.network.path, (height, width))


def _measure_scale(network: OnnxNetwork, card: OnnxCard) -> int:
    """Return how many times larger than its input a network's output is, by trying it on grey."""
    side = network.image.side or -(-64 // card.multiple) * card.multiple
    grey = np.full((side, side, 3), 128, np.uint8)
    made = network.run(_to_planes(grey, network.image, card.image))
    scale, rest = divmod(int(made.shape[-1]), side)
    if made.ndim != 4 or made.shape[1] != 3 or rest or made.shape[2] != made.shape[3] or not 1 <= scale <= 8:
        raise ModelError(
            f"makes {_shape(made)} of a picture of {side} x {side}, which is neither a round trip nor an "
            "enlargement by a whole factor up to 8.",
            path=network.path,
        )
    return scale


def _check(image: Image, mask: Mask) -> None:
    if image.shape != (*mask.shape, 3):
        raise DataError(f"a picture of shape {image.shape} has no hole of shape {mask.shape}.")


def _to_planes(image: Image, socket: Socket, levels: Range) -> NDArray[Any]:
    black, white = levels or socket.levels
    planes = image.transpose(2, 0, 1)[None].astype(np.float32) / 255 * (white - black) + black
    return np.ascontiguousarray(planes if socket.dtype != np.uint8 else np.rint(planes), socket.dtype)


def _to_image(made: NDArray[Any], card: OnnxCard, path: Path, size: tuple[int, ...]) -> Image:
    if made.shape != (1, 3, *size):
        raise ModelError(f"made {_shape(made)} where a picture of {size[1]} x {size[0]} is due.", path=path)
    if not np.isfinite(made).all():
        raise ModelError("made values that are not numbers.", path=path, cure="Use another engine.")
    black, white = card.output or ((0.0, 255.0) if made.dtype == np.uint8 else (0.0, 1.0))
    levels = (made[0].transpose(1, 2, 0).astype(np.float32) - black) / (white - black)
    return np.asarray(np.rint(np.clip(levels, 0, 1) * 255), np.uint8)


def _shape(made: NDArray[Any]) -> str:
    return " x ".join(map(str, made.shape))
