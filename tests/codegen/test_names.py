"""Names in the generated source."""

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_designer.codegen.names import AutomaticNames, Variables, keras_names, one_line, slug, snake_case
from rnn_designer.design import Design, Layer


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("LSTM", "lstm"),
        ("SimpleRNN", "simple_rnn"),
        ("Conv1D", "conv1d"),
        ("SpatialDropout1D", "spatial_dropout1d"),
        ("GlobalAveragePooling1D", "global_average_pooling1d"),
        ("TimeDistributed", "time_distributed"),
    ],
)
def test_that_classes_are_named_as_keras_names_them(kind: str, name: str) -> None:
    assert snake_case(kind) == name


def test_that_only_unnamed_layers_count() -> None:
    automatic = AutomaticNames()
    asked = ["lstm", "memory", "lstm_1", "lstm_3", "lstm_2"]
    assert [automatic.needs_name("LSTM", name) for name in asked] == [False, True, False, True, False]
    assert not automatic.needs_name("Input", "input_layer")
    assert automatic.needs_name("Input", "input")


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("memory", "memory"),
        ("My Layer", "my_layer"),
        ("Größe", "grosse"),
        ("class", "class_"),
        ("input", "input_"),
        ("match", "match_"),
        ("layers", "layers_"),
        ("x", "x_"),
        ("1st", "lstm_1st"),
        ("日本", "lstm"),
        ("___", "lstm"),
    ],
)
def test_that_variables_are_plain_names_that_hide_nothing(wanted: str, name: str) -> None:
    assert Variables().name(wanted, "lstm") == name


@given(st.lists(st.text(), max_size=12))
def test_that_variables_are_always_usable_and_never_given_twice(wanted: list[str]) -> None:
    variables = Variables()
    names = [variables.name(text, "layer") for text in wanted]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() and name.isascii() and not keyword.iskeyword(name) for name in names)


@given(st.lists(st.text(min_size=1), max_size=8, unique=True))
def test_that_keras_names_are_unique_and_fit_tensorflow(names: list[str]) -> None:
    design = Design(layers=tuple(Layer(f"{n:02}", "Dense", name) for n, name in enumerate(names)))
    given_names = list(keras_names(design).values())
    assert len(set(given_names)) == len(names)
    assert all(slug_free(name) for name in given_names)


def slug_free(name: str) -> bool:
    return name != "" and name.isascii() and all(letter.isalnum() or letter in "._-" for letter in name)


def test_that_good_names_are_kept() -> None:
    design = Design(
        layers=(Layer("a", "LSTM", "my_layer"), Layer("b", "LSTM", "my layer"), Layer("c", "GRU", "A.b-1"))
    )
    assert keras_names(design) == {"a": "my_layer", "b": "my_layer_1", "c": "A.b-1"}


@given(st.text())
def test_that_any_text_fits_a_docstring_line(text: str) -> None:
    line = one_line(text)
    assert len(line) <= 70
    assert line.isprintable()
    assert not set(line) & {'"', "\\"}


def test_that_slugs_are_identifiers() -> None:
    assert slug("Sunspots, two LSTMs!", "model") == "sunspots_two_lstms"
