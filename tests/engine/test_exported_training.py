"""The exported ``compile_model()`` under Keras: what was chosen is what trains."""

from dataclasses import replace
from typing import Any

import keras
import numpy as np
import pytest

from rnn_designer.catalog import FrozenMap, Part
from rnn_designer.catalog.parts import parts
from rnn_designer.codegen import formatted, generate, runnable_part
from rnn_designer.design import DataSource, Design, Layer, Link, check, edits
from rnn_designer.design.fitted_loss import OF_CLASSES
from rnn_designer.design.model import Goal
from rnn_designer.design.tasks import FittedGoal, fitting


def network(units: int = 1, activation: str | None = None, steps: bool = False) -> Design:
    given = {} if activation is None else {"activation": activation}
    return Design(
        "net",
        (
            Layer("in", "Input", "series", FrozenMap(shape=(None, 2))),
            Layer("mem", "SimpleRNN", "memory", FrozenMap(units=3, return_sequences=steps)),
            Layer("out", "Dense", "answer", FrozenMap(units=units, **given)),
        ),
        (Link("in", "mem"), Link("mem", "out")),
    )


def compiled(design: Design) -> tuple[Any, dict[str, FittedGoal]]:
    part = runnable_part(check(design))
    assert part is not None
    goals = fitting(part.design, part)
    keras.utils.clear_session()
    namespace: dict[str, Any] = {"__name__": "exported"}
    exec(compile(formatted(generate(part, training=goals)).text, "exported.py", "exec"), namespace)
    model = namespace["build_model"]()
    namespace["compile_model"](model)
    return model, goals


def targets_for(goal: FittedGoal, samples: int, steps: int) -> Any:
    random = np.random.default_rng(3)
    sizes = tuple(steps if size is None else size for size in goal.sizes)
    if goal.encoding == "ids":
        return random.integers(0, goal.classes or 2, (samples, *sizes))
    if goal.encoding == "one_hot":
        return np.eye(sizes[-1], dtype="float32")[random.integers(0, sizes[-1], (samples, *sizes[:-1]))]
    if goal.encoding == "binary":
        return random.integers(0, 2, (samples, *sizes)).astype("float32")
    return random.uniform(0.1, 1.0, (samples, *sizes)).astype("float32")


def trained(design: Design) -> dict[str, float]:
    model, goals = compiled(design)
    model.run_eagerly = True  # A single step is not worth compiling.
    inputs = np.random.default_rng(2).normal(size=(6, 5, 2)).astype("float32")
    given = [targets_for(goal, 6, 5) for goal in goals.values()]
    logs = model.train_on_batch(inputs, given[0] if len(given) == 1 else given, return_dict=True)
    return {name: float(value) for name, value in logs.items()}


@pytest.mark.parametrize(
    ("design", "goal"),
    [
        (network(), {}),
        (network(units=2, steps=True), {}),
        (network(activation="sigmoid"), {"task": "class"}),
        (network(), {"task": "class"}),
        (network(units=3, activation="softmax"), {}),
        (network(units=3), {"task": "class"}),
        (network(units=3, activation="softmax", steps=True), {}),
        (network(units=3, activation="sigmoid"), {"task": "class"}),
        (network(units=3, activation="tanh", steps=True), {"task": "classes"}),
    ],
)
def test_that_what_fits_can_be_trained(design: Design, goal: dict[str, Any]) -> None:
    logs = trained(edits.set_goal("out", Goal(**goal))(design))
    assert np.isfinite(list(logs.values())).all()
    assert len(logs) == 2


@pytest.mark.parametrize("loss", [part.kind for part in parts("losses")])
def test_that_every_loss_trains_on_the_targets_that_its_task_gives_it(loss: str) -> None:
    task = "class" if loss in OF_CLASSES else "value"
    design = edits.set_goal("out", Goal(task=task, loss=Part(loss), metrics=()))(network(3, "softmax"))
    assert np.isfinite(list(trained(design).values())).all()


def test_that_optimizer_schedule_and_clipping_are_as_chosen() -> None:
    design = edits.change_training(
        optimizer=Part("SGD", FrozenMap(learning_rate=0.5, momentum=0.9, nesterov=True)),
        schedule=Part("ExponentialDecay", FrozenMap(decay_steps=1, decay_rate=0.5)),
        clipping="global_norm",
        clip_at=0.25,
    )(network())
    model, _goals = compiled(design)
    optimizer = model.optimizer
    assert type(optimizer) is keras.optimizers.SGD
    assert (optimizer.momentum, optimizer.nesterov, optimizer.global_clipnorm) == (0.9, True, 0.25)
    assert [float(optimizer._learning_rate(step)) for step in (0, 1, 2)] == [0.5, 0.25, 0.125]


def test_that_each_of_several_outputs_has_its_own_loss_and_weight() -> None:
    kind = Layer("kind", "Dense", "kind", FrozenMap(units=3, activation="softmax"))
    design = network()
    design = replace(design, layers=(*design.layers, kind), links=(*design.links, Link("mem", "kind")))
    design = edits.change_goal("kind", weight=0.25)(edits.change_goal("out", columns=("y",))(design))
    logs = trained(design)
    assert {"answer_loss", "kind_loss", "answer_mean_absolute_error"} <= set(logs)
    assert logs["loss"] == pytest.approx(logs["answer_loss"] + 0.25 * logs["kind_loss"], rel=1e-5)


def test_that_only_steps_with_a_target_count_in_every_figure() -> None:
    design = replace(network(steps=True), data=FrozenMap({"in": DataSource("adding")}))
    model, goals = compiled(design)
    inputs = np.random.default_rng(2).normal(size=(4, 5, 2)).astype("float32")
    targets = np.zeros((4, 5, 1), "float32")
    weights = np.zeros((4, 5), "float32")
    targets[:, -1], weights[:, -1] = 1.0, 1.0
    outputs = np.asarray(model(inputs))
    logs = model.test_on_batch(inputs, targets, sample_weight=weights, return_dict=True)
    last = outputs[:, -1, 0] - 1.0
    assert goals["out"].task == "values"
    assert float(logs["loss"]) == pytest.approx((last**2).mean(), rel=1e-5)
    assert float(logs["mean_absolute_error"]) == pytest.approx(abs(last).mean(), rel=1e-5)
