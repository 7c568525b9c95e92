"""Which task, loss and metrics fit an output, and why."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from rnn_designer.catalog import FrozenMap, Part
from rnn_designer.design import DataSource, Design, Layer, Link, check, edits
from rnn_designer.design.checking.graph import Graph
from rnn_designer.design.last_activation import last_activation
from rnn_designer.design.model import Goal, Training
from rnn_designer.design.tasks import CLASSES_OF, TASKS, FittedGoal, fitting, trained_outputs
from rnn_designer.sequences import GENERATORS

SPARSE = "SparseCategoricalCrossentropy"


def layer(name: str, kind: str, **params: Any) -> Layer:
    return Layer(name, kind, name, FrozenMap(params))


def row(*layers: Layer, data: DataSource | None = None) -> Design:
    links = tuple(Link(one.id, two.id) for one, two in pairwise(layers))
    sources = FrozenMap() if data is None else FrozenMap({layers[0].id: data})
    return Design("row", layers, links, sources)


def network(
    *,
    features: int = 1,
    steps: bool = False,
    units: int = 1,
    activation: str | None = None,
    data: DataSource | None = None,
) -> Design:
    given = {} if activation is None else {"activation": activation}
    return row(
        layer("in", "Input", shape=(None, features)),
        layer("mem", "LSTM", units=4, return_sequences=steps),
        layer("out", "Dense", units=units, **given),
        data=data,
    )


def texts(*, steps: bool = True, activation: str | None = "softmax") -> Design:
    given = {} if activation is None else {"activation": activation}
    return row(
        layer("in", "Input", shape=(None,), dtype="int32"),
        layer("words", "Embedding", input_dim=20, output_dim=3),
        layer("mem", "GRU", units=4, return_sequences=steps),
        layer("out", "Dense", units=20, **given),
    )


def fitted(design: Design, **goal: Any) -> FittedGoal:
    if goal:
        design = edits.set_goal("out", Goal(**goal))(design)
    return fitting(design, check(design))["out"]


def source(kind: str, **options: Any) -> DataSource:
    return DataSource(kind, FrozenMap(options))


@pytest.mark.parametrize(
    ("design", "goal", "task", "loss", "encoding", "sizes"),
    [
        (network(), {}, "horizon", "MeanSquaredError", "numbers", (1,)),
        (network(steps=True), {}, "next_step", "MeanSquaredError", "numbers", (None, 1)),
        (network(features=3, units=3), {}, "horizon", "MeanSquaredError", "numbers", (3,)),
        (network(features=3), {"columns": ("a",)}, "value", "MeanSquaredError", "numbers", (1,)),
        (texts(), {}, "next_token", SPARSE, "ids", (None,)),
        (texts(steps=False), {}, "next_token", SPARSE, "ids", ()),
        (network(units=3, activation="softmax"), {}, "class", SPARSE, "ids", ()),
        (network(units=3, activation="softmax", steps=True), {}, "classes", SPARSE, "ids", (None,)),
        (network(activation="sigmoid"), {"columns": ("y",)}, "class", "BinaryCrossentropy", "binary", (1,)),
        (network(units=4), {"columns": ("y",)}, "class", SPARSE, "ids", ()),
        (network(units=4, data=source("waves")), {}, "class", SPARSE, "ids", ()),
        (network(features=2, data=source("adding")), {}, "value", "MeanSquaredError", "numbers", (1,)),
        (
            network(features=2, steps=True, data=source("adding")),
            {},
            "values",
            "MeanSquaredError",
            "numbers",
            (None, 1),
        ),
        (
            network(steps=True, activation="sigmoid", data=source("parity")),
            {},
            "classes",
            "BinaryCrossentropy",
            "binary",
            (None, 1),
        ),
        (network(steps=True, units=10, data=source("copy")), {}, "classes", SPARSE, "ids", (None,)),
        (
            network(data=source("csv", columns=("a",))),
            {"columns": ("b",)},
            "value",
            "MeanSquaredError",
            "numbers",
            (1,),
        ),
        (
            network(data=source("csv", columns=("a",))),
            {"columns": ("a",)},
            "horizon",
            "MeanSquaredError",
            "numbers",
            (1,),
        ),
        (
            network(features=2, data=source("csv")),
            {"columns": ("a",)},
            "horizon",
            "MeanSquaredError",
            "numbers",
            (1,),
        ),
        (network(units=3), {"loss": Part(SPARSE)}, "class", SPARSE, "ids", ()),
        (
            network(units=3, activation="softmax"),
            {"loss": Part("CategoricalCrossentropy")},
            "class",
            "CategoricalCrossentropy",
            "one_hot",
            (3,),
        ),
        (
            network(units=3, activation="sigmoid"),
            {"task": "class"},
            "class",
            "BinaryCrossentropy",
            "one_hot",
            (3,),
        ),
    ],
)
def test_what_fits(
    design: Design, goal: dict[str, Any], task: str, loss: str, encoding: str, sizes: tuple[Any, ...]
) -> None:
    found = fitted(design, **goal)
    assert (found.task, found.loss.kind, found.encoding, found.sizes) == (task, loss, encoding, sizes)
    for why in (found.task_why, found.loss_why, found.metrics_why):
        assert why.endswith(".")
        assert len(why) > 20


@pytest.mark.parametrize(
    ("activation", "units", "logits", "metric"),
    [
        ("softmax", 3, False, Part("SparseCategoricalAccuracy")),
        (None, 3, True, Part("SparseCategoricalAccuracy")),
        ("sigmoid", 1, False, Part("BinaryAccuracy")),
        (None, 1, True, Part("BinaryAccuracy", FrozenMap(threshold=0.0))),
    ],
)
def test_that_scores_and_probabilities_are_told_apart(
    activation: str | None, units: int, logits: bool, metric: Part
) -> None:
    found = fitted(network(units=units, activation=activation), task="class", columns=("y",))
    assert found.loss.params.get("from_logits", False) is logits
    assert found.metrics == (metric,)
    assert found.classes == max(units, 2)
    assert ("score" in found.loss_why) is logits


def test_that_what_is_chosen_goes_before_what_fits() -> None:
    goal = Goal(task="horizon", horizon=6, loss=Part("Huber"), metrics=(), weight=3.0, balanced=True)
    design = edits.set_goal("out", goal)(network())
    found = fitting(design, check(design))["out"]
    assert (found.task, found.horizon, found.loss, found.metrics, found.weight) == (
        "horizon",
        6,
        Part("Huber"),
        (),
        3.0,
    )
    assert not found.balanced, "There are no classes to balance."
    assert found.loss_why == "It was chosen by hand."


def test_that_steps_without_a_target_do_not_count_for_the_loss() -> None:
    found = fitted(network(features=2, steps=True, data=source("adding")))
    assert found.loss.params == FrozenMap(reduction="mean_with_sample_weight")
    assert not fitted(network(steps=True)).loss.params


@pytest.mark.parametrize(
    ("design", "goal", "said"),
    [
        (network(features=3), {"task": "horizon"}, "The output has 1 number, a step of “in” 3."),
        (network(units=3, activation="softmax"), {}, "Choose the column with the classes."),
        (network(features=3), {}, "give it 3 units; else choose the columns with the targets."),
        (network(), {"task": "value"}, "Choose the columns with the targets."),
        (network(), {"task": "next_step"}, "Turn on return sequences of the last recurrent layer"),
        (network(steps=True), {"task": "horizon"}, "Turn off return sequences of the last recurrent layer"),
    ],
)
def test_that_what_is_missing_is_said(design: Design, goal: dict[str, Any], said: str) -> None:
    assert said in fitted(design, **goal).missing


def test_that_nothing_is_missing_where_the_data_has_the_targets() -> None:
    for design in (network(), texts(), network(units=4, data=source("waves"))):
        assert fitted(design).missing == ""


def test_that_states_and_what_cannot_run_are_not_trained() -> None:
    design = row(
        layer("in", "Input", shape=(None, 1)),
        layer("mem", "LSTM", units=1, return_state=True),
    )
    assert trained_outputs(design, check(design)) == (("mem", "output"),)
    loose = replace(
        design, layers=(*design.layers, layer("alone", "Dense", units=2), layer("cell", "LSTMCell", units=2))
    )
    assert trained_outputs(loose, check(loose)) == (("mem", "output"),)
    assert fitting(Design(), check(Design())) == {}


def test_that_each_output_has_a_goal_of_its_own() -> None:
    design = replace(
        network(),
        layers=(*network().layers, layer("kind", "Dense", units=3, activation="softmax")),
        links=(*network().links, Link("mem", "kind")),
        training=Training(),
    )
    found = fitting(design, check(design))
    assert {key: each.task for key, each in found.items()} == {"out": "horizon", "kind": "class"}


def test_that_the_targets_lie_in_the_input_that_has_their_size() -> None:
    design = Design(
        "two",
        (
            layer("first", "Input", shape=(None, 3)),
            layer("second", "Input", shape=(None, 2)),
            layer("join", "Concatenate"),
            layer("mem", "GRU", units=4),
            layer("out", "Dense", units=2),
        ),
        (Link("first", "join"), Link("second", "join"), Link("join", "mem"), Link("mem", "out")),
    )
    assert fitted(design).input == "second"


@pytest.mark.parametrize(
    ("layers", "said"),
    [
        ((layer("a", "Dense", units=2, activation="relu"), layer("b", "Dropout", rate=0.1)), "relu"),
        ((layer("a", "Dense", units=2), layer("b", "Softmax")), "softmax"),
        ((layer("a", "Dense", units=2), layer("b", "Activation", activation="log_softmax")), "log_softmax"),
        ((layer("a", "Dense", units=2, activation="hard_sigmoid"),), "sigmoid"),
        ((layer("a", "Dense", units=2, activation="relu"), layer("b", "LayerNormalization")), "linear"),
        ((layer("a", "GRU", units=2),), "tanh"),
        (
            (
                Layer(
                    "a",
                    "TimeDistributed",
                    "a",
                    children=(layer("inner", "Dense", units=2, activation="softmax"),),
                ),
            ),
            "softmax",
        ),
    ],
)
def test_which_activation_an_output_went_through_last(layers: tuple[Layer, ...], said: str) -> None:
    design = row(layer("in", "Input", shape=(None, 2)), *layers)
    assert last_activation(Graph(design), layers[-1].id) == said


def test_that_tasks_and_generators_are_known_by_their_names() -> None:
    assert set(CLASSES_OF) <= set(GENERATORS)
    for name, task in TASKS.items():
        assert task.name == name
        assert task.explanation.endswith(".")
        assert task.formula.startswith("y")
