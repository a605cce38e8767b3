#!/usr/bin/env python3
"""The two commands of a fresh checkout, with nothing but Python's standard library.

    python3 packaging/bootstrap.py run                  the window, on the sample picture
    python3 packaging/bootstrap.py run ./photo.jpg …    the window, on these pictures and folders
    python3 packaging/bootstrap.py run localize …       a command of irlnet, here "localize"
    python3 packaging/bootstrap.py test [args…]         every check; with arguments, only pytest, with them

A first argument with a dot or a slash in it is a path, every other one is a command or an option of irlnet.

Both first make ``.venv/`` in the repository and install what is missing, or start at once when all is there.
Written for Linux, macOS and Windows; tried on Linux only.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MINIMUM = (3, 11)
QT_FILES = ("QtWidgets.abi3.so", "Qt/plugins/platforms/libqxcb.so", "Qt/plugins/platforms/libqoffscreen.so")
DEBIAN_PACKAGES = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libX11-xcb.so.1": "libx11-xcb1",
    "libX11.so.6": "libx11-6",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-image.so.0": "libxcb-image0",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-render-util.so.0": "libxcb-render-util0",
    "libxcb-render.so.0": "libxcb-render0",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxcb-shm.so.0": "libxcb-shm0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-util.so.1": "libxcb-util1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
    "libxcb-xkb.so.1": "libxcb-xkb1",
    "libxcb.so.1": "libxcb1",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}


class BootstrapError(Exception):
    """The preparation cannot go on; the text names the reason and the cure."""


def main(arguments: list[str]) -> int:
    """Run one of the two commands and return its exit code (1: not prepared, 64: wrong usage)."""
    if not arguments or arguments[0] not in ("run", "test"):
        print(__doc__, file=sys.stderr)
        return 64
    try:
        newer = find_python()
        if newer is not None:
            return subprocess.call([newer, str(Path(__file__).resolve()), *arguments])
        environment = Environment(ROOT)
        environment.prepare()
        command = run_program if arguments[0] == "run" else run_tests
        return command(environment, arguments[1:])
    except BootstrapError as error:
        print(f"bootstrap: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def find_python(minimum: tuple[int, int] = MINIMUM) -> str | None:
    """Return None when this interpreter is new enough, else the path of one that is."""
    if sys.version_info[:2] >= minimum:
        return None
    for name in ("python3.13", "python3.12", "python3.11"):
        found = shutil.which(name)
        if found and subprocess.call([found, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            return found
    raise BootstrapError(
        "this is Python {}.{}, and IRL-Net needs {}.{} or newer. Install it and start again with it, "
        "for example: python3.11 packaging/bootstrap.py".format(*sys.version_info[:2], *minimum)
    )


class Environment:
    """The virtual environment in ``root/.venv``.

    Two files in it tell its state: ``irlnet-installing`` lies there while an installation runs, so that a
    killed one is seen and begun afresh; ``irlnet-stamp`` names what was installed, so that it is done once.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / ".venv"
        self.scripts = self.folder / ("Scripts" if os.name == "nt" else "bin")
        self.python = self.scripts / ("python.exe" if os.name == "nt" else "python")
        self.stamp = self.folder / "irlnet-stamp"
        self.marker = self.folder / "irlnet-installing"

    def prepare(self) -> None:
        """Make the environment complete; raise :class:`BootstrapError` naming the cure when that fails."""
        if self.marker.exists() or not self._is_stamped():
            self._install()
        missing = self.missing_qt_libraries()
        if missing:
            print(f"note: no window can open yet; {qt_cure(missing)}", file=sys.stderr, flush=True)

    def version(self) -> str | None:
        """Return the environment's own Python version, or None when it is missing or broken."""
        try:
            answer = subprocess.run(
                [str(self.python), "-c", "import sys; print(*sys.version_info[:2], sep='.')"],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                check=False,
            )
        except OSError:
            return None
        version = answer.stdout.decode().strip()
        new_enough = answer.returncode == 0 and tuple(map(int, version.split("."))) >= MINIMUM
        return version if new_enough else None

    def missing_qt_libraries(self) -> list[str]:
        """Return the shared libraries that Qt's window system asks for and this Linux lacks."""
        folders = list(self.folder.glob("lib/python3*/site-packages/PySide6"))
        if not sys.platform.startswith("linux") or not folders or not shutil.which("ldd"):
            return []
        files = [str(folders[0] / name) for name in QT_FILES if (folders[0] / name).exists()]
        answer = subprocess.run(
            ["ldd", *files], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False
        )
        return parse_missing(answer.stdout.decode(errors="replace"))

    def _is_stamped(self) -> bool:
        version = self.version()
        return (
            version is not None
            and self.stamp.exists()
            and self.stamp.read_text(encoding="utf-8") == self._state(version)
        )

    def _install(self) -> None:
        if self.folder.exists() and (self.marker.exists() or self.version() is None):
            print("bootstrap: .venv is incomplete and is made anew", flush=True)
            shutil.rmtree(self.folder)
        self.folder.mkdir(exist_ok=True)
        self.marker.touch()
        if self.version() is None or subprocess.call([str(self.python), "-c", "import pip"]) != 0:
            self._create()
        # torch alone and first, within its range: the rest must not pull another build of it.
        self._pip([torch_requirement(self.root)])
        self._pip(["-e", f"{self.root}[test]"])
        install_qt_libraries(self.missing_qt_libraries())
        self.stamp.write_text(self._state(self.version() or ""), encoding="utf-8")
        self.marker.unlink()

    def _create(self) -> None:
        print(f"bootstrap: making {self.folder}", flush=True)
        if subprocess.call([sys.executable, "-m", "venv", str(self.folder)]) != 0:
            raise BootstrapError(
                "Python's venv module could not make an environment. On Debian and Ubuntu it is a package of "
                "its own: apt-get install python3-venv"
            )

    def _pip(self, packages: list[str]) -> None:
        print(f"bootstrap: installing {' '.join(packages)}", flush=True)
        quiet = ["--quiet", "--disable-pip-version-check"]
        if subprocess.call([str(self.python), "-m", "pip", "install", *quiet, *packages]) != 0:
            # pip ended by itself and left whole packages: the next start goes on from here.
            self.marker.unlink()
            raise BootstrapError(
                f"pip could not install {' '.join(packages)}; its message stands above. Check the network or "
                "pip's index settings and start again: what is installed already is kept."
            )

    def _state(self, version: str) -> str:
        digest = hashlib.sha256()
        for part in (self.root / "pyproject.toml", Path(__file__)):
            digest.update(part.read_bytes())
        return f"{digest.hexdigest()} Python {version} {self.root}\n"


def torch_requirement(root: Path) -> str:
    """Return the one place where torch's range is written: its line in pyproject.toml."""
    text = (root / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(r'^\s*"(torch\b[^"]*)"', text, re.MULTILINE)
    if found is None:
        raise BootstrapError(f"{root / 'pyproject.toml'} names no torch among its dependencies.")
    return found.group(1)


def parse_missing(ldd_output: str) -> list[str]:
    """Return the names that ``ldd`` did not find, sorted, each once."""
    return sorted(set(re.findall(r"^\s*(\S+) => not found", ldd_output, re.MULTILINE)))


def qt_cure(missing: list[str]) -> str:
    """Say in one line how to get the missing libraries: Debian's command where they are known."""
    packages = sorted({DEBIAN_PACKAGES[name] for name in missing if name in DEBIAN_PACKAGES})
    unknown = [name for name in missing if name not in DEBIAN_PACKAGES]
    parts = ["on Debian and Ubuntu: sudo apt-get install " + " ".join(packages)] if packages else []
    parts += ["install the package that holds " + ", ".join(unknown)] if unknown else []
    return f"Qt misses {', '.join(missing)}; " + "; ".join(parts)


def install_qt_libraries(missing: list[str]) -> None:
    """Install the Debian packages of the missing libraries, if this is root on a Debian; else do nothing."""
    packages = sorted({DEBIAN_PACKAGES[name] for name in missing if name in DEBIAN_PACKAGES})
    if not packages or not shutil.which("apt-get") or os.geteuid() != 0:
        return
    print(f"bootstrap: installing {' '.join(packages)}", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *packages]
    if subprocess.call(install, env=quiet, stdout=subprocess.DEVNULL) != 0:
        subprocess.call(["apt-get", "update", "-qq"], env=quiet)
        subprocess.call(install, env=quiet, stdout=subprocess.DEVNULL)


def run_program(environment: Environment, arguments: list[str]) -> int:
    """Open the window on the sample or on paths, or hand ``arguments`` to ``irlnet``: its exit code."""
    if arguments and not is_path(arguments[0]):
        return subprocess.call([str(environment.scripts / "irlnet"), *arguments])
    sample = environment.root / "resources" / "samples" / "lake.png"
    if not has_display(os.environ):
        paths = " ".join(arguments or [str(sample)])
        print(
            "bootstrap: no display (neither DISPLAY nor WAYLAND_DISPLAY is set), so no window can open. "
            f"Without one:\n    python3 packaging/bootstrap.py run localize {paths} --output irlnet-results",
            file=sys.stderr,
        )
        return 1
    return subprocess.call([str(environment.scripts / "irlgui"), *(arguments or ["--analyse", str(sample)])])


def is_path(argument: str) -> bool:
    """Tell whether a first argument is a path: those have a dot or a slash in them, commands have neither."""
    return not argument.startswith("-") and any(mark in argument for mark in (".", "/", os.sep))


def has_display(variables: Mapping[str, str]) -> bool:
    """Tell whether a window can open: only Linux and its like may lack a screen, and say so in variables."""
    names = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return not sys.platform.startswith("linux") or any(variables.get(name) for name in names)


def run_tests(environment: Environment, arguments: list[str]) -> int:
    """Run every check, pytest last, and return the first exit code that is not 0.

    With ``arguments`` only pytest runs, with these.
    """
    python = str(environment.python)
    checks = {
        "ruff check": [python, "-m", "ruff", "check", "."],
        "ruff format": [python, "-m", "ruff", "format", "--check", "."],
        "mypy": [python, "-m", "mypy"],
        "import-linter": [str(environment.scripts / "lint-imports")],
    }
    codes = [0]
    for name, command in {} if arguments else checks.items():
        print(f"== {name}", flush=True)
        codes.append(subprocess.call(command, cwd=environment.root))
        if codes[-1] != 0:
            print(f"== {name} FAILED with exit code {codes[-1]}", flush=True)
    print("== pytest", flush=True)
    # A process per core with one thread each; a file's tests stay together, as what they share is made once.
    # One that crashes ends the run: with another in its place the run has hung for good once.
    several = ["-n", "auto", "--maxprocesses", "8", "--dist", "loadfile", "--max-worker-restart", "0"]
    settings = {"QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1", **os.environ}
    command = [python, "-m", "pytest", *(arguments or several)]
    codes.append(subprocess.call(command, cwd=environment.root, env=settings))
    return next((code for code in codes if code != 0), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
