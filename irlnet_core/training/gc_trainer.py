"""One training of a gated-convolution inpainter: generator against patch discriminator, step by step."""

from __future__ import annotations

import math
import time
from collections.abc import Generator
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from irlnet_core.data.photographs import cut
from irlnet_core.errors import ModelError, naming
from irlnet_core.forge.engine import Mask
from irlnet_core.forge.gc import GcGenerator, draw_noise, start_fill, to_tensor
from irlnet_core.forge.gc_config import GcConfig
from irlnet_core.forge.masks import draw_mask
from irlnet_core.model.resume import flatten_optimizer, load_state, restore_net, restore_optimizer, save_state
from irlnet_core.progress import CheckpointSaved, Event, StepDone
from irlnet_core.training.averaging import WeightAverage
from irlnet_core.training.gc_grain import texture_variance, with_matched_grain
from irlnet_core.training.gc_training import GcTraining
from irlnet_core.training.patch_discriminator import PatchDiscriminator, discriminator_loss, generator_loss

_REPORT_EVERY = 10
_OUTSIDE = 0.5  # weight of the L1 loss outside the hole
_FASTER = 2.0  # the discriminator's learning rate over the generator's (two time scales, Heusel et al. 2017)
_LAST_RATE = 0.1
_MATCHED = 96  # crops on which the grain's strength is set
_LACK = 1.5  # how much more a lack of texture counts than an excess


class GcTrainer:
    """The two networks, their optimizers and how far they have come; :attr:`average` becomes the engine."""

    def __init__(self, config: GcConfig, training: GcTraining) -> None:
        self.config, self.training = config, training
        self.step, self.seconds, self.kept = 0, 0.0, 0
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(training.seed)
            self.net = GcGenerator(config)
            self.judge = PatchDiscriminator(training.patches, training.patch_layers, training.texture_gain)
        for net in (self.net, self.judge):
            net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = WeightAverage(self.net, training.average)
        self.optimizer = torch.optim.Adam(self.net.parameters(), betas=(0.5, 0.99))
        self.judges_optimizer = torch.optim.Adam(self.judge.parameters(), betas=(0.5, 0.99))

    @property
    def done(self) -> float:
        """Return the share of the training that is done, by steps or by the clock."""
        by_time = self.seconds / (60 * self.training.minutes) if self.training.minutes > 0 else 0.0
        return max(self.step / self.training.steps, by_time)

    def run(self, pieces: NDArray[np.uint8], state: Path, until: float) -> Generator[Event, None, None]:
        """Train on crops of the pieces until the share ``until`` is done; save the state now and then."""
        began = saved = time.monotonic()
        before = self.seconds
        while self.done < until:
            rate = self._learning_rate()
            loss = self._train_once(pieces, rate)
            if not math.isfinite(loss):
                raise ModelError("the training diverged.", cure="Use a lower learning rate.")
            self.step += 1
            self.seconds = before + time.monotonic() - began
            if self.step % _REPORT_EVERY == 0 or self.done >= until:
                yield StepDone(self.step, loss, rate, self.seconds)
            if time.monotonic() - saved > 60 * self.training.checkpoint_minutes:
                saved = time.monotonic()
                yield self.save(state)

    def engine(self, pieces: NDArray[np.uint8]) -> GcGenerator:
        """Return the averaged generator, with grain as strong as the pieces' texture."""
        batches = (
            self._draw_batch(pieces, np.random.default_rng((self.training.seed, 2, number)))
            for number in range(math.ceil(_MATCHED / self.training.batch))
        )
        return with_matched_grain(self.average.net, batches)  # type: ignore[arg-type]

    def save(self, folder: Path) -> CheckpointSaved:
        """Write the state from which :meth:`load` goes on."""
        tensors = flatten_optimizer(self.optimizer)
        tensors |= {f"judges_{key}": value for key, value in flatten_optimizer(self.judges_optimizer).items()}
        for prefix, net in self._nets().items():
            tensors |= {prefix + key: value for key, value in net.state_dict().items()}
        progress = {"step": self.step, "seconds": self.seconds, "kept": self.kept}
        save_state(folder, tensors, {"kind": "gc", **progress, "config": asdict(self.config)})
        return CheckpointSaved(self.step, str(folder))

    def load(self, folder: Path) -> None:
        """Take up the state in ``folder``; raises :class:`ModelError` when it is another configuration's."""
        tensors, info = load_state(folder)
        if info.get("kind") != "gc" or info.get("config") != asdict(self.config):
            raise ModelError(
                "is the state of another kind of training or of another configuration.",
                path=folder,
                cure="Resume with the options the training began with.",
            )
        judges = {key.removeprefix("judges_"): t for key, t in tensors.items() if key.startswith("judges_")}
        with naming(folder):  # another discriminator does not fit
            for prefix, net in self._nets().items():
                restore_net(net, tensors, prefix)
            restore_optimizer(self.optimizer, tensors)
            restore_optimizer(self.judges_optimizer, judges)
        self.step, self.seconds, self.kept = info["step"], info["seconds"], info["kept"]

    def _nets(self) -> dict[str, torch.nn.Module]:
        return {"net.": self.net, "average.": self.average.net, "judge.": self.judge}

    def _learning_rate(self) -> float:
        half_turn = 0.5 * (1 + math.cos(math.pi * min(self.done, 1.0)))
        return self.training.learning_rate * (_LAST_RATE + (1 - _LAST_RATE) * half_turn)

    def _pull(self) -> float:
        """Return how hard the discriminator pulls now: nothing in the warm-up, then more and more."""
        warmup = max(self.training.warmup, 1e-6)
        return self.training.adversarial * min(max(self.done / warmup - 1, 0.0), 1.0)

    def _train_once(self, pieces: NDArray[np.uint8], rate: float) -> float:
        """Make one step of both networks; return the L1 error in the hole (levels of 255)."""
        rng = np.random.default_rng((self.training.seed, 1, self.step))
        truth, start, hole, noise = self._draw_batch(pieces, rng)
        with self._autocast():
            coarse = self.net.complete_coarsely(start, hole).float()
            coarse_loss = _error(coarse, truth, hole)
            places = [_draw_place(one[0].numpy() > 0, self.training.window, rng) for one in hole]
            truth, start, hole, noise, coarse = (
                _cut_windows(whole, places, self.training.window)
                for whole in (truth, start, hole, noise, coarse)
            )
            fine = self.net.refine(start, coarse, hole, noise).float()
        # The discriminator learns from the middle of the warm-up on, so that it knows what it says later.
        if self.done >= self.training.warmup / 2:
            self._teach_judge(truth, _compose(truth, fine.detach(), hole), hole, rate)
        fit, fine_gradient = self._judge_fine(truth, fine.detach(), hole)
        self.optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward([coarse_loss, fine], [None, fine_gradient])
        _advance(self.optimizer, self.net, rate)
        self.average.update(self.net, self.step + 1)
        return fit * 127.5

    def _draw_batch(self, pieces: NDArray[np.uint8], rng: np.random.Generator) -> tuple[Tensor, ...]:
        """Return pictures -1..1 (N,3,H,W), their starts, their holes (N,1,H,W; 1 inside) and noise."""
        training, size = self.training, (self.training.crop, self.training.crop)
        samples = []
        for number in rng.integers(len(pieces), size=training.batch):
            crop = cut(pieces[int(number)], size, rng)[0]
            crop = crop[:, ::-1] if rng.random() < 0.5 else crop
            mask = draw_mask(rng, *size, hole_min=training.hole_min, hole_max=training.hole_max)
            start, noise = start_fill(crop, mask, self.config), draw_noise(crop, mask, self.config, rng)
            samples.append((to_tensor(crop), start, torch.from_numpy(mask)[None].float(), noise))
        truth, start, hole, noise = map(torch.stack, zip(*samples, strict=True))
        return truth, start.contiguous(memory_format=torch.channels_last), hole, noise

    def _teach_judge(self, truth: Tensor, made: Tensor, hole: Tensor, rate: float) -> None:
        with self._autocast():
            real, fake = self.judge(torch.cat([truth, made]), torch.cat([hole, hole])).chunk(2)
        self.judges_optimizer.zero_grad(set_to_none=True)
        discriminator_loss(real, fake, hole).backward()
        _advance(self.judges_optimizer, self.judge, _FASTER * rate)

    def _judge_fine(self, truth: Tensor, fine: Tensor, hole: Tensor) -> tuple[float, Tensor]:
        """Return the L1 error in the hole and the gradient of both losses by the pixels of the fine picture.

        The discriminator's part is scaled to its share of the L1 loss's, so that one number balances the two
        for every size of network and at every stage of the training.
        """
        fine.requires_grad_()
        error = _error(fine, truth, hole)
        loss = error + _OUTSIDE * _error(fine, truth, 1 - hole)
        (gradient,) = torch.autograd.grad(loss, fine, retain_graph=True)
        texture = self.training.texture * texture_error(_compose(truth, fine, hole), truth, hole)
        (texture_gradient,) = torch.autograd.grad(texture, fine)
        if (pull := self._pull()) > 0:
            with self._autocast():
                answer = self.judge(_compose(truth, fine, hole), hole)
            (push,) = torch.autograd.grad(generator_loss(answer, hole), fine)
            gradient = gradient + pull * (gradient * hole).norm() / push.norm().clamp(min=1e-12) * push
        return float(error.detach()), gradient + texture_gradient

    def _autocast(self) -> torch.autocast:
        return torch.autocast("cpu", torch.bfloat16, enabled=self.training.precision == "bfloat16")


def texture_error(made: Tensor, truth: Tensor, hole: Tensor) -> Tensor:
    """Return by how much the strength of fine texture differs in each hole, the mean; pictures -1..1.

    Strength is the root mean square of the luminance's Laplacian, over that of white noise of strength 1.
    Unlike the L1 loss it asks for texture of the right strength, wherever its grains lie. What lacks counts
    more than what is too much, since most errors are of the kind that the L1 loss would have: too smooth.
    """
    # The small constant keeps the root's slope finite where there is no texture.
    strengths = [(texture_variance(x, hole) / 20 + 1e-6).sqrt() for x in (made, truth)]
    excess = strengths[0] - strengths[1]
    return torch.maximum(excess, -_LACK * excess).mean()


def _advance(optimizer: torch.optim.Optimizer, net: torch.nn.Module, rate: float) -> None:
    torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    for group in optimizer.param_groups:
        group["lr"] = rate
    optimizer.step()


def _compose(truth: Tensor, made: Tensor, hole: Tensor) -> Tensor:
    return truth + (made - truth) * hole


def _error(made: Tensor, truth: Tensor, where: Tensor) -> Tensor:
    return ((made - truth).abs() * where).sum() / (3 * where.sum()).clamp(min=1)


def _draw_place(hole: Mask, window: int, rng: np.random.Generator) -> tuple[int, int]:
    """Return the corner of a window within the crop, in whose middle lies a place of the hole if it can."""
    row, column = rng.permutation(np.argwhere(hole))[0] - window // 2
    height, width = hole.shape
    return int(np.clip(row, 0, height - window)), int(np.clip(column, 0, width - window))


def _cut_windows(batch: Tensor, places: list[tuple[int, int]], window: int) -> Tensor:
    cuts = [one[:, y : y + window, x : x + window] for one, (y, x) in zip(batch, places, strict=True)]
    return torch.stack(cuts).contiguous(memory_format=torch.channels_last)
