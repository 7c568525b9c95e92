"""The Data panel: chooses the Input, shows its source, and turns what the user does into edits of the design."""

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import DataSource, Edit, Layer, edits
from rnn_designer.messages import Table
from rnn_designer.paths import resource
from rnn_designer.sequences import GENERATORS, NORMALIZATIONS
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.data.preview import SamplePlot
from rnn_designer.ui.data.rows import ControlRow, size_row, small_text
from rnn_designer.ui.data.source_view import FileView, GeneratorView
from rnn_designer.ui.properties.row import LABEL_WIDTH
from rnn_designer.ui.selection import Selection
from rnn_designer.ui.widgets.combo import Combo
from rnn_designer.ui.widgets.editing import try_edit
from rnn_designer.ui.widgets.labels import ScrubLabel

FILE_KINDS = {".npy": "npy"}
"""The kind of source by a file's suffix; everything else is read as text."""
_FILE = ("file", "")
_NOT_FEATURES = {
    "index",
    "id",
    "row",
    "step",
    "time",
    "date",
    "datetime",
    "timestamp",
    "year",
    "month",
    "day",
}
_BATCH = (
    "How many sequences run side by side, each with states of its own. One is easiest to read; several let you "
    "compare. More cost time, not parameters."
)
_STEPS = (
    "How long each sequence is, and so how far back a state can reach. Take at least one whole period of what is to "
    "be remembered; long sequences cost time and make early steps harder to learn from."
)
_STRIDE = (
    "How many rows lie between the starts of two sequences. As many as time steps: they do not overlap. 1: each starts "
    "one row after the one before."
)
_NORMALIZATION_WORDS = {"none": "as they are", "standard": "mean 0, spread 1", "range": "0 to 1"}
_NORMALIZE = {
    "none": "The values go in as they are. Good if they lie between about −3 and 3; far larger ones drive tanh and "
    "sigmoid into their flat ends.",
    "standard": "Each feature is shifted and scaled to mean 0 and standard deviation 1. The usual choice.",
    "range": "Each feature is squeezed between 0 and 1. A single outlier flattens the rest.",
}


def default_columns(available: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that a new file starts with: all but those that only number or date the rows."""
    found = tuple(name for name in available if name.strip().casefold() not in _NOT_FEATURES)
    return found or available


class DataPanel(QWidget):
    """Everything about the samples of one Input at a time. It takes data files that are dropped onto it."""

    def __init__(self, workspace: Workspace, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._selection = selection
        self._input: str | None = None
        self._pending: tuple[str, str, str] | None = None
        self._sample = 0
        self._stale = True
        self._generators: dict[str, GeneratorView] = {}
        self.setAcceptDrops(True)
        self.inputs = Combo()
        self.inputs.setAccessibleName("Input")
        self.inputs.activated.connect(self._choose_input)
        self._input_row = ControlRow(ScrubLabel("Input"), self.inputs, "")
        self._input_row.explanation.hide()
        self.kind = Combo()
        self.kind.setAccessibleName("Source of the samples")
        self.kind.activated.connect(self._choose_kind)
        self._kind_row = ControlRow(ScrubLabel("source"), self.kind, "")
        self._kind_row.explanation.hide()
        self.file = FileView()
        self.file.choose_wanted.connect(self.choose_file)
        self.file.reload_wanted.connect(workspace.samples.reload)
        self.file.columns_wanted.connect(self._set_columns)
        self._problem = QLabel()
        self._problem.setProperty("role", "error")
        self._problem.setWordWrap(True)
        self._problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.batch_size = size_row("batch size", _BATCH)
        self.time_steps = size_row("time steps", _STEPS)
        self.stride = size_row("stride", _STRIDE)
        self.normalize = Combo()
        self.normalize.setAccessibleName("normalisation")
        self.normalize.offer([(name, _NORMALIZATION_WORDS.get(name, name)) for name in NORMALIZATIONS])
        self.normalize.activated.connect(lambda place: self._set(normalize=self.normalize.value_at(place)))
        self._normalize_row = ControlRow(ScrubLabel("normalisation"), self.normalize, "")
        self.batch_size.value_wanted.connect(self._set_batch_size)
        self.time_steps.value_wanted.connect(self._set_time_steps)
        self.stride.value_wanted.connect(lambda value: self._set(stride=value))
        self.description = QLabel()
        self.description.setProperty("role", "hint")
        self.description.setWordWrap(True)
        self.plot = SamplePlot()
        self.plot.sample_wanted.connect(self._step_sample)
        self.sample = Combo()
        self.sample.setAccessibleName("Sample in the preview")
        self.sample.activated.connect(self._choose_sample)
        self._empty = small_text(
            "Sample data enters a design at an Input. Place one: drag Input from the layers onto the canvas."
        )
        self._build()
        document = workspace.document
        for row in (self.batch_size, self.time_steps, self.stride):
            row.finished.connect(document.seal)
        selection.changed.connect(self.refresh)
        document.changed.connect(lambda _old, _new: self.refresh())
        workspace.samples.changed.connect(self.refresh)
        workspace.samples.table_read.connect(self._table_read)
        workspace.samples.read_failed.connect(self._read_failed)

    def _build(self) -> None:
        self._controls = QWidget()
        column = QVBoxLayout(self._controls)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        line = QFrame()
        line.setProperty("role", "line")
        self._source_column = QVBoxLayout()
        self._source_column.setSpacing(6)
        self._source_column.addWidget(self.file)
        show = QHBoxLayout()
        label = QLabel("preview")
        label.setProperty("role", "section")
        label.setFixedWidth(LABEL_WIDTH)
        show.setSpacing(18)
        show.addWidget(label)
        show.addWidget(self.sample, 1)
        column.addWidget(self._input_row)
        column.addWidget(self._kind_row)
        column.addWidget(self._problem)
        column.addLayout(show)
        column.addWidget(self.plot)
        column.addWidget(self.description)
        for row in (self.batch_size, self.time_steps, self.stride, self._normalize_row):
            column.addWidget(row)
        column.addWidget(line)
        column.addLayout(self._source_column)
        body = QWidget()
        outer = QVBoxLayout(body)
        outer.setContentsMargins(12, 8, 12, 12)
        outer.addWidget(self._empty)
        outer.addWidget(self._controls)
        outer.addStretch(1)
        area = QScrollArea()
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setWidget(body)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)

    # Showing.

    @property
    def input_id(self) -> str | None:
        """The Input whose samples are shown; None if the design has none."""
        return self._input

    def refresh(self) -> None:
        """Show the samples of the selected Input, or of the one before, as they are now."""
        if not self.isVisible():
            self._stale = True
            return
        self._stale = False
        design = self._workspace.document.design
        found = [layer for layer in design.layers if layer.kind == "Input"]
        ids = [layer.id for layer in found]
        if self._selection.current in ids:
            self._input = self._selection.current
        elif self._input not in ids:
            self._input = ids[0] if ids else None
        self._empty.setVisible(self._input is None)
        self._controls.setVisible(self._input is not None)
        if self._input is None:
            return
        self.inputs.offer([(layer.id, layer.name) for layer in found])
        self.inputs.show_value(self._input)
        self._input_row.setVisible(len(found) > 1)
        self._show_source(design.layer(self._input))
        self._show_samples()

    def _show_source(self, layer: Layer) -> None:
        source = self._workspace.samples.source(layer.id)
        generator = source.kind in GENERATORS
        self.kind.offer(self._kinds())
        path = str(source.options.get("path", ""))
        known = [value for value, _label in self._kinds()]
        self.kind.show_value(
            ("generator", source.kind)
            if generator
            else ("series", path)
            if ("series", path) in known
            else _FILE
        )
        self.file.setVisible(not generator)
        for name, view in self._generators.items():
            view.setVisible(name == source.kind)
        if generator:
            view = self._generator(source.kind)
            view.show_options(source.options)
            view.show()
        else:
            self.file.show_file(source, self._workspace.samples.table(layer.id))
        self._show_sizes(layer, source)
        self.stride.setVisible(not generator)
        self.stride.show_value(source.stride)
        self.normalize.show_value(source.normalize)
        self._normalize_row.explain(_NORMALIZE.get(source.normalize, ""))

    def _show_sizes(self, layer: Layer, source: DataSource) -> None:
        fixed_batch, fixed_steps = layer.value("batch_size"), _fixed_steps(layer)
        self.batch_size.show_value(fixed_batch if isinstance(fixed_batch, int) else source.batch_size)
        self.time_steps.show_value(fixed_steps if fixed_steps is not None else source.time_steps)
        batch, steps = _BATCH, _STEPS
        if isinstance(fixed_batch, int):
            batch += f" ‘{layer.name}’ fixes it; changing it here changes both."
        if fixed_steps is not None:
            steps += f" The shape of ‘{layer.name}’ fixes it; changing it here changes both."
        self.batch_size.explain(batch)
        self.time_steps.explain(steps)

    def _show_samples(self) -> None:
        samples = self._workspace.samples
        if self._input is None:
            return
        problem = samples.problem(self._input)
        self._say(problem or "")
        array = samples.array(self._input)
        count = int(array.shape[0]) if array is not None else 0
        self._sample = max(0, min(self._sample, count - 1))
        self.sample.offer([(number, f"sample {number} of {count}") for number in range(min(count, 1000))])
        self.sample.show_value(self._sample if count else None)
        self.sample.setEnabled(count > 1)
        self.plot.show_sample(array, self._sample, "" if problem is None else "No samples: see above.")
        words = samples.describe(self._input)
        self.description.setVisible(problem is None)
        if array is not None:
            words = f"{words.rstrip('.')}. Fed as {'×'.join(map(str, array.shape))}."
        self.description.setText(words)

    def _say(self, sentence: str) -> None:
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))

    def _kinds(self) -> list[tuple[object, str]]:
        rows: list[tuple[object, str]] = [
            (("generator", each.name), each.title) for each in GENERATORS.values()
        ]
        folder = resource("sequences")
        for path in sorted(folder.glob("*.csv")) if folder.is_dir() else []:
            title = path.stem.replace("_", " ").capitalize()
            rows.append((("series", f"resource:sequences/{path.name}"), title))
        return [*rows, (_FILE, "File…")]

    def _generator(self, name: str) -> GeneratorView:
        if name not in self._generators:
            view = GeneratorView(GENERATORS[name])
            view.option_wanted.connect(self._set_option)
            view.finished.connect(self._workspace.document.seal)
            self._generators[name] = view
            self._source_column.addWidget(view)
        return self._generators[name]

    # Choosing.

    def _choose_input(self, place: int) -> None:
        chosen = self.inputs.value_at(place)
        if isinstance(chosen, str):
            self._input = chosen
            self._sample = 0
            self._selection.set((chosen,))
            self.refresh()

    def _choose_sample(self, place: int) -> None:
        self._sample = place
        self._show_samples()

    def _step_sample(self, step: int) -> None:
        self._sample += step
        self._show_samples()

    def _choose_kind(self, place: int) -> None:
        chosen = self.kind.value_at(place)
        if self._input is None or not isinstance(chosen, tuple):
            return
        kind, name = chosen
        if kind == "generator":
            source = self._workspace.samples.source(self._input)
            if source.kind != name:
                new = replace(source, kind=name, options=FrozenMap())
                self._apply(edits.set_data(self._input, new), f"Feed {GENERATORS[name].title}")
        elif kind == "series":
            self.take_file(name)
        else:
            # The dialog opens once the list has closed.
            QTimer.singleShot(0, self, self.choose_file)
        if kind != "generator":
            self.refresh()

    def choose_file(self) -> None:
        """Ask for a data file and feed it to the Input."""
        held = self._workspace.document.path
        chosen, _filter = QFileDialog.getOpenFileName(
            self,
            "Choose a data file",
            str(held.parent) if held is not None else "",
            "Sequences (*.csv *.tsv *.txt *.npy);;All files (*)",
        )
        if chosen:
            self.take_file(self._workspace.samples.reference(Path(chosen)))

    def take_file(self, path: str) -> None:
        """Feed a file to the Input, once it has been read; ``path`` as a data source names it."""
        if self._input is None:
            return
        kind = FILE_KINDS.get(Path(path).suffix.lower(), "csv")
        self._pending = (self._input, path, kind)
        self._workspace.samples.read(path)

    def _table_read(self, path: str, table: Table) -> None:
        if self._pending is None or self._pending[1] != path:
            return
        input_id, _path, kind = self._pending
        self._pending = None
        layer = self._workspace.document.design.find(input_id)
        if layer is None:
            return
        columns = default_columns(table.available)
        source = self._workspace.samples.source(input_id)
        rows = int(table.values.shape[-2])
        new = replace(
            source,
            kind=kind,
            options=FrozenMap(path=path, columns=columns),
            time_steps=min(source.time_steps, rows),
            normalize=source.normalize if source.kind not in GENERATORS else "standard",
        )
        self._apply(edits.set_data(input_id, new, _features(layer, len(columns))), f"Feed {Path(path).name}")

    def _read_failed(self, path: str, sentence: str) -> None:
        if self._pending is not None and self._pending[1] == path:
            self._pending = None
            self._say(f"{sentence} The samples stay as they were.")

    # Editing.

    def _source(self) -> tuple[Layer, DataSource] | None:
        layer = self._workspace.document.design.find(self._input) if self._input is not None else None
        return (layer, self._workspace.samples.source(layer.id)) if layer is not None else None

    def _set(self, **changes: object) -> None:
        held = self._source()
        if held is not None:
            layer, source = held
            name = next(iter(changes))
            new = replace(source, **changes)  # type: ignore[arg-type]
            self._apply(
                edits.set_data(layer.id, new), f"Set {name.replace('_', ' ')}", f"data {layer.id} {name}"
            )

    def _set_batch_size(self, value: int) -> None:
        held = self._source()
        if held is None:
            return
        layer, source = held
        edit = edits.set_data(layer.id, replace(source, batch_size=value))
        if isinstance(layer.value("batch_size"), int):
            edit = edits.chain(edit, edits.set_parameter(layer.id, "batch_size", value))
        self._apply(edit, "Set batch size", f"data {layer.id} batch_size")

    def _set_time_steps(self, value: int) -> None:
        held = self._source()
        if held is None:
            return
        layer, source = held
        edit = edits.set_data(layer.id, replace(source, time_steps=value))
        if _fixed_steps(layer) is not None:
            shape = (value, *layer.value("shape")[1:])
            edit = edits.chain(edit, edits.set_parameter(layer.id, "shape", shape))
        self._apply(edit, "Set time steps", f"data {layer.id} time_steps")

    def _set_option(self, name: str, value: object) -> None:
        held = self._source()
        if held is not None:
            layer, source = held
            new = replace(source, options=source.options.having(**{name: value}))
            self._apply(
                edits.set_data(layer.id, new), f"Set {name.replace('_', ' ')}", f"data {layer.id} {name}"
            )

    def _set_columns(self, columns: tuple[str, ...]) -> None:
        held = self._source()
        if held is not None:
            layer, source = held
            new = replace(source, options=source.options.having(columns=columns))
            self._apply(edits.set_data(layer.id, new, _features(layer, len(columns))), "Choose columns")

    def _apply(self, edit: Edit, label: str, merge: str | None = None) -> None:
        refused = try_edit(self._workspace.document, edit, label, merge)
        if refused:
            self._say(refused)

    # Qt's own.

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while hidden."""
        super().showEvent(event)
        if self._stale:
            self.refresh()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a data file."""
        if self._input is not None and any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Feed the dropped file to the Input."""
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.take_file(self._workspace.samples.reference(Path(paths[0])))


def _fixed_steps(layer: Layer) -> int | None:
    """The number of steps that an Input's shape fixes; None where its time axis is open or it has none."""
    shape = layer.value("shape")
    return shape[0] if isinstance(shape, tuple) and shape and isinstance(shape[0], int) else None


def _features(layer: Layer, columns: int) -> int | None:
    """The features for the Input's last axis; None for a shape such as (time,), which has no feature axis."""
    shape = layer.value("shape")
    return columns if isinstance(shape, tuple) and len(shape) >= 2 else None
