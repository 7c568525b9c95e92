"""The colours of Python source, for the program that is read and for the cells that are written."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from itertools import accumulate

from PySide6.QtGui import QColor, QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from rnn_designer.ui.theme import Theme, theme


class PythonColors(QSyntaxHighlighter):
    """Colours Python by its tokens, which pygments finds in the whole text at once.

    Call :meth:`read` with the new text before the document changes; or :meth:`follow` after every change of a
    document that somebody types into.
    """

    def __init__(self, document: QTextDocument) -> None:
        super().__init__(document)
        self._lines: list[list[tuple[int, int, str]]] = []
        self._formats = _formats(theme())

    def read(self, text: str) -> None:
        """Find the tokens of a text: per line, where each starts, how long it is, and its kind."""
        # 60 ms that the window does not need before it is there.
        from pygments.lexers.python import PythonLexer

        starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
        lines: list[list[tuple[int, int, str]]] = [[] for _ in starts]
        for start, token, value in PythonLexer().get_tokens_unprocessed(text):
            kind = _kind(str(token))
            if not kind:
                continue
            for part in value.split("\n"):
                if part:
                    line = bisect_right(starts, start) - 1
                    lines[line].append((start - starts[line], len(part), kind))
                start += len(part) + 1
        self._lines = lines

    def follow(self) -> None:
        """Colour what was typed: the lines whose tokens are others now, also those below an opened string."""
        before = self._lines
        self.read(self.document().toPlainText())
        block = self.document().firstBlock()
        for place, tokens in enumerate(self._lines):
            if place >= len(before) or before[place] != tokens:
                self.rehighlightBlock(block)
            block = block.next()

    def dress(self) -> None:
        """Take the colours of the theme in force."""
        self._formats = _formats(theme())
        self.rehighlight()

    # Qt's own

    def highlightBlock(self, _text: str) -> None:
        """Colour one line."""
        line = self.currentBlock().blockNumber()
        if line < len(self._lines):
            for start, length, kind in self._lines[line]:
                self.setFormat(start, length, self._formats[kind])


_KINDS = {
    "Token.Comment": "comment",
    "Token.Keyword.Constant": "number",
    "Token.Keyword": "keyword",
    "Token.Operator.Word": "keyword",
    "Token.Literal.String": "string",
    "Token.Literal.Number": "number",
    "Token.Name.Function": "name",
    "Token.Name.Class": "name",
}


def _kind(token: str) -> str:
    return next((kind for prefix, kind in _KINDS.items() if token.startswith(prefix)), "")


def _formats(look: Theme) -> Mapping[str, QTextCharFormat]:
    colors = {
        "keyword": look.code_keyword,
        "string": look.code_string,
        "number": look.code_number,
        "comment": look.code_comment,
        "name": look.code_name,
    }
    made = {}
    for kind, color in colors.items():
        made[kind] = QTextCharFormat()
        made[kind].setForeground(QColor(color))
        if kind == "comment":
            made[kind].setFontItalic(True)
        if kind == "name":
            made[kind].setFontWeight(QFont.Weight.Medium)
    return made
