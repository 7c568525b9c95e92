"""Writes ``resources/catalog.json``: names and defaults of Keras' constructors, from the installed Keras.

``python -m rnn_designer.engine.introspect`` writes the file, ``--check`` only says whether it is current. No
text of Keras' documentation is taken; limits, ports, shape rules and explanations are the catalog's own.
"""

import argparse
import inspect
import json
import sys
from pathlib import Path
from typing import Any

from rnn_designer.paths import resource

_BASES_OF_NO_INTEREST = {"object", "BackendLayer", "TFLayer", "KerasSaveable", "AutoTrackable", "Operation"}


def _default(value: Any) -> dict[str, Any]:
    """A default as JSON can hold it (tuples as lists); what it cannot hold is written as text and marked."""
    try:
        return {"default": json.loads(json.dumps(value, allow_nan=False))}
    except (TypeError, ValueError):
        return {"not_storable": repr(value)}


def arguments_of(function: Any) -> tuple[dict[str, dict[str, Any]], bool]:
    """The named arguments of a constructor or function, and whether it takes others and hands them on."""
    found: dict[str, dict[str, Any]] = {}
    passes_on = False
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            passes_on = True
        elif parameter.kind is not inspect.Parameter.VAR_POSITIONAL and name != "self":
            required = parameter.default is inspect.Parameter.empty
            found[name] = {"required": True} if required else _default(parameter.default)
    return found, passes_on


def _own_initializer(class_: type) -> Any:
    return class_.__dict__.get("__init__")


def _describe(class_: type, base: type) -> dict[str, Any]:
    """One class: its own arguments, and the bases that take what it hands on, nearest first."""
    owner = next(each for each in class_.__mro__ if _own_initializer(each) is not None)
    if owner is object:
        return {"arguments": {}, "bases": []}
    found, passes_on = arguments_of(_own_initializer(owner))
    lineage = class_.__mro__[class_.__mro__.index(owner) + 1 :]
    bases = [
        each.__name__
        for each in lineage
        if issubclass(each, base) and each.__name__ not in _BASES_OF_NO_INTEREST and _own_initializer(each)
    ]
    return {"arguments": found, "bases": bases if passes_on else []}


def _public_classes(module: Any, base: type) -> dict[str, type]:
    """The public classes of a Keras module under their class names, its aliases left out."""
    found = {}
    for name in dir(module):
        value = getattr(module, name)
        if isinstance(value, type) and issubclass(value, base) and name == value.__name__:
            found[name] = value
    return found


def describe_keras() -> dict[str, Any]:
    """Everything that the file holds. Imports Keras, which takes seconds."""
    import keras

    layers: dict[str, Any] = {}
    waiting = list(_public_classes(keras.layers, keras.layers.Layer).values())
    while waiting:
        class_ = waiting.pop()
        if class_.__name__ in layers:
            continue
        layers[class_.__name__] = _describe(class_, keras.layers.Layer)
        waiting += [each for each in class_.__mro__[1:] if each.__name__ in layers[class_.__name__]["bases"]]
    layers["Input"] = {"arguments": arguments_of(keras.Input)[0], "bases": []}
    parts = {
        namespace: {
            name: _describe(class_, base)
            for name, class_ in _public_classes(module, base).items()
            if class_ is not base
        }
        for namespace, module, base in (
            ("initializers", keras.initializers, keras.initializers.Initializer),
            ("regularizers", keras.regularizers, keras.regularizers.Regularizer),
            ("constraints", keras.constraints, keras.constraints.Constraint),
        )
    }
    return {"keras": keras.__version__, "layers": layers, **parts, **_of_training(keras)}


def _of_training(keras: Any) -> dict[str, Any]:
    """What models are compiled with; what these hand on to their bases are arguments of older versions only."""
    return {
        namespace: {
            name: {**_describe(class_, base), "bases": []}
            for name, class_ in _public_classes(module, base).items()
            if class_ is not base
        }
        for namespace, module, base in (
            ("optimizers", keras.optimizers, keras.optimizers.Optimizer),
            ("schedules", keras.optimizers.schedules, keras.optimizers.schedules.LearningRateSchedule),
            ("losses", keras.losses, keras.losses.Loss),
            ("metrics", keras.metrics, keras.metrics.Metric),
        )
    }


def to_text(description: dict[str, Any]) -> str:
    """The file's text: sorted, so that a new Keras shows as a small difference."""
    return json.dumps(description, indent=1, sort_keys=True) + "\n"


def _home() -> Path:
    """Where the file lies; beside the package in a source checkout that has none yet."""
    try:
        return resource("catalog.json")
    except FileNotFoundError:
        return Path(__file__).resolve().parents[2] / "resources" / "catalog.json"


def main(arguments: list[str] | None = None) -> int:
    """Write the file, or with ``--check`` only compare; 1 if it is not current."""
    parser = argparse.ArgumentParser(prog="python -m rnn_designer.engine.introspect", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether the file is current")
    parser.add_argument("--output", type=Path, help="another place for the file")
    options = parser.parse_args(arguments)
    path: Path = options.output or _home()
    text = to_text(describe_keras())
    current = path.is_file() and path.read_text(encoding="utf-8") == text
    if options.check:
        state = "is current" if current else "is not what the installed Keras says; write it anew"
        sys.stdout.write(f"{path} {state}.\n")
        return 0 if current else 1
    path.write_text(text, encoding="utf-8")
    sys.stdout.write(f"Wrote {path}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
