"""What of a design a sweep can vary, and the design of one trial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from rnn_designer.catalog import (
    CATALOG,
    BadValue,
    Choice,
    Flag,
    FrozenMap,
    Integer,
    Number,
    Parameter,
    Part,
    PartOf,
    Value,
)
from rnn_designer.catalog.activations import ACTIVATIONS
from rnn_designer.catalog.parameters import Activation
from rnn_designer.catalog.parts import part_type, parts
from rnn_designer.design.conversion import as_kind
from rnn_designer.design.edits.layers import put, set_parameter
from rnn_designer.design.edits.training import change_training
from rnn_designer.design.model import Design, Layer, Training
from rnn_designer.design.refusal import Refused
from rnn_designer.design.sweeping import KIND, METHODS, Sweep, Varied
from rnn_designer.design.training_settings import TRAINING_SETTING

MOST_TRIALS = 10_000
MOST_CHOICES = 100
EXCHANGEABLE: tuple[tuple[str, ...], ...] = (
    ("SimpleRNN", "LSTM", "GRU"),
    ("SimpleRNNCell", "LSTMCell", "GRUCell"),
    ("AveragePooling1D", "MaxPooling1D"),
    ("GlobalAveragePooling1D", "GlobalMaxPooling1D"),
    ("AveragePooling2D", "MaxPooling2D"),
    ("GlobalAveragePooling2D", "GlobalMaxPooling2D"),
    ("Attention", "AdditiveAttention"),
    ("Add", "Average", "Maximum", "Multiply"),
)
"""Kinds of layer that stand for each other: same wires, same shapes."""
_OF_TRAINING = (
    *("optimizer", "optimizer.learning_rate", "batch_size", "clipping", "clip_at", "schedule"),
    *("epochs", "stride", "seed", "shuffle"),
)
_ACTIVATIONS = ("tanh", "sigmoid", "relu", "elu")
_OPTIMIZERS = ("Adam", "AdamW", "Nadam", "RMSprop", "SGD")


def variable(design: Design) -> Iterator[tuple[str | None, str]]:
    """Every setting that can be varied: id of the layer (None for the training) and name, in the order of forms."""
    for name in _OF_TRAINING:
        if parameter_of(design, None, name) is not None:
            yield None, name
    for layer in design.walk():
        if layer.shares is None:
            for name in variable_of(design, layer):
                yield layer.id, name


def variable_of(design: Design, layer: Layer) -> Iterator[str]:
    """The names of one layer's settings that can be varied, its kind first."""
    if layer.shares is not None:
        return
    if kinds_for(layer.kind):
        yield KIND
    for parameter in layer.type.parameters:
        if parameter_of(design, layer.id, parameter.name) is not None:
            yield parameter.name
        value = layer.value(parameter.name)
        if isinstance(parameter.type, PartOf) and isinstance(value, Part):
            found = part_type(parameter.type.namespace, value.kind)
            for argument in found.parameters if found is not None else ():
                if argument.editable and _varies(argument):
                    yield f"{parameter.name}.{argument.name}"


def kinds_for(kind: str) -> tuple[str, ...]:
    """The kinds that can stand in a layer's place, its own among them; none where nothing else can."""
    return next((group for group in EXCHANGEABLE if kind in group), ())


def parameter_of(design: Design, layer_id: str | None, name: str) -> Parameter | None:
    """The setting as the catalog describes it; None where there is none that can be varied."""
    first, _dot, rest = name.partition(".")
    if layer_id is None:
        parameter = TRAINING_SETTING.get(first)
        value: Any = getattr(design.training or Training(), first, None)
    else:
        layer = design.find(layer_id)
        if layer is None or layer.shares is not None:
            return None
        if name == KIND:
            kinds = kinds_for(layer.kind)
            return (
                Parameter(KIND, Choice(kinds), layer.kind, "Which kind of layer stands there.")
                if kinds
                else None
            )
        parameter = layer.type.by_name.get(first)
        value = layer.value(first) if parameter is not None else None
    if parameter is None or not parameter.editable:
        return None
    if rest:
        namespace = parameter.type.namespace if isinstance(parameter.type, PartOf) else None
        found = part_type(namespace, value.kind) if namespace and isinstance(value, Part) else None
        parameter = next((each for each in found.parameters if each.name == rest), None) if found else None
    return parameter if parameter is not None and _varies(parameter) else None


def _varies(parameter: Parameter) -> bool:
    kind = parameter.type
    if isinstance(kind, PartOf):
        return kind.namespace in ("optimizers", "schedules", "initializers")
    return isinstance(kind, Integer | Number | Flag | Choice | Activation)


def current(design: Design, layer_id: str | None, name: str) -> Value:
    """The value that a setting has in the design; parts by their kind alone."""
    if layer_id is not None and name == KIND:
        return design.layer(layer_id).kind
    first, _dot, rest = name.partition(".")
    value: Any = (
        getattr(design.training or Training(), first)
        if layer_id is None
        else design.layer(layer_id).value(first)
    )
    if rest and isinstance(value, Part):
        argument = parameter_of(design, layer_id, name)
        default = None if argument is None else argument.default
        value = value.params.get(rest, default)
    return value.kind if isinstance(value, Part) else value


def suggestion(design: Design, layer_id: str | None, name: str) -> Varied | None:
    """A setting with a range about its present value that is worth trying; None where it cannot be varied."""
    parameter = parameter_of(design, layer_id, name)
    if parameter is None:
        return None
    kind, value = parameter.type, current(design, layer_id, name)
    if isinstance(kind, Integer):
        if name == "seed":
            # Other draws of the same: how much of a figure is luck.
            return Varied(layer_id, name, low=0, high=9)
        low, high = _whole(kind, value if isinstance(value, int) else 1)
        return Varied(layer_id, name, low=low, high=high, log=low >= 1 and high >= 8 * low)
    if isinstance(kind, Number):
        return _fractions(layer_id, name, kind, value if isinstance(value, int | float) else 0.0)
    return Varied(layer_id, name, choices=_offered(kind, name, value))


def _whole(kind: Integer, value: int) -> tuple[int, int]:
    low, high = min(max(1, value // 4), value), max(4 * value, 4)
    if kind.minimum is not None:
        low = max(low, kind.minimum)
    if kind.maximum is not None:
        high = min(high, kind.maximum)
    return low, max(low, high)


def _fractions(layer_id: str | None, name: str, kind: Number, value: float) -> Varied:
    if kind.maximum is not None and kind.maximum <= 1 and "rate" in name and "learning" not in name:
        return Varied(layer_id, name, low=0.0, high=min(0.5, kind.maximum))
    if "dropout" in name:
        return Varied(layer_id, name, low=0.0, high=0.5)
    if value <= 0:
        high = 1.0 if kind.maximum is None else min(1.0, kind.maximum)
        return Varied(layer_id, name, low=kind.minimum or 0.0, high=high)
    low, high = value / 10, value * 10
    if kind.minimum is not None:
        low = max(low, kind.minimum)
    if kind.maximum is not None:
        high = min(high, kind.maximum)
    return Varied(layer_id, name, low=float(f"{low:.3g}"), high=float(f"{high:.3g}"), log=low > 0)


def all_choices(parameter: Parameter) -> tuple[Value, ...]:
    """Every value that can be chosen for a setting that is no range of numbers."""
    kind = parameter.type
    if isinstance(kind, Flag):
        return (False, True)
    if isinstance(kind, Choice):
        return kind.options
    if isinstance(kind, Activation):
        names = tuple(name for name, each in ACTIVATIONS.items() if each.recurrent_safe or not kind.recurrent)
        return (None, *names) if kind.optional else names
    if isinstance(kind, PartOf):
        every = tuple(each.kind for each in parts(kind.namespace) if each.fits(kind.rank))
        return (None, *every) if kind.optional else every
    return ()


def _offered(kind: Any, name: str, value: Value) -> tuple[Value, ...]:
    every = all_choices(Parameter(name, kind, None, ""))
    if isinstance(kind, Activation):
        wanted: list[Value] = [each for each in _ACTIVATIONS if each in every]
    elif isinstance(kind, PartOf) and kind.namespace == "optimizers":
        wanted = [each for each in _OPTIMIZERS if each in every]
    elif isinstance(kind, PartOf):
        wanted = list(every[:4])
    else:
        return every
    return tuple(wanted) if value in wanted else (value, *wanted)


def title(design: Design, varied: Varied) -> str:
    """A setting as a list names it: ``memory · units``, ``learning rate``."""
    words = varied.name.split(".")[-1 if varied.name.startswith("optimizer.") else 0 :]
    label = " ".join(words).replace("_", " ")
    layer = design.find(varied.layer) if varied.layer is not None else None
    return label if layer is None else f"{layer.name} · {label}"


def shown(value: Value) -> str:
    """A value as a table shows it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, tuple):
        return "×".join(shown(each) for each in value)
    return value.kind if isinstance(value, Part) else str(value)


def range_words(varied: Varied) -> str:
    """What is tried for a setting: ``8 to 128``, ``LSTM, GRU``."""
    if varied.choices:
        return ", ".join(map(shown, varied.choices))
    return f"{shown(varied.low)} to {shown(varied.high)}" + (" by powers of ten" if varied.log else "")


def varied_fault(design: Design, varied: Varied) -> str | None:
    """What is wrong with what is tried for a setting, as a sentence; None if nothing is."""
    parameter = parameter_of(design, varied.layer, varied.name)
    where = f"“{title(design, varied)}” in the sweep"
    if parameter is None:
        return f"{where}: There is no such setting that can be varied. Choose another."
    if isinstance(parameter.type, Integer | Number) and not varied.choices:
        return _range_fault(where, parameter, varied)
    if not varied.choices:
        return f"{where}: Expected at least one value to try, got none."
    if len(varied.choices) > MOST_CHOICES:
        return f"{where}: Expected at most {MOST_CHOICES} values, got {len(varied.choices)}."
    if len({(type(each), each) for each in varied.choices}) < len(varied.choices):
        return f"{where}: Expected each value once, got one twice."
    for each in varied.choices:
        try:
            parameter.type.accept(each)
        except BadValue as bad:
            return f"{where}: {bad}"
    return None


def _range_fault(where: str, parameter: Parameter, varied: Varied) -> str | None:
    for each in (varied.low, varied.high):
        try:
            parameter.type.accept(each)
        except BadValue as bad:
            return f"{where}: {bad}"
    if varied.low > varied.high:
        return f"{where}: Expected a range from low to high, got {varied.low:g} to {varied.high:g}. Exchange them."
    if varied.log and varied.low <= 0:
        return f"{where}: A logarithmic range begins above 0, got {varied.low:g}. Raise it, or use a plain range."
    return None


def sweep_fault(design: Design, sweep: Sweep) -> str | None:
    """What is wrong with a sweep, as a sentence; None if nothing is."""
    if sweep.method not in METHODS:
        return f"“method” of the sweep: Expected one of {', '.join(METHODS)}, got “{sweep.method}”."
    for label, least, most in (("trials", 1, MOST_TRIALS), ("patience", 0, 100_000), ("seed", 0, 2**32 - 1)):
        try:
            Integer(least, most).accept(getattr(sweep, label))
        except BadValue as bad:
            return f"“{label}” of the sweep: {bad}"
    keys = [each.key for each in sweep.varied]
    if len(set(keys)) < len(keys):
        twice = next(each for each in sweep.varied if keys.count(each.key) > 1)
        return f"“{title(design, twice)}” in the sweep: Expected each setting once, got it twice."
    return next((fault for each in sweep.varied if (fault := varied_fault(design, each))), None)


def living(design: Design) -> tuple[Varied, ...]:
    """What the design's sweep varies, without settings of layers that are gone or have none like it any more."""
    sweep = design.sweep
    return () if sweep is None else tuple(each for each in sweep.varied if varied_fault(design, each) is None)


def tried(design: Design, values: Mapping[str, Value]) -> Design:
    """The design of a trial.

    Args:
        design: what is varied.
        values: by :attr:`Varied.key`; kinds are exchanged first, since they decide which settings there are. A setting
            that the chosen kind (or optimizer) does not have is left out.

    Raises:
        Refused: a value does not go into the design; with the sentence.
    """
    wanted = [(key.partition("/")[0], key.partition("/")[2], value) for key, value in values.items()]
    # An optimizer before its learning rate, a kind before what that kind has.
    for layer_id, name, value in sorted(wanted, key=lambda each: (each[1] != KIND, "." in each[1])):
        if layer_id == "training":
            design = _trained_so(design, name, value)
        elif name == KIND:
            layer = design.find(layer_id)
            if layer is None or value not in CATALOG:
                raise Refused(f"There is no layer that could become {shown(value)}. Start the sweep anew.")
            design = put(design, layer, as_kind(layer, str(value), None))
        else:
            design = _set_so(design, layer_id, name, value)
    return design


def _set_so(design: Design, layer_id: str, name: str, value: Value) -> Design:
    layer = design.find(layer_id)
    if layer is None:
        raise Refused("A layer that the sweep varies is not in the design any more. Start the sweep anew.")
    first, _dot, rest = name.partition(".")
    if first not in layer.type.by_name:
        return design
    if rest:
        part = layer.value(first)
        if not isinstance(part, Part):
            return design
        value = replace(part, params=part.params.having(**{rest: value}))
    return set_parameter(layer_id, first, value)(design)


def _trained_so(design: Design, name: str, value: Value) -> Design:
    first, _dot, rest = name.partition(".")
    before: Any = getattr(design.training or Training(), first)
    if rest:
        if not isinstance(before, Part) or not _has(first, before.kind, rest):
            return design
        value = replace(before, params=before.params.having(**{rest: value}))
    elif isinstance(value, str) and isinstance(TRAINING_SETTING[first].type, PartOf):
        kept = before.params if isinstance(before, Part) else FrozenMap()
        rate = {each: kept[each] for each in kept if each == "learning_rate" and _has(first, value, each)}
        value = Part(value, FrozenMap(rate))
    return change_training(**{first: value})(design)


def _has(setting: str, kind: str, argument: str) -> bool:
    form = TRAINING_SETTING[setting].type
    found = part_type(form.namespace, kind) if isinstance(form, PartOf) else None
    return found is not None and any(each.name == argument for each in found.parameters)
