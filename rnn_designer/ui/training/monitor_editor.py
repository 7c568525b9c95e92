"""The figure by which the best epoch is told: one of those that the training has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtWidgets import QWidget

from rnn_designer.ui.properties.editors import Editor
from rnn_designer.ui.training.words import figure_words
from rnn_designer.ui.widgets.combo import Combo


class MonitorEditor(Editor):
    """A combo box of the loss and the metrics, of the validation part and of what is learned from."""

    merges = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._figures: tuple[str, ...] = ("loss",)
        self._held: Any = "val_loss"
        self.combo = Combo()
        self.combo.activated.connect(lambda place: self.wanted.emit(self.combo.value_at(place)))
        self.column.addWidget(self.combo)
        self.setFocusProxy(self.combo)
        self._fill()

    def offer(self, figures: Sequence[str]) -> None:
        """Hear which figures there are, without the ``val_`` of the validation part."""
        if tuple(figures) != self._figures:
            self._figures = tuple(figures)
            self._fill()

    def _fill(self) -> None:
        names = [f"val_{each}" for each in self._figures] + list(self._figures)
        if self._held not in names:
            # What the design says stays to be seen, even if no figure has that name any more.
            names.append(str(self._held))
        self.combo.offer([(name, figure_words(name)) for name in names])
        self.combo.show_value(self._held)

    def show_value(self, value: Any, *, mixed: bool = False) -> None:
        """Show the figure."""
        self._held = value
        self._fill()
        self.combo.show_value(value, mixed=mixed)

    def name(self, text: str) -> None:
        """Name the combo box."""
        self.combo.setAccessibleName(text)
