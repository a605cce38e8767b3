from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from irlgui.views.picture.tone import Channel, Tone
from irlnet_core.errors import ConfigError

PIXELS = np.array([[(10, 120, 250), (0, 0, 0), (255, 255, 255)]], np.uint8)


def unpack(packed: np.ndarray) -> np.ndarray:
    return np.stack([packed >> 16 & 255, packed >> 8 & 255, packed & 255], axis=-1)


def test_unadjusted_the_stored_values_are_shown() -> None:
    assert np.array_equal(unpack(Tone().pack(PIXELS)), PIXELS)
    assert not Tone().adjusted


@pytest.mark.parametrize(
    ("channel", "value"), [("red", 10), ("green", 120), ("blue", 250), ("luminance", 102)]
)
def test_a_single_channel_is_shown_as_grey(channel: Channel, value: int) -> None:
    tone = Tone(channel=channel)

    assert tone.adjusted
    assert unpack(tone.pack(PIXELS))[0, 0].tolist() == [value] * 3


@given(black=st.integers(0, 254), span=st.integers(1, 255), gamma=st.floats(0.1, 10))
def test_levels_and_gamma_never_turn_darker_into_brighter(black: int, span: int, gamma: float) -> None:
    tone = Tone(black, min(255, black + span), gamma)
    table = tone.table().astype(int)

    assert (np.diff(table) >= 0).all()
    assert (table[black], table[tone.white]) == (0, 255)


@pytest.mark.parametrize(
    "wrong", [{"black": 9, "white": 9}, {"gamma": 0}, {"gamma": float("nan")}, {"channel": "x"}]
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError):
        Tone(**wrong)  # type: ignore[arg-type]
