"""What the code editor knows of Python text: indentation, brackets, comments."""

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_designer.ui.cell_editor.source_text import (
    bracket_pair,
    brackets,
    commented,
    dedented,
    indent_after,
    indented,
)


@pytest.mark.parametrize(
    ("line", "blanks"),
    [
        ("class Cell:", 4),
        ("    def call(self, inputs, states):", 8),
        ("    def call(", 8),
        ("        return h, [h]", 4),
        ("        return", 4),
        ("pass", 0),
        ("    x = 1  # a colon:", 4),
        ('    x = ":"', 4),
        ("    if x:  # why", 8),
        ("    returned = 1", 4),
        ("    x = (1, 2)", 4),
        ("", 0),
    ],
)
def test_that_the_next_line_is_indented_as_the_line_before_asks(line: str, blanks: int) -> None:
    assert indent_after(line) == " " * blanks


@pytest.mark.parametrize(
    ("text", "caret", "pair"),
    [
        ("f(a[0])", 1, (1, 6)),
        ("f(a[0])", 7, (6, 1)),
        ("f(a[0])", 3, (3, 5)),
        ('f(")")', 1, (1, 5)),
        ('f(")")', 3, None),
        ("f(  # )\n)", 1, (1, 8)),
        ("f((a)", 1, (1, -1)),
        ("f]", 1, (1, -1)),
        ('"""(\n""" + (1)', 3, None),
        ("a + b", 2, None),
    ],
)
def test_that_a_bracket_finds_its_partner_outside_strings_and_comments(
    text: str, caret: int, pair: tuple[int, int] | None
) -> None:
    assert bracket_pair(text, caret) == pair


@given(st.text(alphabet="()[]{}\"'#\\\n ab", max_size=60))
def test_that_partners_are_partners_of_each_other_in_any_text(text: str) -> None:
    partners = dict(brackets(text))
    for place, partner in partners.items():
        assert text[place] in "()[]{}"
        if partner >= 0:
            assert partners[partner] == place
            assert text[min(place, partner)] + text[max(place, partner)] in ("()", "[]", "{}")


@given(st.text(alphabet="ab ", max_size=20))
def test_that_dedenting_takes_back_indenting(line: str) -> None:
    if line.strip() and len(line) - len(line.lstrip(" ")) in (0, 4, 8):
        assert dedented(indented(line)) == line


def test_that_indenting_goes_to_the_next_stop_and_leaves_empty_lines_empty() -> None:
    assert indented("  x") == "    x"
    assert indented("    x") == "        x"
    assert indented("   ") == "   "
    assert dedented("      x") == "    x"
    assert dedented("\tx") == "x"
    assert dedented("x") == "x"


def test_that_commenting_out_and_back_leaves_the_code_as_it_was() -> None:
    lines = ["    h = 1", "", "        c = 2"]
    out = commented(lines)
    assert out == ["    # h = 1", "", "    #     c = 2"]
    assert commented(out) == lines
    ast.parse("if True:\n" + "\n".join(commented(["    h = 1", "    # c = 2"])) + "\n    pass")
