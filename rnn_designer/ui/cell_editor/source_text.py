"""What a code editor has to know of Python text: indentation, brackets and comments, without parsing it."""

from functools import lru_cache

INDENT = "    "
_PAIRS = {")": "(", "]": "[", "}": "{"}
_OPENING = frozenset(_PAIRS.values())
_LEAVING = frozenset(("return", "pass", "raise", "break", "continue"))


@lru_cache(maxsize=4)
def brackets(text: str) -> tuple[tuple[int, int], ...]:
    """Where each bracket outside strings and comments stands, and where its partner does; -1 for none."""
    found: dict[int, int] = {}
    opened: list[int] = []
    place, end = 0, len(text)
    while place < end:
        letter = text[place]
        if letter == "#":
            place = text.find("\n", place)
            if place < 0:
                break
        elif letter in "\"'":
            place = _string_end(text, place)
            continue
        elif letter in _OPENING:
            opened.append(place)
            found[place] = -1
        elif letter in _PAIRS:
            found[place] = -1
            if opened and text[opened[-1]] == _PAIRS[letter]:
                start = opened.pop()
                found[start], found[place] = place, start
        place += 1
    return tuple(sorted(found.items()))


def _string_end(text: str, start: int) -> int:
    """Where a string that begins here is over; an open one ends with its line, with triple quotes with the text."""
    quote = text[start : start + 3] if text[start : start + 3] in ('"""', "'''") else text[start]
    place = start + len(quote)
    while place < len(text):
        if text[place] == "\\":
            place += 2
        elif text.startswith(quote, place):
            return place + len(quote)
        elif len(quote) == 1 and text[place] == "\n":
            return place
        else:
            place += 1
    return len(text)


def bracket_pair(text: str, caret: int) -> tuple[int, int] | None:
    """The bracket beside the caret and its partner (-1 for none); the one after the caret goes first."""
    places = dict(brackets(text))
    for place in (caret, caret - 1):
        if place in places:
            return place, places[place]
    return None


def leading(line: str) -> str:
    """The blanks that a line begins with."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def without_comment(line: str) -> str:
    """A line up to its comment."""
    place = 0
    while place < len(line):
        if line[place] == "#":
            return line[:place]
        place = _string_end(line, place) if line[place] in "\"'" else place + 1
    return line


def indent_after(line: str) -> str:
    """How far the line after this one is indented: deeper after a colon or an open bracket, less after a return."""
    indent, code = leading(line), without_comment(line).strip()
    partners = dict(brackets(line))
    opened = sum(partner < 0 and line[place] in _OPENING for place, partner in partners.items())
    if code.endswith(":") or opened:
        return indent + INDENT
    if code and code.split()[0].rstrip("(:") in _LEAVING:
        return indent[: -len(INDENT)]
    return indent


def indented(line: str) -> str:
    """The line one level deeper, to the next stop; an empty line stays empty."""
    if not line.strip():
        return line
    missing = len(INDENT) - len(leading(line).expandtabs(len(INDENT))) % len(INDENT)
    return " " * missing + line


def dedented(line: str) -> str:
    """The line one level less deep, back to the stop before."""
    blanks = leading(line).expandtabs(len(INDENT))
    kept = max(0, (len(blanks) - 1) // len(INDENT) * len(INDENT))
    return blanks[:kept] + line[len(leading(line)) :]


def commented(lines: list[str]) -> list[str]:
    """The lines as comments, or as code again if all of them are comments."""
    worded = [line for line in lines if line.strip()]
    if worded and all(line.lstrip().startswith("#") for line in worded):
        return [_uncommented(line) for line in lines]
    depth = min((len(leading(line)) for line in worded), default=0)
    return [f"{line[:depth]}# {line[depth:]}" if line.strip() else line for line in lines]


def _uncommented(line: str) -> str:
    blanks, rest = leading(line), line.lstrip(" \t")
    if not rest.startswith("#"):
        return line
    rest = rest[1:]
    return blanks + (rest[1:] if rest.startswith(" ") else rest)
