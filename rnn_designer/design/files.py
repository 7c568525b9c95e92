"""Design files, ``*.rnnd``: JSON text that diffs well, read without ever running anything in it.

A file that cannot be read gives a :class:`FileProblem` with every error and its place, and no other exception.
"""

import json
from pathlib import Path
from typing import Any, NoReturn

from rnn_designer.design.migrations import FORMAT, Tree, migrated
from rnn_designer.design.model import Design
from rnn_designer.design.storage import FileProblem, read_limited, write_atomically

SUFFIX = ".rnnd"
LARGEST = 16 * 2**20
"""Bytes that a design file may have."""
DEEPEST = 64
"""How deep objects and lists may be nested in it."""
_DIGITS = 400
"""Of a whole number; the largest real numbers are written with 309."""
_WIDTH = 100
_NAMED = 5

__all__ = ["FORMAT", "SUFFIX", "FileProblem", "from_text", "load", "save", "to_text", "weights_path"]


def save(design: Design, path: Path) -> None:
    """Write the design to a file in one step; the old file stays whole whatever happens.

    Raises:
        FileProblem: with a sentence, if it cannot be written.
    """
    write_atomically(path, to_text(design).encode("utf-8"))


def load(path: Path) -> Design:
    """The design in a file.

    Raises:
        FileProblem: if the file cannot be read or holds no design; ``problems`` lists every error.
    """
    content = read_limited(path, LARGEST)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileProblem(
            f"“{path.name}” is no design file: byte {error.start} is not UTF-8 text. Choose a file that "
            f"ends in {SUFFIX}."
        ) from None
    return from_text(text, path.name)


def to_text(design: Design) -> str:
    """The design as the text of a design file.

    Raises:
        FileProblem: if it holds something that no file can, such as an infinite number.
    """
    from rnn_designer.design.encoding import to_tree

    try:
        text = _rendered(to_tree(design), 0) + "\n"
        text.encode("utf-8")
    except (ValueError, TypeError, RecursionError) as error:
        raise FileProblem(
            f"The design “{design.name}” cannot be written to a file: {_reason(error)}. Undo the last change."
        ) from None
    return text


def from_text(text: str, name: str = "The text", part: bool = False) -> Design:
    """The design that the text of a design file holds.

    Args:
        text: the file's content.
        name: what messages call it.
        part: whether it is a copied part of a design, in which a box may share a layer that is not there.

    Raises:
        FileProblem: if it holds no design; ``problems`` lists every error.
    """
    from rnn_designer.design.encoding import Decoder
    from rnn_designer.design.file_form import form_errors

    called = f"“{name}”" if name != "The text" else name
    tree = _tree(text, called)
    version = tree.get("format")
    if isinstance(version, bool) or not isinstance(version, int) or version < 0:
        raise FileProblem(
            f"{called} is no design file: it does not say which “format” it has. Choose another file."
        )
    if version > FORMAT:
        raise FileProblem(
            f"{called} was saved by a newer RNN Designer (format {version}; this one reads up to {FORMAT}). "
            "Update RNN Designer to open it."
        )
    tree = migrated(tree, version)
    errors = form_errors(tree)
    if not errors:
        decoder = Decoder(part)
        design = decoder.design(tree)
        errors = decoder.errors
        if not errors:
            return design
    shown = " ".join(errors[:_NAMED])
    more = f" There are {len(errors) - _NAMED} more." if len(errors) > _NAMED else ""
    raise FileProblem(
        f"{called} cannot be opened: {shown}{more} Mend the file in a text editor, or open an older copy.",
        errors,
    )


def weights_path(design: Design, path: Path) -> Path | None:
    """Where the weights of a design saved at ``path`` are; None if it carries none."""
    return None if design.weights is None else path.parent / design.weights


def _tree(text: str, called: str) -> Tree:
    """JSON with what a design file may not have refused: depth, NaN, infinities, a key twice, half characters."""
    if len(text) > LARGEST:
        raise FileProblem(f"{called} is larger than {LARGEST // 2**20} MiB. Choose another file.")
    try:
        tree = json.loads(
            text,
            parse_constant=_no_constant,
            parse_float=_finite,
            parse_int=_short,
            object_pairs_hook=_without_doubles,
        )
        _require_shallow(tree)
        # Escapes such as \ud800 are no characters, and would not go back to a file.
        json.dumps(tree, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise FileProblem(
            f"{called} is no design file: {_reason(error)}. Choose a file that ends in {SUFFIX}."
        ) from None
    if not isinstance(tree, dict):
        raise FileProblem(
            f"{called} is no design file: it holds no JSON object. Choose a file that ends in {SUFFIX}."
        )
    return tree


def _require_shallow(tree: Any) -> None:
    level = [tree]
    for _depth in range(DEEPEST + 1):
        level = [
            child
            for each in level
            if isinstance(each, dict | list)
            for child in (each.values() if isinstance(each, dict) else each)
        ]
        if not level:
            return
    raise ValueError(f"it is nested more than {DEEPEST} deep")


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"it holds {name}, and numbers have to be finite")


def _short(text: str) -> int:
    if len(text) > _DIGITS:
        raise ValueError(f"it holds a whole number of {len(text):,} digits")
    return int(text)


def _finite(text: str) -> float:
    number = float(text)
    if number - number != 0.0:
        raise ValueError(f"it holds {text}, and numbers have to be finite")
    return number


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _value in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"an object has the field “{twice}” twice")
    return found


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"line {error.lineno}, column {error.colno} is not JSON ({error.msg.lower()})"
    if isinstance(error, RecursionError):
        return f"it is nested more than {DEEPEST} deep"
    if isinstance(error, UnicodeEncodeError):
        return "it holds half a character"
    return str(error).rstrip(".")


def _rendered(value: Any, depth: int) -> str:
    """JSON with sorted keys; a layer is a block, while what holds only plain values and is short stays on a line."""
    if depth > DEEPEST:
        raise RecursionError
    if isinstance(value, dict | list) and value:
        flat = json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False)
        children = value.values() if isinstance(value, dict) else value
        plain = all(_plain(child) for child in children)
        if depth > 1 and plain and len(flat) <= _WIDTH and not (isinstance(value, dict) and "kind" in value):
            return flat
        inner, outer = "  " * (depth + 1), "  " * depth
        if isinstance(value, list):
            rows = [inner + _rendered(each, depth + 1) for each in value]
            return "[\n" + ",\n".join(rows) + f"\n{outer}]"
        rows = [
            f"{inner}{json.dumps(key, ensure_ascii=False)}: {_rendered(value[key], depth + 1)}"
            for key in sorted(value)
        ]
        return "{\n" + ",\n".join(rows) + f"\n{outer}}}"
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> bool:
    return value is None or isinstance(value, bool | int | float | str)
