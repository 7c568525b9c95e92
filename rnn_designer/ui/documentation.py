"""Keras' own documentation as plain rich text: paragraphs, lists and code, as the docstring has them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from rnn_designer.messages import Description

_ITEM = re.compile(r"^\s*([-*•]|\d+[.)])\s+")
_PROMPT = (">>>", "...")


def docs_name(kind: str) -> str:
    """A layer type's name below ``keras``: ``layers.LSTM``, or ``Input``.

    Of cells written by hand Keras speaks where it speaks of what runs them.
    """
    return {"Input": "Input", "CustomCell": "layers.RNN"}.get(kind, f"layers.{kind}")


def description_html(description: Description, arguments: bool = True) -> str:
    """Everything that Keras says about a name; ``arguments`` adds what it says about each of them."""
    parts = [f"<p>{_inline(description.summary)}</p>", text_html(description.text)]
    if arguments:
        for name, said in description.arguments.items():
            parts.append(f"<p class='code'><b>{escape(name)}</b></p>{text_html(said)}")
    return "".join(parts)


def text_html(text: str) -> str:
    """A docstring's text as rich text."""
    return "".join(
        "<pre class='code'>" + escape("\n".join(lines)) + "</pre>"
        if code
        else "<p>" + "<br>".join(map(_inline, _joined(lines))) + "</p>"
        for code, lines in _blocks(text)
    )


def _blocks(text: str) -> Iterator[tuple[bool, list[str]]]:
    """Runs of lines that belong together, and whether they are code."""
    held: list[str] = []
    was_code = fenced = False
    for line in [*text.splitlines(), ""]:
        fence = line.strip().startswith("```")
        # What a session in the docstring answers stands right below it, without a prompt.
        prompted = line.strip().startswith(_PROMPT)
        code = fenced or prompted or (was_code and bool(line.strip()) and not fence)
        if held and (fence or code != was_code or (not line.strip() and not fenced)):
            yield was_code, held
            held = []
        if fence:
            fenced = not fenced
            was_code = False
            continue
        if line.strip() or fenced:
            held.append(line.rstrip())
        was_code = code
    if held:
        yield was_code, held


def _joined(lines: list[str]) -> list[str]:
    """Lines that were broken to fit a file, whole again; the items of a list stay apart."""
    joined: list[str] = []
    for line in lines:
        if joined and not _ITEM.match(line):
            joined[-1] += " " + line.strip()
        else:
            joined.append(line.strip())
    return joined


def _inline(text: str) -> str:
    """Back-quoted names in the fixed-width font, emphasis as such."""
    pieces = re.split(r"`+([^`]+)`+", " ".join(text.split()))
    return "".join(
        f"<span class='code'>{escape(piece)}</span>"
        if place % 2
        else re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", escape(piece))
        for place, piece in enumerate(pieces)
    )
