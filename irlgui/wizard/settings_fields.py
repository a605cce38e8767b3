"""The settings of a run, declared as data, and the form that is built from them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, cast

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, QSignalBlocker, Signal
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QFormLayout, QHBoxLayout, QSpinBox, QWidget

from irlgui.views import theme
from irlnet_core.training.finetune_policy import FinetunePolicy

_T = cast(Callable[[str, str], str], QT_TRANSLATE_NOOP)


@dataclass(frozen=True)
class Field:
    """One setting: its name in the policy, words, limits; ``percent`` shows a share, ``choices`` a list.

    ``timed`` tells that a step takes another time or memory with another value.
    """

    name: str
    label: str
    tip: str
    limits: tuple[float, float] = (0, 0)
    step: float = 1
    unit: str = ""
    decimals: int = 0
    percent: bool = False
    choices: tuple[tuple[Any, str], ...] = ()
    timed: bool = False
    least: str = ""  # words in place of the lowest value


FIELDS = (
    Field(
        "minutes",
        _T("RunSettings", "At most"),
        _T("RunSettings", "Training ends after this time, or after the steps, whichever comes first"),
        (0.5, 1440),
        5,
        _T("RunSettings", " minutes"),
        1,
    ),
    Field(
        "steps",
        _T("RunSettings", "or"),
        _T("RunSettings", "One step learns from one batch of crops"),
        (1, 1_000_000),
        100,
        _T("RunSettings", " steps"),
    ),
    Field(
        "patience",
        _T("RunSettings", "End early after"),
        _T("RunSettings", "Validations without a better one; 0 = never end early"),
        (0, 1000),
        1,
        _T("RunSettings", " validations"),
    ),
    Field(
        "learning_rate",
        _T("RunSettings", "Learning rate"),
        _T("RunSettings", "How far one step moves the net. Higher learns faster and forgets more"),
        (0.000001, 0.01),
        0.0001,
        "",
        6,
    ),
    Field(
        "freeze",
        _T("RunSettings", "Keep as it is"),
        _T("RunSettings", "What is not trained can't be forgotten, and can't learn"),
        choices=(
            ("auto", _T("RunSettings", "as it suits the base")),
            ("network", _T("RunSettings", "the network: train the trace stream")),
            ("none", _T("RunSettings", "nothing: train the whole net")),
            ("enhancement", _T("RunSettings", "the enhancement module")),
            ("encoder", _T("RunSettings", "enhancement and encoder: train the decoder")),
        ),
        timed=True,
    ),
    Field(
        "crop",
        _T("RunSettings", "Crops"),
        _T("RunSettings", "The net learns from squares of this size; the base's own is best"),
        choices=(
            (0, _T("RunSettings", "as the base")),
            *((side, f"{side} px") for side in (64, 96, 128, 192, 256, 384)),
        ),
        timed=True,
    ),
    Field(
        "batch",
        _T("RunSettings", "Crops in a step"),
        _T("RunSettings", "More are steadier, slower and take more memory"),
        (0, 256),
        1,
        timed=True,
        least=_T("RunSettings", "by size and device"),
    ),
    Field(
        "rehearsal",
        _T("RunSettings", "Rehearsal"),
        _T("RunSettings", "Share of general forgeries among the crops, so that they are not forgotten"),
        (0, 95),
        5,
        " %",
        percent=True,
        timed=True,
    ),
    Field(
        "postprocess",
        _T("RunSettings", "Recompressed"),
        _T(
            "RunSettings",
            "Share of your crops that is saved as JPEG again, so that the case is found after that, too",
        ),
        (0, 100),
        5,
        " %",
        percent=True,
        timed=True,
    ),
)
_TWO_COLUMNS_FROM = 5


class RunSettingsForm(QWidget):
    """Editors of a policy in two columns; ``changed`` carries the name of the field that was moved."""

    changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.editors: dict[str, QComboBox | QDoubleSpinBox | QSpinBox] = {}
        self.left, self.right = _make_form(), _make_form()
        for number, field in enumerate(FIELDS):
            form = self.left if number < _TWO_COLUMNS_FROM else self.right
            editor = self._make_editor(field)
            editor.setToolTip(_tr(field.tip))
            editor.setAccessibleName(_tr(field.label))
            editor.setAccessibleDescription(_tr(field.tip))
            self.editors[field.name] = editor
            form.addRow(_tr(field.label), editor)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(10 * theme.SPACE)
        row.addLayout(self.left)
        row.addLayout(self.right)
        row.addStretch()
        self.set_policy(FinetunePolicy())

    def set_policy(self, policy: FinetunePolicy) -> None:
        """Show the settings of a policy without telling of it."""
        for field in FIELDS:
            value, editor = getattr(policy, field.name), self.editors[field.name]
            with QSignalBlocker(editor):
                if isinstance(editor, QComboBox):
                    editor.setCurrentIndex(max(0, editor.findData(value)))
                elif isinstance(editor, QSpinBox):
                    editor.setValue(round(100 * value) if field.percent else int(value))
                else:
                    editor.setValue(float(value))

    def policy(self, base: FinetunePolicy) -> FinetunePolicy:
        """Return ``base`` with what the form shows."""
        return replace(base, **{field.name: self._value(field) for field in FIELDS})

    def _value(self, field: Field) -> Any:
        editor = self.editors[field.name]
        if isinstance(editor, QComboBox):
            return editor.currentData()
        return editor.value() / 100 if field.percent else editor.value()

    def _make_editor(self, field: Field) -> QComboBox | QDoubleSpinBox | QSpinBox:
        if field.choices:
            combo = QComboBox()
            for value, words in field.choices:
                combo.addItem(_tr(words), value)
            combo.activated.connect(lambda _: self.changed.emit(field.name))
            return combo
        spin: QSpinBox | QDoubleSpinBox = QDoubleSpinBox() if field.decimals else QSpinBox()
        if isinstance(spin, QDoubleSpinBox):
            spin.setDecimals(field.decimals)
            spin.setRange(*field.limits)
            spin.setSingleStep(field.step)
        else:
            spin.setRange(int(field.limits[0]), int(field.limits[1]))
            spin.setSingleStep(int(field.step))
            spin.setGroupSeparatorShown(True)
        spin.setSuffix(_tr(field.unit))
        spin.setSpecialValueText(_tr(field.least))
        spin.setMinimumWidth(150)
        spin.lineEdit().setTextMargins(theme.SPACE, 0, 0, 0)  # a style sheet's padding is passed over here
        spin.setKeyboardTracking(False)
        spin.valueChanged.connect(lambda _: self.changed.emit(field.name))
        return spin


def _make_form() -> QFormLayout:
    form = QFormLayout()
    form.setHorizontalSpacing(4 * theme.SPACE)
    form.setVerticalSpacing(2 * theme.SPACE)
    return form


def _tr(text: str) -> str:
    return QCoreApplication.translate("RunSettings", text) if text else ""
