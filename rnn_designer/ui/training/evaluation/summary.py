"""The figures of an evaluation as words and rows: what the model reaches, and what each baseline does."""

from __future__ import annotations

import math
from dataclasses import dataclass

from rnn_designer.session.training.figures import Evaluation, OutputFigures
from rnn_designer.ui.numbers import number
from rnn_designer.wording import counted

PART_TITLES = {"test": "test part", "validation": "validation part", "train": "training part"}
_BASELINES = {"last_value": "last value", "mean": "mean", "season": "last season"}
_GUESSES = {"majority": "most frequent class", "same": "token before", "follower": "usual follower"}


@dataclass(frozen=True)
class Row:
    """One line of the table: what it is about, its figure, and what the figure means.

    Attributes:
        label: what it is.
        figure: as it is written.
        tip: an explanation.
        strong: whether it is the model's own main figure.
    """

    label: str
    figure: str
    tip: str = ""
    strong: bool = False


def about(evaluation: Evaluation) -> str:
    """Which weights were measured on what."""
    part = PART_TITLES.get(evaluation.part, evaluation.part)
    note = " It was learned from: this says little." if evaluation.part == "train" else ""
    whose = evaluation.of[:1].upper() + evaluation.of[1:]
    return f"{whose} on {counted(evaluation.samples, 'sample')} of the {part}.{note}"


def rows(evaluation: Evaluation, output: OutputFigures) -> list[Row]:
    """The table beside the pictures."""
    found = _of_values(output) if output.forecast is not None else _of_classes(output)
    alone = len(evaluation.outputs) == 1
    for name, value in evaluation.logs.items():
        if alone or name == "loss" or name.startswith(f"{output.name}_"):
            tip = "As Keras measures it" + (", of scaled targets." if output.own_unit else ".")
            found.append(Row(name.replace("_", " "), number(value), tip))
    return found


def _of_values(output: OutputFigures) -> list[Row]:
    forecast = output.forecast
    assert forecast is not None
    unit = " In the unit of the data." if output.own_unit else ""
    found = [
        Row(
            "error (RMSE)",
            number(forecast.rmse),
            f"Root of the mean squared error: large misses count more.{unit}",
            strong=True,
        )
    ]
    found += [
        Row(
            f"   {_BASELINES[each.name]}",
            f"{number(each.error)}{_gain(each.gain)}",
            f"The error of {each.title}. {each.sentence}",
        )
        for each in forecast.baselines
    ]
    found.append(
        Row("mean absolute error", number(forecast.mae), f"How far off a forecast is on average.{unit}")
    )
    found.append(Row("bias", number(forecast.bias), f"Above 0: it forecasts too much on average.{unit}"))
    if not math.isnan(forecast.r2):
        found.append(
            Row(
                "R²",
                number(forecast.r2),
                "The share of the targets' variance that is explained. 0 is what their own mean reaches, 1 is perfect.",
            )
        )
    if forecast.season is not None:
        found.append(
            Row("season", counted(forecast.season, "step"), "After so many steps the training part repeats.")
        )
    return found


def _of_classes(output: OutputFigures) -> list[Row]:
    found = output.classified
    assert found is not None
    lines = [
        Row("right", _percent(found.accuracy), "The share of right decisions (accuracy).", strong=True),
        *(
            Row(
                f"   {_GUESSES[each.name]}",
                _percent(each.accuracy),
                f"The share that {each.title} gets right. {each.sentence}",
            )
            for each in found.guesses
        ),
        Row(
            "mean F1",
            number(found.macro_f1),
            "The mean of the classes' F1: rare classes count like frequent ones.",
        ),
    ]
    if not math.isnan(found.cross_entropy):
        lines.append(
            Row(
                "cross-entropy",
                number(found.cross_entropy),
                "Of the probability given to what was there; less is better.",
            )
        )
        lines.append(
            Row(
                "   the classes' shares",
                number(found.chance),
                "The same where each class gets its share in training.",
            )
        )
        if output.task == "next_token":
            lines.append(
                Row(
                    "perplexity",
                    number(math.exp(min(found.cross_entropy, 700.0))),
                    "Among how many equally likely tokens the model still wavers.",
                )
            )
    return lines


def _gain(gain: float) -> str:
    if math.isinf(gain):
        return ""
    return f" ({'+' if gain >= 0 else '−'}{abs(100 * gain):.0f} %)"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
