"""What an Input of a design asks of its samples: shape, type, batch size, and the source where it has none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import DataSource, Design, Layer
from rnn_designer.paths import resource
from rnn_designer.sequences import GENERATORS, TEXT_SUFFIXES, DataProblem

RESOURCE = "resource:"
"""How the path of a file that comes with the program begins."""

TYPED = "typed"
"""The kind of a source whose array lives in the design itself."""

FILE_KINDS: dict[str, tuple[str, ...]] = {
    "csv": ("separator", "decimal", "header", "encoding"),
    "npy": (),
    "npz": ("member",),
    "parquet": (),
    "wav": (),
    "text": ("unit", "lower", "most", "encoding"),
}
"""The kinds of source that are files, with the options that say how to read them."""

_UNNAMED = DataSource("")


@dataclass(frozen=True)
class Demand:
    """Everything that decides the samples of one Input; samples are made anew when it changes.

    Attributes:
        source: where they come from; the stand-in if the Input has no source of its own.
        sizes: the Input's shape without the batch; None for an open axis.
        whole: whether whole numbers are needed, by the Input's type or because an Embedding takes them.
        as_integers: whether they travel as int32.
        batch_size: the Input's own where it fixes one, else the source's.
        vocabulary: how many ids the Embedding behind the Input knows; None without one.
        file: the data file, absolute; None without one, and where the path is no good.
        reading: how the file is read.
        fault: why the path is no good.
        shares: of the data for validation and for the test: the source's, or else those of the training, so that a
            trained network is shown numbers on the scale that it has learned.
    """

    source: DataSource
    sizes: tuple[int | None, ...]
    whole: bool
    as_integers: bool
    batch_size: int
    vocabulary: int | None = None
    file: str | None = None
    reading: FrozenMap = field(default_factory=FrozenMap)
    fault: str | None = None
    shares: tuple[float, float] = (0.0, 0.0)

    @property
    def has_time(self) -> bool:
        """Whether the first axis after the batch is time."""
        return len(self.sizes) > 1 or (len(self.sizes) == 1 and (self.sizes[0] is None or self.whole))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns wanted of a file; none for every numeric one."""
        columns = self.source.options.get("columns", ())
        return tuple(map(str, columns)) if isinstance(columns, tuple) else (str(columns),)


def inputs_of(design: Design) -> tuple[Layer, ...]:
    """The Inputs on the canvas, in the design's order."""
    return tuple(layer for layer in design.layers if layer.kind == "Input")


def demand(design: Design, layer: Layer, folder: Path | None) -> Demand:
    """What an Input asks for.

    Args:
        design: the design it is in.
        layer: the Input.
        folder: where the design's file lies; None if it has none yet.
    """
    shape = layer.value("shape")
    sizes = tuple(shape) if isinstance(shape, tuple) else ()
    as_integers = str(layer.value("dtype") or "float32").startswith(("int", "uint"))
    vocabulary = _vocabulary(design, layer)
    whole = as_integers or vocabulary is not None
    source = design.source_of(layer.id) or default_source(design, sizes, whole, vocabulary)
    fixed = layer.value("batch_size")
    batch_size = fixed if isinstance(fixed, int) else source.batch_size
    file = fault = None
    if source.kind == "text" and "text" in source.options:
        pass
    elif source.kind in FILE_KINDS:
        try:
            file = str(resolved(source.options.get("path"), folder))
        except DataProblem as problem:
            fault = str(problem)
    elif source.kind not in GENERATORS and source.kind != TYPED:
        kinds = ", ".join((*FILE_KINDS, TYPED, *GENERATORS))
        fault = f"There is no kind of sample source called “{source.kind}”; choose one of {kinds}."
    reading = reading_options(source.kind, source.options)
    return Demand(
        source,
        sizes,
        whole,
        as_integers,
        batch_size,
        vocabulary,
        file,
        reading,
        fault,
        _shares(design, source),
    )


def _shares(design: Design, source: DataSource) -> tuple[float, float]:
    """What is held back of the data, where that matters to the samples."""
    own = source.validation, source.test
    matters = source.normalize != "none" or source.part != "all"
    if any(own) or design.training is None or not matters:
        return own
    return design.training.validation, design.training.test


_KINDS = {".npy": "npy", ".npz": "npz", ".parquet": "parquet", ".wav": "wav"}


def file_kind(path: Path) -> str:
    """The kind of source that a data file is, by the end of its name."""
    suffix = path.suffix.lower()
    return "text" if suffix in TEXT_SUFFIXES else _KINDS.get(suffix, "csv")


def reading_options(kind: str, options: Mapping[str, object]) -> FrozenMap:
    """How a file of a kind is to be read, as the reader takes it: text by name."""
    words = {True: "yes", False: "no"}
    chosen = {
        name: words[value] if isinstance(value, bool) else str(value)
        for name in FILE_KINDS.get(kind, ())
        if (value := options.get(name)) is not None
    }
    return FrozenMap(kind=kind, **chosen)


def default_source(
    design: Design, sizes: tuple[int | None, ...], whole: bool, vocabulary: int | None
) -> DataSource:
    """The generator that stands in for an Input without a source, of the size that other Inputs have.

    Args:
        design: the design that the Input is in.
        sizes: the Input's shape without the batch.
        whole: whether whole numbers are needed.
        vocabulary: how many ids the Embedding behind the Input knows; None without one.
    """
    others = [source for layer in inputs_of(design) if (source := design.source_of(layer.id)) is not None]
    like = others[0] if others else _UNNAMED
    if whole:
        options = FrozenMap(vocabulary=max(2, vocabulary)) if vocabulary is not None else FrozenMap()
        return DataSource("tokens", options, like.batch_size, like.time_steps)
    return DataSource("sine" if len(sizes) == 2 else "noise", FrozenMap(), like.batch_size, like.time_steps)


def resolved(path: object, folder: Path | None) -> Path:
    """The absolute path of a data file as a source names it.

    Raises:
        DataProblem: no file is named, or there is nothing that the name could be relative to.
    """
    if not isinstance(path, str) or not path.strip() or "\0" in path:
        raise DataProblem("No data file is chosen yet: choose one in the data panel.")
    if path.startswith(RESOURCE):
        parts = PurePosixPath(path.removeprefix(RESOURCE)).parts
        if not parts or ".." in parts or parts[0] == "/":
            raise DataProblem(
                f"“{path}” is not among the files that come with the program: choose another file."
            )
        try:
            return resource(*parts)
        except FileNotFoundError as error:
            raise DataProblem(str(error)) from error
    found = Path(path)
    if found.is_absolute():
        return found
    if folder is None:
        raise DataProblem(
            f"The data file “{path}” is named relative to the design's folder, but the design is not saved yet: "
            "save it first, or choose the file again."
        )
    return folder / found


def reference(path: Path, folder: Path | None) -> str:
    """How a source should name a file: relative if it lies in the design's folder or below it."""
    absolute = path.absolute()
    if folder is not None and absolute.is_relative_to(folder.absolute()):
        return absolute.relative_to(folder.absolute()).as_posix()
    return str(absolute)


def _vocabulary(design: Design, layer: Layer) -> int | None:
    sizes = [
        size
        for link in design.links
        if link.source == layer.id
        and (target := design.find(link.target)) is not None
        and target.kind == "Embedding"
        and isinstance(size := target.value("input_dim"), int)
    ]
    return min(sizes, default=None)
