"""The same folders as the wizard's tests."""

from tests.gui.wizard.conftest import make_run, own_folders

__all__ = ["make_run", "own_folders"]
