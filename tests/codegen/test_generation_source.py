"""The part of the exported program that continues sequences: when it is there, and what it says."""

import ast
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from rnn_designer.catalog import FrozenMap
from rnn_designer.codegen import Source, formatted, generate, runnable_part
from rnn_designer.design import Design, Generation, check
from rnn_designer.design.sharing import mirrored


def source(design: Design, **settings: Any) -> Source:
    return generate(check(replace(design, generation=Generation(**settings))))


def functions(text: str) -> dict[str, ast.FunctionDef]:
    return {each.name: each for each in ast.parse(text).body if isinstance(each, ast.FunctionDef)}


@pytest.fixture
def forecast(designs: SimpleNamespace) -> Design:
    return designs.chain(
        designs.series(2),
        designs.layer("LSTM", "lstm", units=4, return_sequences=True),
        designs.layer("Dense", "dense", units=2),
    )


@pytest.fixture
def writer(designs: SimpleNamespace) -> Design:
    return designs.chain(
        designs.tokens(),
        designs.layer("Embedding", "embedding", input_dim=9, output_dim=4),
        designs.layer("GRU", "gru", units=4),
        designs.layer("Dense", "dense", units=9),
    )


def test_that_there_is_nothing_of_it_while_generation_is_off(forecast: Design) -> None:
    plain = generate(check(forecast)).text
    assert set(functions(plain)) == {"build_model", "main"}
    assert "name=" not in plain.split("Dense(")[1].split(")")[0]


def test_that_there_is_nothing_of_it_where_it_is_refused(designs: SimpleNamespace) -> None:
    design = designs.chain(designs.series(2), designs.layer("LSTM", "lstm", units=4))
    assert source(design).text == generate(check(design)).text


def test_that_the_step_model_finds_every_layer_by_its_name(forecast: Design) -> None:
    text = source(forecast).text
    made = functions(text)["build_model"]
    names = {
        keyword.value.value
        for call in ast.walk(made)
        if isinstance(call, ast.Call)
        for keyword in call.keywords
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant)
    }
    found = {
        call.args[0].value
        for call in ast.walk(functions(text)["build_step_model"])
        if isinstance(call, ast.Call)
        and ast.unparse(call.func) == "model.get_layer"
        and isinstance(call.args[0], ast.Constant)
    }
    assert found == {"lstm", "dense"}
    assert found <= names


def test_that_the_step_model_has_no_two_operations_of_one_name(designs: SimpleNamespace) -> None:
    design = designs.chain(
        designs.series(2),
        designs.layer("LSTM", "memory", units=4, return_sequences=True),
        designs.layer("Dense", "memory_h", units=3),
        designs.layer("Dense", "rnn", units=2),
    )
    made = functions(source(design).text)["build_step_model"]
    named = [
        keyword.value.value
        for node in ast.walk(made)
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant)
    ]
    assert named == ["series", "memory_h_1", "memory_c", "memory"]


def test_that_a_layer_called_once_more_generates_though_its_original_is_connected_to_nothing(
    designs: SimpleNamespace,
) -> None:
    chain = designs.chain(
        designs.series(2),
        designs.layer("LSTM", "first", units=4, return_sequences=True),
        designs.layer("Dense", "dense", units=2),
    )
    first = next(each for each in chain.layers if each.name == "first")
    alone = replace(first, id="ALONE", name="alone")
    again = mirrored(alone, first, {each.name for each in chain.layers})
    design = replace(chain, layers=(*(again if each is first else each for each in chain.layers), alone))
    assert 'get_layer("first").cell' in formatted(source_of_runnable(design)).text


def source_of_runnable(design: Design) -> Source:
    part = runnable_part(check(replace(design, generation=Generation())))
    assert part is not None
    return generate(part)


def test_that_numbers_are_fed_back_without_any_draw(forecast: Design) -> None:
    text = source(forecast, steps=12, prefix=3).text
    assert set(functions(text)) == {"build_model", "build_step_model", "generate", "main"}
    assert [each.arg for each in functions(text)["generate"].args.args] == ["step_model", "prefix", "steps"]
    assert "generate(step_model, batch, steps=12)" in text


def test_that_tokens_are_drawn_with_the_settings_of_the_design(writer: Design) -> None:
    text = source(writer, steps=30, temperature=0.25, seed=7).text
    assert set(functions(text)) == {"build_model", "build_step_model", "draw", "generate", "main"}
    assert "generate(step_model, batch, steps=30, temperature=0.25, seed=7)" in text
    assert "keras.ops.log" not in text
    softmax = replace(
        writer,
        layers=tuple(
            replace(each, params=FrozenMap({**each.params, "activation": "softmax"}))
            if each.kind == "Dense"
            else each
            for each in writer.layers
        ),
    )
    assert "draw(keras.ops.log(prediction), temperature, seed_generator)" in source(softmax).text


@pytest.mark.parametrize("style", ["sequential", "functional"])
def test_that_both_styles_have_it(forecast: Design, style: Any) -> None:
    design = replace(forecast, generation=Generation())
    text = generate(check(design), style=style).text
    assert "build_step_model" in functions(text)


def test_that_the_lines_of_the_step_model_belong_to_their_layers(forecast: Design) -> None:
    made = formatted(source(forecast))
    lines = made.text.split("\n")
    own = {lines[number - 1].strip() for number in made.lines_of("LSTM")}
    assert 'lstm_h = keras.Input((4,), name="lstm_h")' in own
    assert any('get_layer("lstm").cell' in line for line in own)
    assert 'x = model.get_layer("dense")(x)' in {
        lines[number - 1].strip() for number in made.lines_of("DENSE")
    }


def test_that_a_weights_file_is_loaded_as_ever(forecast: Design) -> None:
    text = generate(check(replace(forecast, generation=Generation())), weights_file="model.weights.h5").text
    assert "model.load_weights" in text
    assert "build_step_model" in functions(text)
