"""Every problem that the checker knows: found where it is, told in a sentence, and gone after each of its fixes."""

import re
import runpy
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import rnn_designer.design.checking as checking
from rnn_designer.catalog import FrozenMap
from rnn_designer.design import (
    DataSource,
    Design,
    Link,
    Problem,
    Severity,
    check,
    connection_advice,
    edits,
    files,
)
from rnn_designer.design.checking import faults

HELPERS = runpy.run_path(str(Path(__file__).with_name("lint_cases.py")))
RECURRENT = runpy.run_path(str(Path(__file__).with_name("lint_cases_recurrent.py")))
TRAINING = runpy.run_path(str(Path(__file__).with_name("lint_cases_training.py")))
CASES: list[tuple[str, str, Design]] = [*HELPERS["CASES"], *RECURRENT["CASES"], *TRAINING["CASES"]]
NAMES = [f"{code}-{number}" for number, (code, _layer, _design) in enumerate(CASES)]

WITHOUT_FIX = {"masked_loss"}
"""Codes of problems that there is nothing to mend about."""


def found(design: Design, code: str, layer: str) -> list[Problem]:
    return [each for each in check(design).problems if (each.code, each.layer) == (code, layer)]


@pytest.mark.parametrize(("code", "layer", "design"), CASES, ids=NAMES)
def test_that_the_problem_is_found_once_and_told_in_sentences(code: str, layer: str, design: Design) -> None:
    problems = found(design, code, layer)
    assert len(problems) == 1, [(each.code, each.layer, each.message) for each in check(design).problems]
    problem = problems[0]
    assert problem.message[0].isupper() or not problem.message[0].isalpha()
    assert problem.message.endswith(".")
    assert problem.why.endswith(".")
    assert len(problem.why) > 40
    assert problem.parameter is None or problem.parameter in design.layer(layer).type.by_name
    for fix in problem.fixes:
        assert fix.label
        assert not fix.label.endswith(".")


@pytest.mark.parametrize(("code", "layer", "design"), CASES, ids=NAMES)
def test_that_every_fix_removes_the_problem_and_leaves_a_design_that_saves(
    code: str, layer: str, design: Design
) -> None:
    problem = found(design, code, layer)[0]
    assert problem.fixes or code in WITHOUT_FIX
    blamed = design.layer(layer).name
    for fix in problem.fixes:
        mended = fix.edit(design)
        assert not found(mended, code, layer), fix.label
        if code not in ("bad_name", "duplicate_name", "cycle"):
            assert files.from_text(files.to_text(mended)) == mended
        if problem.severity is Severity.ERROR and any(each.id == layer for each in mended.layers):
            left = [each for each in check(mended).of(layer) if each.severity is Severity.ERROR]
            assert not left, f"{fix.label} on {blamed} left {[each.message for each in left]}"


@pytest.mark.parametrize(("code", "layer", "design"), CASES, ids=NAMES)
def test_that_errors_keep_a_layer_from_running_and_the_rest_do_not(
    code: str, layer: str, design: Design
) -> None:
    checked = check(design)
    top = design.top(layer).id
    if found(design, code, layer)[0].severity is Severity.ERROR:
        assert top not in checked.runnable
    elif code != "unconnected" and not checked.errors:
        assert top in checked.runnable


def test_that_every_code_of_the_checker_has_a_case() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in Path(checking.__file__).parent.glob("*.py"))
    told = set(re.findall(r"(?:error|warning|information|make)\(\s*\"(\w+)\"", source))
    assert told | set(faults.HANDLERS) == {code for code, _layer, _design in CASES}


def test_that_the_message_of_a_missing_sequence_reads_as_people_speak() -> None:
    chain, series, lstm, gru = (HELPERS[name] for name in ("chain", "series", "lstm", "gru"))
    (problem,) = check(chain(series(), lstm("memory", False), gru())).errors
    assert problem.message == (
        "LSTM ‘memory’ gives only its last output; the GRU ‘reader’ after it needs the whole sequence. "
        "Turn on return sequences."
    )
    assert problem.fixes[0].label == "Turn on return sequences of ‘memory’"


def test_that_an_ordinary_design_has_no_problems() -> None:
    chain, series, lstm, dense, data = (
        HELPERS[name] for name in ("chain", "series", "lstm", "dense", "data")
    )
    design = chain(series(), lstm(), lstm("second", False), dense(), data=data("sine"))
    assert check(design).problems == ()


def test_that_a_value_of_the_wrong_place_is_no_reason_to_fail() -> None:
    """Designs built by code, not by edits, may hold anything of the right type."""
    case: Any = HELPERS["series"](None, 3)
    assert check(Design(layers=(case,))).order == ("x",)


def test_that_a_wire_is_judged_before_it_is_drawn() -> None:
    graph, series, lstm, gru = (HELPERS[name] for name in ("graph", "series", "lstm", "gru"))
    design = graph([series(), lstm("memory", False), gru()], "x memory")
    assert connection_advice(design, Link("x", "reader")) is None
    assert "Turn on return sequences" in (connection_advice(design, Link("memory", "reader")) or "")
    assert "loop" in (connection_advice(design, Link("memory", "memory")) or "")


def test_that_too_many_axes_after_an_embedding_are_mended_where_they_come_from() -> None:
    words = HELPERS["layer"]("Embedding", "words", input_dim=9, output_dim=2)
    design = HELPERS["chain"](HELPERS["series"](None, 1, dtype="int32"), words, HELPERS["lstm"]())
    problem = next(each for each in check(design).problems if each.severity is Severity.ERROR)
    assert problem.fixes[0].label == "Drop the feature axis of ‘x’"
    mended = check(problem.fixes[0].edit(design))
    assert not [each for each in mended.problems if each.severity is Severity.ERROR]


def test_that_a_layer_inserted_by_a_fix_lands_on_no_other() -> None:
    row = next(design for code, _layer, design in CASES if code == "ids_as_amounts")
    placed = edits.move({each.id: (280.0 * place, 40.0) for place, each in enumerate(row.layers)})(row)
    fix = found(placed, "ids_as_amounts", "x")[0].fixes[0]
    after = fix.edit(placed)
    places = sorted(each.position[0] for each in after.layers)
    assert all(right - left >= 280 for left, right in pairwise(places))
    assert {each.position[1] for each in after.layers} == {40.0}


def test_that_a_wire_to_a_state_is_judged_by_what_it_brings() -> None:
    wired, series, vector = (RECURRENT[name] for name in ("wired", "series", "vector"))
    lstm, decoder, encoder = (RECURRENT[name] for name in ("lstm", "decoder", "ENCODER"))
    sequence = lstm("sequence", True)
    design = wired(
        [series(), encoder, sequence, vector(4, "v"), decoder()], "x encoder", "x sequence", "x decoder"
    )
    fits = Link("encoder", "decoder", "h", "initial_h")
    assert connection_advice(design, fits) is None
    assert (
        connection_advice(edits.connect(fits)(design), Link("encoder", "decoder", "c", "initial_c")) is None
    )
    whole = connection_advice(design, Link("sequence", "decoder", "output", "initial_h")) or ""
    assert "got a whole sequence batch×time×3" in whole
    assert (
        "Use the last output of ‘sequence’ (return sequences off), or its state (return state on)." in whole
    )
    assert "whole sequence batch×time×2" in (
        connection_advice(design, Link("x", "decoder", "output", "initial_c")) or ""
    )
    narrow = connection_advice(design, Link("v", "decoder", "output", "initial_h")) or ""
    assert "3 numbers per sample, got batch×4 from ‘v’" in narrow
    assert "one vector" in (connection_advice(design, Link("encoder", "sequence", "h", "input")) or "")


def test_that_a_shared_layer_is_counted_once_and_its_settings_are_told_once() -> None:
    wired, series, again = (RECURRENT[name] for name in ("wired", "series", "again"))
    gru = RECURRENT["gru"]
    single = wired([series(), series(name="y"), gru(reset_after=False)], "x reader")
    design = again(single, "reader", "again", Link("y", "again"))
    checked = check(design)
    assert checked.counts["reader"] == check(single).counts["reader"] > 0
    assert checked.counts["again"] == 0
    assert [each.layer for each in checked.problems if each.code == "no_fast_kernel"] == ["reader"]
    assert {"reader", "again"} <= checked.runnable


@pytest.mark.parametrize(
    "values",
    [
        (),
        ((),),
        (((1.0,),), ()),
        (((1.0,),), 2.0),
        (((None,),), ()),
        ((1.0,), 2.0),
        "values",
        ((None,), ("", ())),
    ],
    ids=repr,
)
def test_that_typed_data_that_is_no_table_harms_no_check(values: object) -> None:
    chain, series, masking, gru = (RECURRENT[name] for name in ("chain", "series", "masking", "gru"))
    design = chain(series(), masking(), gru())
    check(replace(design, data=FrozenMap(x=DataSource("typed", FrozenMap(values=values)))))


def test_that_an_ordinary_training_has_no_problems_and_without_one_nothing_is_said_of_it() -> None:
    trained, series, lstm, dense = (TRAINING[name] for name in ("trained", "series", "lstm", "dense"))
    design = trained(series(), lstm(), lstm("second", False), dense(units=2))
    assert check(design).problems == ()
    for code, layer, case in TRAINING["CASES"]:
        assert not found(replace(case, training=None), code, layer)


def test_that_a_problem_of_training_keeps_no_layer_from_running() -> None:
    for _code, _layer, case in TRAINING["CASES"]:
        untrained = check(replace(case, training=None))
        assert check(case).runnable == untrained.runnable
