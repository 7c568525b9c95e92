"""Samples for ``rnn-designer trace`` and ``generate``: the design's own, or those of a file, number for number."""

import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rnn_designer.cli.common import Refusal
from rnn_designer.cli.engine import Worker, wait
from rnn_designer.codegen import keras_names, runnable_part
from rnn_designer.design.storage import FileProblem
from rnn_designer.design.weights import read_arrays
from rnn_designer.messages import ReadTable, Table
from rnn_designer.session import Document, EngineProcess, SampleStore
from rnn_designer.session.engine_process import role_command
from rnn_designer.session.footprint import footprint, free_memory

if TYPE_CHECKING:
    from rnn_designer.catalog import TensorSpec
    from rnn_designer.design import Checked, Design, Layer
    from rnn_designer.messages import Array

LARGEST_FILE = 2 * 2**30


def samples(checked: "Checked", path: Path, data: Path | None) -> Mapping[str, "Array"]:
    """What each Input is fed with, by its Keras name, batch first.

    Args:
        checked: a design without errors.
        path: its file, from which its own data files are found.
        data: a file to use instead of the design's sources: its numbers as they are, nothing normalised.

    Raises:
        Refusal: if a file cannot be read or its numbers do not fit.
    """
    part = runnable_part(checked)
    if part is None:
        raise Refusal("There is nothing to run yet: connect an Input to a layer.")
    inputs = [layer for layer in part.design.layers if not layer.type.inputs]
    names = keras_names(part.design)
    if data is None:
        return {names[layer.id]: array for layer, array in _own(checked.design, path, inputs)}
    arrays = _read(data)
    chosen = _assigned(arrays, [names[layer.id] for layer in inputs], data)
    return {
        name: fitted(chosen[name], part.shapes[layer.id, "output"], name)
        for layer in inputs
        for name in [names[layer.id]]
    }


def require_room(checked: "Checked", inputs: Mapping[str, "Array"]) -> None:
    """Refuse a run that the memory is too small for.

    Raises:
        Refusal: with how much it needs and how much there is.
    """
    part = runnable_part(checked)
    refusal = None if part is None else footprint(part, inputs).refusal(free_memory())
    if refusal is not None:
        raise Refusal(refusal)


def fitted(array: "Array", spec: "TensorSpec", name: str) -> "Array":
    """The array as a batch for one Input; an array with one axis less is one sample.

    Raises:
        Refusal: if its axes, sizes or type do not fit the Input's.
    """
    wanted = str(spec)
    if array.ndim == spec.rank - 1:
        array = array[np.newaxis]
    if array.ndim != spec.rank:
        raise Refusal(
            f"“{name}” takes {wanted}, or one sample without the batch axis; the data has {_shape(array)}. "
            "Reshape the data, or change the Input."
        )
    for axis, size, declared in zip(spec.axes, array.shape, spec.sizes, strict=True):
        if size == 0 or (declared is not None and size != declared):
            expected = "at least 1" if declared is None else str(declared)
            raise Refusal(
                f"“{name}” takes {wanted}; the data is {_shape(array)}: {axis} must be "
                f"{expected}, got {size}. Reshape the data, or change the Input."
            )
    if array.dtype.kind not in "fiub":
        raise Refusal(f"“{name}” takes numbers; the data holds {array.dtype}. Give a file of numbers.")
    if spec.kind == "float":
        return np.ascontiguousarray(array, np.float32)
    if not np.array_equal(array, np.trunc(array)) or np.abs(array).max() >= 2**31:
        raise Refusal(f"“{name}” takes whole numbers (tokens); the data holds others. Round it.")
    return np.ascontiguousarray(array, np.int32)


def vocabulary(design: "Design", path: Path, layer: "Layer") -> tuple[tuple[str, ...], str]:
    """The token of every number that the design's own text has, and the unit that tokens are; none without a text."""
    with started_store(design, path) as store:
        table = store.table(layer.id)
        unit = store.source(layer.id).options.get("unit", "characters")
        return (table.vocabulary if table is not None else ()), str(unit)


def _own(design: "Design", path: Path, inputs: list["Layer"]) -> list[tuple["Layer", "Array"]]:
    with started_store(design, path) as store:
        found = []
        for layer in inputs:
            problem, array = store.problem(layer.id), store.array(layer.id)
            if problem is not None or array is None:
                raise Refusal(f"“{layer.name}” has no samples: {problem or 'its data source gave none.'}")
            found.append((layer, array))
        return found


@contextmanager
def started_store(design: "Design", path: Path) -> Iterator[SampleStore]:
    """The samples of a design, all of them read; the reader of its files runs until the end."""
    reader = EngineProcess(command=role_command("reader"), subject="The reader of data files")
    store = SampleStore(Document(design, path), reader=reader)

    def connect(slot: Callable[..., None]) -> None:
        store.changed.connect(slot)
        store.failed.connect(slot)
        reader.state_changed.connect(slot)

    store.start()
    try:
        wait(lambda: store.ready, connect)
        yield store
    finally:
        store.stop()
        reader.stop()


def _read(path: Path) -> dict[str, "Array"]:
    """The arrays in a file by name; a file that holds just one gives it the empty name."""
    try:
        mode = path.stat()
    except (OSError, ValueError):
        raise Refusal(f"There is no file “{path}”. Check the name and the folder.") from None
    if not stat.S_ISREG(mode.st_mode):
        raise Refusal(f"“{path}” is not a file. Give a .npy, .npz, .csv, .tsv or .txt file.")
    if mode.st_size > LARGEST_FILE:
        raise Refusal(f"“{path}” is larger than {LARGEST_FILE // 2**30} GiB. Cut a part out of it.")
    if path.suffix.lower() not in (".npy", ".npz"):
        return {"": _table(path)}
    try:
        if path.suffix.lower() == ".npy":
            # Mapped, so that a header that promises more than the file holds fails at once.
            return {"": np.lib.format.open_memmap(path, mode="r")}
        arrays: dict[str, Array] = dict(read_arrays(path))
    except FileProblem as problem:
        raise Refusal(str(problem)) from None
    except Exception as problem:
        reason = " ".join(str(problem).split())[:120] or type(problem).__name__
        raise Refusal(
            f"“{path}” is no file of plain NumPy arrays: {reason}. Save it again with numpy.save."
        ) from None
    if not arrays:
        raise Refusal(f"“{path}” holds no array. Give a file with one per Input.")
    return {"": next(iter(arrays.values()))} if len(arrays) == 1 else arrays


def _table(path: Path) -> "Array":
    """Every numeric column of a text file, ``(steps, features)``, read by the reader process."""
    process = EngineProcess(command=role_command("reader"), subject="The reader of data files")
    asked = Worker(process)
    process.start()
    try:
        return asked.ask(lambda run: ReadTable(run, str(path.resolve())), Table).values
    finally:
        process.stop()


def _assigned(arrays: dict[str, "Array"], names: list[str], path: Path) -> dict[str, "Array"]:
    """Which array goes to which Input: by name, or the only one to the only Input."""
    if list(arrays) == [""] and len(names) == 1:
        return {names[0]: arrays[""]}
    missing = [name for name in names if name not in arrays]
    if missing:
        given = "one array without a name" if list(arrays) == [""] else ", ".join(sorted(arrays)[:8])
        raise Refusal(
            f"“{path}” has {given}; the design needs an array for each of its Inputs: {', '.join(names)}. "
            "Give a .npz file with arrays of these names."
        )
    return arrays


def _shape(array: "Array") -> str:
    return "×".join(map(str, array.shape)) or "a single number"
