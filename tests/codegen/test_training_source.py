"""The exported ``compile_model()``: what it looks like, and that it says no more than it has to."""

import ast
from dataclasses import replace
from typing import Any

import pytest

from rnn_designer.catalog import FrozenMap, Part
from rnn_designer.codegen import NotExportable, formatted, generate, runnable_part
from rnn_designer.codegen.training import CLIPPING
from rnn_designer.design import Design, Layer, Link, check, edits
from rnn_designer.design.model import Goal
from rnn_designer.design.tasks import fitting


def chain() -> Design:
    return Design(
        "forecaster",
        (
            Layer("in", "Input", "series", FrozenMap(shape=(None, 1))),
            Layer("mem", "LSTM", "memory", FrozenMap(units=4)),
            Layer("out", "Dense", "forecast", FrozenMap(units=1)),
        ),
        (Link("in", "mem"), Link("mem", "out")),
    )


def two_outputs() -> Design:
    kind = Layer("kind", "Dense", "kind", FrozenMap(units=3, activation="softmax"))
    return replace(chain(), layers=(*chain().layers, kind), links=(*chain().links, Link("mem", "kind")))


def source_of(design: Design) -> str:
    part = runnable_part(check(design))
    assert part is not None
    return formatted(generate(part, training=fitting(part.design, part))).text


def compiled(design: Design) -> dict[str, str]:
    """The arguments of ``model.compile`` as text."""
    tree = ast.parse(source_of(design))
    made = next(
        each for each in tree.body if isinstance(each, ast.FunctionDef) and each.name == "compile_model"
    )
    (call,) = [
        each.value for each in made.body if isinstance(each, ast.Expr) and isinstance(each.value, ast.Call)
    ]
    assert ast.unparse(call.func) == "model.compile"
    return {str(each.arg): ast.unparse(each.value) for each in call.keywords}


def test_that_what_nobody_set_is_what_fits() -> None:
    assert compiled(chain()) == {
        "optimizer": "keras.optimizers.Adam(learning_rate=0.001)",
        "loss": "keras.losses.MeanSquaredError()",
        "weighted_metrics": "[keras.metrics.MeanAbsoluteError()]",
    }


def test_that_a_program_speaks_of_training_only_where_it_is_asked_to() -> None:
    part = runnable_part(check(edits.change_training(epochs=3)(chain())))
    assert part is not None
    assert "compile" not in generate(part).text


def test_that_several_outputs_are_told_apart_by_name() -> None:
    design = edits.change_goal("kind", weight=0.5)(two_outputs())
    assert compiled(design) == {
        "optimizer": "keras.optimizers.Adam(learning_rate=0.001)",
        "loss": "{'forecast': keras.losses.MeanSquaredError(), "
        "'kind': keras.losses.SparseCategoricalCrossentropy()}",
        "loss_weights": "{'forecast': 1.0, 'kind': 0.5}",
        "weighted_metrics": "{'forecast': [keras.metrics.MeanAbsoluteError()], "
        "'kind': [keras.metrics.SparseCategoricalAccuracy()]}",
    }


def test_that_outputs_that_are_not_trained_have_no_loss() -> None:
    design = edits.remove(["out"])(chain())
    design = edits.set_parameter("mem", "return_state", True)(design)
    found = compiled(design)
    assert found["loss"] == "[keras.losses.MeanSquaredError(), None, None]"
    assert found["weighted_metrics"] == "[[keras.metrics.MeanAbsoluteError()], None, None]"


@pytest.mark.parametrize(
    ("fields", "optimizer"),
    [
        ({"optimizer": Part("SGD")}, "SGD(learning_rate=0.01)"),
        (
            {"optimizer": Part("RMSprop", FrozenMap(learning_rate=0.02, centered=True))},
            "RMSprop(learning_rate=0.02, centered=True)",
        ),
        ({"clipping": "norm", "clip_at": 2.0}, "Adam(learning_rate=0.001, clipnorm=2.0)"),
        ({"clipping": "global_norm"}, "Adam(learning_rate=0.001, global_clipnorm=1.0)"),
        ({"clipping": "value", "clip_at": 0.5}, "Adam(learning_rate=0.001, clipvalue=0.5)"),
        (
            {
                "optimizer": Part("Adam", FrozenMap(learning_rate=0.01)),
                "schedule": Part(
                    "ExponentialDecay", FrozenMap(decay_steps=10, decay_rate=0.5, staircase=True)
                ),
            },
            "Adam(learning_rate=keras.optimizers.schedules.ExponentialDecay(initial_learning_rate=0.01, "
            "decay_steps=10, decay_rate=0.5, staircase=True))",
        ),
        (
            {
                "schedule": Part(
                    "PiecewiseConstantDecay", FrozenMap(boundaries=(5, 9), values=(0.1, 0.02, 0.003))
                )
            },
            "Adam(learning_rate=keras.optimizers.schedules.PiecewiseConstantDecay(boundaries=[5, 9], "
            "values=[0.1, 0.02, 0.003]))",
        ),
    ],
)
def test_that_the_optimizer_is_written_as_it_is_usually_written(
    fields: dict[str, Any], optimizer: str
) -> None:
    found = compiled(edits.change_training(**fields)(chain()))
    assert found["optimizer"] == f"keras.optimizers.{optimizer}"


def test_that_chosen_losses_and_metrics_are_used_and_no_metrics_leave_none() -> None:
    goal = Goal(loss=Part("Huber", FrozenMap(delta=0.3)), metrics=(), weight=2.0)
    found = compiled(edits.set_goal("out", goal)(chain()))
    assert found["loss"] == "keras.losses.Huber(delta=0.3)"
    assert found["loss_weights"] == "[2.0]"
    assert "weighted_metrics" not in found
    assert "metrics" not in found


def test_that_every_way_of_clipping_has_an_argument() -> None:
    from rnn_designer.design.training_settings import CLIPPINGS

    assert {"none", *CLIPPING} == set(CLIPPINGS)


def test_that_a_model_without_anything_to_train_is_refused() -> None:
    part = runnable_part(check(chain()))
    assert part is not None
    with pytest.raises(NotExportable, match="no output to train"):
        generate(part, training={})
