"""What changed between two designs, as sentences."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from strategies import lines

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import DataSource, Design, Generation, Layer, Link, edits
from rnn_designer.design.differences import differences

SINE = DataSource(kind="sine", batch_size=2, time_steps=12)


def a_design() -> Design:
    return Design(
        "chain",
        (
            Layer("in", "Input", "signal", FrozenMap(shape=(None, 1))),
            Layer("mem", "LSTM", "memory", FrozenMap(units=32, return_sequences=True)),
            Layer(
                "bi", "Bidirectional", "reader", children=(Layer("gru", "GRU", "gru", FrozenMap(units=4)),)
            ),
            Layer("out", "Dense", "last", FrozenMap(units=1)),
        ),
        (Link("in", "mem"), Link("mem", "bi"), Link("bi", "out")),
        FrozenMap({"in": SINE}),
    )


def sourced(**changes: Any) -> Design:
    return replace(a_design(), data=FrozenMap({"in": replace(SINE, **changes)}))


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (edits.set_parameter("mem", "units", 16), ("memory: units 32 → 16",)),
        (edits.set_parameter("mem", "dropout", 0.25), ("memory: dropout 0 → 0.25",)),
        (edits.set_parameter("mem", "return_sequences", False), ("memory: return_sequences on → off",)),
        (edits.set_parameter("gru", "units", 8), ("gru: units 4 → 8",)),
        (edits.rename("mem", "lstm"), ("memory renamed lstm",)),
        (edits.disconnect(Link("mem", "bi")), ("wire from memory to reader removed",)),
        (edits.set_seed(7), ("seed 0 → 7",)),
        (edits.set_generation(Generation(steps=20)), ("goes on by itself for 20 steps",)),
        (edits.move({"mem": (300.0, 40.0)}), ()),
        (edits.set_color(["mem"], "red"), ()),
        (edits.set_notes("Something."), ()),
    ],
)
def test_what_is_said_of_an_edit(edit: Any, said: tuple[str, ...]) -> None:
    before = a_design()
    assert differences(before, edit(before)) == said


def test_that_a_removed_layer_takes_its_wires_along_and_a_rejoined_wire_is_new() -> None:
    before = a_design()
    after = edits.remove(["bi"])(before)
    assert differences(before, after) == (
        "reader (Bidirectional) removed",
        "gru (GRU) removed",
        "wire from memory to last added",
    )
    assert differences(after, before) == (
        "reader (Bidirectional) added",
        "gru (GRU) added in reader",
        "wire from memory to last removed",
        "wire from memory to reader added",
        "wire from reader to last added",
    )


def test_that_another_kind_says_what_is_left_and_what_is_new() -> None:
    params = FrozenMap(units=32, return_sequences=True)
    plain = a_design()
    gru = Layer("mem", "GRU", "memory", params)
    assert differences(plain, plain.replacing(gru)) == ("memory: LSTM → GRU",)
    before = edits.set_parameter("mem", "unit_forget_bias", False)(plain)
    after = edits.set_parameter("mem", "reset_after", False)(plain.replacing(gru))
    assert differences(before, after) == (
        "memory: LSTM → GRU",
        "memory: reset_after = off",
        "memory: unit_forget_bias off → no more",
    )


@pytest.mark.parametrize(
    ("after", "said"),
    [
        (sourced(time_steps=30), ("signal: samples' time steps 12 → 30",)),
        (sourced(kind="square"), ("signal: samples' kind sine → square",)),
        (sourced(options=FrozenMap(noise=0.5)), ("signal: samples' noise none → 0.5",)),
        (sourced(options=FrozenMap(values=((1.0,),))), ("signal: typed values changed",)),
        (replace(a_design(), data=FrozenMap()), ("signal: samples removed",)),
    ],
)
def test_what_is_said_of_other_samples(after: Design, said: tuple[str, ...]) -> None:
    assert differences(a_design(), after) == said


def test_that_ports_that_are_not_the_usual_ones_are_named() -> None:
    before = a_design()
    after = replace(before, links=(*before.links, Link("mem", "out", "c", "initial_h")))
    assert differences(before, after) == ("wire from memory (c) to last (initial_h) added",)


def test_that_the_order_of_wires_counts() -> None:
    before = a_design()
    links = (Link("in", "out"), Link("mem", "out"))
    one, other = replace(before, links=links), replace(before, links=links[::-1])
    assert differences(one, other) == ("last: wires in another order",)


def test_that_long_values_are_cut() -> None:
    before = a_design()
    after = edits.set_parameter("mem", "initial_state", (tuple(float(each) for each in range(32)), 0.0))(
        before
    )
    (said,) = differences(before, after)
    assert said.startswith("memory: initial_state none → ((0, 1, 2")
    assert said.endswith("…")


@settings(max_examples=60, deadline=None)
@given(lines(), lines())
def test_that_any_two_designs_can_be_told_apart_and_one_from_itself_cannot(
    one: Design, other: Design
) -> None:
    assert differences(one, one) == ()
    there, back = differences(one, other), differences(other, one)
    assert bool(there) == bool(back)
    assert all(there)
