"""The Data panel: chooses the Input, and shows its source, its samples and how they are cut."""

from pathlib import Path, PurePath
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from rnn_designer.design import DataSource, Edit, Layer
from rnn_designer.messages import Table
from rnn_designer.paths import resource
from rnn_designer.sequences import GENERATORS
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.data.cutting_view import CuttingView
from rnn_designer.ui.data.preview import NEAREST, SamplePlot
from rnn_designer.ui.data.reading_bar import ReadingBar
from rnn_designer.ui.data.rows import ControlRow, small_text
from rnn_designer.ui.data.source_editing import SourceEditing
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

_FILE, _TYPED, _TEXT = ("file", ""), ("typed", ""), ("text", "")


class DataPanel(QWidget):
    """Everything about the samples of one Input at a time. It takes data files that are dropped onto it."""

    def __init__(self, workspace: Workspace, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._selection = selection
        self._input: str | None = None
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
        self._kind_row = ControlRow(ScrubLabel("source"), self.kind, "")
        for row in (self._input_row, self._kind_row):
            row.explanation.hide()
        self.reading = ReadingBar()
        self.reading.stop_wanted.connect(self._stop_reading)
        self.file = FileView()
        self.file.reload_wanted.connect(workspace.samples.reload)
        self.text = TextView()
        self.typed = TypedView()
        self._problem = QLabel()
        self._problem.setProperty("role", "error")
        self._problem.setWordWrap(True)
        self._problem.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.cutting = CuttingView()
        self.batch_size, self.time_steps = self.cutting.batch_size, self.cutting.time_steps
        self.stride, self.normalize = self.cutting.stride, self.cutting.normalize
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
        self.source_editing = SourceEditing(self)
        self.file.embed_wanted.connect(self.editing.embed)
        self._build()
        document = workspace.document
        for view in (self.cutting, self.typed, self.text):
            view.finished.connect(document.seal)
        selection.changed.connect(self.refresh)
        document.changed.connect(lambda _old, _new: self.refresh())
        samples = workspace.samples
        samples.changed.connect(self.refresh)
        samples.progressed.connect(self.show_progress)
        samples.settled.connect(self.show_progress)

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
        self.show_progress()

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
        self.say(problem or "")
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
        self.plot.let_draw(self.typed.feature if editable and array is not None else self._drawable(array))
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

    def show_progress(self) -> None:
        """Show how far reading the file has come."""
        samples = self._workspace.samples
        own = None if self.source_editing.pending is not None else self._input
        progress = (
            samples.progress(own) if self.source_editing.pending is not None or own is not None else None
        )
        self.reading.show_progress(progress)

    def _stop_reading(self) -> None:
        self._workspace.samples.stop_reading()

    def say(self, sentence: str) -> None:
        """Say what is wrong, above the preview; nothing if there is no sentence."""
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))

    def _kinds(self) -> list[tuple[object, str]]:
        """The user's own data first, then the series that come with the program, then what can be made up."""
        own: list[tuple[object, str]] = [
            (_FILE, self._file_label()),
            (_TYPED, "Typed or drawn"),
            (_TEXT, "Typed text"),
        ]
        folder = resource("sequences")
        shipped = sorted(folder.glob("*.csv")) if folder.is_dir() else []
        series = [(("series", f"resource:sequences/{path.name}"), title_of(path.stem)) for path in shipped]
        made = [(("generator", each.name), each.title) for each in GENERATORS.values()]
        return [*own, *series, *made]

    def _file_label(self) -> str:
        """The file that is fed by its name; the offer to choose one while there is none."""
        held = self.source()
        path = str(held[1].options.get("path", "")) if held is not None else ""
        own = not path or path.startswith("resource:")
        return "File…" if own else f"File: {PurePath(path).name}"

    def _generator(self, name: str) -> GeneratorView:
        if name not in self._generators:
            view = GeneratorView(GENERATORS[name])
            view.option_wanted.connect(self.source_editing.set_option)
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

    # Editing.

    def source(self) -> tuple[Layer, DataSource] | None:
        """The Input that is shown, and its source."""
        layer = self._workspace.document.design.find(self._input) if self._input is not None else None
        return (layer, self._workspace.samples.source(layer.id)) if layer is not None else None

    @staticmethod
    def _drawable(array: Any) -> int | None:
        """What the mouse may draw of samples from elsewhere: numbers over time, which are copied then."""
        return NEAREST if array is not None and array.ndim == 3 and array.dtype.kind == "f" else None

    def apply(self, edit: Edit, label: str, merge: str | None = None) -> bool:
        """Change the design, or say why not; returns whether it was changed."""
        refused = try_edit(self._workspace.document, edit, label, merge)
        if refused:
            self.say(refused)
        return not refused

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
            self.source_editing.take_file(self._workspace.samples.reference(Path(paths[0])))
