"""The exported ``generate()`` gives what recomputing the whole sequence gives, whatever the model is made of."""

from __future__ import annotations

import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy
import pytest

from rnn_designer.codegen import formatted, generate
from rnn_designer.design import Design, Generation, Link, check
from rnn_designer.paths import resource

HELPERS = runpy.run_path(str(Path(__file__).parents[1] / "codegen" / "designs.py"))
layer, chain, graph, part = (HELPERS[name] for name in ("layer", "chain", "graph", "part"))
series, tokens = HELPERS["series"], HELPERS["tokens"]

BATCH, PREFIX, STEPS, VOCABULARY = 3, 4, 6, 7


def forecast(units: int = 2) -> Any:
    return layer("Dense", "forecast", units=units)


def remembering(kind: str, name: str, **params: Any) -> Any:
    return layer(kind, name, **{"units": 4, "return_sequences": True, **params})


def looped(*cells: Any, **params: Any) -> Any:
    """An RNN around one cell, or around a stack of several."""
    inner = cells[0] if len(cells) == 1 else layer("StackedRNNCells", "stack", *cells)
    return layer("RNN", "memory", inner, **{"return_sequences": True, **params})


def lstm_cell(name: str = "cell", units: int = 4) -> Any:
    return layer("LSTMCell", name, units=units)


LEAKY = layer(
    "CustomCell",
    "leaky",
    code=resource("cells", "leaky_integrator.py").read_text(),
    arguments=part("LeakyIntegratorCell", units=5, leak=0.3),
)
SHARED = graph(
    [series(2), remembering("LSTM", "memory", units=2), forecast()], "series -> memory", "memory -> forecast"
)
SHARED = replace(
    SHARED,
    layers=(*SHARED.layers, replace(SHARED.layers[1], id="AGAIN", name="again", shares="MEMORY")),
    links=(SHARED.links[0], Link("MEMORY", "AGAIN"), Link("AGAIN", "FORECAST")),
)
ATTENTIVE = graph(
    [
        series(2),
        remembering("GRU", "memory"),
        layer("Attention", "attention", use_causal_mask=True),
        forecast(),
    ],
    "series -> memory",
    "memory -> attention.query",
    "memory -> attention.value",
    "attention -> forecast",
)

NUMBERS: dict[str, tuple[Design, bool]] = {
    "SimpleRNN": (chain(series(2), remembering("SimpleRNN", "memory"), forecast()), True),
    "LSTM": (chain(series(2), remembering("LSTM", "memory"), forecast()), True),
    "GRU": (chain(series(2), remembering("GRU", "memory"), forecast()), True),
    "GRU of the first form": (
        chain(series(2), remembering("GRU", "memory", reset_after=False), forecast()),
        True,
    ),
    "the last output": (
        chain(series(2), remembering("LSTM", "memory", return_sequences=False), forecast()),
        True,
    ),
    "states as outputs": (
        chain(series(2), layer("LSTM", "memory", units=2, return_sequences=True, return_state=True)),
        True,
    ),
    "several in a row": (
        chain(
            series(2),
            remembering("LSTM", "first", dropout=0.2, recurrent_dropout=0.1),
            layer("LayerNormalization", "norm"),
            layer("Dropout", "dropout", rate=0.3),
            remembering("GRU", "second", activation="relu"),
            layer("BatchNormalization", "batch_norm"),
            layer("TimeDistributed", "each", layer("Dense", "inner", units=5, activation="tanh")),
            remembering("SimpleRNN", "third", activity_regularizer=part("L2", l2=0.5)),
            forecast(),
        ),
        True,
    ),
    "ways that part and meet": (
        graph(
            [
                series(2),
                remembering("LSTM", "one"),
                remembering("GRU", "two"),
                layer("Concatenate", "both"),
                forecast(),
                layer("Add", "change"),
            ],
            "series -> one",
            "series -> two",
            "one -> both",
            "two -> both",
            "both -> forecast",
            "forecast -> change",
            "series -> change",
        ),
        True,
    ),
    "one of several outputs": (
        graph(
            [series(2), remembering("LSTM", "memory"), layer("Dense", "other", units=3), forecast()],
            "series -> memory",
            "memory -> other",
            "memory -> forecast",
        ),
        True,
    ),
    "a fixed number of samples": (
        chain(
            layer("Input", "series", shape=(None, 2), batch_size=BATCH),
            remembering("GRU", "memory"),
            forecast(),
        ),
        True,
    ),
    "a causal window": (
        chain(
            series(2),
            layer("Conv1D", "window", filters=3, kernel_size=3, padding="causal", dilation_rate=2),
            remembering("GRU", "memory"),
            forecast(),
        ),
        False,
    ),
    "a causal window, the second of two outputs": (
        graph(
            [
                series(2),
                layer("Conv1D", "window", filters=3, kernel_size=2, padding="causal"),
                layer("Dense", "other", units=3),
                forecast(),
            ],
            "series -> window",
            "window -> other",
            "window -> forecast",
        ),
        False,
    ),
    "a mask": (
        chain(
            series(2), layer("Masking", "masking", mask_value=0.0), remembering("LSTM", "memory"), forecast()
        ),
        False,
    ),
    "no memory at all": (chain(series(2), forecast()), False),
    "an RNN around one cell": (chain(series(2), looped(lstm_cell()), forecast()), True),
    "an RNN that gives its last output": (
        chain(series(2), looped(layer("GRUCell", "cell", units=3), return_sequences=False), forecast()),
        True,
    ),
    "a stack of cells": (
        chain(
            series(2),
            looped(lstm_cell(), layer("GRUCell", "middle", units=3), layer("SimpleRNNCell", "last", units=5)),
            forecast(),
        ),
        True,
    ),
    "a stack in a stack": (
        chain(
            series(2),
            looped(
                layer("StackedRNNCells", "inner", lstm_cell("a", 3), layer("GRUCell", "b", units=2)),
                lstm_cell("c"),
            ),
            forecast(),
        ),
        False,
    ),
    "a stack of one cell": (
        chain(
            series(2),
            layer("RNN", "memory", layer("StackedRNNCells", "stack", lstm_cell()), return_sequences=True),
            forecast(),
        ),
        True,
    ),
    "a cell written by hand": (chain(series(2), looped(LEAKY), forecast()), True),
    "a cell written by hand in a stack": (chain(series(2), looped(lstm_cell(), LEAKY), forecast()), True),
    "a layer called twice": (SHARED, True),
    "names that mean something else": (
        chain(
            series(2, "model"),
            remembering("LSTM", "range"),
            remembering("GRU", "x"),
            remembering("GRU", "größe"),
            layer("Dense", "states", units=2),
        ),
        True,
    ),
    "states that begin elsewhere than at zero": (
        chain(
            series(2), remembering("LSTM", "memory", initial_state=(0.5, (0.1, 0.2, 0.3, 0.4))), forecast()
        ),
        False,
    ),
    "causal attention": (ATTENTIVE, False),
    "frames": (
        chain(
            layer("Input", "frames", shape=(None, 3, 4, 1)),
            layer("ConvLSTM2D", "memory", filters=1, kernel_size=3, padding="same", return_sequences=True),
        ),
        False,
    ),
}
TEXT: dict[str, tuple[Design, bool]] = {
    "probabilities": (
        chain(
            tokens(),
            layer("Embedding", "embedding", input_dim=VOCABULARY, output_dim=3),
            remembering("LSTM", "memory"),
            layer("Dense", "next", units=VOCABULARY, activation="softmax"),
        ),
        True,
    ),
    "scores": (
        chain(
            tokens(),
            layer("Embedding", "embedding", input_dim=VOCABULARY, output_dim=3),
            remembering("GRU", "memory", return_sequences=False),
            layer("Dense", "next", units=VOCABULARY),
        ),
        True,
    ),
    "a mask": (
        chain(
            tokens(),
            layer("Embedding", "embedding", input_dim=VOCABULARY, output_dim=3, mask_zero=True),
            remembering("GRU", "memory"),
            layer("Dense", "next", units=VOCABULARY, activation="softmax"),
        ),
        False,
    ),
}


def program(design: Design) -> dict[str, Any]:
    """What the exported and formatted program defines, with a model that has random weights, biases included."""
    checked = check(replace(design, generation=Generation()))
    assert not [each.message for each in checked.problems if each.code.startswith("generates_")]
    keras.utils.clear_session()
    keras.utils.set_random_seed(4)
    names: dict[str, Any] = {}
    exec(compile(formatted(generate(checked)).text, "program", "exec"), names)
    names["model"] = model = names["build_model"]()
    draw = numpy.random.default_rng(5)
    for weight in model.weights:
        if "float" in weight.dtype and weight.path.rsplit("/", 1)[-1] not in (
            "moving_variance",
            "moving_mean",
        ):
            weight.assign(draw.normal(scale=0.7, size=weight.shape))
    return names


def fed(names: dict[str, Any], carried: bool) -> Any:
    """The model that ``generate()`` takes."""
    assert ("build_step_model" in names) is carried
    return names["build_step_model"](names["model"]) if carried else names["model"]


def prediction(model: Any, sequence: Any, form: tuple[int, ...]) -> Any:
    """What the model itself makes of a whole sequence: the prediction of the step after it."""
    outputs = model(sequence, training=False)
    for output in outputs if isinstance(outputs, list | tuple) else [outputs]:
        value = numpy.asarray(output)
        if value.shape[2:] == form:
            return value[:, -1]
        if value.shape[1:] == form:
            return value
    raise AssertionError(f"no output of the form {form}")


@pytest.mark.parametrize("name", NUMBERS)
def test_that_numbers_are_those_of_the_whole_sequence_computed_again(name: str) -> None:
    design, carried = NUMBERS[name]
    names = program(design)
    form = tuple(names["model"].inputs[0].shape[2:])
    prefix = numpy.random.default_rng(6).normal(size=(BATCH, PREFIX, *form)).astype("float32")
    generated = numpy.asarray(names["generate"](fed(names, carried), prefix, steps=STEPS))
    assert generated.shape == (BATCH, PREFIX + STEPS, *form)
    numpy.testing.assert_array_equal(generated[:, :PREFIX], prefix)
    expected = prefix
    for _ in range(STEPS):
        new = prediction(names["model"], expected, form)
        expected = numpy.concatenate([expected, new[:, None]], axis=1)
    numpy.testing.assert_array_less(
        numpy.abs(generated - expected), 1e-6 * numpy.maximum(1, numpy.abs(expected))
    )
    assert numpy.ptp(generated[:, PREFIX:]) > 1e-3, "the model says the same of everything"


@pytest.mark.parametrize("name", TEXT)
@pytest.mark.parametrize("temperature", [0.0, 0.7, 1.0])
def test_that_tokens_are_drawn_from_what_the_whole_sequence_says(name: str, temperature: float) -> None:
    design, carried = TEXT[name]
    names = program(design)
    prefix = numpy.random.default_rng(6).integers(0, VOCABULARY, (BATCH, PREFIX)).astype("int32")
    model = fed(names, carried)
    generated = numpy.asarray(names["generate"](model, prefix, STEPS, temperature=temperature, seed=11))
    assert generated.shape == (BATCH, PREFIX + STEPS)
    assert generated.dtype == numpy.int32
    seed = keras.random.SeedGenerator(11)
    expected = prefix
    for _ in range(STEPS):
        scores = prediction(names["model"], expected, (VOCABULARY,))
        scores = scores if name == "scores" else numpy.log(scores)
        if temperature:
            new = keras.random.categorical(scores / temperature, 1, seed=seed)
        else:
            new = scores.argmax(axis=-1)[:, None]
        expected = numpy.concatenate([expected, numpy.asarray(new, "int32")], axis=1)
    numpy.testing.assert_array_equal(generated, expected)


def test_that_draws_depend_on_the_seed_and_on_the_temperature() -> None:
    names = program(TEXT["probabilities"][0])
    model = fed(names, True)
    prefix = numpy.ones((BATCH, PREFIX), "int32")

    def drawn(**settings: Any) -> list[list[int]]:
        made: list[list[int]] = numpy.asarray(names["generate"](model, prefix, 20, **settings)).tolist()
        return made

    assert drawn(seed=1) == drawn(seed=1)
    assert drawn(seed=1) != drawn(seed=2)
    assert drawn(seed=1, temperature=0.0) == drawn(seed=2, temperature=0.0)


def test_that_the_step_model_has_the_very_weights_of_the_model() -> None:
    names = program(NUMBERS["several in a row"][0])
    step_model = fed(names, True)
    own = {id(weight) for weight in names["model"].weights}
    assert {id(weight) for weight in step_model.weights} <= own
    assert {id(weight) for weight in step_model.trainable_weights} == {
        id(weight) for weight in names["model"].trainable_weights
    }


def test_that_a_second_model_of_the_same_session_generates_as_well() -> None:
    names = program(NUMBERS["LSTM"][0])
    second = names["build_model"]()
    made = names["generate"](names["build_step_model"](second), numpy.ones((1, 3, 2), "float32"), 2)
    assert made.shape == (1, 5, 2)


def test_that_the_program_runs_as_a_whole(capsys: pytest.CaptureFixture[str]) -> None:
    program(TEXT["probabilities"][0])["main"]()
    assert "generated (1, 100)" in capsys.readouterr().out
