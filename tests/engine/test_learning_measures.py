"""Losses, metrics and predictions are those that Keras' ``evaluate`` and ``predict`` give."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy
import pytest
from lessons_kept import SAMPLES, STEPS, Taught, assert_same, course, fitted, numbers, planned, series, taught

from rnn_designer.catalog.parts import parts
from rnn_designer.messages import Evaluate, Evaluated

# By the targets that they take; the arguments are those that have to be given.
REGRESSION = {
    "MeanSquaredError": "",
    "RootMeanSquaredError": "",
    "MeanAbsoluteError": "",
    "MeanAbsolutePercentageError": "",
    "MeanSquaredLogarithmicError": "",
    "LogCoshError": "",
    "CosineSimilarity": "",
    "R2Score": "",
    "Poisson": "",
    "PearsonCorrelation": "",
    "ConcordanceCorrelation": "",
}
BINARY = {
    "BinaryAccuracy": "",
    "BinaryCrossentropy": "",
    "AUC": "",
    "Precision": "",
    "Recall": "",
    "F1Score": "average='macro', threshold=0.5",
    "FBetaScore": "average='micro', beta=2.0, threshold=0.5",
    "TruePositives": "",
    "FalsePositives": "",
    "TrueNegatives": "",
    "FalseNegatives": "",
    "Hinge": "",
    "SquaredHinge": "",
    "PrecisionAtRecall": "recall=0.5",
    "RecallAtPrecision": "precision=0.5",
    "SensitivityAtSpecificity": "specificity=0.5",
    "SpecificityAtSensitivity": "sensitivity=0.5",
}
CLASSES = {
    "CategoricalAccuracy": "",
    "TopKCategoricalAccuracy": "k=2",
    "CategoricalCrossentropy": "",
    "KLDivergence": "",
    "CategoricalHinge": "",
    "F1Score": "average='macro'",
}
NUMBERED = {
    "SparseCategoricalAccuracy": "",
    "SparseTopKCategoricalAccuracy": "k=2",
    "SparseCategoricalCrossentropy": "",
}
KINDS = {"regression": REGRESSION, "binary": BINARY, "classes": CLASSES, "numbered": NUMBERED}


def test_that_no_metric_of_the_catalog_is_left_out_here() -> None:
    assert {part.kind for part in parts("metrics")} == {name for names in KINDS.values() for name in names}


def lesson(kind: str, names: Mapping[str, str]) -> Taught:
    """A model with one output for that kind of targets, and these metrics."""
    draws = numpy.random.default_rng(6)
    classes = draws.integers(0, 3, SAMPLES).astype("int32")
    units, activation, loss, target = {
        "regression": (1, None, "mean_squared_error", numbers(SAMPLES, 1)),
        "binary": (1, "sigmoid", "binary_crossentropy", (classes[:, None] > 1).astype("float32")),
        "classes": (3, "softmax", "categorical_crossentropy", numpy.eye(3, dtype="float32")[classes]),
        "numbered": (3, "softmax", "sparse_categorical_crossentropy", classes),
    }[kind]
    build = [
        "series = keras.Input((None, 3), name='series')",
        "x = layers.GRU(3, name='memory')(series)",
        f"return keras.Model(series, layers.Dense({units}, activation={activation!r}, name='dense')(x))",
    ]
    plan = (planned("series", "Input"), planned("memory", "GRU"), planned("dense", "Dense"))
    made = ", ".join(f"keras.metrics.{name}({arguments})" for name, arguments in names.items())
    name = "SparseCategoricalAccuracy" if kind == "numbered" else "MeanSquaredError"
    weighted = f"keras.metrics.{name}(name='weighted')"
    compiled = f"optimizer='adam', loss={loss!r}, metrics=[{made}], weighted_metrics=[{weighted}]"
    return taught(build, compiled, plan, {"series": series()}, {"dense": target})


def evaluated(request: Evaluate) -> Evaluated:
    from rnn_designer.engine.learning import evaluate

    return evaluate(request, lambda: None, lambda _message: None)


def asked(lesson: Taught, **changes: Any) -> Evaluate:
    fields: dict[str, Any] = {"inputs": lesson.inputs, "targets": lesson.targets, "batch_size": 4, **changes}
    weights = fields.pop("weights", {})
    return Evaluate(1, lesson.source, lesson.layers, {}, 3, weights, **fields)


@pytest.mark.parametrize("kind", KINDS)
def test_that_every_metric_of_an_epoch_is_what_keras_evaluates(kind: str) -> None:
    from rnn_designer.engine.build import BuiltModel

    names = KINDS[kind]
    given = lesson(kind, names)
    weights = numpy.abs(numbers(SAMPLES, seed=9))
    validation = {
        "validation_inputs": given.inputs,
        "validation_targets": given.targets,
        "validation_weights": {"dense": weights},
    }
    epochs = course(given.request(**validation)).epochs
    built = BuiltModel(given.source, given.layers)
    built.functions["compile_model"](built.model)
    (target,) = given.targets.values()
    for epoch in epochs:
        built.fill(epoch.weights, 0, lambda: None)
        logs = built.model.evaluate(
            given.inputs["series"], target, sample_weight=weights, batch_size=4, verbose=0, return_dict=True
        )
        assert len(logs) == len(names) + 2
        told = {name.removeprefix("val_"): value for name, value in epoch.logs.items() if "val_" in name}
        assert told == {name: float(value) for name, value in logs.items() if numpy.isfinite(value)}
    by_request = evaluated(asked(given, weights=epochs[-1].weights, sample_weights={"dense": weights}))
    assert by_request.logs == told
    predicted = built.model.predict(given.inputs["series"], batch_size=4, verbose=0)
    numpy.testing.assert_array_equal(by_request.predictions["dense"], predicted)


def test_that_metrics_of_several_numbers_are_told_one_by_one() -> None:
    given = lesson("classes", {})
    source = given.source.replace("metrics=[]", "metrics=[keras.metrics.F1Score(name='f')]")
    found = evaluated(Evaluate(1, source, given.layers, {}, 3, {}, given.inputs, given.targets))
    assert {"f_0", "f_1", "f_2"} <= set(found.logs)


def test_that_predictions_are_by_output_and_leave_states_out() -> None:
    build = [
        "series = keras.Input((None, 3), name='series')",
        "output, h = layers.GRU(3, return_state=True, return_sequences=True, name='memory')(series)",
        "return keras.Model(series, [layers.Dense(1, dtype='float16', name='dense')(h), output, h])",
    ]
    plan = (planned("series", "Input"), planned("memory", "GRU"), planned("dense", "Dense"))
    compiled = "optimizer='adam', loss=['mean_squared_error', None, None]"
    given = taught(build, compiled, plan, {"series": series()}, {"dense": numbers(SAMPLES, 1)})
    found = evaluated(asked(given))
    assert {name: array.shape for name, array in found.predictions.items()} == {
        "dense": (SAMPLES, 1),
        "memory": (SAMPLES, STEPS, 3),
    }
    assert found.predictions["dense"].dtype == "float32"
    assert set(found.logs) == {"loss"}


def test_that_every_loss_of_the_catalog_is_trained_by_as_in_fit() -> None:
    classes = numpy.random.default_rng(6).integers(0, 3, SAMPLES).astype("int32")
    several = numpy.eye(3, dtype="float32")[classes]
    decided = (classes[:, None] > 1).astype("float32")
    # What losses say of their targets; those of numbers take any that are positive.
    taken: dict[str, tuple[int, str, Any]] = {}
    for loss in (part.kind for part in parts("losses")):
        if loss in ("SparseCategoricalCrossentropy", "CategoricalGeneralizedCrossEntropy"):
            taken[loss] = (3, "softmax", classes)
        elif "Categorical" in loss or loss in ("KLDivergence", "Dice", "Tversky"):
            taken[loss] = (3, "softmax", several)
        elif "Binary" in loss or "Hinge" in loss:
            taken[loss] = (1, "sigmoid", decided)
        else:
            taken[loss] = (2, "softplus", numpy.abs(numbers(SAMPLES, 2)))
    outputs = {loss: f"to_{loss.lower()}" for loss in taken}
    made = [
        f"layers.Dense({units}, activation={activation!r}, name={outputs[loss]!r})(x)"
        for loss, (units, activation, _) in taken.items()
    ]
    build = [
        "series = keras.Input((None, 3), name='series')",
        "x = layers.SimpleRNN(3, name='memory')(series)",
        f"return keras.Model(series, [{', '.join(made)}])",
    ]
    plan = (
        planned("series", "Input"),
        planned("memory", "SimpleRNN"),
        *(planned(name, "Dense") for name in outputs.values()),
    )
    losses = ", ".join(f"{outputs[loss]!r}: keras.losses.{loss}({_given(loss)})" for loss in taken)
    compiled = f"optimizer='adam', loss={{{losses}}}"
    targets = {outputs[loss]: target for loss, (_, _, target) in taken.items()}
    request = taught(build, compiled, plan, {"series": series()}, targets).request()
    ours = course(request)
    assert len(ours.epochs[-1].logs) == len(taken) + 1
    assert_same(ours, fitted(request))


def _given(loss: str) -> str:
    return "ignore_class=1" if loss == "SparseCategoricalCrossentropy" else ""
