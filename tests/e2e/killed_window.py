"""The real window, in which an opinion is typed again and again; it is told only when it is shown as saved.

Started by test_case.py with a picture and a number to begin with, in a home of its own; it goes on until
it is killed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QTimer

from irlgui.main_window import MainWindow
from irlgui.settings import Settings
from irlgui.startup.application import make_application


class Typist:
    """Types the next number once the status line says that the former one is saved."""

    def __init__(self, window: MainWindow, number: int) -> None:
        self.window, self.number = window, number
        self.typed = 0
        self.timer = QTimer(interval=5)
        self.timer.timeout.connect(self.look)
        self.timer.start()

    def look(self) -> None:
        text = self.window.result.judgement.text
        if not text.isEnabled():
            return
        if self.typed:
            if not self.window.status.case.text().endswith("· saved"):
                return
            print(self.typed, flush=True)
        self.number += 1
        self.typed = self.number
        text.setPlainText(f"{self.number}")
        self.window.desk.case.flush_asked.emit()  # as a second without typing does


def main(picture: str, number: int) -> None:
    app = make_application()
    window = MainWindow(Settings())
    window.show()
    window.start([Path(picture)])
    typist = Typist(window, number)
    print("open", flush=True)
    app.exec()
    typist.timer.stop()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
