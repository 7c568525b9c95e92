"""Every design of the gallery: checked, exported, built, filled with its weights and traced, against Keras itself."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import keras
import numpy
import pytest
from standing_models import equal

from rnn_designer.codegen import generate
from rnn_designer.design import Design, Severity, check, files
from rnn_designer.design.weights import load_weights
from rnn_designer.engine.build import BuiltModel
from rnn_designer.engine.trace import Tracer
from rnn_designer.paths import resource
from rnn_designer.session.request import planned_layers

GALLERY = sorted(resource("examples").glob("*.rnnd"))
STEPS = 7


def samples(design: Design, model: Any) -> dict[str, Any]:
    """Numbers of the right shape and type for every Input, few of each."""
    random = numpy.random.default_rng(5)
    found = {}
    for tensor in model.inputs:
        first, *rest = tensor.shape
        shape = (first or 2, *(STEPS if size is None else size for size in rest))
        whole = keras.backend.is_int_dtype(tensor.dtype)
        found[tensor.name] = (
            random.integers(0, 9, shape).astype("int32")
            if whole
            else random.normal(size=shape).astype("float32")
        )
    return found


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.stem)
def test_that_a_design_of_the_gallery_runs_with_its_own_weights(path: Path) -> None:
    design = files.load(path)
    checked = check(design)
    assert not [problem.message for problem in checked.problems if problem.severity is Severity.ERROR]
    assert design.notes.strip(), "The gallery shows a line about each design."
    assert design.canvas_notes, "A note on the canvas explains each design."
    source = generate(checked)
    built = BuiltModel(source.text, planned_layers(checked))
    weights = load_weights(files.weights_path(design, path)) if design.weights else {}
    built.fill(weights, design.seed, lambda: None)
    assert {key: value.shape for key, value in weights.items()} == {
        key: value.shape for key, value in built.weights().items()
    }
    inputs = samples(design, built.model)
    tracer = Tracer(built.model, built.layers, built.placed)
    arrays = tracer.run(inputs)
    fed = [inputs[tensor.name] for tensor in built.model.inputs]
    expected = keras.tree.flatten(built.model(fed if len(fed) > 1 else fed[0], training=False))
    recorded = [array for name, array in arrays.items() if "/result" in name]
    for output in expected:
        # Each output of the model is the result of one of its layers.
        same = [array for array in recorded if array.shape == tuple(output.shape)]
        assert min(float(numpy.abs(array - numpy.asarray(output)).max()) for array in same) <= 1e-6
    assert all(numpy.isfinite(array).all() for array in arrays.values())
    for layer in design.walk():
        for signal in (*layer.states, *layer.gates):
            assert f"{tracer.layers[layer.id]}/{signal.path}" in arrays


def test_that_every_design_stands_in_a_section_and_every_section_names_designs_that_are_there() -> None:
    sections = json.loads((resource("examples") / "sections.json").read_text(encoding="utf-8"))
    listed = [name for section in sections for name in section["designs"]]
    assert len(listed) == len(set(listed))
    assert sorted(listed) == [path.stem for path in GALLERY]


def test_that_the_tutorials_stack_equals_two_lstm_layers() -> None:
    path = resource("examples", "stacked_cells.rnnd")
    design = files.load(path)
    checked = check(design)
    built = BuiltModel(generate(checked).text, planned_layers(checked))
    built.fill(load_weights(files.weights_path(design, path)), design.seed, lambda: None)
    inputs = samples(design, built.model)
    stack = built.model.layers[-1].cell
    layers = [keras.layers.LSTM(64, return_sequences=True) for _ in stack.cells]
    two = keras.Sequential([keras.Input((None, 5)), *layers])
    for layer, cell in zip(layers, stack.cells, strict=True):
        layer.set_weights(cell.get_weights())
    equal(two(inputs["x"]), built.model(inputs["x"]))
