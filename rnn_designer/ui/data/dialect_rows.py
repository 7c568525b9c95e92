"""What was found out about how a file is written, with a choice for each finding that may be wrong."""

from collections.abc import Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rnn_designer.messages import Table
from rnn_designer.sequences import ENCODINGS, SEPARATORS
from rnn_designer.ui.data.rows import ControlRow
from rnn_designer.ui.widgets.combo import Combo
from rnn_designer.ui.widgets.labels import ScrubLabel

_NAMES = {
    "separator": {**{name: name for name in SEPARATORS}, "none": "one column"},
    "decimal": {"point": "point: 1.5", "comma": "comma: 1,5"},
    "header": {"yes": "names", "no": "data"},
    "encoding": dict(ENCODINGS),
}
_LABELS = {"separator": "separator", "decimal": "decimals", "header": "first line", "encoding": "encoding"}
_OF_KIND = {"csv": ("separator", "decimal", "header", "encoding"), "text": ("encoding",)}


class DialectRows(QWidget):
    """A row per finding; the first choice of each is to let the program find it out.

    Signals:
        option_wanted(name, value): a finding is to be overruled; None for finding it out again.
    """

    option_wanted = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        self.choices: dict[str, Combo] = {}
        self._rows: dict[str, ControlRow] = {}
        for name in (*_NAMES, "member"):
            combo = Combo()
            combo.activated.connect(lambda at, name=name: self._choose(name, at))
            row = ControlRow(ScrubLabel(_LABELS.get(name, "array")), combo, "")
            combo.setAccessibleName(_LABELS.get(name, "array in the archive"))
            row.explanation.hide()
            self.choices[name], self._rows[name] = combo, row
            layout.addWidget(row)

    def show_file(self, kind: str, options: Mapping[str, object], table: Table | None) -> None:
        """Show what was found out, and what was chosen instead."""
        facts = table.facts if table is not None else {}
        for name in _NAMES:
            row, combo = self._rows[name], self.choices[name]
            row.setVisible(name in _OF_KIND.get(kind, ()) and table is not None)
            found = facts.get(name)
            chosen = options.get(name, "auto")
            words = _NAMES[name].get(found or "", "")
            first = f"{words} (found)" if words and chosen == "auto" else "find out"
            combo.offer([("auto", first), *_NAMES[name].items()])
            combo.show_value(chosen)
            combo.setToolTip("Found out from the beginning of the file; choose another if it is wrong.")
        members = table.members if table is not None else ()
        self._rows["member"].setVisible(bool(members))
        self.choices["member"].offer([(member, member) for member in members])
        self.choices["member"].show_value(facts.get("member"))

    def _choose(self, name: str, place: int) -> None:
        value = self.choices[name].value_at(place)
        self.option_wanted.emit(name, None if value == "auto" else value)
