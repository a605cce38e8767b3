"""The facts of a file as lines for the screen: groups, each found, not found, or not run, because …"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from irlnet_core.evidence.image import SuspectImage
from irlnet_core.evidence.metadata import Fact, State
from irlnet_core.evidence.record import describe_evidence
from irlnet_core.evidence.views.catalogue import METADATA, TABLES, ViewKind


@dataclass(frozen=True)
class Group:
    """One group of facts: title, state with the reason, rows of (name, value), tables of 8 x 8 numbers."""

    title: str
    state: State
    rows: tuple[tuple[str, str], ...] = ()
    reason: str = ""
    tables: tuple[tuple[int, ...], ...] = ()
    kind: ViewKind | None = None

    @property
    def sentence(self) -> str:
        """Return the state in words."""
        if self.state == "not run":
            return _say("Not run, because {reason}").format(
                reason=self.reason or _say("of an unknown reason")
            )
        return _say("Found") if self.state == "found" else _say("Not found")


def groups_of(image: SuspectImage) -> list[Group]:
    """Return everything that the column tells about a file, in reading order."""
    metadata = image.metadata
    return [
        Group(_say("File"), "found", _file_rows(image)),
        Group(_say("Hashes (SHA-256)"), "found", _hash_rows(image)),
        _fact(_say("Metadata (EXIF)"), metadata.exif, METADATA),
        _jpeg(metadata.jpeg),
        _fact(_say("Embedded thumbnail"), metadata.thumbnail),
        _fact(_say("Colour profile"), metadata.icc),
        _fact(_say("Texts in the file"), metadata.text),
    ]


def to_text(groups: Sequence[Group]) -> str:
    """Return all facts as plain text for the clipboard."""
    lines: list[str] = []
    for group in groups:
        lines.append(f"{group.title}: {group.sentence}")
        lines += [f"  {name}: {value}" for name, value in group.rows]
        for table in group.tables:
            lines += [
                "  " + " ".join(f"{step:3d}" for step in table[row : row + 8]) for row in range(0, 64, 8)
            ]
        lines.append("")
    return "\n".join(lines)


def show_controls(text: str) -> str:
    """Return ``text`` with what is not seen as escapes: a name may turn its own letters around."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def _file_rows(image: SuspectImage) -> tuple[tuple[str, str], ...]:
    facts, evidence = image.facts, describe_evidence(image)
    megapixels = facts.width * facts.height / 1e6
    turned = _say("{flag} (shown turned, stored grid analysed)").format(flag=facts.orientation)
    upright = str(facts.orientation or "—")
    rows = [
        (_say("Name"), show_controls(evidence["file_name"])),
        (_say("Folder"), show_controls(str(image.path.absolute().parent))),
        (_say("Type by content"), facts.format),
        (_say("Size"), _say("{n} bytes").format(n=f"{image.size_bytes:,}")),
        (_say("Pixels"), f"{facts.width} × {facts.height} ({megapixels:.1f} MP)"),
        (_say("Colour"), _say("{mode}, {depth} bit").format(mode=facts.mode, depth=facts.bit_depth)),
        (
            _say("Orientation flag"),
            turned if facts.orientation not in (None, 1) else upright,
        ),
        (_say("File time (UTC)"), evidence["modified"]),
    ]
    rows += [(_say("Converted"), text) for text in facts.conversions]
    rows += [(_say("Not analysed"), text) for text in facts.not_analysed]
    rows += [(_say("Note"), show_controls(text)) for text in evidence["notes"]]
    return tuple(rows)


def _hash_rows(image: SuspectImage) -> tuple[tuple[str, str], ...]:
    return (_say("File"), image.sha256), (_say("Pixels"), image.pixels_sha256)


def _jpeg(fact: Fact) -> Group:
    values = dict(fact.values)
    tables = tuple(tuple(table) for table in values.pop("quantisation_tables", ()) if len(table) == 64)
    quality, equal = values.pop("ijg_quality", 0), values.pop("ijg_tables_equal", False)
    rows = list(_rows(values))
    if tables:
        words = _say("{q} (tables equal)") if equal else _say("nearest {q} (other tables)")
        rows.insert(0, (_say("IJG quality"), words.format(q=quality)))
    return Group(_say("JPEG tables"), fact.state, tuple(rows), fact.reason, tables, TABLES)


def _fact(title: str, fact: Fact, kind: ViewKind | None = None) -> Group:
    return Group(title, fact.state, _rows(fact.values), fact.reason, kind=kind)


def _rows(values: dict[str, object]) -> tuple[tuple[str, str], ...]:
    words = {True: _say("yes"), False: _say("no")}
    return tuple(
        (str(name).replace("_", " ").capitalize(), words[value] if isinstance(value, bool) else str(value))
        for name, value in values.items()
    )


def _say(text: str) -> str:
    return QCoreApplication.translate("Facts", text)
