"""What a scope and the top bar say of dropout and noise, and how they are switched on as in training."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import Design, Generation, Layer, Link, edits
from rnn_designer.messages import Trace
from rnn_designer.ui.scopes import Scopes
from rnn_designer.ui.training_only import draws, note, state_words, subject
from rnn_designer.ui.training_switch import TrainingSwitch

STEPS, SAMPLES = 20, 3
NAMES = ("deep", "memory", "off")


def systems() -> Design:
    """A plain GRU, an LSTM with dropout and a Dropout, one after the other."""
    layers = (
        Layer("source", "Input", "source", FrozenMap(shape=(None, 2))),
        Layer("deep", "GRU", "deep", FrozenMap(units=4, return_sequences=True)),
        Layer("memory", "LSTM", "memory", FrozenMap(units=4, dropout=0.3, return_sequences=True)),
        Layer("off", "Dropout", "off", FrozenMap(rate=0.5)),
    )
    return Design("systems", layers, (Link("source", "deep"), Link("deep", "memory"), Link("memory", "off")))


def recorded() -> Trace:
    time = np.arange(STEPS, dtype=np.float32)[None, :, None]
    wave = np.sin(time / 4 + np.arange(4) + np.arange(SAMPLES)[:, None, None]).astype(np.float32)
    arrays = {f"{name}/{signal}": wave for name in NAMES[:2] for signal in ("result", "output", "state/h")}
    return Trace(1, {**arrays, "off/result": wave}, {name: name for name in NAMES}, 0.004)


def choose(bench: Any, layer_id: str) -> None:
    bench.selection.set((layer_id,))


@pytest.fixture
def scopes(bench: Any) -> Any:
    bench.workspace.document.reset(systems(), None)
    panel = Scopes(bench.workspace, bench.selection)
    bench.show(panel)
    bench.workspace.give(recorded(), STEPS, SAMPLES)
    return panel


@pytest.fixture
def switch(bench: Any) -> TrainingSwitch:
    bar = QWidget()
    made = TrainingSwitch(bench.workspace, bar)
    bench.show(bar, 200, 40)
    return made


def layer(kind: str, **params: Any) -> Layer:
    return Layer("x", kind, "x", FrozenMap(params))


def give_training(bench: Any) -> None:
    bench.workspace.give(replace(recorded(), training=True), STEPS, SAMPLES)


def test_that_the_note_tells_what_the_picture_shows_not_what_was_asked_for(bench: Any, scopes: Any) -> None:
    choose(bench, "off")
    mode = bench.workspace.live.training
    scopes._training.turn.click()
    assert mode.active
    assert scopes.training_note.startswith("Dropout is off")
    give_training(bench)
    assert scopes.training_note == "Dropout is on, as in training: draw 0. predict() gives other values."
    choose(bench, "memory")
    assert scopes.training_note.startswith("The dropout inside is on")
    choose(bench, "deep")
    assert scopes.training_note == ""


def test_that_the_note_leads_to_another_draw_and_back(bench: Any, scopes: Any) -> None:
    choose(bench, "off")
    buttons, mode = scopes._training, bench.workspace.live.training
    assert buttons.turn.text() == "Switch on"
    assert not buttons.draw.isVisible()
    buttons.turn.click()
    give_training(bench)
    assert buttons.turn.text() == "Switch off"
    buttons.draw.click()
    give_training(bench)
    assert (mode.active, mode.draw) == (True, 1)
    assert "draw 1" in scopes.training_note
    buttons.turn.click()
    assert not mode.active


def test_that_the_switch_is_there_only_for_designs_that_have_something_to_switch(
    bench: Any, switch: TrainingSwitch
) -> None:
    assert not switch.isVisible()
    bench.workspace.document.reset(systems(), None)
    assert switch.isVisible()
    assert switch.button.text() == "Dropout off"
    assert not switch.draw.isVisible()


def test_that_the_switch_and_the_mode_follow_each_other(bench: Any, switch: TrainingSwitch) -> None:
    bench.workspace.document.reset(systems(), None)
    mode = bench.workspace.live.training
    switch.button.click()
    assert mode.active
    assert switch.button.text() == "Dropout on"
    switch.draw.click()
    assert mode.draw == 1
    mode.set_active(False)
    assert not switch.button.isChecked()
    assert not switch.draw.isVisible()
    mode.new_draw()
    assert switch.button.isChecked()


def test_that_a_design_that_goes_on_by_itself_cannot_be_switched(
    bench: Any, switch: TrainingSwitch, scopes: Any
) -> None:
    document = bench.workspace.document
    document.reset(systems(), None)
    bench.workspace.live.training.set_active(True)
    document.reset(replace(document.design, generation=Generation()), None)
    assert not switch.button.isEnabled()
    assert switch.button.text() == "Dropout off"
    assert "Generate" in switch.button.toolTip()
    choose(bench, "off")
    bench.workspace.give(recorded(), STEPS, SAMPLES)
    assert not scopes._training.turn.isVisible()


def test_that_the_draw_is_offered_only_where_something_is_drawn(bench: Any, switch: TrainingSwitch) -> None:
    document = bench.workspace.document
    document.reset(systems(), None)
    switch.button.click()
    assert switch.draw.isVisible()
    for layer_id in ("memory", "off"):
        document.apply(edits.set_parameter(layer_id, "seed", 3), "Seed")
    assert not switch.draw.isVisible()


@pytest.mark.parametrize(
    ("found", "name"),
    [
        (layer("Dropout", rate=0.2), "Dropout"),
        (layer("LSTM", units=2, recurrent_dropout=0.2), "Dropout"),
        (layer("GaussianNoise", stddev=0.2), "Noise"),
        (layer("BatchNormalization"), "Training"),
    ],
)
def test_that_the_switch_is_called_what_it_switches(found: Layer, name: str) -> None:
    assert subject([layer("Dense", units=2), found]) == name
    assert draws([found]) is (found.kind != "BatchNormalization")


@pytest.mark.parametrize(
    ("found", "off", "on"),
    [
        (layer("Dropout", rate=0.2), "off while watching", "on, as in training"),
        (layer("GaussianNoise", stddev=0.2), "off while watching", "on, as in training"),
        (layer("GRU", units=2, dropout=0.2), "dropout off", "dropout on"),
        (layer("BatchNormalization"), "", "of this batch"),
        (layer("Dropout", rate=0.0), "", ""),
        (layer("GRU", units=2), "", ""),
    ],
)
def test_that_a_box_says_whether_it_acts(found: Layer, off: str, on: str) -> None:
    assert (state_words(found, False), state_words(found, True)) == (off, on)


def test_that_notes_name_what_is_inside() -> None:
    inner = Layer("gru", "GRU", "gru", FrozenMap(units=2, dropout=0.2))
    both = Layer("both", "Bidirectional", "both", children=(inner,))
    assert note(both, True, 4).startswith("The dropout of ‘gru’ is on, as in training: draw 4.")
    each = Layer("td", "TimeDistributed", "td", children=(layer("Dropout", rate=0.1),))
    assert note(each, False, 0).startswith("Dropout of ‘x’ is off while watching")
    assert "of this batch" in note(layer("BatchNormalization"), True, 0)
    assert "moving ones, as in predict()" in note(layer("BatchNormalization"), False, 0)
    assert note(layer("Dense", units=2), True, 0) == ""


def test_that_a_design_without_layers_has_no_switch(bench: Any, switch: TrainingSwitch) -> None:
    bench.workspace.document.reset(Design(), None)
    assert not switch.isVisible()
