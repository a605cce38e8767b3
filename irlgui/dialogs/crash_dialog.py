"""Says that the program failed, and gives everything that a person who can mend it needs."""

from __future__ import annotations

from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from irlgui.startup.crash import CrashReport
from irlgui.views import theme


class CrashDialog(QDialog):
    """A failure of the program itself: its line, its report, Copy and Close. The window stays open."""

    def __init__(self, report: CrashReport, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Something went wrong in IRL-Net"))
        self._report = report
        title = QLabel(self.tr("Something went wrong in the program"))
        title.setFont(theme.font("title"))
        place = str(report.path) if report.path else self.tr("nowhere: the disk refused")
        explanation = QLabel(
            self.tr(
                "Your pictures and stored results are untouched, and you can go on working. The report below "
                "was kept in {}. It holds no picture; it may hold names of files."
            ).format(place)
        )
        explanation.setWordWrap(True)
        self.text = QPlainTextEdit(report.text)
        self.text.setReadOnly(True)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setAccessibleName(self.tr("Report"))
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        copy = QPushButton(self.tr("Copy report"))
        copy.clicked.connect(self.copy_report)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.addButton(copy, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(*[6 * theme.SPACE] * 4)
        layout.setSpacing(3 * theme.SPACE)
        for widget in (title, explanation, self.text, buttons):
            layout.addWidget(widget)
        self.resize(720, 480)

    def copy_report(self) -> None:
        """Put the whole report onto the clipboard."""
        QGuiApplication.clipboard().setText(self._report.text)
