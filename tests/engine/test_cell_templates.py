"""The cells to start from: each runs in Keras, computes its own formula, and survives being saved and loaded."""

from __future__ import annotations

import linecache
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from numpy.typing import NDArray

from rnn_designer.catalog.cell_code import read_cell
from rnn_designer.catalog.cell_templates import CellTemplate, cell_templates

Array = NDArray[np.float64]
Weights = dict[str, Array]
Step = Callable[[Weights, Array, list[Array]], list[Array]]

BATCH, STEPS, FEATURES, UNITS = 3, 7, 4, 5
TEMPLATES = {template.name: template for template in cell_templates()}


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def normalized(x: Array, weights: Weights, name: str) -> Array:
    spread = np.sqrt(x.var(-1, keepdims=True) + 0.001)
    return (x - x.mean(-1, keepdims=True)) / spread * weights[f"{name}/gamma"]


def minimal(w: Weights, x: Array, states: list[Array]) -> list[Array]:
    return [np.tanh(x @ w["kernel"] + states[0] @ w["recurrent_kernel"] + w["bias"])]


def leaky_integrator(w: Weights, x: Array, states: list[Array]) -> list[Array]:
    return [0.8 * states[0] + 0.2 * minimal(w, x, states)[0]]


def running_sum(_w: Weights, x: Array, states: list[Array]) -> list[Array]:
    return [states[0] + x]


def minimal_gated_unit(w: Weights, x: Array, states: list[Array]) -> list[Array]:
    read, recurrent, n = x @ w["kernel"] + w["bias"], w["recurrent_kernel"], UNITS
    f = sigmoid(read[:, :n] + states[0] @ recurrent[:, :n])
    g = np.tanh(read[:, n:] + (f * states[0]) @ recurrent[:, n:])
    return [(1 - f) * states[0] + f * g]


def peephole_lstm(w: Weights, x: Array, states: list[Array]) -> list[Array]:
    h, c = states
    i, f, g, o = np.split(x @ w["kernel"] + h @ w["recurrent_kernel"] + w["bias"], 4, -1)
    p = w["peepholes"]
    c = sigmoid(f + 1 + p[1] * c) * c + sigmoid(i + p[0] * c) * np.tanh(g)
    return [sigmoid(o + p[2] * c) * np.tanh(c), c]


def layer_norm_lstm(w: Weights, x: Array, states: list[Array]) -> list[Array]:
    h, c = states
    sums = normalized(x @ w["kernel"], w, "norm_inputs")
    sums = sums + normalized(h @ w["recurrent_kernel"], w, "norm_state") + w["bias"]
    i, f, g, o = np.split(sums, 4, -1)
    c = sigmoid(f + 1) * c + sigmoid(i) * np.tanh(g)
    return [sigmoid(o) * np.tanh(normalized(c, w, "norm_memory") + w["norm_memory/beta"]), c]


FORMULAS: dict[str, Step] = {
    "minimal": minimal,
    "leaky_integrator": leaky_integrator,
    "running_sum": running_sum,
    "minimal_gated_unit": minimal_gated_unit,
    "peephole_lstm": peephole_lstm,
    "layer_norm_lstm": layer_norm_lstm,
}


@pytest.fixture(autouse=True)
def registry_as_before() -> Iterator[None]:
    """Running a template registers its class with Keras."""
    registered = keras.saving.get_custom_objects()
    before = dict(registered)
    yield
    registered.clear()
    registered.update(before)


def cell_class(template: CellTemplate) -> Any:
    """The class that the template's text defines."""
    name = f"<{template.name}>"
    # Keras looks at a call's source.
    linecache.cache[name] = (len(template.code), None, template.code.splitlines(keepends=True), name)
    module = types.ModuleType("cell")
    exec(compile(template.code, name, "exec"), module.__dict__)
    return getattr(module, template.class_name)


def units_of(template: CellTemplate) -> int:
    return FEATURES if template.name == "running_sum" else UNITS


def model_of(template: CellTemplate) -> tuple[Any, Any]:
    """A model that gives every output and the last states, with weights of some size everywhere; and its cell."""
    keras.utils.set_random_seed(3)
    cell = cell_class(template)(units_of(template), name="own")
    series = keras.Input((None, FEATURES))
    outputs = keras.layers.RNN(cell, return_sequences=True, return_state=True)(series)
    model = keras.Model(series, outputs)
    chance = np.random.default_rng(5)
    model.set_weights([each + 0.3 * chance.standard_normal(each.shape) for each in model.get_weights()])
    return model, cell


def weights_of(cell: Any) -> Weights:
    return {
        each.path.partition("own/")[2] or each.name: np.asarray(each.value, "float64")
        for each in cell.weights
    }


def test_that_every_template_has_a_formula_here() -> None:
    assert set(FORMULAS) == set(TEMPLATES)


@pytest.mark.parametrize("name", FORMULAS)
def test_that_a_template_computes_its_formula(name: str) -> None:
    template = TEMPLATES[name]
    model, cell = model_of(template)
    series = np.random.default_rng(7).standard_normal((BATCH, STEPS, FEATURES)).astype("float32")
    outputs, *last = (np.asarray(each) for each in model(series))
    weights = weights_of(cell)
    sizes = [size for _, (size,) in read_cell(template.code).states({"units": units_of(template)})]
    states = [np.zeros((BATCH, size)) for size in sizes]
    for step in range(STEPS):
        states = FORMULAS[name](weights, series[:, step].astype("float64"), states)
        np.testing.assert_allclose(outputs[:, step], states[0], rtol=2e-5, atol=2e-6)
    for computed, expected in zip(last, states, strict=True):
        np.testing.assert_allclose(computed, expected, rtol=2e-5, atol=2e-6)


@pytest.mark.parametrize("name", FORMULAS)
def test_that_a_model_with_a_template_is_the_same_after_saving_and_loading(name: str, tmp_path: Path) -> None:
    template = TEMPLATES[name]
    model, cell = model_of(template)
    series = np.random.default_rng(7).standard_normal((BATCH, STEPS, FEATURES)).astype("float32")
    path = tmp_path / "model.keras"
    model.save(path)
    # The class is registered, so nothing has to be named when loading.
    loaded = keras.saving.load_model(path)
    for before, after in zip(model(series), loaded(series), strict=True):
        np.testing.assert_array_equal(np.asarray(before), np.asarray(after))
    assert type(cell).from_config(cell.get_config()).get_config() == cell.get_config()


@pytest.mark.parametrize("name", FORMULAS)
def test_that_keras_and_the_text_agree_about_a_templates_sizes(name: str) -> None:
    template = TEMPLATES[name]
    read = read_cell(template.code)
    cell = cell_class(template)(6)
    sizes = cell.state_size if isinstance(cell.state_size, list | tuple) else [cell.state_size]
    assert tuple(size for _, (size,) in read.states({"units": 6})) == tuple(sizes)
    assert read.output_size({"units": 6}) == cell.output_size
    assert tuple(each for each, _ in read.states({"units": 6})) == type(cell).state_names
    config = cell.get_config()
    assert {each.name for each in read.arguments} <= set(config)
    assert read.registered
    assert read.doc
    assert all(each.explanation for each in read.arguments)


def test_that_the_running_sum_is_numpys_cumulative_sum() -> None:
    model, _ = model_of(TEMPLATES["running_sum"])
    series = np.arange(BATCH * STEPS * FEATURES, dtype="float32").reshape(BATCH, STEPS, FEATURES)
    np.testing.assert_array_equal(np.asarray(model(series)[0]), np.cumsum(series, axis=1))


def test_that_the_running_sum_refuses_another_number_of_units_with_a_sentence() -> None:
    cell = cell_class(TEMPLATES["running_sum"])(FEATURES + 1)
    with pytest.raises(ValueError, match=f"Set units to {FEATURES}"):
        keras.layers.RNN(cell)(keras.Input((None, FEATURES)))
