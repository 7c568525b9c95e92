"""The settings of one layer of a model file, as the catalog's values; no constructor is ever called for them."""

from __future__ import annotations

import json
from typing import Any

from rnn_designer.catalog import (
    CATALOG,
    REQUIRED,
    Activation,
    BadValue,
    FrozenMap,
    LayerType,
    Parameter,
    Part,
    PartOf,
    Value,
)
from rnn_designer.catalog.entries.unknown import LONGEST_SETTINGS
from rnn_designer.catalog.parts import part_type
from rnn_designer.design.edits.layers import equals_default
from rnn_designer.importer.tree import Tree, mapping, text

_MODULES = ("keras.layers", "keras", "tensorflow.keras.layers", "tf_keras.layers")
_INNER = ("keras.src.layers.", "keras.layers.", "keras.src.engine.", "keras.engine.", "keras.src.models.")
_MODELS = ("Sequential", "Functional", "Model")
_VALUES_OF = ("__numpy__", "__tensor__", "ndarray")

LEGACY: dict[str, dict[str, str]] = {"LeakyReLU": {"alpha": "negative_slope"}}
"""What older Keras calls a parameter, by kind."""

_HARMLESS = {
    "name",
    "build_config",
    "build_input_shape",
    "batch_input_shape",
    "batch_shape",
    "input_dtype",
    "input_length",
    "input_shape",
    "registered_name",
    "shared_object_id",
    "fused",
    "query_shape",
    "key_shape",
    "value_shape",
    "autocast",
}
"""Settings without an influence on what a layer computes, or that are read elsewhere."""
_UNTOLD = {"trainable": True, "groups": 1, "renorm_momentum": 0.99, "zero_output_for_mask": True}
"""Settings that older or newer Keras writes where the catalog has none, with the value that changes nothing."""


class Unfit(ValueError):  # noqa: N818 - it becomes the sentence on a box
    """A layer that the catalog cannot take; the text says why."""


def kind_of(tree: Tree) -> str:
    """The catalog's kind of a described layer, or ``Sequential``, ``Functional`` for a model.

    Raises:
        Unfit: its class is not Keras' own, or the catalog has no such kind.
    """
    name, module, registered = tree.get("class_name"), tree.get("module"), tree.get("registered_name")
    if not isinstance(name, str):
        raise Unfit("it does not say which class it is of.")
    if is_operation(tree):
        raise Unfit(
            f"“{name[:80]}” is a computation between layers, and only layers can stand on the canvas."
        )
    known = module is None or module in _MODULES or (isinstance(module, str) and module.startswith(_INNER))
    own = registered is None or registered == name
    if known and own and name == "InputLayer":
        return "Input"
    if known and own and name in _MODELS:
        return "Sequential" if name == "Sequential" else "Functional"
    if known and own and name in CATALOG and not CATALOG[name].by_name.keys() & {"code"} and name != "Input":
        return name
    if name == "Lambda":
        raise Unfit("a Lambda is code, and code from a file is not run.")
    if known and own:
        raise Unfit(f"there is no layer type called “{name[:80]}” in the catalog.")
    place = registered if isinstance(registered, str) and not own else f"{module}.{name}"
    raise Unfit(f"“{place[:120]}” is not one of Keras' own layers, so its code is not in the file.")


def is_operation(tree: Tree) -> bool:
    """Whether what is described is a single computation (``x + y``), and no layer.

    Older files (``.h5``) give no module, but nearly every layer in them says whether it is trainable.
    """
    module = text(tree.get("module"))
    if module:
        return module.startswith(("keras.src.ops.", "keras.ops"))
    calls, name = tree.get("inbound_nodes"), text(tree.get("class_name"))
    called = isinstance(calls, list) and any(isinstance(each, dict) for each in calls)
    untold = name in CATALOG and "trainable" not in CATALOG[name].by_name
    return called and not untold and set(mapping(tree.get("config"))).isdisjoint(("trainable", "layers"))


def params_of(kind: LayerType, config: Tree) -> dict[str, Value]:
    """The parameters that differ from Keras' defaults, each accepted by the catalog. Inner layers are not looked at.

    Raises:
        Unfit: a value that the catalog refuses, or a setting that it does not know; with the reason.
    """
    slots = {slot.name for slot in kind.slots}
    renamed = LEGACY.get(kind.kind, {})
    found: dict[str, Value] = {}
    for given, value in config.items():
        name = renamed.get(given, given)
        parameter = kind.by_name.get(name)
        if name in slots or (parameter is None and name in _HARMLESS):
            continue
        if parameter is None or parameter.at_call:
            if value is None or value is False or (name in _UNTOLD and value == _UNTOLD[name]):
                continue
            raise Unfit(f"its setting “{name[:80]}” is not known here (got {_shown(value)}).")
        accepted = _accepted(kind, parameter, value)
        if parameter.default is REQUIRED or not equals_default(parameter, accepted):
            found[name] = accepted
    for parameter in kind.parameters:
        if parameter.default is REQUIRED and parameter.name not in found:
            raise Unfit(f"its setting “{parameter.name}” is missing.")
    return found


def _accepted(kind: LayerType, parameter: Parameter, value: Any) -> Value:
    name = parameter.name
    if name == "dtype":
        value = dtype_of(value)
        if value is None:
            return None
    elif isinstance(parameter.type, Activation):
        value = _activation(value)
        if value == "linear" and parameter.default is None:
            value = None
    elif isinstance(parameter.type, PartOf):
        value = _part(parameter.type, value)
    else:
        value = plain(value)
        if (
            kind.kind == "BatchNormalization"
            and name == "axis"
            and isinstance(value, tuple)
            and len(value) == 1
        ):
            value = value[0]
    try:
        return parameter.type.accept(value)
    except BadValue as bad:
        raise Unfit(f"its setting “{name}” does not fit: {str(bad)[:400]}") from None


def dtype_of(value: Any) -> Any:
    """The name of a dtype policy; None for float32, which is Keras' default."""
    if isinstance(value, dict):
        value = mapping(value.get("config")).get("name")
    return None if value == "float32" else value


def _activation(value: Any) -> Any:
    if isinstance(value, dict):
        name, module = text(value.get("class_name")), text(value.get("module"))
        if name == "function" and module in ("", "keras.activations", "builtins"):
            raise Unfit(
                f"its activation is a function of somebody's own, “{text(value.get('config'))[:80]}”."
            )
        raise Unfit(
            f"its activation is an object of its own, “{name[:80]}”. Use the layer of that name behind it."
        )
    return value


def _part(wanted: PartOf, value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    name, registered = text(value.get("class_name")), value.get("registered_name")
    module = text(value.get("module"))
    own = registered is None or registered == name
    known = module in ("", "keras", f"keras.{wanted.namespace}") or module.startswith(
        f"keras.src.{wanted.namespace}"
    )
    found = part_type(wanted.namespace, name) if own and known else None
    if found is None:
        raise Unfit(f"it uses “{name[:80]}”, which is none of Keras' own {wanted.namespace}.")
    named = {parameter.name for parameter in found.parameters}
    config = mapping(value.get("config"))
    arguments: dict[str, Any] = {}
    for key, given in config.items():
        if key in named:
            arguments[key] = plain(given)
        elif given is not None and key not in ("dtype", "name"):
            raise Unfit(f"its {found.kind} has a setting that is not known here, “{key[:80]}”.")
    return Part(found.kind, FrozenMap(arguments))


def plain(value: Any) -> Any:
    """Lists as tuples, and the numbers behind Keras' ways to write arrays.

    Raises:
        Unfit: it is an object.
    """
    if isinstance(value, list):
        return tuple(plain(each) for each in value)
    if isinstance(value, dict):
        if not value:
            return None
        kind = value.get("class_name", value.get("type"))
        if kind in _VALUES_OF:
            return plain(mapping(value.get("config")).get("value", value.get("value")))
        if kind == "__tuple__":
            return plain(value.get("items"))
        raise Unfit(f"one of its settings is an object (“{str(kind)[:80]}”), and only plain values are read.")
    return value


def shown_settings(config: Any) -> str:
    """The settings as text for people, cut where they are long."""
    written = json.dumps(config, indent=1, ensure_ascii=True, default=str)
    return written if len(written) <= LONGEST_SETTINGS - 4 else written[: LONGEST_SETTINGS - 4] + "\n…"


def _shown(value: Any) -> str:
    written = json.dumps(value, default=str)
    return written if len(written) <= 60 else written[:59] + "…"
