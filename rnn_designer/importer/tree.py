"""JSON from a stranger's file: parsed within limits of size, depth and number of values, and looked into safely."""

from __future__ import annotations

import json
from typing import Any, TypeAlias

from rnn_designer.design.storage import FileProblem

Tree: TypeAlias = dict[str, Any]

LARGEST = 16 * 2**20
"""Bytes that a model's description may have."""
DEEPEST = 64
MOST_VALUES = 100_000
_DIGITS = 400


def parse(content: bytes | str, name: str) -> Tree:
    """The JSON object in a text.

    Args:
        content: the text, in UTF-8 where it is bytes.
        name: the file, as messages call it.

    Raises:
        FileProblem: it is too large, too deep, or no JSON object; the text is a sentence.
    """
    if len(content) > LARGEST:
        raise FileProblem(
            f"“{name}” describes its layers in {len(content):,} bytes, and at most {LARGEST // 2**20} MiB are read. "
            "Choose another file."
        )
    try:
        read = content.decode("utf-8-sig") if isinstance(content, bytes) else content
        tree = json.loads(read, parse_int=_short)
        _require_modest(tree)
    except (ValueError, RecursionError) as error:
        broken = isinstance(error, json.JSONDecodeError | UnicodeDecodeError)
        reason = (
            "it is no JSON"
            if broken
            else "it is nested too deep"
            if isinstance(error, RecursionError)
            else error
        )
        raise FileProblem(
            f"“{name}” holds no description of a model: {reason}. Save the model again "
            "with model.save(“model.keras”)."
        ) from None
    if not isinstance(tree, dict):
        raise FileProblem(
            f"“{name}” holds no description of a model: expected a JSON object, got {_kind(tree)}. Choose another file."
        )
    return tree


def mapping(value: Any) -> Tree:
    """The value where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def listing(value: Any) -> list[Any]:
    """The value where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def text(value: Any) -> str:
    """The value where it is a text, else an empty one."""
    return value if isinstance(value, str) else ""


def _require_modest(tree: Any) -> None:
    count = depth = 0
    level = [tree]
    while level:
        depth += 1
        count += len(level)
        if depth > DEEPEST:
            raise ValueError(f"it is nested more than {DEEPEST} deep")
        if count > MOST_VALUES:
            raise ValueError(f"it holds more than {MOST_VALUES:,} values")
        level = [
            child
            for each in level
            if isinstance(each, dict | list)
            for child in (each.values() if isinstance(each, dict) else each)
        ]


def _short(digits: str) -> int:
    if len(digits) > _DIGITS:
        raise ValueError(f"it holds a whole number of {len(digits):,} digits")
    return int(digits)


def _kind(value: Any) -> str:
    return {list: "a list", str: "a text", type(None): "nothing"}.get(type(value), "a number")
