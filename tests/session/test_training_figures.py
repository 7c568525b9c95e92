"""From predictions to figures: units, baselines, classes and what belongs to which output."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from rnn_designer.catalog import FrozenMap, Part
from rnn_designer.design.tasks import FittedGoal
from rnn_designer.sequences.lessons import Lesson, Lessons, Scale
from rnn_designer.sequences.problem import DataProblem
from rnn_designer.session.training.figures import figures_of, stride_of

GOAL = FittedGoal(
    layer="out",
    port="output",
    input="in",
    task="horizon",
    task_why="",
    loss=Part("MeanSquaredError"),
    loss_why="",
    metrics=(),
    metrics_why="",
    per_step=False,
    encoding="numbers",
    sizes=(2,),
    classes=None,
    horizon=3,
    columns=(),
    source=None,
    weight=1.0,
    balanced=False,
    masked=False,
    missing="",
    activation="linear",
)


def lesson(series: np.ndarray, steps: int, ahead: int, stride: int = 1, first: int = 0) -> Lesson:
    starts = np.arange(0, len(series) - steps - ahead + 1, stride)
    past = np.stack([series[at : at + steps] for at in starts]).astype(np.float32)
    after = np.stack([series[at + steps + ahead - 1] for at in starts]).astype(np.float32)
    return Lesson({"series": past}, {"value": after}, {}, starts + first)


@pytest.fixture
def series() -> np.ndarray:
    return np.cumsum(np.random.default_rng(0).normal(size=(300, 2)), axis=0) * (3.0, 40.0) + (7.0, 900.0)


def test_that_figures_are_in_the_unit_of_the_data(series: np.ndarray) -> None:
    offset, scale = series[:200].mean(axis=0), series[:200].std(axis=0)
    scaled = (series - offset) / scale
    test = lesson(scaled[200:], 10, 3, first=200)
    lessons = Lessons(lesson(scaled[:200], 10, 3), None, test, {"value": Scale(offset, scale)})
    guess = test.targets["value"] + np.float32(0.5)
    found = figures_of(
        "value", GOAL, lessons, "test", guess, key="value", input_key="series", columns=("a", "b")
    )
    assert found.own_unit
    assert found.features == ("a", "b")
    assert found.first == 200
    assert found.forecast is not None
    assert found.forecast.rmse == pytest.approx(float(np.sqrt(np.mean((0.5 * scale) ** 2))), rel=1e-5)
    naive = next(each for each in found.forecast.baselines if each.name == "last_value")
    assert naive.error == pytest.approx(
        float(np.sqrt(np.mean((series[209:-3] - series[212:]) ** 2))), rel=1e-5
    )
    mean = next(each for each in found.forecast.baselines if each.name == "mean")
    known = series[12:200].mean(axis=0)
    assert mean.error == pytest.approx(float(np.sqrt(np.mean((known - series[212:]) ** 2))), rel=1e-5)


def test_that_the_last_value_is_that_of_the_target_column(series: np.ndarray) -> None:
    whole = lesson(series, 10, 3)
    only = replace(whole, targets={"value": whole.targets["value"][:, 1:]})
    lessons = Lessons(only, test=only)
    goal = replace(GOAL, columns=("b",), sizes=(1,))
    prediction = only.targets["value"] * 0
    found = figures_of(
        "value", goal, lessons, "test", prediction, key="value", input_key="series", columns=("a", "b")
    )
    assert found.forecast is not None
    assert found.features == ("b",)
    naive = next(each for each in found.forecast.baselines if each.name == "last_value")
    assert naive.error == pytest.approx(
        float(np.sqrt(np.mean((series[9:-3, 1] - series[12:, 1]) ** 2))), rel=1e-5
    )
    other = figures_of(
        "value", replace(goal, columns=("c",)), lessons, "test", prediction, key="value", input_key="series"
    )
    assert other.forecast is not None
    assert [each.name for each in other.forecast.baselines] == ["mean"]


def test_that_only_what_lies_ahead_can_be_a_last_value(series: np.ndarray) -> None:
    whole = lesson(series, 10, 1)
    lessons = Lessons(whole, test=whole)
    found = figures_of(
        "value",
        replace(GOAL, task="value"),
        lessons,
        "test",
        whole.targets["value"],
        key="value",
        input_key="series",
    )
    assert found.forecast is not None
    assert [each.name for each in found.forecast.baselines] == ["mean"]
    assert found.sentence == "Better than forecasting the mean by 100 %."
    assert not found.bad


def test_that_samples_of_a_series_are_told_from_samples_of_their_own(series: np.ndarray) -> None:
    for stride in (1, 4, 10, 15):
        assert stride_of(lesson(series, 10, 1, stride), "series") == stride
    alone = np.random.default_rng(1).normal(size=(20, 10, 2)).astype(np.float32)
    assert stride_of(Lesson({"series": alone}, {}, {}, np.arange(20)), "series") == 0
    assert stride_of(Lesson({"series": alone}, {}, {}, None), "series") == 0


@pytest.mark.parametrize("encoding", ["ids", "one_hot", "binary"])
def test_that_classes_are_read_in_every_form_of_targets(encoding: Any) -> None:
    random = np.random.default_rng(2)
    count = 2 if encoding == "binary" else 3
    actual = random.integers(0, count, 80)
    figures = random.normal(size=(80, count)) + 2 * np.eye(count)[actual]
    if encoding == "binary":
        chance = 1 / (1 + np.exp(figures[:, :1] - figures[:, 1:]))
        targets, prediction = actual[:, None].astype(np.float32), chance
    else:
        prediction = np.exp(figures) / np.exp(figures).sum(axis=1, keepdims=True)
        targets = actual.astype(np.int32) if encoding == "ids" else np.eye(count, dtype=np.float32)[actual]
    whole = Lesson({"series": random.normal(size=(80, 5, 1))}, {"kind": targets}, {}, np.arange(80))
    goal = replace(GOAL, task="class", encoding=encoding, classes=count, activation="softmax")
    lessons = Lessons(whole, test=whole, labels={"kind": tuple(range(10, 10 + count))})
    found = figures_of("kind", goal, lessons, "test", prediction, key="kind", input_key="series")
    assert found.classified is not None
    assert found.classified.accuracy == pytest.approx(np.mean(figures.argmax(axis=1) == actual))
    assert found.features == tuple(str(each) for each in range(10, 10 + count))
    logits = replace(
        goal, loss=Part("CategoricalCrossentropy", FrozenMap(from_logits=True)), activation="linear"
    )
    raw = figures[:, 1:] - figures[:, :1] if encoding == "binary" else figures
    again = figures_of("kind", logits, lessons, "test", raw, key="kind", input_key="series")
    assert again.classified is not None
    assert again.classified.accuracy == found.classified.accuracy
    assert again.classified.cross_entropy == pytest.approx(found.classified.cross_entropy, rel=1e-5)


@pytest.mark.parametrize("per_step", [True, False])
def test_that_tokens_stand_beside_their_usual_followers(per_step: bool) -> None:
    text = np.array([0, 1, 2] * 40 + [0])
    windows = np.stack([text[at : at + 6] for at in range(len(text) - 6)]).astype(np.int32)
    after = np.stack([text[at + 1 : at + 7] for at in range(len(text) - 6)]).astype(np.int32)
    targets = after if per_step else after[:, -1]
    whole = Lesson({"series": windows}, {"next": targets}, {}, np.arange(len(windows)))
    goal = replace(GOAL, task="next_token", encoding="ids", classes=3, per_step=per_step)
    prediction = np.full((*targets.shape, 3), 1 / 3, np.float32)
    found = figures_of(
        "next",
        goal,
        Lessons(whole, test=whole),
        "test",
        prediction,
        key="next",
        input_key="series",
        vocabulary=("a", " ", "b"),
    )
    assert found.classified is not None
    assert found.features == ("a", "␣", "b")
    assert found.classified.guesses[0].name == "follower"
    assert found.classified.guesses[0].accuracy == 1.0
    assert found.classified.cross_entropy == pytest.approx(np.log(3), rel=1e-5)
    assert found.bad


def test_that_a_part_without_targets_is_said(series: np.ndarray) -> None:
    whole = lesson(series, 10, 1)
    with pytest.raises(DataProblem, match="no targets in the validation part"):
        figures_of("value", GOAL, Lessons(whole), "validation", series, key="value", input_key="series")
