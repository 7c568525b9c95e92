"""Dragging a point of the input in a scope: its samples become typed data of the design, and all plots follow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPointF, QRectF

from rnn_designer.design import DataSource, Edit, Layer, Refused
from rnn_designer.sequences import DataProblem, shape_of, values_of
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.data.feeding import feed_typed, with_cells

if TYPE_CHECKING:
    from rnn_designer.ui.scopes.frame import Frame
    from rnn_designer.ui.scopes.picture import Picture, Series
    from rnn_designer.ui.scopes.plot import ScopePlot

REACH = 7.0
"""How many pixels above and below a point of the line the mouse takes it."""
_MARGIN = 2.0
_FEATURES = 4


@dataclass(frozen=True)
class Point:
    """A point of the input strip that the mouse has taken.

    Attributes:
        step, feature: which value of the shown sample.
        value: as it was.
        strip: where the input is drawn.
        low, high: the values at its lower and upper edge; they stand still while one drags.
    """

    step: int
    feature: int
    value: float
    strip: QRectF
    low: float
    high: float

    def value_at(self, y: float) -> float:
        """The value at a height, also beyond the strip, in steps of a two-hundredth of its range."""
        share = (self.strip.bottom() - _MARGIN - y) / max(1.0, self.strip.height() - 2 * _MARGIN)
        return float(f"{self.low + round(share * 200) / 200 * (self.high - self.low):.4g}")


def limits(series: Series) -> tuple[float, float]:
    """The values at the lower and upper edge of the strip of an input."""
    import numpy as np

    finite = series.values[np.isfinite(series.values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    return (low - 0.5, high + 0.5) if high - low < 1e-12 else (low, high)


def point_at(picture: Picture, frame: Frame, place: QPointF) -> Point | None:
    """The point of the input's lines that is under the mouse; None if none is near, or it is none of the samples'."""
    series, strip = picture.series, frame.series
    if series is None or strip is None or picture.generated is not None or not strip.contains(place):
        return None
    if len(series.values) != picture.steps:
        return None
    step = frame.nearest_step(place.x())
    if not 0 <= step < len(series.values):
        return None
    low, high = limits(series)
    found: tuple[float, int, float] | None = None
    for feature, value in enumerate(series.values[step, :_FEATURES].tolist()):
        y = strip.bottom() - _MARGIN - (value - low) / (high - low) * (strip.height() - 2 * _MARGIN)
        far = abs(place.y() - y)
        if far <= REACH and (found is None or far < found[0]):
            found = far, feature, value
    return None if found is None else Point(step, found[1], found[2], strip, low, high)


class InputDrag:
    """One drag of a point, from its press to its release; one undo step.

    Args:
        workspace: whose design is fed.
        layer: the Input.
        point: that was taken.
        sample: that is shown.
        number: of the drag, so that it merges with no other.
    """

    def __init__(self, workspace: Workspace, layer: Layer, point: Point, sample: int, number: int) -> None:
        self._workspace = workspace
        self._layer = layer
        self._point = point
        self._sample = sample
        self._merge = f"drag input {layer.id} {number}"
        self._values: Any = None
        self.changed = False
        workspace.document.seal()

    def drag(self, y: float) -> str:
        """Give the point the value at a height; returns a sentence where that cannot be done, else nothing."""
        document = self._workspace.document
        layer = document.design.find(self._layer.id)
        if layer is None:
            return ""
        try:
            if self._values is None:
                self._values = self._copied(layer)
            cell = (self._sample, self._point.step, self._point.feature)
            values = with_cells(self._values, [(cell, self._point.value_at(y))])
            edit = self._edit(layer, values)
            edit(document.design)
        except (DataProblem, Refused) as problem:
            return str(problem)
        document.apply(edit, f"Drag a point of {layer.name}", self._merge)
        self.changed = True
        return ""

    def end(self, done: bool = True) -> None:
        """Let go; take everything back if it is not to be."""
        if not done and self.changed:
            self._workspace.document.undo()
        self._workspace.document.seal()

    @staticmethod
    def possible(workspace: Workspace, layer: Layer | None) -> bool:
        """Whether an Input's samples are numbers over time that can be copied."""
        if layer is None or layer.kind != "Input":
            return False
        array = workspace.samples.array(layer.id)
        return array is not None and array.ndim == 3 and array.dtype.kind == "f"

    def _copied(self, layer: Layer) -> Any:
        array = self._workspace.samples.array(layer.id)
        if array is None:
            raise DataProblem("The samples are being made anew. Try again in a moment.")
        return values_of(array)

    def _edit(self, layer: Layer, values: Any) -> Edit:
        source: DataSource = self._workspace.samples.source(layer.id)
        return feed_typed(layer, source, values, shape_of(values), fit=True)


class InputDrags(QObject):
    """Takes points of the input strip for a plot, one after the other.

    Args:
        workspace: whose design is fed.
        plot: in which points are dragged; it owns this.
        say: takes sentences for the user.
    """

    def __init__(self, workspace: Workspace, plot: ScopePlot, say: Callable[[str], None]) -> None:
        super().__init__(plot)
        self._workspace = workspace
        self._plot = plot
        self._say = say
        self._count = 0
        self._drag: InputDrag | None = None
        plot.hint = self.hint
        plot.point_pressed.connect(self._press)
        plot.point_dragged.connect(self._move)
        plot.point_left.connect(self._leave)

    def hint(self, place: QPointF) -> str:
        """What the tooltip adds over a point that can be dragged; empty elsewhere."""
        found = self._found(place)
        if found is None:
            return ""
        copied = self._workspace.samples.source(found[0].id).kind != "typed"
        return " · ↕ drag (copies the samples into the design)" if copied else " · ↕ drag"

    def _found(self, place: QPointF) -> tuple[Layer, Point] | None:
        picture, trace = self._plot.picture, self._workspace.live.trace
        if picture is None or picture.flat or picture.samples or picture.series is None or trace is None:
            return None
        point = point_at(picture, self._plot.frame_now(), place)
        path = picture.series.source.removesuffix("/input")
        ids = [layer_id for layer_id, name in trace.layers.items() if name == path]
        layer = self._workspace.document.design.find(ids[0]) if ids else None
        if point is None or layer is None or not InputDrag.possible(self._workspace, layer):
            return None
        return layer, point

    def _press(self, place: QPointF) -> None:
        found = self._found(place)
        if found is None:
            return
        self._count += 1
        sample = self._workspace.playback.sample
        self._drag = InputDrag(self._workspace, *found, sample, self._count)
        self._workspace.playback.go_to(found[1].step)
        self._plot.take_point()

    def _move(self, place: QPointF) -> None:
        if self._drag is not None:
            sentence = self._drag.drag(place.y())
            if sentence:
                self._say(sentence)

    def _leave(self, done: bool) -> None:
        if self._drag is not None:
            self._drag.end(done)
            self._drag = None
