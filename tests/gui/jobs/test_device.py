"""The status bar names the processor that was really used, and a card that was not."""

from __future__ import annotations

from pathlib import Path

from irlgui.jobs.device import DeviceUsed, device_line, find_cards


def test_the_line_names_the_processor() -> None:
    assert device_line(DeviceUsed("cpu", "Xeon", 8)) == "CPU: Xeon, 8 threads"
    assert device_line(DeviceUsed("cuda:0", "RTX 4070", 8)) == "CUDA:0: RTX 4070"
    assert "not chosen" in device_line(None)


def test_a_card_that_is_there_but_idle_is_said() -> None:
    line = device_line(DeviceUsed("cpu", "Xeon", 8, ("RTX 4070",)))
    assert line.endswith("not used: RTX 4070")


def test_the_driver_s_files_tell_the_cards(tmp_path: Path) -> None:
    for number, name in enumerate(("RTX 4070", "H200")):
        card = tmp_path / f"0000:0{number}:00.0"
        card.mkdir()
        (card / "information").write_text(f"Model: \t\t NVIDIA {name}\nIRQ: 5\n", "utf-8")
    assert find_cards(tmp_path) == ("NVIDIA RTX 4070", "NVIDIA H200")
    assert find_cards(tmp_path / "none") == ()
