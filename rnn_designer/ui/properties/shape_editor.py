"""The editor of an Input's shape: how many time steps, fixed or open, and how many features, or any shape as text."""

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QWidget

from rnn_designer.catalog import Integer, Integers
from rnn_designer.ui.properties.editors import Editor, IntegersEditor, NumberEditor
from rnn_designer.ui.widgets.combo import Combo

_DEFAULT_STEPS = 50


class ShapeEditor(Editor):
    """Time steps and features in words for sequences of vectors or tokens, and the whole shape as text below."""

    labels = "none"

    LABELS = 122
    """The width of the column of labels, as in the rows of a form."""

    def __init__(self, kind: Integers, *, steps: int = _DEFAULT_STEPS, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._held: tuple[int | None, ...] = ()
        self._last: Editor | None = None
        self._fixed_steps = steps
        self.length = Combo()
        self.length.offer([("open", "open"), ("fixed", "fixed")])
        self.length.setAccessibleName("time steps, open or fixed")
        self.length.setToolTip(
            "<p>Open: sequences of any length. Fixed: the same number of steps always.</p>"
        )
        self.length.activated.connect(self._choose_length)
        self.steps = NumberEditor(Integer(minimum=1))
        self.steps.name("time steps")
        self.steps.wanted.connect(lambda value: self._entry_wanted(0, value, self.steps))
        self.features = NumberEditor(Integer(minimum=1))
        self.features.name("features")
        self.features.wanted.connect(lambda value: self._entry_wanted(1, value, self.features))
        self.text = IntegersEditor(kind)
        self.text.wanted.connect(self._text_wanted)
        for editor in (self.steps, self.features, self.text):
            editor.finished.connect(self.finished)
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(self.length, 1)
        line.addWidget(self.steps, 1)
        self._friendly = QWidget()
        grid = QGridLayout(self._friendly)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(4)
        self._features_label = self._label("features")
        grid.addWidget(self._label("time steps"), 0, 0)
        grid.addLayout(line, 0, 1)
        grid.addWidget(self._features_label, 1, 0)
        grid.addWidget(self.features, 1, 1)
        text_row = QHBoxLayout()
        text_row.setSpacing(18)
        text_row.addWidget(self._label("shape"))
        text_row.addWidget(self.text)
        self.column.addWidget(self._friendly)
        self.column.addLayout(text_row)
        self.setFocusProxy(self.length)

    @staticmethod
    def _label(text: str) -> QLabel:
        label = QLabel(text)
        label.setProperty("role", "muted")
        label.setFixedWidth(ShapeEditor.LABELS)
        label.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        return label

    def _choose_length(self, place: int) -> None:
        if not self._held:
            return
        self._last = None
        fixed = self.length.value_at(place) == "fixed"
        self.wanted.emit((self._fixed_steps if fixed else None, *self._held[1:]))
        self.finished.emit()

    def _entry_wanted(self, axis: int, value: Any, editor: Editor) -> None:
        self._last = editor
        # An emptied field is a number being typed, not an open axis: the type refuses the word.
        wanted: list[Any] = list(self._held)
        wanted[axis] = "nothing" if value is None else value
        self.wanted.emit(tuple(wanted))

    def _text_wanted(self, value: Any) -> None:
        self._last = self.text
        self.wanted.emit(value)

    def show_value(self, value: Any, *, mixed: bool = False) -> None:
        """Show a shape; the words only where there are one or two axes."""
        shape = value if isinstance(value, tuple) and not mixed else ()
        self._held = shape
        self._friendly.setVisible(len(shape) in (1, 2))
        self.text.show_value(value, mixed=mixed)
        if not shape:
            return
        if shape[0] is not None:
            self._fixed_steps = shape[0]
        self.length.show_value("open" if shape[0] is None else "fixed")
        self.steps.setVisible(shape[0] is not None)
        self.steps.show_value(shape[0])
        self.features.setVisible(len(shape) == 2)
        self._features_label.setVisible(len(shape) == 2)
        if len(shape) == 2:
            self.features.show_value(shape[1])

    def name(self, text: str) -> None:
        """Name the text; the words name themselves."""
        self.text.name(f"{text} as numbers")

    def mark(self, bad: bool) -> None:
        """Mark the field that was edited last."""
        for editor in (self.steps, self.features, self.text):
            editor.mark(bad and editor is self._last)
