"""How a design is trained: an edit of the design, which its file keeps and its history tells in words."""

from dataclasses import replace
from typing import Any

import pytest

from rnn_designer.catalog import FrozenMap, Part
from rnn_designer.design import DataSource, Design, Layer, Link, Refused, edits, files
from rnn_designer.design.differences import differences
from rnn_designer.design.edits.training import training_fault
from rnn_designer.design.files import FileProblem
from rnn_designer.design.model import Goal, Training
from rnn_designer.design.training_settings import GOAL_SETTINGS, TRAINING_SETTINGS

FULL = Training(
    goals=FrozenMap(
        out=Goal(
            task="horizon",
            columns=("price", "volume"),
            source=DataSource("csv", FrozenMap(path="targets.csv"), time_steps=20),
            horizon=3,
            loss=Part("Huber", FrozenMap(delta=0.5)),
            metrics=(Part("MeanAbsoluteError"), Part("R2Score")),
            weight=0.5,
            balanced=True,
            extra=FrozenMap(later=(1, 2)),
        )
    ),
    optimizer=Part("RMSprop", FrozenMap(learning_rate=0.01, centered=True)),
    schedule=Part("PiecewiseConstantDecay", FrozenMap(boundaries=(10, 20), values=(0.1, 0.01, 0.001))),
    clipping="global_norm",
    clip_at=0.5,
    batch_size=16,
    epochs=7,
    stride=2,
    samples=99,
    validation=0.3,
    test=0.0,
    shuffle=False,
    patience=4,
    monitor="loss",
    least_progress=0.001,
    seed=5,
    runs="a-folder_1",
    extra=FrozenMap(later="kept"),
)


def chain() -> Design:
    return Design(
        "chain",
        (
            Layer("in", "Input", "series", FrozenMap(shape=(None, 1))),
            Layer("mem", "LSTM", "memory", FrozenMap(units=4)),
            Layer("out", "Dense", "forecast", FrozenMap(units=1)),
        ),
        (Link("in", "mem"), Link("mem", "out")),
    )


def test_that_training_is_an_edit_of_the_design_that_its_file_keeps() -> None:
    changed = edits.set_training(FULL)(chain())
    assert changed.training == FULL
    assert files.from_text(files.to_text(changed)) == changed
    assert edits.set_training(None)(changed) == chain()
    assert '"training"' not in files.to_text(chain())


def test_that_the_usual_training_goes_through_a_file() -> None:
    changed = edits.set_training(Training())(chain())
    assert files.from_text(files.to_text(changed)).training == Training()


def test_that_every_setting_of_a_training_has_its_default_and_an_explanation() -> None:
    for settings, form in ((TRAINING_SETTINGS, Training()), (GOAL_SETTINGS, Goal())):
        for setting in settings:
            default = getattr(form, setting.name)
            assert setting.explanation.endswith(".")
            if setting.name != "optimizer":
                assert setting.default == default
            assert setting.type.accept(default) == default
    elsewhere = {"goals", "runs", "extra"}
    assert {each.name for each in TRAINING_SETTINGS} | elsewhere == set(Training.__dataclass_fields__)


BAD: tuple[tuple[dict[str, Any], str], ...] = (
    ({"epochs": 0}, "“epochs” of the training: Expected a whole number from 1"),
    ({"batch_size": 2.5}, "“batch size” of the training: Expected"),
    ({"clipping": "hard"}, "“clipping” of the training: Expected one of none, norm, global_norm, value"),
    ({"clip_at": 0.0}, "“clip at” of the training: Expected"),
    ({"shuffle": 1}, "“shuffle” of the training: Expected yes or no"),
    ({"patience": 0}, "“patience” of the training"),
    ({"monitor": ""}, "“monitor” of the training"),
    ({"validation": float("nan")}, "“validation” of the training"),
    ({"validation": 0.6, "test": 0.4}, "leave something to learn from, got 0.6 and 0.4"),
    ({"seed": -1}, "“seed” of the training"),
    ({"runs": "../up"}, "“runs” of the training"),
    ({"optimizer": Part("Gradient")}, "Expected one of Adam, AdamW"),
    ({"optimizer": Part("Adam", FrozenMap(clipnorm=1.0))}, "Adam takes no argument “clipnorm”"),
    ({"optimizer": None}, "“optimizer” of the training"),
    ({"schedule": Part("CosineDecay", FrozenMap(decay_steps=0))}, "“schedule” of the training"),
    (
        {"schedule": Part("PiecewiseConstantDecay", FrozenMap(boundaries=(5,), values=(0.1,)))},
        "1 boundaries make 2 pieces, got 1 values",
    ),
    (
        {"schedule": Part("PiecewiseConstantDecay", FrozenMap(boundaries=(5, 5), values=(0.3, 0.2, 0.1)))},
        "rising order",
    ),
)


@pytest.mark.parametrize(("fields", "said"), BAD)
def test_that_impossible_settings_are_refused_with_a_sentence(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused) as refusal:
        edits.change_training(**fields)(chain())
    assert said in str(refusal.value)
    assert training_fault(replace(Training(), **fields)) == str(refusal.value)


BAD_GOALS: tuple[tuple[dict[str, Any], str], ...] = (
    ({"task": "guess"}, "“task” of a goal: Expected one of auto, next_step"),
    ({"horizon": 0}, "“horizon” of a goal"),
    ({"loss": Part("Adam")}, "“loss” of a goal: Expected one of MeanSquaredError"),
    ({"metrics": (Part("Mean"),)}, "“metrics” of a goal: Expected one of MeanAbsoluteError"),
    ({"columns": ("a", "a")}, "each column once"),
    ({"columns": ("",)}, "“columns” of a goal"),
    ({"weight": -1.0}, "“weight” of a goal"),
    ({"balanced": None}, "“balanced” of a goal"),
    ({"source": DataSource("sine", time_steps=0)}, "The targets of a goal: “time steps”"),
)


@pytest.mark.parametrize(("fields", "said"), BAD_GOALS)
def test_that_impossible_goals_are_refused_with_a_sentence(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(Refused) as refusal:
        edits.change_goal("out", **fields)(chain())
    assert said in str(refusal.value)


def test_that_a_goal_is_for_a_layer_on_the_canvas() -> None:
    with pytest.raises(Refused, match="not on the canvas any more"):
        edits.change_goal("gone", weight=2.0)(chain())


def test_that_parts_are_held_without_what_is_the_default_and_with_what_is_needed() -> None:
    design = edits.change_training(
        optimizer=Part("sgd", FrozenMap(learning_rate=0.01, momentum=0.5)), schedule=Part("ExponentialDecay")
    )(chain())
    assert design.training is not None
    assert design.training.optimizer == Part("SGD", FrozenMap(momentum=0.5))
    assert design.training.schedule == Part("ExponentialDecay", FrozenMap(decay_steps=1000, decay_rate=0.96))


def test_that_the_goal_goes_with_its_layer() -> None:
    design = edits.change_goal("out", weight=2.0)(chain())
    removed = edits.remove(["out"])(design)
    assert removed.training is not None
    assert not removed.training.goals
    wrapped = edits.wrap("out", "TimeDistributed")(design)
    assert wrapped.training is not None
    (holder,) = wrapped.training.goals
    assert wrapped.layer(holder).kind == "TimeDistributed"
    assert files.from_text(files.to_text(wrapped)) == wrapped
    back = edits.unwrap(holder)(wrapped)
    assert back.training is not None
    assert tuple(back.training.goals) == ("out",)
    assert edits.set_goal("out", None)(design).training == Training()


BROKEN: tuple[tuple[str, str, str], ...] = (
    ('"epochs": 50', '"epochs": 50.5', "training.epochs: expected a whole number, got 50.5"),
    ('"epochs": 50', '"epochs": -1', "training: “epochs” of the training: Expected"),
    ('"part": "Adam"', '"part": "Ada"', "training: “optimizer” of the training: Expected one of Adam"),
    ('"goals": {}', '"goals": {"gone": {}}', "training.goals.gone: There is no layer on the canvas"),
    ('"goals": {}', '"goals": {"out": {"task": "x"}}', "training.goals.out: “task” of a goal"),
    ('"goals": {}', '"goals": {"out": {"loss": {"l": 1}}}', "training.goals.out.loss: Expected an object"),
    (
        '"goals": {}',
        '"goals": {"out": {"source": {"kind": "sine", "stride": 0}}}',
        "training.goals.out.source: “stride”",
    ),
)


@pytest.mark.parametrize(("there", "instead", "said"), BROKEN)
def test_that_a_file_with_an_impossible_training_names_the_place(there: str, instead: str, said: str) -> None:
    text = files.to_text(edits.set_training(Training())(chain()))
    assert there in text
    with pytest.raises(FileProblem) as problem:
        files.from_text(text.replace(there, instead))
    assert any(each.startswith(said) for each in problem.value.problems), problem.value.problems


def test_what_is_said_of_changes() -> None:
    before = edits.set_training(Training())(chain())
    assert differences(chain(), before) == ("training: settings added",)
    assert differences(before, chain()) == ("training: settings removed",)
    after = edits.change_training(epochs=9, optimizer=Part("Adam", FrozenMap(learning_rate=0.01)))(before)
    assert differences(before, after) == (
        "training: optimizer Adam → Adam(learning_rate=0.01)",
        "training: epochs 50 → 9",
    )
    goal = edits.change_goal("out", loss=Part("Huber"), columns=("a", "b"), metrics=())(before)
    assert differences(before, goal) == (
        "forecast: target columns those of the Input → a, b",
        "forecast: loss what fits → Huber",
        "forecast: metrics what fits → none",
    )
    source = edits.change_goal("out", source=DataSource("csv"))(before)
    assert differences(before, source) == ("forecast (targets): samples from csv",)
