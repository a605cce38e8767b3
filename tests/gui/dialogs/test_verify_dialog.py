"""A record that someone handed over: the window says what holds and what does not, and waits for nothing."""

from __future__ import annotations

import threading
import time
import zipfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from irlgui.dialogs import verify_dialog
from irlgui.dialogs.verify_dialog import VerifyDialog
from irlgui.dialogs.verify_words import breakable, judge, plain
from irlgui.jobs.verify import VerifyRequest
from irlnet_core.case.package_check import Check
from irlnet_core.progress import Event, Progress
from tests.core.case.conftest import blob_map, exhibit, image, key, package, photo_at, record, record_of
from tests.gui.conftest import OpenCaseAt

__all__ = ["blob_map", "exhibit", "image", "key", "package", "photo_at", "record", "record_of"]

Verify = Callable[[Path], VerifyDialog]


@pytest.fixture
def verify(open_case: OpenCaseAt, qtbot: QtBot) -> Iterator[Verify]:
    case, opened = open_case(), []

    def run(path: Path) -> VerifyDialog:
        dialog = VerifyDialog(path, case)
        opened.append(dialog)
        qtbot.addWidget(dialog)
        dialog.show()
        qtbot.waitUntil(lambda: not dialog.busy, timeout=30_000)
        return dialog

    yield run
    for dialog in opened:
        dialog.reject()


def tamper(path: Path, suffix: str, change: Callable[[bytes], bytes | None]) -> Path:
    """Write a copy in which the member that ends so is changed, or left out for None."""
    target = path.with_name("changed.record.zip")
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            data = source.read(name)
            new = change(data) if name.endswith(suffix) else data
            if new is not None:
                copy.writestr(name, new)
    return target


def states(dialog: VerifyDialog) -> dict[str, str]:
    return {check.name: check.state for check in dialog.checks}


def test_a_whole_record_holds_check_by_check(verify: Verify, package: Path) -> None:
    dialog = verify(package)
    assert dialog.sentence.text() == "Everything that was checked is as it was recorded."
    assert set(states(dialog).values()) == {"equal", "not run"}
    assert states(dialog)["signature"] == "equal"
    assert dialog.rows.count() == 4 * len(dialog.checks) + 1  # and what a signature means


@pytest.mark.parametrize(
    ("suffix", "change", "named"),
    [
        (".mask.png", lambda data: data[:-9] + bytes([data[-9] ^ 1]) + data[-8:], "a.mask.png was altered"),
        (".overlay.png", lambda _: None, "a.overlay.png is missing"),
        (".json", lambda data: data.replace(b'"source": "', b'"source": "no '), "a.json was altered"),
        ("SHA256SUMS.sig", lambda data: bytes(len(data)), "SHA256SUMS.sig is not the signature"),
    ],
)
def test_what_was_altered_is_named(
    verify: Verify, package: Path, suffix: str, change: Callable[[bytes], bytes | None], named: str
) -> None:
    dialog = verify(tamper(package, suffix, change))
    told = " ".join(sentence for check in dialog.checks for sentence in check.sentences)
    assert named in told
    assert "not hold" in dialog.sentence.text()


def test_evidence_that_is_another_file_does_not_hold(
    verify: Verify, package: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    dialog = verify(package)
    picture = next((tmp_path / "evidence").iterdir())
    dialog.evidence.setText(str(picture))
    dialog.check()
    qtbot.waitUntil(lambda: not dialog.busy, timeout=30_000)
    assert states(dialog)["evidence"] == "equal"
    data = picture.read_bytes()
    other = tmp_path / "other.png"
    other.write_bytes(data + b"\0")
    dialog.evidence.setText(str(other))
    dialog.check()
    qtbot.waitUntil(lambda: not dialog.busy, timeout=30_000)
    assert states(dialog)["evidence"] == "differs"


def test_a_second_run_without_the_model_is_not_called_a_check(
    verify: Verify, package: Path, qtbot: QtBot
) -> None:
    dialog = verify(package)
    dialog.again.setChecked(True)
    dialog.check()
    qtbot.waitUntil(lambda: not dialog.busy, timeout=30_000)
    assert states(dialog)["run again"] == "not run"
    assert "the rest of what was asked for could not be" in dialog.sentence.text()


def test_what_is_no_record_is_said_in_words(verify: Verify, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_text("hello")
    assert "is no record" in verify(tmp_path / "x.zip").sentence.text()


def test_evidence_in_the_home_of_nobody_is_looked_for_and_not_found(
    verify: Verify, package: Path, qtbot: QtBot
) -> None:
    dialog = verify(package)
    dialog.evidence.setText("~nobody-is-called-so/a.png")
    dialog.start_button.click()
    qtbot.waitUntil(lambda: not dialog.busy, timeout=30_000)
    assert states(dialog)["evidence"] == "not run"


def test_a_stop_that_comes_after_the_last_check_ends_as_well(
    verify: Verify, package: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Event()

    def check(_request: VerifyRequest) -> Generator[Event, None, list[Check]]:
        yield Progress("reading", 0, 0)
        ended.set()
        return [Check("members", "equal", ())]

    dialog = verify(package)
    monkeypatch.setattr(verify_dialog, "verify", check)
    dialog.start_button.click()
    assert ended.wait(20)
    time.sleep(0.2)  # the thread has told its end, the window has not heard of it
    dialog.start_button.click()
    qtbot.waitUntil(lambda: not dialog.busy)
    assert "Check" in dialog.start_button.text()


def test_the_outcome_can_be_copied_whole(verify: Verify, package: Path) -> None:
    dialog = verify(package)
    dialog.copy_button.click()
    text = QApplication.clipboard().text()
    assert str(package) in text
    assert all(sentence in text for check in dialog.checks for sentence in check.sentences)


def test_a_case_that_is_open_in_this_window_is_checked_by_its_own_thread(
    open_case: OpenCaseAt, qtbot: QtBot
) -> None:
    case = open_case()
    assert case.state.path
    dialog = VerifyDialog(case.state.path, case)
    qtbot.addWidget(dialog)
    qtbot.waitUntil(lambda: not dialog.busy, timeout=30_000)
    assert states(dialog) == {"case": "equal", "end of the log": "not run"}
    dialog.printed.setText("nonsense")
    dialog.check()
    assert "is no LENGTH:HASH" in dialog.sentence.text()
    dialog.reject()


def test_the_words_name_no_option_of_the_command_line_and_let_hashes_wrap() -> None:
    assert plain("It was not asked for (--rerun).") == "It was not asked for."
    assert "\u200b" in breakable("f" * 64)
    assert breakable("a few short words") == "a few short words"
    two = [Check("members", "differs", ("a",)), Check("schema", "differs", ("b",))]
    assert judge(two, {}).startswith("2 checks do not hold")
