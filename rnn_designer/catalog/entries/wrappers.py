"""The layers that hold another layer: Bidirectional and TimeDistributed."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rnn_designer.catalog.keras_arguments import argument, with_defaults
from rnn_designer.catalog.parameters import Choice
from rnn_designer.catalog.shared import BASE
from rnn_designer.catalog.tensors import TensorSpec
from rnn_designer.catalog.types import Call, Family, LayerType, Port, RuleError, Slot

_MERGES = ("concat", "sum", "mul", "ave", None)
_COMMON = ("return_sequences", "return_state", "stateful")


def _inner(call: Call, index: int) -> Call | None:
    return call.children[index] if index < len(call.children) else None


def _wrapped(call: Call, what: str) -> Call:
    child = _inner(call, 0)
    if child is None:
        raise RuleError(
            "needs_layer", f"{call.type.kind} holds no layer yet. Put {what} into it.", parameter="layer"
        )
    return child


def _reads_both_ways(kind: LayerType) -> bool:
    """Whether a Bidirectional can hold it: a recurrent layer of units. A ConvLSTM has frames for states."""
    return kind.recurrent and "units" in kind.by_name


def _directions(call: Call) -> tuple[Call, Call]:
    """The forward and the backward layer, checked as Keras checks them."""
    forward = _wrapped(call, "a recurrent layer such as LSTM or GRU")
    given = _inner(call, 1)
    for index, child in enumerate((forward, given)):
        if child is not None and not _reads_both_ways(child.type):
            raise RuleError(
                "wrapped_kind",
                f"Bidirectional needs a recurrent layer inside, got {child.type.kind}. Put LSTM, GRU or "
                "SimpleRNN into it.",
                child=index,
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
        # The mirror image that Keras makes: the same layer, read the other way.
        return forward, replace(forward, params={**forward.params, "go_backwards": True})
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
    # Keras declares the forward layer's shapes for both directions, whatever the backward layer really gives.
    if forward.params["units"] != given.params["units"]:
        raise RuleError(
            "wrapped_differ",
            "Bidirectional needs the same number of units in both of its layers, got "
            f"{forward.params['units']} in the forward and {given.params['units']} in the backward layer. "
            "Set both alike.",
            parameter="units",
            child=1,
            expected=forward.params["units"],
        )
    if forward.params["return_state"] and len(forward.type.states) != len(given.type.states):
        raise RuleError(
            "wrapped_differ",
            "Bidirectional with return_state needs two layers with the same states, got "
            f"{forward.type.kind} and {given.type.kind}. Use the same kind twice, or switch return_state "
            "off in both.",
            parameter="return_state",
            child=1,
            expected=False,
        )
    return forward, given


def _yes(value: Any) -> str:
    return "yes" if value else "no"


def _about_child(error: RuleError, child: int) -> RuleError:
    return RuleError(error.code, str(error), parameter=error.parameter, child=child, **error.facts)


def _on(child: Call, index: int, spec: TensorSpec) -> tuple[TensorSpec, ...]:
    """The inner layer's outputs; its refusal is passed on as one about the inner layer."""
    try:
        return child.on(spec).outputs()
    except RuleError as error:
        raise _about_child(error, index) from None


def _bidirectional_rule(call: Call) -> tuple[TensorSpec, ...]:
    """The two directions' outputs, merged or side by side, then the forward and the backward states."""
    forward, backward = _directions(call)
    there, *forward_states = _on(forward, 0, call.inputs[0])
    back, *backward_states = _on(backward, len(call.children) - 1, call.inputs[0])
    mode = call.params["merge_mode"]
    outputs: tuple[TensorSpec, ...] = (there,)
    if mode is None:
        outputs = (there, back)
    elif mode == "concat":
        outputs = (there.having(*there.sizes[:-1], 2 * forward.params["units"]),)
    return (*outputs, *forward_states, *backward_states)


def _bidirectional_count(call: Call) -> int:
    forward, backward = _directions(call)
    return _count_on(forward, 0, call.inputs[0]) + _count_on(backward, len(call.children) - 1, call.inputs[0])


def _count_on(child: Call, index: int, spec: TensorSpec) -> int:
    try:
        return child.on(spec).count()
    except RuleError as error:
        raise _about_child(error, index) from None


def _bidirectional_outputs(params: Mapping[str, Any], children: tuple[Call, ...]) -> tuple[Port, ...]:
    outputs = (
        (Port("forward", "forward"), Port("backward", "backward"))
        if params["merge_mode"] is None
        else (Port("output"),)
    )
    if not children or not children[0].type.recurrent or not children[0].params["return_state"]:
        return outputs
    symbols = [state.symbol for state in children[0].type.states]
    states = tuple(
        Port(f"{direction}_{symbol}", f"{symbol} {direction}", state=True)
        for direction in ("forward", "backward")
        for symbol in symbols
    )
    return (*outputs, *states)


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
            *BASE,
        ),
    ),
    rule=_bidirectional_rule,
    count=_bidirectional_count,
    words=_bidirectional_words,
    outputs=_bidirectional_outputs,
    slots=(
        Slot("layer", _reads_both_ways, "a recurrent layer: SimpleRNN, LSTM or GRU"),
        Slot(
            "backward_layer",
            _reads_both_ways,
            "a recurrent layer with go_backwards on; left empty, a mirror image of the first",
            required=False,
        ),
    ),
    keywords=("both directions", "bi", "bilstm", "bigru", "backward", "wrapper"),
)


def _time_distributed_child(call: Call) -> tuple[Call, TensorSpec]:
    """The inner layer on one step: the same tensor without its time axis."""
    child = _wrapped(call, "the layer that is to be applied to every step, such as Dense")
    spec = call.inputs[0]
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
    inner = _on(child, 0, step)[0]
    outer = call.inputs[0]
    axes = (inner.axes[0], "time", *inner.axes[1:]) if inner.rank == 2 else ()
    sizes = (inner.sizes[0], outer.sizes[1], *inner.sizes[1:])
    return (TensorSpec(sizes, axes, inner.kind, outer.masked),)


def _time_distributed_count(call: Call) -> int:
    child, step = _time_distributed_child(call)
    return _count_on(child, 0, step)


def _one_tensor_in_and_out(kind: LayerType) -> bool:
    return len(kind.inputs) == 1 and not kind.inputs[0].many


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
