"""The training loop, readable from top to bottom: it yields events and leaves a model folder."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cv2
import torch
from torch import Tensor, nn

from irlnet_core import files
from irlnet_core.config import Config, ModelConfig, to_dict
from irlnet_core.data.dataset import Items, Pieces, as_learned, make_loader, to_input
from irlnet_core.device import choose_device
from irlnet_core.errors import DataError, ModelError, naming
from irlnet_core.model import registry
from irlnet_core.model.archive import check_name
from irlnet_core.model.card import NOT_CALIBRATED, ModelCard, read_card
from irlnet_core.model.checkpoint import load_model, save_model
from irlnet_core.model.graft import graft
from irlnet_core.model.photo_list import merge_photos, read_photos
from irlnet_core.model.resume import (
    flatten_optimizer,
    load_state,
    restore_net,
    restore_optimizer,
    save_state,
)
from irlnet_core.model.trace_stream import trace_channels
from irlnet_core.model.traces import KINDS
from irlnet_core.progress import CheckpointSaved, EpochDone, Event, Note, StepDone
from irlnet_core.training.averaging import WeightAverage
from irlnet_core.training.losses import irlnet_loss, pixel_contrast_loss
from irlnet_core.training.schedule import learning_rate, progress
from irlnet_core.training.validation import TracesAlone, validate

# True of every network that learns from local traces; a card may add its own.
LIMITS = (
    "A picture that was regenerated as a whole is not found: the network compares a region with the rest.",
    "Recompression, resizing and screenshots weaken or erase the traces.",
    "Other local edits, retouching, overlaid text, strong texture, blur and saturation can respond too.",
    "No response does not mean that a picture is authentic.",
)


@dataclass(frozen=True)
class TrainingData:
    """What to learn from: ``samples(first, length)`` gives training samples from number ``first`` on.

    ``validation`` is the fixed held-out set; ``facts`` (counts, sources) go into the card, ``photos`` is the
    text of photos.csv.
    """

    samples: Callable[[int, int], Pieces]
    validation: list[tuple[Tensor, ...]]
    facts: dict[str, Any]
    photos: str = ""


@dataclass
class _Run:
    """What changes while training: all that a resume needs beside the tensors."""

    step: int = 0
    seconds: float = 0.0
    best: float = -1.0
    curve: list[dict[str, float]] = field(default_factory=list)


class Trainer:
    """One training run into the folder ``output``; iterate over :meth:`run` to drive it.

    The folder becomes a model folder with the best weights so far, beside ``curve.jsonl`` and ``state/``,
    from which ``resume`` goes on. ``init`` starts from another model's weights, whose training the card, and
    whose pictures photos.csv go on to tell. Raises :class:`DataError` when the loss or the response is no
    longer finite (the best model and the last state stay), :class:`ModelError` when ``init`` or the state
    does not fit, or when the folder's name is no model name and no ``name`` is given.
    """

    def __init__(
        self,
        config: Config,
        data: TrainingData,
        output: Path,
        *,
        init: Path | None = None,
        resume: bool = False,
        device: str = "auto",
        name: str = "",
        command: str = "",
    ) -> None:
        self.config, self.data, self.output = config, data, Path(output)
        self.name = _choose_name(name, self.output, resume=resume)
        self.command, self.init = command, init
        self.stages_before: list[dict[str, Any]] = []
        chosen = choose_device(device)
        self.device, self.machine = torch.device(chosen.id), chosen.name
        if config.train.threads:
            torch.set_num_threads(config.train.threads)
            cv2.setNumThreads(config.train.threads)
        torch.manual_seed(config.train.seed)
        self.net = self._start_net(init).to(self.device)
        self.net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.average = WeightAverage(self.net, config.train.ema)
        kind = torch.optim.AdamW if config.train.optimizer == "adamw" else torch.optim.Adam
        self.optimizer = kind(
            _groups(self.net, config.train.trace_rate),
            config.train.learning_rate,
            weight_decay=config.train.weight_decay,
        )
        self.state = _Run()
        self._draws = torch.Generator().manual_seed(config.train.seed)
        if resume:
            self._load()

    def run(self) -> Generator[Event, None, Path]:
        """Train until the steps or the minutes are used up; return the model folder."""
        train = self.config.train
        began, before = time.monotonic(), self.state.seconds
        saved = began
        yield Note(f"Training on {self.machine} from step {self.state.step}.")
        loader = make_loader(self._remaining(), train.batch, train.workers)
        for images, masks, *traces in loader:
            rate = learning_rate(train, self.state.step, self._progress())
            loss = self._step(images, masks, rate, *traces)
            self.state.step += 1
            self.state.seconds = before + time.monotonic() - began
            yield StepDone(self.state.step, loss, rate, self.state.seconds)
            over = self._progress() >= 1
            due = time.monotonic() - saved > 60 * train.checkpoint_minutes
            if self.state.step % train.validate_every == 0 or over:
                told = self._validate()
                yield told
                due |= told.best  # else a run that is killed would go on from before the model that it kept
            if over or due:
                saved = time.monotonic()
                yield self._save()
            if over:
                break
        return self.output

    def _step(self, images: Tensor, masks: Tensor, rate: float, *traces: Tensor) -> float:
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["share"]
        self.net.train()
        self.optimizer.zero_grad(set_to_none=True)
        beside = [self._blank(tensor.to(self.device)) for tensor in traces]
        loss = self._loss(to_input(images, self.device), masks.to(self.device), *beside)
        if not torch.isfinite(loss):
            raise DataError(
                f"The loss is no longer finite at step {self.state.step}; the best model so far is kept.",
                cure="Use a smaller learning rate or float32.",
            )
        loss.backward()
        if self.config.train.clip:
            nn.utils.clip_grad_norm_(self.net.parameters(), self.config.train.clip)
        self.optimizer.step()
        project = getattr(self.net, "project_", None)
        if callable(project):
            project()
        self.average.update(self.net, self.state.step + 1)
        return float(loss.detach())

    def _blank(self, traces: Tensor) -> Tensor:
        """Blank each kind of traces in some samples, so that none is relied on alone."""
        chance = self.config.train.trace_dropout
        if not chance:
            return traces
        drawn = torch.rand((len(traces), len(KINDS)), generator=self._draws) >= chance
        kept = drawn.repeat_interleave(torch.tensor(KINDS), dim=1)
        return traces * kept[..., None, None].to(traces)

    def _loss(self, images: Tensor, masks: Tensor, *traces: Tensor) -> Tensor:
        train = self.config.train
        with torch.autocast(self.device.type, torch.bfloat16, enabled=train.precision == "bfloat16"):
            own_loss = getattr(self.net, "training_loss", None)
            if callable(own_loss):
                own: Tensor = own_loss(images, masks.float())
                return own
            if train.part == "traces":
                return irlnet_loss(self.net.trace_logits(*traces), masks, train)  # type: ignore[operator]
            if train.contrast_weight and self.config.model.architecture == "irlnet":
                beside = self.net.traces(*traces) if traces else None  # type: ignore[operator]
                features = self.net.features(images, beside)  # type: ignore[operator]
                logits = self.net.answer(features, beside)  # type: ignore[operator]
                contrast = pixel_contrast_loss(features, masks, self._draws)
                return irlnet_loss(logits, masks, train) + train.contrast_weight * contrast
            logits = self.net(images, *traces)
        return irlnet_loss(logits, masks, train)

    def _validate(self) -> EpochDone:
        bfloat16 = self.config.train.precision == "bfloat16"
        scores = validate(
            self._learner(self.average.net), self.data.validation, self.device, bfloat16=bfloat16
        )
        # Not the mean IoU at 0.5: a network's threshold comes from calibration, after training.
        best = scores["auc"] > self.state.best
        row = {"step": self.state.step, "seconds": round(self.state.seconds, 1)}
        row |= {name: round(value, 5) for name, value in scores.items()}
        self.state.curve.append(row)
        files.write_bytes(
            self.output / "curve.jsonl", "".join(json.dumps(r) + "\n" for r in self.state.curve).encode()
        )
        if best:
            self.state.best = scores["auc"]
            save_model(self.output, self.average.net, self._card(scores), photos=self.data.photos)
        return EpochDone(self.state.step, scores, best, self.state.seconds)

    def _learner(self, net: nn.Module) -> nn.Module:
        """Return the part of a network that learns, called as the whole network is."""
        return TracesAlone(net) if self.config.train.part == "traces" else net

    def _card(self, scores: dict[str, float]) -> ModelCard:
        train = self.config.train
        return ModelCard(
            name=self.name,
            architecture=self.config.model,
            tile=train.crop,
            overlap=train.crop // 4,
            training={
                "command": self.command,
                "stages_before": self.stages_before,
                "recipe": {"forge": to_dict(self.config.forge), "train": to_dict(train)},
                "machine": f"{self.machine}, {torch.get_num_threads()} threads, torch {torch.__version__}",
                "steps": self.state.step,
                "minutes": round(self.state.seconds / 60, 1),
                "data": self.data.facts,
                "curve": self.state.curve,
            },
            metrics={"validation": {name: round(value, 4) for name, value in scores.items()}},
            licence="Apache-2.0",
            limits=LIMITS,
            notes=NOT_CALIBRATED,
        )

    def _remaining(self) -> Items:
        train = self.config.train
        samples = self.data.samples(
            self.state.step * train.batch, max(0, train.steps - self.state.step) * train.batch
        )
        return as_learned(samples, traces=self.config.model.traces)

    def _progress(self) -> float:
        return progress(self.config.train, self.state.step, self.state.seconds)

    def _start_net(self, init: Path | None) -> nn.Module:
        if init is None:
            net = registry.build(self.config.model)
            _amplify_residual(net, self.config.train.residual_gain)
            return net
        loaded = load_model(init)
        if not _grows_into(loaded.card.architecture, self.config.model):
            raise ModelError(
                "has another architecture than the recipe asks for.",
                path=init,
                cure="Use its own [model] table, or train without --init.",
            )
        earlier = dict(loaded.card.training)
        self.stages_before = [*earlier.pop("stages_before", []), earlier]
        self._inherit(read_photos(init))
        net = loaded.net
        if loaded.card.architecture != self.config.model:
            net = graft(loaded.net, registry.build(self.config.model))
        return net.requires_grad_(requires_grad=True)

    def _inherit(self, photos: str) -> None:
        """Put what the weights at hand have learned from before the pictures of this run."""
        self.data = dataclasses.replace(self.data, photos=merge_photos(photos, self.data.photos))

    def _save(self) -> CheckpointSaved:
        tensors = {f"net.{k}": v for k, v in self.net.state_dict().items()}
        tensors |= {f"average.{k}": v for k, v in self.average.net.state_dict().items()}
        tensors |= flatten_optimizer(self.optimizer)
        tensors["contrast_draws"] = self._draws.get_state()
        info = {
            "run": dataclasses.asdict(self.state),
            "stages_before": self.stages_before,
            "photos": self.data.photos,
        }
        save_state(self.output / "state", tensors, info)
        return CheckpointSaved(self.state.step, str(self.output / "state"))

    def _load(self) -> None:
        folder = self.output / "state"
        tensors, info = load_state(folder)
        with naming(folder):
            restore_net(self.net, tensors, "net.")
            restore_net(self.average.net, tensors, "average.")
            restore_optimizer(self.optimizer, tensors)
        self._draws.set_state(tensors["contrast_draws"])
        self.state, self.stages_before = _Run(**info["run"]), info["stages_before"]
        self._inherit(merge_photos(info.get("photos", ""), read_photos(self.output)))  # old states tell none


def _choose_name(name: str, output: Path, *, resume: bool) -> str:
    """Return the model's name: the given one, that of the card a run goes on with, or else the folder's."""
    if resume and not name:
        with contextlib.suppress(ModelError):  # there was no validation yet, or the card is damaged
            return read_card(output).name
    try:
        return check_name(name or output.resolve().name)
    except ModelError as error:
        raise ModelError(error.reason, cure="Give the model another name with --name.") from error


def _grows_into(small: ModelConfig, large: ModelConfig) -> bool:
    """Is ``large`` the same network, but for a trace stream that is new, wider, reads more or looks twice?"""
    stream = {
        key: getattr(large, key) for key in ("traces", "trace_channels", "second_look", "chroma_traces")
    }
    if dataclasses.replace(small, **stream) != large or trace_channels(large) < trace_channels(small):
        return False
    return large.second_look >= small.second_look and large.chroma_traces >= small.chroma_traces


def _groups(net: nn.Module, trace_rate: float) -> list[dict[str, Any]]:
    """Return the optimizer's groups: the trace stream, where there is one, with its share of the rate."""
    stream = [values for name, values in net.named_parameters() if name.startswith("traces.")]
    rest = [values for name, values in net.named_parameters() if not name.startswith("traces.")]
    groups = [{"params": rest, "share": 1.0}, {"params": stream, "share": trace_rate}]
    return [group for group in groups if group["params"]]


def _amplify_residual(net: nn.Module, gain: float) -> None:
    """Multiply the first weights that see the Bayar residual: training starts where both inputs count."""
    multiscale = getattr(getattr(net, "enhancements", [None])[0], "multiscale", None)
    if gain == 1 or multiscale is None:
        return
    with torch.no_grad():
        for scale in multiscale.scales:
            scale.weight[:, :3] *= gain
