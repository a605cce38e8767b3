"""The settings, a page a group, built from the table in settings.py; a change takes effect at once."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QFrame,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from irlgui.settings import GROUPS, SETTINGS, Setting, Settings, Value
from irlgui.views import theme
from irlgui.wizard.look import dim


class SettingsDialog(QDialog):
    """One form with a heading a group. ``extras`` puts more rows below a group: (group, label, widget)."""

    def __init__(
        self,
        settings: Settings,
        extras: Iterable[tuple[str, str, QWidget]] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Settings"))
        self._settings = settings
        self.editors: dict[str, QWidget] = {}
        extras = list(extras)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[6 * theme.SPACE] * 4)
        layout.setSpacing(4 * theme.SPACE)
        for group, title in GROUPS.items():
            rows = [row[1:] for row in extras if row[0] == group]
            layout.addLayout(self._make_group(group, _translate(title), rows))
        layout.addStretch()
        layout.addWidget(self._make_buttons())
        self.setMinimumWidth(540)

    def _make_group(self, group: str, title: str, extras: list[tuple[str, QWidget]]) -> QVBoxLayout:
        heading = QLabel(title)
        heading.setFont(theme.font("body", bold=True))
        line = QFrame()
        line.setFrameShape(QFrame.Shape.HLine)
        line.setStyleSheet("color: palette(midlight)")
        form = QFormLayout()
        form.setHorizontalSpacing(4 * theme.SPACE)
        form.setVerticalSpacing(2 * theme.SPACE)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignLeft)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.FieldsStayAtSizeHint)
        for setting in SETTINGS:
            if setting.group == group:
                self._add_row(form, setting)
        for label, widget in extras:
            form.addRow(label, widget)
        box = QVBoxLayout()
        box.setSpacing(2 * theme.SPACE)
        for item in (heading, line):
            box.addWidget(item)
        box.addLayout(form)
        return box

    def _add_row(self, form: QFormLayout, setting: Setting) -> None:
        editor = self._make_editor(setting)
        label = _translate(setting.label)
        editor.setAccessibleName(label)
        editor.setAccessibleDescription(_translate(setting.help))
        self.editors[setting.key] = editor
        if isinstance(editor, QCheckBox):
            editor.setText(label)
            form.addRow(editor)
        else:
            caption = QLabel(label)
            caption.setBuddy(editor)
            caption.setMinimumWidth(180)
            form.addRow(caption, editor)
        if setting.help:
            hint = dim(_translate(setting.help))
            hint.setContentsMargins(0, 0, 0, theme.SPACE)
            form.addRow(hint)

    def _make_editor(self, setting: Setting) -> QWidget:
        value = self._settings.value(setting.key)
        if setting.choices:
            return self._make_combo(setting, value)
        if isinstance(setting.default, bool):
            box = QCheckBox()
            box.setChecked(value)
            box.toggled.connect(lambda on: self._set(setting, on))
            return box
        spin = QSpinBox()
        low, high = setting.limits or (0, 1_000_000)
        spin.setRange(int(low), int(high))
        spin.setSingleStep(int(setting.step))
        spin.setSuffix(setting.unit)
        spin.setValue(value)
        spin.setMinimumWidth(120)
        spin.lineEdit().setTextMargins(theme.SPACE, 0, 0, 0)
        spin.valueChanged.connect(lambda number: self._set(setting, number))
        return spin

    def _make_combo(self, setting: Setting, value: Value) -> QComboBox:
        combo = QComboBox()
        combo.setMinimumWidth(200)
        for stored, words in setting.choices:
            combo.addItem(_translate(words), stored)
        combo.setCurrentIndex(combo.findData(value))
        combo.activated.connect(lambda _: self._set(setting, combo.currentData()))
        return combo

    def _make_buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        restore = QPushButton(self.tr("Restore defaults"))
        buttons.addButton(restore, QDialogButtonBox.ButtonRole.ResetRole)
        restore.clicked.connect(self.restore_defaults)
        buttons.rejected.connect(self.reject)
        return buttons

    def restore_defaults(self) -> None:
        """Set every declared setting back to its default and show that."""
        for setting in SETTINGS:
            self._set(setting, setting.default)
            editor = self.editors[setting.key]
            if isinstance(editor, QComboBox):
                editor.setCurrentIndex(editor.findData(setting.default))
            elif isinstance(editor, QCheckBox):
                editor.setChecked(bool(setting.default))
            elif isinstance(editor, QSpinBox):
                editor.setValue(int(setting.default))

    def _set(self, setting: Setting, value: Value) -> None:
        self._settings.set_value(setting.key, value)


def _translate(text: str) -> str:
    return QCoreApplication.translate("Settings", text) if text else ""
