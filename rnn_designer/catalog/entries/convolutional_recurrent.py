"""The recurrent layers that read sequences of rows, pictures or volumes: ConvLSTM1D, ConvLSTM2D and ConvLSTM3D."""

from collections.abc import Mapping
from dataclasses import replace
from math import prod
from typing import Any

from rnn_designer.catalog.entries.recurrent import LSTM, outputs_with
from rnn_designer.catalog.keras_arguments import argument, with_defaults
from rnn_designer.catalog.parameters import Choice, Flag, Integers, Parameter
from rnn_designer.catalog.rules import (
    check_weights,
    check_window,
    expect_rank,
    joined,
    known_features,
    per_axis,
    real_numbers,
    spatial_axes,
    window_output,
)
from rnn_designer.catalog.shared import (
    ACTIVITY_REGULARIZER,
    DTYPE,
    TRAINABLE,
    activation,
    constraint,
    data_format,
    initializer,
    rate,
    regularizer,
    units,
    use_bias,
)
from rnn_designer.catalog.states import INITIAL_STATE, check_initial, starts
from rnn_designer.catalog.tensors import Size, TensorSpec
from rnn_designer.catalog.types import Call, CellState, Family, LayerType, RuleError
from rnn_designer.wording import counted

_FRAMES = {
    1: ("rows", "a row of places, such as sensors along a line"),
    2: ("rows, columns", "a picture"),
    3: ("depth, rows, columns", "a volume"),
}


_INITIAL_FRAMES = replace(
    INITIAL_STATE,
    explanation="What the states are before the first step. None: zeros. Otherwise one number for each of the two, "
    "which then fills the whole frame; every sample of a batch begins alike. Where a computed state is to be the "
    "beginning, draw a wire to the ports at the top edge instead. In code it is given where the layer is called.",
)


def _rank(call: Call) -> int:
    return int(call.type.kind[-2])


def _checked(call: Call) -> tuple[TensorSpec, tuple[int, ...], int, int]:
    """The input, the numbers of its axes under the window, that of its features axis, and the number of features."""
    kind, rank, params = call.type.kind, _rank(call), call.params
    spec = real_numbers(call)
    expect_rank(
        call,
        spec,
        rank + 3,
        f"a sequence of frames (batch, time, {_FRAMES[rank][0]}, features)",
        "Give the Input that many axes, or bring the tensor into that shape with Reshape.",
    )
    check_weights(call)
    places, features = spatial_axes(params, rank, first=2)
    strides, dilation = per_axis(params["strides"], rank), per_axis(params["dilation_rate"], rank)
    if max(strides) > 1 and max(dilation) > 1:
        raise RuleError(
            "strides_and_dilation",
            f"{kind} takes either strides or dilation_rate above 1, got {max(strides)} and {max(dilation)}. "
            "Set one of them to 1.",
            parameter="dilation_rate",
        )
    channels = known_features(call, spec, features)
    for axis in places:
        if spec.sizes[axis] is None:
            raise RuleError(
                "features_open",
                f"{kind} keeps a state for every place of a frame, so the {spec.axes[axis]} must be fixed, got "
                f"{spec} where they are open. Set that size in the Input.",
                axis=axis,
            )
    if params["stateful"] and spec.sizes[0] is None:
        raise RuleError(
            "batch_open",
            f"{kind} with stateful on keeps one state per sample, so the batch size must be fixed, got "
            f"{spec} where it is open. Set batch_size in the Input, or switch stateful off.",
            parameter="stateful",
        )
    kernel = per_axis(params["kernel_size"], rank)
    for axis, window, apart in zip(places, kernel, dilation, strict=True):
        check_window(call, spec, axis, window, params["padding"], "kernel_size", apart)
    return spec, places, features, channels


def _rule(call: Call) -> tuple[TensorSpec, ...]:
    """(batch, time, …, features) to (batch, time, …, filters), or without time for the last step, then h and c."""
    spec, places, features, _ = _checked(call)
    params, rank = call.params, _rank(call)
    sizes: list[Size] = list(spec.sizes)
    sizes[features] = params["filters"]
    kernel, strides, dilation = (
        per_axis(params[name], rank) for name in ("kernel_size", "strides", "dilation_rate")
    )
    for axis, window, stride, apart in zip(places, kernel, strides, dilation, strict=True):
        sizes[axis] = window_output(sizes[axis], window, stride, params["padding"], apart)
    frame = TensorSpec((sizes[0], *sizes[2:]), (spec.axes[0], *spec.axes[2:]))
    output = frame
    if params["return_sequences"]:
        output = TensorSpec(tuple(sizes), spec.axes, "float", spec.masked)
    check_initial(call, _carried(params, ()), (frame, frame))
    return (output, frame, frame) if params["return_state"] else (output,)


def _carried(_params: Mapping[str, Any], _children: tuple[Call, ...]) -> tuple[CellState, ...]:
    """Two frames; their size depends on what arrives."""
    return tuple(
        CellState(symbol, f"state/{symbol}", symbol, None, (place,)) for place, symbol in enumerate("hc")
    )


def _count(call: Call) -> int:
    _, _, _, channels = _checked(call)
    params = call.params
    filters, window = params["filters"], prod(per_axis(params["kernel_size"], _rank(call)))
    return int(4 * filters * (window * (channels + filters) + params["use_bias"]))


def _words(params: Mapping[str, Any]) -> str:
    kernel = params["kernel_size"]
    window = "×".join(map(str, kernel)) if isinstance(kernel, tuple) else str(kernel)
    return joined(
        counted(params["filters"], "filter", grouped=False),
        f"window of {window}",
        "sequences" if params["return_sequences"] else "last output",
        "backwards" if params["go_backwards"] else None,
        "states" if params["return_state"] else None,
    )


def _weights() -> tuple[Parameter, ...]:
    """Initializers, regularizers and constraints of the three weights. A kernel has at least three axes."""
    named = (
        ("kernel", 3, "the kernel (weights on the input, window × features × 4 · filters)"),
        (
            "recurrent",
            3,
            "the recurrent kernel (weights on the state before, window × filters × 4 · filters)",
        ),
        ("bias", 1, "the bias (4 · filters)"),
    )
    return (
        *(regularizer(f"{name}_regularizer", what, rank) for name, rank, what in named),
        *(initializer(f"{name}_initializer", what, rank) for name, rank, what in named),
        *(constraint(f"{name}_constraint", what) for name, _, what in named),
    )


def _parameters(kind: str, rank: int) -> tuple[Parameter, ...]:
    places = _FRAMES[rank][0]
    many = rank > 1
    each = " One number, or one for each of those axes." if many else ""

    def window(name: str, text: str, formula: str = "", initial: Any = None) -> Parameter:
        type_ = Integers(length=rank, minimum=1, single=True)
        return argument(name, type_, text + each, formula=formula, initial=initial)

    return with_defaults(
        kind,
        (
            units(
                "How many numbers are remembered at every place of a frame: the size of the output's features "
                "axis.",
                "weights: 4 · filters · (window · (features + filters) + 1)",
                name="filters",
                initial=8,
            ),
            window(
                "kernel_size",
                f"How far each place looks around itself ({places}), in the frame and in the state before.",
                initial=3,
            ),
            window(
                "strides", "How far the window moves on each time; 2 halves the frame. 1 keeps every place."
            ),
            argument(
                "padding",
                Choice(("valid", "same")),
                "What happens at the edges of a frame. valid: only whole windows, so frames get smaller. same: "
                "zeros around it, so the size stays (with strides 1).",
            ),
            window(
                "dilation_rate",
                "The distance between the places that the window looks at in the frame. Above 1, strides must "
                "be 1.",
            ),
            activation(
                "activation",
                "The function for what is written into the cell state (g) and for the cell state on its way "
                "out. tanh keeps the output between −1 and 1.",
                "g = activation(…), hₜ = o ⊙ activation(cₜ)",
                recurrent=True,
            ),
            LSTM.by_name["recurrent_activation"],
            argument(
                "return_sequences",
                Flag(),
                "Yes: a frame after every step, so that another such layer can follow. No: only the frame after "
                "the last step.",
                formula=f"yes: (batch, time, {places}, filters); no: (batch, {places}, filters)",
            ),
            argument(
                "return_state",
                Flag(),
                "Also gives out the hidden state h and the cell state c after the last step, each on a port of "
                "its own. The output itself stays as it is.",
                formula=f"adds h and c: (batch, {places}, filters) each",
            ),
            use_bias("Adds a learned constant to each gate of each filter.", "adds 4 · filters weights"),
            *_weights(),
            ACTIVITY_REGULARIZER,
            LSTM.by_name["dropout"],
            rate(
                "recurrent_dropout",
                "The share of state entries set to 0 while training before they are used for the next step. Off "
                "while watching.",
                group="dropout",
                initial=0.0,
            ),
            LSTM.by_name["seed"],
            LSTM.by_name["unit_forget_bias"],
            _INITIAL_FRAMES,
            LSTM.by_name["go_backwards"],
            LSTM.by_name["stateful"],
            argument(
                "zero_output_for_mask",
                Flag(),
                "With return_sequences, outputs 0 at masked steps instead of repeating the output before. The "
                "state is held either way.",
                group="behaviour",
            ),
            LSTM.by_name["unroll"],
            data_format(f"(batch, time, {places}, features)", f"(batch, time, features, {places})"),
            TRAINABLE,
            DTYPE,
        ),
    )


def _conv_lstm(rank: int, summary: str, keywords: tuple[str, ...]) -> LayerType:
    kind = f"ConvLSTM{rank}D"
    places, frame = _FRAMES[rank]
    return LayerType(
        kind=kind,
        family=Family.RECURRENT,
        summary=summary,
        explanation=(
            f"An LSTM in which every step is {frame}, and so are the states: each place has gates of its own, "
            "worked out from the places around it in the new frame and in the state before. All places share "
            "the same weights, so a movement is learned once for everywhere. The size of a frame must be "
            "fixed; the number of steps need not be.\n\n"
            "i, f, o = σ(W ∗ xₜ + U ∗ hₜ₋₁ + b), each with its own W, U and b\n"
            "g = tanh(W_g ∗ xₜ + U_g ∗ hₜ₋₁ + b_g)\n"
            "cₜ = f ⊙ cₜ₋₁ + i ⊙ g\n"
            "hₜ = o ⊙ tanh(cₜ)\n\n"
            f"∗ is a convolution over {places}, ⊙ multiplies place by place."
        ),
        parameters=_parameters(kind, rank),
        rule=_rule,
        count=_count,
        words=_words,
        more_inputs=starts(_carried),
        outputs=outputs_with(_carried),
        states=LSTM.states,
        gates=LSTM.gates,
        carried=_carried,
        keywords=("convolutional", "recurrent", "memory", "lstm", "sequence", *keywords),
    )


CONV_LSTM_1D = _conv_lstm(
    1,
    "An LSTM over sequences of rows: each place remembers, and looks at its neighbours.",
    ("sensor", "line"),
)
CONV_LSTM_2D = _conv_lstm(
    2,
    "An LSTM over sequences of pictures: every pixel remembers and looks around.",
    ("video", "image", "frames"),
)
CONV_LSTM_3D = _conv_lstm(
    3,
    "An LSTM over sequences of volumes: every voxel remembers and looks around.",
    ("volume", "voxel", "scan"),
)

CONVOLUTIONAL_RECURRENT = (CONV_LSTM_1D, CONV_LSTM_2D, CONV_LSTM_3D)
