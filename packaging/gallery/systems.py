"""The eight recurrent systems that people learn first, each in the form that works in Keras 3."""

from dataclasses import replace

from gallery.kit import (
    Example,
    dense_head,
    design,
    layer,
    running_means,
    sheet,
    tutorial_data,
)

from rnn_designer.catalog import FrozenMap, Part
from rnn_designer.design import DataSource, Generation
from rnn_designer.paths import resource

_NOTE = (40.0, 250.0)
_LOW_NOTE = (40.0, 270.0)


def _input(layer_id: str = "x0input1") -> object:
    return layer(layer_id, "Input", "x", (40, 80), shape=(None, 5))


SIMPLE_RNN = Example(
    design(
        "simple_rnn",
        "One SimpleRNN reads three steps of five numbers: the smallest network with a memory.",
        (
            _input(),
            layer("s1rnn002", "SimpleRNN", "memory", (330, 80), units=64, return_sequences=True),
        ),
        {"x0input1": tutorial_data()},
        sheet(
            "SimpleRNN: 1 sample × 3 steps × 5 features in, 1 × 3 × 64 out.\n"
            "Every step mixes the numbers that come in with the state h of the step before and squashes the sum by "
            "tanh: hₜ = tanh(xₜ·W + hₜ₋₁·U + b). The output is that state.\n"
            "The weights are trained: behind the layer stood a Dense that had to tell the mean of all numbers so "
            "far, so the state had to keep count.\n"
            "Look at: the heat map of h. Press Space and see the 64 numbers change from step to step. Turn return "
            "sequences off, and the wire shows what is left: the last step alone, 1 × 64.",
            _NOTE,
        ),
    ),
    running_means,
    head=dense_head(),
)

LSTM = Example(
    design(
        "lstm",
        "One LSTM on the same little batch: a second state c that is written and read through gates.",
        (
            _input(),
            layer("s2lst002", "LSTM", "memory", (330, 80), units=64, return_sequences=True),
        ),
        {"x0input1": tutorial_data()},
        sheet(
            "LSTM: the output is 1 × 3 × 64 as for a SimpleRNN, but two states go from step to step: h and the cell "
            "state c, 64 numbers each.\n"
            "Three gates between 0 and 1 decide: i how much is written into c, f how much of c is kept, o how much "
            "of c shows in h. The candidate g is what would be written: cₜ = f·cₜ₋₁ + i·g, hₜ = o·tanh(cₜ).\n"
            "Look at: the chips i f g o h c below. Follow one unit: where f stays near 1, c remembers.",
            _NOTE,
        ),
    ),
    running_means,
    head=dense_head(),
)

GRU = Example(
    design(
        "gru",
        "One GRU on the same little batch: gates like an LSTM's, but a single state.",
        (
            _input(),
            layer("s3gru002", "GRU", "memory", (330, 80), units=64, return_sequences=True),
        ),
        {"x0input1": tutorial_data()},
        sheet(
            "GRU: 1 × 3 × 64 out, one state h, three quarters of an LSTM's weights.\n"
            "The update gate z decides how much of the old state stays: hₜ = z·hₜ₋₁ + (1 − z)·h̃ₜ. The reset gate r "
            "decides how much of the old state goes into the new candidate h̃.\n"
            "Look at: z. Where it is near 1, the unit does not move in h, whatever comes in.",
            _NOTE,
        ),
    ),
    running_means,
    head=dense_head(),
)

BIDIRECTIONAL = Example(
    design(
        "bidirectional",
        "Two LSTMs read the batch from both ends: 2 × 64 features, not 64.",
        (
            _input(),
            layer(
                "s4bid002",
                "Bidirectional",
                "both_ways",
                (330, 60),
                layer("s4lst003", "LSTM", "reader", (0, 0), units=64, return_sequences=True),
            ),
        ),
        {"x0input1": tutorial_data()},
        sheet(
            "Bidirectional(LSTM(64)): 1 × 3 × 128 out. It is often said to have 64 outputs; with merge_mode concat "
            "it has twice the units, because both directions are laid side by side. sum, mul and ave keep 64, None "
            "gives two outputs.\n"
            "The backward half starts at the last step. Its output is turned round, so that both halves of a column "
            "belong to the same step.\n"
            "Look at: the forward and the backward side in the scopes. At step 0 the backward states know "
            "everything, the forward ones nothing yet.",
            _LOW_NOTE,
        ),
    ),
    running_means,
    head=dense_head(),
)

STACKED_CELLS = Example(
    design(
        "stacked_cells",
        "Two LSTM cells, one on the other, in a single RNN: the same as two stacked LSTM layers.",
        (
            _input(),
            layer(
                "s5rnn002",
                "RNN",
                "stack",
                (570, 40),
                layer(
                    "s5stk003",
                    "StackedRNNCells",
                    "cells",
                    (0, 0),
                    layer("s5cel004", "LSTMCell", "lower", (0, 0), units=64),
                    layer("s5cel005", "LSTMCell", "upper", (0, 0), units=64),
                ),
                return_sequences=True,
            ),
        ),
        {"x0input1": tutorial_data()},
        sheet(
            "RNN(StackedRNNCells([LSTMCell(64), LSTMCell(64)])): 1 × 3 × 64 out, because return_sequences is on; "
            "without it 1 × 64.\n"
            "A stack takes cells. A cell computes one step; the RNN around it does the loop. LSTM layers in the "
            "stack do not work: they want a whole sequence and get one step (ndim=3 expected, ndim=2 found). Drop "
            "one in and see what is offered.\n"
            "Look at: the states of the lower and the upper cell, each with gates of its own. Two LSTM layers in a "
            "row with the same weights give the same numbers.",
            _NOTE,
        ),
    ),
    running_means,
    head=dense_head(),
)


def _mixed_waves() -> tuple[object, object]:
    """Slow waves of five features and what comes next."""
    from rnn_designer.sequences import generate

    made = generate("sine", {"period": 12.0, "components": 1, "seed": 3}, (256, 25, 5))
    return made[:, :-1], made[:, 1:]


GENERATION = Example(
    design(
        "generation",
        "A SimpleRNN goes on by itself: every output is fed back in as the next input, the state carried along.",
        (
            _input(),
            layer("s6rnn002", "SimpleRNN", "memory", (330, 80), units=64, return_sequences=True),
            layer("s6den003", "Dense", "projection", (620, 80), units=5),
        ),
        {
            "x0input1": DataSource(
                "sine", FrozenMap(period=12.0, components=1, seed=3), batch_size=4, time_steps=24
            )
        },
        sheet(
            "Sequence generation, one step at a time. Three things have to be right, and are easily forgotten: the "
            "64 outputs are brought back to 5 features by a Dense, because only 5 features fit the input; only the "
            "last step is fed back; and the new state is carried to the next call (return_state and initial_state). "
            "The first state comes from get_initial_state(batch_size).\n"
            "Generate is on (Shift+L, or its tab beside Code): 24 steps are read, then the network continues alone. "
            "The exported code gets a step model with one Input per state and a generate() function.\n"
            "Look at: the dashed line where the seed ends. How long does the wave keep its shape?",
            _NOTE,
        ),
        generation=Generation(steps=36),
    ),
    _mixed_waves,
    epochs=120,
)


def _cell_code(name: str) -> str:
    return resource("cells", f"{name}.py").read_text(encoding="utf-8")


RUNNING_SUM = Example(
    design(
        "custom_cell",
        "A cell written by hand adds up what comes in: the smallest custom cell there is.",
        (
            _input(),
            layer(
                "s7rnn002",
                "RNN",
                "sums",
                (330, 60),
                layer(
                    "s7cel003",
                    "CustomCell",
                    "running_sum",
                    (0, 0),
                    code=_cell_code("running_sum"),
                    arguments=Part("RunningSumCell", FrozenMap(units=5)),
                ),
                return_sequences=True,
            ),
        ),
        {"x0input1": tutorial_data()},
        sheet(
            "A custom cell in Keras 3 is a layer with state_size and call(inputs, states), which gives the output "
            "and a list of new states. RNN loops over it: 1 × 3 × 5 out, the running sum of each feature.\n"
            "What older examples do does not work any more: AbstractRNNCell is gone; states is a list, so inputs + "
            "states adds an axis; and adding them needs as many units as features.\n"
            "Look at: the code in the properties. Change it, and the plots follow. It runs only in the worker "
            "process, and code from others only after you have seen it.",
            _LOW_NOTE,
        ),
    ),
)

_TWO_SAMPLES = (
    (
        (0.1, 0.2, 0.3, 0.4, 0.5),
        (0.2, 0.3, 0.4, 0.5, 0.6),
        (0.3, 0.4, 0.5, 0.6, 0.7),
        (0.4, 0.5, 0.6, 0.7, 0.8),
    ),
    (
        (1.5, 1.2, 0.9, 0.6, 0.3),
        (1.2, 0.9, 0.6, 0.3, 0.0),
        (0.9, 0.6, 0.3, 0.0, 0.3),
        (0.6, 0.3, 0.0, 0.3, 0.6),
    ),
)

BATCH_AND_STEPS = Example(
    design(
        "batch_and_steps",
        "Two samples of four steps through the same SimpleRNN: batch size and time steps are in the data.",
        (
            _input(),
            layer("s8rnn002", "SimpleRNN", "memory", (330, 80), units=64, return_sequences=True),
        ),
        {
            "x0input1": replace(
                tutorial_data(), options=FrozenMap(values=_TWO_SAMPLES), batch_size=2, time_steps=4
            )
        },
        sheet(
            "2 samples × 4 steps × 5 features in, 2 × 4 × 64 out. Batch size and number of steps are no settings of "
            "the layer, and setting variables of such names changes nothing: they come with the data. The layer has "
            "the same weights for any of them.\n"
            "Change batch size and time steps in the data panel and see the wires follow. The samples of a batch do "
            "not know of each other: each starts from a state of zeros.\n"
            "Look at: the sample switch in the scopes, and both samples side by side.",
            _NOTE,
        ),
    ),
    running_means,
    head=dense_head(),
)

SYSTEMS = (
    SIMPLE_RNN,
    LSTM,
    GRU,
    BIDIRECTIONAL,
    STACKED_CELLS,
    GENERATION,
    RUNNING_SUM,
    BATCH_AND_STEPS,
)
