"""Tensors with too few or too many axes, and the fixes that give or take one."""

from collections.abc import Iterator
from math import prod

from rnn_designer.catalog import RuleError, TensorSpec
from rnn_designer.design.checking.context import (
    Context,
    called,
    error,
    inserting,
    one_id_per_step,
    setting,
    turned_on,
)
from rnn_designer.design.checking.open_axes import USUAL_STEPS
from rnn_designer.design.checking.refusals import plain, size_text
from rnn_designer.design.edits import chain
from rnn_designer.design.edits.links import connect
from rnn_designer.design.edits.wrapping import unwrap, wrap
from rnn_designer.design.model import Layer, Link
from rnn_designer.design.ports import output_ports
from rnn_designer.design.problems import Fix, Problem

_WHY_SEQUENCE = (
    "A recurrent layer reads a sequence: (batch, time, features). Unless return sequences is on, it gives "
    "out only what it has after the last step, (batch, units): the time axis is gone, and a layer after it "
    "that walks through time has nothing to walk through. With return sequences on it gives out one vector "
    "per step."
)


def rank(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """Too few or too many axes."""
    expected, got = refusal.facts.get("expected"), refusal.facts.get("got")
    arriving = context.arriving(layer)
    if not isinstance(expected, int) or not isinstance(got, int) or not arriving:
        return plain(context, layer, refusal)
    if got < expected:
        return _too_few_axes(context, layer, refusal, arriving[0])
    return _too_many_axes(context, layer, refusal, arriving[0], expected)


def _too_few_axes(context: Context, layer: Layer, refusal: RuleError, tensor: TensorSpec) -> Problem:
    top = context.top(layer)
    wire = context.wire_into(top)
    owner = context.graph.owners.get(layer.id)
    if owner is not None and owner.kind == "TimeDistributed" and tensor.rank + 1 == refusal.facts["expected"]:
        return error(
            "time_distributed_sequence",
            layer,
            f"{called(layer)} reads whole sequences, but TimeDistributed ‘{owner.name}’ hands it one step at a time. "
            "Take it out of its wrapper.",
            Fix("Take it out", unwrap(owner.id)),
            why="TimeDistributed applies its layer to every step by itself, so the layer inside sees one axis less: "
            "the time axis is what the wrapper walks along. A recurrent layer walks along the time axis on its own.",
        )
    if wire is not None:
        start = context.graph.tops[wire.source]
        ports = output_ports(start)
        if wire.source_port != ports[0].name and any(p.name == wire.source_port and p.state for p in ports):
            return error(
                "needs_sequence",
                layer,
                f"{called(layer)} gets the state “{wire.source_port}” of ‘{start.name}’, which is one "
                "vector, but needs the whole sequence. Connect the output.",
                Fix(
                    f"Connect the output of ‘{start.name}’",
                    chain(
                        connect(Link(wire.source, wire.target, ports[0].name, wire.target_port)),
                        turned_on(start, "return_sequences", True),
                    ),
                ),
                why=_WHY_SEQUENCE,
            )
    source = _last_output_before(context, layer)
    fixes = list(_with_feature_axis(context, top, wire, tensor))
    if source is None and refusal.facts["expected"] == 3 and tensor.rank == 2:
        return error(
            refusal.code,
            layer,
            f"{called(layer)} needs a sequence (batch, time, features), got {tensor}. Add a feature axis, or put "
            "a layer before it that gives out a sequence.",
            *fixes,
            why="Keras reads sequences as (batch, time, features), even where there is only one number per step: then "
            "the features axis has the size 1, and has to be there all the same.",
        )
    if source is None:
        return plain(context, layer, refusal, *fixes)
    if wire is not None and tensor.rank == 2:
        steps = next((each.time for each in context.arriving(source) if each.time), None) or USUAL_STEPS
        fixes = [inserting(f"Repeat the last output {steps} times", "RepeatVector", wire, n=steps)]
    return error(
        "needs_sequence",
        layer,
        f"{called(source)} gives only its last output; the {called(layer)} after it needs the whole "
        "sequence. Turn on return sequences.",
        Fix(
            f"Turn on return sequences of ‘{source.name}’",
            turned_on(source, "return_sequences", True),
        ),
        *fixes,
        why=_WHY_SEQUENCE,
    )


def _last_output_before(context: Context, layer: Layer) -> Layer | None:
    """The recurrent layer, or wrapper around some, whose last output arrives, straight or through other layers."""
    for each in context.before(layer):
        output = context.output(each)
        if output is None or output.rank != 2:
            return None
        recurrent = [inner for inner in each.walk() if inner.type.recurrent]
        if recurrent and not any(inner.value("return_sequences") for inner in recurrent):
            return each
        if each.kind in ("Input", "Flatten") or each.kind.startswith("Global"):
            return None
    return None


def _with_feature_axis(context: Context, top: Layer, wire: Link | None, tensor: TensorSpec) -> Iterator[Fix]:
    """Ways to give (batch, n) a feature axis: it is a sequence of single numbers."""
    if tensor.rank != 2 or wire is None:
        return
    size = tensor.features
    feeder = context.graph.tops[wire.source]
    if feeder.kind == "Input" and feeder.value("batch_size") in (None, tensor.sizes[0]):
        shape = feeder.value("shape")
        if isinstance(shape, tuple) and len(shape) == 1:
            label = f"Give ‘{feeder.name}’ a feature axis: ({size_text(size)}, 1)"
            yield setting(label, feeder, "shape", (*shape, 1))
    if size is not None:
        yield inserting(
            f"Add a feature axis: Reshape to ({size}, 1)", "Reshape", wire, target_shape=(size, 1)
        )


def _too_many_axes(
    context: Context, layer: Layer, refusal: RuleError, tensor: TensorSpec, expected: int
) -> Problem:
    top = context.top(layer)
    wire = context.wire_into(top)
    fixes: list[Fix] = []
    before = (one_id_per_step(context, each) for each in context.before(layer) if each.kind == "Embedding")
    cause = next(before, None)
    if cause is not None:
        fixes.append(cause)
    elif expected == 2 and tensor.rank == 3:
        source = next(iter(context.before(layer)), None)
        recurrent = [] if source is None else [each for each in source.walk() if each.type.recurrent]
        if source is not None and recurrent and all(each.value("return_sequences") for each in recurrent):
            label = f"Turn off return sequences of ‘{source.name}’"
            fixes.append(Fix(label, turned_on(source, "return_sequences", False)))
        if wire is not None:
            fixes.append(inserting("Average over time before it", "GlobalAveragePooling1D", wire))
    elif layer is top and tensor.rank == expected + 1 and expected == 3:
        fixes.append(
            Fix("Apply it to every step: wrap it in TimeDistributed", wrap(layer.id, "TimeDistributed"))
        )
    if expected == 3 and tensor.rank > 3 and wire is not None and None not in tensor.sizes[1:]:
        target = (tensor.sizes[1], prod(size for size in tensor.sizes[2:] if size is not None))
        label = f"Make it a sequence: Reshape to ({target[0]}, {target[1]})"
        fixes.append(inserting(label, "Reshape", wire, target_shape=target))
    return plain(context, layer, refusal, *fixes)


def time_distributed(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """A TimeDistributed without a time axis to walk along."""
    problem = rank(context, layer, refusal)
    fixes = (*problem.fixes, Fix("Take its layer out", unwrap(layer.id)))
    return error(refusal.code, layer, problem.message, *fixes, why=problem.why)
