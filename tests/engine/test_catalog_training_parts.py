"""Optimizers, schedules, losses and metrics of the catalog against the installed Keras."""

import inspect
from typing import Any

import keras
import numpy as np
import pytest
from test_catalog_arguments import runs_of_words

from rnn_designer.catalog import REQUIRED, Choice, Flag, Integer, Integers, Number, Numbers, Part, PartType
from rnn_designer.catalog.figures import direction, figure_name
from rnn_designer.catalog.keras_arguments import keras_arguments
from rnn_designer.catalog.parts import part_type, parts
from rnn_designer.catalog.training_parts import LEFT_OUT, LEFT_OUT_ARGUMENTS

MODULES: dict[Any, Any] = {
    "optimizers": (keras.optimizers, keras.optimizers.Optimizer),
    "schedules": (keras.optimizers.schedules, keras.optimizers.schedules.LearningRateSchedule),
    "losses": (keras.losses, keras.losses.Loss),
    "metrics": (keras.metrics, keras.metrics.Metric),
}
EVERY = [part for namespace in MODULES for part in parts(namespace)]


def class_of(part: PartType) -> Any:
    found: Any = keras
    for name in part.constructor.split(".")[1:]:
        found = getattr(found, name)
    return found


def made(part: PartType, **arguments: Any) -> Any:
    given = {each.name: each.initial for each in part.parameters if each.default is REQUIRED}
    if part.namespace == "schedules" and part.kind != "PiecewiseConstantDecay":
        given["initial_learning_rate"] = 0.01
    return class_of(part)(**(given | arguments))


@pytest.mark.parametrize("namespace", MODULES)
def test_that_every_public_one_is_in_the_catalog_or_left_out_for_a_reason(namespace: Any) -> None:
    module, base = MODULES[namespace]
    public = {
        name
        for name in dir(module)
        if isinstance(value := getattr(module, name), type)
        and issubclass(value, base)
        and value is not base
        and value.__name__ == name
    }
    known = {part.kind for part in parts(namespace)}
    assert known | set(LEFT_OUT[namespace]) == public
    assert not known & set(LEFT_OUT[namespace])
    assert all(reason.endswith(".") for reason in LEFT_OUT[namespace].values())


@pytest.mark.parametrize("part", EVERY, ids=lambda part: f"{part.namespace}-{part.kind}")
def test_that_arguments_and_defaults_are_those_of_keras(part: PartType) -> None:
    theirs = dict(inspect.signature(class_of(part).__init__).parameters)
    ours = {each.name for each in part.parameters}
    named = {
        name
        for name, each in theirs.items()
        if name != "self" and each.kind is not inspect.Parameter.VAR_KEYWORD
    }
    assert ours <= named
    assert named == set(keras_arguments(part.kind, part.namespace))
    assert named - ours <= set(LEFT_OUT_ARGUMENTS[part.namespace])
    for parameter in part.parameters:
        default = theirs[parameter.name].default
        if parameter.default is REQUIRED:
            refused = default is None and part.kind in ("F1Score", "FBetaScore")
            assert default is inspect.Parameter.empty or refused
            assert parameter.type.accept(parameter.initial) == parameter.initial
        else:
            assert parameter.default == parameter.type.accept(default)


@pytest.mark.parametrize("part", EVERY, ids=lambda part: f"{part.namespace}-{part.kind}")
def test_that_keras_takes_every_default_and_another_value_for_every_argument(part: PartType) -> None:
    usual = {each.name: each.default for each in part.parameters if each.default is not REQUIRED}
    assert settings_of(made(part)) == settings_of(made(part, **usual))
    for parameter in part.parameters:
        for value in others(parameter.type, parameter.default):
            assert parameter.type.accept(value) == value
            config = made(part, **{parameter.name: value}).get_config()
            if parameter.name in config:
                kept = config[parameter.name]
                assert np.allclose(kept, value) if isinstance(value, float) else True, parameter.name


def settings_of(thing: Any) -> dict[str, Any]:
    return {name: value for name, value in thing.get_config().items() if name != "name"}


def others(kind: Any, default: Any) -> list[Any]:
    """One or more values besides the default."""
    match kind:
        case Number():
            low = -1.0 if kind.minimum is None else kind.minimum
            high = 0.5 if kind.maximum is None else min(kind.maximum, low + 0.5)
            return [low + (high - low) / 2]
        case Integer():
            return [max(kind.minimum or 0, 3)]
        case Flag():
            return [not default]
        case Choice():
            return [option for option in kind.options if option != default]
        case Integers() | Numbers():
            return []
    raise TypeError(kind)


@pytest.mark.parametrize("part", EVERY, ids=lambda part: f"{part.namespace}-{part.kind}")
def test_that_explanations_are_our_own(part: PartType) -> None:
    theirs = runs_of_words(class_of(part).__doc__ or "")
    assert part.formula
    for text in (part.explanation, *(each.explanation for each in part.parameters)):
        assert text.endswith((".", ")"))
        assert not runs_of_words(text) & theirs


@pytest.mark.parametrize("namespace", ["losses", "metrics"])
def test_that_strings_that_keras_takes_name_the_same_part(namespace: Any) -> None:
    module, base = MODULES[namespace]
    for part in parts(namespace):
        for alias in part.aliases:
            assert part_type(namespace, alias) is part
            try:
                found = module.get(alias)
            except (ValueError, TypeError):
                continue  # Keras has it in full only, or cannot make it without arguments.
            if isinstance(found, base):
                assert type(found) is class_of(part)
            elif namespace == "losses":
                assert found is made(part).fn


def model_and_batch(kind: str) -> tuple[Any, Any, Any]:
    """A model of two layers with an input, and targets that fit the kind of loss."""
    random = np.random.default_rng(0)
    inputs = random.normal(size=(6, 4)).astype("float32")
    model = keras.Sequential(
        [keras.Input((4,)), keras.layers.Dense(5), keras.layers.Dense(3, activation="softmax")]
    )
    ids = random.integers(0, 3, 6)
    sparse = kind.startswith("Sparse") or kind == "CategoricalGeneralizedCrossEntropy"
    targets = ids if sparse else np.eye(3, dtype="float32")[ids]
    return model, inputs, targets


@pytest.mark.parametrize("part", parts("optimizers"), ids=lambda part: part.kind)
def test_that_every_optimizer_trains(part: PartType) -> None:
    keras.utils.set_random_seed(1)
    model, inputs, targets = model_and_batch("")
    model.compile(optimizer=made(part, learning_rate=0.05, global_clipnorm=1.0), loss="mse")
    before = [np.array(weight) for weight in model.get_weights()]
    losses = [float(model.train_on_batch(inputs, targets)) for _step in range(3)]
    assert np.isfinite(losses).all()
    assert losses[-1] < losses[0]
    assert any(np.abs(now - then).max() > 0 for now, then in zip(model.get_weights(), before, strict=True))


@pytest.mark.parametrize("part", parts("schedules"), ids=lambda part: part.kind)
def test_that_every_schedule_lowers_the_learning_rate(part: PartType) -> None:
    schedule = made(part)
    first, later = float(schedule(0)), float(schedule(900 if part.kind.startswith("Cosine") else 5000))
    assert later < first


@pytest.mark.parametrize("part", parts("losses"), ids=lambda part: part.kind)
def test_that_every_loss_is_one_number_with_every_reduction(part: PartType) -> None:
    model, inputs, targets = model_and_batch(part.kind)
    outputs = model(inputs)
    for reduction in ("sum_over_batch_size", "mean_with_sample_weight", "sum"):
        loss = made(part, reduction=reduction)(targets, outputs, np.ones(6, "float32"))
        assert np.shape(loss) == ()
        assert np.isfinite(float(loss))


@pytest.mark.parametrize("part", parts("metrics"), ids=lambda part: part.kind)
def test_that_every_metric_is_one_number(part: PartType) -> None:
    model, inputs, targets = model_and_batch(part.kind)
    keras.utils.clear_session()
    metric = made(part)
    metric.update_state(targets, model(inputs), np.ones(6, "float32"))
    assert metric.name == figure_name(Part(part.kind))
    grows = "max" if getattr(metric, "_direction", None) == "up" else "min"
    assert direction(metric.name, [Part(part.kind)]) == grows
    assert direction(f"output_{metric.name}", [Part(part.kind)]) == grows
    assert np.shape(metric.result()) == ()
    assert np.isfinite(float(metric.result()))
