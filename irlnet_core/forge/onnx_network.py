"""An ONNX file as a function from arrays to an array, on one CPU thread."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from irlnet_core.errors import ConfigError, ModelError

_DTYPES: dict[str, type[np.generic]] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(uint8)": np.uint8,
}


@dataclass(frozen=True)
class Socket:
    """One input: its name, type, channels and the side it is fixed to (0 where it takes any size)."""

    name: str
    dtype: type[np.generic]
    channels: int
    side: int

    @property
    def levels(self) -> tuple[float, float]:
        """The usual values for black and white, and for outside and inside the hole."""
        return (0.0, 255.0) if self.dtype == np.uint8 else (0.0, 1.0)


class OnnxNetwork:
    """A network that takes a picture (N,3,H,W), with a hole beside it (N,1,H,W) or as a fourth channel.

    ``image`` and ``mask`` are its inputs, ``mask`` None where there is but one. It can be pickled: the copy
    opens the file again. Raises :class:`ModelError` when the file is missing, cut, foreign or asks for
    something else, :class:`ConfigError` when onnxruntime is not installed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._session = _open(path)
        sockets = [_read_socket(put, path) for put in self._session.get_inputs()]
        self.image, self.mask = _tell_apart(sockets, path)

    def __reduce__(self) -> tuple[type[OnnxNetwork], tuple[Path]]:
        # A session holds the file's contents in memory of its own, which no copy can share.
        return OnnxNetwork, (self.path,)

    def run(self, image: NDArray[Any], mask: NDArray[Any] | None = None) -> NDArray[Any]:
        """Return the first output. Raises :class:`ModelError` when the network cannot work on these."""
        feed = {self.image.name: image}
        if self.mask is not None and mask is not None:
            feed[self.mask.name] = mask
        try:
            made: NDArray[Any] = self._session.run(None, feed)[0]
        except _failures() as error:
            raise ModelError(
                f"cannot work on a picture of {image.shape[3]} x {image.shape[2]}: {_first_line(error)}",
                path=self.path,
                cure="State the right multiple in the engine's card, or use another engine.",
            ) from error
        return made


def _open(path: Path) -> Any:
    if not path.is_file():
        raise ModelError("is not there.", path=path, cure="Give the path of an ONNX file.")
    runtime = _require_onnxruntime()
    options = runtime.SessionOptions()
    # The forge runs one process for each core; a pool of threads in each would only get in the way.
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return runtime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except _failures() as error:
        raise ModelError(
            f"is not an ONNX file that can be run: {_first_line(error)}",
            path=path,
            cure="Copy the file anew.",
        ) from error


def _require_onnxruntime() -> Any:
    try:
        import onnxruntime
    except ImportError as error:
        raise ConfigError(
            "engines from ONNX files need onnxruntime, which is not installed.",
            cure="Install it with: pip install onnxruntime.",
        ) from error
    return onnxruntime


def _failures() -> tuple[type[Exception], ...]:
    """Return what onnxruntime raises; its errors have no common class of their own."""
    from onnxruntime.capi import onnxruntime_pybind11_state as state

    own = (getattr(state, name) for name in dir(state))
    raised = [kind for kind in own if isinstance(kind, type) and issubclass(kind, Exception)]
    return (*raised, RuntimeError, ValueError)


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def _read_socket(put: Any, path: Path) -> Socket:
    if put.type not in _DTYPES or len(put.shape) != 4:
        raise ModelError(
            f"its input {put.name!r} is {put.type} of shape {put.shape}, not a picture or hole as (N,C,H,W) "
            "in float32, float16 or uint8.",
            path=path,
            cure="Export the network anew.",
        )
    channels, height, width = (n if isinstance(n, int) else 0 for n in put.shape[1:])
    if height != width:
        raise ModelError(
            f"its input {put.name!r} is fixed to {width} x {height}, not to a square.", path=path
        )
    return Socket(put.name, _DTYPES[put.type], channels, height)


def _tell_apart(sockets: list[Socket], path: Path) -> tuple[Socket, Socket | None]:
    """Return the picture's input and the hole's, if it has one of its own."""
    if len(sockets) == 1 and sockets[0].channels in (3, 4):
        return sockets[0], None
    if len(sockets) == 2:
        for image, mask in (sockets, sockets[::-1]):
            if image.channels == 3 and mask.channels == 1:
                return image, mask
    found = ", ".join(f"{socket.name!r} of {socket.channels or '?'} channels" for socket in sockets)
    raise ModelError(
        f"takes {found or 'nothing'}; an engine takes a picture of 3 channels, with a hole of 1 channel "
        "beside it or as a fourth channel, or a picture alone.",
        path=path,
        cure="Export the network anew.",
    )
