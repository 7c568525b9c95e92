"""Checks of size by closed formulas, before anything is built: weights, time to build, and what a run records."""

from collections.abc import Iterator
from dataclasses import replace

from rnn_designer.catalog import RuleError
from rnn_designer.design.checking.context import Context, called, information, setting, warning
from rnn_designer.design.edits.settings import set_data
from rnn_designer.design.model import DataSource, Layer
from rnn_designer.design.ports import call_of
from rnn_designer.design.problems import Fix, Problem

LARGE_WEIGHTS = 10_000_000
"""Weights in one layer that are worth a remark: 40 MB."""
HUGE_WEIGHTS = 100_000_000
"""Weights in one layer from which building takes many seconds: 400 MB."""
SLOW_UNITS = 2048
"""Units from which drawing an orthogonal recurrent kernel takes seconds (3000 units of an LSTM took 18)."""
LARGE_TRACE = 64_000_000
"""Recorded numbers of one run that are worth a warning: 256 MB."""


def weights(context: Context) -> Iterator[Problem]:
    """Layers with so many weights that they are slow to build."""
    for layer in context.layers:
        if layer.children or layer.shares is not None:
            continue
        count = context.flow.counts.get(layer.id, 0)
        kernel = layer.values().get("recurrent_initializer")
        slow = kernel is not None and kernel.kind == "Orthogonal" and _width(layer) > SLOW_UNITS
        if count <= LARGE_WEIGHTS and not slow:
            continue
        heavy = count > HUGE_WEIGHTS or slow
        reason = (
            "drawing its recurrent kernel takes many seconds"
            if slow
            else f"that is {count * 4 // 10**6:,} MB"
        )
        fixes = tuple(_smaller(context, layer))
        make = warning if heavy else information
        yield make(
            "large_layer",
            layer,
            f"{called(layer)} has {count:,} weights; {reason}. Use fewer units, or fewer features before it.",
            *fixes,
            parameter=next(
                (name for name in ("units", "filters", "output_dim") if name in layer.type.by_name), None
            ),
            why="A recurrent layer's weights grow with the square of its units: an LSTM has 4·u·(d + u + 1) "
            "of them for u units and d features. Every weight takes 4 bytes, several times that while "
            "training, and an orthogonal start has to be worked out for the whole recurrent kernel.",
        )


def _smaller(context: Context, layer: Layer) -> Iterator[Fix]:
    """Halve the units until the layer is an ordinary one."""
    name = next((each for each in ("units", "filters", "output_dim") if each in layer.type.by_name), None)
    arriving = context.arriving(layer)
    if name is None or not arriving:
        return
    size = layer.value(name)
    call = call_of(layer).on(*arriving)
    while size > 1:
        size //= 2
        smaller = replace(call, params={**call.params, name: size})
        try:
            count = smaller.count()
        except RuleError:
            return
        if count is None:
            return
        if count <= LARGE_WEIGHTS and size <= SLOW_UNITS:
            yield setting(f"Set {name.replace('_', ' ')} to {size}", layer, name, size)
            return


def traces(context: Context) -> Iterator[Problem]:
    """Runs that would record more than memory should hold."""
    sources = [
        (layer, source)
        for layer in context.design.layers
        if layer.kind == "Input" and (source := context.design.source_of(layer.id)) is not None
    ]
    if not sources:
        return
    layer, source = max(sources, key=lambda each: each[1].batch_size * each[1].time_steps)
    per_step = sum(_width(each) * (1 + len(each.states) + len(each.gates)) for each in context.layers)
    total = per_step * source.batch_size * source.time_steps
    if total <= LARGE_TRACE:
        return
    yield warning(
        "large_trace",
        layer,
        f"A run over {source.batch_size} × {source.time_steps} steps of {called(layer)} records about "
        f"{total * 4 // 10**6:,} MB. Feed fewer samples or steps.",
        Fix("Feed less", set_data(layer.id, _within(source, per_step))),
        why="Every unit's output, states and gates are kept for every step of every sample, so that you can "
        "look at any of them afterwards. That is batch × steps × units × signals numbers of 4 bytes.",
    )


def _width(layer: Layer) -> int:
    values = layer.values()
    return next((values[name] for name in ("units", "filters", "output_dim") if name in values), 0)


def _within(source: DataSource, per_step: int) -> DataSource:
    steps = max(1, min(source.time_steps, LARGE_TRACE // per_step))
    return replace(
        source, time_steps=steps, batch_size=max(1, min(source.batch_size, LARGE_TRACE // per_step // steps))
    )


RULES = (weights, traces)
