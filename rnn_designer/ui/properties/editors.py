"""An editor per kind of parameter: number, switch, choice, activation and list of whole numbers.

An editor shows the value that holds and asks for another one; it never decides. What it asks for may be wrong: the
row that owns it has the parameter's own type judge, and marks the editor.
"""

from typing import Any, Literal

from PySide6.QtCore import QEvent, QObject, QStringListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QCompleter, QHBoxLayout, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from rnn_designer.catalog import Activation, BadValue, Choice, Flag, Integer, Integers, Number
from rnn_designer.catalog.parts import ACTIVATIONS, canonical_activation
from rnn_designer.design import Checked, Layer
from rnn_designer.ui.widgets.combo import Combo
from rnn_designer.ui.widgets.curve import CurveDelegate, CurvePreview
from rnn_designer.ui.widgets.number_field import NumberField
from rnn_designer.ui.widgets.problem_lines import restyle
from rnn_designer.ui.widgets.switch import Switch
from rnn_designer.ui.widgets.undo_keys import leave_undo_to_the_design


class Editor(QWidget):
    """What every editor has in common.

    Signals:
        wanted(value): the user asks for this value, good or bad.
        finished(): the user is done with it for now, so that the next change is an undo step of its own.
        wished(what, layer_id): the user asks for something elsewhere: to ``open`` a layer, to edit its ``code``, or to
            decide whether that may run (``trust``).
    """

    wanted = Signal(object)
    finished = Signal()
    wished = Signal(str, str)

    labels: Literal["beside", "above", "none"] = "beside"
    """Where its row writes the parameter's name: an editor that names its own fields wants none."""

    merges = True
    """Whether changes that follow one another are one undo step (typing, scrubbing)."""

    scrubs = False
    """Whether dragging the label changes the value."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(4)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def place(self, layers: tuple[Layer, ...], checked: Checked) -> None:
        """Hear which layers the value belongs to, before it is shown: some editors follow what else these hold."""

    def show_value(self, value: Any, *, mixed: bool = False) -> None:
        """Show the value that holds; ``mixed`` where several layers differ."""
        raise NotImplementedError

    def name(self, text: str) -> None:
        """Say to screen readers what the editor is for."""
        raise NotImplementedError

    def mark(self, bad: bool) -> None:
        """Mark the field whose text is no good."""

    def scrub(self, pixels: int, fine: bool) -> None:
        """Change the value as the label is dragged."""

    def end_scrub(self) -> None:
        """The label was let go."""


class NumberEditor(Editor):
    """A whole or real number."""

    scrubs = True

    def __init__(self, kind: Integer | Number, *, none: str = "none", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._none = none if kind.optional else ""
        self.field = NumberField(whole=isinstance(kind, Integer), minimum=kind.minimum, maximum=kind.maximum)
        self.field.setToolTip(kind.expected[:1].upper() + kind.expected[1:])
        self.field.edited.connect(self.wanted)
        self.field.finished.connect(self.finished)
        self.column.addWidget(self.field)
        self.setFocusProxy(self.field)

    def show_value(self, value: Any, *, mixed: bool = False) -> None:
        """Show the number."""
        self.field.show_value(value, mixed=mixed, none=self._none)

    def name(self, text: str) -> None:
        """Name the field."""
        self.field.setAccessibleName(text)

    def mark(self, bad: bool) -> None:
        """Mark the field."""
        restyle(self.field, "state", "bad" if bad else "")

    def scrub(self, pixels: int, fine: bool) -> None:
        """Scrub the number."""
        self.field.scrub(pixels, fine=fine)

    def end_scrub(self) -> None:
        """The scrub is over."""
        self.field.end_scrub()


class FlagEditor(Editor):
    """Yes or no."""

    merges = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.switch = Switch()
        self.switch.clicked.connect(lambda on: self.wanted.emit(bool(on)))
        self.column.addWidget(self.switch, 0, Qt.AlignmentFlag.AlignLeft)
        self.setFocusProxy(self.switch)

    def show_value(self, value: Any, *, mixed: bool = False) -> None:
        """Show yes or no."""
        self.switch.show_value(bool(value), mixed=mixed)

    def name(self, text: str) -> None:
        """Name the switch."""
        self.switch.setAccessibleName(text)


_OPTION_WORDS: dict[object, str] = {None: "none", True: "yes", False: "no"}


def option_text(option: object) -> str:
    """An option in words."""
    if option is None or isinstance(option, bool):
        return _OPTION_WORDS[option]
    return str(option)


class ChoiceEditor(Editor):
    """One of a few named options."""

    merges = False

    def __init__(self, kind: Choice, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.combo = Combo()
        self.combo.offer([(option, option_text(option)) for option in kind.options])
        self.combo.activated.connect(lambda place: self.wanted.emit(self.combo.value_at(place)))
        self.column.addWidget(self.combo)
        self.setFocusProxy(self.combo)

    def show_value(self, value: Any, *, mixed: bool = False) -> None:
        """Show the option."""
        self.combo.setPlaceholderText("mixed" if mixed else "")
        self.combo.show_value(value, mixed=mixed)

    def name(self, text: str) -> None:
        """Name the combo box."""
        self.combo.setAccessibleName(text)


_LIST_WIDTH = 196


class _WideList(QObject):
    """Keeps a list of suggestions wide enough for its curves, and within its field's right edge."""

    def __init__(self, popup: QWidget, field: QWidget) -> None:
        super().__init__(popup)
        self._popup, self._field = popup, field
        popup.setMinimumWidth(_LIST_WIDTH)
        popup.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show):
            edge = self._field.mapToGlobal(self._field.rect().topRight()).x()
            left = min(self._popup.x(), edge + 1 - self._popup.width())
            if left != self._popup.x():
                self._popup.move(left, self._popup.y())
        return False


class _ActivationCombo(Combo):
    """An editable combo box with the chosen activation's curve at its right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setEditable(True)
        self.setInsertPolicy(Combo.InsertPolicy.NoInsert)
        self.setItemDelegate(CurveDelegate(self))
        self.view().setMinimumWidth(_LIST_WIDTH)
        self.preview = CurvePreview(self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.preview.move(
            self.width() - self.preview.width() - 24, (self.height() - self.preview.height()) // 2
        )
        line = self.lineEdit()
        if line is not None:
            line.setTextMargins(0, 0, self.preview.width() - 4, 0)
        self.preview.raise_()


class ActivationEditor(Editor):
    """The name of an activation function: typed with suggestions, or chosen; its curve is drawn beside it."""

    merges = False

    def __init__(self, kind: Activation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._optional = kind.optional
        self._held: Any = None
        names: list[str | None] = [None] if kind.optional else []
        names += list(ACTIVATIONS)
        self.combo = _ActivationCombo()
        self.combo.offer([(each, each or "none") for each in names])
        completer = QCompleter(self.combo)
        completer.setModel(QStringListModel([each or "none" for each in names], completer))
        completer.setMaxVisibleItems(12)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.activated.connect(self._ask)
        popup = completer.popup()
        if popup is not None:
            popup.setProperty("role", "popup")
            popup.setItemDelegate(CurveDelegate(popup))
            _WideList(popup, self.combo)
            leave_undo_to_the_design(popup)
        self.combo.setCompleter(completer)
        line = self.combo.lineEdit()
        assert line is not None
        self.line: QLineEdit = line
        # The combo box takes the keys and hands them to its text.
        leave_undo_to_the_design(self.combo)
        leave_undo_to_the_design(line)
        self.line.textEdited.connect(self._typed)
        self.line.editingFinished.connect(self._finish)
        self.combo.activated.connect(lambda place: self.wanted.emit(self.combo.value_at(place)))
        self.column.addWidget(self.combo)
        self.setFocusProxy(self.combo)

    def _value(self, text: str) -> object:
        stripped = text.strip()
        if stripped.casefold() in ("", "none") and self._optional:
            return None
        return canonical_activation(stripped) or stripped

    def _typed(self, text: str) -> None:
        # Half a name is no mistake yet: only whole names are asked for while typing.
        value = self._value(text)
        if (value is None and text.strip()) or value in ACTIVATIONS:
            self.wanted.emit(value)

    def _ask(self, text: str) -> None:
        self.wanted.emit(self._value(text))

    def _finish(self) -> None:
        if not self.line.placeholderText() or self.line.text():
            self._ask(self.line.text())
        self.finished.emit()

    def show_value(self, value: Any, *, mixed: bool = False) -> None:
        """Show the name and its curve, leaving the text alone while it already stands for the value."""
        self._held = value
        self.line.setPlaceholderText("mixed" if mixed else "")
        if not (
            self.line.hasFocus() and not mixed and self.line.text() and self._value(self.line.text()) == value
        ):
            self.combo.show_value(value, mixed=mixed)
            text = "" if mixed else value or "none"
            if self.line.text() != text:
                self.line.setText(text)
                self.line.setCursorPosition(0)
        self.combo.preview.show_activation(None if mixed else value)
        found = ACTIVATIONS.get(value) if isinstance(value, str) else None
        self.combo.setToolTip(
            f"<p>{found.explanation}</p><p>{found.formula}</p>" if found else "No function: x stays x."
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc takes typing back; the combo box and its text leave the key to us."""
        held = self._held or "none"
        if event.key() == Qt.Key.Key_Escape and self.line.text() not in ("", held):
            self.line.setText(held)
            self.wanted.emit(self._held)
        else:
            super().keyPressEvent(event)

    def name(self, text: str) -> None:
        """Name the combo box and its text."""
        self.combo.setAccessibleName(text)
        self.line.setAccessibleName(text)

    def mark(self, bad: bool) -> None:
        """Mark the combo box."""
        restyle(self.combo, "state", "bad" if bad else "")


def integers_text(value: Any) -> str:
    """A list of whole numbers as a person writes it: ``?, 3``; a lone number; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, int):
        return str(value)
    entries = ["?" if entry is None else str(entry) for entry in value]
    return ", ".join(entries) if entries else "()"


def parse_integers(text: str, kind: Integers) -> Any:
    """What a text such as ``3, 4`` stands for; words that are no numbers are kept for the type to refuse."""
    stripped = text.strip().replace("−", "-")
    if not stripped or stripped.casefold() == "none":
        return None if kind.optional else ()
    lone = kind.single and not any(mark in stripped for mark in ",()[]×")
    words = "".join(" " if each in "()[],;×" else each for each in stripped).split()
    entries = [_entry(word) for word in words]
    return entries[0] if lone and len(entries) == 1 else tuple(entries)


def _taken(kind: Integers, value: Any) -> Any:
    """A value in the form that the design holds; as it is where the kind refuses it."""
    try:
        return kind.accept(value)
    except BadValue:
        return value


def _entry(word: str) -> int | str | None:
    if word.casefold() in ("?", "none", "any"):
        return None
    try:
        return int(word)
    except ValueError:
        return word


class IntegersEditor(Editor):
    """A size per axis, a shape, or axis numbers, as text."""

    def __init__(self, kind: Integers, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kind = kind
        self._held: Any = None
        self.field = TextField()
        leave_undo_to_the_design(self.field)
        self.field.setToolTip(kind.expected[:1].upper() + kind.expected[1:])
        self.field.textEdited.connect(lambda text: self.wanted.emit(parse_integers(text, kind)))
        self.field.editingFinished.connect(self.finished)
        self.field.reverted.connect(self._revert)
        self.column.addWidget(self.field)
        self.setFocusProxy(self.field)

    def show_value(self, value: Any, *, mixed: bool = False) -> None:
        """Show the numbers, leaving text and caret alone while they already stand for the value."""
        self._held = None if mixed else value
        empty = "none" if self._kind.optional else ""
        self.field.setPlaceholderText("mixed" if mixed else empty)
        now = _taken(self._kind, parse_integers(self.field.text(), self._kind))
        if (type(now), now) == (type(self._held), self._held) and self.field.text():
            return
        text = integers_text(self._held)
        if self.field.text() != text:
            self.field.setText(text)
            self.field.setCursorPosition(0)

    def _revert(self) -> None:
        self.field.setText(integers_text(self._held))
        self.wanted.emit(self._held)

    def name(self, text: str) -> None:
        """Name the field."""
        self.field.setAccessibleName(text)

    def mark(self, bad: bool) -> None:
        """Mark the field."""
        restyle(self.field, "state", "bad" if bad else "")


class TextField(QLineEdit):
    """A line edit in which Esc takes typing back."""

    reverted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.isModified():
            self.setModified(False)
            self.reverted.emit()
        else:
            super().keyPressEvent(event)


class ReadOnlyEditor(Editor):
    """A value that is not set by hand; the explanation beside it says why."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = QLineEdit()
        self.field.setReadOnly(True)
        self.field.setEnabled(False)
        row = QHBoxLayout()
        row.addWidget(self.field)
        self.column.addLayout(row)

    def show_value(self, value: Any, *, mixed: bool = False) -> None:
        """Show the value in words."""
        text = integers_text(value) if isinstance(value, tuple) else option_text(value)
        self.field.setText("mixed" if mixed else text)

    def name(self, text: str) -> None:
        """Name the field."""
        self.field.setAccessibleName(f"{text}, not set by hand")


def plain_editor(kind: Any) -> Editor | None:
    """The editor of a plain kind of value; None for those that have editors of their own elsewhere."""
    match kind:
        case Integer() | Number():
            return NumberEditor(kind)
        case Flag():
            return FlagEditor()
        case Choice():
            return ChoiceEditor(kind)
        case Activation():
            return ActivationEditor(kind)
        case Integers():
            return IntegersEditor(kind)
    return None
