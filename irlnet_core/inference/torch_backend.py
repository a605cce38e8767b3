"""Running a network on batches of tiles with PyTorch: uint8 in, probability out, no tensor leaves."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Literal

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from irlnet_core.device import Device
from irlnet_core.errors import DeviceError, Interrupted

Precision = Literal["float32", "bfloat16"]

_CPU_BATCH_SECONDS = 1.0
# Larger batches are slower: their activations leave the cache, and the allocator returns them to the system
# after each batch (a third of the time of 8 tiles of 256 pixels at half width went into page faults).
_CPU_BATCH_PIXELS = 65_536
_CUDA_MEMORY_SHARE = 0.6
_CUDA_BATCH_LIMIT = 32
_OUT_OF_MEMORY = (
    "out of memory",
    "not enough memory",
    "can't allocate memory",
    "alloc_failed",
    "insufficient memory",
)
MEMORY_CURE = "Close other programs, choose a smaller model, or use the device cpu."


class OutOfMemoryError(DeviceError):
    """The device's memory did not hold one batch."""


class TorchBackend:
    """A network on one device, ready to answer: channels-last, evaluation mode.

    float32 means float32 on CUDA too: TF32 is off, and so are kernels that differ from run to run.
    ``stopped`` is asked before every layer; where it says yes, :class:`Interrupted` is raised.
    """

    name = "torch"
    version = str(torch.__version__)

    def __init__(self, net: nn.Module, device: Device, precision: Precision) -> None:
        self._device = torch.device(device.id)
        self._bfloat16 = precision == "bfloat16"
        with _memory_errors(device.name):
            net.to(self._device)
            net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._net = net.eval()
        self._device_name = device.name
        self.stopped: Callable[[], bool] | None = None
        for layer in net.modules():
            layer.register_forward_pre_hook(self._stop_here)

    @property
    def threads(self) -> int:
        """The number of CPU threads that torch uses."""
        return torch.get_num_threads()

    def measure(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32] | None:
        """Return what the network wants to know of a whole picture (uint8 H x W x 3) before its tiles.

        That is what its trace stream reads from the whole picture's traces, (C, ceil H/8, ceil W/8), or None
        for a network without one.
        """
        stream = getattr(self._net, "traces", None)
        if stream is None:
            return None
        with _memory_errors(self._device_name), self._exact():
            traces = stream.measure.of_picture(pixels, self._stop_here)
            read: NDArray[np.float32] = self._read(stream, traces).cpu().numpy()
        return read

    @torch.inference_mode()
    def _read(self, stream: nn.Module, traces: Tensor) -> Tensor:
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=self._bfloat16):
            read: Tensor = stream(traces[None])[0]
        return read.float()

    def predict(
        self, batch: NDArray[np.uint8], read: NDArray[np.float32] | None = None
    ) -> NDArray[np.float32]:
        """Return the probability (N, H, W) of tiles (N, H, W, 3), ``read`` their part of :meth:`measure`'s.

        Raises :class:`OutOfMemoryError`.
        """
        with _memory_errors(self._device_name), self._exact():
            beside = None if read is None else torch.from_numpy(read)
            answer: NDArray[np.float32] = self._forward(torch.from_numpy(batch), beside).numpy()
        return answer

    def predict_first(
        self, batch: NDArray[np.uint8], read: NDArray[np.float32] | None = None
    ) -> tuple[NDArray[np.float32], int]:
        """Answer one tile and return with it the number of tiles that make a good batch.

        On the CPU that is at most a second of work, timed on this tile; on CUDA what the free memory holds.
        """
        if self._on_cuda:
            torch.cuda.reset_peak_memory_stats(self._device)
            before = torch.cuda.memory_allocated(self._device)
            answer = self.predict(batch, read)
            need = max(torch.cuda.max_memory_allocated(self._device) - before, 1)
            free, _ = torch.cuda.mem_get_info(self._device)
            size, limit = int(free * _CUDA_MEMORY_SHARE / need), _CUDA_BATCH_LIMIT
        else:
            begin = time.perf_counter()
            answer = self.predict(batch, read)
            seconds = time.perf_counter() - begin
            size, limit = (
                int(_CPU_BATCH_SECONDS / max(seconds, 1e-9)),
                _CPU_BATCH_PIXELS // batch[0, ..., 0].size,
            )
        return answer, max(1, min(size, limit))

    def _exact(self) -> contextlib.AbstractContextManager[None]:
        """Keep CUDA to float32 as it is meant, and to kernels that repeat themselves."""
        if not self._on_cuda:
            return contextlib.nullcontext()
        return torch.backends.cudnn.flags(enabled=True, deterministic=True, allow_tf32=False)

    def _stop_here(self, *_: object) -> None:
        """End the pass before its next layer: on a slow processor a batch takes longer than anyone waits."""
        if self.stopped is not None and self.stopped():
            raise Interrupted("The analysis was stopped.")

    @property
    def _on_cuda(self) -> bool:
        return self._device.type == "cuda"

    @torch.inference_mode()
    def _forward(self, batch: Tensor, read: Tensor | None) -> Tensor:
        # (N, H, W, 3) seen as (N, 3, H, W) already lies in memory the channels-last way.
        image = batch.to(self._device).permute(0, 3, 1, 2).to(torch.float32).div_(255)
        with torch.autocast(self._device.type, dtype=torch.bfloat16, enabled=self._bfloat16):
            logits = self._net(image) if read is None else self._net(image, read=read.to(self._device))
        probability: Tensor = logits[:, 0].float().sigmoid().cpu()
        return probability


@contextlib.contextmanager
def _memory_errors(device_name: str) -> Iterator[None]:
    """Turn every way in which torch, OpenCV and Python say it into :class:`OutOfMemoryError`."""
    try:
        yield
    except (MemoryError, RuntimeError, cv2.error) as error:
        text = str(error).lower()
        known = isinstance(error, MemoryError | torch.OutOfMemoryError)
        if not known and not any(words in text for words in _OUT_OF_MEMORY):
            raise
        raise OutOfMemoryError(f"{device_name} is out of memory.", cure=MEMORY_CURE) from error
