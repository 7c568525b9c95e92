"""What can be fed back to a model's Input: found, or refused with fixes that mend it."""

import runpy
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rnn_designer.design import Design, Generation, Refused, Severity, check, edits, files
from rnn_designer.design.files import FileProblem
from rnn_designer.design.generating import Feedback, feedback, outputs_to_feed_back

HELPERS = runpy.run_path(str(Path(__file__).with_name("lint_cases.py")))
layer, graph, chain, series = (HELPERS[name] for name in ("layer", "graph", "chain", "series"))
lstm, gru, dense, tokens, vector = (HELPERS[name] for name in ("lstm", "gru", "dense", "tokens", "vector"))


def on(design: Design, **settings: Any) -> Design:
    return replace(design, generation=Generation(**settings))


def way_round(design: Design) -> Feedback:
    found = feedback(design, check(design).shapes)
    assert isinstance(found, Feedback), [each.message for each in found]
    return found


GOES_ROUND = {
    "a prediction at every step": (chain(series(), lstm(), dense("out", 2)), True, True),
    "the last output": (chain(series(), lstm(), gru(), dense("out", 2)), False, True),
    "its own states": (chain(series(), gru("memory", return_sequences=True, units=2)), True, True),
    "between the layers": (
        chain(
            series(),
            lstm(),
            layer("LayerNormalization", "norm"),
            layer("Dropout", "dropout", rate=0.2),
            layer("BatchNormalization", "batch norm"),
            layer("TimeDistributed", "each", dense("inner", 4)),
            gru("second", return_sequences=True),
            dense("out", 2),
        ),
        True,
        True,
    ),
    "past a layer": (
        graph(
            [series(), lstm("memory", units=2), layer("Add", "sum"), dense("out", 2)],
            "x memory",
            "x sum",
            "memory sum",
            "sum out",
        ),
        True,
        True,
    ),
    "a causal window": (
        chain(
            series(),
            layer("Conv1D", "conv", filters=2, kernel_size=3, padding="causal"),
            lstm(),
            dense("out", 2),
        ),
        True,
        False,
    ),
    "a mask": (chain(series(), layer("Masking", "mask"), lstm(), dense("out", 2)), True, False),
    "a window of one step": (
        chain(series(), layer("Conv1D", "conv", filters=2, kernel_size=1), lstm(), dense("out", 2)),
        True,
        True,
    ),
    "no memory": (chain(series(), dense("out", 2)), True, False),
    "states behind the last layer": (
        chain(series(), layer("LSTM", "memory", units=2, return_state=True)),
        False,
        True,
    ),
}


@pytest.mark.parametrize("name", GOES_ROUND)
def test_that_a_model_that_looks_back_only_is_fed_its_predictions(name: str) -> None:
    design, each_step, carried = GOES_ROUND[name]
    found = way_round(on(design))
    assert found.input.name == "x"
    assert (found.each_step, found.carried, found.tokens) == (each_step, carried, None)
    assert not [each for each in check(on(design)).problems if each.code.startswith("generates_")]


def test_that_the_states_to_carry_are_those_of_every_recurrent_layer_on_the_way() -> None:
    found = way_round(chain(series(), lstm(), gru("second", return_sequences=True), dense("out", 2)))
    assert [memory.layer.name for memory in found.memories] == ["memory", "second"]
    assert [[state.name for state in memory.states] for memory in found.memories] == [["h", "c"], ["h"]]
    assert [state.sizes for memory in found.memories for state in memory.states] == [(3,), (3,), (3,)]


@pytest.mark.parametrize(
    ("last", "probabilities"),
    [
        ([dense("out", 7, activation="softmax")], True),
        ([dense("out", 7)], False),
        ([dense("out", 7), layer("Softmax", "shares")], True),
        (
            [dense("out", 7), layer("Activation", "shares", activation="softmax"), layer("Dropout", "drop")],
            True,
        ),
        ([layer("TimeDistributed", "each", dense("inner", 7, activation="softmax"))], True),
    ],
)
def test_that_a_token_model_gives_probabilities_or_scores(last: list[Any], probabilities: bool) -> None:
    embedding = layer("Embedding", "embedding", input_dim=7, output_dim=4)
    found = way_round(chain(tokens(), embedding, lstm(), *last))
    assert (found.tokens, found.probabilities) == (7, probabilities)


def test_that_the_chosen_output_is_fed_back_and_else_the_first_that_fits() -> None:
    branches = graph(
        [series(), lstm(), dense("a", 3), dense("b", 2), dense("c", 2)],
        "x memory",
        "memory a",
        "memory b",
        "memory c",
    )
    assert way_round(branches).output == ("b", "output")
    assert way_round(on(branches, output="c")).output == ("c", "output")
    assert [each.name for each in outputs_to_feed_back(branches, check(branches).shapes)] == ["b", "c", "a"]


LINKED = graph(
    [series(), series(name="other"), lstm(), layer("Concatenate", "both"), dense("out", 2)],
    "x memory",
    "memory both",
    "other both",
    "both out",
)
REFUSED = {
    "both ways": (
        chain(series(), layer("Bidirectional", "both", lstm("inner")), dense("out", 2)),
        "generates_ahead",
    ),
    "backwards": (chain(series(), lstm("memory", go_backwards=True), dense("out", 2)), "generates_ahead"),
    "stateful": (
        chain(series(batch_size=2), lstm("memory", stateful=True), dense("out", 2)),
        "generates_stateful",
    ),
    "unrolled": (chain(series(), lstm("memory", unroll=True), dense("out", 2)), "generates_unroll"),
    "too few features": (chain(series(), lstm(), dense("out", 1)), "generates_misfits"),
    "no projection": (chain(series(), lstm()), "generates_misfits"),
    "too few tokens": (
        chain(tokens(), layer("Embedding", "e", input_dim=9, output_dim=4), lstm(), dense("out", 5)),
        "generates_misfits",
    ),
    "tokens without projection": (
        chain(tokens(), layer("Embedding", "e", input_dim=9, output_dim=4), lstm()),
        "generates_misfits",
    ),
    "pooling": (
        chain(series(), lstm(), layer("GlobalAveragePooling1D", "mean"), dense("out", 2)),
        "generates_ahead",
    ),
    "a window of steps": (
        chain(series(), lstm(), layer("MaxPooling1D", "max"), dense("out", 2)),
        "generates_ahead",
    ),
    "a window ahead": (
        chain(
            series(),
            layer("Conv1D", "conv", filters=2, kernel_size=3, padding="same"),
            lstm(),
            dense("out", 2),
        ),
        "generates_ahead",
    ),
    "a window with strides": (
        chain(
            series(),
            layer("Conv1D", "conv", filters=2, kernel_size=3, padding="causal", strides=2),
            lstm(),
            dense("out", 2),
        ),
        "generates_ahead",
    ),
    "shares of the whole time": (
        chain(series(), lstm(), layer("Softmax", "n", axis=1), dense("out", 2)),
        "generates_ahead",
    ),
    "a closed time axis": (chain(series(9), lstm(), dense("out", 2)), "generates_past_the_end"),
    "no time axis": (chain(vector(2), dense("out", 2)), "generates_no_steps"),
    "several inputs": (LINKED, "generates_from_several"),
    "a sequence anew": (
        chain(series(), gru("memory"), layer("RepeatVector", "again", n=4), lstm("second"), dense("out", 2)),
        "generates_ahead",
    ),
    "attention": (
        graph(
            [series(), lstm("memory", units=2), layer("Attention", "attention")],
            "x memory",
            "memory attention",
        ),
        "generates_ahead",
    ),
}
REFUSED["attention"] = (
    replace(
        REFUSED["attention"][0],
        links=(
            *REFUSED["attention"][0].links[:1],
            HELPERS["Link"]("memory", "attention", "output", "query"),
            HELPERS["Link"]("memory", "attention", "output", "value"),
        ),
    ),
    "generates_ahead",
)


@pytest.mark.parametrize("name", REFUSED)
def test_that_what_cannot_be_fed_back_is_refused_only_while_generating(name: str) -> None:
    design, code = REFUSED[name]
    quiet = [each.code for each in check(design).problems]
    assert not [each for each in quiet if each.startswith("generates_")]
    problems = [each for each in check(on(design)).problems if each.code == code]
    assert problems, [each.code for each in check(on(design)).problems]
    for problem in problems:
        assert problem.severity is Severity.WARNING
        assert problem.message.endswith(".")
        assert len(problem.why) > 40
        assert problem.fixes
        assert (
            problem.parameter is None or problem.parameter in design.layer(problem.layer or "").type.by_name
        )
    assert check(on(design)).runnable == check(design).runnable


@pytest.mark.parametrize("name", REFUSED)
def test_that_each_fix_takes_its_obstacle_away(name: str) -> None:
    design, code = REFUSED[name]
    for problem in check(on(design)).problems:
        if problem.code != code:
            continue
        for fix in problem.fixes:
            mended = fix.edit(on(design))
            left = [(each.code, each.layer) for each in check(mended).problems]
            assert (code, problem.layer) not in left, fix.label
            assert not check(mended).errors, (fix.label, [each.message for each in check(mended).errors])
            assert files.from_text(files.to_text(mended)) == mended


def test_that_a_refused_model_goes_round_after_the_first_fix() -> None:
    for name in (
        "both ways",
        "backwards",
        "too few features",
        "no projection",
        "tokens without projection",
        "pooling",
    ):
        mended = on(REFUSED[name][0])
        for _ in range(3):
            wrong = [each for each in check(mended).problems if each.code.startswith("generates_")]
            if wrong:
                mended = wrong[0].fixes[0].edit(mended)
        assert isinstance(feedback(mended, check(mended).shapes), Feedback), name


def test_that_generation_is_an_edit_of_the_design_that_its_file_keeps() -> None:
    design = chain(series(), lstm(), dense("out", 2))
    settings = Generation(steps=7, prefix=3, temperature=0.5, seed=9, output="out")
    changed = edits.set_generation(settings)(design)
    assert files.from_text(files.to_text(changed)).generation == settings
    assert "generation" not in files.to_text(design)
    assert edits.set_generation(None)(changed) == design


@pytest.mark.parametrize(
    "settings",
    [
        Generation(steps=0),
        Generation(steps=10_001),
        Generation(prefix=0),
        Generation(temperature=-0.5),
        Generation(temperature=float("nan")),
        Generation(seed=-1),
    ],
)
def test_that_impossible_settings_are_refused_with_a_sentence(settings: Generation) -> None:
    with pytest.raises(Refused, match="of the generation: Expected"):
        edits.set_generation(settings)(Design())
    text = files.to_text(replace(Design(), generation=replace(settings, temperature=1.0)))
    if settings.temperature == 1.0:
        with pytest.raises(FileProblem, match="generation"):
            files.from_text(text)


def test_that_nothing_to_run_is_said_of_the_design_as_a_whole() -> None:
    problems = [each for each in check(on(Design())).problems if each.code == "generates_nothing"]
    assert [each.layer for each in problems] == [None]
