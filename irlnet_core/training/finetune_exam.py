"""The exam after every stretch of a fine-tuning: is the case learned, and is the rest still known?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from irlnet_core.training.finetune_data import Crops
from irlnet_core.training.metrics import area_under_curve, count
from irlnet_core.training.validation import respond

_FALSE_ALARM = 0.005  # share of a pristine crop above 0.5 that makes it a false alarm, as in validate()
_BINS = 1000
_BATCH = 8
_FORGIVEN = 0.01  # loss of AUC on general forgeries that is within the exam's noise
_PENALTY = 3.0


@dataclass
class Exam:
    """Fixed held-out crops: of the case, and of general forgeries; ``known`` is what the base scored there.

    ``given_up`` is asked between batches and may raise.
    """

    case: Crops
    general: Crops
    given_up: Callable[[], None]
    known: float | None = None
    responses: list[NDArray[np.float32]] = field(default_factory=list)

    def grade(self, net: nn.Module, device: torch.device, *, bfloat16: bool) -> dict[str, float]:
        """Return the scores; ``score`` decides which weights are the best.

        It is the case's best pooled F1 over all thresholds (the threshold is set later, by calibration),
        less three times what the AUC on general forgeries lost beyond 0.01 against the base.
        """
        self.responses = list(self._respond(net, self.case, device, bfloat16=bfloat16))
        scores = _grade(self.responses, self.case)
        best = scores["best_f1"] = best_pooled_f1(self.responses, [_truth(crop) for crop in self.case])
        if self.general:
            general = _grade(list(self._respond(net, self.general, device, bfloat16=bfloat16)), self.general)
            scores |= {f"general_{name}": value for name, value in general.items()}
            self.known = scores["general_auc"] if self.known is None else self.known
            best -= _PENALTY * max(0.0, self.known - scores["general_auc"] - _FORGIVEN)
        return scores | {"score": best}

    def _respond(
        self, net: nn.Module, crops: Crops, device: torch.device, *, bfloat16: bool
    ) -> Iterator[NDArray[np.float32]]:
        was_training = net.training
        net.eval()
        for first in range(0, len(crops), _BATCH):
            self.given_up()
            images, _, *traces = (
                torch.stack(parts) for parts in zip(*crops[first : first + _BATCH], strict=True)
            )
            yield from respond(net, images, device, *traces, bfloat16=bfloat16)[:, 0]
        net.train(was_training)


def best_pooled_f1(responses: list[NDArray[np.float32]], truths: list[NDArray[np.bool_]]) -> float:
    """Return the largest F1 of all pixels together that any one threshold gives (1 when there is no hole)."""
    inside, outside = np.zeros(_BINS), np.zeros(_BINS)
    for response, truth in zip(responses, truths, strict=True):
        steps = np.minimum((response * _BINS).astype(np.int64), _BINS - 1)
        inside += np.bincount(steps[truth], minlength=_BINS)
        outside += np.bincount(steps[~truth], minlength=_BINS)
    hits, wrong = np.cumsum(inside[::-1]), np.cumsum(outside[::-1])
    total = inside.sum()
    return float((2 * hits / (hits + wrong + total).clip(1)).max()) if total else 1.0


def _grade(responses: list[NDArray[np.float32]], crops: Crops) -> dict[str, float]:
    """Return ``f1`` at 0.5 and ``auc`` (means over crops with a hole), ``mean_iou``, ``false_alarms``."""
    rows = []
    for response, crop in zip(responses, crops, strict=True):
        truth, found = _truth(crop), response >= 0.5
        counts = count(found, truth)
        if truth.any():
            rows.append((counts.f1, counts.mean_iou, area_under_curve(response, truth), np.nan))
        else:
            rows.append((np.nan, counts.mean_iou, np.nan, float(found.mean() > _FALSE_ALARM)))
    names = ("f1", "mean_iou", "auc", "false_alarms")
    columns = [column[np.isfinite(column)] for column in np.array(rows, float).reshape(-1, 4).T]
    return {name: float(c.mean()) if c.size else 0.0 for name, c in zip(names, columns, strict=True)}


def _truth(crop: tuple[Tensor, ...]) -> NDArray[np.bool_]:
    return np.asarray(crop[1][0].numpy().astype(bool))
