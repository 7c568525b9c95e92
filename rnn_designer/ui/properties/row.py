"""One parameter of a form: label, mark of a changed value, editor, and below them what is wrong or worth knowing."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from rnn_designer.catalog import REQUIRED, BadValue, Integers, Parameter, PartOf, States
from rnn_designer.catalog.code_parameters import Arguments, Plain, Text
from rnn_designer.design import Problem
from rnn_designer.ui.properties.code_card import ArgumentsEditor, CodeCard
from rnn_designer.ui.properties.editors import (
    Editor,
    ReadOnlyEditor,
    integers_text,
    option_text,
    plain_editor,
)
from rnn_designer.ui.properties.initial_state import InitialStateEditor
from rnn_designer.ui.properties.part_editor import PartEditor
from rnn_designer.ui.properties.shape_editor import ShapeEditor
from rnn_designer.ui.properties.text_editors import PlainEditor, TextEditor
from rnn_designer.ui.theme import FIELD_HEIGHT, interface_font
from rnn_designer.ui.widgets.labels import ScrubLabel
from rnn_designer.ui.widgets.number_field import number_text
from rnn_designer.ui.widgets.problem_lines import ProblemLines
from rnn_designer.ui.widgets.reset_dot import ResetDot
from rnn_designer.ui.widgets.tab_order import TAB_LAST, order_tabs

LABEL_WIDTH = ShapeEditor.LABELS
_SHORTENED = {"regularizers": " regularizer", "initializers": " initializer", "constraints": " constraint"}


def editor_for(kind: str, parameter: Parameter) -> Editor:
    """The editor of a parameter of a layer type."""
    if not parameter.editable:
        return ReadOnlyEditor()
    match parameter.type:
        case PartOf():
            return PartEditor(parameter.type)
        case States():
            return InitialStateEditor()
        case Arguments():
            return ArgumentsEditor()
        case Text(code=True):
            return CodeCard()
        case Text():
            return TextEditor(parameter.type)
        case Plain():
            return PlainEditor()
    if kind == "Input" and parameter.name == "shape" and isinstance(parameter.type, Integers):
        return ShapeEditor(parameter.type)
    editor = plain_editor(parameter.type)
    if editor is None:
        raise TypeError(f"There is no editor for {parameter.type!r} of {kind}.{parameter.name}.")
    return editor


def short_label(parameter: Parameter) -> str:
    """The label below its section's title: "kernel" below "Regularizers"."""
    ending = _SHORTENED.get(parameter.group, "")
    label = parameter.label
    return label[: -len(ending)] if ending and label.endswith(ending) else label


def value_text(value: Any) -> str:
    """A value in a few words, for tooltips."""
    if value is None or isinstance(value, bool):
        return option_text(value)
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, tuple):
        whole = all(entry is None or isinstance(entry, int) for entry in value)
        return integers_text(value) if whole else "what it was"
    return str(getattr(value, "kind", value))


class ParameterRow(QWidget):
    """One parameter.

    Signals:
        value_wanted(name, value, merges): a value that the parameter's type accepts.
        reset_wanted(name): the default is wanted back.
        finished(): the next change is an undo step of its own.
        fixed(fix): a problem's fix was chosen.
        explained(problem): the user asks why something is a problem.
        pointed(name): the label was clicked, so the explanation is wanted.
        wished(what, layer_id): the editor asks for something elsewhere.
    """

    value_wanted = Signal(str, object, bool)
    reset_wanted = Signal(str)
    finished = Signal()
    fixed = Signal(object)
    explained = Signal(object)
    pointed = Signal(str)
    wished = Signal(str, str)

    def __init__(
        self, kind: str, parameter: Parameter, parent: QWidget | None = None, *, editor: Editor | None = None
    ) -> None:
        super().__init__(parent)
        self.parameter = parameter
        self._value: Any = REQUIRED
        self._mixed = False
        self._refused = ""
        self.editor = editor if editor is not None else editor_for(kind, parameter)
        self.label = ScrubLabel(short_label(parameter), scrubs=self.editor.scrubs, parent=self)
        self.label.setFont(interface_font(9.5))
        self.label.setFixedWidth(LABEL_WIDTH)
        self.label.setMinimumHeight(FIELD_HEIGHT)
        drag = "<br><i>Drag sideways to change it.</i>" if self.editor.scrubs else ""
        self.label.setToolTip(f"<p><b>{parameter.name}</b><br>{parameter.explanation}{drag}</p>")
        self.label.setBuddy(self.editor)
        self.editor.name(parameter.label)
        self.dot = ResetDot()
        self.dot.setProperty(TAB_LAST, True)
        self.dot.hide()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(2)
        self._grid.setVerticalSpacing(4)
        top = Qt.AlignmentFlag.AlignTop
        self._grid.addWidget(self.dot, 0, 1, top)
        if self.editor.labels == "none":
            self.label.hide()
            self._grid.addWidget(self.editor, 0, 0, 1, 3)
        else:
            self._grid.addWidget(self.label, 0, 0, top)
            if self.editor.labels == "above":
                self._grid.addWidget(self.editor, 1, 0, 1, 3)
            else:
                self._grid.addWidget(self.editor, 0, 2)
        self._grid.setColumnStretch(2, 1)
        order_tabs(self)
        self._message: QLabel | None = None
        self._hint: QLabel | None = None
        self._problems: ProblemLines | None = None
        self.editor.wanted.connect(self._judge)
        self.editor.finished.connect(self.finished)
        self.editor.wished.connect(self.wished)
        self.dot.clicked.connect(lambda: self.reset_wanted.emit(parameter.name))
        self.label.scrubbed.connect(self.editor.scrub)
        self.label.scrub_ended.connect(self.editor.end_scrub)
        self.label.scrub_ended.connect(lambda: self.pointed.emit(parameter.name))
        self.label.clicked.connect(lambda: self.pointed.emit(parameter.name))

    # Showing.

    def show_value(self, value: Any, *, changed: bool, mixed: bool = False) -> None:
        """Show the value that holds, and whether it is another than Keras' default.

        A bad text stays while the value that holds is the same, so that it can be mended where it stands.
        """
        same = not mixed and not self._mixed and (type(self._value), self._value) == (type(value), value)
        self._value, self._mixed = value, mixed
        resettable = changed and self.parameter.default is not REQUIRED and self.parameter.editable
        if resettable:
            text = f"Reset {self.parameter.label} to {value_text(self.parameter.default)}"
            self.dot.setAccessibleName(text)
            self.dot.setToolTip(text)
        if not resettable and self.dot.hasFocus():
            self.editor.setFocus(Qt.FocusReason.TabFocusReason)
        self.dot.setVisible(resettable)
        if self._refused and same:
            return
        self.refuse("")
        self.editor.show_value(value, mixed=mixed)

    def forget(self) -> None:
        """Other layers are shown now: nothing typed for the ones before may stay."""
        self._value = REQUIRED
        self.refuse("")

    def refuse(self, sentence: str) -> None:
        """Show why a value is no good; nothing clears it."""
        if sentence == self._refused:
            return
        self._refused = sentence
        self.editor.mark(bool(sentence))
        if self._message is None:
            self._message = QLabel()
            self._message.setProperty("role", "error")
            self._message.setWordWrap(True)
            self._grid.addWidget(self._message, 2, 0, 1, 3)
        self._message.setText(sentence)
        self._message.setVisible(bool(sentence))
        self.editor.setAccessibleDescription(sentence)

    @property
    def refused(self) -> str:
        """Why the typed value is no good; empty if it is."""
        return self._refused

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show what the check says about this parameter."""
        if self._problems is None:
            if not problems:
                return
            self._problems = ProblemLines()
            self._problems.fixed.connect(self.fixed)
            self._problems.explained.connect(self.explained)
            self._problems.code_asked.connect(lambda problem: self.wished.emit("trust", problem.layer))
            self._grid.addWidget(self._problems, 3, 0, 1, 3)
            self._problems.show_problems(problems)
            order_tabs(self)
        self._problems.show_problems(problems)

    def show_hint(self, html: str) -> None:
        """Show the explanation card; nothing hides it."""
        if self._hint is None:
            if not html:
                return
            self._hint = QLabel()
            self._hint.setProperty("role", "hint")
            self._hint.setWordWrap(True)
            self._hint.setTextFormat(Qt.TextFormat.RichText)
            self._hint.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            self._hint.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self._grid.addWidget(self._hint, 4, 0, 1, 3)
        if html and self._hint.text() != html:
            self._hint.setText(html)
        self._hint.setVisible(bool(html))

    # Asking.

    def _judge(self, value: Any) -> None:
        kind = self.parameter.type
        if value is None and not getattr(kind, "optional", False) and not self._takes_none():
            self.refuse(f"Expected {kind.expected}, got nothing. {self._kept()}".strip())
            return
        try:
            accepted = kind.accept(value)
        except BadValue as bad:
            self.refuse(f"{bad} {self._kept()}".strip())
            return
        self.refuse("")
        self.value_wanted.emit(self.parameter.name, accepted, self.editor.merges)

    def _takes_none(self) -> bool:
        try:
            self.parameter.type.accept(None)
        except BadValue:
            return False
        return True

    def _kept(self) -> str:
        if self._mixed or self._value is REQUIRED:
            return ""
        return f"It stays {value_text(self._value)}."
