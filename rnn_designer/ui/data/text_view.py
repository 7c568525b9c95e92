"""Plain text as ids: characters or words, the size of the vocabulary, and the vocabulary itself."""

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListWidget, QPushButton, QVBoxLayout, QWidget

from rnn_designer.catalog import Integer
from rnn_designer.messages import Table
from rnn_designer.sequences import DEFAULT_VOCABULARY, LARGEST_VOCABULARY, UNITS
from rnn_designer.ui.data.rows import ControlRow, NumberRow, small_text
from rnn_designer.ui.data.typed_view import PasteField
from rnn_designer.ui.theme import code_font
from rnn_designer.ui.widgets.combo import Combo
from rnn_designer.ui.widgets.labels import ScrubLabel
from rnn_designer.ui.widgets.switch import Switch

_SHOWN = 500
_NAMES = {"\n": "line end", " ": "space", "\t": "tab", "\xa0": "fixed space"}


class TextView(QWidget):
    """How a text becomes ids.

    Signals:
        option_wanted(name, value): ``unit``, ``lower``, ``most`` or ``text`` is to be changed.
        finished(): the next change is an undo step of its own.
    """

    option_wanted = Signal(str, object)
    finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.unit = Combo()
        self.unit.setAccessibleName("Tokens")
        self.unit.offer([(name, name) for name in UNITS])
        self.unit.activated.connect(lambda at: self.option_wanted.emit("unit", self.unit.value_at(at)))
        self._unit_row = ControlRow(
            ScrubLabel("tokens"),
            self.unit,
            "Characters: few ids, long sequences. Words and punctuation marks: many ids, short sequences.",
        )
        self.lower_case = Switch()
        self.lower_case.setAccessibleName("Small letters only")
        self.lower_case.clicked.connect(lambda on: self.option_wanted.emit("lower", on))
        held = QWidget()
        beside = QHBoxLayout(held)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.addWidget(self.lower_case)
        beside.addStretch(1)
        self._lower_row = ControlRow(
            ScrubLabel("small letters"),
            held,
            "Whether “The” and “the” are one token. Fewer ids, less to learn.",
        )
        kind = Integer(3, LARGEST_VOCABULARY)
        self.most = NumberRow(
            "most ids",
            kind,
            "The commonest tokens get ids from 2; rarer ones become 1, and 0 is left for padding.",
            kind.accept,
        )
        self.most.value_wanted.connect(lambda value: self.option_wanted.emit("most", value))
        self.most.finished.connect(self.finished)
        self.text = PasteField(90)
        self.text.setAccessibleName("Text that is fed")
        self.text.setPlaceholderText("Type or paste a text here.")
        self.text.done.connect(self._take)
        self.take = QPushButton("Use this text")
        self.take.setToolTip("Make the text the data (Ctrl+Enter).")
        self.take.clicked.connect(self._take)
        self.title = small_text()
        self.vocabulary = QListWidget()
        self.vocabulary.setAccessibleName("Vocabulary")
        self.vocabulary.setFrameShape(QFrame.Shape.NoFrame)
        self.vocabulary.setFont(code_font(8.5))
        self.vocabulary.setUniformItemSizes(True)
        self.vocabulary.setFixedHeight(132)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for widget in (
            self.text,
            self.take,
            self._unit_row,
            self._lower_row,
            self.most,
            self.title,
            self.vocabulary,
        ):
            layout.addWidget(widget)
        layout.setAlignment(self.take, Qt.AlignmentFlag.AlignLeft)
        self._shown: tuple[str, ...] | None = None

    def show_source(self, options: Any, table: Table | None) -> None:
        """Show the settings that hold, and the vocabulary that they give."""
        own = "text" in options
        self.text.setVisible(own)
        self.take.setVisible(own)
        if own and not self.text.hasFocus() and self.text.toPlainText() != str(options["text"]):
            self.text.setPlainText(str(options["text"]))
        self.unit.show_value(str(options.get("unit", "characters")))
        self.lower_case.show_value(options.get("lower") is True)
        self.most.show_value(options.get("most", DEFAULT_VOCABULARY))
        words = table.vocabulary if table is not None else ()
        self.title.setVisible(bool(words))
        self.vocabulary.setVisible(bool(words))
        if table is None or words == self._shown:
            return
        self._shown = words
        more = f", the first {_SHOWN:,} shown" if len(words) > _SHOWN else ""
        self.title.setText(
            f"Vocabulary: {len(words):,} ids{more}. An Embedding needs input dim {len(words):,}."
        )
        counts = table.counts or ("",) * len(words)
        self.vocabulary.clear()
        rows = zip(range(_SHOWN), words, counts, strict=False)
        self.vocabulary.addItems(
            [f"{at:>4}  {_NAMES.get(word, word):<14} {count}×" for at, word, count in rows]
        )

    def _take(self) -> None:
        self.option_wanted.emit("text", self.text.toPlainText())
