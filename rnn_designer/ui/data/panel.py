"""The Data panel: chooses the Input, shows its source, and turns what the user does into edits of the design."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import DataSource, Edit, Layer, edits
from rnn_designer.messages import Table
from rnn_designer.paths import resource
from rnn_designer.sequences import GENERATORS, SUFFIXES, TEXT_SUFFIXES, DataProblem, ids, parse
from rnn_designer.session.inputs import reading_options
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.data import feeding
from rnn_designer.ui.data.cutting_view import CuttingView
from rnn_designer.ui.data.feeding import default_columns
from rnn_designer.ui.data.preview import SamplePlot
from rnn_designer.ui.data.reading_bar import ReadingBar
from rnn_designer.ui.data.rows import ControlRow, small_text
from rnn_designer.ui.data.source_view import FileView, GeneratorView
from rnn_designer.ui.data.table import COLUMNS, SampleTable
from rnn_designer.ui.data.text_view import TextView
from rnn_designer.ui.data.typed_editing import TypedEditing
from rnn_designer.ui.data.typed_view import TypedView
from rnn_designer.ui.properties.row import LABEL_WIDTH
from rnn_designer.ui.selection import Selection
from rnn_designer.ui.titles import title_of
from rnn_designer.ui.widgets.combo import Combo
from rnn_designer.ui.widgets.editing import try_edit
from rnn_designer.ui.widgets.labels import ScrubLabel

__all__ = ["DataPanel", "default_columns"]

_KINDS = {".npy": "npy", ".npz": "npz", ".parquet": "parquet", ".wav": "wav", ".txt": "auto"}
"""The kind of source by a file's suffix; other tables are csv."""
_FILE, _TYPED, _TEXT = ("file", ""), ("typed", ""), ("text", "")
_FIRST_TEXT = "to be or not to be, that is the question"


@dataclass(frozen=True)
class _Pending:
    """A file that is being read before an Input is fed with it."""

    input_id: str
    path: str
    kind: str
    options: FrozenMap


class DataPanel(QWidget):
    """Everything about the samples of one Input at a time. It takes data files that are dropped onto it."""

    def __init__(self, workspace: Workspace, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._selection = selection
        self._input: str | None = None
        self._pending: _Pending | None = None
        self._sample = 0
        self._stale = True
        self._generators: dict[str, GeneratorView] = {}
        self.setAcceptDrops(True)
        self.inputs = Combo()
        self.inputs.setAccessibleName("Input")
        self.inputs.activated.connect(self._choose_input)
        self._input_row = ControlRow(ScrubLabel("Input"), self.inputs, "")
        self.kind = Combo()
        self.kind.setAccessibleName("Source of the samples")
        self.kind.setMaxVisibleItems(20)
        self.kind.activated.connect(self._choose_kind)
        self._kind_row = ControlRow(ScrubLabel("source"), self.kind, "")
        for row in (self._input_row, self._kind_row):
            row.explanation.hide()
        self.reading = ReadingBar()
        self.reading.stop_wanted.connect(self._stop_reading)
        self.file = FileView()
        self.file.choose_wanted.connect(self.choose_file)
        self.file.reload_wanted.connect(workspace.samples.reload)
        self.file.columns_wanted.connect(self._set_columns)
        self.file.option_wanted.connect(self._set_reading)
        self.text = TextView()
        self.text.option_wanted.connect(self._set_text)
        self.typed = TypedView()
        self._problem = QLabel()
        self._problem.setProperty("role", "error")
        self._problem.setWordWrap(True)
        self._problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.cutting = CuttingView()
        self.batch_size, self.time_steps = self.cutting.batch_size, self.cutting.time_steps
        self.stride, self.normalize = self.cutting.stride, self.cutting.normalize
        self.cutting.batch_size_wanted.connect(self._set_batch_size)
        self.cutting.time_steps_wanted.connect(self._set_time_steps)
        self.cutting.wanted.connect(self._set)
        self.description = QLabel()
        self.description.setProperty("role", "hint")
        self.description.setWordWrap(True)
        self.plot = SamplePlot()
        self.plot.sample_wanted.connect(self._step_sample)
        self.table = SampleTable()
        self.more = small_text()
        self.sample = Combo()
        self.sample.setAccessibleName("Sample in the preview")
        self.sample.activated.connect(self._choose_sample)
        self._empty = small_text(
            "Sample data enters a design at an Input. Place one: drag Input from the layers onto the canvas."
        )
        self.editing = TypedEditing(self)
        self.file.embed_wanted.connect(self.editing.embed)
        self._build()
        document = workspace.document
        for view in (self.cutting, self.typed, self.text):
            view.finished.connect(document.seal)
        selection.changed.connect(self.refresh)
        document.changed.connect(lambda _old, _new: self.refresh())
        samples = workspace.samples
        samples.changed.connect(self.refresh)
        samples.progressed.connect(self._show_progress)
        samples.settled.connect(self._show_progress)
        samples.table_read.connect(self._table_read)
        samples.read_failed.connect(self._read_failed)

    def _build(self) -> None:
        self._controls = QWidget()
        column = QVBoxLayout(self._controls)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        line = QFrame()
        line.setProperty("role", "line")
        self._source_column = QVBoxLayout()
        self._source_column.setSpacing(6)
        for view in (self.file, self.text, self.typed):
            self._source_column.addWidget(view)
        show = QHBoxLayout()
        label = QLabel("preview")
        label.setProperty("role", "section")
        label.setFixedWidth(LABEL_WIDTH)
        show.setSpacing(18)
        show.addWidget(label)
        show.addWidget(self.sample, 1)
        for row in (self._input_row, self._kind_row, self.reading, self._problem):
            column.addWidget(row)
        column.addLayout(show)
        for widget in (self.plot, self.table, self.more, self.description, self.cutting, line):
            column.addWidget(widget)
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

    @property
    def workspace(self) -> Workspace:
        """The program that the panel shows."""
        return self._workspace

    @property
    def shown_sample(self) -> int:
        """Which sample of the batch is shown."""
        return self._sample

    def refresh(self) -> None:
        """Show the samples of the selected Input, or of the one before, as they are now."""
        if not self.isVisible():
            self._stale = True
            return
        self._stale = False
        design = self._workspace.document.design
        found = [layer for layer in design.layers if layer.kind == "Input"]
        ids_of = [layer.id for layer in found]
        if self._selection.current in ids_of:
            self._input = self._selection.current
        elif self._input not in ids_of:
            self._input = ids_of[0] if ids_of else None
        self._empty.setVisible(self._input is None)
        self._controls.setVisible(self._input is not None)
        if self._input is None:
            return
        self.inputs.offer([(layer.id, layer.name) for layer in found])
        self.inputs.show_value(self._input)
        self._input_row.setVisible(len(found) > 1)
        self._show_source(design.layer(self._input))
        self._show_samples()
        self._show_progress()

    def _show_source(self, layer: Layer) -> None:
        source = self._workspace.samples.source(layer.id)
        table = self._workspace.samples.table(layer.id)
        generator = source.kind in GENERATORS
        own_text = source.kind == "text" and "text" in source.options
        kinds = self._kinds()
        self.kind.offer(kinds)
        series = ("series", str(source.options.get("path", "")))
        if generator:
            chosen: object = ("generator", source.kind)
        elif source.kind == "typed":
            chosen = _TYPED
        elif own_text:
            chosen = _TEXT
        else:
            chosen = series if series in [value for value, _label in kinds] else _FILE
        self.kind.show_value(chosen)
        self.file.setVisible(not generator and source.kind != "typed" and not own_text)
        self.text.setVisible(source.kind == "text")
        self.typed.setVisible(source.kind == "typed")
        for name, view in self._generators.items():
            view.setVisible(name == source.kind)
        if generator:
            view = self._generator(source.kind)
            view.show_options(source.options)
            view.show()
        elif source.kind == "typed":
            self.editing.show_source(source)
        else:
            self.file.show_file(source, table)
        if source.kind == "text":
            self.text.show_source(source.options, table)
        rows, cut = self._rows(source, table)
        self.cutting.show_source(layer, source, rows, cut=cut)

    def _rows(self, source: DataSource, table: Table | None) -> tuple[int | None, bool]:
        """How many rows or samples the data has, and whether samples are cut from it."""
        if source.kind == "typed":
            return self.editing.rows(source)
        if table is None:
            return None, source.kind not in GENERATORS
        return int(table.values.shape[0]), table.values.ndim == 2

    def _show_samples(self) -> None:
        samples = self._workspace.samples
        if self._input is None:
            return
        problem = samples.problem(self._input)
        self._say(problem or "")
        array, fitted = samples.array(self._input), samples.fitted(self._input)
        table, source = samples.table(self._input), samples.source(self._input)
        count = int(array.shape[0]) if array is not None else 0
        self._sample = max(0, min(self._sample, count - 1))
        self.sample.offer([(number, f"sample {number} of {count}") for number in range(min(count, 1000))])
        self.sample.show_value(self._sample if count else None)
        self.sample.setEnabled(count > 1)
        editable = self.editing.editable(source)
        names = table.columns if table is not None else ()
        first = 0 if fitted is None else fitted.start + self._sample * fitted.stride
        ahead = fitted.ahead if fitted is not None else None
        self.plot.show_targets(ahead, fitted.targets if fitted is not None else None)
        self.plot.let_draw(self.typed.feature if editable and array is not None else None)
        self.plot.show_sample(array, self._sample, "" if problem is None else "No samples: see above.")
        shown, at = (array, self._sample) if array is not None else (self._beginning(table), 0)
        self.table.show_sample(shown, at, ahead, names, first, editable=editable)
        self.table.setVisible(shown is not None and shown.ndim >= 2)
        features = (
            int(shown[at].size // max(1, shown.shape[1])) if shown is not None and shown.ndim >= 2 else 0
        )
        self.more.setText(f"The first {COLUMNS} of {features:,} features have a column here; all are fed.")
        self.more.setVisible(features > COLUMNS)
        words = samples.describe(self._input)
        self.description.setVisible(problem is None)
        if array is not None:
            words = f"{words.rstrip('.')}. Fed as {'×'.join(map(str, array.shape))}."
        self.description.setText(words)

    @staticmethod
    def _beginning(table: Table | None) -> Any:
        """The first rows of a file, to look at while there are no samples."""
        if table is None:
            return None
        return table.values[:1, :200] if table.values.ndim == 3 else table.values[None, :200]

    def _show_progress(self) -> None:
        samples = self._workspace.samples
        own = None if self._pending is not None else self._input
        progress = samples.progress(own) if self._pending is not None or own is not None else None
        self.reading.show_progress(progress)

    def _stop_reading(self) -> None:
        self._workspace.samples.stop_reading()

    def _say(self, sentence: str) -> None:
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))

    def _kinds(self) -> list[tuple[object, str]]:
        rows: list[tuple[object, str]] = [
            (("generator", each.name), each.title) for each in GENERATORS.values()
        ]
        folder = resource("sequences")
        for path in sorted(folder.glob("*.csv")) if folder.is_dir() else []:
            title = title_of(path.stem)
            rows.append((("series", f"resource:sequences/{path.name}"), title))
        return [*rows, (_TYPED, "Typed or drawn"), (_TEXT, "Typed text"), (_FILE, "File…")]

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
        chosen, held = self.kind.value_at(place), self.source()
        if held is None or not isinstance(chosen, tuple):
            return
        layer, source = held
        kind, name = chosen
        if kind == "generator":
            if source.kind != name:
                edit = feeding.feed_generator(layer, source, GENERATORS[name])
                self.apply(edit, f"Feed {GENERATORS[name].title}")
        elif kind == "series":
            self.take_file(name)
        elif kind == "typed":
            if source.kind != "typed":
                self.editing.embed()
        elif kind == "text":
            if source.kind != "text" or "text" not in source.options:
                self._feed_text(layer, source, FrozenMap(text=_FIRST_TEXT), "Feed a text")
        else:
            # The dialog opens once the list has closed.
            QTimer.singleShot(0, self, self.choose_file)
        if kind != "generator":
            self.refresh()

    def choose_file(self) -> None:
        """Ask for a data file and feed it to the Input."""
        held = self._workspace.document.path
        patterns = " ".join(f"*{suffix}" for suffix in (*SUFFIXES, *TEXT_SUFFIXES))
        chosen, _filter = QFileDialog.getOpenFileName(
            self,
            "Choose a data file",
            str(held.parent) if held is not None else "",
            f"Sequences ({patterns});;All files (*)",
        )
        if chosen:
            self.take_file(self._workspace.samples.reference(Path(chosen)))

    def take_file(self, path: str) -> None:
        """Feed a file to the Input, once it has been read; ``path`` as a data source names it."""
        if self._input is None:
            return
        suffix = Path(path).suffix.lower()
        kind = "text" if suffix in TEXT_SUFFIXES else _KINDS.get(suffix, "csv")
        self._read(_Pending(self._input, path, kind, FrozenMap()))

    def _read(self, pending: _Pending) -> None:
        self._pending = pending
        kind = "csv" if pending.kind == "auto" else pending.kind
        options = {**reading_options(kind, pending.options), "kind": pending.kind}
        self._workspace.samples.read(pending.path, (), options)
        self._show_progress()

    def _table_read(self, path: str, table: Table) -> None:
        pending = self._pending
        if pending is None or pending.path != path:
            return
        self._pending = None
        self._show_progress()
        design = self._workspace.document.design
        layer = design.find(pending.input_id)
        if layer is None:
            return
        kind = table.facts.get("kind", pending.kind)
        source = self._workspace.samples.source(layer.id)
        edit = feeding.feed_table(design, layer, source, path, kind, pending.options, table)
        self.apply(
            edit, f"Feed {Path(path).name}" if not pending.options else f"Read {Path(path).name} otherwise"
        )

    def _read_failed(self, path: str, sentence: str) -> None:
        if self._pending is not None and self._pending.path == path:
            self._pending = None
            self.refresh()
            self._say(f"{sentence} The samples stay as they were.")

    # Editing.

    def source(self) -> tuple[Layer, DataSource] | None:
        """The Input that is shown, and its source."""
        layer = self._workspace.document.design.find(self._input) if self._input is not None else None
        return (layer, self._workspace.samples.source(layer.id)) if layer is not None else None

    def _set(self, name: str, value: object) -> None:
        held = self.source()
        if held is not None:
            layer, source = held
            changes: dict[str, Any] = {name: value}
            if name in ("validation", "test") and source.part != "all":
                left = {"validation": source.validation, "test": source.test, name: value}
                gone = source.part in left and not left[source.part]
                changes["part"] = "all" if gone or not any(left.values()) else source.part
            edit = edits.set_data(layer.id, replace(source, **changes))
            self.apply(edit, f"Set {name}", f"data {layer.id} {name}")

    def _set_batch_size(self, value: int) -> None:
        held = self.source()
        if held is not None:
            layer, source = held
            edit = feeding.feed(layer, replace(source, batch_size=value))
            self.apply(edit, "Set batch size", f"data {layer.id} batch_size")

    def _set_time_steps(self, value: int) -> None:
        held = self.source()
        if held is not None:
            layer, source = held
            edit = feeding.feed(layer, replace(source, time_steps=value))
            self.apply(edit, "Set time steps", f"data {layer.id} time_steps")

    def _set_option(self, name: str, value: object) -> None:
        held = self.source()
        if held is not None:
            layer, source = held
            new = replace(source, options=source.options.having(**{name: value}))
            self.apply(
                edits.set_data(layer.id, new), f"Set {name.replace('_', ' ')}", f"data {layer.id} {name}"
            )

    def _set_columns(self, columns: tuple[str, ...]) -> None:
        held = self.source()
        if held is not None:
            layer, source = held
            new = replace(source, options=source.options.having(columns=columns))
            self.apply(feeding.feed(layer, new, feeding.features_of(layer, len(columns))), "Choose columns")

    def _set_reading(self, name: str, value: object) -> None:
        """Read the file otherwise; the design changes only if that can be done."""
        held = self.source()
        if held is not None and self._input is not None:
            _layer, source = held
            options = source.options.without("path", "columns", "vocabulary", name)
            if value is not None:
                options = options.having(**{name: value})
            self._read(_Pending(self._input, str(source.options.get("path", "")), source.kind, options))

    def _set_text(self, name: str, value: object) -> None:
        held = self.source()
        if held is None:
            return
        layer, source = held
        if "path" in source.options:
            self._set_reading(name, value)
        else:
            options = source.options.without("vocabulary").having(**{name: value})
            merge = f"data {layer.id} {name}" if name == "most" else None
            self._feed_text(layer, source, options, f"Set {name}", merge)

    def _feed_text(
        self, layer: Layer, source: DataSource, options: FrozenMap, label: str, merge: str | None = None
    ) -> None:
        text = str(options["text"])
        if len(text) > 256 * 1024:
            self._say(
                "A text in the design may have 262,144 characters: save it as a file and choose that instead."
            )
            return
        chosen = reading_options("text", options)
        try:
            found = ids(
                lambda: (text,),
                str(chosen.get("unit", "characters")),
                chosen.get("lower") == "yes",
                int(chosen.get("most", 10_000)),
            )
        except DataProblem as problem:
            self._say(f"{problem} The text stays as it was.")
            return
        source = replace(
            source,
            time_steps=min(source.time_steps, len(found.values)),
            batch_size=1 if source.kind != "text" else source.batch_size,
        )
        design = self._workspace.document.design
        self.apply(feeding.feed_text(design, layer, source, options, len(found.vocabulary)), label, merge)

    def apply(self, edit: Edit, label: str, merge: str | None = None) -> bool:
        """Change the design, or say why not; returns whether it was changed."""
        refused = try_edit(self._workspace.document, edit, label, merge)
        if refused:
            self._say(refused)
        return not refused

    def say(self, sentence: str) -> None:
        """Say what is wrong, above the preview."""
        self._say(sentence)

    def read_text(self, text: str) -> Any:
        """A pasted text as an array; :class:`DataProblem` with a sentence where it is none."""
        return parse(text)

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
