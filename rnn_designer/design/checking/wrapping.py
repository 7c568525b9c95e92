"""Checks of wrappers: what Bidirectional does to the features, and TimeDistributed where it changes nothing."""

from collections.abc import Iterator

from rnn_designer.design.checking.context import Context, called, information, setting, warning
from rnn_designer.design.checking.open_axes import USUAL_STEPS, closing, input_behind
from rnn_designer.design.edits.wrapping import unwrap
from rnn_designer.design.problems import Fix, Problem

_STEP_BY_STEP = ("Dense", "Activation", "Dropout")
"""Layers that treat every step by itself anyway."""


def both_directions(context: Context) -> Iterator[Problem]:
    """How Bidirectional joins its two outputs."""
    for layer in context.layers:
        if layer.kind != "Bidirectional":
            continue
        mode = layer.value("merge_mode")
        output = context.output(layer)
        if mode == "concat" and output is not None and output.features is not None:
            half = output.features // 2
            yield information(
                "doubled_features",
                layer,
                f"{called(layer)} gives {output.features} features: {half} from each direction, side by "
                "side.",
                setting(f"Add the directions up: {half} features", layer, "merge_mode", "sum"),
                parameter="merge_mode",
                why="Two layers of the same size read the sequence, one forwards and one backwards. With "
                "merge mode concat both outputs are kept, so there are twice as many features as units. "
                "sum, mul and ave make one of the two, number by number.",
            )
        if mode is None and layer.id not in context.graph.owners:
            used = {link.source_port for link in context.graph.leaving[layer.id]} & {"forward", "backward"}
            if len(used) == 1:
                lost = "backward" if "forward" in used else "forward"
                yield warning(
                    "unused_direction",
                    layer,
                    f"{called(layer)} has two outputs, and nothing uses “{lost}”. Draw a wire from it, or "
                    "join the two.",
                    setting("Join the two side by side", layer, "merge_mode", "concat"),
                    parameter="merge_mode",
                    why="With merge mode none the forward and the backward output stay apart, each on a "
                    "port of its own. A layer that is fed by one of them knows nothing of the other "
                    "direction.",
                )


def needless(context: Context) -> Iterator[Problem]:
    """TimeDistributed around a layer that works on every step anyway."""
    for layer in context.layers:
        if layer.kind == "TimeDistributed" and layer.children and layer.children[0].kind in _STEP_BY_STEP:
            inner = layer.children[0]
            yield information(
                "needless_wrapper",
                layer,
                f"{inner.kind} works on every step by itself, so TimeDistributed ‘{layer.name}’ changes "
                "nothing.",
                Fix(f"Use ‘{inner.name}’ without it", unwrap(layer.id)),
                why="TimeDistributed applies a layer to every time step with the same weights. Dense and "
                "its like only look at the last axis and do just that on their own; the numbers are the "
                "same.",
            )


def open_steps(context: Context) -> Iterator[Problem]:
    """TimeDistributed over an open number of steps, which Keras compiles into a wrong loop."""
    for layer in context.layers:
        arriving = context.arriving(layer)
        if layer.kind != "TimeDistributed" or not layer.children or not arriving:
            continue
        if arriving[0].rank < 3 or arriving[0].sizes[1] is not None:
            continue
        fixes: list[Fix] = []
        source, _flattened = input_behind(context, layer)
        shape = source.value("shape") if source is not None else None
        if source is not None and isinstance(shape, tuple) and len(shape) > 1 and shape[0] is None:
            data = context.design.source_of(source.id)
            fix = closing(source, shape, {0: data.time_steps if data else USUAL_STEPS})
            fixes.append(Fix(f"Fix the time axis: {fix.label[:1].lower()}{fix.label[1:]}", fix.edit))
        inner = layer.children[0]
        if inner.kind in _STEP_BY_STEP:
            fixes.append(Fix(f"Use ‘{inner.name}’ without it", unwrap(layer.id)))
        yield warning(
            "open_time_distributed",
            layer,
            f"{called(layer)} walks over an open number of steps, which Keras’ fit and predict get wrong once "
            "a second length comes. Fix the time axis.",
            *fixes,
            why="In Keras 3.15 the compiled loop of TimeDistributed runs as many times as the batch has samples "
            "when the number of steps is not fixed: for the first length that predict or fit sees the numbers "
            "are right, for the next they are wrong or cut off, without any error. What is traced here, and "
            "model(x) itself, are right. With a fixed time axis everything is.",
        )


RULES = (both_directions, needless, open_steps)
