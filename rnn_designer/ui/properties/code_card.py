"""A custom cell in the form: its class with a way to its code, and its constructor's arguments as rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from rnn_designer.catalog import REQUIRED, Activation, BadValue, FrozenMap, Integer, Number, Part
from rnn_designer.catalog.cell_code import CellArgument, CellCode, CodeFault, read_cell
from rnn_designer.catalog.code_parameters import Plain, Text
from rnn_designer.design import Checked, Layer
from rnn_designer.design.edits.cell_code import draft_of
from rnn_designer.ui.cell_editor.templates import TemplateButton, summary_of
from rnn_designer.ui.properties.editors import ActivationEditor, Editor, plain_editor
from rnn_designer.ui.properties.shape_editor import ShapeEditor
from rnn_designer.ui.properties.text_editors import PlainEditor, TextEditor
from rnn_designer.ui.theme import FIELD_HEIGHT, code_font, interface_font
from rnn_designer.ui.widgets.labels import ElidedLabel, ScrubLabel
from rnn_designer.ui.widgets.reset_dot import ResetDot
from rnn_designer.ui.widgets.tab_order import TAB_LAST, order_tabs

Key = tuple[str, object]


class CodeCard(Editor):
    """What class a cell is, what it says about itself and what it carries; its code opens in an editor of its own."""

    labels = "none"
    merges = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._layer_id = ""
        self._draft = False
        self.title = ElidedLabel(role="heading")
        self.title.setFont(code_font(10))
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        self.facts = QLabel()
        self.facts.setWordWrap(True)
        self.facts.setProperty("role", "muted")
        self.facts.setTextFormat(Qt.TextFormat.PlainText)
        self.open_button = QPushButton("Edit code…")
        self.open_button.setProperty("role", "fix")
        self.open_button.clicked.connect(lambda: self.wished.emit("code", self._layer_id))
        self.templates = TemplateButton()
        self.templates.picked.connect(self._use)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        buttons.addWidget(self.open_button)
        buttons.addWidget(self.templates)
        buttons.addStretch(1)
        self.column.addWidget(self.title)
        self.column.addWidget(self.summary)
        self.column.addWidget(self.facts)
        self.column.addLayout(buttons)
        self.setFocusProxy(self.open_button)

    def place(self, layers: tuple[Layer, ...], checked: Checked) -> None:
        """Remember whose code it is, and whether other text is being written."""
        layer = layers[-1]
        self._layer_id = layer.id
        self._draft = draft_of(layer) is not None

    def _use(self, code: str) -> None:
        self.wanted.emit(code)
        self.finished.emit()

    def show_value(self, value: Any, *, mixed: bool = False) -> None:
        """Show the class; several at once show that there are several."""
        code = value if isinstance(value, str) and not mixed else ""
        cell = _read(code)
        self.templates.setEnabled(not mixed)
        self.open_button.setEnabled(not mixed)
        if cell is None:
            self.title.show_text("different classes" if mixed else "no class yet")
            self.summary.setText("")
            self.facts.setText("" if mixed else "Open the code to see what is missing.")
        else:
            self.title.show_text(f"class {cell.class_name}")
            self.summary.setText(summary_of(cell.doc))
            self.facts.setText(self._facts(code, cell))
        self.summary.setVisible(bool(self.summary.text()))
        self.facts.setVisible(bool(self.facts.text()))

    def _facts(self, code: str, cell: CellCode) -> str:
        lines = len(code.rstrip().split("\n"))
        words = [f"{lines} line{'s' * (lines != 1)}"]
        try:
            states = [name for name, _sizes in cell.states()]
        except CodeFault:
            states = []
        if states:
            words.append(f"{'states' if len(states) > 1 else 'state'} {', '.join(states)}")
        if self._draft:
            words.append("other code is being written")
        return " · ".join(words)

    def name(self, text: str) -> None:
        """Name the button; the rest is read as it stands."""
        self.open_button.setAccessibleName(f"Edit the {text} of the cell")


class ArgumentsEditor(Editor):
    """A row per argument of the class, with the editor that fits its type; dots mark what differs from the default."""

    labels = "none"

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cell: CellCode | None = None
        self._held = Part("Cell")
        self._last = ""
        self._shown: tuple[Key, ...] = ()
        self._made: dict[Key, _ArgumentRow] = {}
        self.rows: dict[str, _ArgumentRow] = {}
        self.none = QLabel("The class takes no arguments.")
        self.none.setProperty("role", "muted")
        self.none.setWordWrap(True)
        self.column.setSpacing(6)
        self.column.addWidget(self.none)

    def place(self, layers: tuple[Layer, ...], checked: Checked) -> None:
        """Make the rows fit the class of the last of the layers."""
        self._cell = _read(layers[-1].value("code"))
        arguments = self._cell.arguments if self._cell is not None else ()
        keys = tuple((each.name, each.type) for each in arguments)
        if keys == self._shown:
            for each in arguments:
                self.rows[each.name].follow(each)
            self.none.setVisible(not keys)
            return
        self._shown = keys
        for row in self._made.values():
            row.hide()
        self.rows = {}
        for argument, key in zip(arguments, keys, strict=True):
            row = self._made.get(key) or self._make(key, argument)
            row.follow(argument)
            # Taken out and put in again, so that rows stand in the constructor's order.
            self.column.removeWidget(row)
            self.column.addWidget(row)
            row.show()
            self.rows[argument.name] = row
        self.none.setVisible(not keys)
        order_tabs(self)

    def _make(self, key: Key, argument: CellArgument) -> _ArgumentRow:
        row = _ArgumentRow(argument, self._want)
        row.editor.finished.connect(self.finished)
        self._made[key] = row
        return row

    def _want(self, name: str, value: object) -> None:
        self._last = name
        argument = self._cell.argument(name) if self._cell is not None else None
        if argument is None or self._cell is None:
            return
        try:
            accepted = argument.type.accept(value)
        except BadValue as bad:
            self.rows[name].refuse(str(bad))
            return
        self.rows[name].refuse("")
        params = self._held.params
        same = type(accepted) is type(argument.default) and accepted == argument.default
        params = params.without(name) if same else params.having(**{name: accepted})
        self.wanted.emit(Part(self._cell.class_name, FrozenMap(params)))

    def show_value(self, value: Any, *, mixed: bool = False) -> None:
        """Show the arguments; what is not given has the class's own default."""
        if isinstance(value, Part):
            self._held = value
        cell = self._cell
        if cell is None:
            return
        complete = cell.complete(self._held.params)
        for name, row in self.rows.items():
            row.show_value(complete.get(name), given=name in self._held.params, mixed=mixed)

    def name(self, text: str) -> None:
        """The rows name themselves."""


class _ArgumentRow(QWidget):
    """Label and editor of one argument, and below them why a value is no good."""

    def __init__(self, argument: CellArgument, want: Callable[[str, object], None]) -> None:
        super().__init__()
        self._refused = False
        self.editor = _editor_for(argument)
        self.label = ScrubLabel(argument.label, scrubs=self.editor.scrubs)
        self.label.setFont(interface_font(9.5))
        self.label.setFixedWidth(ShapeEditor.LABELS)
        self.label.setMinimumHeight(FIELD_HEIGHT)
        self.label.setBuddy(self.editor)
        self.label.scrubbed.connect(self.editor.scrub)
        self.label.scrub_ended.connect(self.editor.end_scrub)
        self.editor.name(argument.label)
        self.editor.wanted.connect(lambda value: want(argument.name, value))
        self.dot = ResetDot()
        self.dot.setProperty(TAB_LAST, True)
        self.dot.clicked.connect(lambda: want(argument.name, self._default))
        self.dot.hide()
        self._default: object = argument.default
        self.message = QLabel()
        self.message.setProperty("role", "error")
        self.message.setWordWrap(True)
        self.message.hide()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(2)
        grid.setVerticalSpacing(4)
        grid.addWidget(self.label, 0, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.dot, 0, 1, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.editor, 0, 2)
        grid.addWidget(self.message, 1, 0, 1, 3)
        grid.setColumnStretch(2, 1)

    def follow(self, argument: CellArgument) -> None:
        """Say what the class says about the argument now."""
        self._default = argument.default
        text = f"Reset {argument.label} to the class's own {argument.default!r}"
        self.dot.setAccessibleName(text)
        self.dot.setToolTip(text)
        words = argument.explanation or "An argument of the cell's __init__; its docstring may say more."
        kind = f" ({argument.annotation})" if argument.annotation else ""
        drag = "<br><i>Drag sideways to change it.</i>" if self.editor.scrubs else ""
        self.label.setToolTip(f"<p><b>{argument.name}</b>{kind}<br>{words}{drag}</p>")

    def show_value(self, value: Any, *, given: bool, mixed: bool) -> None:
        """Show the value; a dot marks one that is given where the class has another of its own."""
        self.refuse("")
        resettable = given and self._default is not REQUIRED
        if not resettable and self.dot.hasFocus():
            self.editor.setFocus(Qt.FocusReason.TabFocusReason)
        self.dot.setVisible(resettable)
        self.editor.show_value(value, mixed=mixed)

    def refuse(self, sentence: str) -> None:
        """Show why a value is no good; nothing clears it."""
        if bool(sentence) != self._refused or sentence:
            self._refused = bool(sentence)
            self.editor.mark(self._refused)
            self.message.setText(sentence)
            self.message.setVisible(self._refused)


def _editor_for(argument: CellArgument) -> Editor:
    kind = argument.type
    match kind:
        case Activation():
            return ActivationEditor(kind)
        case Integer() | Number():
            return plain_editor(kind) or PlainEditor()
        case Text():
            return TextEditor(kind)
        case Plain():
            return PlainEditor()
    return plain_editor(kind) or PlainEditor()


def _read(code: str) -> CellCode | None:
    try:
        return read_cell(code)
    except CodeFault:
        return None
