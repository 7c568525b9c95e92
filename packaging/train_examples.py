"""Makes the example designs and trains their weights: python packaging/train_examples.py [NAME …].

The designs in resources/examples are this script's output. It executes the exported source as the engine does, trains
with Keras, and keeps the weights under the names that the engine gives them.
"""

import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import keras
import numpy

from rnn_designer.catalog import FrozenMap
from rnn_designer.codegen import generate, planned
from rnn_designer.design import DataSource, Design, Layer, Link, check, files
from rnn_designer.design.weights import save_weights
from rnn_designer.engine.build import BuiltModel
from rnn_designer.messages import PlannedLayer
from rnn_designer.paths import resource
from rnn_designer.sequences import cut, read_table

EXAMPLES = Path(__file__).resolve().parent.parent / "resources" / "examples"


def chain(name: str, notes: str, layers: tuple[Layer, ...], data: DataSource) -> Design:
    """A design whose layers follow one another."""
    links = tuple(Link(before.id, after.id) for before, after in pairwise(layers))
    return Design(name, layers, links, FrozenMap({layers[0].id: data}), seed=7, notes=notes)


def layer(
    layer_id: str, kind: str, name: str, position: tuple[float, float], *children: Layer, **params: object
) -> Layer:
    """A layer with the parameters that differ from Keras' defaults."""
    return Layer(layer_id, kind, name, FrozenMap(params), position, children)


def series(file: str, column: str, batch_size: int, time_steps: int, stride: int) -> DataSource:
    """Samples cut from one of the program's own series, each feature at mean 0 and deviation 1."""
    options = FrozenMap(path=f"resource:sequences/{file}", columns=(column,))
    return DataSource("csv", options, batch_size, time_steps, stride, "standard")


SUNSPOTS = chain(
    "sunspots",
    "An LSTM reads three centuries of sunspots and says at every step what next year brings. "
    "Watch its forget gate follow the eleven-year cycle.",
    (
        layer("a1sun001", "Input", "sunspots", (40, 80), shape=(None, 1)),
        layer("a1mem002", "LSTM", "memory", (330, 80), units=32, return_sequences=True),
        layer("a1dro003", "Dropout", "dropout", (620, 80), rate=0.1),
        layer("a1out004", "Dense", "next_year", (330, 260), units=1),
    ),
    series("sunspots.csv", "sunspots", 32, 120, 6),
)

NILE = chain(
    "nile",
    "Two GRUs forecast the Nile's flow from the last 24 years. In 1898 the level fell for good: see in which units "
    "the change is remembered.",
    (
        layer("b2flo001", "Input", "flow", (40, 80), shape=(None, 1)),
        layer("b2lev002", "GRU", "level", (330, 80), units=16, return_sequences=True),
        layer("b2sum003", "GRU", "summary", (620, 80), units=8),
        layer("b2out004", "Dense", "next_flow", (330, 260), units=1),
    ),
    series("nile.csv", "flow", 16, 24, 5),
)

EL_NINO = chain(
    "el_nino",
    "A bidirectional GRU reads 60 years of Pacific sea temperature from both ends and marks the months of El Niño: "
    "the backward half knows what comes.",
    (
        layer("c3sst001", "Input", "temperature", (40, 110), shape=(None, 1)),
        layer(
            "c3bid002",
            "Bidirectional",
            "both_ways",
            (330, 80),
            layer("c3gru003", "GRU", "reader", (0, 0), units=12, return_sequences=True),
        ),
        layer("c3nor004", "LayerNormalization", "evened", (150, 280)),
        layer("c3out005", "Dense", "el_nino", (460, 280), units=1, activation="sigmoid"),
    ),
    series("el_nino.csv", "temperature", 12, 120, 48),
)


def values_of(design: Design) -> numpy.ndarray:
    """The design's whole series, normalised as its samples are; shape (1, steps, 1)."""
    (source,) = design.data.values()
    path = resource(*source.options["path"].removeprefix("resource:").split("/"))
    table = read_table(path, source.options["columns"])
    return cut(table.values, 1, len(table.values), 1, source.normalize)


def next_values(design: Design, window: int, last_only: bool) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Every window of the series and what follows: at each of its steps, or after its last."""
    values = values_of(design)[0]
    windows = numpy.lib.stride_tricks.sliding_window_view(values[:, 0], window + 1)
    inputs = windows[:, :-1, None]
    targets = windows[:, -1:] if last_only else windows[:, 1:, None]
    return inputs.astype("float32"), targets.astype("float32")


def warm_months(design: Design, window: int) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Every window and, per month, whether the five-month mean is half a degree above that month's usual."""
    values = values_of(design)[0, :, 0]
    deviation = float(read_table(resource("sequences", "el_nino.csv"), ("temperature",)).values.std())
    months = values.reshape(-1, 12)
    anomaly = (months - months.mean(axis=0)).reshape(-1) * deviation
    smooth = numpy.convolve(anomaly, numpy.ones(5) / 5, mode="same")
    labels = (smooth > 0.5).astype("float32")
    inputs = numpy.lib.stride_tricks.sliding_window_view(values, window)[::4, :, None]
    targets = numpy.lib.stride_tricks.sliding_window_view(labels, window)[::4, :, None]
    return inputs.astype("float32"), targets


def train(design: Design, inputs: numpy.ndarray, targets: numpy.ndarray, loss: str, epochs: int) -> None:
    """Fit the design's own model and write design and weights."""
    keras.utils.set_random_seed(design.seed)
    checked = check(design)
    plan = tuple(_plan(each) for each in planned(checked))
    built = BuiltModel(generate(checked).text, plan)
    built.fill({}, design.seed, lambda: None)
    model = built.model
    model.compile(keras.optimizers.Adam(5e-3, clipnorm=1.0), loss)
    history = model.fit(inputs, targets, batch_size=32, epochs=epochs, verbose=0).history["loss"]
    print(f"{design.name}: {loss} {history[0]:.4f} -> {history[-1]:.4f} in {epochs} epochs")
    EXAMPLES.mkdir(exist_ok=True)
    weights = f"{design.name}.weights.npz"
    save_weights(EXAMPLES / weights, built.weights())
    files.save(replace(design, weights=weights), EXAMPLES / f"{design.name}.rnnd")


def _plan(entry: tuple) -> PlannedLayer:
    layer_id, name, kind, children = entry
    return PlannedLayer(layer_id, name, kind, tuple(_plan(child) for child in children))


def main(names: list[str]) -> None:
    """Make the named examples, or all."""
    if not names or "sunspots" in names:
        train(SUNSPOTS, *next_values(SUNSPOTS, 120, last_only=False), "mse", 80)
    if not names or "nile" in names:
        train(NILE, *next_values(NILE, 24, last_only=True), "mse", 150)
    if not names or "el_nino" in names:
        train(EL_NINO, *warm_months(EL_NINO, 120), "binary_crossentropy", 60)


if __name__ == "__main__":
    main(sys.argv[1:])
