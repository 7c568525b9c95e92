"""What an output gives beside its target, worked out apart here: next values, values ahead, classes, tokens."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import DataSource, Design, Layer, Link, check
from rnn_designer.design.tasks import FittedGoal, fitting
from rnn_designer.messages import Trace
from rnn_designer.sequences import Fitted
from rnn_designer.session import Workspace
from rnn_designer.ui.scopes.state import SharedChoices
from rnn_designer.ui.training.targets import Pair, pair
from rnn_designer.ui.views.target import TargetView


def _design(*, sequences: bool = True, units: int = 1) -> Design:
    return Design(
        "d",
        (
            Layer("in", "Input", "series", FrozenMap(shape=(None, 1))),
            Layer("mem", "LSTM", "memory", FrozenMap(units=3, return_sequences=sequences)),
            Layer("out", "Dense", "said", FrozenMap(units=units)),
        ),
        (Link("in", "mem"), Link("mem", "out")),
        FrozenMap({"in": DataSource("sine", batch_size=2, time_steps=6)}),
    )


def _goal(design: Design, **fields: Any) -> FittedGoal:
    return replace(fitting(design, check(design))["out"], **fields)


SERIES = np.arange(12, dtype=np.float32).reshape(2, 6, 1)


def test_that_the_target_of_the_next_step_is_what_comes_next() -> None:
    goal = _goal(_design())
    found = pair(goal, Fitted(SERIES, "", ahead=np.array([[[6.0]], [[12.0]]], np.float32)), SERIES * 0)
    assert isinstance(found, Pair)
    assert found.wanted[0, :, 0].tolist() == [1, 2, 3, 4, 5, 6]
    assert found.wanted[1, -1, 0] == 12
    without = pair(goal, Fitted(SERIES, ""), SERIES * 0)
    assert isinstance(without, Pair)
    assert np.isnan(without.wanted[0, -1, 0])


def test_that_the_target_of_a_forecast_lies_ahead_or_a_sentence_says_how_to_see_it() -> None:
    goal = _goal(_design(sequences=False), horizon=2)
    ahead = np.arange(6, dtype=np.float32).reshape(2, 3, 1)
    found = pair(goal, Fitted(SERIES, "", ahead=ahead), np.zeros((2, 1), np.float32))
    assert isinstance(found, Pair)
    assert not found.per_step
    assert found.of_sample(found.wanted, 0)[:, 0].tolist() == [1, 4]
    said = pair(goal, Fitted(SERIES, ""), np.zeros((2, 1), np.float32))
    assert isinstance(said, str)
    assert "at least 2" in said


def test_that_of_classes_the_probability_of_the_right_one_is_drawn() -> None:
    goal = _goal(_design(units=3), task="classes", classes=3, encoding="ids", activation="softmax")
    scores = np.full((2, 6, 3), 0.1, np.float32)
    scores[..., 2] = 0.8
    targets = np.full((2, 6), np.nan)
    targets[0, :2] = 2, 0
    found = pair(goal, Fitted(SERIES, "", targets=targets), scores)
    assert isinstance(found, Pair)
    assert found.right is not None
    assert found.given[0, :2, 0].tolist() == pytest.approx([0.8, 0.1])
    assert found.right[0, :2].tolist() == [1, 0]
    assert np.isnan(found.right[0, 2:]).all()


def test_that_logits_become_probabilities_first() -> None:
    goal = _goal(_design(), task="values", classes=2, encoding="binary", activation="linear")
    found = pair(goal, Fitted(SERIES, "", targets=np.zeros((2, 6))), np.zeros((2, 6, 1), np.float32))
    assert isinstance(found, Pair)
    assert found.given[0, 0, 0] == pytest.approx(0.5)


def test_that_targets_in_other_columns_are_left_to_evaluate() -> None:
    said = pair(_goal(_design(), columns=("level",)), Fitted(SERIES, ""), SERIES)
    assert isinstance(said, str)
    assert "Evaluate" in said


@pytest.fixture
def workspace(workspace: Workspace) -> Workspace:
    workspace.document.reset(_design(), None)
    fitted = Fitted(SERIES, "")
    workspace.samples.fitted = lambda _input: fitted  # type: ignore[method-assign]
    return workspace


def test_that_the_view_draws_both_and_says_how_far_apart_they_are(workspace: Any, qtbot: Any) -> None:
    view = TargetView(workspace, SharedChoices(workspace))
    qtbot.addWidget(view)
    view.resize(700, 240)
    view.show()
    live: Any = workspace.live
    live._trace = Trace(1, {"said/result": SERIES + 0.5}, {"out": "said", "mem": "memory"}, 0.01)
    workspace.playback.set_extent(6, 2)
    view.show_layer("out")
    assert not view.message
    assert [each.symbol for each in view.lines.curves] == ["0", "0′"]
    assert view.lines.curves[1].values[:5].tolist() == [1, 2, 3, 4, 5]
    assert "0.5 apart in the mean" in view.facts.text()
    workspace.playback.show_sample(1)
    assert view.lines.curves[0].values[0] == 6.5
    assert set(view.numbers()) == {"given", "wanted"}
    view.show_layer("mem")
    assert "Select “said”" in view.message
    view.close()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
