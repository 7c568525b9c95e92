"""What is said of dropout, noise and batch statistics, which act in training only: whether they do in what is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnn_designer.design import Layer
from rnn_designer.design.training import acts_in_training, drops, only_disturbs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rnn_designer.session import LiveRun

_OFF = "off while watching: what you see is what predict() gives. It acts only during training."
_STATISTICS = "BatchNormalization"


def acting(live: LiveRun) -> bool:
    """Whether what is shown, or what will be shown first, is as in training."""
    return live.trace.training if live.trace is not None else live.training.active


def state_words(layer: Layer, on: bool) -> str:
    """What a box says of it in a word or two; empty where nothing of the kind is set.

    Args:
        layer: the layer of the box.
        on: whether what is shown is as in training.
    """
    if only_disturbs(layer):
        return "on, as in training" if on else "off while watching"
    if drops(layer):
        return "dropout on" if on else "dropout off"
    if on and layer.kind == _STATISTICS:
        return "of this batch"
    return ""


def note(layer: Layer, on: bool, draw: int) -> str:
    """What a scope says of it; empty where nothing of the kind is set in the layer or inside it.

    Args:
        layer: the layer of the scope.
        on: whether what is shown is as in training.
        draw: the number of the draw that it shows.
    """
    found = [each for each in layer.walk() if acts_in_training(each)]
    if not found:
        return ""
    first = found[0]
    if first.kind == _STATISTICS:
        where = _where(layer, first, "", " of ‘{}’")
        if on:
            return f"Mean and variance{where} are those of this batch, as in training. predict() uses moving ones."
        return f"Mean and variance{where} are the moving ones, as in predict(). During training the batch's are used."
    if first.kind == "CustomCell":
        # Only its code knows what it does there.
        who = _where(layer, first, "The cell", "The cell ‘{}’")
        return (
            f"{who} runs as in training: draw {draw}."
            if on
            else f"{who} runs as in predict(), not as in training."
        )
    if only_disturbs(first):
        thing = "Noise" if first.kind == "GaussianNoise" else "Dropout"
        what = _where(layer, first, thing, f"{thing} of ‘{{}}’")
    else:
        what = _where(layer, first, "The dropout inside", "The dropout of ‘{}’")
    return (
        f"{what} is on, as in training: draw {draw}. predict() gives other values."
        if on
        else f"{what} is {_OFF}"
    )


def _where(layer: Layer, found: Layer, own: str, inner: str) -> str:
    return own if found is layer else inner.format(found.name)


def subject(layers: Iterable[Layer]) -> str:
    """What the switch is called that lets these layers act: "Dropout", "Noise", or "Training" for all else."""
    found = [each for each in layers if acts_in_training(each)]
    if any(drops(each) or (only_disturbs(each) and each.kind != "GaussianNoise") for each in found):
        return "Dropout"
    return "Noise" if any(only_disturbs(each) for each in found) else "Training"


def draws(layers: Iterable[Layer]) -> bool:
    """Whether any of these layers draws random numbers in training; one with a seed of its own draws the same ones."""
    found = [each for each in layers if acts_in_training(each) and each.kind != _STATISTICS]
    return any("seed" not in each.type.by_name or each.value("seed") is None for each in found)
