"""One described layer as a box of the design, with its inner layers; nothing is constructed from the description."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from rnn_designer.catalog import FrozenMap, layer_type
from rnn_designer.design.model import Layer, new_id
from rnn_designer.design.naming import snake_case
from rnn_designer.importer.settings import Unfit, dtype_of, kind_of, params_of, plain
from rnn_designer.importer.tree import Tree, listing, mapping, text

_DEEPEST = 12
_MIRRORED = ("name", "go_backwards", "build_config", "shared_object_id")
FORWARD, BACKWARD = "forward_", "backward_"


def box(tree: Tree, called: str, name: Callable[[str], str], depth: int = 0) -> Layer:
    """A box for a described layer.

    Args:
        tree: the description: its class and its settings.
        called: what it is to be called.
        name: makes a free name of a wanted one and takes it.
        depth: how many layers it is inside of.

    Raises:
        Unfit: the catalog does not know it, or refuses a setting, of it or of a layer inside; with the reason.
    """
    if depth > _DEEPEST:
        raise Unfit("its layers are nested too deep.")
    kind = kind_of(tree)
    config = mapping(tree.get("config"))
    if kind in ("Sequential", "Functional"):
        raise Unfit("it is a model inside another layer, and only a layer can stand there.")
    if kind == "Input":
        return Layer(new_id(), kind, name(called), FrozenMap(_input(config)))
    entry = layer_type(kind)
    params = params_of(entry, config)
    children = _children(kind, config, depth)
    own_name = name(called)
    made = tuple(
        box(child, wanted or snake_case(text(child.get("class_name"))), name, depth + 1)
        for child, wanted in children
    )
    for index, child in enumerate(made):
        slot = entry.slot(index)
        if slot is None or not slot.accepts(child.type):
            raise Unfit(f"it holds a {child.kind}, and the catalog's {kind} does not.")
    if kind == "Bidirectional":
        made = tuple(_without_zeros(each) for each in made)
    return Layer(new_id(), kind, own_name, FrozenMap(params), children=made)


def _input(config: Tree) -> dict[str, Any]:
    """The parameters of an Input from an InputLayer's settings, of Keras 3 or 2."""
    shape = config.get("batch_shape", config.get("batch_input_shape"))
    sizes = plain(shape)
    if not isinstance(sizes, tuple) or not sizes:
        raise Unfit("it does not say which shape its samples have.")
    wanted: Tree = {"shape": list(sizes[1:]), "dtype": config.get("dtype")}
    if sizes[0] is not None:
        wanted["batch_size"] = sizes[0]
    for flag in ("sparse", "ragged", "optional"):
        if config.get(flag):
            raise Unfit(f"it takes {flag} samples, and only plain arrays can be shown here.")
    if dtype_of(wanted["dtype"]) is None:
        del wanted["dtype"]
    return params_of(layer_type("Input"), wanted)


def _children(kind: str, config: Tree, depth: int) -> list[tuple[Tree, str]]:
    """The inner layers that a wrapper, RNN or stack describes, and what each is to be called."""
    if kind == "Bidirectional":
        return _both_ways(config)
    if kind == "TimeDistributed":
        return [_named(config.get("layer"))]
    if kind == "RNN":
        cell = config.get("cell")
        if isinstance(cell, list):
            cell = {"class_name": "StackedRNNCells", "config": {"name": "cells", "cells": cell}}
        return [_named(cell)]
    if kind == "StackedRNNCells":
        return [_named(each) for each in listing(config.get("cells"))]
    return []


def _both_ways(config: Tree) -> list[tuple[Tree, str]]:
    """The forward layer, and the backward one unless it is what Keras makes of the forward one by itself."""
    forward, name = _named(config.get("layer"))
    stem = name.removeprefix(FORWARD)
    if config.get("backward_layer") is None:
        return [(forward, stem)]
    backward, other = _named(config.get("backward_layer"))
    first, second = mapping(forward.get("config")), mapping(backward.get("config"))
    turned = first.get("go_backwards", False) != second.get("go_backwards", False)
    alike = forward.get("class_name") == backward.get("class_name") and _essence(first) == _essence(second)
    if turned and alike and name == FORWARD + stem and other == BACKWARD + stem:
        return [(forward, stem)]
    return [(forward, name), (backward, other)]


def _essence(value: Any) -> Any:
    """What two directions have in common: everything but names, direction and Keras' own notes."""
    if isinstance(value, dict):
        return {key: _essence(each) for key, each in value.items() if key not in _MIRRORED}
    return [_essence(each) for each in value] if isinstance(value, list) else value


def _without_zeros(layer: Layer) -> Layer:
    """Inside a Bidirectional, Keras sets ``zero_output_for_mask`` by itself where sequences are returned."""
    sequences = layer.value("return_sequences")
    if layer.params.get("zero_output_for_mask") is True and sequences is True:
        return replace(layer, params=layer.params.without("zero_output_for_mask"))
    return layer


def _named(tree: Any) -> tuple[Tree, str]:
    if not isinstance(tree, dict) or not isinstance(tree.get("config"), dict):
        raise Unfit("the layer inside it is not described.")
    return tree, text(tree["config"].get("name"))
