"""Looks over the shoulder of cells that someone wrote, and says in one sentence what one of them did wrong.

Keras takes whatever a cell returns into its loop, and fails there in words that name neither the cell nor what
was expected. Here every call of such a cell is looked at while the graph is traced; it costs nothing per step.
"""

from __future__ import annotations

import ast
import functools
import inspect
import linecache
from collections.abc import Iterable, Mapping
from typing import Any

import keras
import numpy

from rnn_designer.engine.cells import Leaf
from rnn_designer.engine.failures import Refused, what_stopped
from rnn_designer.engine.own_code import DESIGN_FILE, DESIGN_MODULE, design_lines, subject
from rnn_designer.engine.taps import Recorded
from rnn_designer.messages import Array


def check_calls(cells: Iterable[Any]) -> None:
    """From now on, calls of those cells whose classes the design's source defines are looked at."""
    for cell in cells:
        if type(cell).__module__ == DESIGN_MODULE and "call" not in vars(cell):
            cell.call = _checked(cell)


def _checked(cell: Any) -> Any:
    original_call = cell.call

    @functools.wraps(original_call)
    def call(*positional: Any, **named: Any) -> Any:
        try:
            returned = original_call(*positional, **named)
        except (Refused, MemoryError):
            raise
        except (Exception, SystemExit) as error:
            raise _stopped(cell, error) from error
        states = named["states"] if "states" in named else positional[1] if len(positional) > 1 else []
        wrong = _wrong_in(
            returned, keras.tree.flatten(states), Leaf(cell), getattr(cell, "output_size", None)
        )
        if wrong:
            raise Refused(f"{_subject(cell, _line_of_return(original_call))} {wrong}", name=cell.name)
        return returned

    return call


def _wrong_in(returned: Any, before: list[Any], leaf: Leaf, output_size: Any) -> str | None:
    """What is wrong with what a cell's call returned, for states of these shapes; None if nothing is."""
    ending = "End its call with `return output, [new_state]`, with one new state for each."
    if not isinstance(returned, list | tuple) or len(returned) != 2:
        count = len(returned) if isinstance(returned, list | tuple) else 1
        what = f"{count} values" if count != 1 else "one value"
        return f"returned {what}; expected two, the output and the list of new states. {ending}"
    output, states = returned[0], keras.tree.flatten(returned[1])
    if not _tensor(output):
        return f"returned {_article(output)} as its output; expected a tensor (batch, units). {ending}"
    if len(states) != len(before):
        return f"returned {_count(len(states))}; expected {len(before)}, as state_size says. {ending}"
    for name, new, old in zip(leaf.states(len(states)), states, before, strict=True):
        if not _tensor(new):
            return f"returned {_article(new)} as state “{name}”; expected a tensor. {ending}"
        if not _alike(new.shape, old.shape):
            return (
                f"returned state “{name}” with shape {_shape(new)}; expected {_shape(old)}, the shape that it had "
                "before the step. Let every step leave the shape as it is, or mend state_size."
            )
        if keras.backend.standardize_dtype(new.dtype) != keras.backend.standardize_dtype(old.dtype):
            return (
                f"returned state “{name}” as {new.dtype.name}; expected {old.dtype.name}, as before the step. "
                f"Convert it with keras.ops.cast(…, {old.dtype.name!r})."
            )
    width = output.shape[-1] if len(output.shape) else None
    if isinstance(output_size, int) and width not in (None, output_size):
        return (
            f"returned an output of {width} features; expected {output_size}, as its output_size says. Mend "
            "the output or output_size."
        )
    return None


def _tensor(value: Any) -> bool:
    return keras.ops.is_tensor(value)


def _article(value: Any) -> str:
    name = "nothing" if value is None else type(value).__name__
    return name if value is None else f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _count(states: int) -> str:
    return "no states" if states == 0 else "1 state" if states == 1 else f"{states} states"


def _alike(one: Any, other: Any) -> bool:
    return len(one) == len(other) and all(
        None in pair or pair[0] == pair[1] for pair in zip(one, other, strict=True)
    )


def _shape(tensor: Any) -> str:
    sizes = ["batch", *("any" if size is None else str(size) for size in tensor.shape[1:])]
    return f"({', '.join(sizes[: len(tensor.shape)])})"


def _stopped(cell: Any, error: BaseException) -> Refused:
    """The sentence for an exception in a cell's own code, or in something that it called."""
    lines = list(design_lines(error))
    return Refused(f"{_subject(cell, lines[-1] if lines else None)} {what_stopped(error)}", name=cell.name)


def refuse_unsound(layer: Any, cells: tuple[Leaf, ...], record: Recorded, steps: Mapping[str, Array]) -> None:
    """A cell that someone wrote must give numbers where it is given numbers.

    Args:
        layer: the recurrent layer.
        cells: what computes in it.
        record: its record, as arrays.
        steps: the same by name, in the time order of the layer's input.

    Raises:
        Refused: one of them gave infinity or NaN from finite inputs and states.
    """
    if record.sound is None:
        return
    sound = record.sound
    for leaf in cells:
        own = {
            name: value
            for name, value in steps.items()
            if name == leaf.name("output") or name.startswith(leaf.name("state/"))
        }
        finite = {name: _finite(value, layer.go_backwards) for name, value in own.items()}
        for name, each in finite.items():
            bad = sound & ~each
            # What went wrong in the step before is given to this one.
            first = bad & ~numpy.concatenate([numpy.zeros_like(bad[:, :1]), bad[:, :-1]], axis=1)
            if not leaf.kind and first.any():
                sample, step = (int(index) for index in numpy.argwhere(first)[0])
                shown = sound.shape[1] - 1 - step if layer.go_backwards else step
                part = "output" if name.endswith("output") else f"state “{name.rsplit('/', 1)[-1]}”"
                who = _subject(leaf.cell, _line_of_return(leaf.cell.call))
                raise Refused(
                    f"{who} gives {part} values that are not finite in step {shown} of sample {sample}, from a "
                    "finite input. Look for a division by zero, a logarithm or root of a negative number, or growth "
                    "without bound.",
                    name=leaf.cell.name,
                )
        for each in finite.values():
            sound = numpy.logical_and.accumulate(sound & each, axis=1)


def _finite(values: Array, backwards: bool) -> Array:
    finite = numpy.asarray(numpy.isfinite(values).all(axis=tuple(range(2, values.ndim))))
    return finite[:, ::-1] if backwards else finite


def _subject(cell: Any, line: int | None) -> str:
    return subject(cell.name, type(cell).__name__, line)


def _line_of_return(call: Any) -> int | None:
    """The line in which a cell's call returns; that of ``def call`` if there are several returns."""
    code = getattr(inspect.unwrap(call), "__code__", None)
    if code is None or code.co_filename != DESIGN_FILE:
        return None
    tree = ast.parse("".join(linecache.getlines(DESIGN_FILE)))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name == code.co_name:
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            returns = [each.lineno for each in ast.walk(node) if isinstance(each, ast.Return)]
            if first == code.co_firstlineno:
                return returns[0] if len(returns) == 1 else node.lineno
    return int(code.co_firstlineno)
