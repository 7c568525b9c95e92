"""Makes a model by executing the exported source: nothing else ever builds one."""

from __future__ import annotations

import linecache
import types
from collections.abc import Callable, Mapping
from typing import Any

import keras

from rnn_designer.engine.configuration import hand_over
from rnn_designer.engine.custom_cells import check_calls
from rnn_designer.engine.failures import Refused
from rnn_designer.engine.own_code import DESIGN_FILE, DESIGN_MODULE
from rnn_designer.engine.placing import Placed, calls_noted, placed_layers
from rnn_designer.engine.weights import carried, fill, initializers_held_back, keyed_weights
from rnn_designer.messages import Array, Build, PlannedLayer


class BuiltModel:
    """A model as the source makes it, its weights not filled yet.

    Attributes:
        model: the Keras model.
        functions: what the source defines, by name.
        layers: the plan it was built for.
        placed: the plan's layers found in it.
        keys: every weight, a Keras variable, by its key.
    """

    def __init__(self, source: str, layers: tuple[PlannedLayer, ...]) -> None:
        """Execute the source and call its ``build_model()``.

        Raises:
            Refused: the source makes no model.
            Exception: whatever the source or Keras raises.
        """
        self._source = source
        self.layers = layers
        with initializers_held_back() as held, calls_noted() as calls:
            self.model, self.functions = _execute(source)
        self.placed: tuple[Placed, ...] = placed_layers(self.model, layers, calls)
        check_calls(leaf.cell for place in self.placed for leaf in place.cells)
        self._held = held
        self.keys = keyed_weights(self.placed)

    def made_from(self, build: Build) -> bool:
        """Whether this request asks for the same model, at most with other weights."""
        return self._source == build.source and self.layers == build.layers

    def fill(self, given: Mapping[str, Array], seed: int, checkpoint: Callable[[], None]) -> None:
        """Give every weight its value; see ``weights.fill``."""
        fill(self.keys, self._held, given, seed, checkpoint)

    def weights(self) -> dict[str, Array]:
        """Every weight by its key, float32 (weights that are whole numbers keep their type)."""
        return {key: carried(variable) for key, variable in self.keys.items()}

    def in_another_form(self, source: str) -> Any:
        """The model that another program makes, with the weights of this one.

        Raises:
            Refused: it has not the same layers.
        """
        model, _functions = _execute(source)
        hand_over(self.model, model)
        return model

    def counts(self) -> dict[str, int]:
        """Parameters by layer id, wrapped layers and cells too; a backward copy counts for its wrapper.

        A box that calls another's layer once more has none of its own.
        """
        counts = {
            place.planned.id: 0 if place.planned.shares else place.layer.count_params()
            for place in self.placed
            if not place.copy
        }
        inputs = {layer.id: 0 for layer in self.layers if layer.kind == "Input"}
        return {**inputs, **counts}


def _execute(source: str) -> tuple[Any, Mapping[str, Any]]:
    # Fresh name counters, so that layers without a name get the one that the exported file gives them.
    keras.utils.clear_session()
    # Failures name the layer whose call is on the stack; Keras would cut its frames out (and clearing resets this).
    keras.config.disable_traceback_filtering()
    # Lets tracebacks in the details show the design's own lines, and failures find hand-written ones.
    # Not splitlines(): to Python's own count of lines a form feed ends none.
    lines = [f"{line}\n" for line in source.split("\n")]
    linecache.cache[DESIGN_FILE] = (len(source), None, lines, DESIGN_FILE)
    code = compile(source, DESIGN_FILE, "exec")
    module = types.ModuleType(DESIGN_MODULE)
    exec(code, module.__dict__)
    build_model = module.__dict__.get("build_model")
    if not callable(build_model):
        raise Refused("The generated code has no build_model(); please report this design.")
    model = build_model()
    if not isinstance(model, keras.Model):
        raise Refused(
            f"build_model() gave a {type(model).__name__}; expected a keras.Model. Please report this design."
        )
    return model, module.__dict__
