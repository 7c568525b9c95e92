"""One small design for each problem of training that the checker knows. Loaded by path: it is no package."""

import runpy
from pathlib import Path
from typing import Any

from rnn_designer.catalog import FrozenMap, Part
from rnn_designer.design import DataSource, Design, Layer
from rnn_designer.design.model import Goal, Training

HELPERS = runpy.run_path(str(Path(__file__).with_name("lint_cases.py")))
chain, series, lstm, dense, layer = (HELPERS[name] for name in ("chain", "series", "lstm", "dense", "layer"))
masking, tokens = (HELPERS[name] for name in ("masking", "tokens"))

SINE = DataSource("sine")


def trained(*layers: Layer, goal: Goal | None = None, source: DataSource = SINE, **settings: Any) -> Design:
    """A chain that is trained; its last layer has the goal."""
    goals = FrozenMap() if goal is None else FrozenMap({layers[-1].id: goal})
    made: Design = chain(
        *layers, data=FrozenMap({layers[0].id: source}), training=Training(goals=goals, **settings)
    )
    return made


def forecaster(*, sequences: bool = False, **params: Any) -> tuple[Layer, ...]:
    """An LSTM and a Dense of two units over two features."""
    return series(), lstm("memory", sequences), dense(units=2, **params)


CSV = DataSource("csv", FrozenMap(path="data.csv"), normalize="standard")

CASES: list[tuple[str, str, Design]] = [
    (
        "stateful_shuffled",
        "memory",
        trained(
            series(batch_size=2),
            lstm("memory", False, stateful=True),
            dense(units=2),
            batch_size=2,
            shuffle=True,
        ),
    ),
    ("fixed_batch", "x", trained(series(batch_size=4), lstm("memory", False), dense(units=2))),
    ("nothing_to_learn", "memory", trained(series(), lstm())),
    ("nothing_to_learn", "out", trained(series(), lstm(), dense())),
    (
        "nothing_to_learn",
        "memory",
        trained(
            tokens(),
            layer("Embedding", "words", input_dim=9, output_dim=2),
            lstm(),
            source=DataSource("tokens"),
        ),
    ),
    ("target_steps", "out", trained(*forecaster(sequences=True), goal=Goal(task="horizon"))),
    ("target_steps", "out", trained(*forecaster(), goal=Goal(task="next_step"))),
    ("target_steps", "memory", trained(series(), lstm(), goal=Goal(task="class"))),
    (
        "loss_misfit",
        "out",
        trained(*forecaster(), goal=Goal(task="horizon", loss=Part("SparseCategoricalCrossentropy"))),
    ),
    ("loss_misfit", "out", trained(*forecaster(), goal=Goal(task="horizon", loss=Part("Hinge")))),
    (
        "loss_misfit",
        "out",
        trained(
            series(), lstm("memory", False), dense(), goal=Goal(task="class", loss=Part("CategoricalHinge"))
        ),
    ),
    (
        "metric_misfit",
        "out",
        trained(*forecaster(), goal=Goal(task="class", metrics=(Part("CategoricalAccuracy"),))),
    ),
    ("metric_misfit", "out", trained(*forecaster(sequences=True), goal=Goal(metrics=(Part("R2Score"),)))),
    (
        "metric_misfit",
        "out",
        trained(
            *forecaster(), goal=Goal(metrics=(Part("MeanAbsoluteError"), Part("SparseCategoricalAccuracy")))
        ),
    ),
    (
        "logits",
        "out",
        trained(*forecaster(), goal=Goal(task="class", loss=Part("SparseCategoricalCrossentropy"))),
    ),
    (
        "logits",
        "out",
        trained(
            series(),
            lstm("memory", False),
            dense(activation="sigmoid"),
            goal=Goal(task="class", loss=Part("BinaryCrossentropy", FrozenMap(from_logits=True))),
        ),
    ),
    ("out_of_reach", "out", trained(*forecaster(activation="sigmoid"), source=CSV)),
    ("out_of_reach", "memory", trained(series(), lstm("memory", False, units=2), source=CSV)),
    (
        "too_few_classes",
        "out",
        trained(series(), lstm("memory", False), dense(units=2), source=DataSource("waves")),
    ),
    (
        "too_few_classes",
        "out",
        trained(
            tokens(),
            layer("Embedding", "words", input_dim=9, output_dim=2),
            lstm(),
            dense(units=5, activation="softmax"),
            source=DataSource("tokens"),
        ),
    ),
    ("masked_loss", "out", trained(series(), masking(), lstm(), dense(units=2))),
    ("monitor_unknown", "out", trained(*forecaster(), monitor="val_accuracy")),
    ("nothing_validated", "out", trained(*forecaster(), validation=0.0)),
    ("nothing_validated", "out", trained(*forecaster(), validation=0.0, test=0.9)),
    ("few_validated", "out", trained(*forecaster(), samples=20)),
    (
        "learning_rate",
        "out",
        trained(*forecaster(), optimizer=Part("Adam", FrozenMap(learning_rate=0.5, amsgrad=True))),
    ),
    ("learning_rate", "out", trained(*forecaster(), optimizer=Part("SGD", FrozenMap(learning_rate=0.0)))),
    ("patience_beyond", "out", trained(*forecaster(), epochs=5, patience=5)),
    (
        "unclipped",
        "memory",
        trained(
            series(),
            layer("SimpleRNN", "memory", units=3, activation="relu", recurrent_initializer=Part("Identity")),
            dense(units=2),
        ),
    ),
]
"""Code, id of the layer to blame, design."""
