"""States on wires and typed ones: what a recurrent layer starts from, and cells that are not where cells belong."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from rnn_designer.catalog import RuleError, TensorSpec
from rnn_designer.design.checking.context import BOX, Context, called, setting, turned_on, warning
from rnn_designer.design.checking.refusals import plain
from rnn_designer.design.conversion import cell_kind
from rnn_designer.design.edits import chain
from rnn_designer.design.edits.layers import remove, reset_parameter, set_parameter
from rnn_designer.design.edits.links import disconnect, splice
from rnn_designer.design.edits.states import connect_states
from rnn_designer.design.edits.wrapping import convert_child, take_out, unwrap, wrap
from rnn_designer.design.model import Design, Layer, Link, new_id
from rnn_designer.design.naming import new_layer
from rnn_designer.design.ports import INITIAL, carried, state_owners
from rnn_designer.design.problems import Fix, Problem
from rnn_designer.design.refusal import Edit

_WHY_STATES = (
    "A recurrent layer carries its state from step to step, one row of numbers per sample for each state: h, and in an "
    "LSTM also c. Before the first step they are zeros, unless wires bring others. Keras does not look at their number "
    "or sizes when it builds a model: it fails, or computes something else, only when the model runs."
)
_WHY_CELLS = (
    "A cell is what a recurrent layer computes at one step, with no loop around it: it takes (batch, features) and a "
    "state. An RNN is that loop. A layer such as LSTM has both, so it stands on the canvas by itself, and a cell "
    "stands inside an RNN or in a stack of cells. The weights and the numbers are the same."
)
_WHY_CONSTANT = (
    "A typed initial state has one entry for each state of the layer: a single number for all units, or one number per "
    "unit. Every sample of a batch starts from it. Wires bring a state that other layers computed, a different one for "
    "each sample; both at once cannot be."
)


def state_count(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """Some of the states are wired, and some are not."""
    fixes = [
        Fix(f"Connect all states of ‘{source.name}’", connect_states(source.id, layer.id))
        for source in _sources(context, layer)
        if carried(source)
    ]
    return plain(context, layer, refusal, *fixes[:1], *_without_wires(context, layer), why=_WHY_STATES)


def state_size(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """A tensor that cannot be the state before the first step."""
    fixes: list[Fix] = []
    wire = next(
        (each for each in _state_wires(context, layer) if each.target_port == refusal.facts.get("port")), None
    )
    got, expected = refusal.facts.get("got_sizes", ()), refusal.facts.get("expected_sizes", ())
    if wire is not None:
        source = context.graph.tops[wire.source]
        if len(got) > len(expected):
            if carried(source):
                fixes.append(
                    Fix(f"Start from the states of ‘{source.name}’", connect_states(source.id, layer.id))
                )
            if len(context.graph.leaving[source.id]) == 1 and carried(source):
                label = f"Turn off return sequences of ‘{source.name}’"
                fixes.append(Fix(label, turned_on(source, "return_sequences", False)))
        elif len(got) == len(expected) == 2 and None not in (got[-1], expected[-1]):
            fixes.extend(_same_size(context, layer, source))
    return plain(context, layer, refusal, *fixes, *_without_wires(context, layer), why=_WHY_STATES)


def state_batch(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """States for another number of samples than the sequence has."""
    size = refusal.facts.get("expected")
    inputs = [
        each
        for source in _sources(context, layer)
        for each in (source, *context.before(source))
        if each.kind == "Input" and each.value("batch_size") not in (None, size)
    ]
    fixes = [
        setting(f"Set the batch size of ‘{each.name}’ to {size}", each, "batch_size", size) for each in inputs
    ]
    return plain(context, layer, refusal, *fixes[:1], *_without_wires(context, layer), why=_WHY_STATES)


def state_constant(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """A typed initial state that does not fit, or stands beside wires."""
    fixes: list[Fix] = []
    start = layer.value("initial_state")
    place, expected = refusal.facts.get("place"), refusal.facts.get("expected")
    if "wired" in refusal.facts:
        fixes.append(
            Fix("Keep the wires: remove the typed numbers", reset_parameter(layer.id, "initial_state"))
        )
        fixes.append(
            Fix(
                "Keep the typed numbers: remove the wires",
                chain(*map(disconnect, _state_wires(context, layer))),
            )
        )
    elif isinstance(start, tuple) and isinstance(place, int):
        row = start[place]
        first = row[0] if isinstance(row, tuple) and row else 0.0
        shorter = (*start[:place], first, *start[place + 1 :])
        fixes.append(setting(f"Use {first:g} for all units of it", layer, "initial_state", shorter))
    elif isinstance(start, tuple) and isinstance(expected, int):
        filled = (*start, *(0.0 for _each in range(expected)))[:expected]
        label = "Start the other states from 0" if len(start) < expected else f"Keep the first {expected}"
        fixes.append(setting(label, layer, "initial_state", filled))
    if "wired" not in refusal.facts:
        fixes.append(Fix("Start from zeros", reset_parameter(layer.id, "initial_state")))
    return plain(context, layer, refusal, *fixes, why=_WHY_CONSTANT)


def state_inside(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """A typed initial state of a layer that its wrapper calls."""
    owner, start = context.graph.owners.get(layer.id), layer.value("initial_state")
    fixes: list[Fix] = []
    away = reset_parameter(layer.id, "initial_state")
    if owner is not None and "initial_state" in owner.type.by_name and isinstance(start, tuple):
        both = start * 2 if owner.kind == "Bidirectional" else start
        moved = chain(*_started_at_zero(owner), set_parameter(owner.id, "initial_state", both))
        fixes.append(Fix(f"Give it to ‘{owner.name}’", moved))
    fixes.append(Fix("Start from zeros", away))
    return plain(context, layer, refusal, *fixes, why=_WHY_CONSTANT)


def _started_at_zero(owner: Layer) -> list[Edit]:
    return [
        reset_parameter(each.id, "initial_state")
        for each in owner.children
        if "initial_state" in each.type.by_name
    ]


def cell_alone(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """A cell with no RNN around it."""
    instead = refusal.facts.get("instead")
    fixes = [Fix("Put an RNN around it", wrap(layer.id, "RNN"))]
    if isinstance(instead, str):
        fixes.append(Fix(f"Use {instead} with the same settings instead", convert_child(layer.id)))
    return plain(context, layer, refusal, *fixes, why=_WHY_CELLS)


def wrapped_kind(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """A layer inside a wrapper or frame that cannot hold it."""
    owner = context.graph.owners.get(layer.id)
    fixes: list[Fix] = []
    instead = refusal.facts.get("instead")
    if isinstance(instead, str) or (owner is not None and owner.type.cell and cell_kind(layer) is not None):
        label = instead or cell_kind(layer)
        fixes.append(Fix(f"Use {label} with the same settings instead", convert_child(layer.id)))
    if owner is not None and len(owner.children) == 1 and not layer.type.cell:
        fixes.append(Fix("Take it out", unwrap(owner.id)))
    elif owner is not None and len(owner.children) > 1:
        x, y = context.top(layer).position
        fixes.append(Fix("Take it out", take_out(layer.id, (x, y + 2 * BOX[1]))))
    fixes.append(Fix("Remove it", remove([layer.id])))
    cells = owner is not None and (owner.type.cell or owner.kind == "RNN")
    why = "A wrapper changes how its layer walks through time, so the layer has to be of a kind that does."
    return plain(context, layer, refusal, *fixes, why=_WHY_CELLS if cells or layer.type.cell else why)


def nested_states(context: Context, layer: Layer, refusal: RuleError) -> Problem:
    """States of stacks in stacks, which Keras cannot give out."""
    return plain(
        context,
        layer,
        refusal,
        setting("Turn off return state", layer, "return_state", False),
        why="Keras 3.15 gives out the states of a stack as a list with one entry per cell, and goes no deeper than one "
        "list inside it. The states are there all the same: the scopes show every one of them.",
    )


def stacks(context: Context) -> Iterator[Problem]:
    """Stacks of a single cell, and stacks whose state Keras cannot reset."""
    for layer in context.layers:
        if layer.kind == "StackedRNNCells" and len(layer.children) == 1:
            inner = layer.children[0]
            yield warning(
                "one_cell_stack",
                layer,
                f"{called(layer)} holds one cell only, ‘{inner.name}’. Use the cell without the stack, or add another.",
                Fix(f"Use ‘{inner.name}’ without the stack", unwrap(layer.id)),
                why="A stack of one computes what its cell computes. Keras 3.15 loses count of its states, and fails "
                "where the sequence is masked or the loop unrolled; the exported code therefore has the cell alone.",
            )
        inside = layer.children[0] if layer.kind == "RNN" and layer.children else None
        if inside is None or inside.kind != "StackedRNNCells" or len(inside.children) < 2:
            continue
        if layer.value("stateful"):
            yield warning(
                "stateful_stack",
                layer,
                f"{called(layer)} is stateful around a stack of cells, and Keras fails when such a state is reset. "
                "Turn off stateful, or use a stateful layer for each cell.",
                setting("Turn off stateful", layer, "stateful", False),
                parameter="stateful",
                why="A stateful layer is reset where a new sequence begins. In Keras 3.15 reset_state() of an RNN over "
                "several cells ends with an error, because it takes the list of their states for a single one.",
            )


def single_starts(context: Context) -> Iterator[Problem]:
    """One state for all samples of a batch, which Keras repeats without a word."""
    for layer in context.design.layers:
        arriving = context.arriving(layer)
        own = arriving[0].sizes[0] if arriving else None
        single = [
            wire
            for wire in _state_wires(context, layer)
            if (tensor := context.flow.named.get((layer.id, wire.target_port))) is not None
            and tensor.sizes[0] == 1 != own
        ]
        if not single or layer.id in context.flow.failed:
            continue
        source = context.graph.tops[single[0].source]
        start = next((each for each in (source, *context.before(source)) if each.kind == "Input"), None)
        fixes: list[Fix] = []
        if start is not None and start.value("batch_size") == 1:
            fixes.append(setting(f"Leave the batch size of ‘{start.name}’ open", start, "batch_size", None))
        yield warning(
            "state_for_all",
            layer,
            f"{called(layer)} gets one state from ‘{source.name}’ for all samples of a batch, which is repeated for "
            "each of them. Leave the batch size open if every sample has its own.",
            *fixes,
            *_without_wires(context, layer),
            why="A tensor with one sample goes together with a batch of any size: Keras repeats it. That is right "
            "where all samples start alike, and hides a mistake where each should start from a state of its own.",
        )


def _state_wires(context: Context, layer: Layer) -> list[Link]:
    """The wires that bring a layer on the canvas its initial states."""
    return [link for link in context.graph.entering.get(layer.id, ()) if link.target_port.startswith(INITIAL)]


def _sources(context: Context, layer: Layer) -> list[Layer]:
    """The layers that the initial states come from, each once."""
    ids = dict.fromkeys(link.source for link in _state_wires(context, layer))
    return [context.graph.tops[each] for each in ids]


def _without_wires(context: Context, layer: Layer) -> list[Fix]:
    wires = _state_wires(context, layer)
    if not wires:
        return []
    label = "Start from zeros: remove the wire" + ("s" if len(wires) > 1 else "")
    return [Fix(label, chain(*map(disconnect, wires)))]


def _same_size(context: Context, layer: Layer, source: Layer) -> Iterator[Fix]:
    """Ways to make the states that arrive as large as those of the layer."""
    wrong: list[tuple[Link, TensorSpec, int]] = []
    wanted = {INITIAL + state.name: state.sizes for state in carried(layer)}
    for wire in _state_wires(context, layer):
        sizes = wanted.get(wire.target_port)
        tensor = context.flow.named.get((layer.id, wire.target_port))
        size = sizes[-1] if sizes else None
        if tensor is not None and tensor.rank == 2 and size is not None and tensor.features != size:
            wrong.append((wire, tensor, size))
    if not wrong:
        return
    yield from _units(
        context, layer, {wire.target_port.removeprefix(INITIAL): t.features for wire, t, _ in wrong}
    )
    from_it = {wire.source_port: size for wire, _tensor, size in wrong if wire.source == source.id}
    if len(from_it) == len(wrong):
        yield from _units(context, source, from_it)
    named = ", ".join(sorted({str(size) for _wire, _tensor, size in wrong}))
    yield Fix(
        f"Bring {'it' if len(wrong) == 1 else 'them'} to {named} numbers with a Dense",
        _bridged([(wire, size) for wire, _tensor, size in wrong]),
    )


def _units(context: Context, layer: Layer, sizes: Mapping[str, int | None]) -> Iterator[Fix]:
    """The fix that gives the layers or cells behind some states other numbers of units."""
    owners = state_owners(layer)
    edits: dict[str, int] = {}
    for name, size in sizes.items():
        cell = context.graph.every.get(owners[name][1]) if name in owners else None
        if (
            cell is None
            or size is None
            or "units" not in cell.type.by_name
            or edits.get(cell.id, size) != size
        ):
            return
        edits[cell.id] = size
    if len(set(edits.values())) == 1:
        first = context.graph.every[next(iter(edits))]
        name = first.name if len(edits) == 1 else layer.name
        yield Fix(
            f"Give ‘{name}’ {next(iter(edits.values()))} units",
            chain(*(set_parameter(each, "units", size) for each, size in edits.items())),
        )


def _bridged(wires: list[tuple[Link, int]]) -> Edit:
    """Put a Dense of the right size into each of the wires."""
    fresh = [new_id() for _each in wires]

    def edit(design: Design) -> Design:
        for row, (wire, size) in enumerate(wires):
            source, target = design.layer(wire.source).position, design.layer(wire.target).position
            place = ((source[0] + target[0]) / 2, min(source[1], target[1]) - BOX[1] * (row + 1))
            made = new_layer(design, "Dense", place)
            dense = replace(made, id=fresh[row], params=made.params.having(units=size))
            design = splice(dense, wire)(design)
        return design

    return edit


HANDLERS = {
    "state_count": state_count,
    "state_size": state_size,
    "state_batch": state_batch,
    "state_constant": state_constant,
    "state_inside": state_inside,
    "cell_alone": cell_alone,
    "wrapped_kind": wrapped_kind,
    "nested_states": nested_states,
}
"""What tells refusals that are about states and cells."""

RULES = (stacks, single_starts)
