"""The learning rate and how far a run has come, by steps or by the clock."""

from __future__ import annotations

import pytest

from irlnet_core.config import TrainConfig
from irlnet_core.training.schedule import learning_rate, progress


def test_the_rate_warms_up_and_falls_along_a_cosine_by_steps_or_by_the_clock() -> None:
    config = TrainConfig(
        steps=100, warmup=10, schedule="cosine", final_rate=0.1, learning_rate=1.0, minutes=1
    )

    assert learning_rate(config, 0, 0.0) == pytest.approx(0.1)
    assert learning_rate(config, 50, 0.5) == pytest.approx(0.55)
    assert learning_rate(config, 100, 1.0) == pytest.approx(0.1)
    assert progress(config, 10, 30.0) == 0.5
    assert progress(config, 80, 30.0) == 0.8
