"""The preferences: everything in force as soon as it is changed, each with a line that says what it does."""

from typing import TypeVar

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from rnn_designer.ui import settings as keys
from rnn_designer.ui.settings import SCALES, Setting, Settings
from rnn_designer.ui.theme import Scheme, interface_font, keeper

_THEMES: tuple[tuple[str, Scheme], ...] = (
    ("As the system", "system"),
    ("Light", "light"),
    ("Dark", "dark"),
)
_WIDTH = 480
_T = TypeVar("_T")


class Preferences(QDialog):
    """Changes the settings; there is no OK, because nothing waits for one.

    Signals:
        changed(): a setting is another one.
        layout_reset_wanted(), recent_cleared(), tour_wanted(): the buttons at the end.
    """

    changed = Signal()
    layout_reset_wanted = Signal()
    recent_cleared = Signal()
    tour_wanted = Signal()

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Preferences")
        self._settings = settings
        self.theme = QComboBox(self)
        self.theme.setAccessibleName("Theme")
        for words, scheme in _THEMES:
            self.theme.addItem(words, scheme)
        self.theme.setCurrentIndex(self.theme.findData(settings.get(keys.THEME)))
        self.theme.activated.connect(self._choose_theme)
        self.scale = QComboBox(self)
        self.scale.setAccessibleName("Size of everything")
        self.scale.addItem("As the screen", 0)
        for percent in SCALES:
            self.scale.addItem(f"{percent} %", percent)
        self.scale.setCurrentIndex(self.scale.findData(settings.get(keys.SCALE)))
        self.scale.activated.connect(lambda: self._put(keys.SCALE, self.scale.currentData()))
        self.motion = self._check("Reduce motion", keys.REDUCED_MOTION)
        self.minimap = self._check("Show the minimap", keys.MINIMAP)
        self.live = self._check("Run designs live from the start", keys.LIVE)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self._section("Look")
        self._row("Theme", self.theme, "")
        self._row(
            "Size", self.scale, "Of everything in the window. Takes effect when the program next starts."
        )
        self._row("", self.motion, "Menus, lists and docks appear and move without sliding.")
        self._section("Canvas and engine")
        self._row("", self.minimap, "A small picture of the whole design in the corner of the canvas.")
        self._row(
            "", self.live, "Off: new windows wait for Run or for the Live switch. Good for slow machines."
        )
        self._section("Start again")
        self._row("", self._buttons(), "")
        close = QPushButton("Close", self)
        close.setDefault(True)
        close.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.addStretch(1)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 16, 20, 16)
        column.setSpacing(14)
        column.addLayout(self._grid)
        column.addLayout(foot)
        self.setFixedWidth(_WIDTH)

    def _section(self, title: str) -> None:
        row = self._grid.rowCount()
        if row > 1:
            line = QFrame(self)
            line.setProperty("role", "line")
            self._grid.setRowMinimumHeight(row, 12)
            self._grid.addWidget(line, row + 1, 0, 1, 2)
            row += 2
        label = QLabel(title, self)
        label.setFont(interface_font(10.5, bold=True))
        self._grid.addWidget(label, row, 0, 1, 2)
        self._grid.setRowMinimumHeight(row, 28)

    def _row(self, title: str, control: QWidget, words: str) -> None:
        row = self._grid.rowCount()
        if title:
            label = QLabel(title, self)
            label.setProperty("role", "muted")
            label.setBuddy(control)
            self._grid.addWidget(label, row, 0)
            self._grid.addWidget(control, row, 1)
        else:
            self._grid.addWidget(control, row, 0, 1, 2)
        if words:
            said = QLabel(words, self)
            said.setProperty("role", "muted")
            said.setWordWrap(True)
            said.setFont(interface_font(9))
            said.setContentsMargins(0 if title else 24, 0, 0, 6)
            control.setAccessibleDescription(words)
            self._grid.addWidget(said, row + 1, 1 if title else 0, 1, 1 if title else 2)

    def _check(self, words: str, setting: Setting[bool]) -> QCheckBox:
        box = QCheckBox(words, self)
        box.setChecked(self._settings.get(setting))
        box.toggled.connect(lambda on: self._put(setting, on))
        return box

    def _buttons(self) -> QWidget:
        holder = QWidget(self)
        row = QHBoxLayout(holder)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.reset_layout = QPushButton("Reset layout", holder)
        self.reset_layout.setToolTip("Every panel back in its place, at its size.")
        self.reset_layout.clicked.connect(lambda: self.layout_reset_wanted.emit())
        self.clear_recent = QPushButton("Clear recent files", holder)
        self.clear_recent.setToolTip("The list is forgotten; the files stay.")
        self.clear_recent.clicked.connect(self._clear_recent)
        self.tour = QPushButton("Show the tour", holder)
        self.tour.setToolTip("The hints of the first start.")
        self.tour.clicked.connect(self._start_tour)
        for button in (self.reset_layout, self.clear_recent, self.tour):
            button.setAutoDefault(False)
            row.addWidget(button)
        row.addStretch(1)
        self.clear_recent.setEnabled(bool(self._settings.recent_files()))
        return holder

    def _choose_theme(self) -> None:
        scheme = self.theme.currentData()
        keeper().apply(scheme)
        self._put(keys.THEME, scheme)

    def _put(self, setting: Setting[_T], value: _T) -> None:
        self._settings.put(setting, value)
        self.changed.emit()

    def _clear_recent(self) -> None:
        self.recent_cleared.emit()
        self.clear_recent.setEnabled(False)

    def _start_tour(self) -> None:
        self.accept()
        self.tour_wanted.emit()

    def showEvent(self, event: QShowEvent) -> None:
        """As high as the lines need that wrap at this width."""
        layout = self.layout()
        if layout is not None:
            self.setFixedHeight(layout.totalHeightForWidth(self.width()))
        super().showEvent(event)
