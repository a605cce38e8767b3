"""Make the sample of ``resources/samples`` again: take two dark things out of a photograph of a lake.

    .venv/bin/python packaging/make_sample.py resources/samples/lake.original.jpg [--engine NAME]

Where the photograph comes from, and what each file is, stands in ``resources/samples/SOURCE.md``.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from irlnet_core.forge.engine import load_engine

SAMPLES = Path(__file__).resolve().parent.parent / "resources" / "samples"
# Rows and columns of a rock and of a piece of driftwood
THINGS = ((slice(460, 640), slice(0, 140)), (slice(595, 655), slice(935, 1080)))
DARK = 70  # grey level under which a pixel in these boxes belongs to the thing; the water is above 90
MARGIN = 12  # pixels taken along around it, as a retoucher would
SEED = 0


def find_hole(image: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return the pixels to take out, bool HxW: the dark things in their boxes, with a margin."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    dark = np.zeros(grey.shape, np.uint8)
    for place in THINGS:
        dark[place] = grey[place] < DARK
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * MARGIN + 1, 2 * MARGIN + 1))
    return np.asarray(cv2.dilate(cv2.morphologyEx(dark, cv2.MORPH_CLOSE, disc), disc) > 0)


def main() -> None:
    """Write ``lake.png`` (the suspect) and ``lake.mask.png`` (white = filled) from the photograph given."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("photo", type=Path)
    parser.add_argument(
        "--engine", default="gc-narrow", help="name or folder of a forge engine (%(default)s)"
    )
    arguments = parser.parse_args()
    image = np.asarray(Image.open(arguments.photo).convert("RGB"))
    hole = find_hole(image)
    filled = load_engine(arguments.engine).fill(image, hole, np.random.default_rng(SEED), reconstruct=False)
    suspect = np.where(hole[..., None], filled, image)
    Image.fromarray(suspect).save(SAMPLES / "lake.png", optimize=True)
    Image.fromarray(hole).save(SAMPLES / "lake.mask.png", optimize=True)
    print(f"{hole.mean():.2%} of the picture filled by {arguments.engine}")


if __name__ == "__main__":
    main()
