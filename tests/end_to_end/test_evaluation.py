"""An evaluation by the real trainer against the same figures worked out with NumPy."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import DataSource, Design, edits, new_layer
from rnn_designer.design.model import Link
from rnn_designer.sequences.lessons import Lessons
from rnn_designer.session import Workspace


@pytest.fixture
def workspace(qapp: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    monkeypatch.setenv("RNN_DESIGNER_RUNS", str(tmp_path / "runs"))
    made = Workspace()
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def series(tmp_path: Path) -> np.ndarray:
    steps = np.arange(120.0)
    noise = np.random.default_rng(0).normal(0, 30, 120)
    values: np.ndarray = 900 + 200 * np.sin(2 * np.pi * steps / 12) + noise
    return values


def forecaster(series: np.ndarray) -> Design:
    design = Design()
    for kind in ("Input", "SimpleRNN", "Dense"):
        design = edits.add(new_layer(design, kind))(design)
    first, memory, last = (layer.id for layer in design.layers)
    for edit in (
        edits.connect(Link(first, memory)),
        edits.connect(Link(memory, last)),
        edits.set_parameter(memory, "units", 3),
        edits.set_parameter(last, "units", 1),
        edits.change_training(validation=0.2, test=0.25),
    ):
        design = edit(design)
    values = tuple((float(each),) for each in series)
    source = DataSource("typed", FrozenMap(values=values), time_steps=10, normalize="standard")
    return edits.set_data(first, source)(design)


def test_that_figures_are_those_that_numpy_gives(
    qtbot: QtBot, workspace: Workspace, series: np.ndarray
) -> None:
    design = forecaster(series)
    workspace.show(design)
    _input, memory, last = (layer.id for layer in design.layers)
    random = np.random.default_rng(1)
    shapes = {"kernel": (1, 3), "recurrent_kernel": (3, 3), "bias": (3,)}
    weights = {f"{memory}/{name}": random.normal(size=shape).astype("f") for name, shape in shapes.items()}
    weights |= {f"{last}/kernel": random.normal(size=(3, 1)).astype("f"), f"{last}/bias": np.float32([0.3])}
    workspace.live.set_weights(weights)
    evaluator = workspace.evaluator
    made: list[Lessons] = []
    said: list[str] = []
    evaluator._maker.ready.connect(made.append)
    evaluator.failed.connect(said.append)
    evaluator.evaluate("test")
    qtbot.waitUntil(lambda: not evaluator.busy, timeout=240_000)
    assert not said
    found = evaluator.evaluation
    assert found is not None
    assert (found.part, found.of) == ("test", "the design's own weights")
    figures = found.outputs[0].forecast
    assert figures is not None

    lessons = made[0]
    assert lessons.test is not None
    inputs, targets = next(iter(lessons.test.inputs.values())), next(iter(lessons.test.targets.values()))
    state = np.zeros((len(inputs), 3))
    for step in range(inputs.shape[1]):
        arriving = (
            inputs[:, step] @ weights[f"{memory}/kernel"] + state @ weights[f"{memory}/recurrent_kernel"]
        )
        state = np.tanh(arriving + weights[f"{memory}/bias"])
    predictions = state @ weights[f"{last}/kernel"] + weights[f"{last}/bias"]
    assert found.logs["loss"] == pytest.approx(float(np.mean((predictions - targets) ** 2)), rel=1e-5)

    known = series[:66]  # What is neither validation nor test: 55 % of 120 rows.
    held = series[90:]
    offset, scale = known.mean(), known.std()
    assert figures.targets[:, 0] == pytest.approx(held[10:], rel=1e-5)
    assert figures.predictions[:, 0] == pytest.approx(predictions.ravel() * scale + offset, rel=1e-4)
    wrong = predictions.ravel() * scale + offset - held[10:]
    assert figures.rmse == pytest.approx(float(np.sqrt(np.mean(wrong**2))), rel=1e-4)
    naive = next(each for each in figures.baselines if each.name == "last_value")
    assert naive.error == pytest.approx(float(np.sqrt(np.mean((held[9:-1] - held[10:]) ** 2))), rel=1e-5)
    # Weights drawn by chance are no forecast, and that shows.
    assert found.outputs[0].bad
    workspace.document.apply(edits.set_parameter(memory, "units", 4), "Set units")
    assert evaluator.outdated
