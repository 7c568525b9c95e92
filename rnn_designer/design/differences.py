"""What tells one design from another, in sentences; where boxes stand and how they are coloured does not count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from rnn_designer.catalog import FrozenMap
from rnn_designer.catalog.values import Part
from rnn_designer.design.model import DataSource, Design, Generation, Goal, Layer, Link, Training
from rnn_designer.design.sweeping import Sweep
from rnn_designer.design.trials import range_words, title

_LONG = 40
_SETTINGS = {
    "kind": "kind",
    "batch_size": "samples",
    "time_steps": "time steps",
    "stride": "stride",
    "normalize": "normalisation",
    "horizon": "horizon",
    "validation": "validation share",
    "test": "test share",
    "part": "part",
}


def differences(before: Design, after: Design) -> tuple[str, ...]:
    """What has to be done to one design to get another, a sentence each; empty where nothing that counts differs.

    Layers are the same if their ids are, whatever they are called by now.

    Args:
        before: the design that is left.
        after: the design that is reached.
    """
    return tuple(_differences(before, after))


def _differences(before: Design, after: Design) -> Iterator[str]:
    old = {layer.id: layer for layer in before.walk()}
    new = {layer.id: layer for layer in after.walk()}
    for layer_id, layer in old.items():
        if layer_id not in new:
            yield f"{layer.name} ({layer.kind}) removed"
    for layer_id, layer in new.items():
        if layer_id not in old:
            owner = after.owner(layer_id)
            inside = f" in {owner.name}" if owner is not None else ""
            yield f"{layer.name} ({layer.kind}) added{inside}"
        else:
            yield from _of_layer(old[layer_id], layer, before, after)
    yield from _of_wires(before, after)
    for input_id in dict.fromkeys((*before.data, *after.data)):
        if input_id in old and input_id in new:
            yield from _of_data(new[input_id].name, before.source_of(input_id), after.source_of(input_id))
    if before.seed != after.seed:
        yield f"seed {before.seed} → {after.seed}"
    if before.weights != after.weights:
        yield f"weights {_weights(before)} → {_weights(after)}"
    yield from _of_generation(before.generation, after.generation)
    yield from _of_training(before, after)
    yield from _of_sweep(before, after)


def _of_layer(old: Layer, new: Layer, before: Design, after: Design) -> Iterator[str]:
    if old.name != new.name:
        yield f"{old.name} renamed {new.name}"
    if old.kind != new.kind:
        yield f"{new.name}: {old.kind} → {new.kind}"
    names = [each.name for each in new.type.parameters]
    names += [name for name in (*old.params, *new.params) if name not in names]
    for name in dict.fromkeys(names):
        was, now = _value(old, name), _value(new, name)
        if (
            was == now
            or (now is _NONE and name not in old.params)
            or (was is _NONE and name not in new.params)
        ):
            continue  # What only one of two kinds has at its usual value goes without saying.
        if name == "code":
            yield f"{new.name}: code changed"
        elif now is _NONE:
            yield f"{new.name}: {name} {_text(was)} → no more"
        elif was is _NONE:
            yield f"{new.name}: {name} = {_text(now)}"
        else:
            yield f"{new.name}: {name} {_text(was)} → {_text(now)}"
    if old.shares != new.shares:
        if new.shares is None:
            yield f"{new.name} has weights of its own"
        else:
            original = after.find(new.shares)
            yield f"{new.name} shares the weights of {new.shares if original is None else original.name}"
    owners = [design.owner(old.id) for design in (before, after)]
    ids = [None if owner is None else owner.id for owner in owners]
    if ids[0] != ids[1]:
        yield f"{new.name} moved {'out of its wrapper' if owners[1] is None else f'into {owners[1].name}'}"
    kept = [child.id for child in old.children if child.id in {each.id for each in new.children}]
    order = [child.id for child in new.children if child.id in kept]
    if kept != order:
        yield f"{new.name}: inner layers in another order"


class _Nothing:
    """Stands for a parameter that a kind of layer does not have."""


_NONE = _Nothing()


def _value(layer: Layer, name: str) -> Any:
    if name in layer.params:
        return layer.params[name]
    return layer.values().get(name, _NONE)


def _of_wires(before: Design, after: Design) -> Iterator[str]:
    old, new = Counter(before.links), Counter(after.links)
    # What went with its layer goes without saying.
    both = {layer.id for layer in before.walk()} & {layer.id for layer in after.walk()}
    for link in (old - new).elements():
        if {link.source, link.target} <= both:
            yield f"wire {_wire(before, link)} removed"
    for link in (new - old).elements():
        yield f"wire {_wire(after, link)} added"
    if old == new and before.links != after.links:
        for target in dict.fromkeys(link.target for link in after.links):
            was = [link for link in before.links if link.target == target]
            if was != [link for link in after.links if link.target == target]:
                yield f"{after.layer(target).name}: wires in another order"


def _wire(design: Design, link: Link) -> str:
    start, end = design.layer(link.source).name, design.layer(link.target).name
    if link.source_port != "output":
        start += f" ({link.source_port})"
    if link.target_port != "input":
        end += f" ({link.target_port})"
    return f"from {start} to {end}"


def _of_data(name: str, old: DataSource | None, new: DataSource | None) -> Iterator[str]:
    if old is None or new is None:
        if old != new:
            yield f"{name}: samples {'removed' if new is None else f'from {new.kind}'}"
        return
    for field, words in _SETTINGS.items():
        was, now = getattr(old, field), getattr(new, field)
        if was != now:
            yield f"{name}: samples' {words} {_text(was)} → {_text(now)}"
    for option in dict.fromkeys((*old.options, *new.options)):
        was, now = old.options.get(option), new.options.get(option)
        if was == now:
            continue
        if option == "values":
            yield f"{name}: typed values changed"
        else:
            yield f"{name}: samples' {option.replace('_', ' ')} {_text(was)} → {_text(now)}"


def _of_generation(old: Generation | None, new: Generation | None) -> Iterator[str]:
    if old is None or new is None:
        if old != new:
            yield "goes on by itself no more" if new is None else f"goes on by itself for {new.steps} steps"
        return
    for field in fields(Generation):
        was, now = getattr(old, field.name), getattr(new, field.name)
        if was != now and field.name != "extra":
            yield f"generation: {field.name} {_text(was)} → {_text(now)}"


_TRAINING = {
    "optimizer": "optimizer",
    "schedule": "learning-rate schedule",
    "clipping": "clipping of gradients",
    "clip_at": "limit of clipping",
    "batch_size": "batch size",
    "epochs": "epochs",
    "stride": "stride",
    "samples": "samples",
    "validation": "validation share",
    "test": "test share",
    "shuffle": "shuffling",
    "patience": "patience",
    "monitor": "monitored figure",
    "least_progress": "least progress",
    "seed": "seed",
}
_GOAL = {
    "task": "task",
    "columns": "target columns",
    "horizon": "horizon",
    "loss": "loss",
    "metrics": "metrics",
    "weight": "weight of the loss",
    "balanced": "balanced classes",
}


def _of_training(before: Design, after: Design) -> Iterator[str]:
    old, new = before.training, after.training
    if new is None:
        if old is not None:
            yield "training: settings removed"
        return
    # Settings that somebody has just begun to give begin as the usual ones.
    if old is None:
        yield "training: settings added"
    old = old or Training()
    for field, words in _TRAINING.items():
        was, now = getattr(old, field), getattr(new, field)
        if was != now:
            yield f"training: {words} {_text(was)} → {_text(now)}"
    for layer_id in dict.fromkeys((*old.goals, *new.goals)):
        layer = after.find(layer_id)
        if layer is not None:  # What went with its layer goes without saying.
            yield from _of_goal(layer.name, old.goals.get(layer_id), new.goals.get(layer_id))


def _of_goal(name: str, old: Goal | None, new: Goal | None) -> Iterator[str]:
    old, new = old or Goal(), new or Goal()
    for field, words in _GOAL.items():
        was, now = getattr(old, field), getattr(new, field)
        if was != now:
            yield f"{name}: {words} {_of_field(field, was)} → {_of_field(field, now)}"
    yield from _of_data(f"{name} (targets)", old.source, new.source)


def _of_field(field: str, value: Any) -> str:
    if value is None:
        return "what fits"
    if value == ():
        return "those of the Input" if field == "columns" else "none"
    return ", ".join(map(_text, value)) if isinstance(value, tuple) else _text(value)


def _of_sweep(before: Design, after: Design) -> Iterator[str]:
    old, new = before.sweep, after.sweep
    if new is None:
        if old is not None:
            yield "sweep: settings removed"
        return
    for field in ("method", "trials", "pruning", "patience", "seed"):
        was, now = getattr(old or Sweep(), field), getattr(new, field)
        if was != now:
            yield f"sweep: {field} {_text(was)} → {_text(now)}"
    known = {} if old is None else {each.key: each for each in old.varied}
    for each in new.varied:
        if known.get(each.key) != each:
            yield f"sweep: {title(after, each)} is tried with {range_words(each)}"
    kept = {each.key for each in new.varied}
    for key, each in known.items():
        if key not in kept and (each.layer is None or after.find(each.layer) is not None):
            yield f"sweep: {title(after, each)} is not varied any more"


def _weights(design: Design) -> str:
    return "drawn from the seed" if design.weights is None else f"of {design.weights}"


def _text(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, Part):
        args = ", ".join(f"{key}={_text(each)}" for key, each in value.params.items())
        text = f"{value.kind}({args})" if args else value.kind
    elif isinstance(value, FrozenMap):
        text = ", ".join(f"{key}={_text(each)}" for key, each in value.items())
    elif isinstance(value, tuple):
        text = f"({', '.join(map(_text, value))})"
    elif isinstance(value, float):
        text = f"{value:g}"
    else:
        text = str(value)
    return text if len(text) <= _LONG else f"{text[: _LONG - 1]}…"
