"""Networks for a task: translation with attention, characters, moving pictures, classification, streams, a cell."""

from typing import Any

import numpy
from gallery.kit import COLUMN, Example, design, layer, sheet

from rnn_designer.catalog import FrozenMap, Part
from rnn_designer.design import DataSource, Generation, Link
from rnn_designer.design.model import Goal, Training
from rnn_designer.paths import resource
from rnn_designer.sequences import generate, ids

_SYMBOLS, _LENGTH = 9, 8


def _reversal(samples: int, seed: int) -> tuple[Any, Any, Any]:
    """Random symbols 1 to 9; the same backwards; and the same backwards one step late, behind a start sign 0."""
    random = numpy.random.default_rng(seed)
    words = random.integers(1, _SYMBOLS + 1, (samples, _LENGTH)).astype("int32")
    backwards = words[:, ::-1].copy()
    shifted = numpy.concatenate([numpy.zeros((samples, 1), "int32"), backwards[:, :-1]], axis=1)
    return words, shifted, backwards


def _backwards(member: str) -> DataSource:
    """One of the three arrays in the file of reversed words; the canvas is fed with the first six samples."""
    options = FrozenMap(path="resource:sequences/backwards.npz", member=member)
    return DataSource("npz", options, batch_size=6, time_steps=_LENGTH)


def write_backwards() -> None:
    """Write the file: words of eight symbols, the same backwards, and the same one step late."""
    words, shifted, backwards = (
        numpy.concatenate([shown, more])[..., None]
        for shown, more in zip(_reversal(6, 1), _reversal(1018, 8), strict=True)
    )
    path = resource("sequences") / "backwards.npz"
    numpy.savez_compressed(path, symbols=words, said_so_far=shifted, backwards=backwards)


_NEAR, _ROOMY = 232.0, 250.0
"""From one box to the next where four stand in a row, so that they open large enough to read."""

ENCODER_DECODER = Example(
    design(
        "encoder_decoder",
        "Encoder–decoder with attention: it says eight symbols backwards and shows where it looks.",
        (
            layer("t1input1", "Input", "symbols", (40, 60), shape=(None,), dtype="int32"),
            layer("t1emb002", "Embedding", "symbol_vectors", (40 + _NEAR, 60), input_dim=10, output_dim=16),
            layer(
                "t1enc003",
                "LSTM",
                "encoder",
                (40 + 2 * _NEAR, 60),
                units=32,
                return_sequences=True,
                return_state=True,
            ),
            layer("t1input2", "Input", "said_so_far", (40, 220), shape=(None,), dtype="int32"),
            layer("t1emb005", "Embedding", "said_vectors", (40 + _NEAR, 220), input_dim=10, output_dim=16),
            layer("t1dec006", "LSTM", "decoder", (40 + 2 * _NEAR, 220), units=32, return_sequences=True),
            layer(
                "t1att007",
                "Attention",
                "look_back",
                (40 + 3 * _NEAR + 40, 60),
                use_scale=True,
                return_attention_scores=True,
            ),
            layer("t1con008", "Concatenate", "both", (40 + 3 * _NEAR + 40, 220)),
            layer(
                "t1out009", "Dense", "next_symbol", (40 + 3 * _NEAR + 40, 370), units=10, activation="softmax"
            ),
        ),
        {"t1input1": _backwards("symbols"), "t1input2": _backwards("said_so_far")},
        sheet(
            "The encoder reads eight symbols. Its last states h and c start the decoder, over the two dotted wires; "
            "Keras checks neither their number nor their size, the designer does. While it learns, the decoder is "
            "given what it should have said before (one step late, 0 to begin with).\n"
            "Attention compares each state of the decoder (query) with every state of the encoder (value), and mixes "
            "the encoder's states by the scores.\n"
            "Look at: the scores of look_back. Saying a word backwards means looking at its last symbol first: "
            "the coloured line climbs from the lower left to the upper right (value 7 at step 0).",
            (40.0, 350.0),
            648.0,
        ),
        links=(
            Link("t1input1", "t1emb002"),
            Link("t1emb002", "t1enc003"),
            Link("t1input2", "t1emb005"),
            Link("t1emb005", "t1dec006"),
            Link("t1enc003", "t1dec006", "h", "initial_h"),
            Link("t1enc003", "t1dec006", "c", "initial_c"),
            Link("t1dec006", "t1att007", "output", "query"),
            Link("t1enc003", "t1att007", "output", "value"),
            Link("t1dec006", "t1con008"),
            Link("t1att007", "t1con008"),
            Link("t1con008", "t1out009"),
        ),
        training=Training(
            FrozenMap({"t1out009": Goal("classes", source=_backwards("backwards"))}), epochs=40, patience=6
        ),
    ),
    lambda: (list(_reversal(2048, 7)[:2]), _reversal(2048, 7)[2]),
    "sparse_categorical_crossentropy",
    40,
    taught=1,
)

_LINES = (
    "the sea is wide and the wind is slow\n"
    "the ship is old and the night is long\n"
    "the moon is low and the tide is strong\n"
    "the sail is white and the stars are bright\n"
    "the wave comes in and the wave goes out\n"
    "the rope is wet and the deck is cold\n"
    "the song is short and the way is far\n"
    "the lamp is lit and the cook is old\n"
) * 4
_WINDOW = 48
_CHARACTERS = ids(lambda: (_LINES,), "characters", False, 100)


def _characters() -> tuple[Any, Any]:
    stream = _CHARACTERS.values.reshape(-1)
    windows = numpy.lib.stride_tricks.sliding_window_view(stream, _WINDOW + 1)[::2]
    return windows[:, :-1].astype("int32"), windows[:, 1:].astype("int32")


CHARACTERS = Example(
    design(
        "characters",
        "A GRU reads a text letter by letter and says what letter comes next.",
        (
            layer("t2input1", "Input", "letters", (40, 80), shape=(None,), dtype="int32"),
            layer(
                "t2emb002",
                "Embedding",
                "letter_vectors",
                (40 + _ROOMY, 80),
                input_dim=len(_CHARACTERS.vocabulary),
                output_dim=16,
            ),
            layer("t2gru003", "GRU", "reader", (40 + 2 * _ROOMY, 80), units=64, return_sequences=True),
            layer(
                "t2out004",
                "Dense",
                "next_letter",
                (40 + 3 * _ROOMY, 80),
                units=len(_CHARACTERS.vocabulary),
                activation="softmax",
            ),
        ),
        {"t2input1": DataSource("text", FrozenMap(text=_LINES), batch_size=8, time_steps=_WINDOW, stride=17)},
        sheet(
            "Every letter is a number, every number becomes a vector of 16 (Embedding), and the GRU keeps what it "
            "has read. The last layer gives one chance for each letter of the alphabet; they add up to 1.\n"
            "Generate is on: from the dashed line on it writes by itself. A low temperature takes the likeliest "
            "letter and repeats itself; a high one dares more and spells worse.\n"
            "Look at: units of the update gate z that open or close at blanks, and next_letter: after “th” nearly "
            "all of the chance is on “e”.",
            (40.0, 250.0),
        ),
        generation=Generation(steps=120, prefix=24, temperature=0.5),
    ),
    _characters,
    "sparse_categorical_crossentropy",
    60,
    rate=8e-3,
)


def _squares() -> tuple[Any, Any]:
    made = generate("moving_squares", {"size": 4, "speed": 1.0, "seed": 1}, (192, 13, 16, 16, 1))
    return made[:, :-1], made[:, 1:]


MOVING_SQUARES = Example(
    design(
        "moving_squares",
        "A ConvLSTM2D watches a square fly and paints where it will be next.",
        (
            layer("t3input1", "Input", "pictures", (40, 80), shape=(None, 16, 16, 1)),
            layer(
                "t3con002",
                "ConvLSTM2D",
                "watcher",
                (40 + COLUMN, 80),
                filters=8,
                kernel_size=(5, 5),
                padding="same",
                return_sequences=True,
            ),
            layer(
                "t3out003",
                "Dense",
                "next_picture",
                (40 + 2 * COLUMN, 80),
                units=1,
                activation="sigmoid",
            ),
        ),
        {
            "t3input1": DataSource(
                "moving_squares", FrozenMap(size=4, speed=1.0, seed=0), batch_size=4, time_steps=12
            )
        },
        sheet(
            "A ConvLSTM2D is an LSTM whose states are pictures: 8 of 16 × 16 points each. Instead of full matrices "
            "it slides windows of 5 × 5 over the picture and over its own state, so the same rule holds everywhere.\n"
            "From one picture nobody can tell where the square flies: the state has to keep the direction. A Dense "
            "on the last axis makes one picture of the eight.\n"
            "Look at: h, a picture for each filter at the cursor's step. Play: the patch that moves on from step to "
            "step is the square; some filters are a little ahead of it, some behind. Click a place to draw its value "
            "over time.",
            (40.0, 250.0),
        ),
    ),
    _squares,
    "binary_crossentropy",
    25,
    batch_size=16,
    rate=1e-2,
)


def _forms() -> tuple[Any, Any]:
    made = generate("waves", {"seed": 11}, (768, 60, 1))
    return made, (numpy.arange(768) % 3).astype("int32")


CLASSIFICATION = Example(
    design(
        "many_to_one",
        "Sixty steps in, one answer out: is it a sine, a square wave or a saw tooth?",
        (
            layer("t4input1", "Input", "wave", (40, 80), shape=(None, 1)),
            layer("t4lst002", "LSTM", "listener", (40 + _ROOMY, 80), units=24),
            layer("t4dro003", "Dropout", "dropout", (40 + 2 * _ROOMY, 80), rate=0.2),
            layer("t4out004", "Dense", "form", (40 + 3 * _ROOMY, 80), units=3, activation="softmax"),
        ),
        {"t4input1": DataSource("waves", FrozenMap(seed=0), batch_size=12, time_steps=60)},
        sheet(
            "Many to one: return_sequences is off, so only the last state goes on, and a softmax over three units "
            "tells the form. Samples 0, 3, 6 … are sines, 1, 4, 7 … square waves, 2, 5, 8 … saw teeth, "
            "each under noise.\n"
            "Dropout works while training only; the Dropout switch at the top shows how.\n"
            "Look at: the samples side by side. From which step on do the states of the three forms part? The scopes "
            "show every step, although the layer gives out only the last.",
            (40.0, 250.0),
        ),
    ),
    _forms,
    "sparse_categorical_crossentropy",
    40,
)


def _stream() -> tuple[Any, Any]:
    made = generate("sine", {"period": 20.0, "components": 2, "seed": 2}, (1, 2001, 1))[0, :, 0]
    windows = numpy.lib.stride_tricks.sliding_window_view(made, 41)[::40]
    return windows[:, :-1, None], windows[:, 1:, None]


STREAMING = Example(
    design(
        "stateful_streaming",
        "A stateful LSTM keeps its state from one batch to the next: a stream in pieces of 40 steps.",
        (
            layer("t5input1", "Input", "piece", (40, 80), shape=(None, 1), batch_size=1),
            layer(
                "t5lst002",
                "LSTM",
                "stream_memory",
                (40 + COLUMN, 80),
                units=16,
                return_sequences=True,
                stateful=True,
            ),
            layer("t5out003", "Dense", "next_value", (40 + 2 * COLUMN, 80), units=1),
        ),
        {
            "t5input1": DataSource(
                "sine", FrozenMap(period=20.0, components=2, seed=2), batch_size=1, time_steps=40
            )
        },
        sheet(
            "With stateful on, the state after a batch is where the next batch starts, so a long stream can be fed "
            "piece by piece. The batch size has to be fixed in the Input, and sample k of a batch has to continue "
            "sample k of the one before: shuffling would break it.\n"
            "Reset the state where a new stream begins, with layer.reset_state(); model.reset_states() is gone in "
            "Keras 3. A run here leaves the kept state as it was, so every plot starts alike.\n"
            "Look at: the first steps. From a state of zeros it takes a few steps until the forecast is on its way.",
            (40.0, 250.0),
        ),
        training=Training(batch_size=1, shuffle=False, samples=64, epochs=40),
    ),
    _stream,
    epochs=60,
    batch_size=1,
)

LEAKY_CELL = Example(
    design(
        "leaky_integrator",
        "A cell written by hand that leaks: units fill slowly and run empty slowly.",
        (
            layer("t6input1", "Input", "pulses", (40, 80), shape=(None, 1)),
            layer(
                "t6rnn002",
                "RNN",
                "leaky_layer",
                (40 + COLUMN, 60),
                layer(
                    "t6cel003",
                    "CustomCell",
                    "leaky_cell",
                    (0, 0),
                    code=resource("cells", "leaky_integrator.py").read_text(encoding="utf-8"),
                    arguments=Part("LeakyIntegratorCell", FrozenMap(units=12, leak=0.2)),
                ),
                return_sequences=True,
            ),
            layer("t6out004", "Dense", "next_value", (40 + 2 * COLUMN, 80), units=1),
        ),
        {
            "t6input1": DataSource(
                "square", FrozenMap(period=24.0, duty=0.3, seed=0), batch_size=4, time_steps=72
            )
        },
        sheet(
            "A leaky integrator keeps most of its state and lets a part of the new value in: "
            "hₜ = (1 − leak)·hₜ₋₁ + leak·tanh(xₜ·W + hₜ₋₁·U + b). It is the unit of echo state networks and of "
            "models of neurons.\n"
            "Its arguments are in the properties like those of any layer. Set leak to 1 and it is a SimpleRNN; near "
            "0 it hardly moves.\n"
            "Look at: the curves of h after each jump of the input, and how they change while you drag leak.",
            (40.0, 270.0),
        ),
    ),
    lambda: _pulses(),
    epochs=60,
)


def _pulses() -> tuple[Any, Any]:
    made = generate("square", {"period": 24.0, "duty": 0.3, "seed": 3}, (128, 73, 1))
    return made[:, :-1], made[:, 1:]


TASKS = (ENCODER_DECODER, CHARACTERS, MOVING_SQUARES, CLASSIFICATION, STREAMING, LEAKY_CELL)
