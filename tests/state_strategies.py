"""Hypothesis strategies for designs in which states go from layer to layer: stacks, wires, constants, shared layers."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from rnn_designer.catalog import FrozenMap, Part
from rnn_designer.catalog.cell_code import read_cell
from rnn_designer.catalog.cell_templates import minimal_cell
from rnn_designer.catalog.states import carried_by, initial_port
from rnn_designer.design import Design, Layer, Link
from rnn_designer.design.ports import output_ports
from rnn_designer.design.sharing import mirrored

_LAYERS = ["SimpleRNN", "LSTM", "GRU"]
_CELLS = ["SimpleRNNCell", "LSTMCell", "GRUCell", "CustomCell", "StackedRNNCells"]
_numbers = st.floats(-2, 2, width=32).map(lambda number: round(number, 3) + 0.0)


@st.composite
def _cell(draw: st.DrawFn, fresh: Iterator[str], depth: int = 0) -> Layer:
    kind = draw(st.sampled_from(_CELLS if depth < 2 else _CELLS[:-1]))
    identity = next(fresh)
    name = draw(st.sampled_from([identity, f"{kind.lower()}_{identity}"]))
    if kind == "StackedRNNCells":
        count = draw(st.integers(1, 3))
        inner = tuple(draw(_cell(fresh, depth + 1)) for _ in range(count))
        return Layer(identity, kind, name, children=inner)
    units = draw(st.integers(1, 4))
    if kind == "CustomCell":
        code = minimal_cell()
        arguments = Part(read_cell(code).class_name, FrozenMap(units=units))
        return Layer(identity, kind, name, FrozenMap(code=code, arguments=arguments))
    return Layer(identity, kind, name, FrozenMap(units=units))


@st.composite
def _recurrent(draw: st.DrawFn, fresh: Iterator[str], **flags: bool) -> Layer:
    """A recurrent layer of any build, with these flags."""
    shape = draw(st.sampled_from(["layer", "rnn", "both ways", "rnn both ways"]))
    identity = next(fresh)
    if "rnn" in shape:
        layer = Layer(identity, "RNN", identity, FrozenMap(flags), children=(draw(_cell(fresh)),))
    else:
        units = draw(st.integers(1, 4))
        kind = draw(st.sampled_from(_LAYERS))
        layer = Layer(identity, kind, identity, FrozenMap(units=units, **flags))
    if "both ways" not in shape:
        return layer
    outer = next(fresh)
    mode = draw(st.sampled_from(["concat", "sum", "ave"]))
    params = FrozenMap() if mode == "concat" else FrozenMap(merge_mode=mode)
    return Layer(outer, "Bidirectional", outer, params, children=(layer,))


def _copy(layer: Layer, fresh: Iterator[str]) -> Layer:
    identity = next(fresh)
    children = tuple(_copy(child, fresh) for child in layer.children)
    return replace(layer, id=identity, name=identity, children=children)


def _constants(draw: st.DrawFn, layer: Layer) -> tuple[Any, ...]:
    """A beginning for each state, a number or one for each unit."""
    return tuple(
        draw(_numbers)
        if draw(st.booleans())
        else tuple(draw(st.lists(_numbers, min_size=state.sizes[0], max_size=state.sizes[0])))
        for state in carried_by(layer.call)
        if state.sizes is not None and state.sizes[0] is not None
    )


@st.composite
def wired(draw: st.DrawFn) -> Design:
    """One or two Inputs, a recurrent layer, and another of its build that begins where it ended, or elsewhere.

    Keras refuses to return the states of some stacks within stacks; with those, only a part can run.
    """
    fresh = (f"n{number}" for number in itertools.count())
    features = draw(st.integers(1, 4))
    series = [
        Layer(f"in{number}", "Input", f"series_{number}", FrozenMap(shape=(None, features)))
        for number in range(draw(st.integers(1, 2)))
    ]
    made: list[Layer] = list(series)
    wires: list[Link] = []
    sources = [layer.id for layer in series]
    if draw(st.booleans()):
        made.append(Layer("mask", "Masking", "masking"))
        wires.append(Link(sources[0], "mask"))
        sources[0] = "mask"
    first = draw(_recurrent(fresh, return_state=True, return_sequences=draw(st.booleans())))
    if draw(st.booleans()):
        first = replace(first, params=first.params.having(initial_state=_constants(draw, first)))
    if draw(st.booleans()):
        second = mirrored(first, Layer("again", first.kind, "again"), {each.name for each in first.walk()})
    else:
        second = _copy(first, fresh)
    second = replace(second, params=second.params.without("initial_state"))
    made += [first, second]
    wires += [Link(sources[0], first.id), Link(sources[-1], second.id)]
    beginning = draw(st.sampled_from(["zeros", "wires", "constants"]))
    if beginning == "wires":
        states = [port.name for port in output_ports(first) if port.state]
        ends = [initial_port(state) for state in carried_by(second.call)]
        wires += [Link(first.id, second.id, start, end) for start, end in zip(states, ends, strict=True)]
    elif beginning == "constants":
        second = replace(second, params=second.params.having(initial_state=_constants(draw, second)))
        made[-1] = second
    ends = draw(st.lists(st.sampled_from([port.name for port in output_ports(second)]), unique=True))
    for number, port in enumerate(ends):
        made.append(Layer(f"out{number}", "Dense", f"dense_{number}", FrozenMap(units=2)))
        wires.append(Link(second.id, f"out{number}", port))
    return Design("wired", tuple(made), tuple(wires))
