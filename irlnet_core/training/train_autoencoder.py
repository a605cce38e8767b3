"""Train a small autoencoder on photographs and keep it as an engine of the forge."""

from __future__ import annotations

import math
import time
from collections.abc import Generator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from irlnet_core.data.photographs import Photograph, cut, split_groups
from irlnet_core.errors import ConfigError, ModelError
from irlnet_core.evidence.image import read_image
from irlnet_core.forge.autoencoder import Autoencoder, RoundTripEngine
from irlnet_core.forge.autoencoder_config import AutoencoderConfig
from irlnet_core.forge.engine_files import EngineCard, save_engine
from irlnet_core.forge.quality import engine_quality
from irlnet_core.progress import EpochDone, Event, StepDone
from irlnet_core.training.gc_trainer import texture_error
from irlnet_core.training.pieces import cut_pieces

_PIECE = 128  # side of the pieces kept in memory; training crops are cut from them
_PIECES_IN_MEMORY = 3000
_HELD_OUT = 0.1
_MEASURED = 48
_REPORT_EVERY = 10
_GRADIENT_WEIGHT, _SPECTRUM_WEIGHT = 0.5, 0.5


@dataclass(frozen=True)
class AutoencoderTraining:
    """How to train: optimizer steps, a limit in minutes (0 = none), batch, crop side, Adam's rate, seed.

    ``texture`` weighs the error in texture's strength: what an encoder that drops detail needs, so that the
    decoder invents some instead of a blur.
    """

    steps: int = 1500
    minutes: float = 0.0
    batch: int = 8
    crop: int = 96
    learning_rate: float = 2e-3
    seed: int = 0
    texture: float = 0.0

    def __post_init__(self) -> None:
        if (
            self.steps < 1
            or self.batch < 1
            or self.minutes < 0
            or not self.learning_rate > 0
            or self.seed < 0
            or self.texture < 0
        ):
            raise ConfigError(
                "steps, batch and learning rate must be positive; minutes, seed and texture not negative."
            )
        if not 32 <= self.crop <= _PIECE or self.crop % 16:
            raise ConfigError(f"crop = {self.crop} must be a multiple of 16 from 32 to {_PIECE}.")


def train_autoencoder_engine(
    photographs: list[Photograph], output: Path, config: AutoencoderConfig, training: AutoencoderTraining
) -> Generator[Event, None, EngineCard]:
    """Train on nine tenths of the photographs' scenes, measure on the others, write the folder ``output``.

    The engine bears the folder's name. The same seed, photographs and thread count give the same weights,
    unless the time limit ends the run. Raises :class:`DataError` for fewer than two scenes or photographs
    that are too small, :class:`ModelError` when the training diverges.
    """
    kept, held = split_groups(photographs, _HELD_OUT, training.seed)
    pieces = yield from cut_pieces(kept, _PIECE, _PIECES_IN_MEMORY, training.seed)
    start = time.monotonic()
    net, steps = yield from _fit(config, training, pieces, start)
    engine = RoundTripEngine(Path(output).name, net)
    unseen = (read_image(photo.path).pixels for photo in held[:_MEASURED])
    quality = engine_quality(engine, unseen, training.seed, reconstruct=True)
    scores = {"error": quality.error, "telea_error": quality.telea_error, "sharpness": quality.sharpness}
    yield EpochDone(steps, scores, best=True, seconds=time.monotonic() - start)
    card = EngineCard(
        kind="autoencoder",
        name=engine.name,
        stride=config.stride,
        licence="Apache-2.0",
        source="trained by irlnet train-engine autoencoder",
        config=asdict(config),
        training={**asdict(training), "steps": steps, "photographs": len(kept)},
        quality=quality.as_dict(),
    )
    save_engine(output, card, {name: values.numpy() for name, values in net.state_dict().items()})
    return card


def _fit(
    config: AutoencoderConfig, training: AutoencoderTraining, pieces: NDArray[np.uint8], start: float
) -> Generator[Event, None, tuple[Autoencoder, int]]:
    """Return the trained net and the number of steps it made."""
    net = _build_seeded(config, training.seed)
    optimizer = torch.optim.Adam(net.parameters(), training.learning_rate, betas=(0.9, 0.99))
    rng = np.random.default_rng((training.seed, 1))
    step, done = 0, 0.0
    while done < 1:
        rate = training.learning_rate * _decay(done)
        for group in optimizer.param_groups:
            group["lr"] = rate
        loss = _step(net, optimizer, _draw_batch(pieces, training, rng), training.texture)
        step += 1
        if not math.isfinite(loss):
            raise ModelError("the training diverged.", cure="Use a lower learning rate.")
        seconds = time.monotonic() - start
        done = _share_done(training, step, seconds)
        if step % _REPORT_EVERY == 0 or done >= 1:
            yield StepDone(step, loss, rate, seconds)
    return net.eval(), step


def _build_seeded(config: AutoencoderConfig, seed: int) -> Autoencoder:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Autoencoder(config)


def _share_done(training: AutoencoderTraining, step: int, seconds: float) -> float:
    by_time = seconds / (60 * training.minutes) if training.minutes > 0 else 0.0
    return max(step / training.steps, by_time)


def _decay(done: float) -> float:
    """Cosine from 1 to 0.02: the last, small steps are what makes the fine texture."""
    return 0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))


def _draw_batch(pieces: NDArray[np.uint8], training: AutoencoderTraining, rng: np.random.Generator) -> Tensor:
    size = (training.crop, training.crop)
    crops = [cut(pieces[int(i)], size, rng)[0] for i in rng.integers(len(pieces), size=training.batch)]
    turned = [np.rot90(crop, int(rng.integers(4))) for crop in crops]
    return torch.from_numpy(np.stack(turned)).permute(0, 3, 1, 2).float() / 255


def _step(net: Autoencoder, optimizer: torch.optim.Optimizer, images: Tensor, texture: float) -> float:
    optimizer.zero_grad(set_to_none=True)
    made = net(images)
    loss = round_trip_loss(made, images)
    if texture:
        loss = loss + texture * texture_error(made, images, torch.ones_like(images[:, :1]))
    loss.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    optimizer.step()
    return float(loss.detach())


def round_trip_loss(made: Tensor, truth: Tensor) -> Tensor:
    """Return L1 of the pixels, of their differences to the neighbours, and of the spectrum's amplitudes.

    The last two keep fine texture, which L1 alone would trade for blur. Shapes (N,3,H,W), values about 0..1.
    """
    pixels = functional.l1_loss(made, truth)
    gradients = functional.l1_loss(made.diff(dim=-1), truth.diff(dim=-1)) + functional.l1_loss(
        made.diff(dim=-2), truth.diff(dim=-2)
    )
    spectrum = functional.l1_loss(_amplitudes(made), _amplitudes(truth))
    return pixels + _GRADIENT_WEIGHT * gradients + _SPECTRUM_WEIGHT * spectrum


def _amplitudes(images: Tensor) -> Tensor:
    # The small constant keeps the gradient of |z| finite at z = 0.
    spectrum = torch.view_as_real(torch.fft.rfft2(images, norm="ortho"))
    return (spectrum.square().sum(-1) + 1e-8).sqrt()
