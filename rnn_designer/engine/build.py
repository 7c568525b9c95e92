"""Makes a model by executing the exported source: nothing else ever builds one."""

from __future__ import annotations

import linecache
import types
from collections.abc import Callable, Mapping
from typing import Any

import keras

from rnn_designer.engine.failures import DESIGN_FILE, Refused
from rnn_designer.engine.weights import (
    Placed,
    carried,
    fill,
    initializers_held_back,
    keyed_weights,
    placed_layers,
)
from rnn_designer.messages import Array, Build, PlannedLayer


class BuiltModel:
    """A model as the source makes it, its weights not filled yet.

    Attributes:
        model: the Keras model.
        layers: the plan it was built for.
        placed: the plan's layers found in it.
    """

    def __init__(self, source: str, layers: tuple[PlannedLayer, ...]) -> None:
        """Execute the source and call its ``build_model()``.

        Raises:
            Refused: the source makes no model.
            Exception: whatever the source or Keras raises.
        """
        self._source = source
        self.layers = layers
        with initializers_held_back() as held:
            self.model = _execute(source)
        self.placed: tuple[Placed, ...] = placed_layers(self.model, layers)
        self._held = held
        self._keys = keyed_weights(self.placed)

    def made_from(self, build: Build) -> bool:
        """Whether this request asks for the same model, at most with other weights."""
        return self._source == build.source and self.layers == build.layers

    def fill(self, given: Mapping[str, Array], seed: int, checkpoint: Callable[[], None]) -> None:
        """Give every weight its value; see ``weights.fill``."""
        fill(self._keys, self._held, given, seed, checkpoint)

    def weights(self) -> dict[str, Array]:
        """Every weight by its key, float32 (weights that are whole numbers keep their type)."""
        return {key: carried(variable) for key, variable in self._keys.items()}

    def counts(self) -> dict[str, int]:
        """Parameters by layer id, wrapped layers too; a backward copy counts for its wrapper."""
        counts = {place.planned.id: place.layer.count_params() for place in self.placed if not place.copy}
        inputs = {layer.id: 0 for layer in self.layers if layer.kind == "Input"}
        return {**inputs, **counts}


def _execute(source: str) -> Any:
    # Fresh name counters, so that layers without a name get the one that the exported file gives them.
    keras.utils.clear_session()
    # Failures name the layer whose call is on the stack; Keras would cut its frames out (and clearing resets this).
    keras.config.disable_traceback_filtering()
    code = compile(source, DESIGN_FILE, "exec")
    # Lets tracebacks in the details show the design's own lines.
    linecache.cache[DESIGN_FILE] = (len(source), None, source.splitlines(keepends=True), DESIGN_FILE)
    module = types.ModuleType("design")
    exec(code, module.__dict__)
    build_model = module.__dict__.get("build_model")
    if not callable(build_model):
        raise Refused("The generated code has no build_model(); please report this design.")
    model = build_model()
    if not isinstance(model, keras.Model):
        raise Refused(
            f"build_model() gave a {type(model).__name__}; expected a keras.Model. Please report this design."
        )
    return model
