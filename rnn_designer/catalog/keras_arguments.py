"""Takes argument names and defaults from ``resources/catalog.json``, generated from the installed Keras.

An entry of the catalog says what an argument may be and what it does; that it exists at all, and its default,
come from Keras. An entry that names an argument which Keras does not have fails here, at import.
"""

import json
from dataclasses import replace
from functools import cache
from typing import Any

from rnn_designer.catalog.parameters import GROUPS, REQUIRED, Parameter, ParameterType
from rnn_designer.catalog.values import Value
from rnn_designer.paths import resource


@cache
def _description() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(resource("catalog.json").read_text(encoding="utf-8"))
    return content


def keras_arguments(kind: str, section: str = "layers") -> dict[str, dict[str, Any]]:
    """Every named argument of a Keras class and of the bases that it hands others on to, the nearest first.

    Raises:
        KeyError: if the installed Keras had no such class when the file was made.
    """
    known = _description()[section]
    found: dict[str, dict[str, Any]] = {}
    for each in (kind, *known[kind]["bases"]):
        for name, argument in known[each]["arguments"].items():
            found.setdefault(name, argument)
    return found


def with_defaults(
    kind: str, drafts: tuple[Parameter, ...], section: str = "layers", required: tuple[str, ...] = ()
) -> tuple[Parameter, ...]:
    """The parameters with Keras' defaults, in the form that a design stores, group by group.

    A parameter that already has a default keeps it: some arguments (``implementation``) are in no signature.
    Those named in ``required`` have none, although Keras' signature gives one that it refuses
    (``Input(shape=None)``).

    Raises:
        KeyError: if Keras has no argument of that name.
    """
    arguments = keras_arguments(kind, section)
    filled = []
    for draft in drafts:
        if draft.default is REQUIRED and draft.name not in required:
            keras = arguments[draft.name]
            if "required" not in keras:
                draft = replace(draft, default=draft.type.accept(keras["default"]))
        filled.append(draft)
    return tuple(sorted(filled, key=lambda each: GROUPS.index(each.group)))


def argument(
    name: str,
    type_: ParameterType,
    explanation: str,
    *,
    formula: str = "",
    group: str = "main",
    initial: Value = None,
    editable: bool = True,
) -> Parameter:
    """A parameter whose default :func:`with_defaults` fills in."""
    return Parameter(name, type_, REQUIRED, explanation, formula, group, initial, editable)
