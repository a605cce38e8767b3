"""Does a model answer on this machine as it did on its maker's? Its golden vectors, computed again."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import appdirs
import numpy as np

from irlnet_core import __version__, files
from irlnet_core.evidence.image import hash_pixels
from irlnet_core.evidence.record import AnalysisRecord, format_utc
from irlnet_core.inference.golden import (
    SIZES,
    GoldenSet,
    GoldenVector,
    make_picture,
    read_golden,
    sample,
    write_golden,
)
from irlnet_core.progress import finish

if TYPE_CHECKING:
    from irlnet_core.inference.localizer import Localizer

TOLERANCE = 0.001
State = Literal["passed", "differs", "not run"]


@dataclass(frozen=True)
class SelfTest:
    """The outcome of a self-test; :meth:`as_dict` goes into records and reports. ``time`` is UTC."""

    state: State
    reason: str
    largest_difference: float | None
    weights_sha256: str
    device: str
    precision: str
    time: str
    tolerance: float = TOLERANCE
    program: str = __version__

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def run_self_test(localizer: Localizer) -> SelfTest:
    """Compute the golden vectors of the localizer's model again. Raises :class:`ModelError`."""
    golden = read_golden(localizer.model.folder)
    if golden is None:
        return _outcome(localizer, "not run", "This model has no golden vectors.")
    if golden.weights_sha256 != localizer.model.sha256:
        return _outcome(localizer, "not run", "This model's golden vectors belong to other weights.")
    largest = 0.0
    for vector in golden.vectors:
        pixels = make_picture(vector.seed, vector.width, vector.height)
        if hash_pixels(pixels) != vector.pixels_sha256:
            return _outcome(localizer, "not run", "The test pictures come out differently on this machine.")
        found = _answer(localizer, pixels)
        if found.shape != vector.values().shape:
            return _outcome(localizer, "not run", "The golden vectors have another size than their pictures.")
        largest = max(largest, int(np.abs(found - vector.values()).max()) / 65535)
    count = sum(vector.values().size for vector in golden.vectors)
    told = f"Of {count} responses, the largest difference is {largest:.6f}; {TOLERANCE:g} is allowed."
    return _outcome(localizer, "passed" if largest <= TOLERANCE else "differs", told, largest)


def make_golden(localizer: Localizer) -> Path:
    """Write the golden vectors of the localizer's model into its folder, as it answers here and now."""
    vectors = []
    for seed, (width, height) in enumerate(SIZES):
        pixels = make_picture(seed, width, height)
        rows = tuple(tuple(int(value) for value in row) for row in _answer(localizer, pixels))
        vectors.append(GoldenVector(seed, width, height, hash_pixels(pixels), rows))
    made = {
        "program": __version__,
        "device": str(localizer.device),
        "precision": localizer.precision,
        "time": format_utc(datetime.now(UTC)),
    }
    return write_golden(localizer.model.folder, GoldenSet(localizer.model.sha256, made, tuple(vectors)))


def keep_self_test(outcome: SelfTest) -> None:
    """Keep an outcome for the records to come, beside those of other devices. Raises :class:`OutputError`."""
    ran_on = hashlib.sha256(f"{outcome.device}\n{outcome.precision}".encode()).hexdigest()
    files.write_json(_folder() / f"{outcome.weights_sha256[:32]}-{ran_on[:16]}.json", outcome.as_dict())


def last_self_test(
    weights_sha256: str, device: str | None = None, precision: str | None = None
) -> dict[str, Any] | None:
    """Return the last outcome for these weights by this program on this machine, None when there is none.

    With ``device`` and ``precision``, as an analysis tells them, only one that ran so counts: another
    processor's answer says nothing of this one's.
    """
    kept = [outcome for path in _folder().glob("*.json") if (outcome := _read(path))]
    wanted = {"weights_sha256": weights_sha256, "device": device, "precision": precision}
    fitting = [one for one in kept if all(value in (None, one[name]) for name, value in wanted.items())]
    return max(fitting, key=lambda one: str(one["time"]), default=None)


def _read(path: Path) -> dict[str, Any] | None:
    try:
        kept = SelfTest(**json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return kept.as_dict() if kept.program == __version__ else None


def with_self_test(record: AnalysisRecord) -> AnalysisRecord:
    """Return a record that was made before the self-test, with its outcome; any other one as it is."""
    if record.self_test:
        return record
    ran_on = (str(record.environment.get(name, "")) for name in ("device", "precision"))
    last = last_self_test(record.model["weights_sha256"], *ran_on)
    if last is None:
        return record
    not_run = tuple(check for check in record.not_run if check.check != "self-test")
    return replace(record, self_test=last, not_run=not_run)


def _answer(localizer: Localizer, pixels: Any) -> Any:
    return sample(finish(localizer.localize(pixels, batch=1)).localization.probability16())


def _outcome(localizer: Localizer, state: State, reason: str, largest: float | None = None) -> SelfTest:
    return SelfTest(
        state=state,
        reason=reason,
        largest_difference=largest,
        weights_sha256=localizer.model.sha256,
        device=str(localizer.device),
        precision=localizer.precision,
        time=format_utc(datetime.now(UTC)),
    )


def _folder() -> Path:
    return Path(appdirs.user_data_dir("irlnet", appauthor=False)) / "self-test"
