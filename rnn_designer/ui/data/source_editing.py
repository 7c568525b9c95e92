"""What the Data panel does with an Input's source: choosing and reading files, and setting how samples are made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QFileDialog

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import DataSource, Layer, edits
from rnn_designer.messages import Table
from rnn_designer.sequences import GENERATORS, SUFFIXES, TEXT_SUFFIXES, DataProblem, ids
from rnn_designer.session.inputs import reading_options
from rnn_designer.ui.data import feeding

if TYPE_CHECKING:
    from rnn_designer.ui.data.panel import DataPanel

_KINDS = {".npy": "npy", ".npz": "npz", ".parquet": "parquet", ".wav": "wav", ".txt": "auto"}
"""The kind of source by a file's suffix; other tables are csv."""
_FIRST_TEXT = "to be or not to be, that is the question"


@dataclass(frozen=True)
class Pending:
    """A file that is being read before an Input is fed with it."""

    input_id: str
    path: str
    kind: str
    options: FrozenMap


class SourceEditing(QObject):
    """Turns what is chosen and set in the panel into edits of the design; a file is read before it is fed.

    Args:
        panel: whose views it listens to; it lives as long as they do.

    Attributes:
        pending: the file that is being read; None if there is none.
    """

    def __init__(self, panel: DataPanel) -> None:
        super().__init__(panel)
        self._panel = panel
        self.pending: Pending | None = None
        panel.kind.activated.connect(self.choose_kind)
        panel.file.choose_wanted.connect(self.choose_file)
        panel.file.columns_wanted.connect(self.set_columns)
        panel.file.option_wanted.connect(self.set_reading)
        panel.text.option_wanted.connect(self.set_text)
        panel.cutting.batch_size_wanted.connect(self.set_batch_size)
        panel.cutting.time_steps_wanted.connect(self.set_time_steps)
        panel.cutting.wanted.connect(self.set_value)
        samples = panel.workspace.samples
        samples.table_read.connect(self._table_read)
        samples.read_failed.connect(self._read_failed)

    def choose_kind(self, place: int) -> None:
        """Feed from the source at a place of the list of sources."""
        chosen, held = self._panel.kind.value_at(place), self._panel.source()
        if held is None or not isinstance(chosen, tuple):
            return
        layer, source = held
        kind, name = chosen
        if kind == "generator":
            if source.kind != name:
                edit = feeding.feed_generator(layer, source, GENERATORS[name])
                self._panel.apply(edit, f"Feed {GENERATORS[name].title}")
        elif kind == "series":
            self.take_file(name)
        elif kind == "typed":
            if source.kind != "typed":
                self._panel.editing.embed()
        elif kind == "text":
            if source.kind != "text" or "text" not in source.options:
                self._feed_text(layer, source, FrozenMap(text=_FIRST_TEXT), "Feed a text")
        else:
            # The dialog opens once the list has closed.
            QTimer.singleShot(0, self, self.choose_file)
        if kind != "generator":
            self._panel.refresh()

    def choose_file(self) -> None:
        """Ask for a data file and feed it to the Input."""
        held = self._panel.workspace.document.path
        patterns = " ".join(f"*{suffix}" for suffix in (*SUFFIXES, *TEXT_SUFFIXES))
        chosen, _filter = QFileDialog.getOpenFileName(
            self._panel,
            "Choose a data file",
            str(held.parent) if held is not None else "",
            f"Sequences ({patterns});;All files (*)",
        )
        if chosen:
            self.take_file(self._panel.workspace.samples.reference(Path(chosen)))

    def take_file(self, path: str) -> None:
        """Feed a file to the Input, once it has been read; ``path`` as a data source names it."""
        if self._panel.input_id is None:
            return
        suffix = Path(path).suffix.lower()
        kind = "text" if suffix in TEXT_SUFFIXES else _KINDS.get(suffix, "csv")
        self._read(Pending(self._panel.input_id, path, kind, FrozenMap()))

    def _read(self, pending: Pending) -> None:
        self.pending = pending
        kind = "csv" if pending.kind == "auto" else pending.kind
        options = {**reading_options(kind, pending.options), "kind": pending.kind}
        self._panel.workspace.samples.read(pending.path, (), options)
        self._panel.show_progress()

    def _table_read(self, path: str, table: Table) -> None:
        pending = self.pending
        if pending is None or pending.path != path:
            return
        self.pending = None
        self._panel.show_progress()
        design = self._panel.workspace.document.design
        layer = design.find(pending.input_id)
        if layer is None:
            return
        kind = table.facts.get("kind", pending.kind)
        source = self._panel.workspace.samples.source(layer.id)
        edit = feeding.feed_table(design, layer, source, path, kind, pending.options, table)
        self._panel.apply(
            edit, f"Feed {Path(path).name}" if not pending.options else f"Read {Path(path).name} otherwise"
        )

    def _read_failed(self, path: str, sentence: str) -> None:
        if self.pending is not None and self.pending.path == path:
            self.pending = None
            self._panel.refresh()
            self._panel.say(f"{sentence} The samples stay as they were.")

    def set_value(self, name: str, value: object) -> None:
        """Change how samples are cut, scaled or divided into parts."""
        held = self._panel.source()
        if held is not None:
            layer, source = held
            changes: dict[str, Any] = {name: value}
            if name in ("validation", "test") and source.part != "all":
                left = {"validation": source.validation, "test": source.test, name: value}
                gone = source.part in left and not left[source.part]
                changes["part"] = "all" if gone or not any(left.values()) else source.part
            edit = edits.set_data(layer.id, replace(source, **changes))
            self._panel.apply(edit, f"Set {name}", f"data {layer.id} {name}")

    def set_batch_size(self, value: int) -> None:
        """Change the batch size; an Input that fixes it follows."""
        held = self._panel.source()
        if held is not None:
            layer, source = held
            edit = feeding.feed(layer, replace(source, batch_size=value))
            self._panel.apply(edit, "Set batch size", f"data {layer.id} batch_size")

    def set_time_steps(self, value: int) -> None:
        """Change the time steps; an Input that fixes them follows."""
        held = self._panel.source()
        if held is not None:
            layer, source = held
            edit = feeding.feed(layer, replace(source, time_steps=value))
            self._panel.apply(edit, "Set time steps", f"data {layer.id} time_steps")

    def set_option(self, name: str, value: object) -> None:
        """Change a setting of the generator."""
        held = self._panel.source()
        if held is not None:
            layer, source = held
            new = replace(source, options=source.options.having(**{name: value}))
            self._panel.apply(
                edits.set_data(layer.id, new), f"Set {name.replace('_', ' ')}", f"data {layer.id} {name}"
            )

    def set_columns(self, columns: tuple[str, ...]) -> None:
        """Choose the columns of the file; the Input gets as many features."""
        held = self._panel.source()
        if held is not None:
            layer, source = held
            new = replace(source, options=source.options.having(columns=columns))
            self._panel.apply(
                feeding.feed(layer, new, feeding.features_of(layer, len(columns))), "Choose columns"
            )

    def set_reading(self, name: str, value: object) -> None:
        """Read the file otherwise; the design changes only if that can be done."""
        held = self._panel.source()
        if held is not None and self._panel.input_id is not None:
            _layer, source = held
            options = source.options.without("path", "columns", "vocabulary", name)
            if value is not None:
                options = options.having(**{name: value})
            self._read(
                Pending(self._panel.input_id, str(source.options.get("path", "")), source.kind, options)
            )

    def set_text(self, name: str, value: object) -> None:
        """Change the text, or how it becomes ids."""
        held = self._panel.source()
        if held is None:
            return
        layer, source = held
        if "path" in source.options:
            self.set_reading(name, value)
        else:
            options = source.options.without("vocabulary").having(**{name: value})
            merge = f"data {layer.id} {name}" if name == "most" else None
            self._feed_text(layer, source, options, f"Set {name}", merge)

    def _feed_text(
        self, layer: Layer, source: DataSource, options: FrozenMap, label: str, merge: str | None = None
    ) -> None:
        text = str(options["text"])
        if len(text) > 256 * 1024:
            self._panel.say(
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
            self._panel.say(f"{problem} The text stays as it was.")
            return
        source = replace(
            source,
            time_steps=min(source.time_steps, len(found.values)),
            batch_size=1 if source.kind != "text" else source.batch_size,
        )
        design = self._panel.workspace.document.design
        self._panel.apply(
            feeding.feed_text(design, layer, source, options, len(found.vocabulary)), label, merge
        )
