"""Batch size, time steps, stride, horizon, normalisation and split, each with a sentence about what it changes."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rnn_designer.catalog import Integer
from rnn_designer.design import DataSource, Layer
from rnn_designer.sequences import GENERATORS, NORMALIZATIONS, PARTS
from rnn_designer.ui.data import sentences
from rnn_designer.ui.data.feeding import fixed_steps
from rnn_designer.ui.data.rows import ControlRow, NumberRow, size_row
from rnn_designer.ui.widgets.combo import Combo
from rnn_designer.ui.widgets.labels import ScrubLabel

_NORMALIZATION_WORDS = {"none": "as they are", "standard": "mean 0, spread 1", "range": "0 to 1"}
_NORMALIZE = {
    "none": "The values go in as they are. Good if they lie between about −3 and 3; far larger ones drive tanh and "
    "sigmoid into their flat ends.",
    "standard": "Each feature is shifted and scaled to mean 0 and standard deviation 1. The usual choice.",
    "range": "Each feature is squeezed between 0 and 1. A single outlier flattens the rest.",
}
_PART_WORDS = {
    "all": "everything",
    "train": "training part",
    "validation": "validation part",
    "test": "test part",
}


class CuttingView(QWidget):
    """The controls that say how data is cut into a batch.

    Signals:
        batch_size_wanted(value), time_steps_wanted(value): these may concern the Input as well.
        wanted(name, value): another field of the source.
        finished(): the next change is an undo step of its own.
    """

    batch_size_wanted = Signal(object)
    time_steps_wanted = Signal(object)
    wanted = Signal(str, object)
    finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.batch_size = size_row("batch size", "")
        self.time_steps = size_row("time steps", "")
        self.stride = size_row("stride", "")
        kind = Integer(0, 10**6)
        self.horizon = NumberRow("horizon", kind, "", kind.accept)
        self.normalize = _choice(
            "normalisation", [(n, _NORMALIZATION_WORDS.get(n, n)) for n in NORMALIZATIONS]
        )
        self.normalize_row = ControlRow(ScrubLabel("normalisation"), self.normalize, "")
        share = Integer(0, 90)
        self.validation = NumberRow("validation %", share, "", share.accept)
        self.test = NumberRow("test %", share, "", share.accept)
        self.validation.explanation.hide()
        self.part = _choice("part that is fed", [(name, _PART_WORDS[name]) for name in PARTS])
        self.part_row = ControlRow(ScrubLabel("feed"), self.part, "")
        self.batch_size.value_wanted.connect(self.batch_size_wanted)
        self.time_steps.value_wanted.connect(self.time_steps_wanted)
        self.stride.value_wanted.connect(lambda value: self.wanted.emit("stride", value))
        self.horizon.value_wanted.connect(lambda value: self.wanted.emit("horizon", value))
        self.validation.value_wanted.connect(lambda value: self.wanted.emit("validation", value / 100))
        self.test.value_wanted.connect(lambda value: self.wanted.emit("test", value / 100))
        self.normalize.activated.connect(
            lambda at: self.wanted.emit("normalize", self.normalize.value_at(at))
        )
        self.part.activated.connect(lambda at: self.wanted.emit("part", self.part.value_at(at)))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        numbers = (self.batch_size, self.time_steps, self.stride, self.horizon)
        for row in (*numbers, self.normalize_row, self.validation, self.test, self.part_row):
            layout.addWidget(row)
        for row in (*numbers, self.validation, self.test):
            row.finished.connect(self.finished)

    def show_source(self, layer: Layer, source: DataSource, rows: int | None, *, cut: bool) -> None:
        """Show what holds.

        Args:
            layer: the Input.
            source: its source.
            rows: how many rows (or samples) the data has; None for a generator, or where it is not known.
            cut: whether the samples are cut from one series, rather than being samples already.
        """
        generator = GENERATORS.get(source.kind)
        fixed_batch, fixed = layer.value("batch_size"), fixed_steps(layer)
        batch = fixed_batch if isinstance(fixed_batch, int) else source.batch_size
        steps = fixed if fixed is not None else source.time_steps
        both = f" ‘{layer.name}’ fixes it; changing it here changes both."
        for row, value in ((self.batch_size, batch), (self.time_steps, steps), (self.stride, source.stride)):
            row.show_value(value)
        self.horizon.show_value(source.horizon)
        counted = rows if cut else None
        self.batch_size.explain(
            sentences.batch_words(source, batch, steps, counted) + both * isinstance(fixed_batch, int)
        )
        self.time_steps.explain(sentences.steps_words(steps, counted) + both * (fixed is not None))
        self.stride.explain(sentences.stride_words(source.stride, steps, batch))
        self.horizon.explain(
            sentences.horizon_words(source.horizon, steps, generator.task if generator else "")
        )
        self.horizon.editor.setEnabled(generator is None or not generator.task)
        self.stride.setVisible(generator is None and cut)
        self.normalize.show_value(source.normalize)
        self.normalize_row.explain(_NORMALIZE.get(source.normalize, ""))
        self.normalize_row.setVisible(source.kind != "text" and not (generator and generator.whole))
        for shown in (self.validation, self.test, self.part_row):
            shown.setVisible(generator is None)
        self.validation.show_value(round(100 * source.validation))
        self.test.show_value(round(100 * source.test))
        self.test.explain(sentences.split_words(source, rows))
        self.part.show_value(source.part)
        split = bool(source.validation or source.test)
        self.part_row.setVisible(generator is None and (split or source.part != "all"))
        self.part_row.explain(
            "Which part the canvas and the scopes see: " + PARTS.get(source.part, "").lower()
        )


def _choice(name: str, rows: list[tuple[object, str]]) -> Combo:
    combo = Combo()
    combo.setAccessibleName(name)
    combo.offer(rows)
    return combo
