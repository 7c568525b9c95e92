"""Editors for a line of text, and for a plain value written as Python writes it."""

from __future__ import annotations

import ast
from typing import Any

from PySide6.QtWidgets import QWidget

from rnn_designer.catalog.code_parameters import Text
from rnn_designer.ui.properties.editors import Editor, TextField
from rnn_designer.ui.widgets.problem_lines import restyle
from rnn_designer.ui.widgets.undo_keys import leave_undo_to_the_design

_LONGEST = 2000


class TextEditor(Editor):
    """One line of text."""

    def __init__(self, kind: Text, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._optional = kind.optional
        self._held: str | None = None
        self.field = TextField()
        leave_undo_to_the_design(self.field)
        self.field.setToolTip(kind.expected[:1].upper() + kind.expected[1:])
        self.field.textEdited.connect(lambda text: self.wanted.emit(self._value(text)))
        self.field.editingFinished.connect(self.finished)
        self.field.reverted.connect(self._revert)
        self.column.addWidget(self.field)
        self.setFocusProxy(self.field)

    def _value(self, text: str) -> str | None:
        return None if self._optional and not text else text

    def _revert(self) -> None:
        self.field.setText(self._held or "")
        self.wanted.emit(self._held)

    def show_value(self, value: Any, *, mixed: bool = False) -> None:
        """Show the text, leaving the caret alone while it is what stands there."""
        self._held = None if mixed else value
        self.field.setPlaceholderText("mixed" if mixed else "none" if self._optional else "")
        if self.field.text() != (self._held or ""):
            self.field.setText(self._held or "")
            self.field.setCursorPosition(0)

    def name(self, text: str) -> None:
        """Name the field."""
        self.field.setAccessibleName(text)

    def mark(self, bad: bool) -> None:
        """Mark the field."""
        restyle(self.field, "state", "bad" if bad else "")


class PlainEditor(Editor):
    """A value as Python writes it: ``3``, ``0.5``, ``"same"``, ``None``, ``(1, 2)``. Read as data, never run."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._held: Any = None
        self.field = TextField()
        leave_undo_to_the_design(self.field)
        self.field.setToolTip('A value as Python writes it: 3, 0.5, "same", True, None, (1, 2)')
        self.field.textEdited.connect(lambda text: self.wanted.emit(plain_value(text)))
        self.field.editingFinished.connect(self.finished)
        self.field.reverted.connect(self._revert)
        self.column.addWidget(self.field)
        self.setFocusProxy(self.field)

    def _revert(self) -> None:
        self.field.setText(repr(self._held))
        self.wanted.emit(self._held)

    def show_value(self, value: Any, *, mixed: bool = False) -> None:
        """Show the value, leaving text and caret alone while the text stands for it."""
        self._held = value
        self.field.setPlaceholderText("mixed" if mixed else "")
        now = plain_value(self.field.text())
        if mixed:
            self.field.setText("")
        elif not self.field.text() or (type(now), now) != (type(value), value):
            self.field.setText(repr(value))
            self.field.setCursorPosition(0)

    def name(self, text: str) -> None:
        """Name the field."""
        self.field.setAccessibleName(text)

    def mark(self, bad: bool) -> None:
        """Mark the field."""
        restyle(self.field, "state", "bad" if bad else "")


class NotPlain:
    """Text that stands for no plain value; it shows as it was typed."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return f"“{self._text}”"


def plain_value(text: str) -> Any:
    """What the text stands for; a :class:`NotPlain`, which every type refuses, where that is nothing."""
    try:
        return ast.literal_eval(text.strip()) if len(text) <= _LONGEST else NotPlain(text[:40])
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return NotPlain(text)
