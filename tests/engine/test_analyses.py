"""What is found out about a traced model, against an independent computation."""

from __future__ import annotations

from typing import Any

import numpy
import pytest
from standing_models import Stand, planned, program

from rnn_designer.engine.analyses import Subject, analyse
from rnn_designer.engine.failures import Refused
from rnn_designer.messages import Analyse, PlannedLayer, Trace


def subject(stand: Stand, source: str, plan: tuple[PlannedLayer, ...], values: Any) -> Subject:
    standing = stand(source, plan)
    inputs = {"series": values}
    arrays = standing.tracer.run(inputs)
    return Subject(standing.built, inputs, Trace(1, arrays, standing.tracer.layers, 0.0), lambda: None)


def model(expression: str) -> str:
    return program(
        [
            "series = keras.Input((None, 3), name='series')",
            f"return keras.Model(series, {expression}(series))",
        ]
    )


@pytest.mark.parametrize(("kind", "gates"), [("SimpleRNN", 1), ("LSTM", 4), ("GRU", 3)])
def test_that_radius_and_norms_are_those_of_each_gates_square_matrix(
    stand: Stand, series: Any, kind: str, gates: int
) -> None:
    plan = (planned("series", "Input"), planned("memory", kind))
    looked = subject(stand, model(f"layers.{kind}(5, name='memory')"), plan, series)
    arrays, _ = analyse(looked, Analyse(1, "recurrent_weights", "#memory"))
    kernel = looked.built.weights()["#memory/recurrent_kernel"].astype("float64")
    assert arrays["eigenvalues"].shape == (gates, 5, 2)
    for gate in range(gates):
        part = kernel[:, 5 * gate : 5 * gate + 5]
        assert arrays["norm"][gate] == pytest.approx(
            numpy.sqrt(numpy.linalg.eigvalsh(part.T @ part).max()), rel=1e-5
        )
        assert arrays["frobenius"][gate] == pytest.approx(numpy.sqrt((part**2).sum()), rel=1e-5)
        pairs = arrays["eigenvalues"][gate]
        product = numpy.prod(pairs[:, 0] + 1j * pairs[:, 1])
        assert product == pytest.approx(numpy.linalg.det(part), abs=1e-5)
        assert (pairs[:, 0].sum(), pairs[:, 1].sum()) == pytest.approx((numpy.trace(part), 0.0), abs=1e-5)
        assert arrays["radius"][gate] == pytest.approx(numpy.hypot(*pairs[0]), rel=1e-5)


def test_that_a_layer_without_a_square_kernel_is_refused_in_a_sentence(stand: Stand, series: Any) -> None:
    plan = (planned("series", "Input"), planned("out", "Dense"))
    looked = subject(stand, model("layers.Dense(2, name='out')"), plan, series)
    with pytest.raises(Refused, match="no square recurrent kernel"):
        analyse(looked, Analyse(1, "recurrent_weights", "#out"))
    with pytest.raises(Refused, match="Run the design again"):
        analyse(looked, Analyse(1, "recurrent_weights", "#nobody"))
    with pytest.raises(Refused, match="no analysis called"):
        analyse(looked, Analyse(1, "unheard_of", "#out"))
