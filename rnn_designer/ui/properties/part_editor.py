"""The editor of initializers, regularizers and constraints: which one, and its own arguments beside or below it."""

from collections.abc import Iterable, Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from rnn_designer.catalog import FrozenMap, Integer, Number, Numbers, Parameter, Part, PartOf, PartType
from rnn_designer.catalog.parts import part_type, parts
from rnn_designer.ui.properties.editors import Editor, plain_editor
from rnn_designer.ui.properties.text_editors import PlainEditor
from rnn_designer.ui.widgets.combo import Combo
from rnn_designer.ui.widgets.tab_order import order_tabs

_INLINE_WIDTH = 66
_LABEL_WIDTH = 58
"""How wide the names of arguments are at least; a name breaks between its words, never within one."""
_COUNTS = {1: "one", 2: "two", 3: "three", 4: "four"}


class _Arguments(QWidget):
    """The arguments of one kind of part. Made once per kind and kept, so that no signal outlives its widget."""

    def __init__(self, parameters: tuple[Parameter, ...], owner: "PartEditor", *, inline: bool) -> None:
        super().__init__()
        self.editors: dict[str, Editor] = {}
        self._labels: dict[str, QLabel] = {}
        self._advanced: list[str] = []
        self._more: QPushButton | None = None
        self._opened = False
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(6)
        grid.setVerticalSpacing(4)
        advance = self.fontMetrics().horizontalAdvance
        words = [word for parameter in parameters for word in parameter.label.split()]
        wide = max([_LABEL_WIDTH, *(advance(word) + 4 for word in words)])
        for row, parameter in enumerate(parameters):
            editor = PlainEditor() if isinstance(parameter.type, Numbers) else plain_editor(parameter.type)
            if editor is None:
                continue
            editor.name(f"{owner.label} {parameter.label}".strip())
            editor.setToolTip(f"<p>{parameter.label}: {parameter.explanation}</p>")
            editor.wanted.connect(lambda value, name=parameter.name: owner.argument_wanted(name, value))
            editor.finished.connect(owner.finished)
            self.editors[parameter.name] = editor
            if inline:
                editor.setFixedWidth(_INLINE_WIDTH)
                grid.addWidget(editor, row, 0)
                continue
            if parameter.group == "advanced":
                self._advanced.append(parameter.name)
            label = QLabel(parameter.label)
            label.setProperty("role", "muted")
            label.setToolTip(f"<p>{parameter.explanation}</p>")
            label.setWordWrap(True)
            label.setFixedWidth(wide)
            grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignVCenter)
            grid.addWidget(editor, row, 1)
            self._labels[parameter.name] = label
        if self._advanced:
            self._more = QPushButton("more …")
            names = ", ".join(name.replace("_", " ") for name in self._advanced)
            self._more.setToolTip(f"Also: {names}")
            self._more.setProperty("role", "link")
            self._more.setAccessibleName(f"{owner.label}: more arguments")
            self._more.clicked.connect(self._show_more)
            grid.addWidget(self._more, len(parameters), 0, 1, 2, Qt.AlignmentFlag.AlignLeft)
            self._fold(())

    def _show_more(self) -> None:
        self._opened = True
        self._fold(())
        self.editors[self._advanced[0]].setFocus(Qt.FocusReason.TabFocusReason)

    def _fold(self, given: Iterable[str]) -> None:
        """Hide what is rarely set until it is asked for or set."""
        given = set(given)
        for name in self._advanced:
            there = self._opened or name in given or self._holds_focus(name)
            self.editors[name].setVisible(there)
            self._labels[name].setVisible(there)
        if self._more is not None:
            self._more.setVisible(any(self.editors[name].isHidden() for name in self._advanced))

    def _holds_focus(self, name: str) -> bool:
        focused = QApplication.focusWidget()
        return focused is not None and self.editors[name].isAncestorOf(focused)

    def show_arguments(self, parameters: tuple[Parameter, ...], given: Mapping[str, Any]) -> None:
        """Show the values that hold."""
        for parameter in parameters:
            if parameter.name in self.editors:
                self.editors[parameter.name].show_value(given.get(parameter.name, parameter.default))
        self._fold(given)


def rank_words(part: PartType) -> str:
    """What kind of weight a part needs: "needs two axes"."""
    least, most = (_COUNTS.get(each, str(each)) for each in (part.least_rank, part.greatest_rank or 0))
    if part.greatest_rank is None:
        return f"needs {least} or more axes"
    if part.greatest_rank == part.least_rank:
        return f"needs {least} axes"
    return f"needs {least} to {most} axes"


class PartEditor(Editor):
    """A combo box of kinds, "none" among them where Keras allows it, and the arguments of the chosen kind."""

    merges = True

    def __init__(self, kind: PartOf, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = ""
        self._kind = kind
        self._held: Part | None = None
        self._last: Editor | None = None
        self._forms: dict[str, _Arguments] = {}
        self.combo = Combo()
        rows: list[tuple[object, str]] = [(None, "none")] if kind.optional else []
        self.combo.offer(rows + [(each.kind, each.kind) for each in parts(kind.namespace)])
        for place in range(self.combo.count()):
            found = part_type(kind.namespace, str(self.combo.value_at(place)))
            if found is not None and not found.fits(kind.rank):
                self.combo.rule_out(place, rank_words(found))
            elif found is not None:
                self.combo.setItemData(place, f"<p>{found.explanation}</p>", Qt.ItemDataRole.ToolTipRole)
        self.combo.activated.connect(self._choose)
        self._line = QHBoxLayout()
        self._line.setSpacing(4)
        self._line.addWidget(self.combo, 1)
        self.column.addLayout(self._line)
        self.setFocusProxy(self.combo)

    def arguments(self) -> dict[str, Editor]:
        """The editors of the shown kind's arguments, by name."""
        form = self._forms.get(self._held.kind) if self._held is not None else None
        return form.editors if form is not None else {}

    def _choose(self, place: int) -> None:
        chosen = self.combo.value_at(place)
        self._last = None
        self.wanted.emit(None if chosen is None else Part(str(chosen)))
        self.finished.emit()

    def argument_wanted(self, name: str, value: Any) -> None:
        """Ask for the held part with one argument replaced."""
        if self._held is not None:
            self._last = self.arguments().get(name)
            self.wanted.emit(Part(self._held.kind, self._held.params.having(**{name: value})))

    def show_value(self, value: Any, *, mixed: bool = False) -> None:
        """Show the part and its arguments; only the arguments of another kind appear or go."""
        self._held = value if isinstance(value, Part) and not mixed else None
        kind = self._held.kind if self._held is not None else None
        self.combo.setPlaceholderText("mixed" if mixed else "")
        self.combo.show_value(kind, mixed=mixed)
        found = part_type(self._kind.namespace, kind) if kind is not None else None
        self.combo.setToolTip(f"<p>{found.explanation}</p>" if found is not None else "")
        for each, form in self._forms.items():
            form.setVisible(each == kind)
        if found is None or not found.parameters:
            return
        form = self._form(found.kind, found.parameters)
        held = self._held.params if self._held is not None else FrozenMap()
        form.show_arguments(found.parameters, held)
        form.show()

    def _form(self, kind: str, parameters: tuple[Parameter, ...]) -> _Arguments:
        if kind not in self._forms:
            inline = len(parameters) == 1 and isinstance(parameters[0].type, Integer | Number)
            form = _Arguments(parameters, self, inline=inline)
            self._forms[kind] = form
            if inline:
                self._line.addWidget(form)
            else:
                self.column.addWidget(form)
            order_tabs(self)
        return self._forms[kind]

    def name(self, text: str) -> None:
        """Name the combo box; the arguments are named after it."""
        self.label = text
        self.combo.setAccessibleName(text)

    def mark(self, bad: bool) -> None:
        """Mark the argument that was edited last."""
        if bad and self._last is not None:
            self._last.mark(True)
        elif not bad:
            for editor in self.arguments().values():
                editor.mark(False)
