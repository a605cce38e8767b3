"""Write the mean of the weights of several models that were trained on from one another.

    python packaging/average_models.py NEW_MODEL_FOLDER MODEL_FOLDER MODEL_FOLDER...

Stages 24 and 25 of "fast" began from the mean of stages 21, 22 and 23. Stage 26 began from the mean of that,
of stage 25's average after 1,612 steps and of its last one; stage 27 from the mean of what stage 26 began
from and of its averages after 1,035 and 1,745 steps; stage 28 from the mean of what stage 27 began from,
counted twice, and of its last average. The mean of what stage 28 began from and of its last average, counted
twice, is the first voice of what ships; the two others began from the mean of that and of stage 29's last
average. The card is the last model's, and tells of all; photos.csv is that of all. A model whose trace stream
is narrower than the last one's is first given the further channels of that one, from which it reads nothing,
so that it answers as before.
"""

from __future__ import annotations

import copy
import dataclasses
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from irlnet_core.model.checkpoint import load_model, save_model
from irlnet_core.model.graft import graft
from irlnet_core.model.photo_list import merge_photos, read_photos


def main(new: Path, folders: list[Path]) -> None:
    """Write the mean of the models in ``folders`` as the model folder ``new``."""
    models = [load_model(folder) for folder in folders]
    last = models[-1]
    if len({model.card.architecture.trace_voices for model in models}) > 1:
        raise SystemExit("These models have different numbers of voices and so no mean.")
    states = [graft(model.net, copy.deepcopy(last.net)).state_dict() for model in models]
    mean = {
        name: sum(state[name].double() for state in states).div(len(states)).to(tensor.dtype)
        if tensor.is_floating_point()
        else tensor
        for name, tensor in last.net.state_dict().items()
    }
    last.net.load_state_dict(mean)
    training = {**last.card.training, "mean_of": [model.card.hashes for model in models]}
    card = dataclasses.replace(last.card.uncalibrated(), training=training)
    save_model(new, last.net, card, photos=merge_photos(*(read_photos(folder) for folder in folders)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
