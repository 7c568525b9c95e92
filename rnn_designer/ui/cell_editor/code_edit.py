"""A text field for Python: coloured, numbered, indenting, with matching brackets and marks where it is wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QResizeEvent,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import QPlainTextEdit, QTextEdit, QToolTip, QWidget

from rnn_designer.ui.cell_editor.gutter import Gutter
from rnn_designer.ui.cell_editor.source_text import (
    INDENT,
    bracket_pair,
    commented,
    dedented,
    indent_after,
    indented,
    leading,
)
from rnn_designer.ui.theme import code_font, keeper, theme
from rnn_designer.ui.widgets.python_colors import PythonColors

_OWN_KEYS = frozenset((Qt.Key.Key_F, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Slash))
_MOST_FOUND = 500
_KEEP = QTextCursor.MoveMode.KeepAnchor


class CodeEdit(QPlainTextEdit):
    """Python to write. It has an undo of its own; what becomes of the text is for others to decide.

    Signals:
        edited(): the text is another, by whatever hand.
        committed(): Ctrl+Enter.
        find_wanted(): Ctrl+F.
        left(): the keyboard went elsewhere.
    """

    edited = Signal()
    committed = Signal()
    find_wanted = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None, *, read_only: bool = False) -> None:
        super().__init__(parent)
        self.setProperty("role", "code")
        self.setReadOnly(read_only)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFont(code_font())
        self.document().setDocumentMargin(4)
        if read_only:
            self.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
        self._colors = PythonColors(self.document())
        self._text = ""
        self._faults: dict[int, tuple[int, str]] = {}
        self._query = ""
        self.gutter = Gutter(self)
        self.blockCountChanged.connect(lambda _count: self._make_room())
        self.updateRequest.connect(self._scroll_gutter)
        self.cursorPositionChanged.connect(self._caret_moved)
        self.textChanged.connect(self._changed)
        keeper().changed.connect(self.dress)
        self._make_room()
        self._mark()

    # The text.

    def text(self) -> str:
        """What is in it."""
        return self._text

    def open_text(self, text: str) -> None:
        """Show another text altogether: nothing before it can be undone."""
        self._faults = {}
        self.gutter.show_faults({})
        self.setPlainText(text)
        self.document().clearUndoRedoStacks()

    def show_text(self, text: str) -> None:
        """Change the text as one step that can be undone, touching only what differs."""
        old = self._text
        if text == old:
            return
        head = 0
        while head < min(len(old), len(text)) and old[head] == text[head]:
            head += 1
        tail = 0
        while tail < min(len(old), len(text)) - head and old[-1 - tail] == text[-1 - tail]:
            tail += 1
        cursor = QTextCursor(self.document())
        cursor.setPosition(head)
        cursor.setPosition(len(old) - tail, _KEEP)
        cursor.insertText(text[head : len(text) - tail])

    def _changed(self) -> None:
        text = self.toPlainText()
        if text == self._text:
            # Colouring a line also counts as a change for Qt.
            return
        self._text = text
        self._colors.follow()
        self._mark()
        self.edited.emit()

    # Marks.

    def show_faults(self, faults: Mapping[int, tuple[int, str]]) -> None:
        """Mark lines, from 1: the column, from 0, where the trouble begins, and the sentence about it."""
        if dict(faults) == self._faults:
            return
        self._faults = dict(faults)
        self.gutter.show_faults({line: sentence for line, (_column, sentence) in faults.items()})
        self._mark()

    @property
    def faults(self) -> Mapping[int, tuple[int, str]]:
        """The lines that are marked."""
        return self._faults

    def go_to(self, line: int, column: int = 0) -> None:
        """Put the caret on a line, from 1, and bring it into sight."""
        block = self.document().findBlockByNumber(max(1, min(line, self.blockCount())) - 1)
        cursor = QTextCursor(block)
        cursor.setPosition(block.position() + min(max(0, column), block.length() - 1))
        self.setTextCursor(cursor)
        self.ensureCursorVisible()
        self.setFocus(Qt.FocusReason.OtherFocusReason)

    def _mark(self) -> None:
        marks = [] if self.isReadOnly() else [self._band()]
        marks += self._found_marks()
        pair = bracket_pair(self._text, self.textCursor().position())
        if pair is not None and not self.isReadOnly():
            whole = pair[1] >= 0
            marks += [self._letter(place, whole) for place in pair if place >= 0]
        for line, (column, _sentence) in self._faults.items():
            block = self.document().findBlockByNumber(line - 1)
            if block.isValid():
                marks.append(self._wave(block, column))
        self.setExtraSelections(marks)
        self.gutter.update()

    def _band(self) -> QTextEdit.ExtraSelection:
        look = QTextCharFormat()
        look.setBackground(QColor(theme().field))
        look.setProperty(QTextFormat.Property.FullWidthSelection, True)
        cursor = self.textCursor()
        cursor.clearSelection()
        return _selection(cursor, look)

    def _letter(self, place: int, whole: bool) -> QTextEdit.ExtraSelection:
        look = QTextCharFormat()
        look.setBackground(theme().color("accent" if whole else "error", 0.28))
        return _selection(self._range(place, place + 1), look)

    def _wave(self, block: QTextBlock, column: int) -> QTextEdit.ExtraSelection:
        look = QTextCharFormat()
        look.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        look.setUnderlineColor(QColor(theme().error))
        line = block.text()
        start = column if 0 < column < len(line.rstrip()) else len(leading(line))
        return _selection(self._range(block.position() + start, block.position() + len(line)), look)

    def _range(self, start: int, end: int) -> QTextCursor:
        cursor = QTextCursor(self.document())
        cursor.setPosition(start)
        cursor.setPosition(max(start, end), _KEEP)
        return cursor

    # Finding.

    def show_found(self, query: str) -> int:
        """Mark every place where a text stands; how many there are."""
        self._query = query
        self._mark()
        return len(self.found())

    def found(self) -> list[int]:
        """Where the sought text begins, upper and lower case alike."""
        if not self._query:
            return []
        hay, needle = self._text.casefold(), self._query.casefold()
        if len(hay) != len(self._text):
            hay, needle = self._text, self._query
        places: list[int] = []
        place = hay.find(needle)
        while place >= 0 and len(places) < _MOST_FOUND:
            places.append(place)
            place = hay.find(needle, place + len(needle))
        return places

    def find_next(self, *, back: bool = False, here: bool = False) -> int | None:
        """Select the next place of the sought text, round the end; its number from 0, or None if there is none.

        ``here`` takes the place where the selection begins, too: what is being typed is found where one looks.
        """
        places = self.found()
        if not places:
            return None
        at = self.textCursor().selectionStart()
        if back:
            number = max((n for n, place in enumerate(places) if place < at), default=len(places) - 1)
        else:
            number = next((n for n, place in enumerate(places) if place > at or (here and place == at)), 0)
        self.setTextCursor(self._range(places[number], places[number] + len(self._query)))
        self.ensureCursorVisible()
        return number

    def _found_marks(self) -> list[QTextEdit.ExtraSelection]:
        look = QTextCharFormat()
        look.setBackground(theme().color("warning", 0.3))
        length = len(self._query)
        return [_selection(self._range(place, place + length), look) for place in self.found()]

    # The strip at the left.

    def lines_in_sight(self) -> Iterator[tuple[int, float, float]]:
        """The lines that show: number from 1, top and height in pixels."""
        block = self.firstVisibleBlock()
        offset = self.contentOffset()
        while block.isValid():
            area = self.blockBoundingGeometry(block).translated(offset)
            if area.top() > self.viewport().height():
                return
            yield block.blockNumber() + 1, area.top(), area.height()
            block = block.next()

    def _make_room(self) -> None:
        self.setViewportMargins(self.gutter.sizeHint().width() + 2, 0, 0, 0)

    def _scroll_gutter(self, area: QRect, moved: int) -> None:
        if moved:
            self.gutter.scroll(0, moved)
        else:
            self.gutter.update(0, area.y(), self.gutter.width(), area.height())

    def _caret_moved(self) -> None:
        self._mark()

    def dress(self) -> None:
        """Take the colours and the font of the theme in force."""
        self.setFont(code_font())
        self._colors.dress()
        self._make_room()
        self._mark()

    # Editing.

    def _blocks(self) -> list[QTextBlock]:
        """The lines that the selection touches."""
        cursor = self.textCursor()
        block = self.document().findBlock(cursor.selectionStart())
        end = cursor.selectionEnd()
        blocks = [block]
        while block.next().isValid() and block.next().position() < end:
            block = block.next()
            blocks.append(block)
        return blocks

    def _rewrite(self, lines: list[str]) -> None:
        """Put other lines in the place of those that the selection touches, as one step; they stay selected."""
        blocks = self._blocks()
        several = len(blocks) > 1 or self.textCursor().hasSelection()
        old = self.textCursor()
        column = old.positionInBlock() + len(lines[0]) - len(blocks[0].text())
        start, end = blocks[0].position(), blocks[-1].position() + blocks[-1].length() - 1
        cursor = self._range(start, end)
        cursor.insertText("\n".join(lines))
        length = sum(len(line) + 1 for line in lines) - 1
        if several:
            self.setTextCursor(self._range(start, start + length))
        else:
            caret = QTextCursor(self.document())
            caret.setPosition(start + min(max(0, column), length))
            self.setTextCursor(caret)

    def _tab(self) -> None:
        cursor = self.textCursor()
        if cursor.hasSelection() and "\u2029" in cursor.selectedText():
            self._rewrite([indented(block.text()) for block in self._blocks()])
            return
        column = cursor.positionInBlock() - len(cursor.selectedText())
        cursor.insertText(" " * (len(INDENT) - max(0, column) % len(INDENT)))

    def _enter(self) -> None:
        cursor = self.textCursor()
        cursor.beginEditBlock()
        cursor.removeSelectedText()
        before = cursor.block().text()[: cursor.positionInBlock()]
        cursor.insertText("\n" + indent_after(before))
        cursor.endEditBlock()
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def _backspace_dedents(self) -> bool:
        """Take a whole level away where only blanks stand before the caret; whether it did."""
        cursor = self.textCursor()
        before = cursor.block().text()[: cursor.positionInBlock()]
        if cursor.hasSelection() or not before or before.strip(" "):
            return False
        away = (len(before) - 1) % len(INDENT) + 1
        cursor.movePosition(QTextCursor.MoveOperation.Left, _KEEP, away)
        cursor.removeSelectedText()
        return True

    def _home(self, select: bool) -> None:
        """To where the line's code begins, or from there to where the line does."""
        cursor = self.textCursor()
        code = len(leading(cursor.block().text()))
        column = 0 if cursor.positionInBlock() == code else code
        mode = _KEEP if select else QTextCursor.MoveMode.MoveAnchor
        cursor.setPosition(cursor.block().position() + column, mode)
        self.setTextCursor(cursor)

    # Qt's own.

    def event(self, event: QEvent) -> bool:
        """Keep the keys that mean something here from the window."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            if (control and Qt.Key(event.key()) in _OWN_KEYS) or event.key() == Qt.Key.Key_F3:
                event.accept()
                return True
        return super().event(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Say what is wrong with the line that is pointed at."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            line = self.cursorForPosition(event.pos()).blockNumber() + 1
            QToolTip.showText(event.globalPos(), self._faults.get(line, (0, ""))[1], self)
            return True
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that a code editor knows and a text field does not."""
        if not self._own_key(event):
            super().keyPressEvent(event)

    def _own_key(self, event: QKeyEvent) -> bool:
        key, held = Qt.Key(event.key()), event.modifiers()
        control = bool(held & Qt.KeyboardModifier.ControlModifier)
        shift = bool(held & Qt.KeyboardModifier.ShiftModifier)
        if control and key == Qt.Key.Key_F:
            self.find_wanted.emit()
            return True
        if key == Qt.Key.Key_F3:
            self.find_next(back=shift)
            return True
        if self.isReadOnly():
            return False
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if control:
                self.committed.emit()
            else:
                self._enter()
            return True
        if key == Qt.Key.Key_Backtab or (key == Qt.Key.Key_Tab and shift):
            self._rewrite([dedented(block.text()) for block in self._blocks()])
            return True
        if key == Qt.Key.Key_Tab and not control:
            self._tab()
            return True
        if key == Qt.Key.Key_Backspace and not control:
            return self._backspace_dedents()
        if key == Qt.Key.Key_Home and not control:
            self._home(shift)
            return True
        if control and key == Qt.Key.Key_Slash:
            self._rewrite(commented([block.text() for block in self._blocks()]))
            return True
        return False

    def focusNextPrevChild(self, _next: bool) -> bool:
        """Tab indents; F6 leaves."""
        return False if not self.isReadOnly() else super().focusNextPrevChild(_next)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Say that the keyboard went elsewhere."""
        super().focusOutEvent(event)
        self.left.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the numbers beside the text."""
        super().resizeEvent(event)
        area = self.contentsRect()
        self.gutter.setGeometry(area.left(), area.top(), self.gutter.sizeHint().width(), area.height())
        if self.hasFocus():
            # A sentence that appears below must not cover the line that it is about.
            self.ensureCursorVisible()


def _selection(cursor: QTextCursor, look: QTextCharFormat) -> QTextEdit.ExtraSelection:
    mark = QTextEdit.ExtraSelection()
    mark.format = look
    mark.cursor = cursor
    return mark
