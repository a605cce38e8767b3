"""The bootstrap in a small repository of its own: a real environment and a real pip, but no index."""

from __future__ import annotations

import ast
import importlib.util
import os
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parent.parent / "packaging" / "bootstrap.py"
PROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "small"
version = "1"
dependencies = [
    "torch>=2.6,<2.14",
]
"""
# A build backend in the tree, so that `pip install -e .` needs nothing from outside.
BACKEND = """\
import pathlib, shutil

def build_editable(folder, config_settings=None, metadata_directory=None):
    return pathlib.Path(shutil.copy("small-1-py3-none-any.whl", folder)).name
"""
PROGRAM = """\
import pathlib, sys

def main():
    print(pathlib.Path(sys.argv[0]).stem, *sys.argv[1:])
    return 7 * ('fail' in sys.argv)
"""


def write_wheel(folder: Path, name: str, version: str, files: dict[str, str], metadata: str = "") -> None:
    info = f"{name}-{version}.dist-info"
    contents = {
        **files,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    contents[f"{info}/RECORD"] = "".join(f"{path},,\n" for path in contents)
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, text in contents.items():
            archive.writestr(path, text)


def wheels_of(repository: Path) -> Path:
    """Return a folder outside the repository: pip splits the setting at spaces."""
    return repository.parent / "wheels"


def start(repository: Path, *arguments: str, display: str = "") -> subprocess.CompletedProcess[str]:
    """Start the repository's bootstrap as a user does, with one folder to install from."""
    wheels = str(wheels_of(repository))
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": wheels, "PIP_CONFIG_FILE": os.devnull}
    screen = {"DISPLAY": display, "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": ""}
    return subprocess.run(
        [sys.executable, str(repository / "packaging" / "bootstrap.py"), *arguments],
        env={**os.environ, **offline, **screen},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("bootstrap") / "a checkout"
    (root / "packaging").mkdir(parents=True)
    wheels_of(root).mkdir()
    shutil.copy(SCRIPT, root / "packaging")
    (root / "pyproject.toml").write_text(PROJECT)
    (root / "backend.py").write_text(BACKEND)
    entry_points = "[console_scripts]\nirlnet=small:main\nirlgui=small:main\n"
    files = {"small.py": PROGRAM, "small-1.dist-info/entry_points.txt": entry_points}
    write_wheel(root, "small", "1", files, "Provides-Extra: test\nRequires-Dist: torch\n")
    return root


@pytest.fixture(scope="module")
def first_starts(repository: Path) -> list[subprocess.CompletedProcess[str]]:
    """Start once while torch can't be had, then with it at hand, then with everything in place."""
    without = start(repository, "run", "x")
    write_wheel(wheels_of(repository), "torch", "2.6.0", {})
    write_wheel(wheels_of(repository), "torch", "2.14.0", {})
    return [without, start(repository, "run", "x"), start(repository, "run", "x")]


@pytest.fixture(scope="module")
def bootstrap() -> ModuleType:
    specification = importlib.util.spec_from_file_location("bootstrap", SCRIPT)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def test_a_package_that_cannot_be_had_is_named_with_a_cure(
    first_starts: list[subprocess.CompletedProcess[str]],
) -> None:
    without = first_starts[0]

    assert without.returncode == 1
    assert "could not install torch>=2.6,<2.14" in without.stderr
    assert "start again" in without.stderr
    assert "Traceback" not in without.stderr


def test_the_next_start_goes_on_with_torch_alone_and_first_and_in_its_range(
    first_starts: list[subprocess.CompletedProcess[str]], repository: Path
) -> None:
    steps = [line for line in first_starts[1].stdout.splitlines() if line.startswith("bootstrap:")]

    assert steps == [
        "bootstrap: installing torch>=2.6,<2.14",
        f"bootstrap: installing -e {repository}[test]",
    ]
    assert [p.name for p in (repository / ".venv").rglob("torch-*.dist-info")] == ["torch-2.6.0.dist-info"]


def test_a_start_with_everything_in_place_installs_nothing_and_runs_the_program(
    first_starts: list[subprocess.CompletedProcess[str]],
) -> None:
    assert first_starts[2].stdout == "irlnet x\n"
    assert first_starts[2].returncode == 0


@pytest.mark.usefixtures("first_starts")
def test_the_programs_exit_code_is_handed_on(repository: Path) -> None:
    assert start(repository, "run", "fail").returncode == 7


@pytest.mark.usefixtures("first_starts")
def test_run_without_arguments_opens_the_window_on_the_sample_and_analyses_it(repository: Path) -> None:
    called = start(repository, "run", display=":1").stdout.strip()

    sample = Path(called.removeprefix("irlgui --analyse "))
    assert (SCRIPT.parent.parent / sample.relative_to(repository)).is_file()


@pytest.mark.usefixtures("first_starts")
@pytest.mark.parametrize("path", ["photo.jpg", "./photos", "case/photos", "/case"])
def test_run_with_a_path_opens_the_window_on_it(repository: Path, path: str) -> None:
    assert start(repository, "run", path, "more", display=":1").stdout == f"irlgui {path} more\n"


@pytest.mark.usefixtures("first_starts")
@pytest.mark.parametrize("word", ["localize", "train-engine", "--version", "--events=a.b"])
def test_run_with_a_command_or_an_option_starts_irlnet(repository: Path, word: str) -> None:
    assert start(repository, "run", word, "photo.jpg").stdout == f"irlnet {word} photo.jpg\n"


@pytest.mark.usefixtures("first_starts")
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems always have a screen")
def test_run_without_a_display_says_so_and_names_the_command_that_needs_none(repository: Path) -> None:
    answer = start(repository, "run")

    assert answer.returncode == 1
    assert answer.stdout == ""
    assert "no display" in answer.stderr
    assert f"run localize {repository / 'resources' / 'samples' / 'lake.png'} --output" in answer.stderr


@pytest.mark.usefixtures("first_starts")
def test_a_changed_project_file_is_installed_again_into_the_same_environment(repository: Path) -> None:
    witness = repository / ".venv" / "witness"
    witness.touch()
    (repository / "pyproject.toml").write_text(PROJECT + "\n# changed\n")

    again, afterwards = start(repository, "run", "x"), start(repository, "run", "x")

    assert "installing" in again.stdout
    assert witness.exists()
    assert "installing" not in afterwards.stdout


@pytest.mark.usefixtures("first_starts")
def test_an_environment_left_by_a_killed_installation_is_made_anew(
    repository: Path, bootstrap: ModuleType
) -> None:
    witness = repository / ".venv" / "witness"
    witness.touch()
    bootstrap.Environment(repository).marker.touch()

    again = start(repository, "run", "x")

    assert again.stdout.endswith("irlnet x\n")
    assert not witness.exists()


@pytest.fixture
def checks(tmp_path: Path, bootstrap: ModuleType) -> object:
    """An environment whose python and lint-imports write down how they were called; mypy and pytest fail."""
    environment = bootstrap.Environment(tmp_path)
    environment.scripts.mkdir(parents=True)
    for name in ("python", "lint-imports"):
        program = environment.scripts / name
        program.write_text(
            f'#!/bin/sh\necho "{name} $*" >> "{tmp_path}/calls"\n'
            'case "$2" in mypy) exit 3;; pytest) echo "== 1 failed"; exit 1;; esac\n'
        )
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return environment


def test_every_check_runs_after_a_failure_and_the_first_failure_is_the_exit_code(
    checks: object, bootstrap: ModuleType, tmp_path: Path
) -> None:
    code = bootstrap.run_tests(checks, [])

    calls = (tmp_path / "calls").read_text().splitlines()
    assert code == 3
    assert calls == [
        "python -m ruff check .",
        "python -m ruff format --check .",
        "python -m mypy",
        "lint-imports ",
        "python -m pytest -n auto --maxprocesses 8 --dist loadfile --max-worker-restart 0",
    ]


def test_the_last_line_is_pytests_own(
    checks: object, bootstrap: ModuleType, capfd: pytest.CaptureFixture[str]
) -> None:
    bootstrap.run_tests(checks, [])

    assert capfd.readouterr().out.splitlines()[-1] == "== 1 failed"


def test_arguments_of_test_go_to_pytest_and_nothing_else_runs(
    checks: object, bootstrap: ModuleType, tmp_path: Path
) -> None:
    code = bootstrap.run_tests(checks, ["-k", "tiles"])

    assert code == 1
    assert (tmp_path / "calls").read_text() == "python -m pytest -k tiles\n"


def test_an_old_python_can_read_the_script_and_is_told_what_to_do(
    bootstrap: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    ast.parse(SCRIPT.read_text("utf-8"), feature_version=(3, 7))
    monkeypatch.setenv("PATH", "")

    with pytest.raises(bootstrap.BootstrapError, match=r"needs 99\.0 or newer.*Install it"):
        bootstrap.find_python((99, 0))


def test_the_script_needs_nothing_but_the_standard_library() -> None:
    statements = ast.walk(ast.parse(SCRIPT.read_text("utf-8")))
    imported = {alias.name for node in statements if isinstance(node, ast.Import) for alias in node.names}

    assert imported <= sys.stdlib_module_names


def test_missing_qt_libraries_are_named_with_debians_command(bootstrap: ModuleType) -> None:
    output = (
        "\tlibxcb-icccm.so.4 => not found\n\tlibm.so.6 => /lib/libm.so.6 (0x1)\n"
        "\tlibnew.so.1 => not found\n\tlibxcb-icccm.so.4 => not found\n"
    )

    missing = bootstrap.parse_missing(output)

    assert missing == ["libnew.so.1", "libxcb-icccm.so.4"]
    assert "apt-get install libxcb-icccm4" in bootstrap.qt_cure(missing)
    assert "the package that holds libnew.so.1" in bootstrap.qt_cure(missing)


def test_wrong_usage_shows_the_two_commands(repository: Path) -> None:
    answer = start(repository, "walk")

    assert answer.returncode == 64
    assert "bootstrap.py run" in answer.stderr
    assert "bootstrap.py test" in answer.stderr
