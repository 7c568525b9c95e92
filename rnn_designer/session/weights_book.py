"""Which weights a design starts from: its own, those of the last build, or fresh ones drawn by the engine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rnn_designer.session.request import Model, unchanged_layers

if TYPE_CHECKING:
    from rnn_designer.design import Design
    from rnn_designer.messages import Array


def _owner(key: str) -> str:
    return key.partition("/")[0]


class WeightsBook:
    """Weights by ``<layer id>/<weight path>``.

    Carried weights (trained, imported, kept) are the design's own. They stay when their layer vanishes or
    changes its shape, so that undo brings them back. Drawn weights follow from the seed alone: they are handed
    back to the engine only where drawing them again would give the same numbers, to save the time.

    Shown weights (of an epoch of a training) lie over both for as long as they are shown. They are neither saved
    nor do they change what lies below them.
    """

    def __init__(self) -> None:
        self._carried: dict[str, Array] = {}
        self._built: dict[str, Array] = {}
        self._built_as: Design | None = None
        self._shown: dict[str, Array] | None = None
        self._shown_built: dict[str, Array] = {}
        self._version = 0
        self.words = ""
        """Whose weights are shown; empty while they are the design's own."""

    @property
    def version(self) -> int:
        """Another number whenever models have to be built again because of the weights."""
        return self._version

    @property
    def carries(self) -> bool:
        """Whether the design has weights of its own."""
        return bool(self._carried)

    @property
    def all(self) -> dict[str, Array]:
        """Every weight known, those of the last build first, and shown ones before them."""
        return {**self._carried, **self._built, **self._shown_built}

    @property
    def shows(self) -> bool:
        """Whether weights are shown that are not the design's own."""
        return self._shown is not None

    def show(self, weights: Mapping[str, Array] | None, words: str = "") -> None:
        """Let these lie over the design's own; with None, no others any more."""
        if weights is None and self._shown is None:
            return
        self._shown = None if weights is None else dict(weights)
        self.words = "" if weights is None else words
        if weights is None:
            self._shown_built = {}
        self._version += 1

    def carry(self, weights: Mapping[str, Array]) -> None:
        """Make these the design's own weights, and those alone."""
        if not weights and not self._carried:
            return
        self._carried = dict(weights)
        self._forget_built()

    def keep_built(self) -> None:
        """Make the weights of the last build, or those that are shown, the design's own."""
        self._built.update(self._shown_built)
        self._carried.update(self._built)
        self._shown, self._shown_built, self.words = None, {}, ""

    def _forget_built(self) -> None:
        self._built = {}
        self._built_as = None
        self._version += 1

    def hand_over(self, old: Design, new: Design) -> None:
        """Let layers that shared another's weights, and do no more, start from those weights.

        Such a layer has become the original because the old one went, or was made a layer of its own.
        """
        if not self._carried:
            return
        shared = {layer.id: layer.shares for layer in old.walk() if layer.shares is not None}
        for layer in new.walk():
            before = shared.get(layer.id)
            if before is None or layer.shares == before:
                continue
            for key, array in list(self._carried.items()):
                if _owner(key) == before:
                    self._carried.setdefault(f"{layer.id}{key[len(before) :]}", array)

    def take_built(self, weights: Mapping[str, Array], model: Model) -> None:
        """Remember what a build ended up with."""
        if self._shown is not None:
            self._shown_built = dict(weights)
            return
        self._built = dict(weights)
        self._built_as = model.essence

    def for_build(self, model: Model) -> dict[str, Array]:
        """What to give to the engine with a model; weights that are missing are drawn there."""
        ids = model.layer_ids
        shown = {key: array for key, array in (self._shown or {}).items() if _owner(key) in ids}
        return {**self.own(model), **shown}

    def own(self, model: Model) -> dict[str, Array]:
        """The same without what is only shown."""
        ids = model.layer_ids
        same = unchanged_layers(model.essence, self._built_as)
        weights = {key: array for key, array in self._built.items() if _owner(key) in same}
        weights.update({key: array for key, array in self._carried.items() if _owner(key) in ids})
        return weights

    def to_save(self, design: Design) -> dict[str, Array]:
        """The design's own weights as they are now, without those of layers that it no longer has."""
        ids = {layer.id for layer in design.walk()}
        return {
            key: self._built.get(key, array) for key, array in self._carried.items() if _owner(key) in ids
        }
