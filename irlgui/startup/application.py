"""From parsed arguments to the running window: the one QApplication, its identity, its log, its crash net."""

from __future__ import annotations

import argparse
import atexit
import contextlib
import logging
import os
import sys
from collections.abc import Callable, Iterator

from PySide6.QtCore import (
    QCoreApplication,
    QEvent,
    QMessageLogContext,
    Qt,
    QThread,
    QtMsgType,
    qInstallMessageHandler,
)
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from irlgui import assets
from irlgui.jobs.left_running import any_left_running
from irlgui.main_window import MainWindow
from irlgui.settings import Settings
from irlgui.startup.collector import Collector
from irlgui.startup.crash import CrashCatcher
from irlgui.startup.log_file import start_log, stop_log
from irlgui.views import theme
from irlnet_core import __version__

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}
_log = logging.getLogger("irlgui")


def run(arguments: argparse.Namespace) -> int:
    """Open the window on ``arguments`` and return when it is closed."""
    log = start_log()
    _log.info("irlgui %s begins", __version__)
    app = make_application()
    catcher, collector = CrashCatcher(), Collector()
    try:
        with catcher.installed(), _qt_messages_logged():
            settings = Settings()
            theme.apply(app, settings.value("look/theme"))
            window = MainWindow(settings, model=arguments.model)
            catcher.caught.connect(window.show_crash)
            window.show()
            window.start(arguments.paths, analyse=arguments.analyse)
            code = app.exec()
            if not window.shutdown():
                _log.warning("A thread had not ended when the window was closed")
            if _is_at_work(window):
                atexit.register(_leave, code, window)
            else:
                window.deleteLater()
                QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            return code
    finally:
        collector.stop()
        _log.info("irlgui ends")
        stop_log(log)


def make_application() -> QApplication:
    """Return the one application, with its name, its icon and its style."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        policy = Qt.HighDpiScaleFactorRoundingPolicy.PassThrough
        QGuiApplication.setHighDpiScaleFactorRoundingPolicy(policy)
        app = QApplication(sys.argv[:1])
    QCoreApplication.setApplicationName("irlgui")
    QCoreApplication.setApplicationVersion(__version__)
    QGuiApplication.setApplicationDisplayName("IRL-Net")
    QGuiApplication.setDesktopFileName("irlnet")
    app.setWindowIcon(assets.application_icon())
    theme.install(app)
    return app


def _leave(code: int, window: MainWindow) -> None:
    """End the process around threads that still run: Qt would abort where one of them is deleted."""
    if _is_at_work(window):
        for stream in filter(None, (sys.stdout, sys.stderr)):
            stream.flush()
        os._exit(code)


def _is_at_work(window: MainWindow) -> bool:
    return any_left_running() or any(thread.isRunning() for thread in window.findChildren(QThread))


@contextlib.contextmanager
def _qt_messages_logged() -> Iterator[None]:
    """Write what Qt says into the log as well; whoever listened before still hears it."""
    former: list[Callable[..., object] | None] = [None]

    def note(kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        logging.getLogger("qt").log(_LEVELS[kind], "%s", message)
        if former[0]:
            former[0](kind, context, message)

    former[0] = qInstallMessageHandler(note)
    try:
        yield
    finally:
        qInstallMessageHandler(former[0])
