"""``rnn-designer export --training``: the program that trains a design, with the samples that it needs beside it."""

from __future__ import annotations

import ast
import io
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from rnn_designer.cli.common import Refusal
from rnn_designer.cli.data import started_store
from rnn_designer.cli.engine import application, wait
from rnn_designer.codegen import runnable_part
from rnn_designer.codegen.graph import Graph
from rnn_designer.codegen.training_script import (
    PARTS,
    SampleFile,
    SeriesFile,
    output_names,
    series_functions,
    training_script,
)
from rnn_designer.design import check
from rnn_designer.design.model import Training
from rnn_designer.design.tasks import fitting
from rnn_designer.session.inputs import RESOURCE, demand
from rnn_designer.session.training.lesson import LessonMaker

if TYPE_CHECKING:
    from rnn_designer.codegen import Source
    from rnn_designer.design import Checked, Design
    from rnn_designer.design.tasks import FittedGoal
    from rnn_designer.messages import Array
    from rnn_designer.sequences.lessons import Lesson, Lessons


@dataclass(frozen=True)
class Exported:
    """A training program.

    Attributes:
        source: the program, unformatted.
        files: what has to lie beside it, by name.
        words: where its samples come from, for people.
    """

    source: Source
    files: Mapping[str, bytes]
    words: str


def training_program(design: Design, path: Path, output: Path, weights_file: str | None) -> Exported:
    """The program that trains a design on its own data.

    It reads a text file or an array itself and cuts it, where that gives the very samples that the window trains on.
    Everything else, such as what generators make, is written beside it as it is after cutting.

    Args:
        design: the design.
        path: its file.
        output: where the program goes.
        weights_file: name of the weights beside it that training starts from.

    Raises:
        Refusal: it cannot be trained.
        NotExportable: it has outputs that are not trained.
    """
    checked = check(replace(design, generation=None))
    part = None if checked.errors else runnable_part(checked)
    if part is None:
        problem = checked.errors[0].message if checked.errors else "There is nothing to train yet."
        raise Refusal(f"{problem} (“rnn-designer check” lists all problems.)")
    goals = fitting(part.design, part)
    missing = next((goal.missing for goal in goals.values() if goal.missing), "")
    if missing:
        raise Refusal(missing)
    found = _lessons(part, goals, path)
    folder = output.absolute().parent
    for series, files in _series(part, goals, path, output):
        if _gives(series, next(iter(goals.values())), found, folder, files):
            source = training_script(part, goals, series, weights_file=weights_file, stem=output.stem)
            return Exported(source, files, f"It reads {series.file} and cuts it itself: {found.words}.")
    name = f"{output.stem}.samples.npz"
    content, samples = _packed(part, goals, found, name)
    source = training_script(part, goals, samples, weights_file=weights_file, stem=output.stem)
    return Exported(source, {name: content}, f"Its samples are in {name}: {found.words}.")


def _lessons(part: Checked, goals: Mapping[str, FittedGoal], path: Path) -> Lessons:
    """The samples that the window trains on."""
    running = application()
    with started_store(part.design, path) as store:
        maker = LessonMaker(store)
        made: list[Lessons] = []
        failures: list[str] = []
        maker.ready.connect(made.append)
        maker.failed.connect(failures.append)

        def connect(slot: Callable[..., None]) -> None:
            maker.ready.connect(slot)
            maker.failed.connect(slot)

        maker.make(part, goals, path.absolute().parent)
        wait(lambda: bool(made or failures), connect)
    del running
    if failures:
        raise Refusal(failures[0])
    return made[0]


def _packed(
    part: Checked, goals: Mapping[str, FittedGoal], found: Lessons, name: str
) -> tuple[bytes, SampleFile]:
    """All samples as the content of an NPZ file."""
    names = Graph(part).names
    steps = frozenset(names[each] for each, goal in goals.items() if goal.per_step)
    arrays: dict[str, Array] = {}
    parts: dict[str, Lesson | None] = {each: getattr(found, each) for each in PARTS}
    weighted: set[str] = set()
    for each, lesson in parts.items():
        if lesson is None:
            continue
        for kind, given in (
            ("inputs", lesson.inputs),
            ("targets", lesson.targets),
            ("weights", _complete(lesson, steps)),
        ):
            arrays |= {f"{each}/{kind}/{key}": array for key, array in given.items()}
        weighted |= set(lesson.sample_weights)
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]  # names of arrays, and none of its own arguments
    order = [each for each in output_names(Graph(part)) if each in weighted]
    there = tuple(each for each, lesson in parts.items() if lesson is not None)
    return file.getvalue(), SampleFile(name, there, tuple(order))


def _complete(lesson: Lesson, per_step: frozenset[str]) -> Mapping[str, Array]:
    """Weights for every output of a part in which one has some; those with targets at every step have one for each."""
    if not lesson.sample_weights:
        return {}
    plain = {
        name: np.ones(target.shape[: 2 if name in per_step else 1], np.float32)
        for name, target in lesson.targets.items()
    }
    return {**plain, **lesson.sample_weights}


def _series(
    part: Checked, goals: Mapping[str, FittedGoal], path: Path, output: Path
) -> list[tuple[SeriesFile, dict[str, bytes]]]:
    """Ways in which a program might read the data of the design itself; whether it does is to be tried."""
    design = part.design
    training = design.training or Training()
    inputs = [layer for layer in design.layers if layer.kind == "Input"]
    goal = next(iter(goals.values()), None)
    if (
        len(inputs) != 1
        or len(goals) != 1
        or goal is None
        or goal.source is not None
        or goal.encoding != "numbers"
    ):
        return []
    wanted = demand(design, inputs[0], path.absolute().parent)
    if wanted.file is None or wanted.source.kind not in ("csv", "npy") or len(wanted.sizes) != 2:
        return []
    shares = (wanted.source.validation, wanted.source.test)
    validation, test = shares if any(shares) else (training.validation, training.test)
    file = Path(wanted.file)
    # What comes with this program is taken along; what is the user's own stays where it is.
    packed = str(wanted.source.options.get("path", "")).startswith(RESOURCE)
    files = {f"{output.stem}.data{file.suffix}": file.read_bytes()} if packed else {}
    name = next(iter(files)) if packed else _from(output.absolute().parent, file)
    found = []
    for separator, heading, columns, names in _readings(file, wanted.source.kind):
        read = [names.index(each) for each in wanted.columns if each in names] or list(range(len(names)))
        aims = [names.index(each) for each in goal.columns if each in names]
        if len(aims) != len(goal.columns):
            continue
        every = list(dict.fromkeys((*read, *aims)))
        targets = [every.index(each) for each in (aims or read)]
        found.append(
            (
                SeriesFile(
                    file=name,
                    separator=separator,
                    heading=heading,
                    columns=tuple(columns[each] for each in every),
                    features=len(read),
                    targets=tuple(targets),
                    steps=wanted.sizes[0] or wanted.source.time_steps,
                    stride=training.stride,
                    normalize=wanted.source.normalize,
                    validation=validation,
                    test=test,
                ),
                files,
            )
        )
    return found


def _from(folder: Path, file: Path) -> str:
    """The file as a program in the folder names it."""
    try:
        return Path(os.path.relpath(file, folder)).as_posix()
    except ValueError:  # It lies on another drive.
        return file.as_posix()


def _readings(file: Path, kind: str) -> list[tuple[str | None, int, list[int], list[str]]]:
    """Separator, lines before the numbers, columns and their names: what a plain text or array may be read by."""
    if kind == "npy":
        array = np.load(file, mmap_mode="r", allow_pickle=False)
        if array.ndim != 2:
            return []
        columns = list(range(array.shape[1]))
        return [(None, 0, columns, [str(each) for each in columns])]
    with file.open(encoding="utf-8-sig", errors="replace") as text:
        line = text.readline(2**16).rstrip("\r\n")
    found: list[tuple[str | None, int, list[int], list[str]]] = []
    for separator in (",", ";", "\t"):
        cells = [each.strip().strip('"') for each in line.split(separator)]
        columns = list(range(len(cells)))
        found.append((separator, 1, columns, cells))
        found.append((separator, 0, columns, [str(each) for each in columns]))
    return found


def _gives(
    series: SeriesFile,
    goal: FittedGoal,
    wanted: Lessons,
    folder: Path,
    files: Mapping[str, bytes],
) -> bool:
    """Whether the functions of the program, run here, read the very samples of the window."""
    module = ast.fix_missing_locations(ast.Module(series_functions(series, goal), []))
    place: Any = folder
    if files:
        place = _Held(files)
    space: dict[str, Any] = {"np": np, "HERE": place}
    try:
        exec(compile(module, "read_samples", "exec"), space)  # The program's own two functions, made above.
        for each in PARTS:
            lesson: Lesson | None = getattr(wanted, each)
            if lesson is None:
                continue
            inputs, targets, _weights = space["read_samples"](each)
            if lesson.sample_weights:
                return False
            if not _same(inputs, lesson.inputs) or not _same(targets, lesson.targets):
                return False
    except (ValueError, IndexError, OSError, TypeError):
        return False
    return True


class _Held:
    """Stands for a folder with files that are not written yet."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = files

    def __truediv__(self, name: str) -> io.BytesIO:
        return io.BytesIO(self._files[name])


def _same(arrays: list[Array], wanted: Mapping[str, Array]) -> bool:
    (array,), (other,) = arrays, list(wanted.values())
    return (
        array.shape == other.shape
        and array.dtype == other.dtype
        and bool(np.allclose(array, other, 1e-5, 1e-6))
    )
