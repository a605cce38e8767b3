"""The reports that a package of ``irlnet localize --record`` holds."""

from __future__ import annotations

from collections.abc import Mapping

from irlnet_core.case.exhibit import Exhibit
from irlnet_core.report.write import make_reports as make


def make_reports(exhibit: Exhibit) -> Mapping[str, bytes]:
    """Return the members by their ending: "report.html" and "report.pdf"."""
    return make(exhibit)
