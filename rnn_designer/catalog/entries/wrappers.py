"""The layers that hold another layer: Bidirectional and TimeDistributed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rnn_designer.catalog.cells import LAYER_OF
from rnn_designer.catalog.inner import count_on, first_inner, inner, outputs_on, total
from rnn_designer.catalog.keras_arguments import argument, with_defaults
from rnn_designer.catalog.parameters import Choice
from rnn_designer.catalog.shared import BASE
from rnn_designer.catalog.states import (
    INITIAL_STATE_BOTH_WAYS,
    carried_by,
    check_initial,
    refuse_inside,
    starts,
    state_ports,
    within,
)
from rnn_designer.catalog.tensors import TensorSpec
from rnn_designer.catalog.types import Call, CellState, Family, LayerType, Port, RuleError, Slot

_MERGES = ("concat", "sum", "mul", "ave", None)
_COMMON = ("return_sequences", "return_state", "stateful")
_SIZE = ("units", "filters")


def _reads_both_ways(kind: LayerType) -> bool:
    """Whether a Bidirectional can hold it: a recurrent layer, whatever its states are."""
    return kind.recurrent


def _directions(call: Call) -> tuple[Call, Call]:
    """The forward and the backward layer, checked as Keras checks them."""
    forward = first_inner(call, "a recurrent layer such as LSTM, GRU or RNN")
    given = inner(call, 1)
    for index, child in enumerate((forward, given)):
        if child is None:
            continue
        if not _reads_both_ways(child.type):
            cell = f" An RNN with {child.type.kind} in it is one." if child.type.cell else ""
            raise RuleError(
                "wrapped_kind",
                f"Bidirectional needs a recurrent layer inside, got {child.type.kind}.{cell} Put LSTM, GRU, "
                "SimpleRNN or RNN into it.",
                child=index,
                kind=child.type.kind,
                instead=LAYER_OF.get(child.type.kind, "RNN" if child.type.cell else None),
            )
        refuse_inside(
            call, child, index, "Set initial_state of the Bidirectional: it begins both directions."
        )
    backwards = bool(forward.params["go_backwards"])
    if given is None:
        if backwards:
            raise RuleError(
                "wrapped_backwards",
                "Bidirectional reads its layer forwards and makes the backward one itself, got a layer with "
                "go_backwards on. Switch go_backwards off in it.",
                parameter="go_backwards",
                child=0,
            )
        return forward, _mirror(forward)
    if bool(given.params["go_backwards"]) == backwards:
        raise RuleError(
            "wrapped_backwards",
            f"Bidirectional needs one layer with go_backwards off and one with it on, got {_yes(backwards)} "
            "in both. Switch it on in the backward layer and off in the forward layer.",
            parameter="go_backwards",
            child=1 if not backwards else 0,
        )
    for name in _COMMON:
        if forward.params[name] != given.params[name]:
            raise RuleError(
                "wrapped_differ",
                f"Bidirectional needs the same {name} in both of its layers, got "
                f"{_yes(forward.params[name])} in the forward and {_yes(given.params[name])} in the "
                "backward layer. Set both alike.",
                parameter=name,
                child=1,
                expected=forward.params[name],
            )
    return forward, given


def _mirror(forward: Call) -> Call:
    """The backward layer that Keras makes where none is given: the same layer, read the other way."""
    return replace(forward, params={**forward.params, "go_backwards": True})


def _yes(value: Any) -> str:
    return "yes" if value else "no"


def _both(call: Call) -> tuple[tuple[TensorSpec, ...], tuple[TensorSpec, ...]]:
    """What the two layers give out, refused where Keras would declare other shapes than come out.

    Keras declares the forward layer's shapes for both directions, whatever the backward layer really gives.
    """
    forward, backward = _directions(call)
    there = outputs_on(forward, 0, call.inputs[0])
    last = len(call.children) - 1
    back = outputs_on(backward, last, call.inputs[0])
    if there[0].sizes != back[0].sizes:
        size = next((name for name in _SIZE if name in forward.params and name in backward.params), None)
        what = f"number of {size}" if size else "output size"
        got = [
            f"{each.params[size]}" if size else f"{output[0]}"
            for each, output in ((forward, there), (backward, back))
        ]
        raise RuleError(
            "wrapped_differ",
            f"Bidirectional needs the same {what} in both of its layers, got {got[0]} in the forward and "
            f"{got[1]} in the backward layer. {'Set both alike' if size else 'Give both the same size'}.",
            parameter=size,
            child=1,
            **({"expected": forward.params[size]} if size else {}),
        )
    if [spec.sizes for spec in there[1:]] != [spec.sizes for spec in back[1:]]:
        raise RuleError(
            "wrapped_differ",
            "Bidirectional with return_state needs two layers with the same states, got "
            f"{_kept(forward)} and {_kept(backward)}. Use the same kind and size twice, or switch return_state off "
            "in both.",
            parameter="return_state",
            child=1,
            expected=False,
        )
    return there, back


def _kept(layer: Call) -> str:
    """A layer with its states in a sentence."""
    return f"{layer.type.kind} with {', '.join(state.symbol for state in carried_by(layer))}"


def _bidirectional_carried(_params: Mapping[str, Any], children: tuple[Call, ...]) -> tuple[CellState, ...]:
    """The forward layer's states, then the backward layer's."""
    there, back = _carried_each_way(children)
    first = 1 + max((state.place[0] for state in there), default=-1)
    return (*within(there, "forward", 0), *within(back, "backward", first))


def _carried_each_way(children: tuple[Call, ...]) -> tuple[tuple[CellState, ...], tuple[CellState, ...]]:
    recurrent = [child for child in children[:2] if child.type.recurrent]
    if not recurrent:
        return (), ()
    return carried_by(recurrent[0]), carried_by(recurrent[-1])


def _check_beginning(call: Call, there: tuple[TensorSpec, ...], back: tuple[TensorSpec, ...]) -> None:
    """Refuse initial states that do not belong to the two layers."""
    forward, backward = _directions(call)
    states = _bidirectional_carried(call.params, call.children)
    if not call.named and call.params["initial_state"] is None:
        return
    each_way = [carried_by(layer) for layer in (forward, backward)]
    lists = [len({state.place[0] for state in own}) for own in each_way]
    if lists[0] != lists[1]:
        raise RuleError(
            "state_count",
            "Bidirectional gives one half of its initial states to each direction, so both layers must have as many, "
            f"got {_kept(forward)} and {_kept(backward)}. Use the same kind twice, or begin with zeros.",
            wired=tuple(call.named),
            missing=(),
        )
    check_initial(
        call,
        states,
        (*_state_specs(forward, there[0]), *_state_specs(backward, back[0])),
    )


def _state_specs(layer: Call, output: TensorSpec) -> tuple[TensorSpec, ...]:
    """The tensors of a direction's states; frames of a ConvLSTM are as large as its output at one step."""
    frame = output.sizes
    if layer.params["return_sequences"]:
        frame = (output.sizes[0], *output.sizes[2:])
    return tuple(
        TensorSpec(frame if state.sizes is None else (output.sizes[0], *state.sizes))
        for state in carried_by(layer)
    )


def _bidirectional_rule(call: Call) -> tuple[TensorSpec, ...]:
    """The two directions' outputs, merged or side by side, then the forward and the backward states."""
    there, back = _both(call)
    _check_beginning(call, there, back)
    (output, *forward_states), (other, *backward_states) = there, back
    mode = call.params["merge_mode"]
    outputs: tuple[TensorSpec, ...] = (output,)
    if mode is None:
        outputs = (output, other)
    elif mode == "concat":
        last = output.sizes[-1]
        outputs = (output.having(*output.sizes[:-1], None if last is None else 2 * last),)
    return (*outputs, *forward_states, *backward_states)


def _bidirectional_count(call: Call) -> int | None:
    forward, backward = _directions(call)
    last = len(call.children) - 1
    return total((count_on(forward, 0, call.inputs[0]), count_on(backward, last, call.inputs[0])))


def _bidirectional_outputs(params: Mapping[str, Any], children: tuple[Call, ...]) -> tuple[Port, ...]:
    outputs = (
        (Port("forward", "forward"), Port("backward", "backward"))
        if params["merge_mode"] is None
        else (Port("output"),)
    )
    if not children or not children[0].type.recurrent or not children[0].params["return_state"]:
        return outputs
    return (*outputs, *state_ports(_bidirectional_carried(params, children)))


def _bidirectional_words(params: Mapping[str, Any]) -> str:
    mode = params["merge_mode"]
    return f"forward + backward · {'side by side' if mode is None else mode}"


BIDIRECTIONAL = LayerType(
    kind="Bidirectional",
    family=Family.WRAPPERS,
    summary="Reads a sequence both forwards and backwards with two copies of a recurrent layer.",
    explanation=(
        "Two layers of the same make, with weights of their own, read the sequence: one from the first "
        "step to the last, one from the last to the first. Their outputs are merged, so that every step "
        "knows what came before and what comes after. It fits where the whole sequence is known, such as a "
        "sentence; not for forecasting, where the future is not there yet.\n\n"
        "y = merge(forward(x), backward(x))\n\n"
        "With merge_mode concat the output has twice the units. The backward outputs are turned round, so "
        "that both belong to the same step."
    ),
    parameters=with_defaults(
        "Bidirectional",
        (
            argument(
                "merge_mode",
                Choice(_MERGES),
                "How the two outputs become one: concat puts them side by side (twice the units), sum "
                "adds, mul multiplies, ave takes the mean. None keeps them apart, on two ports.",
                formula="concat: 2 · units; sum, mul, ave: units",
            ),
            argument(
                "weights",
                Choice((None,)),
                "Weights to start from. The design keeps weights itself and the exported code loads them "
                "from a file, so it is not set here.",
                group="advanced",
                editable=False,
            ),
            INITIAL_STATE_BOTH_WAYS,
            *BASE,
        ),
    ),
    rule=_bidirectional_rule,
    count=_bidirectional_count,
    words=_bidirectional_words,
    more_inputs=starts(_bidirectional_carried),
    outputs=_bidirectional_outputs,
    slots=(
        Slot("layer", _reads_both_ways, "a recurrent layer: SimpleRNN, LSTM, GRU, RNN or a ConvLSTM"),
        Slot(
            "backward_layer",
            _reads_both_ways,
            "a recurrent layer with go_backwards on; left empty, a mirror image of the first",
            required=False,
        ),
    ),
    carried=_bidirectional_carried,
    keywords=("both directions", "bi", "bilstm", "bigru", "backward", "wrapper"),
)


def _time_distributed_child(call: Call) -> tuple[Call, TensorSpec]:
    """The inner layer on one step: the same tensor without its time axis."""
    child = first_inner(call, "the layer that is to be applied to every step, such as Dense")
    spec = call.inputs[0]
    refuse_inside(call, child, 0, "Set it to none.")
    if not _one_tensor_in_and_out(child.type) or len(child.type.outputs(child.params, child.children)) != 1:
        raise RuleError(
            "wrapped_kind",
            f"TimeDistributed needs a layer with one input and one output inside, got {child.type.kind}. "
            "Put another layer into it, or switch return_state off.",
            child=0,
        )
    if spec.rank < 3:
        raise RuleError(
            "time_distributed_rank",
            f"TimeDistributed needs a sequence (batch, time, …) with at least three axes, got {spec}. Set "
            "return_sequences in the layer before it, or use the inner layer without TimeDistributed.",
            expected=3,
            got=spec.rank,
        )
    # Keras hands the inner layer a mask with one entry per sample; none of the layers here passes it on.
    return child, TensorSpec((spec.sizes[0], *spec.sizes[2:]), _step_axes(spec), spec.kind)


def _step_axes(spec: TensorSpec) -> tuple[str, ...]:
    return ("batch", "time", *spec.axes[3:]) if spec.rank > 3 else (spec.axes[0], *spec.axes[2:])


def _time_distributed_rule(call: Call) -> tuple[TensorSpec, ...]:
    """(batch, time, …) to (batch, time, *what the inner layer makes of one step)."""
    child, step = _time_distributed_child(call)
    made = outputs_on(child, 0, step)[0]
    outer = call.inputs[0]
    axes = (made.axes[0], "time", *made.axes[1:]) if made.rank == 2 else ()
    sizes = (made.sizes[0], outer.sizes[1], *made.sizes[1:])
    return (TensorSpec(sizes, axes, made.kind, outer.masked),)


def _time_distributed_count(call: Call) -> int | None:
    child, step = _time_distributed_child(call)
    return count_on(child, 0, step)


def _one_tensor_in_and_out(kind: LayerType) -> bool:
    return len(kind.inputs) == 1 and not kind.inputs[0].many and not kind.cell


TIME_DISTRIBUTED = LayerType(
    kind="TimeDistributed",
    family=Family.WRAPPERS,
    summary="Applies one layer, with the same weights, to every step of a sequence.",
    explanation=(
        "The inner layer sees one step at a time and never learns where in the sequence it is: all steps "
        "share its weights, so the count does not depend on the length. Around a Dense layer it changes "
        "nothing, because Dense already works on the last axis alone; it is needed for layers that would "
        "otherwise take the time axis for something else.\n\n"
        "Give the Input a fixed number of steps: in fit and predict, Keras 3.15 computes an open time axis "
        "wrongly as soon as a second length comes.\n\n"
        "yₜ = layer(xₜ)  for every t"
    ),
    parameters=with_defaults("TimeDistributed", BASE),
    rule=_time_distributed_rule,
    count=_time_distributed_count,
    words=lambda _params: "the same layer at every step",
    slots=(Slot("layer", _one_tensor_in_and_out, "a layer with one input and one output, such as Dense"),),
    keywords=("every step", "per step", "each time step", "shared", "wrapper"),
)

WRAPPERS = (BIDIRECTIONAL, TIME_DISTRIBUTED)
