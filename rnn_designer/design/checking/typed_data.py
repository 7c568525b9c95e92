"""Checks of data that the design itself holds: gaps in it, and real steps that a Masking would take for padding."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, TypeGuard

from rnn_designer.design.checking.context import Context, called, information, setting, warning
from rnn_designer.design.edits.settings import set_data
from rnn_designer.design.model import DataSource, Layer
from rnn_designer.design.problems import Fix, Problem
from rnn_designer.wording import counted

_UNLIKELY = (-1.0, -10.0, -100.0, -1000.0, -1e6)
"""Values for padding, the first one that the data has not got is offered."""


def gaps(context: Context) -> Iterator[Problem]:
    """Gaps in typed data, each of which makes everything after it unknown."""
    for layer, source, samples in _typed(context):
        count = sum(cell is None for sample in samples for row in sample for cell in row)
        if not count:
            continue
        number = f"{counted(count, 'gap')}" if count > 1 else "a gap"
        yield warning(
            "data_gaps",
            layer,
            f"The data of {called(layer)} has {number}, and from there on everything after it is no number. Fill it.",
            _filling("Fill with the value before", layer, source, forward=True),
            _filling("Fill with 0", layer, source, forward=False),
            why="A gap is NaN, not a number, and so is whatever is computed from it: the state of a recurrent layer, "
            "all its later steps, the loss, and after one step of training every weight.",
        )


def padding(context: Context) -> Iterator[Problem]:
    """Steps of the data that a Masking leaves out although more follows, and samples of which nothing is left."""
    for layer, source, samples in _typed(context):
        masks = [
            context.graph.tops[link.target]
            for link in context.graph.leaving[layer.id]
            if context.graph.tops[link.target].kind == "Masking"
        ]
        if not masks or source.normalize != "none":
            continue
        value = masks[0].value("mask_value")
        left_out = [[all(cell == value for cell in row) for row in sample] for sample in samples]
        if any(all(sample) for sample in left_out):
            yield information(
                "all_masked",
                masks[0],
                f"{called(masks[0])} leaves out every step of a sample of ‘{layer.name}’: all of them are {value:g}. "
                "What comes out for it is 0.",
                *_other_value(masks[0], samples),
                parameter="mask_value",
                why="A recurrent layer skips masked steps and keeps its state. Where all steps are masked it never "
                "computes anything, and gives out the zeros that it started from.",
            )
        inside = sum(
            masked and not all(sample[step:])
            for sample in left_out
            if not all(sample)
            for step, masked in enumerate(sample)
        )
        if inside:
            steps = counted(inside, "step")
            yield warning(
                "masks_real_steps",
                masks[0],
                f"{called(masks[0])} leaves out {steps} of ‘{layer.name}’ in the middle of the data, where all "
                f"features are {value:g}. Use a mask value that no real step has.",
                *_other_value(masks[0], samples),
                parameter="mask_value",
                why="Masking knows padding by its value alone: a step in which every feature equals the mask value is "
                "skipped, be it padding or a measurement that happens to be the same.",
            )


def _typed(context: Context) -> Iterator[tuple[Layer, DataSource, tuple[tuple[tuple[Any, ...], ...], ...]]]:
    """The Inputs with typed data, as samples × steps × features."""
    for layer in context.design.layers:
        source = context.design.source_of(layer.id)
        if source is None or source.kind != "typed":
            continue
        values = source.options.get("values")
        if not _filled(values) or not _filled(values[0]):
            continue
        samples = values if isinstance(values[0][0], tuple) else (values,)
        # Whatever a file holds is here; what is no table is told where the samples are read.
        if all(_filled(sample) and all(isinstance(row, tuple) for row in sample) for sample in samples):
            yield layer, source, samples


def _filled(values: Any) -> TypeGuard[tuple[Any, ...]]:
    return isinstance(values, tuple) and bool(values)


def _other_value(masking: Layer, samples: tuple[tuple[tuple[Any, ...], ...], ...]) -> Iterator[Fix]:
    taken = {cell for sample in samples for row in sample for cell in row}
    free = next((each for each in _UNLIKELY if each not in taken), None)
    if free is not None:
        yield setting(f"Use the mask value {free:g}", masking, "mask_value", free)


def _filling(label: str, layer: Layer, source: DataSource, forward: bool) -> Fix:
    """The fix that puts a number into every gap."""

    def filled(rows: tuple[tuple[Any, ...], ...]) -> tuple[tuple[Any, ...], ...]:
        last: list[Any] = [0.0] * len(rows[0])
        done = []
        for row in rows:
            last = [
                (before if forward else 0.0) if cell is None else cell
                for cell, before in zip(row, last, strict=False)
            ]
            done.append(tuple(last))
        return tuple(done)

    values = source.options["values"]
    deep = isinstance(values[0][0], tuple)
    complete = tuple(filled(sample) for sample in values) if deep else filled(values)
    changed = replace(source, options=source.options.having(values=complete))
    return Fix(label, set_data(layer.id, changed))


RULES = (gaps, padding)
