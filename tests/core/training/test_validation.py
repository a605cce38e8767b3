"""A trace stream answers by itself to the traces that a folder keeps."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from irlnet_core.config import ModelConfig
from irlnet_core.model.irlnet import IRLNet
from irlnet_core.model.traces import CHANNELS
from irlnet_core.training.validation import respond_to_traces


def test_the_response_to_kept_traces_is_the_stream_s_and_as_large_as_the_picture() -> None:
    torch.manual_seed(0)
    net = IRLNet(ModelConfig(width=0.0625, traces=True)).eval()
    assert net.traces is not None
    torch.nn.init.normal_(net.traces.head.weight)
    traces = np.random.default_rng(1).normal(size=(CHANNELS, 6, 7)).astype(np.float16)

    response = respond_to_traces(net, traces, (43, 50))

    with torch.inference_mode():
        logits = net.trace_logits(torch.from_numpy(traces.astype(np.float32))[None])[0, 0, :43, :50]
    assert response.shape == (43, 50)
    assert response.std() > 0
    assert response == pytest.approx(torch.sigmoid(logits).numpy(), abs=0.05)  # bfloat16
