"""How much memory a run will take, by closed formulas: worked out before anything is built, and refused in time."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

from rnn_designer.catalog import Family, TensorSpec
from rnn_designer.catalog.states import carried_by
from rnn_designer.design import Checked, Layer
from rnn_designer.design.ports import output_ports

if TYPE_CHECKING:
    from rnn_designer.messages import Array

_NUMBER = 4
"""Bytes of a float32."""
_COPIES = 5
"""How often a number exists at the same time: in the graph, as an array, on its way, in the window, on screen."""
_REMARKABLE = 0.25


@dataclass(frozen=True)
class Footprint:
    """What a run of a design takes, in bytes.

    Attributes:
        weights: its weights, once.
        trace: everything that is recorded, once.
        samples: what is fed in, once.
        heaviest: id of the layer on the canvas that takes the most.
    """

    weights: int
    trace: int
    samples: int
    heaviest: str | None

    @property
    def peak(self) -> int:
        """All of it at the busiest moment, both processes together."""
        return _COPIES * (self.weights + self.trace + self.samples)

    def refusal(self, free: int | None) -> str | None:
        """Why the run is not started, as a sentence; None if it fits."""
        if free is None or self.peak <= free:
            return None
        most = "its weights" if self.weights >= self.trace else "its recorded steps"
        remedy = "units" if self.weights >= self.trace else "samples, time steps or units"
        return (
            f"This design needs about {_size(self.peak)} of memory, most of it for {most}, and "
            f"{_size(free)} are free: use fewer {remedy}."
        )

    def remark(self, free: int | None) -> str | None:
        """That the run takes much of the memory, as a phrase; None if it does not."""
        if free is None or self.peak <= _REMARKABLE * free:
            return None
        return f"needs about {_size(self.peak)} of the {_size(free)} of memory that are free"


def footprint(part: Checked, samples: Mapping[str, Array]) -> Footprint:
    """What building and running a design on these samples takes.

    Args:
        part: the design's runnable part.
        samples: by Input, batch first.
    """
    arrays = list(samples.values())
    batch = max((int(array.shape[0]) for array in arrays), default=1)
    steps = max((int(array.shape[1]) for array in arrays if array.ndim > 1), default=1)
    weights = trace = 0
    heaviest: tuple[int, str | None] = (0, None)
    for layer in part.design.layers:
        own_weights = part.counts.get(layer.id, 0)
        own_trace = sum(_numbers(part, layer, batch, steps))
        weights += own_weights
        trace += own_trace
        heaviest = max(heaviest, (own_weights + own_trace, layer.id), key=lambda each: each[0])
    fed = sum(int(array.nbytes) for array in arrays)
    return Footprint(weights * _NUMBER, trace * _NUMBER, fed, heaviest[1])


def _numbers(part: Checked, layer: Layer, batch: int, steps: int) -> Iterator[int]:
    """How many numbers each record of a layer on the canvas holds, and what it computes them from at once."""

    def whole(spec: TensorSpec) -> list[int]:
        open_sizes = (batch, *(steps for _ in spec.sizes[1:]))
        return [open_ if size is None else size for open_, size in zip(open_sizes, spec.sizes, strict=True)]

    for port in output_ports(layer):
        spec = part.shapes.get((layer.id, port.name))
        if spec is not None:
            yield prod(whole(spec))
    if layer.type.family is Family.ATTENTION:
        query, value = map(whole, part.inputs[layer.id][:2])
        yield prod(query[:-1]) * _compared(layer, query, value)
    copies = 2 if layer.kind == "Bidirectional" and len(layer.children) == 1 else 1
    for each in layer.walk():
        arriving = part.inputs.get(each.id, ())
        if each.type.recurrent and arriving and arriving[0].rank > 1:
            yield copies * _a_step(part, each) * batch * (arriving[0].sizes[1] or steps)


def _compared(layer: Layer, query: list[int], value: list[int]) -> int:
    """How many numbers an attention layer compares one step of the query with, all steps of the value at once."""
    if layer.kind != "MultiHeadAttention":
        # A sum, unlike a product, is there for every feature before it becomes a score.
        summed = layer.kind == "AdditiveAttention" or layer.value("score_mode") == "concat"
        return value[1] * (query[-1] if summed else 1)
    axes = layer.value("attention_axes")
    along = range(1, len(value) - 1) if axes is None else axes if isinstance(axes, tuple) else (axes,)
    return int(layer.value("num_heads")) * prod(value[axis] for axis in along)


def _a_step(part: Checked, layer: Layer) -> int:
    """How many numbers are recorded of a recurrent layer at one step of one sample."""
    if "units" in layer.type.by_name:
        return int((1 + len(layer.states) + len(layer.gates)) * layer.value("units"))
    output = part.shapes.get((layer.id, "output"))
    if output is None:
        return 0
    # A frame of places or a vector, with a time axis before it where sequences are returned.
    given = prod(size or 1 for size in output.sizes[2 if layer.value("return_sequences") else 1 :])
    if not layer.children:
        return int((1 + len(layer.states) + len(layer.gates)) * given)
    carried = sum(prod(size or 1 for size in state.sizes or (given,)) for state in carried_by(layer.call))
    cells = [cell for cell in layer.walk() if cell.type.cell and not cell.children]
    units = [cell.value("units") if "units" in cell.type.by_name else given for cell in cells]
    # Every cell records an output and its gates, besides what the layer gives out and carries.
    return (
        given + carried + sum((1 + len(cell.gates)) * size for cell, size in zip(cells, units, strict=True))
    )


def free_memory(worker: int = 0) -> int | None:
    """Bytes of memory that a run can get; None where this system does not say.

    Args:
        worker: id of the process that will run it: what its older model holds is given back first.
    """
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        free = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, ValueError, StopIteration):
        return _physical_memory()
    held = _resident(worker) if worker else 0
    try:
        # A container may have less than its machine.
        group = Path("/sys/fs/cgroup")
        limit = int((group / "memory.max").read_text(encoding="ascii"))
        used = int((group / "memory.current").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return free + held
    return max(0, min(free, limit - used)) + held


def _resident(process: int) -> int:
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _physical_memory() -> int | None:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _size(size: int) -> str:
    # In whole numbers: a design can ask for more than a float can hold.
    return f"{size // 10**9:,}.{size // 10**8 % 10} GB" if size >= 10**9 else f"{size // 10**6:,} MB"
