"""What a sweep can vary, what it may not, what a trial's design is, and how a file holds it."""

import json
from dataclasses import replace

import pytest

from rnn_designer.catalog import FrozenMap, Part
from rnn_designer.design import Design, Refused, check, edits, files, new_layer
from rnn_designer.design.differences import differences
from rnn_designer.design.files import FileProblem
from rnn_designer.design.model import Link
from rnn_designer.design.sweeping import Sweep, Varied
from rnn_designer.design.trials import (
    EXCHANGEABLE,
    current,
    living,
    parameter_of,
    range_words,
    suggestion,
    sweep_fault,
    title,
    tried,
    variable,
)


@pytest.fixture
def design() -> Design:
    made = Design()
    for kind in ("Input", "LSTM", "Dense"):
        made = edits.add(new_layer(made, kind))(made)
    first, second, last = (layer.id for layer in made.layers)
    made = edits.connect(Link(first, second))(made)
    made = edits.connect(Link(second, last))(made)
    return edits.rename(second, "memory")(made)


def ids(design: Design) -> tuple[str, str]:
    return design.layers[1].id, design.layers[2].id


def test_that_everything_offered_gets_a_range_that_holds(design: Design) -> None:
    offered = list(variable(design))
    memory, _last = ids(design)
    for wanted in (
        (None, "optimizer"),
        (None, "optimizer.learning_rate"),
        (None, "batch_size"),
        (memory, "kind"),
        (memory, "units"),
        (memory, "dropout"),
        (memory, "activation"),
        (memory, "return_sequences"),
    ):
        assert wanted in offered
    for layer, name in offered:
        suggested = suggestion(design, layer, name)
        assert suggested is not None, name
        assert sweep_fault(design, Sweep((suggested,))) is None, (name, suggested)
        value = current(design, layer, name)
        if suggested.choices:
            assert value in suggested.choices, name
        elif isinstance(value, int | float):
            assert suggested.low <= value <= suggested.high, (name, suggested)


def test_that_learning_rates_are_tried_by_powers_of_ten(design: Design) -> None:
    rate = suggestion(design, None, "optimizer.learning_rate")
    assert rate == Varied(None, "optimizer.learning_rate", low=0.0001, high=0.01, log=True)
    assert title(design, rate) == "learning rate"
    assert range_words(rate) == "0.0001 to 0.01 by powers of ten"
    units = suggestion(design, ids(design)[0], "units")
    assert units is not None
    assert title(design, units) == "memory · units"
    assert isinstance(units.low, int)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (Varied(None, "units", low=1, high=2), "no such setting"),
        (Varied("gone", "units", low=1, high=2), "no such setting"),
        (Varied(None, "batch_size", low=64, high=8), "from low to high"),
        (Varied(None, "batch_size", low=0, high=8), "whole number from 1"),
        (Varied(None, "optimizer.learning_rate", low=0.0, high=1.0, log=True), "begins above 0"),
        (Varied(None, "optimizer", choices=("Adam", "Nonsense")), "Nonsense"),
        (Varied(None, "optimizer", choices=("Adam", "Adam")), "each value once"),
        (Varied(None, "optimizer"), "at least one value"),
        (Varied(None, "validation", low=0.1, high=0.2), None),
    ],
)
def test_that_what_cannot_be_tried_is_refused(design: Design, wrong: Varied, sentence: str | None) -> None:
    if sentence is None:
        assert edits.vary(wrong)(design).sweep == Sweep((wrong,))
        return
    with pytest.raises(Refused, match=sentence):
        edits.vary(wrong)(design)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"method": "guess"}, "bayesian, random"),
        ({"trials": 0}, "trials"),
        ({"patience": -1}, "patience"),
        ({"seed": 2**40}, "seed"),
        ({"varied": (Varied(None, "epochs", low=1, high=2),) * 2}, "each setting once"),
    ],
)
def test_that_settings_out_of_range_are_refused(
    design: Design, settings: dict[str, object], sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence):
        edits.change_sweep(**settings)(design)


def test_that_a_setting_is_varied_and_no_more(design: Design) -> None:
    memory, _last = ids(design)
    design = edits.vary_setting(memory, "units")(design)
    design = edits.vary_setting(None, "batch_size")(design)
    again = edits.vary(Varied(memory, "units", low=2, high=4))(design)
    assert again.sweep is not None
    assert [each.name for each in again.sweep.varied] == ["units", "batch_size"]
    assert again.sweep.varied[0].high == 4
    assert list(differences(design, again)) == ["sweep: memory · units is tried with 2 to 4"]
    fewer = edits.vary_no_more(memory, "units")(again)
    assert list(differences(again, fewer)) == ["sweep: memory · units is not varied any more"]
    gone = edits.remove([memory])(again)
    assert [each.name for each in living(gone)] == ["batch_size"]


def test_that_a_trial_has_the_values_and_nothing_else_changes(design: Design) -> None:
    memory, last = ids(design)
    made = tried(
        design,
        {
            f"{memory}/units": 7,
            f"{memory}/dropout": 0.25,
            "training/optimizer.learning_rate": 0.02,
            "training/optimizer": "RMSprop",
            "training/batch_size": 16,
        },
    )
    assert made.training is not None
    assert made.training.optimizer == Part("RMSprop", FrozenMap(learning_rate=0.02))
    assert made.training.batch_size == 16
    assert (made.layer(memory).value("units"), made.layer(memory).value("dropout")) == (7, 0.25)
    assert made.layer(last) == design.layer(last)
    assert made.links == design.links


@pytest.mark.parametrize("kind", ["SimpleRNN", "GRU"])
def test_that_another_kind_takes_over_all_that_both_know(design: Design, kind: str) -> None:
    memory, _last = ids(design)
    wanted = {f"{memory}/units": 9, f"{memory}/unit_forget_bias": False, f"{memory}/kind": kind}
    made = tried(design, wanted)
    layer = made.layer(memory)
    assert (layer.kind, layer.name, layer.value("units")) == (kind, "memory", 9)
    assert "unit_forget_bias" not in layer.params
    assert not check(made).errors


def test_that_exchangeable_kinds_can_stand_for_each_other(design: Design) -> None:
    for group in EXCHANGEABLE:
        for kind in group:
            single = replace(Design(), layers=(new_layer(Design(), kind),))
            layer = single.layers[0]
            assert parameter_of(single, layer.id, "kind") is not None
            for other in group:
                assert tried(single, {f"{layer.id}/kind": other}).layers[0].kind == other


def test_that_a_file_holds_a_sweep_and_says_what_is_wrong_with_one(design: Design) -> None:
    memory, _last = ids(design)
    for name in ("kind", "units", "dropout"):
        design = edits.vary_setting(memory, name)(design)
    design = edits.vary_setting(None, "optimizer.learning_rate")(design)
    design = edits.change_sweep(trials=8, method="random", pruning=False)(design)
    text = files.to_text(design)
    assert files.from_text(text) == design
    gone = files.from_text(files.to_text(edits.remove([memory])(design)))
    assert gone.sweep is not None
    assert [each.name for each in gone.sweep.varied] == ["optimizer.learning_rate"]
    tree = json.loads(text)
    tree["sweep"]["varied"][1]["low"] = -3
    tree["sweep"]["method"] = "guess"
    with pytest.raises(FileProblem) as problem:
        files.from_text(json.dumps(tree))
    assert any(each.startswith("sweep.varied[1]: ") and "-3" in each for each in problem.value.problems)
    assert any(each.startswith("sweep: ") and "guess" in each for each in problem.value.problems)
    tree["sweep"]["trials"] = "many"
    with pytest.raises(FileProblem) as problem:
        files.from_text(json.dumps(tree))
    assert any("sweep.trials: expected a whole number" in each for each in problem.value.problems)


def test_that_unknown_fields_of_a_sweep_are_kept(design: Design) -> None:
    tree = json.loads(files.to_text(edits.vary_setting(None, "epochs")(design)))
    tree["sweep"]["later"] = 1
    tree["sweep"]["varied"][0]["more"] = [2]
    again = json.loads(files.to_text(files.from_text(json.dumps(tree))))
    assert again["sweep"]["later"] == 1
    assert again["sweep"]["varied"][0]["more"] == [2]
