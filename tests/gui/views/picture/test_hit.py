from __future__ import annotations

import numpy as np

from irlgui.views.picture.hit import find_region_at
from irlnet_core.evidence.localization import Localization
from irlnet_core.evidence.regions import find_regions


def test_of_two_regions_with_overlapping_boxes_the_pixels_decide() -> None:
    probability = np.zeros((100, 100), np.float32)
    probability[10:90, 10:20] = probability[80:90, 10:90] = 0.9  # an L around …
    probability[40:60, 40:60] = 0.9  # … a square
    localization = Localization(probability)
    regions = find_regions(localization, 0.5)

    assert regions.count == 2
    assert find_region_at(localization, regions, 15.5, 50.5) == 1
    assert find_region_at(localization, regions, 50.5, 50.5) == 2
    assert find_region_at(localization, regions, 30.5, 50.5) is None
    assert find_region_at(localization, regions, -3, 500) is None


def test_a_spot_too_small_to_be_listed_is_no_region() -> None:
    probability = np.zeros((100, 100), np.float32)
    probability[10:90, 10:20] = probability[80:90, 10:90] = 0.9
    probability[50, 50] = 0.9
    localization = Localization(probability)

    assert find_region_at(localization, find_regions(localization, 0.5), 50.5, 50.5) is None
