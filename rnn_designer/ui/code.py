"""The code panel: the design as the Keras program it exports, with the lines of the selected layer marked."""

from __future__ import annotations

from itertools import accumulate
from typing import cast

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QMouseEvent,
    QShowEvent,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from rnn_designer.codegen import NotExportable, Source, Style, formatted, generate, runnable_part
from rnn_designer.design import Checked, Design
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.scopes.chips import ChoiceButton
from rnn_designer.ui.selection import Selection
from rnn_designer.ui.theme import code_font, keeper, theme
from rnn_designer.ui.widgets.python_colors import PythonColors

_DEBOUNCE = 60
_COPIED_FOR = 1500
_STYLES = {"auto": "Auto", "sequential": "Sequential", "functional": "Functional"}
_NOTHING = "The program appears here as soon as an Input is wired to a layer."
_NAMED = 3


class CodePanel(QWidget):
    """Shows the generated program, kept up to date, read-only.

    Signals:
        copied(): the program is on the clipboard.
    """

    copied = Signal()

    def __init__(self, workspace: Workspace, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._selection = selection
        self._style: Style = "auto"
        self._source = Source("", {})
        self._dirty = True
        self.note = QLabel(self)
        self.note.setProperty("role", "hint")
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        self.note.hide()
        self.view = CodeView(self)
        self.style_button = ChoiceButton("", self)
        self.style_button.setAccessibleName("Style of the program")
        self.style_button.setToolTip("How the model is written: as a chain, or layer by layer")
        self.style_button.show_choices(_STYLES, self._style)
        self.copy_button = QPushButton("Copy", self)
        self.copy_button.setProperty("role", "link")
        self.copy_button.setToolTip("Copy the whole program")
        self._lay_out()
        self._timer = self._single_shot(_DEBOUNCE, self.refresh)
        self._copied_timer = self._single_shot(_COPIED_FOR, lambda: self.copy_button.setText("Copy"))

        workspace.checks.changed.connect(self._later)
        selection.changed.connect(self._show_selection)
        keeper().changed.connect(self._dress)
        self.view.line_clicked.connect(self._line_clicked)
        self.style_button.picked.connect(self._style_picked)
        self.copy_button.clicked.connect(self.copy)

    @property
    def source(self) -> Source:
        """The program on screen; empty while nothing can be built."""
        return self._source

    def refresh(self) -> None:
        """Show the program of the present design; put off while the panel is hidden."""
        self._timer.stop()
        self._dirty = not self.isVisible()
        if self._dirty:
            return
        source, note = program(self._workspace.checks.checked, self._style)
        self._source = formatted(source) if source is not None else Source("", {})
        self.note.setText(note)
        self.note.setVisible(bool(note))
        self.copy_button.setEnabled(source is not None)
        self.view.show_code(self._source.text)
        self._show_selection()

    def copy(self) -> None:
        """Put the program on the clipboard."""
        QGuiApplication.clipboard().setText(self._source.text)
        self.copy_button.setText("Copied")
        self._copied_timer.start()
        self.copied.emit()

    def _single_shot(self, milliseconds: int, slot: object) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(slot)
        return timer

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.setContentsMargins(10, 2, 8, 0)
        head.setSpacing(4)
        head.addStretch(1)
        head.addWidget(self.style_button)
        head.addWidget(self.copy_button)
        notes = QHBoxLayout()
        notes.setContentsMargins(10, 2, 10, 4)
        notes.addWidget(self.note)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addLayout(notes)
        column.addWidget(self.view, 1)

    def _later(self, *_: object) -> None:
        # Not started again while it runs: the program keeps up with a drag that never pauses.
        if not self._timer.isActive():
            self._timer.start()

    def _show_selection(self) -> None:
        design = self._workspace.document.design
        lines: list[int] = []
        for layer_id in self._selection.ids:
            lines.extend(lines_of(self._source, design, layer_id))
        self.view.mark(lines)

    def _line_clicked(self, line: int) -> None:
        layer_id = self._source.layer_of_line.get(line)
        if layer_id is not None and self._workspace.document.design.find(layer_id) is not None:
            self._selection.reveal(layer_id)

    def _style_picked(self, style: str) -> None:
        self._style = cast(Style, style)
        self.refresh()

    def _dress(self) -> None:
        self.view.dress()
        self._show_selection()

    # Qt's own

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while the panel was hidden."""
        super().showEvent(event)
        if self._dirty:
            self.refresh()


def program(checked: Checked, style: Style) -> tuple[Source | None, str]:
    """The unformatted program of what can run, and a sentence on what it leaves out or why there is none."""
    part = runnable_part(checked)
    if part is None:
        errors = checked.errors
        return None, errors[0].message if errors and checked.design.links else _NOTHING
    note = _left_out(checked, part)
    try:
        return generate(part, style=style), note
    except NotExportable as refusal:
        if style == "auto":
            return None, str(refusal)
        try:
            return generate(part), f"{refusal} This is the program in auto style."
        except NotExportable as again:
            return None, str(again)


def lines_of(source: Source, design: Design, layer_id: str) -> tuple[int, ...]:
    """The lines of a layer, those of its inner layers included; its wrapper's if it shares a line with that."""
    layer = design.find(layer_id)
    while layer is not None:
        ids = {each.id for each in layer.walk()}
        lines = tuple(sorted(line for line, owner in source.layer_of_line.items() if owner in ids))
        if lines:
            return lines
        layer = design.owner(layer.id)
    return ()


def _left_out(checked: Checked, part: Checked) -> str:
    kept = {layer.id for layer in part.design.layers}
    names = [f"“{layer.name}”" for layer in checked.design.layers if layer.id not in kept]
    if not names:
        return ""
    said = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
    verb = "is" if len(names) == 1 else "are"
    for problem in checked.errors:
        return f"{said} {verb} left out: {problem.message}"
    whom = "it" if len(names) == 1 else "them"
    return f"{said} {verb} left out because no Input leads there. Draw a wire to connect {whom}."


class CodeView(QPlainTextEdit):
    """Python to read: coloured, with marked lines; a click says which line.

    Signals:
        line_clicked(line): the mouse was clicked on a line, from 1, without selecting text.
    """

    line_clicked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "code")
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setAccessibleName("Generated Keras program")
        self.document().setDocumentMargin(10)
        self.setFont(code_font())
        self._colors = PythonColors(self.document())
        self._marked: tuple[int, ...] = ()

    @property
    def marked(self) -> tuple[int, ...]:
        """The lines that are marked, from 1."""
        return self._marked

    def show_code(self, text: str) -> None:
        """Show another text, changing only the lines that differ, so that the view stays where it is."""
        text = text.rstrip("\n")
        old, new = self.toPlainText(), text
        if old == new:
            return
        self._colors.read(text)
        before, after = old.split("\n"), new.split("\n")
        head = 0
        while head < min(len(before), len(after)) and before[head] == after[head]:
            head += 1
        tail = 0
        while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
            tail += 1
        if not head and not tail:
            self.setPlainText(text)
            return
        bar = self.verticalScrollBar().value()
        self._replace(before, after, head, tail)
        self.verticalScrollBar().setValue(bar)

    def mark(self, lines: list[int]) -> None:
        """Mark exactly these lines, from 1, and bring them into sight if they are not."""
        lines = sorted(set(lines))
        changed = tuple(lines) != self._marked
        self._marked = tuple(lines)
        band = QTextCharFormat()
        band.setBackground(QColor(theme().accent_soft))
        band.setProperty(QTextFormat.Property.FullWidthSelection, True)
        marks = []
        for line in lines:
            block = self.document().findBlockByNumber(line - 1)
            if block.isValid():
                mark = QTextEdit.ExtraSelection()
                # Stub files of PySide6 leave the two fields out of the constructor, not out of the class.
                mark.format = band
                mark.cursor = QTextCursor(block)
                marks.append(mark)
        self.setExtraSelections(marks)
        if changed and lines:
            self._reveal(lines[0], lines[-1])

    def dress(self) -> None:
        """Take the colours and the font of the theme in force."""
        self.setFont(code_font())
        self._colors.dress()

    def _replace(self, before: list[str], after: list[str], head: int, tail: int) -> None:
        cursor = QTextCursor(self.document())
        starts = [0, *accumulate(len(line) + 1 for line in before)]
        start, end = starts[head], starts[len(before) - tail]
        fresh = after[head : len(after) - tail]
        length = starts[-1] - 1
        if tail:
            text = "".join(f"{line}\n" for line in fresh)
        else:
            # The last line has no line break after it: take the one before instead.
            start, end = max(0, start - 1), length
            text = "".join(f"\n{line}" for line in fresh)
        cursor.setPosition(start)
        cursor.setPosition(min(end, length), QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(text)

    def _reveal(self, first: int, last: int) -> None:
        top = self.firstVisibleBlock().blockNumber() + 1
        seen = max(1, self.viewport().height() // max(1, self.fontMetrics().lineSpacing()) - 1)
        if top <= first and last < top + seen:
            return
        self.verticalScrollBar().setValue(max(0, first - 1 - max(1, (seen - (last - first)) // 3)))

    # Qt's own

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click without a selection says its line."""
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton and not self.textCursor().hasSelection():
            self.line_clicked.emit(self.cursorForPosition(event.position().toPoint()).blockNumber() + 1)
