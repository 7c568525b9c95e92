"""What belongs to the chosen kind of source: a generator's settings, or a file with its columns."""

from pathlib import PurePath
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from rnn_designer.design import DataSource
from rnn_designer.messages import Table
from rnn_designer.sequences import Generator
from rnn_designer.ui.data.dialect_rows import DialectRows
from rnn_designer.ui.data.rows import NumberRow, option_row, small_text
from rnn_designer.ui.theme import code_font
from rnn_designer.ui.widgets.labels import ElidedLabel

_ROW = 22
_MOST_ROWS = 6
_CHECKABLE = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsUserCheckable


class GeneratorView(QWidget):
    """A generator's explanation, its law and its settings.

    Signals:
        option_wanted(name, value): a setting is to be changed.
        finished(): the next change is an undo step of its own.
    """

    option_wanted = Signal(str, object)
    finished = Signal()

    def __init__(self, generator: Generator, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        formula = QLabel(generator.formula)
        formula.setFont(code_font(8.5))
        formula.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(small_text(generator.explanation))
        layout.addWidget(formula)
        self.rows: dict[str, NumberRow] = {}
        for option in generator.options:
            row = option_row(option)
            row.value_wanted.connect(lambda value, name=option.name: self.option_wanted.emit(name, value))
            row.finished.connect(self.finished)
            self.rows[option.name] = row
            layout.addWidget(row)
        self._defaults = {option.name: option.default for option in generator.options}

    def show_options(self, options: Any) -> None:
        """Show the settings that hold."""
        for name, row in self.rows.items():
            row.show_value(options.get(name, self._defaults[name]))


class FileView(QWidget):
    """A file's name, what was noticed while reading it, and its columns to choose from.

    Signals:
        choose_wanted(): another file is to be chosen.
        reload_wanted(): the file is to be read again.
        columns_wanted(columns): the names of the columns that are checked, in the file's order.
        option_wanted(name, value): how the file is read is to be changed; None for finding it out.
        embed_wanted(): the numbers are to live in the design.
    """

    choose_wanted = Signal()
    reload_wanted = Signal()
    columns_wanted = Signal(object)
    option_wanted = Signal(str, object)
    embed_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._path = ""
        self.name = ElidedLabel(role="heading")
        self.choose = QPushButton("Choose file…")
        self.choose.setToolTip(
            "Choose a CSV, TSV, NPY, NPZ, Parquet, WAV or text file, or drop one onto this panel."
        )
        self.choose.clicked.connect(lambda: self.choose_wanted.emit())
        self.reload = QPushButton("Read again")
        self.reload.setProperty("role", "link")
        self.reload.clicked.connect(lambda: self.reload_wanted.emit())
        self.embed = QPushButton("Embed")
        self.embed.setProperty("role", "link")
        self.embed.setToolTip(
            "Keep these numbers in the design itself, where they can be edited and drawn over."
        )
        self.embed.clicked.connect(lambda: self.embed_wanted.emit())
        self.dialect = DialectRows()
        self.dialect.option_wanted.connect(self.option_wanted)
        buttons = QHBoxLayout()
        buttons.setSpacing(2)
        buttons.addWidget(self.choose)
        buttons.addWidget(self.reload)
        buttons.addWidget(self.embed)
        buttons.addStretch(1)
        self._columns_label = QLabel("columns")
        self._columns_label.setProperty("role", "section")
        self.columns = QListWidget()
        self.columns.setAccessibleName("Columns that are fed to the Input")
        self.columns.setFrameShape(QFrame.Shape.NoFrame)
        self.columns.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.columns.itemChanged.connect(self._checked)
        self._help = small_text("Each checked column becomes one feature of the Input, in the file's order.")
        self._message = QLabel()
        self._message.setProperty("role", "error")
        self._message.setWordWrap(True)
        self._message.hide()
        self.remarks = small_text()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.name)
        layout.addLayout(buttons)
        layout.addWidget(self.remarks)
        layout.addWidget(self.dialect)
        layout.addWidget(self._columns_label)
        layout.addWidget(self.columns)
        layout.addWidget(self._message)
        layout.addWidget(self._help)

    def show_file(self, source: DataSource, table: Table | None) -> None:
        """Show the file of a source, with what is known of it by now."""
        path = str(source.options.get("path", ""))
        if path != self._path:
            self._path = path
            self.name.show_text(PurePath(path).name or "No file yet")
            self.name.setToolTip(path)
        self._message.hide()
        self.dialect.show_file(source.kind, source.options, table)
        self.embed.setVisible(table is not None and source.kind != "text")
        there = table is not None and source.kind != "text"
        for widget in (self._columns_label, self.columns, self._help):
            widget.setVisible(there)
        self.reload.setVisible(bool(path))
        self.remarks.setVisible(bool(table is not None and table.remarks))
        if table is None:
            return
        self.remarks.setText("\n".join(table.remarks))
        wanted = set(table.columns)
        blocked = self.columns.blockSignals(True)
        for place, name in enumerate(table.available):
            if place == self.columns.count():
                self.columns.addItem(QListWidgetItem())
            item = self.columns.item(place)
            item.setFlags(_CHECKABLE)
            item.setText(name)
            item.setToolTip(name)
            item.setCheckState(Qt.CheckState.Checked if name in wanted else Qt.CheckState.Unchecked)
        while self.columns.count() > len(table.available):
            self.columns.takeItem(self.columns.count() - 1)
        self.columns.blockSignals(blocked)
        self.columns.setFixedHeight(min(_MOST_ROWS, max(1, len(table.available))) * _ROW + 6)

    def _checked(self, item: QListWidgetItem) -> None:
        items = [self.columns.item(place) for place in range(self.columns.count())]
        names = tuple(each.text() for each in items if each.checkState() is Qt.CheckState.Checked)
        if not names:
            blocked = self.columns.blockSignals(True)
            item.setCheckState(Qt.CheckState.Checked)
            self.columns.blockSignals(blocked)
            self._message.setText(
                "An Input needs at least one column. Check another one before this is taken away."
            )
            self._message.show()
            return
        self._message.hide()
        self.columns_wanted.emit(names)
