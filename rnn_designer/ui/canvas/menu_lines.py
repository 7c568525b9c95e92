"""Lines of the canvas' menus."""

from collections.abc import Callable

from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QMenu


def add(menu: QMenu, text: str, act: Callable[[], object], keys: str = "", enabled: bool = True) -> None:
    """Add a line with what it does, and the keys that do the same."""
    action = menu.addAction(text)
    action.triggered.connect(lambda _checked=False: act())
    action.setEnabled(enabled)
    if keys:
        # Shown only; the window's own action is what listens.
        action.setText(f"{text}\t{QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)}")
