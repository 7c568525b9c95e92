"""The edit that starts one recurrent layer from where another one ended."""

import runpy
from pathlib import Path

import pytest

from rnn_designer.design import Design, Layer, Link, Refused, check, edits

KIT = runpy.run_path(str(Path(__file__).with_name("lint_cases_recurrent.py")))
series, wired = (KIT[name] for name in ("series", "wired"))
lstm, gru, dense, both = (KIT[name] for name in ("lstm", "gru", "dense", "both"))
cell, loop, stack = (KIT[name] for name in ("cell", "loop", "stack"))


def pair(encoder: Layer, decoder: Layer) -> Design:
    return wired([series(), series(name="y"), encoder, decoder], f"x {encoder.id}", f"y {decoder.id}")


def states(design: Design, target: str) -> list[str]:
    return [
        f"{link.source}.{link.source_port} {link.target_port}"
        for link in design.links
        if link.target == target and link.target_port != "input"
    ]


def test_that_return_state_is_turned_on_and_every_state_wired() -> None:
    design = edits.connect_states("encoder", "memory")(pair(lstm("encoder", False), lstm()))
    assert design.layer("encoder").value("return_state") is True
    assert states(design, "memory") == ["encoder.h initial_h", "encoder.c initial_c"]
    assert not check(design).problems
    assert edits.connect_states("encoder", "memory")(design) == design


@pytest.mark.parametrize(
    ("encoder", "decoder", "wanted"),
    [
        (gru("encoder"), loop(cell("SimpleRNNCell")), ["encoder.h initial_h"]),
        (lstm("encoder"), gru("loop"), ["encoder.h initial_h"]),
        (lstm("encoder"), loop(cell()), ["encoder.h initial_h", "encoder.c initial_c"]),
        (
            loop(stack(cell(name="a"), cell("GRUCell", "b")), name="encoder"),
            loop(stack(cell(name="c"), cell("GRUCell", "d"), name="upper")),
            [
                "encoder.cell_0_h initial_cell_0_h",
                "encoder.cell_0_c initial_cell_0_c",
                "encoder.cell_1_h initial_cell_1_h",
            ],
        ),
    ],
)
def test_that_states_are_wired_by_their_names(encoder: Layer, decoder: Layer, wanted: list[str]) -> None:
    design = edits.connect_states("encoder", "loop")(pair(encoder, decoder))
    assert states(design, "loop") == wanted
    assert not check(design).errors


def test_that_a_layer_that_reads_one_way_starts_both_directions() -> None:
    design = edits.connect_states("encoder", "both")(pair(gru("encoder"), both(gru("inner"))))
    assert states(design, "both") == ["encoder.h initial_forward_h", "encoder.h initial_backward_h"]
    assert not check(design).errors


def test_that_both_directions_are_put_side_by_side_for_a_decoder_of_twice_the_units() -> None:
    start = pair(both(lstm("inner", False)), lstm("decoder", units=6))
    edit = edits.connect_states("both", "decoder")
    design = edit(start)
    assert edit(start) == design
    joins = [each for each in design.layers if each.kind == "Concatenate"]
    assert [[link.source_port for link in design.links if link.target == each.id] for each in joins] == [
        ["forward_h", "backward_h"],
        ["forward_c", "backward_c"],
    ]
    assert states(design, "decoder") == [f"{joins[0].id}.output initial_h", f"{joins[1].id}.output initial_c"]
    assert not check(design).errors
    assert len({each.position for each in design.layers}) >= 3
    assert edits.connect_states("both", "decoder")(design) == design


def test_that_a_decoder_of_another_size_is_a_problem_with_a_fix() -> None:
    design = edits.connect_states("both", "decoder")(pair(both(lstm("inner", False)), lstm("decoder")))
    (problem,) = check(design).errors
    assert (problem.code, problem.layer) == ("state_size", "decoder")
    assert problem.fixes[0].label == "Give ‘decoder’ 6 units"
    assert not check(problem.fixes[0].edit(design)).errors


def test_that_wires_take_the_place_of_typed_numbers() -> None:
    design = edits.connect_states("encoder", "memory")(
        pair(lstm("encoder", False), lstm(initial_state=(0.5, 1.0)))
    )
    assert design.layer("memory").value("initial_state") is None
    assert not check(design).errors


def test_that_the_state_of_an_inner_layer_is_its_wrappers() -> None:
    start = pair(both(gru("inner")), both_again())
    assert states(edits.connect_states("inner", "deep")(start), "second") == [
        "both.forward_h initial_forward_h",
        "both.backward_h initial_backward_h",
    ]


def both_again() -> Layer:
    return Layer("second", "Bidirectional", "second", children=(gru("deep"),))


@pytest.mark.parametrize(
    ("encoder", "decoder", "words"),
    [
        (gru("encoder"), lstm("decoder"), "starts from “h” and “c”, but GRU ‘encoder’ hands on “h”"),
        (dense("encoder"), lstm("decoder"), "hands on no state"),
        (gru("encoder"), dense("decoder"), "starts from no state"),
    ],
)
def test_that_what_does_not_go_together_is_refused(encoder: Layer, decoder: Layer, words: str) -> None:
    with pytest.raises(Refused, match=words):
        edits.connect_states("encoder", "decoder")(pair(encoder, decoder))


def test_that_a_loop_is_refused() -> None:
    design = wired([series(), gru("one"), lstm("two")], "x one", "one two")
    with pytest.raises(Refused, match="loop"):
        edits.connect_states("two", "one")(design)
    assert Link("one", "two") in design.links
