"""What a study asks for, and the design that it stands for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Protocol

from rnn_designer.catalog import FrozenMap, Integer, Part, Value
from rnn_designer.catalog.figures import direction
from rnn_designer.catalog.parts import parts
from rnn_designer.design import Design, Layer, files
from rnn_designer.design.sweeping import Sweep, Varied
from rnn_designer.design.trials import living, parameter_of, shown


class Asking(Protocol):
    """An Optuna trial, as far as it is asked here."""

    def suggest_int(self, name: str, low: int, high: int, *, log: bool = False) -> int:
        """A whole number."""

    def suggest_float(self, name: str, low: float, high: float, *, log: bool = False) -> float:
        """A number."""

    def suggest_categorical(self, name: str, choices: Any) -> Any:
        """One of some choices."""


def larger_is_better(figure: str) -> bool:
    """Whether a monitored figure is to become large."""
    metrics = [Part(each.kind) for each in parts("metrics")]
    return direction(figure.removeprefix("val_"), metrics) == "max"


def is_whole(design: Design, varied: Varied) -> bool:
    """Whether only whole numbers are tried for a setting."""
    parameter = parameter_of(design, varied.layer, varied.name)
    return parameter is not None and isinstance(parameter.type, Integer)


def asked(design: Design, trial: Asking) -> dict[str, Value]:
    """A value for everything that the design's sweep varies, by key, as the trial says."""
    values: dict[str, Value] = {}
    for each in living(design):
        if each.choices:
            by_label = labels(each)
            values[each.key] = by_label[trial.suggest_categorical(each.key, list(by_label))]
        elif is_whole(design, each):
            values[each.key] = trial.suggest_int(each.key, int(each.low), int(each.high), log=each.log)
        else:
            values[each.key] = trial.suggest_float(each.key, float(each.low), float(each.high), log=each.log)
    return values


def labels(varied: Varied) -> dict[str, Value]:
    """The choices by the words that a study holds for them: it takes no tuples."""
    found: dict[str, Value] = {}
    for each in varied.choices:
        label = shown(each)
        found[label if label not in found else f"{label} ({type(each).__name__})"] = each
    return found


def told(design: Design, params: Mapping[str, Any]) -> dict[str, Value]:
    """The values that a finished trial's parameters stand for, by key."""
    known = {each.key: each for each in living(design)}
    return {
        key: labels(known[key]).get(value, value) if known[key].choices else value
        for key, value in params.items()
        if key in known
    }


def study_name(design: Design) -> str:
    """Names a study, so that the same design with the same ranges goes on with the same one, on any machine."""
    sweep = design.sweep or Sweep()
    training = None if design.training is None else replace(design.training, runs="")
    bare = replace(
        design,
        layers=tuple(_still(layer) for layer in design.layers),
        canvas_notes=(),
        groups=(),
        generation=None,
        training=training,
        sweep=Sweep(sweep.varied),
        weights=None,
        notes="",
    )
    digest = hashlib.sha256(files.to_text(bare).encode()).hexdigest()[:10]
    slug = re.sub(r"[^A-Za-z0-9]+", "-", design.name).strip("-").lower()[:40] or "model"
    return f"{slug}-{digest}"


def _still(layer: Layer) -> Layer:
    children = tuple(_still(child) for child in layer.children)
    return replace(
        layer, position=(0.0, 0.0), children=children, color=None, collapsed=False, extra=FrozenMap()
    )
