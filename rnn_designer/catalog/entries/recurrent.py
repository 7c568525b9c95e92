"""The recurrent layers that are one cell in a loop: SimpleRNN, LSTM and GRU, and what their like have in common."""

from collections.abc import Mapping
from typing import Any

from rnn_designer.catalog.keras_arguments import argument, with_defaults
from rnn_designer.catalog.parameters import Choice, Flag, Parameter
from rnn_designer.catalog.rules import check_weights, joined, known_features, real_numbers
from rnn_designer.catalog.shared import (
    ACTIVITY_REGULARIZER,
    DTYPE,
    TRAINABLE,
    activation,
    constraint,
    initializer,
    rate,
    regularizer,
    seed,
    units,
    use_bias,
)
from rnn_designer.catalog.states import INITIAL_STATE, check_initial, starts, state_ports
from rnn_designer.catalog.tensors import TensorSpec
from rnn_designer.catalog.types import (
    Call,
    CellState,
    CountRule,
    Family,
    LayerType,
    Port,
    PortRule,
    RuleError,
    Signal,
    StateRule,
)
from rnn_designer.wording import counted


def carrying(*symbols: str, bare: bool = False) -> StateRule:
    """The rule of a layer or cell whose states have one number per unit.

    Args:
        symbols: what the states are called, in Keras' order.
        bare: whether it is a cell with a single state that Keras keeps outside any list.
    """

    def states(params: Mapping[str, Any], _children: tuple[Call, ...]) -> tuple[CellState, ...]:
        return tuple(
            CellState(symbol, f"state/{symbol}", symbol, (params["units"],), () if bare else (place,))
            for place, symbol in enumerate(symbols)
        )

    return states


_CARRIES_H, _CARRIES_H_AND_C = carrying("h"), carrying("h", "c")


def check_sequence(call: Call) -> TensorSpec:
    """The one input of a recurrent layer, which has to be a sequence of vectors of known size."""
    kind = call.type.kind
    spec = real_numbers(call)
    if spec.rank != 3:
        if spec.rank < 3:
            advice = (
                "Set return_sequences to yes in the recurrent layer before it, add a features axis with "
                "Reshape, or repeat the vector with RepeatVector."
            )
        else:
            advice = "Bring it to three axes with Reshape, or wrap the layer in TimeDistributed."
        raise RuleError(
            "rank_time_features",
            f"{kind} needs a sequence (batch, time, features), got {spec}. {advice}",
            expected=3,
            got=spec.rank,
        )
    known_features(call, spec)
    if call.params["stateful"] and spec.sizes[0] is None:
        raise RuleError(
            "batch_open",
            f"{kind} with stateful on keeps one state per sample, so the batch size must be fixed, got "
            f"{spec} where it is open. Set batch_size in the Input, or switch stateful off.",
            parameter="stateful",
        )
    check_weights(call)
    return spec


def _rule(call: Call) -> tuple[TensorSpec, ...]:
    """(batch, time, features) to (batch, time, units), or (batch, units) for the last step, then the states."""
    spec = check_sequence(call)
    size = call.params["units"]
    batch = spec.sizes[0]
    if call.params["return_sequences"]:
        output = TensorSpec((batch, spec.time, size), masked=spec.masked)
    else:
        output = TensorSpec((batch, size))
    return with_states(call, output)


def with_states(call: Call, output: TensorSpec) -> tuple[TensorSpec, ...]:
    """The output and, with return_state, the states after the last step; initial states are checked on the way."""
    states = call.type.carried(call.params, call.children)
    batch = output.sizes[0]
    specs = tuple(TensorSpec((batch, *(state.sizes or ()))) for state in states)
    check_initial(call, states, specs)
    return (output, *specs) if call.params["return_state"] else (output,)


def outputs_with(carried: StateRule) -> PortRule:
    """The output ports of a recurrent layer: the output, and with return_state the states that it carries."""

    def ports(params: Mapping[str, Any], children: tuple[Call, ...]) -> tuple[Port, ...]:
        states = state_ports(carried(params, children)) if params["return_state"] else ()
        return (Port("output"), *states)

    return ports


def _words(params: Mapping[str, Any]) -> str:
    return joined(
        counted(params["units"], "unit", grouped=False),
        "sequences" if params["return_sequences"] else "last output",
        "backwards" if params["go_backwards"] else None,
        "states" if params["return_state"] else None,
    )


def weights_per_gate(call: Call, features: int) -> int:
    """How many weights a gate has, or the candidate, or a SimpleRNN: kernel, recurrent kernel and biases.

    A GRU with reset_after has a second bias, for the recurrent side.
    """
    size, biases = call.params["units"], int(call.params["use_bias"])
    if call.params.get("reset_after"):
        biases *= 2
    return int(size * (features + size + biases))


def _count(gates: int) -> CountRule:
    def count(call: Call) -> int:
        return gates * weights_per_gate(call, known_features(call, check_sequence(call)))

    return count


RETURN_SEQUENCES = argument(
    "return_sequences",
    Flag(),
    "Yes: the output after every step, so that another recurrent layer can follow. No: only the output "
    "after the last step, a summary of the whole sequence.",
    formula="yes: (batch, time, units); no: (batch, units)",
)


def return_state(states: str, count: str) -> Parameter:
    """Whether the states after the last step come out too; ``states`` says which, ``count`` with their shapes."""
    return argument(
        "return_state",
        Flag(),
        f"Also gives out {states} after the last step. Needed to start another layer from where this one "
        "ended. The output itself stays as it is.",
        formula=f"adds {count}",
    )


def behaviour() -> tuple[Parameter, ...]:
    """How a recurrent layer walks along a sequence, and where it begins."""
    return (
        INITIAL_STATE,
        argument(
            "go_backwards",
            Flag(),
            "Reads the sequence from its last step to its first. With return_sequences the outputs come in "
            "that reversed order too.",
            group="behaviour",
        ),
        argument(
            "stateful",
            Flag(),
            "Keeps the state at the end of a batch and starts the next batch from it, instead of from "
            "zeros. Needs a fixed batch size; sample k of every batch must continue sample k of the one "
            "before.",
            group="behaviour",
        ),
        argument(
            "zero_output_for_mask",
            Flag(),
            "With return_sequences, outputs 0 at masked steps instead of repeating the output before. The "
            "state is held either way. A Bidirectional around the layer switches it on by itself where "
            "sequences are returned.",
            group="behaviour",
        ),
        argument(
            "unroll",
            Flag(),
            "Writes every step out instead of looping: faster for short sequences, slow to start and heavy "
            "for long ones. The numbers stay the same.",
            group="advanced",
        ),
    )


_USE_CUDNN = argument(
    "use_cudnn",
    Choice(("auto", True, False)),
    "Whether to use NVIDIA's fast code on a graphics card. auto: where possible, which needs tanh and "
    "sigmoid, no recurrent dropout, no unrolling, a bias (and reset_after in a GRU). Yes fails where there "
    "is none. No gives the same numbers for masked sequences on every machine.",
    group="advanced",
)


def implementation() -> Parameter:
    """An argument that is in no signature of Keras."""
    draft = argument(
        "implementation",
        Choice((2, 1)),
        "How the multiplications are grouped: 2 makes few large ones, 1 many small ones. It changes speed "
        "and the last digits only. Recurrent dropout always uses 1. Keras does not save it with a model.",
        group="advanced",
    )
    return Parameter(draft.name, draft.type, 2, draft.explanation, group=draft.group)


def kernels(side_by_side: str, bias: str) -> tuple[Parameter, ...]:
    """Initializers, regularizers and constraints of the three weights."""
    named = (
        ("kernel", 2, f"the kernel (weights on the input, features × {side_by_side})"),
        ("recurrent", 2, f"the recurrent kernel (weights on the state before, units × {side_by_side})"),
        # The GRU's second bias makes two axes of it; what needs two is of no use there all the same.
        ("bias", 1, f"the bias ({bias})"),
    )
    return (
        *(regularizer(f"{name}_regularizer", what, rank) for name, rank, what in named),
        *(initializer(f"{name}_initializer", what, rank) for name, rank, what in named),
        *(constraint(f"{name}_constraint", what) for name, _, what in named),
    )


def dropouts(on_inputs: str, on_states: str, on_seed: str = "") -> tuple[Parameter, ...]:
    """Dropout inside the recurrence; the arguments are what is particular to a layer type."""
    return (
        rate(
            "dropout",
            "The share of input features set to 0 while training, the same ones at every step, so that the "
            f"layer does not lean on any single one. {on_inputs}Off while watching, unless you watch as in training.",
            group="dropout",
            initial=0.0,
        ),
        rate(
            "recurrent_dropout",
            "The share of state entries set to 0 while training before they are used for the next step. "
            f"{on_states}Off while watching, unless you watch as in training.",
            group="dropout",
            initial=0.0,
        ),
        seed("dropped numbers", on_seed),
    )


_GATED_DROPOUTS = dropouts(
    "At exactly 1 Keras 3.15 drops nothing. ", "It rules out the fast code for graphics cards. "
)

UNITS_WORDS = (
    "How many numbers the layer remembers from step to step: the length of its state, and the size of the "
    "output's last axis. More units can hold more, and cost time and weights with the square of their "
    "number."
)

SIMPLE_RNN = LayerType(
    kind="SimpleRNN",
    family=Family.RECURRENT,
    summary="The plainest recurrent layer: each step mixes the input with the output before.",
    explanation=(
        "At every step the layer mixes the new input with its own output from the step before and squeezes "
        "the sum through an activation. That output is also its whole memory, the hidden state h. It "
        "learns short patterns well; over many steps what it learned fades or grows, which LSTM and GRU "
        "were made to avoid.\n\n"
        "hₜ = tanh(xₜ·W + hₜ₋₁·U + b)\n\n"
        "W is the kernel (features × units), U the recurrent kernel (units × units), b the bias."
    ),
    parameters=with_defaults(
        "SimpleRNN",
        (
            units(UNITS_WORDS, "weights: units · (features + units + 1)"),
            activation(
                "activation",
                "The function that each step's sum goes through. tanh keeps the state between −1 and 1; "
                "relu or none let it grow without limit over many steps.",
                "hₜ = activation(xₜ·W + hₜ₋₁·U + b)",
                recurrent=True,
            ),
            RETURN_SEQUENCES,
            return_state("the hidden state h on a port of its own", "h: (batch, units)"),
            use_bias("Adds a learned constant to each unit at every step.", "adds units weights"),
            *kernels("units", "one number per unit"),
            argument(
                ACTIVITY_REGULARIZER.name,
                ACTIVITY_REGULARIZER.type,
                "Meant as a penalty on the layer's output, but Keras 3.15 accepts it here and then ignores "
                "it: SimpleRNN adds no such penalty. LSTM and GRU do.",
                group="regularizers",
            ),
            *dropouts("", "", " Keras 3.15 does not save it with a model."),
            *behaviour(),
            TRAINABLE,
            DTYPE,
        ),
    ),
    rule=_rule,
    count=_count(1),
    words=_words,
    outputs=outputs_with(_CARRIES_H),
    more_inputs=starts(_CARRIES_H),
    carried=_CARRIES_H,
    states=(Signal("state/h", "h", "The hidden state, which is also the output of the step."),),
    keywords=("rnn", "vanilla", "elman", "recurrent", "sequence"),
)

LSTM = LayerType(
    kind="LSTM",
    family=Family.RECURRENT,
    summary="Long short-term memory: a cell state guarded by three gates remembers over many steps.",
    explanation=(
        "The layer keeps two memories: the cell state c, which runs along the sequence like a conveyor "
        "belt, and the hidden state h, which is its output. Three gates, numbers between 0 and 1, decide "
        "at every step what is forgotten from c (f), what is written into it (i), and what of it is shown "
        "(o). The candidate g is what would be written. Because c is only scaled and added to, it can "
        "carry something over many steps.\n\n"
        "i = σ(xₜ·W_i + hₜ₋₁·U_i + b_i)\n"
        "f = σ(xₜ·W_f + hₜ₋₁·U_f + b_f)\n"
        "g = tanh(xₜ·W_g + hₜ₋₁·U_g + b_g)\n"
        "o = σ(xₜ·W_o + hₜ₋₁·U_o + b_o)\n"
        "cₜ = f ⊙ cₜ₋₁ + i ⊙ g\n"
        "hₜ = o ⊙ tanh(cₜ)\n\n"
        "⊙ multiplies unit by unit. Keras keeps the four kernels side by side, in the order i, f, g, o."
    ),
    parameters=with_defaults(
        "LSTM",
        (
            units(UNITS_WORDS, "weights: 4 · units · (features + units + 1)"),
            activation(
                "activation",
                "The function for what is written into the cell state (g) and for the cell state on its "
                "way out. tanh keeps the output between −1 and 1.",
                "g = activation(…), hₜ = o ⊙ activation(cₜ)",
                recurrent=True,
            ),
            activation(
                "recurrent_activation",
                "The function of the three gates. It should run from 0 (shut) to 1 (open), as sigmoid does.",
                "i, f, o = recurrent_activation(…)",
                recurrent=True,
            ),
            RETURN_SEQUENCES,
            return_state(
                "the hidden state h and the cell state c, each on a port of its own",
                "h and c: (batch, units) each",
            ),
            use_bias("Adds a learned constant to each gate of each unit.", "adds 4 · units weights"),
            *kernels("4 · units", "4 · units"),
            ACTIVITY_REGULARIZER,
            *_GATED_DROPOUTS,
            argument(
                "unit_forget_bias",
                Flag(),
                "Starts the forget gate's bias at 1, so that the layer remembers from the outset; the "
                "other gates' biases come from bias_initializer, which it leaves as you set it.",
                formula="f at the start ≈ σ(1) ≈ 0.73",
                group="initializers",
            ),
            *behaviour(),
            implementation(),
            _USE_CUDNN,
            TRAINABLE,
            DTYPE,
        ),
    ),
    rule=_rule,
    count=_count(4),
    words=_words,
    outputs=outputs_with(_CARRIES_H_AND_C),
    more_inputs=starts(_CARRIES_H_AND_C),
    carried=_CARRIES_H_AND_C,
    states=(
        Signal("state/h", "h", "The hidden state, which is also the output of the step."),
        Signal("state/c", "c", "The cell state: the long memory, scaled by f and added to at every step."),
    ),
    gates=(
        Signal(
            "gate/input", "i", "The input gate: how much of the candidate is written into the cell state."
        ),
        Signal("gate/forget", "f", "The forget gate: how much of the cell state is kept."),
        Signal("gate/candidate", "g", "The candidate: what would be written into the cell state."),
        Signal("gate/output", "o", "The output gate: how much of the cell state is shown as output."),
    ),
    keywords=("long short-term memory", "recurrent", "memory", "sequence", "rnn", "cell state"),
)

GRU = LayerType(
    kind="GRU",
    family=Family.RECURRENT,
    summary="Gated recurrent unit: one state and two gates, lighter than an LSTM.",
    explanation=(
        "The layer has a single state h. The update gate z says how much of it stays, the reset gate r how "
        "much of it is looked at when the candidate h̃ is made. It often learns as well as an LSTM with a "
        "quarter fewer weights.\n\n"
        "z = σ(xₜ·W_z + hₜ₋₁·U_z + b_z)\n"
        "r = σ(xₜ·W_r + hₜ₋₁·U_r + b_r)\n"
        "h̃ = tanh(xₜ·W_h + b_h + r ⊙ (hₜ₋₁·U_h + b′_h))\n"
        "hₜ = z ⊙ hₜ₋₁ + (1 − z) ⊙ h̃\n\n"
        "With reset_after off, the candidate uses (r ⊙ hₜ₋₁)·U_h and has no second bias. Keras keeps the "
        "kernels side by side, in the order z, r, h̃. Here z = 1 means keep; some books write it the other "
        "way round."
    ),
    parameters=with_defaults(
        "GRU",
        (
            units(UNITS_WORDS, "weights: 3 · units · (features + units + 2)"),
            activation(
                "activation",
                "The function of the candidate h̃, which is mixed into the state. tanh keeps the state "
                "between −1 and 1.",
                "h̃ = activation(…)",
                recurrent=True,
            ),
            activation(
                "recurrent_activation",
                "The function of the two gates. It should run from 0 (shut) to 1 (open), as sigmoid does.",
                "z, r = recurrent_activation(…)",
                recurrent=True,
            ),
            RETURN_SEQUENCES,
            return_state("the hidden state h on a port of its own", "h: (batch, units)"),
            use_bias(
                "Adds learned constants to each gate of each unit: one on the input side and, with "
                "reset_after, a second on the recurrent side.",
                "adds 6 · units weights, 3 · units without reset_after",
            ),
            argument(
                "reset_after",
                Flag(),
                "Where the reset gate acts: yes, on the product of state and recurrent kernel (as graphics "
                "cards do it, with a second bias); no, on the state before the product, as in the first "
                "paper.",
                formula="yes: r ⊙ (h·U + b′); no: (r ⊙ h)·U",
            ),
            *kernels("3 · units", "2 × 3 · units, or 3 · units without reset_after"),
            ACTIVITY_REGULARIZER,
            *_GATED_DROPOUTS,
            *behaviour(),
            implementation(),
            _USE_CUDNN,
            TRAINABLE,
            DTYPE,
        ),
    ),
    rule=_rule,
    count=_count(3),
    words=_words,
    outputs=outputs_with(_CARRIES_H),
    more_inputs=starts(_CARRIES_H),
    carried=_CARRIES_H,
    states=(Signal("state/h", "h", "The hidden state, which is also the output of the step."),),
    gates=(
        Signal("gate/update", "z", "The update gate: how much of the state stays (1 keeps all of it)."),
        Signal("gate/reset", "r", "The reset gate: how much of the state the candidate may look at."),
        Signal("gate/candidate", "h̃", "The candidate: what is mixed into the state."),
    ),
    keywords=("gated recurrent unit", "recurrent", "memory", "sequence", "rnn"),
)

RECURRENT = (SIMPLE_RNN, LSTM, GRU)
