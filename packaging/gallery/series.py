"""The examples on real series: sunspots, the Nile, El Niño."""

import numpy
from gallery.kit import Example, design, layer, sheet

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import DataSource, Design
from rnn_designer.design.model import Goal, Training
from rnn_designer.paths import resource
from rnn_designer.sequences import cut, read_table


def series(file: str, column: str, batch_size: int, time_steps: int, stride: int) -> DataSource:
    """Samples cut from one of the program's own series, each feature at mean 0 and deviation 1."""
    options = FrozenMap(path=f"resource:sequences/{file}", columns=(column,))
    return DataSource("csv", options, batch_size, time_steps, stride, "standard")


SUNSPOTS = design(
    "sunspots",
    "An LSTM reads three centuries of sunspots and says at every step what next year brings. "
    "Watch its forget gate follow the eleven-year cycle.",
    (
        layer("a1sun001", "Input", "sunspots", (40, 80), shape=(None, 1)),
        layer("a1mem002", "LSTM", "memory", (330, 80), units=32, return_sequences=True),
        layer("a1dro003", "Dropout", "dropout", (620, 80), rate=0.1),
        layer("a1out004", "Dense", "next_year", (330, 230), units=1),
    ),
    {"a1sun001": series("sunspots.csv", "sunspots", 32, 120, 6)},
    sheet(
        "Sunspots are counted since 1700. They come and go in cycles of about eleven years, some high, some low.\n"
        "The LSTM has learned to say the next year at every step. Nobody told it of the cycle.\n"
        "Look at: the forget gate f and the cell state c. Some units fall at every maximum, others count on. Press "
        "Space to play, click a unit to follow it.",
        (40, 345),
    ),
)

NILE = design(
    "nile",
    "Two GRUs forecast the Nile's flow from the last 24 years. In 1898 the level fell for good: see in which units "
    "the change is remembered.",
    (
        layer("b2flo001", "Input", "flow", (40, 80), shape=(None, 1)),
        layer("b2lev002", "GRU", "level", (330, 80), units=16, return_sequences=True),
        layer("b2sum003", "GRU", "summary", (620, 80), units=8),
        layer("b2out004", "Dense", "next_flow", (330, 230), units=1),
    ),
    {"b2flo001": series("nile.csv", "flow", 16, 24, 5)},
    sheet(
        "The flow of the Nile at Aswan, year by year from 1871. In 1898 it fell and stayed low.\n"
        "The first GRU gives out every year, the second only its last state: a summary of 24 years, from which a "
        "Dense tells the next.\n"
        "Look at: samples before and after 1898 side by side. Which units of level have changed for good?",
        (40, 345),
    ),
)

EL_NINO = design(
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
        layer("c3nor004", "LayerNormalization", "evened", (150, 260)),
        layer("c3out005", "Dense", "el_nino", (460, 260), units=1, activation="sigmoid"),
    ),
    {"c3sst001": series("el_nino.csv", "temperature", 12, 120, 48)},
    sheet(
        "Sixty years of sea temperature in the eastern Pacific, month by month. In El Niño years it stays warm.\n"
        "The answer at every month may use what comes after it, so a Bidirectional fits: one GRU reads forwards, one "
        "backwards.\n"
        "Look at: forward and backward side at the beginning of a warm spell. The backward half knows of it first.",
        (40, 375),
    ),
    training=Training(
        FrozenMap({"c3out005": Goal("classes", columns=("el_nino",))}), stride=4, epochs=40, patience=8
    ),
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


SERIES = (
    Example(SUNSPOTS, lambda: next_values(SUNSPOTS, 120, last_only=False), epochs=80),
    Example(NILE, lambda: next_values(NILE, 24, last_only=True), epochs=150),
    Example(EL_NINO, lambda: warm_months(EL_NINO, 120), "binary_crossentropy", 60),
)
