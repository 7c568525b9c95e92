"""What flows through a wire, or stands in a box's strip, at the cursor's step, in numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rnn_designer.design import Layer, Link
from rnn_designer.design.ports import output_ports
from rnn_designer.ui.canvas.strips import CELLS, recorded
from rnn_designer.ui.numbers import number

if TYPE_CHECKING:
    from rnn_designer.catalog import Port, TensorSpec
    from rnn_designer.messages import Array, Trace
    from rnn_designer.session.workspace import Workspace

_SHOWN = 5
_STATE_SIGNALS = {"h": "state/h", "c": "state/c"}


@dataclass(frozen=True)
class Reading:
    """What the card says.

    Attributes:
        title: what is read: the tensor's shape by its axes' names, or a layer's name.
        where: which step and sample.
        rows: a label and a value each.
    """

    title: str
    where: str = ""
    rows: tuple[tuple[str, str], ...] = ()

    @property
    def spoken(self) -> str:
        """The same in one sentence, for screen readers."""
        parts = (self.title, self.where, *(f"{label} {value}" for label, value in self.rows))
        return ", ".join(part for part in parts if part) + "."


def wire_reading(workspace: Workspace, link: Link, tensor: TensorSpec | None) -> Reading | None:
    """The named shape of a wire's tensor and its values at the cursor; None where nothing is known."""
    source = workspace.document.design.find(link.source)
    if source is None:
        return None
    title = described(tensor) if tensor is not None else "shape not known yet"
    port = next((each for each in output_ports(source) if each.name == link.source_port), None)
    if port is not None and port.state:
        title = f"{port.label or port.name} after the last step · {title}"
    trace = workspace.live.trace
    values = _of_port(trace, source, link.source_port, tensor) if trace is not None else None
    if values is None or not values.size:
        return Reading(title) if tensor is not None else None
    sample, step, row = _row(workspace, values)
    import numpy as np

    finite = row[np.isfinite(row)]
    shown = "  ".join(number(float(each)) for each in row[:_SHOWN]) + ("  …" if row.size > _SHOWN else "")
    rows = [("value" if row.size == 1 else "values", shown)]
    if row.size > 1 and finite.size:
        rows += [
            ("min", number(float(finite.min()))),
            ("mean", number(float(finite.mean()))),
            ("max", number(float(finite.max()))),
        ]
    if finite.size < row.size:
        rows.append(("not finite", f"{row.size - finite.size} of {row.size}"))
    return Reading(title, _where(sample, step), tuple(rows))


def port_reading(port: Port, tensor: TensorSpec | None, *, output: bool) -> Reading:
    """A port's whole name, of which there is room for a short one only beside it, and what goes through it.

    Args:
        port: one for a state, or one that has a name.
        tensor: what leaves there, if it is known.
        output: whether wires start there.
    """
    name = port.label or port.name
    if port.state and output:
        name = f"{name} after the last step"
    elif port.state:
        return Reading(
            f"{name}, before the first step", rows=(("without a wire", "zeros, or the constant set"),)
        )
    elif port.optional:
        return Reading(name, rows=(("without a wire", "left out"),))
    return Reading(f"{name} · {described(tensor)}" if tensor is not None else name)


def strip_reading(workspace: Workspace, layer: Layer, share: float) -> Reading | None:
    """The value under the mouse in a box's strip.

    Args:
        workspace: the running program.
        layer: whose box it is.
        share: how far along the strip the mouse is, from 0 to 1.
    """
    found = _strip_row(workspace, layer)
    unit = strip_unit(workspace, layer, share)
    if found is None or unit is None:
        return None
    sample, step, row = found
    kind = layer.type
    word = "unit" if kind.recurrent or kind.cell or kind.slots or layer.kind == "Dense" else "feature"
    said = f"{word} {unit} = {number(float(row[unit]))}"
    if row.size <= CELLS:
        return Reading(said, _where(sample, step))
    first, last = _group(share, row.size)
    return Reading(said, _where(sample, step), ((f"{word}s {first}–{last}", "the strongest is shown"),))


def strip_unit(workspace: Workspace, layer: Layer, share: float) -> int | None:
    """The unit that is seen in a box's strip: where several share a place, the one farthest from zero.

    Args:
        workspace: the running program.
        layer: whose box it is.
        share: how far along the strip, from 0 to 1.
    """
    found = _strip_row(workspace, layer)
    if found is None:
        return None
    row = found[2]
    if row.size <= CELLS:
        return int(max(0.0, min(share, 0.999999)) * row.size)
    import numpy as np

    first, last = _group(share, row.size)
    group = row[first : last + 1]
    return first + int(np.nanargmax(np.abs(group))) if not np.isnan(group).all() else first


def _strip_row(workspace: Workspace, layer: Layer) -> tuple[int, int | None, Array] | None:
    trace = workspace.live.trace
    values = recorded(trace, layer) if trace is not None else None
    return None if values is None or not values.size else _row(workspace, values)


def _group(share: float, size: int) -> tuple[int, int]:
    """The first and the last of the units that share a place of the strip: the same edges as when it is painted."""
    cell = int(max(0.0, min(share, 0.999999)) * CELLS)
    first, after = cell * size // CELLS, (cell + 1) * size // CELLS
    return first, max(after - 1, first)


def described(tensor: TensorSpec) -> str:
    """A shape with its axes by name: "batch × time 120 × features 64"."""
    parts = (
        name if size is None else f"{name} {size}"
        for name, size in zip(tensor.axes, tensor.sizes, strict=True)
    )
    kind = ", whole numbers" if tensor.kind == "int" else ""
    return " × ".join(parts) + kind + (", with a mask" if tensor.masked else "")


def _of_port(trace: Trace, source: Layer, port: str, tensor: TensorSpec | None) -> Array | None:
    names = [each.name for each in output_ports(source)]
    index = names.index(port) if port in names else 0
    signals = [f"result/{index}"]
    if index == 0:
        signals += ["result", "output", "input"]
    if port in _STATE_SIGNALS:
        signals.append(_STATE_SIGNALS[port])
    found = [values for values in (trace.signal(source.id, each) for each in signals) if values is not None]
    fitting = [values for values in found if tensor is None or values.ndim == tensor.rank]
    return next(iter((*fitting, *found)), None)


def _row(workspace: Workspace, values: Array) -> tuple[int, int | None, Array]:
    """The sample, the step (None where there is no time axis) and the values there as one row."""
    import numpy as np

    playback = workspace.playback
    if values.ndim == 0:
        return 0, None, values.reshape(1).astype(np.float64)
    sample = min(playback.sample, values.shape[0] - 1)
    row, step = values[sample], None
    if row.ndim >= 2:
        step = min(playback.step, row.shape[0] - 1)
        row = row[step]
    return sample, step, np.atleast_1d(row).reshape(-1).astype(np.float64)


def _where(sample: int, step: int | None) -> str:
    return f"sample {sample}" if step is None else f"step {step} · sample {sample}"
