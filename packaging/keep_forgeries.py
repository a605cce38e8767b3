"""Fill the folder of a recipe's forged pictures before a training reads it, in several processes.

    python packaging/keep_forgeries.py RECIPE PHOTOS FOLDER FIRST END [STEP]

Makes every STEP-th picture from FIRST to before END, as `irlnet train --config RECIPE --photos PHOTOS
--forged FOLDER` would when it comes to them; those that are there stay. Two processes share the work as
0 1200 2 and 1 1200 2. The pictures are those that the recipe's seed gives, whoever makes them.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from irlnet_core.config import read_config
from irlnet_core.data.forged_cache import CachedCrops, bind_folder
from irlnet_core.forge.compose import Forge
from irlnet_core.forge.engine import load_engine
from irlnet_core.training.sources import split_photographs


def main(recipe: Path, photos: Path, folder: Path, numbers: range) -> None:
    """Keep the pictures of these numbers in ``folder``."""
    config = read_config(recipe)
    learned, _ = split_photographs(photos)
    engines = {name: load_engine(name) for name in config.forge.engines}
    forge = Forge(learned, engines, config.forge, seed=config.train.seed)
    folder.mkdir(parents=True, exist_ok=True)
    bind_folder(folder, forge, config.train.crop)
    crops = CachedCrops(forge, folder, numbers.stop, config.train.crop, numbers.stop)
    for number in numbers:
        crops.picture(number)
        if number // numbers.step % 50 == 0:
            print(number, flush=True)


if __name__ == "__main__":
    recipe, photos, folder = (Path(name) for name in sys.argv[1:4])
    main(recipe, photos, folder, range(*(int(word) for word in sys.argv[4:])))
