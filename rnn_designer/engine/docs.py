"""Keras' own documentation, read from the installed version when somebody asks: none of it is shipped."""

from __future__ import annotations

import inspect
from typing import Any

import keras

from rnn_designer.messages import Describe, Description, Failure

_NAMESPACES = ("layers", "initializers", "regularizers", "constraints", "activations")
_BASE_CLASSES = 12


def describe(request: Describe) -> Description | Failure:
    """What Keras says about one of its names, or a Failure whose sentence says why there is nothing."""
    thing = _find(request.name)
    if thing is None:
        return Failure(
            request.run, f"Keras {keras.__version__} has nothing called “{request.name}”, so it says nothing."
        )
    summary, text, arguments = _read(thing)
    if isinstance(thing, type):
        # Arguments that a class hands on are documented where they are taken.
        for base in thing.__mro__[1:_BASE_CLASSES]:
            if base.__module__.partition(".")[0] == "keras":
                for name, said in _read(base)[2].items():
                    arguments.setdefault(name, said)
    if not summary and not arguments:
        return Failure(
            request.run, f"Keras {keras.__version__} comes without documentation of “{request.name}”."
        )
    return Description(request.run, request.name, summary, text, arguments)


def _find(name: str) -> Any:
    """The class or function behind a name below ``keras``; only in the namespaces that layers come from."""
    if name == "Input":
        return keras.Input
    namespace, _, rest = name.partition(".")
    if namespace not in _NAMESPACES or not rest.isidentifier() or rest.startswith("_"):
        return None
    found = getattr(getattr(keras, namespace), rest, None)
    return found if callable(found) else None


def _read(thing: Any) -> tuple[str, str, dict[str, str]]:
    """First sentence, the rest, and the arguments; a docstring that cannot be taken apart comes as it is."""
    from docstring_parser import DocstringStyle, ParseError, parse

    own = thing.__doc__ if isinstance(thing, type) else inspect.getdoc(thing)
    if not own:
        return "", "", {}
    plain = inspect.cleandoc(own)
    try:
        parsed = parse(plain, DocstringStyle.GOOGLE)
    except ParseError:
        first, _, rest = plain.partition("\n\n")
        return " ".join(first.split()), rest.strip(), {}
    arguments: dict[str, str] = {}
    for each in parsed.params:
        if each.args[:1] in (["param"], ["attribute"]) and each.description:
            # Some names come as `name`, "name" or *name.
            arguments.setdefault(each.arg_name.strip("`*\"' "), each.description.strip())
    return (parsed.short_description or "").strip(), (parsed.long_description or "").strip(), arguments
