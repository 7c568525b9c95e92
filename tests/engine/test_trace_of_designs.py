"""What the catalog promises of a design's trace is in it: every state and gate, under its name, of its size."""

from __future__ import annotations

import runpy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy
import pytest
from standing_models import equal

from rnn_designer.codegen import generate, runnable_part
from rnn_designer.design import Layer
from rnn_designer.messages import PlannedLayer, Trace
from rnn_designer.session.request import planned_layers

_SHARED = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "codegen" / "designs.py")))
STEPS = 7


def samples_for(tensor: Any) -> Any:
    """Numbers, or whole numbers for tokens, of the size that the Input takes."""
    shape = (tensor.shape[0] or 2, *(STEPS if size is None else size for size in tensor.shape[1:]))
    random = numpy.random.default_rng(4)
    if "int" in str(tensor.dtype):
        return random.integers(0, 4, size=shape).astype("int32")
    return random.normal(scale=0.5, size=shape).astype("float32")


def distributed(planned: tuple[PlannedLayer, ...], inside: bool = False) -> set[str]:
    """Ids of the layers inside a TimeDistributed, whose steps are not recorded."""
    found = set()
    for layer in planned:
        found |= {layer.id} if inside else set()
        found |= distributed(layer.children, inside or layer.kind == "TimeDistributed")
    return found


@pytest.mark.parametrize("name", sorted(_SHARED.RUN))
def test_that_a_designs_trace_has_all_that_the_catalog_promises(name: str, stand: Any) -> None:
    checked = runnable_part(_SHARED.clean(_SHARED.RUN[name]))
    assert checked is not None
    plan = planned_layers(checked)
    standing = stand(generate(checked).text, plan)
    inputs = {tensor.name: samples_for(tensor) for tensor in standing.model.inputs}
    arrays = standing.tracer.run(inputs)
    trace = Trace(1, arrays, standing.tracer.layers, 0.0)
    hidden = distributed(plan)
    for layer in checked.design.walk():
        assert layer.id in trace.layers, layer.name
        if layer.id not in hidden and (layer.type.recurrent or layer.type.cell):
            has_all_signals(layer, trace)
    # A layer that the program adds besides those of the design passes on what it is given.
    given = list(inputs.values())
    own = keras.tree.flatten(standing.model(given if len(given) > 1 else given[0], training=False))
    results = [value for key, value in arrays.items() if key.split("/")[1] == "result"]
    for value in own:
        assert any(same(value, result) for result in results)


def has_all_signals(layer: Layer, trace: Trace) -> None:
    states, gates = layer.type.recorded(layer.values(), tuple(child.call for child in layer.children))
    for signal in (*states, *gates):
        array = trace.signal(layer.id, signal.path)
        assert array is not None, f"{layer.name}: {signal.path}"
        assert array.ndim >= 3
    carried = layer.type.carried(layer.values(), tuple(child.call for child in layer.children))
    for state in carried:
        array = trace.signal(layer.id, state.path)
        assert array is not None, f"{layer.name}: {state.path}"
        if state.sizes is not None and None not in state.sizes:
            assert array.shape[2:] == state.sizes


def same(one: Any, other: Any) -> bool:
    try:
        equal(numpy.asarray(one, "float32"), other)
    except AssertionError:
        return False
    return True
