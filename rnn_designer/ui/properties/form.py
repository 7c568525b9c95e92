"""The rows of one layer type, shown for one layer or for several of the same type at once."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rnn_designer.catalog import LayerType, Parameter
from rnn_designer.catalog.code_parameters import Text
from rnn_designer.design import Checked, Layer, Problem, edits
from rnn_designer.design.edits.cell_code import set_code
from rnn_designer.session.document import Document
from rnn_designer.ui.properties.hints import hint_html
from rnn_designer.ui.properties.row import ParameterRow
from rnn_designer.ui.properties.varying import varying_menu
from rnn_designer.ui.widgets.editing import try_edit
from rnn_designer.ui.widgets.section import Section
from rnn_designer.ui.widgets.tab_order import order_tabs

GROUP_ORDER = ("main", "regularizers", "dropout", "initializers", "constraints", "behaviour", "advanced")


class LayerForm(QWidget):
    """Every parameter of a layer type. Made once per type; selecting another layer only shows other values.

    Signals:
        fixed(fix): a problem's fix was chosen.
        explained(problem): the user asks why something is a problem.
        pointed(name): a parameter's label was clicked.
        wished(what, layer_id): an editor asks for something elsewhere.
    """

    fixed = Signal(object)
    explained = Signal(object)
    pointed = Signal(str)
    wished = Signal(str, str)

    def __init__(self, document: Document, entry: LayerType, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._layers: tuple[Layer, ...] = ()
        self._checked: Checked | None = None
        self._hinted: str | None = None
        self._words: list[str] = []
        self._open_before: dict[str, bool] = {}
        self.entry = entry
        self.rows: dict[str, ParameterRow] = {}
        self.sections: dict[str, Section] = {}
        self._columns: dict[str, QVBoxLayout] = {}
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for group in dict.fromkeys((*GROUP_ORDER, *(each.group for each in entry.parameters))):
            if not self._names(group):
                continue
            if group == "main":
                self._columns[group] = QVBoxLayout()
                self._columns[group].setSpacing(6)
                layout.addLayout(self._columns[group])
                self._make(group)
                continue
            section = Section(group.capitalize())
            section.toggled.connect(lambda opened, group=group: self._make(group) if opened else None)
            self.sections[group] = section
            self._columns[group] = section.rows
            layout.addWidget(section)

    def _names(self, group: str) -> list[str]:
        return [each.name for each in self.entry.parameters if each.group == group]

    def _make(self, group: str) -> None:
        """Make the rows of a group when they are first wanted: most sections are never opened."""
        names = self._names(group)
        if names[0] in self.rows:
            return
        for name in names:
            row = ParameterRow(self.entry.kind, self.entry.by_name[name])
            row.value_wanted.connect(self._set)
            row.reset_wanted.connect(self._reset)
            row.finished.connect(self._document.seal)
            row.fixed.connect(self.fixed)
            row.explained.connect(self.explained)
            row.pointed.connect(self.pointed)
            row.wished.connect(self.wished)
            row.label.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            row.label.customContextMenuRequested.connect(lambda at, row=row: self._offer_varying(row, at))
            self.rows[name] = row
            self._columns[group].addWidget(row)
        if group in self.sections:
            order_tabs(self.sections[group].header, self.sections[group].body)
        self._show_rows(names)
        self._sift()

    def _offer_varying(self, row: ParameterRow, at: QPoint) -> None:
        menu = (
            varying_menu(self._document, self._layers[-1], row.parameter.name, row) if self._layers else None
        )
        if menu is not None:
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(row.label.mapToGlobal(at))

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The layers whose values are shown."""
        return self._layers

    def show_layers(self, layers: tuple[Layer, ...], checked: Checked) -> None:
        """Show the values of layers of this form's type; the last one is the one that hints speak of."""
        if [each.id for each in layers] != [each.id for each in self._layers]:
            for row in self.rows.values():
                row.forget()
        self._layers, self._checked = layers, checked
        self._show_rows(list(self.rows))
        problems = checked.of(layers[-1].id)
        for group, section in self.sections.items():
            section.header.show_note(self._note(group, layers, problems))
        self._show_hint()

    def _show_rows(self, names: Sequence[str]) -> None:
        layers, checked = self._layers, self._checked
        if not layers or checked is None:
            return
        defaults = self.entry.defaults()
        problems = checked.of(layers[-1].id)
        for name in names:
            row = self.rows[name]
            row.editor.place(layers, checked)
            values = [layer.params.get(name, defaults[name]) for layer in layers]
            mixed = any((type(each), each) != (type(values[-1]), values[-1]) for each in values)
            changed = any(name in layer.params for layer in layers)
            row.show_value(values[-1], changed=changed, mixed=mixed)
            row.show_problems([each for each in problems if each.parameter == name])

    def _note(self, group: str, layers: tuple[Layer, ...], problems: Sequence[Problem]) -> str:
        names = self._names(group)
        count = sum(any(name in layer.params for layer in layers) for name in names)
        wrong = sum(each.parameter in names for each in problems)
        words = [f"{count} set"] if count else []
        if wrong:
            words.append(f"{wrong} problem" + "s" * (wrong > 1))
        return " · ".join(words)

    # Hints.

    def hint(self, name: str | None) -> None:
        """Show the explanation below one parameter; None for below none."""
        if name != self._hinted:
            if self._hinted in self.rows:
                self.rows[self._hinted].show_hint("")
            self._hinted = name
        self._show_hint()

    @property
    def hinted(self) -> str | None:
        """The parameter whose explanation shows."""
        return self._hinted

    def _show_hint(self) -> None:
        row = self.rows.get(self._hinted) if self._hinted is not None else None
        if row is not None:
            layer = self._layers[-1] if self._layers else None
            row.show_hint(hint_html(row.parameter, layer, self._checked))

    def row_of(self, widget: QWidget | None) -> ParameterRow | None:
        """The row that holds a widget."""
        while widget is not None and widget is not self:
            if isinstance(widget, ParameterRow):
                return widget if self.rows.get(widget.parameter.name) is widget else None
            widget = widget.parentWidget()
        return None

    # Filter.

    def filter(self, query: str) -> bool:
        """Show only parameters that fit; whether there is any. Sections open while they hold a match."""
        words = query.casefold().split()
        if words and not self._words:
            self._open_before = {group: section.opened for group, section in self.sections.items()}
        ended = bool(self._words) and not words
        self._words = words
        found = any(self._fits(each) for each in self.entry.parameters)
        for group, section in self.sections.items():
            fits = any(self._fits(self.entry.by_name[name]) for name in self._names(group))
            section.setVisible(fits)
            if words:
                section.open(fits)
            elif ended:
                section.open(self._open_before.get(group, False))
        self._sift()
        return found

    def _fits(self, parameter: Parameter) -> bool:
        text = f"{parameter.name} {parameter.label} {parameter.group}".casefold()
        return all(word in text for word in self._words)

    def _sift(self) -> None:
        for row in self.rows.values():
            row.setVisible(self._fits(row.parameter))

    def reveal(self, name: str) -> ParameterRow | None:
        """Open what hides a parameter and return its row."""
        parameter = self.entry.by_name.get(name)
        if parameter is not None and parameter.group in self.sections:
            self.sections[parameter.group].open()
        return self.rows.get(name)

    # Edits.

    def _set(self, name: str, value: Any, merges: bool) -> None:
        ids = [layer.id for layer in self._layers]
        setting = self.entry.by_name[name].type
        if isinstance(setting, Text) and setting.code:
            # With another class come other arguments.
            edit = edits.chain(*(set_code(each, value) for each in ids))
        else:
            edit = edits.chain(*(edits.set_parameter(each, name, value) for each in ids))
        merge = f"parameter {name} of {' '.join(ids)}" if merges else None
        row = self.rows[name]
        refusal = try_edit(self._document, edit, f"Set {row.parameter.label}", merge)
        row.refuse(refusal or "")

    def _reset(self, name: str) -> None:
        edit = edits.chain(*(edits.reset_parameter(layer.id, name) for layer in self._layers))
        row = self.rows[name]
        row.forget()
        refusal = try_edit(self._document, edit, f"Reset {row.parameter.label}")
        row.refuse(refusal or "")
