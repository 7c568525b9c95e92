"""The exported training program: it trains on the window's samples to the window's losses, and runs as it is."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy
import pytest
from lessons_kept import course

from rnn_designer.catalog import FrozenMap, Part
from rnn_designer.cli.training_program import training_program
from rnn_designer.codegen import formatted, generate, runnable_part
from rnn_designer.design import DataSource, Design, Layer, Link, check, edits
from rnn_designer.design.model import Training
from rnn_designer.design.tasks import fitting
from rnn_designer.messages import Train
from rnn_designer.session.request import planned_layers

PARTS = ("train", "validation", "test")


def chain(*layers: Layer, data: DataSource, **settings: Any) -> Design:
    links = tuple(Link(one.id, two.id) for one, two in pairwise(layers))
    training = Training(**{"epochs": 3, "batch_size": 8, "seed": 4, "samples": 40, **settings})
    return Design("series", layers, links, FrozenMap({layers[0].id: data}), training=training)


def layer(name: str, kind: str, **params: Any) -> Layer:
    return Layer(name, kind, name, FrozenMap(params))


def forecaster(folder: Path, **settings: Any) -> Design:
    """Two columns of a text file, of which the second is foretold."""
    steps = numpy.arange(90)
    rows = numpy.stack([numpy.sin(steps / 3), numpy.cos(steps / 5) + 0.01 * steps], axis=1)
    lines = ["left;right", *(f"{left:.6f};{right:.6f}" for left, right in rows)]
    (folder / "data.csv").write_text("\n".join(lines), encoding="utf-8")
    source = DataSource(
        "csv", FrozenMap(path="data.csv", columns=("left", "right")), time_steps=6, normalize="standard"
    )
    design = chain(
        layer("in", "Input", shape=(None, 2)),
        layer("memory", "GRU", units=3),
        layer("out", "Dense", units=1),
        data=source,
        clipping="global_norm",
        **settings,
    )
    return edits.change_goal("out", columns=("right",), task="horizon", horizon=2)(design)


def adder(_folder: Path, **settings: Any) -> Design:
    """A generator's task with an answer at the last step only, so that samples have weights."""
    return chain(
        layer("in", "Input", shape=(None, 2)),
        layer("memory", "SimpleRNN", units=3, return_sequences=True),
        layer("out", "Dense", units=1),
        data=DataSource("adding", time_steps=5),
        schedule=Part("ExponentialDecay", FrozenMap(decay_steps=4, decay_rate=0.5)),
        **settings,
    )


def short(folder: Path, **settings: Any) -> Design:
    """So few rows that the held-out parts look back: only they have weights."""
    lines = ["x", *(f"{numpy.sin(step / 3):.6f}" for step in range(60))]
    (folder / "data.csv").write_text("\n".join(lines), encoding="utf-8")
    return chain(
        layer("in", "Input", shape=(None, 1)),
        layer("memory", "SimpleRNN", units=3, return_sequences=True),
        layer("out", "Dense", units=1),
        data=DataSource("csv", FrozenMap(path="data.csv", columns=("x",)), time_steps=20),
        **settings,
    )


class Script:
    """An exported program, run in this process with what ``fit`` and ``evaluate`` told."""

    def __init__(self, design: Design, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.path = folder / "out" / "program.py"
        self.path.parent.mkdir()
        exported = training_program(design, folder / "design.rnnd", self.path, "start.weights.h5")
        self.text, self.words = formatted(exported.source).text, exported.words
        self.files = exported.files
        for name, content in exported.files.items():
            self.path.with_name(name).write_bytes(content)
        self.space: dict[str, Any] = {"__name__": "program", "__file__": str(self.path)}
        exec(compile(self.text, str(self.path), "exec"), self.space)
        self._monkeypatch = monkeypatch

    def samples(self, part: str) -> tuple[Any, Any, Any]:
        """Inputs, targets and weights of a part."""
        inputs, targets, weights = self.space["read_samples"](part)
        return inputs[0], targets[0], None if weights is None else weights[0]

    def run(self) -> list[dict[str, float]]:
        """Run ``main()``; the figures of every epoch."""
        import keras

        told: list[dict[str, float]] = []
        fit = keras.Model.fit

        def kept(model: Any, *given: Any, **named: Any) -> Any:
            history = fit(model, *given, **{**named, "verbose": 0})
            told.extend(
                dict(zip(history.history, values, strict=True))
                for values in zip(*history.history.values(), strict=True)
            )
            return history

        self._monkeypatch.setattr(keras.Model, "fit", kept)
        self._monkeypatch.setattr(keras.Model, "summary", lambda _model: None)
        keras.utils.clear_session()
        self.space["main"]()
        return told


def request_for(design: Design, script: Script) -> Train:
    """The same training as the worker is asked for it."""
    part = runnable_part(check(design))
    assert part is not None
    training = design.training
    assert training is not None
    train, validation = (script.samples(part) for part in PARTS[:2])
    return Train(
        run=1,
        source=generate(part, training=fitting(part.design, part)).text,
        layers=planned_layers(part),
        layer_of_line={},
        seed=design.seed,
        weights={},
        inputs={"in": train[0]},
        targets={"out": train[1]},
        sample_weights={} if train[2] is None else {"out": train[2]},
        validation_inputs={"in": validation[0]},
        validation_targets={"out": validation[1]},
        validation_weights={} if validation[2] is None else {"out": validation[2]},
        batch_size=training.batch_size,
        epochs=training.epochs,
        shuffle=training.shuffle,
        order_seed=training.seed,
        every=0.0,
    )


def save_start(request: Train, script: Script) -> None:
    """The weights that the worker starts from, beside the program."""
    from rnn_designer.engine.build import BuiltModel

    built = BuiltModel(request.source, request.layers)
    built.fill(request.weights, request.seed, lambda: None)
    built.model.save_weights(script.path.with_name("start.weights.h5"))


@pytest.mark.parametrize(
    ("make", "settings"), [(forecaster, {}), (adder, {}), (short, {}), (forecaster, {"shuffle": False})]
)
def test_that_it_comes_to_the_losses_of_the_worker_from_the_same_weights(
    make: Any,
    settings: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    design = make(tmp_path, **settings)
    script = Script(design, tmp_path, monkeypatch)
    request = request_for(design, script)
    save_start(request, script)
    ours = [epoch.logs for epoch in course(request).epochs if epoch.epoch > 0]
    theirs = script.run()
    assert len(theirs) == len(ours) == 3
    for mine, other in zip(ours, theirs, strict=True):
        assert set(mine) == set(other)
        for name, value in other.items():
            assert mine[name] == pytest.approx(value, rel=1e-5, abs=1e-5)
    assert script.path.with_name("program.trained.weights.h5").is_file()
    assert "test loss: " in capsys.readouterr().out


def test_that_a_text_file_is_read_and_cut_by_the_program_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script(forecaster(tmp_path), tmp_path, monkeypatch)
    assert not script.files
    assert script.words.startswith("It reads ../data.csv and cuts it itself: ")
    values = numpy.genfromtxt(tmp_path / "data.csv", delimiter=";", skip_header=1)
    scaled = (values - values[:63].mean(axis=0)) / values[:63].std(axis=0)
    for part, begin, end in (("train", 0, 63), ("validation", 63, 81), ("test", 81, 90)):
        inputs, targets, weights = script.samples(part)
        starts = range(begin, end - 7)
        assert weights is None
        assert inputs.dtype == targets.dtype == numpy.float32
        numpy.testing.assert_allclose(inputs, [scaled[at : at + 6] for at in starts], atol=1e-5)
        numpy.testing.assert_allclose(targets, [scaled[at + 7, 1:] for at in starts], atol=1e-5)


def test_that_what_no_program_can_read_lies_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = Script(adder(tmp_path), tmp_path, monkeypatch)
    assert set(script.files) == {"program.samples.npz"}
    inputs, targets, weights = script.samples("train")
    assert (inputs.shape, targets.shape, weights.shape) == ((28, 5, 2), (28, 5, 1), (28, 5))
    numpy.testing.assert_allclose(targets[:, -1, 0], (inputs[..., 0] * inputs[..., 1]).sum(axis=1), atol=1e-6)
    assert (weights[:, :-1] == 0).all()
    assert (weights[:, -1] == 1).all()


def test_that_the_program_says_only_what_it_has_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    design = forecaster(tmp_path, shuffle=False, validation=0.0, test=0.0)
    design = replace(design, training=replace(design.training or Training(), monitor="loss"))
    text = Script(design, tmp_path, monkeypatch).text
    for word in ("shuffle()", "validation_data", "EarlyStopping", "evaluate"):
        assert word not in text.partition("def main")[2]
    patient = replace(design.training or Training(), patience=3, least_progress=0.25)
    (tmp_path / "out" / "program.py").parent.rmdir()
    text = Script(replace(design, training=patient), tmp_path, monkeypatch).text
    stopping = 'keras.callbacks.EarlyStopping(monitor="loss", mode="min", patience=3, min_delta=0.25)'
    assert stopping in "".join(text.split("\n        ")).replace("    ", "").replace(",)", ")")
