"""Train a gated-convolution inpainter (GC) on photographs and keep it, and snapshots of it, as engines."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import asdict
from pathlib import Path

from irlnet_core.data.photographs import Photograph, split_groups
from irlnet_core.evidence.image import read_image
from irlnet_core.forge.engine_files import EngineCard, save_engine
from irlnet_core.forge.gc import STRIDE, GcEngine, GcGenerator
from irlnet_core.forge.gc_config import GcConfig
from irlnet_core.forge.quality import engine_quality
from irlnet_core.progress import EpochDone, Event, Note
from irlnet_core.training.gc_trainer import GcTrainer
from irlnet_core.training.gc_training import PIECE, GcTraining, snapshot_folder
from irlnet_core.training.pieces import cut_pieces

_PIECES_IN_MEMORY = 2000
_REDUCED = 0.33  # share of the pieces without a JPEG history
_HELD_OUT = 0.1
_MEASURED = 48


def train_gc_engine(
    photographs: list[Photograph],
    output: Path,
    config: GcConfig,
    training: GcTraining,
    *,
    resume: bool = False,
) -> Generator[Event, None, EngineCard]:
    """Train on nine tenths of the photographs' scenes, measure on the others, write the folder ``output``.

    The engine bears the folder's name; snapshot k stands beside it in ``<output>-snapshot-k``. What
    ``resume`` goes on from is kept in ``output/state``. The same seed, photographs and thread count give the
    same weights, unless a time limit sets the pace. Raises :class:`DataError` for fewer than two scenes or
    too small photographs, :class:`ModelError` when the training diverges or the state is another training's.
    """
    output = Path(output)
    kept, held = split_groups(photographs, _HELD_OUT, training.seed)
    trainer = GcTrainer(config, training)
    if resume:
        trainer.load(output / "state")
        yield Note(f"The training goes on from step {trainer.step}.")
    pieces = yield from cut_pieces(kept, PIECE, _PIECES_IN_MEMORY, training.seed, reduced=_REDUCED)
    while True:
        yield from trainer.run(pieces, output / "state", _next_share(trainer))
        last = trainer.kept >= training.snapshots
        folder = output if last else snapshot_folder(output, trainer.kept + 1)
        card = _keep(trainer, trainer.engine(pieces), folder, held[:_MEASURED], len(kept))
        yield EpochDone(trainer.step, _scores(card), best=last, seconds=trainer.seconds)
        if not last:
            trainer.kept += 1
        yield trainer.save(output / "state")
        if last:
            return card


def _next_share(trainer: GcTrainer) -> float:
    """Return when the next engine is kept: snapshots come evenly between the warm-up and the end."""
    warmup = 2 * trainer.training.warmup
    return warmup + (1 - warmup) * (trainer.kept + 1) / (trainer.training.snapshots + 1)


def _keep(
    trainer: GcTrainer, net: GcGenerator, folder: Path, unseen: list[Photograph], seen: int
) -> EngineCard:
    """Measure the engine as it is now and write it to ``folder``."""
    engine = GcEngine(folder.name, net)
    pictures = (read_image(photo.path).pixels for photo in unseen)
    quality = engine_quality(engine, pictures, trainer.training.seed)
    card = EngineCard(
        kind="gc",
        name=folder.name,
        stride=STRIDE,
        licence="Apache-2.0",
        source="trained by irlnet train-engine gc",
        config=asdict(trainer.config),
        training={
            **asdict(trainer.training),
            "steps": trainer.step,
            "trained_minutes": round(trainer.seconds / 60, 1),
            "photographs": seen,
        },
        quality=quality.as_dict(),
    )
    save_engine(folder, card, {name: values.numpy() for name, values in net.state_dict().items()})
    return card


def _scores(card: EngineCard) -> dict[str, float]:
    return {name: card.quality[name] for name in ("error", "telea_error", "sharpness", "true_sharpness")}
