"""Putting things on the clipboard so that it may outlive Python.

The trap: data with a type of its own is an object made here, and Qt destroys it in its exit handlers, after the
interpreter is gone: the program would end with a segmentation fault. So it is exchanged for plain text before that.
"""

from PySide6.QtCore import QCoreApplication, QMimeData
from PySide6.QtGui import QGuiApplication

_TEXT = "text put on the clipboard"


def put(text: str, mime_type: str) -> None:
    """Put a text on the clipboard under a type of our own and, for other programs, as plain text."""
    data = QMimeData()
    data.setText(text)
    data.setData(mime_type, text.encode("utf-8"))
    QGuiApplication.clipboard().setMimeData(data)
    application = QCoreApplication.instance()
    if application is not None:
        if application.property(_TEXT) is None:
            application.aboutToQuit.connect(hand_over)
        application.setProperty(_TEXT, text)


def hand_over() -> None:
    """Leave only plain text behind, which belongs to Qt alone."""
    application = QCoreApplication.instance()
    clipboard = QGuiApplication.clipboard()
    # Not every platform knows whose the clipboard is, so what it says decides.
    if application is not None and clipboard.text() and clipboard.text() == application.property(_TEXT):
        clipboard.setText(clipboard.text())
