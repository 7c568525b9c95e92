from typing import Any

import pytest

from rnn_designer.catalog import (
    Activation,
    BadValue,
    Choice,
    Flag,
    FrozenMap,
    Integer,
    Integers,
    Number,
    Part,
    PartOf,
)


@pytest.mark.parametrize(
    ("type_", "given", "stored"),
    [
        (Integer(minimum=1), 64, 64),
        (Integer(minimum=1), 64.0, 64),
        (Integer(optional=True), None, None),
        (Number(0.0, 1.0), 1, 1.0),
        (Number(optional=True), None, None),
        (Flag(), True, True),
        (Choice(("auto", True, False)), "auto", "auto"),
        (Choice(("auto", True, False)), True, True),
        (Choice((None, "a")), None, None),
        (Activation(), "swish", "silu"),
        (Activation(), None, None),
        (Activation(), "tanh", "tanh"),
        (Integers(unknown=True), [None, 3], (None, 3)),
        (Integers(single=True), 3, 3),
        (Integers(wildcard=True), (-1, 2.0), (-1, 2)),
        (Integers(optional=True), None, None),
        (Integers(), (), ()),
        (PartOf("initializers"), "glorot_uniform", Part("GlorotUniform")),
        (PartOf("initializers"), "uniform", Part("RandomUniform")),
        (PartOf("regularizers"), "l2", Part("L2")),
        (PartOf("regularizers", optional=True), None, None),
        (PartOf("regularizers"), Part("L2", FrozenMap(l2=1)), Part("L2", FrozenMap(l2=1.0))),
        (
            PartOf("constraints"),
            Part("MaxNorm", FrozenMap(axis=(0, 1))),
            Part("MaxNorm", FrozenMap(axis=(0, 1))),
        ),
    ],
)
def test_that_good_values_are_stored_in_one_form(type_: Any, given: Any, stored: Any) -> None:
    accepted = type_.accept(given)
    assert accepted == stored
    assert type(accepted) is type(stored)


@pytest.mark.parametrize(
    ("type_", "given", "sentence"),
    [
        (Integer(minimum=1), 0, "Expected a positive whole number, got 0."),
        (Integer(minimum=1), "64", "Expected a positive whole number, got “64”."),
        (Integer(minimum=1), 2.5, "Expected a positive whole number, got 2.5."),
        (Integer(minimum=1), True, "Expected a positive whole number, got True."),
        (Integer(minimum=1), None, "Expected a positive whole number, got None."),
        (Integer(1, 8), 9, "Expected a whole number from 1 to 8, got 9."),
        (Number(0.0, 1.0), 1.5, "Expected a number from 0 to 1, got 1.5."),
        (Number(), float("nan"), "Expected a number, got nan."),
        (Number(), float("inf"), "Expected a number, got inf."),
        (Number(), "x", "Expected a number, got “x”."),
        (Flag(), 1, "Expected yes or no, got 1."),
        (Choice(("a", None)), "b", "Expected one of a, none, got “b”."),
        (Choice(("auto", True)), 1, "Expected one of auto, True, got 1."),
        (Integers(length=2), (1,), "Expected 2 whole numbers of at least 1, got 1 of them."),
        (Integers(length=1, single=True), (1, 2), "Expected a whole number of at least 1, got 2 of them."),
        (Integers(), (0,), "Expected whole numbers of at least 1, got 0 in it."),
        (Integers(), (True,), "Expected whole numbers of at least 1, got True in it."),
        (Integers(), 3, "Expected whole numbers of at least 1, got 3."),
        (PartOf("regularizers"), Part("L2", FrozenMap(x=1)), "L2 takes no argument “x”."),
    ],
)
def test_that_a_bad_value_is_answered_with_what_is_expected(type_: Any, given: Any, sentence: str) -> None:
    with pytest.raises(BadValue) as caught:
        type_.accept(given)
    assert str(caught.value) == sentence


def test_that_minus_one_may_stand_only_once() -> None:
    with pytest.raises(BadValue, match="-1 may stand only once"):
        Integers(wildcard=True).accept((-1, -1))


def test_that_unknown_activations_are_answered_with_usual_ones() -> None:
    with pytest.raises(BadValue, match=r"such as tanh, sigmoid, relu, linear, got “tanhh”"):
        Activation().accept("tanhh")


@pytest.mark.parametrize("name", ["glu", "threshold"])
def test_that_activations_without_a_place_in_a_layer_are_refused_with_the_reason(name: str) -> None:
    with pytest.raises(BadValue, match=f"The activation “{name}” .* Choose "):
        Activation().accept(name)


def test_that_unknown_parts_are_answered_with_the_known_ones() -> None:
    with pytest.raises(BadValue, match="Expected one of L2, L1, L1L2, OrthogonalRegularizer, got “l1_l2”"):
        PartOf("regularizers").accept("l1_l2")


def test_that_arguments_of_parts_at_their_defaults_are_not_kept() -> None:
    given = Part("VarianceScaling", FrozenMap(scale=1.0, mode="fan_out", seed=None))
    assert PartOf("initializers").accept(given) == Part("VarianceScaling", FrozenMap(mode="fan_out"))


def test_that_parts_are_checked_against_the_axes_of_the_weight() -> None:
    assert PartOf("initializers", rank=2).accept("orthogonal") == Part("Orthogonal")
    with pytest.raises(BadValue, match="for a tensor with one axis, got Orthogonal"):
        PartOf("initializers", rank=1).accept("orthogonal")
    with pytest.raises(BadValue, match="for a tensor with 3 axes, got Identity"):
        PartOf("initializers", rank=3).accept("identity")


def test_that_axes_of_parts_have_to_be_axes_of_the_weight() -> None:
    given = Part("GlorotUniform", FrozenMap(input_axes=(0, 1), output_axes=(-1,)))
    assert PartOf("initializers", rank=3).accept(given) == given
    with pytest.raises(BadValue, match=r"input axes from -1 to 0 of a tensor with one axis, got 0, 1\."):
        PartOf("initializers", rank=1).accept(given)
    with pytest.raises(BadValue, match="whole numbers"):
        PartOf("initializers", rank=2).accept(Part("GlorotUniform", FrozenMap(output_axes=1)))
