"""Holds an exported program against the trace of its design: the same outputs, states and settings, or where not.

The program runs in an interpreter of its own (``resources/verification/probe.py``), which writes down what it saw;
everything here only prepares that run and compares. Nothing of the engine takes part in the comparison.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnn_designer.codegen.graph import Graph, is_input
from rnn_designer.paths import resource
from rnn_designer.wording import counted

if TYPE_CHECKING:
    from rnn_designer.design import Checked, Layer
    from rnn_designer.messages import Array, Trace

TOLERANCE = 1e-6
"""Equal is what differs by no more than this, or than this part of what is expected if that is above 1."""
_AGAIN = "Export the design again; if it stays so, please report the design."
_UNTOLD = ("module", "registered_name", "build_config")
"""Entries of a configuration that say where a class is defined, and not what it does."""


class NoRecord(Exception):  # noqa: N818 - it names what there is not
    """The exported program did not run to its end; the text is the sentence for the user."""


@dataclass(frozen=True)
class Verification:
    """What came of holding an exported program against its design.

    Attributes:
        sentence: for the badge: that it is verified, or the first place where they differ.
        verified: whether all is equal.
        largest: the largest difference between two numbers that were compared.
        outputs: how many outputs of the model were compared.
        states: how many states were.
        layer: id of the layer where they differ first; empty if nowhere, or in no layer.
    """

    sentence: str
    verified: bool
    largest: float = 0.0
    outputs: int = 0
    states: int = 0
    layer: str = ""

    def to_text(self) -> str:
        """As JSON on one line, for whoever started the command."""
        return json.dumps(vars(self))

    @staticmethod
    def from_text(text: str) -> Verification:
        """The other way round.

        Raises:
            ValueError: it is not the text of one.
        """
        try:
            return Verification(**json.loads(text))
        except TypeError as problem:
            raise ValueError(str(problem)) from None


@dataclass(frozen=True)
class Record:
    """What the probe saw.

    Attributes:
        content: ``record.json``: the calls of the model's layers with the numbers of their arrays.
        arrays: those arrays by their numbers.
    """

    content: Mapping[str, Any]
    arrays: Sequence[Array]


def write_job(folder: Path, program: Path, weights: Path | None, inputs: Sequence[Array]) -> None:
    """Put into an empty folder what the probe needs.

    Args:
        folder: it must hold nothing else that could be imported.
        program: the exported file.
        weights: a ``.weights.h5`` file that the probe shall load; None if the program does so itself.
        inputs: an array for each input of the model, in their order.
    """
    import numpy as np

    job = {
        "program": str(program.absolute()),
        "weights": None if weights is None else str(weights.absolute()),
        "inputs": len(inputs),
    }
    (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
    arrays: dict[str, Any] = {str(number): array for number, array in enumerate(inputs)}
    np.savez(folder / "inputs.npz", **arrays)


def probe_command(folder: Path) -> list[str]:
    """The command that runs the probe in a clean interpreter: no user packages, no paths of the environment.

    Raises:
        NoRecord: this program brings no interpreter that could run files.
    """
    if getattr(sys, "frozen", False):
        raise NoRecord(
            "Verifying needs a Python with Keras, and this program is packed without one. Install RNN Designer with "
            "pip and run “rnn-designer verify”."
        )
    return [sys.executable, "-I", str(resource("verification", "probe.py")), str(folder)]


def read_record(folder: Path) -> Record:
    """What the probe wrote.

    Raises:
        NoRecord: it could not run the program.
    """
    import numpy as np

    failure = folder / "failure.json"
    if failure.is_file():
        told = json.loads(failure.read_text(encoding="utf-8"))
        raise NoRecord(f"The exported file does not run: {told['kind']}: {told['reason']} {_AGAIN}")
    try:
        content = json.loads((folder / "record.json").read_text(encoding="utf-8"))
        with np.load(folder / "record.npz", allow_pickle=False) as stored:
            arrays = [stored[str(number)] for number in range(len(stored.files))]
    except (OSError, ValueError):
        raise NoRecord(
            "The exported file ended without an answer, as if it had been killed; it may have run out of memory. "
            "Try fewer samples or steps."
        ) from None
    return Record(content, arrays)


def compare(part: Checked, trace: Trace, configuration: str, record: Record) -> Verification:
    """Hold what the probe saw against the trace of the same design, weights and samples.

    Args:
        part: the runnable part of the design that was traced, checked.
        trace: its trace, as in prediction.
        configuration: ``Saved.configuration`` of the model that was traced.
        record: what the exported program did.
    """
    return _Comparison(part, trace, json.loads(configuration), record).result()


@dataclass(frozen=True)
class _Place:
    """The first number of two arrays that differs, or what else is not the same."""

    step: int
    sentence: str


class _Comparison:
    def __init__(self, part: Checked, trace: Trace, configuration: Mapping[str, Any], record: Record) -> None:
        self._graph = Graph(part)
        self._trace = trace
        self._expected = configuration
        self._record = record
        self._received = record.content["configuration"]
        self._left = list(record.content["calls"])
        self._largest = 0.0
        self._states = 0

    def result(self) -> Verification:
        for layer in self._graph.order:
            if is_input(layer):
                continue
            sentence = self._layer(layer)
            if sentence is not None:
                return Verification(f"{sentence} {_AGAIN}", False, self._largest, layer=layer.id)
        sentence = self._model()
        if sentence is not None:
            return Verification(f"{sentence} {_AGAIN}", False, self._largest)
        outputs = len(self._graph.outputs)
        counts = f"{counted(outputs, 'output')} and {counted(self._states, 'state')}"
        return Verification(
            f"Verified: largest difference {_number(self._largest)} over {counts}.",
            True,
            self._largest,
            outputs,
            self._states,
        )

    def _layer(self, layer: Layer) -> str | None:
        """The first thing about a layer that is not as traced; None if there is none."""
        path = self._trace.layers[layer.id]
        name = path.partition("#")[0]
        shown = f"“{layer.name}”"
        entries = self._entries(name, layer, path)
        if not entries:
            there = ", ".join(f"“{each}”" for each in self._received["layers"]) or "none"
            return (
                f"{shown} is missing: the exported model calls no layer of that name; its layers are {there}."
            )
        if "#" not in path:
            difference = self._settings(layer, name, shown)
            if difference is not None:
                return difference
        places = [
            place
            for below, entry, cells in _cells_of(entries)
            for place in self._cell(layer, path, below, entry, cells)
        ]
        if places:
            return f"{shown}, {min(places, key=lambda place: place.step).sentence}"
        for below, entry in entries.items():
            for prefix, returned in ((below, entry["returned"]), *entry["inner"].items()):
                place = self._returned(layer, f"{path}/{prefix}".rstrip("/"), returned)
                if place is not None:
                    return f"{shown}, {place.sentence}"
        return self._unseen_states(shown, path, entries)

    def _entries(self, name: str, layer: Layer, path: str) -> dict[str, dict[str, Any]]:
        """The layer's call in the record, by where it stands below the layer's path."""
        mine = [entry for entry in self._left if entry["name"] == name]
        if mine:
            # A model runs its layers in an order of its own: of several calls, the one that gave the same is this.
            best = min(mine, key=lambda entry: self._distance(path, entry))
            self._left.remove(best)
            return {"": best}
        apart = {}
        for direction in ("forward", "backward"):
            entry = next((each for each in self._left if each["name"] == f"{name}_{direction}"), None)
            if layer.kind == "Bidirectional" and entry is not None:
                self._left.remove(entry)
                apart[direction] = entry
        return apart

    def _distance(self, path: str, entry: Mapping[str, Any]) -> float:
        import numpy as np

        expected = self._results(path)
        if not expected or not entry["returned"]:
            return 0.0
        received = self._record.arrays[entry["returned"][0]]
        if expected[0].shape != received.shape:
            return float("inf")
        return float(
            np.nan_to_num(np.abs(expected[0].astype(float) - received.astype(float))).max(initial=0.0)
        )

    def _settings(self, layer: Layer, name: str, shown: str) -> str | None:
        expected = self._expected["layers"].get(name)
        received = self._received["layers"].get(name)
        if expected is None or received is None:
            return None
        if received["class_name"] != expected["class_name"]:
            if received["class_name"].endswith("Cell") or received["class_name"] == "StackedRNNCells":
                return None  # The loop is spelled out; what it computes is compared step by step.
            kinds = received["class_name"], expected["class_name"]
            return f"{shown} is a {kinds[0]} in the exported file; the design has {kinds[1]}."
        for where, wanted, got in _differences(expected["config"], received["config"]):
            return f"{shown}: {where} is {got} in the exported file; the design has {wanted}."
        return None

    def _cell(
        self, layer: Layer, path: str, below: str, entry: str, cells: Mapping[str, Any]
    ) -> Iterator[_Place]:
        """Where the outputs and states of one cell differ first, each."""
        arrays = self._record.arrays
        here = self._traced_at("/".join(each for each in (path, entry, below) if each))
        holder = "/".join(each for each in here.split("/") if not each.startswith("cell_"))
        mask = self._trace.arrays.get(f"{holder}/mask")
        backwards = _backwards(layer, holder[len(path) :].strip("/"))
        prefix = f"{here}/state/"
        names = [
            each for each in self._trace.arrays if each.startswith(prefix) and "/" not in each[len(prefix) :]
        ]
        numbers = cells["states"]
        if names and len(names) != len(numbers):
            yield _Place(
                -1, f"{len(numbers)} states are handed on in the exported file; the trace has {len(names)}."
            )
            return
        for name, number, before in zip(names, numbers, cells["before_last"], strict=False):
            received = arrays[number]
            if mask is not None and received.shape[1] == mask.shape[1]:
                received = _held(received, arrays[before], mask[:, 0 if backwards else -1])
            self._states += 1
            place = self._steps(_spoken(name, path), self._trace.arrays[name], received, backwards, None)
            if place is not None:
                yield place
        output = self._trace.arrays.get(f"{here}/output")
        if output is not None:
            received = arrays[cells["output"]]
            place = self._steps(_spoken(f"{here}/output", path), output, received, backwards, mask)
            if place is not None:
                yield place

    def _steps(
        self, signal: str, expected: Array, received: Array, backwards: bool, mask: Array | None
    ) -> _Place | None:
        """The first step, in the order in which they are computed, in which two signals differ."""
        import numpy as np

        if backwards:
            received = np.flip(received, axis=1)
        if expected.shape != received.shape:
            return _Place(-1, _shapes(signal, expected, received))
        if mask is not None:
            # What a cell computes at a masked step goes nowhere.
            received = np.where(mask.reshape(*mask.shape, *([1] * (received.ndim - 2))), received, expected)
        differs = self._differing(expected, received)
        if not differs.any():
            return None
        steps = np.flatnonzero(differs.any(axis=(0, *range(2, differs.ndim))))
        step = int(steps[-1] if backwards else steps[0])
        sample, *unit = (int(each) for each in np.argwhere(differs[:, step])[0])
        at = (sample, step, *unit)
        order = expected.shape[1] - 1 - step if backwards else step
        where = f"sample {sample}, step {step}{_unit(unit)}"
        return _Place(order, _values(signal, where, expected[at], received[at]))

    def _returned(self, layer: Layer, path: str, numbers: Sequence[int]) -> _Place | None:
        expected = self._results(path)
        if not expected or not numbers:
            return None
        if len(expected) != len(numbers):
            return _Place(
                -1, f"result: {len(numbers)} tensors in the exported file; the trace has {len(expected)}."
            )
        for place, (wanted, number) in enumerate(zip(expected, numbers, strict=True)):
            inner = path[len(self._trace.layers[layer.id]) :].strip("/")
            signal = " ".join(
                each for each in (inner, "result", str(place) if len(numbers) > 1 else "") if each
            )
            found = self._whole(signal, wanted, self._record.arrays[number])
            if found is not None:
                return found
        return None

    def _whole(self, signal: str, expected: Array, received: Array) -> _Place | None:
        import numpy as np

        if expected.shape != received.shape:
            return _Place(-1, _shapes(signal, expected, received))
        differs = self._differing(expected, received)
        if not differs.any():
            return None
        at = tuple(int(each) for each in np.argwhere(differs)[0])
        words = [f"sample {at[0]}"] if at else []
        # The last axis holds units; one before it is time, if there are three.
        words += [f"step {at[1]}"] if len(at) > 2 else []
        where = ", ".join(words) + _unit(at[2:] if len(at) > 2 else at[1:])
        return _Place(0, _values(signal, where, expected[at], received[at]))

    def _differing(self, expected: Array, received: Array) -> Any:
        import numpy as np

        one, other = np.asarray(expected, dtype="float64"), np.asarray(received, dtype="float64")
        same = (one == other) | (np.isnan(one) & np.isnan(other))
        with np.errstate(invalid="ignore", over="ignore"):
            apart = np.where(same, 0.0, np.abs(one - other))
        far = np.isnan(apart) | (apart > TOLERANCE * np.maximum(1.0, np.abs(one)))
        if apart.size:
            self._largest = max(self._largest, float(np.nan_to_num(apart, nan=np.inf).max()))
        return far

    def _unseen_states(self, shown: str, path: str, entries: Mapping[str, Any]) -> str | None:
        seen = {
            self._traced_at("/".join(each for each in (path, entry, below) if each))
            for below, entry, _ in _cells_of(entries)
        }
        for name in self._trace.arrays:
            holder, found, state = name.partition("/state/")
            if found and holder not in seen and (holder == path or holder.startswith(f"{path}/")):
                return f"{shown}: the exported file never computes state {state} of it."
        return None

    def _traced_at(self, path: str) -> str:
        """Where the trace has a cell's states; a stack of a single cell is exported as that cell."""
        while not any(name.startswith(f"{path}/state/") for name in self._trace.arrays):
            if not any(name.startswith(f"{path}/cell_0/") for name in self._trace.arrays):
                break
            path += "/cell_0"
        return path

    def _results(self, path: str) -> list[Array]:
        arrays = self._trace.arrays
        if f"{path}/result" in arrays:
            return [arrays[f"{path}/result"]]
        found: list[Array] = []
        while f"{path}/result/{len(found)}" in arrays:
            found.append(arrays[f"{path}/result/{len(found)}"])
        return found

    def _model(self) -> str | None:
        """The first output, or setting of the model as a whole, that is not as it should be."""
        numbers = self._record.content["outputs"]
        outputs = self._graph.outputs
        if len(numbers) != len(outputs):
            return f"The exported model has {counted(len(numbers), 'output')}; the design has {len(outputs)}."
        for position, ((layer_id, port), number) in enumerate(zip(outputs, numbers, strict=True)):
            results = self._results(self._trace.layers[layer_id])
            place = [each.name for each in self._graph.ports[layer_id]].index(port)
            layer = self._graph.by_id[layer_id]
            signal = f"output {position} of the model, {port} of “{layer.name}”"
            found = self._whole(signal, results[place], self._record.arrays[number])
            if found is not None:
                return f"{found.sentence[:1].upper()}{found.sentence[1:]}"
        if self._received["class"] != self._expected["class"]:
            return None  # Another style describes itself in another way; its layers have been compared.
        for where, wanted, got in _differences(self._expected["model"], self._received["model"]):
            return f"The model’s {where} is {got} in the exported file; the design has {wanted}."
        return None


def _cells_of(entries: Mapping[str, Any]) -> list[tuple[str, str, Mapping[str, Any]]]:
    """Each cell in these entries: where it stands below its entry, where that stands, what was seen of it."""
    return [
        (below, place, cells) for place, entry in entries.items() for below, cells in entry["cells"].items()
    ]


def _backwards(layer: Layer, direction: str) -> bool:
    """Whether a loop of the layer goes through time from the end."""
    if layer.kind != "Bidirectional":
        return bool(layer.value("go_backwards")) if "go_backwards" in layer.type.by_name else False
    forward, *own = layer.children
    if direction.startswith("forward"):
        return bool(forward.value("go_backwards"))
    return bool(own[0].value("go_backwards")) if own else not forward.value("go_backwards")


def _held(received: Array, before: Array, computed: Array) -> Array:
    """A state's steps with the last one as Keras keeps it: what was there before, in samples where it is masked."""
    import numpy as np

    held = received.copy()
    computed = computed.reshape(-1, *([1] * (before.ndim - 1)))
    held[:, -1] = np.where(computed, received[:, -1], before)
    return held


def _spoken(name: str, path: str) -> str:
    """``bi/forward/state/h`` in words: ``forward state h``."""
    return name[len(path) :].strip("/").replace("/", " ")


def _shapes(signal: str, expected: Array, received: Array) -> str:
    return (
        f"{signal}: the exported file gives the shape {_shape(received)}; the trace has {_shape(expected)}."
    )


def _values(signal: str, where: str, expected: Any, received: Any) -> str:
    return (
        f"{signal}: {where} is {_number(received)} in the exported file; the trace has {_number(expected)}."
    )


def _shape(array: Array) -> str:
    return "×".join(map(str, array.shape)) or "of one number"


def _unit(indices: Sequence[int]) -> str:
    return "" if not indices else f", unit {indices[0] if len(indices) == 1 else tuple(indices)}"


def _number(value: Any) -> str:
    return f"{value:.6g}" if value else "0.0"


def _differences(expected: Any, received: Any, where: str = "") -> Iterator[tuple[str, str, str]]:
    """Where two configurations are not the same: a dotted name, what is wanted there, what is there."""
    if isinstance(expected, dict) and isinstance(received, dict):
        for key in [*expected, *(each for each in received if each not in expected)]:
            if key not in _UNTOLD:
                inner = (
                    where
                    if key in ("config", "arguments", "class_name") and where
                    else f"{where}.{key}".strip(".")
                )
                yield from _differences(expected.get(key), received.get(key), inner)
    elif isinstance(expected, list) and isinstance(received, list) and len(expected) == len(received):
        for number, (one, other) in enumerate(zip(expected, received, strict=True)):
            yield from _differences(one, other, f"{where}[{number}]")
    elif expected != received or type(expected) is not type(received):
        yield where, _told(expected), _told(received)


def _told(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:79]}…"
