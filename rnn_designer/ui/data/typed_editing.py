"""What the Data panel does with typed data: pasting, cells, sizes, and drawing with the mouse."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from rnn_designer.design import DataSource
from rnn_designer.sequences import DataProblem, parse, shape_of, values_of
from rnn_designer.sequences.typed import require_small
from rnn_designer.ui.data import feeding

if TYPE_CHECKING:
    from rnn_designer.ui.data.panel import DataPanel

_MOST_TAKEN = 20_000
_KEPT_STEPS = 200


class TypedEditing(QObject):
    """Turns gestures on table, plot and paste field into edits of the panel's typed source.

    Args:
        panel: whose views it listens to; it lives as long as they do.
    """

    def __init__(self, panel: DataPanel) -> None:
        super().__init__(panel)
        self._panel = panel
        self._strokes = 0
        self._before: DataSource | None = None
        panel.typed.text_wanted.connect(self._take_text)
        panel.typed.shape_wanted.connect(self._resize)
        panel.typed.drawn.activated.connect(lambda _at: panel.refresh())
        panel.table.model_.cell_wanted.connect(self._set_cell)
        panel.table.model_.refused.connect(panel.say)
        panel.table.paste_wanted.connect(self._paste)
        panel.plot.drawn.connect(self._draw)
        panel.plot.draw_ended.connect(self._end_drawing)

    @staticmethod
    def editable(source: DataSource) -> bool:
        """Whether cells can be edited: only of typed data whose numbers are fed as they are."""
        return source.kind == "typed" and source.normalize == "none"

    def show_source(self, source: DataSource) -> None:
        """Show the sizes of typed data."""
        try:
            self._panel.typed.show_shape(shape_of(source.options.get("values")))
        except DataProblem:
            return

    @staticmethod
    def rows(source: DataSource) -> tuple[int | None, bool]:
        """How many rows or samples typed data has, and whether samples are cut from it."""
        try:
            shape = shape_of(source.options.get("values"))
        except DataProblem:
            return None, True
        return shape[0], len(shape) == 2

    def embed(self) -> None:
        """Make what is shown now the typed data of the Input: a file's numbers, or the samples of a generator."""
        held = self._panel.source()
        if held is None:
            return
        layer, source = held
        samples = self._panel.workspace.samples
        table, array = samples.table(layer.id), samples.array(layer.id)
        array = table.values if table is not None and source.kind != "text" else array
        values: Any = feeding.FIRST_VALUES
        from_file = table is not None and source.kind != "text"
        try:
            if array is not None and from_file:
                values = values_of(array)
            elif array is not None and array.ndim >= 2:
                array = array.reshape(array.shape[0], array.shape[1], -1)
                small = array.size <= _MOST_TAKEN
                values = values_of(array if small and array.shape[0] > 1 else array[0, :_KEPT_STEPS])
        except DataProblem as problem:
            self._panel.say(str(problem))
            return
        shape = shape_of(values)
        new = replace(source, normalize=source.normalize if from_file else "none")
        self._panel.apply(feeding.feed_typed(layer, new, values, shape, fit=False), "Embed the data")

    def _take_text(self, text: str) -> None:
        held = self._panel.source()
        if held is None:
            return
        try:
            pasted = parse(text)
        except DataProblem as problem:
            self._panel.typed.refuse(f"{problem} The data stays as it was.")
            return
        layer, source = held
        edit = feeding.feed_typed(layer, source, pasted.values, pasted.shape, fit=True)
        if self._panel.apply(edit, "Paste an array"):
            self._panel.typed.accept(pasted.words)

    def _paste(self, text: str, step: int, feature: int) -> None:
        """Pasted into the table: a block of cells goes where the cursor is, several samples replace all."""
        held = self._panel.source()
        if held is None or held[1].kind != "typed":
            self._take_text(text)
            return
        try:
            pasted = parse(text)
        except DataProblem as problem:
            self._panel.say(f"{problem} The data stays as it was.")
            return
        if len(pasted.shape) == 3 or not self.editable(held[1]):
            self._take_text(text)
            return
        cells = [
            (self._place(step + row, feature + column), value)
            for row, line in enumerate(pasted.values)
            for column, value in enumerate(line)
        ]
        self._change(cells, "Paste cells", None)

    def _set_cell(self, step: int, feature: int, value: object) -> None:
        place = self._place(step, feature)
        self._change([(place, value)], "Type a value", None)

    def _draw(self, points: tuple[tuple[int, float], ...]) -> None:
        if self._before is None:
            held = self._panel.source()
            self._before = held[1] if held is not None else None
            self._strokes += 1
            self._panel.workspace.document.seal()
        feature, held = self._panel.plot.drawn_feature, self._panel.source()
        label, merge = f"Draw feature {feature}", f"draw {self._strokes}"
        if held is not None and not self.editable(held[1]):
            self._draw_on_copy(points, feature, label, merge)
            return
        cells = [(self._place(step, feature), value) for step, value in points]
        self._change(cells, label, merge)

    def _draw_on_copy(
        self, points: tuple[tuple[int, float], ...], feature: int, label: str, merge: str
    ) -> None:
        """Draw on samples that come from elsewhere: they become the typed data of the Input."""
        held = self._panel.source()
        array = None if held is None else self._panel.workspace.samples.array(held[0].id)
        if held is None or array is None:
            return
        try:
            cells = [((self._panel.shown_sample, step, feature), value) for step, value in points]
            values = feeding.with_cells(values_of(array), cells)
            require_small(values)
        except DataProblem as problem:
            self._panel.say(str(problem))
            return
        self._panel.apply(
            feeding.feed_typed(held[0], held[1], values, shape_of(values), fit=True), label, merge
        )

    def _end_drawing(self, done: bool) -> None:
        before, self._before = self._before, None
        document = self._panel.workspace.document
        held = self._panel.source()
        if not done and before is not None and held is not None and held[1] != before:
            document.undo()
        document.seal()
        self._panel.refresh()

    def _place(self, step: int, feature: int) -> tuple[int, ...]:
        """Where a cell of the shown sample is in the data."""
        panel = self._panel
        samples, sample = panel.workspace.samples, panel.shown_sample
        fitted = samples.fitted(panel.input_id) if panel.input_id is not None else None
        held = panel.source()
        rows, cut = self.rows(held[1]) if held is not None else (None, True)
        start = fitted.start if fitted is not None else 0
        if not cut and rows is not None:
            return start + sample, step, feature
        stride = fitted.stride if fitted is not None else 0
        return start + sample * stride + step, feature

    def _change(self, cells: Iterable[tuple[tuple[int, ...], Any]], label: str, merge: str | None) -> None:
        held = self._panel.source()
        if held is None or held[1].kind != "typed":
            return
        layer, source = held
        values = feeding.with_cells(source.options.get("values", feeding.FIRST_VALUES), cells)
        self._feed(layer, source, values, label, merge)

    def _resize(self, steps: int, features: int) -> None:
        held = self._panel.source()
        if held is None:
            return
        layer, source = held
        shape = shape_of(source.options["values"])
        if steps * features * (shape[0] if len(shape) == 3 else 1) > _MOST_TAKEN * 5:
            self._panel.say(
                "So many cells are too much to live in a design file: save them as a file and choose it."
            )
            return
        values = feeding.resized(source.options["values"], steps, features)
        name = "rows" if steps != shape[-2] else "features"
        whole = source.time_steps == shape[-2] and source.batch_size == 1 and len(shape) == 2
        if whole:
            # The one sample is all that is typed, and stays so.
            source = replace(source, time_steps=steps)
        self._feed(layer, source, values, f"Set typed {name}", f"data {layer.id} typed {name}")

    def _feed(self, layer: Any, source: DataSource, values: Any, label: str, merge: str | None) -> None:
        try:
            require_small(values)
        except DataProblem as problem:
            self._panel.say(str(problem))
            return
        edit = feeding.feed_typed(layer, source, values, shape_of(values), fit=False)
        self._panel.apply(edit, label, merge)
