"""Fine-tuning: teach a model a case from few pictures, keep what it knew, stop when nothing is gained."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import time
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from irlnet_core import files
from irlnet_core.data.dataset import Pieces
from irlnet_core.device import choose_device
from irlnet_core.errors import ConfigError, Interrupted
from irlnet_core.model.card import ModelCard, read_card
from irlnet_core.model.checkpoint import load_model, save_model
from irlnet_core.progress import EpochDone, Event, StepDone
from irlnet_core.training.engine import Trainer, TrainingData
from irlnet_core.training.finetune_data import FinetuneData, is_rehearsal
from irlnet_core.training.finetune_events import PreviewSaved, RunEnded, RunStarted
from irlnet_core.training.finetune_exam import Exam
from irlnet_core.training.finetune_policy import FinetunePolicy
from irlnet_core.training.finetune_previews import Shot, write_previews
from irlnet_core.training.finetune_run_folder import CURVE, LOSS, RunFolder, find_best_step
from irlnet_core.training.losses import irlnet_loss

_LOSS_STEPS = 10  # steps that one row of loss.jsonl is the mean of
_REASONS = {"stop": "stopped", "cancel": "cancelled", "pause": "paused"}
_DETAILS = {
    "finished": "The time or the steps are used up.",
    "early": "The last {patience} validations brought nothing better.",
    "stopped": "Stopped on request; the best so far is kept.",
    "paused": "Paused on request; --resume goes on.",
    "cancelled": "Cancelled on request; nothing was kept.",
}
_FROZEN = {
    "none": (),
    "enhancement": ("enhancements",),
    "encoder": ("enhancements", "encoders"),
    "network": ("enhancements", "encoders", "decoder"),
}


class FineTuner(Trainer):
    """One fine-tuning of the model in ``base`` into ``run``; iterate over :meth:`run_to_end` to drive it.

    The folder becomes a model folder with the best weights so far: at first the base's own (step 0), so that
    a stop at any moment leaves a model. ``wished`` is asked after every step and within validations for
    "stop" (keep the best), "cancel" (leave nothing) or "pause". Raises :class:`ConfigError` when the base has
    no such part to freeze, and what :class:`Trainer` raises.
    """

    def __init__(
        self,
        policy: FinetunePolicy,
        data: FinetuneData,
        run: RunFolder,
        *,
        base: Path,
        resume: bool = False,
        device: str = "auto",
        name: str = "",
        command: str = "",
        wished: Callable[[], str] = lambda: "",
    ) -> None:
        self.base = read_card(base)
        machine = choose_device(device).id
        self.policy = dataclasses.replace(_settle(policy, machine), freeze=policy.frozen_of(self.base))
        self.folder, self.case, self._wished = run, data, wished
        config = self.policy.config(self.base, machine)
        facts = TrainingData(self._samples, [], data.facts, data.credits())
        super().__init__(
            config, facts, run.path, init=base, resume=resume, device=device, name=name, command=command
        )
        self.resumed = resume
        self._freeze()
        self._teacher = load_model(base).net.to(self.device)
        case, general = data.exams(
            config.train.crop, policy.validation_count, policy.seed, traces=config.model.traces
        )
        self._exam = Exam(case, general, self._check_wish, self._known())
        self._losses = [row for row in run.losses() if row["step"] <= self.state.step] if resume else []
        self._recent: list[float] = []

    def run_to_end(self) -> Generator[Event, None, RunEnded]:
        """Train until time, steps or patience are used up or a wish ends it; return (and yield) how."""
        reason = "finished"
        try:
            yield self._announce()
            if not self.state.curve:
                yield from self._look()
            reason = yield from self._train()
        except Interrupted:
            reason = _REASONS[self._wished()]
        if reason == "cancelled":
            self.folder.remove()
        else:
            yield from self._close(reason)
        detail = _DETAILS[reason].format(patience=self.policy.patience)
        ended = RunEnded(
            reason, self.state.step, self.best_step, self.state.seconds, str(self.output), detail
        )
        yield ended
        return ended

    def time_one(self, images: Tensor, masks: Tensor, *traces: Tensor) -> float:
        """Take one step on a batch and return its seconds: for measuring, not for training."""
        began = time.perf_counter()
        self._step(images, masks, self.policy.learning_rate, *traces)
        return time.perf_counter() - began

    def time_exam(self) -> float:
        """Grade the network once and return the seconds that it took."""
        began = time.perf_counter()
        self._exam.grade(
            self._learner(self.average.net), self.device, bfloat16=self.config.train.precision == "bfloat16"
        )
        return time.perf_counter() - began

    @property
    def best_step(self) -> int:
        """The step of the weights that are kept."""
        return find_best_step(self.state.curve)

    def _train(self) -> Generator[Event, None, str]:
        with contextlib.closing(self.run()) as steps:
            for event in steps:
                yield event
                self._check_wish()
                if isinstance(event, StepDone):
                    self._note_loss(event)
                elif isinstance(event, EpochDone):
                    yield self._preview()
                    if self._is_stale():
                        return "early"
        return "finished"

    def _close(self, reason: str) -> Generator[Event, None, None]:
        if not (self.output / "card.json").is_file():  # stopped before the first validation ended
            save_model(self.output, self.average.net, self._card({}), photos=self.data.photos)
        self._write_losses()
        if reason == "paused":
            yield self._save()
        self.folder.end(reason)

    def _look(self) -> Generator[Event, None, None]:
        """Grade the base itself: the first row of the curve, and the first model that is kept."""
        yield self._validate()
        yield self._preview()
        yield self._save()

    def _validate(self) -> EpochDone:
        bfloat16 = self.config.train.precision == "bfloat16"
        scores = self._exam.grade(self._learner(self.average.net), self.device, bfloat16=bfloat16)
        best = scores["score"] > self.state.best
        row: dict[str, Any] = {"step": self.state.step, "seconds": round(self.state.seconds, 1), "best": best}
        row |= {name: round(value, 5) for name, value in scores.items()}
        self.state.curve.append(row)
        if best:
            self.state.best = scores["score"]
            save_model(self.output, self.average.net, self._card(scores), photos=self.data.photos)
        files.write_bytes(self.output / CURVE, _lines(self.state.curve))
        self._write_losses()
        return EpochDone(self.state.step, scores, best, self.state.seconds)

    def _card(self, scores: dict[str, float]) -> ModelCard:
        card = super()._card(scores)
        base = {"name": self.base.name, "sha256": self.base.hashes.get("model.safetensors", "")}
        told = {"kind": "fine-tuning", "base": base, "policy": self.policy.as_dict()}
        return dataclasses.replace(
            card,
            training={**card.training, **told},
            licence=self.base.licence,
            limits=self.base.limits or card.limits,
        )

    def _preview(self) -> PreviewSaved:
        shots: list[Shot] = []
        for (image, mask, *_), response in zip(self._exam.case, self._exam.responses, strict=True):
            if mask.any() and len(shots) < self.policy.previews:
                pixels = np.ascontiguousarray(image.numpy().transpose(1, 2, 0))
                shots.append((pixels, mask[0].numpy().astype(bool), response))
        paths = write_previews(self.folder, self.state.step, shots, (0, self.best_step))
        return PreviewSaved(self.state.step, [str(path) for path in paths])

    def _note_loss(self, event: StepDone) -> None:
        self._recent.append(event.loss)
        if len(self._recent) == _LOSS_STEPS:
            mean = sum(self._recent) / _LOSS_STEPS
            self._losses.append({"step": event.step, "loss": mean, "learning_rate": event.learning_rate})
            self._recent.clear()

    def _write_losses(self) -> None:
        files.write_bytes(self.output / LOSS, _lines(self._losses))

    def _is_stale(self) -> bool:
        rows = self.state.curve
        behind = len(rows) - 1 - max(place for place, row in enumerate(rows) if row["best"])
        return bool(self.policy.patience) and behind >= self.policy.patience

    def _samples(self, first: int, length: int) -> Pieces:
        policy = self.policy
        return self.case.samples(
            first,
            length,
            size=self.config.train.crop,
            share=policy.rehearsal,
            postprocess=policy.postprocess,
            seed=policy.seed,
            traces=self.config.model.traces,
        )

    def _freeze(self) -> None:
        for name in _FROZEN[self.policy.freeze]:
            part = getattr(self.net, name, None)
            if part is None:
                raise ConfigError(f"The base {self.base.name!r} has no {self.policy.freeze} to freeze.")
            part.requires_grad_(requires_grad=False)

    def _known(self) -> float | None:
        return self.state.curve[0].get("general_auc") if self.state.curve else None

    def _check_wish(self) -> None:
        if wish := self._wished():
            raise Interrupted(f"The training was asked to {wish}.")

    def _loss(self, images: Tensor, masks: Tensor, *traces: Tensor) -> Tensor:
        """Learn the case by its masks; on general forgeries stay with what the base answers.

        To follow the base (Li and Hoiem 2016, "Learning without Forgetting") holds more than to learn the
        same forgeries anew: their masks would pull the weights about from the first step on.
        """
        general = self._rehearsed(len(images))
        own = callable(getattr(self.net, "training_loss", None))  # a reference method brings its own
        if own or not general.any() or not self.policy.follow:
            return super()._loss(images, masks, *traces)
        with torch.autocast(
            self.device.type, torch.bfloat16, enabled=self.config.train.precision == "bfloat16"
        ):
            logits = self._answer(self.net, images, *traces)
            with torch.no_grad():
                beside = (part[general] for part in traces)
                wanted = self._answer(self._teacher, images[general], *beside).sigmoid()
        kept = functional.binary_cross_entropy_with_logits(logits[general], wanted)
        kept = self.policy.follow * (kept - functional.binary_cross_entropy(wanted, wanted))
        share = float(general.float().mean())
        if general.all():
            return kept
        return share * kept + (1 - share) * irlnet_loss(logits[~general], masks[~general], self.config.train)

    def _answer(self, net: nn.Module, images: Tensor, *traces: Tensor) -> Tensor:
        logits: Tensor = self._learner(net)(images, *traces)
        return logits.float()

    def _rehearsed(self, count: int) -> Tensor:
        """Return which samples of the batch at hand are rehearsal: their numbers tell."""
        policy, first = self.policy, self.state.step * self.config.train.batch
        if self.case.general is None or not self.case.training:
            return torch.zeros(count, dtype=torch.bool)
        told = [is_rehearsal(first + place, policy.seed, policy.rehearsal) for place in range(count)]
        return torch.tensor(told, device=self.device)

    def _announce(self) -> RunStarted:
        train, policy = self.config.train, self.policy
        return RunStarted(
            run=str(self.output),
            base=self.base.name,
            base_sha256=self.base.hashes.get("model.safetensors", ""),
            resumed=self.resumed,
            pictures=len(self.case.training),
            validation_pictures=len(self.case.validation),
            rehearsal_photographs=self.case.rehearsal_photographs,
            device=self.machine,
            minutes=train.minutes,
            steps=train.steps,
            batch=train.batch,
            crop=train.crop,
            frozen=policy.freeze,
            trainable=sum(p.numel() for p in self.net.parameters() if p.requires_grad),
            patience=policy.patience,
            validate_every=policy.validate_every,
        )


def _settle(policy: FinetunePolicy, device: str) -> FinetunePolicy:
    """Fill in what the machine decides: a second core makes samples, bfloat16 where it is computed fast."""
    workers, precision = policy.workers, policy.precision
    if workers < 0:
        workers = 1 if (os.cpu_count() or 1) > 1 else 0
    if precision == "auto":
        fast = device != "cpu" or _computes_bfloat16()
        precision = "bfloat16" if fast else "float32"
    return dataclasses.replace(policy, workers=workers, precision=precision)


def _computes_bfloat16() -> bool:
    """Tell whether the CPU has instructions for bfloat16; without them it is slower than float32."""
    asked = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")  # torch's own; not in every release
    return any(bool(ask()) for name in asked if (ask := getattr(torch.cpu, name, None)))


def _lines(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row) + "\n" for row in rows).encode()
