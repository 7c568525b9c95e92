"""What a user's hands do in a form: typing into a field, choosing from a list."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest


def type_into(field: Any, text: str) -> None:
    """Replace what a field holds, key by key."""
    field.setFocus()
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClicks(field, text)


def choose(combo: Any, value: object) -> None:
    """Choose a value from a list."""
    place = next(place for place in range(combo.count()) if combo.value_at(place) == value)
    combo.setCurrentIndex(place)
    combo.activated.emit(place)
