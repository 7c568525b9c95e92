"""How design files of earlier formats become files of the present one: plain functions from dict to dict."""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

FORMAT = 1
"""The format that this version writes."""

Tree: TypeAlias = dict[str, Any]
"""A design file as JSON gives it."""


def _from_0(tree: Tree) -> Tree:
    """Format 0, before the first release: "type" for "kind", "x" and "y" for "position", links as pairs of ids."""
    new = dict(tree)
    layers = tree.get("layers", [])
    if isinstance(layers, list):
        new["layers"] = [_layer_from_0(layer) for layer in layers]
    links = tree.get("links", [])
    if isinstance(links, list):
        new["links"] = [
            {"source": link[0], "target": link[1]} if isinstance(link, list) and len(link) == 2 else link
            for link in links
        ]
    return new


def _layer_from_0(layer: Any) -> Any:
    if not isinstance(layer, dict):
        return layer
    new = dict(layer)
    if "type" in new:
        new["kind"] = new.pop("type")
    if "x" in new and "y" in new:
        new["position"] = [new.pop("x"), new.pop("y")]
    children = new.get("children", [])
    if isinstance(children, list):
        new["children"] = [_layer_from_0(child) for child in children]
    return new


MIGRATIONS: Mapping[int, Callable[[Tree], Tree]] = {0: _from_0}
"""For each earlier format, the step to the one after it."""


def migrated(tree: Tree, found: int) -> Tree:
    """The tree in the present format; ``found`` is the format that it says it has, at most :data:`FORMAT`."""
    for version in range(found, FORMAT):
        tree = MIGRATIONS[version](tree)
    return {**tree, "format": FORMAT}
