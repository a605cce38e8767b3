"""Starting a larger network from a smaller one's weights, so that at first it answers the same."""

from __future__ import annotations

import torch
from torch import nn

from irlnet_core.model.trace_stream import SecondLook


@torch.no_grad()
def graft(small: nn.Module, large: nn.Module) -> nn.Module:
    """Copy the weights of ``small`` into ``large``, which has further layers or wider ones; return ``large``.

    A wider layer's first channels are the small one's; its old outputs do not see the new inputs yet.
    """
    known = small.state_dict()
    for name, new in large.state_dict().items():
        old = known.get(name)
        if old is None:
            continue
        place = tuple(slice(0, n) for n in old.shape)
        if new.dim() > 1 and new.shape[1] > old.shape[1]:
            new[:, old.shape[1] :] = 0
        new[place] = old
    parts = dict(small.named_modules())
    for name, part in large.named_modules():
        earlier = parts.get(name)
        if isinstance(part, SecondLook) and isinstance(earlier, SecondLook):
            part.modulate_like(earlier)
    return large
