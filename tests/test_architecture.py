"""The fences of ARCHITECTURE.md that hold while the program runs; ruff and import-linter check the others."""

from __future__ import annotations

import ast
import socket
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = {"torch", "openvino", "onnxruntime"}
SCREEN = {"PySide6", "shiboken6", "pyqtgraph", "PyQt5", "PyQt6"}


def source_files(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def marked_files() -> frozenset[Path]:
    """Return the core's files that pyproject.toml lets load torch when they are imported."""
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    ignores = configuration["tool"]["ruff"]["lint"]["per-file-ignores"]
    marks = [p for p, rules in ignores.items() if "TID253" in rules and p.startswith("irlnet_core/")]
    found = frozenset(path for mark in marks for name in expand(mark) if (path := ROOT / name).exists())
    assert ROOT / "irlnet_core/model/irlnet.py" in found
    return found


def expand(pattern: str) -> list[str]:
    """Return ``a/b.py`` and ``a/c.py`` for ``a/{b,c}.py``."""
    head, _, rest = pattern.partition("{")
    choices, _, tail = rest.partition("}")
    return [head + choice + tail for choice in choices.split(",")]


def modules_imported_by(nodes: Sequence[ast.stmt]) -> set[str]:
    """Return the modules that these statements import when they run, in ``if`` and ``try`` blocks too."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            found |= modules_imported_by(node.orelse)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for block in ("body", "orelse", "finalbody", "handlers"):
                found |= modules_imported_by(getattr(node, block, []))
    return found


def loads_torch(path: Path) -> bool:
    """Tell whether a file imports torch, or a file marked for it, at module level."""
    imported = modules_imported_by(ast.parse(path.read_text("utf-8")).body)
    marked = {module_name(p) for p in marked_files()}
    return bool({name.split(".")[0] for name in imported} & HEAVY or imported & marked)


def packages_imported_anywhere_in(path: Path) -> set[str]:
    statements = [n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, ast.stmt)]
    imports = [n for n in statements if isinstance(n, ast.Import | ast.ImportFrom)]
    return {name.split(".")[0] for name in modules_imported_by(imports)}


def loaded_after_importing(modules: list[str]) -> set[str]:
    """Import the modules in a fresh interpreter and return the top-level names that are loaded then."""
    modules = [name for name in modules if not name.endswith("__main__")]  # that one runs the program
    code = f"import sys, {', '.join(modules)}; print(*{{name.split('.')[0] for name in sys.modules}})"
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert answer.returncode == 0, answer.stderr
    return set(answer.stdout.split())


def test_the_command_line_starts_without_torch_and_without_qt() -> None:
    modules = [module_name(path) for path in source_files("irlnet_core/cli")]

    assert loaded_after_importing(modules) & (HEAVY | SCREEN) == set()


def test_every_unmarked_module_of_the_core_loads_without_torch() -> None:
    unmarked = [path for path in source_files("irlnet_core") if path not in marked_files()]

    assert loaded_after_importing([module_name(path) for path in unmarked]) & HEAVY == set()


def test_only_marked_files_import_torch_or_a_marked_file_at_module_level() -> None:
    unmarked = [path for path in source_files("irlnet_core", "irlgui") if path not in marked_files()]

    assert [path for path in unmarked if loads_torch(path)] == []


def test_no_file_carries_the_mark_without_need() -> None:
    assert [path for path in marked_files() if not loads_torch(path)] == []


def test_no_file_of_the_core_names_qt_even_inside_a_function() -> None:
    offenders = [path for path in source_files("irlnet_core") if packages_imported_anywhere_in(path) & SCREEN]

    assert offenders == []


def test_package_files_are_empty_but_for_the_version() -> None:
    filled = {p for p in source_files("irlnet_core", "irlgui") if p.name == "__init__.py" and p.read_bytes()}

    assert filled == {ROOT / "irlnet_core/__init__.py"}
    assert len((ROOT / "irlnet_core/__init__.py").read_text("utf-8").splitlines()) <= 5


def test_no_source_file_is_longer_than_400_lines() -> None:
    files = source_files("irlnet_core", "irlgui", "packaging", "tests")

    assert {p.name: n for p in files if (n := len(p.read_text("utf-8").splitlines())) > 400} == {}


def test_a_test_that_reaches_for_the_network_is_stopped() -> None:
    with pytest.raises(PermissionError, match="network"), socket.socket() as connection:
        connection.connect(("127.0.0.1", 9))
