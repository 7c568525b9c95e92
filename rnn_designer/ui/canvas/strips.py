"""Strips on boxes and wires: values at the cursor's step as a row of colours, made only when they are painted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QRectF, Qt
from PySide6.QtGui import QBrush, QImage, QPainter, QPen

from rnn_designer.design import Layer
from rnn_designer.design.ports import carried, output_ports
from rnn_designer.ui.colors import diverging
from rnn_designer.ui.theme import theme

if TYPE_CHECKING:
    from rnn_designer.messages import Array, Trace
    from rnn_designer.session.workspace import Workspace

CELLS = 41
"""The most units a strip shows apart; more are shown in groups, by their largest value."""

_SIGNALS = ("output", "state/h", "result", "result/0", "input")


class Strips(QObject):
    """Looks up and colours the values of layers; knows the largest value of each, so that steps compare."""

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._limits: dict[tuple[str, str], float] = {}
        self._flows: dict[tuple[str, str], Array | None] = {}
        self._images: dict[tuple[str, str], QImage | None] = {}
        self._images_key: tuple[int, int, int, bool] | None = None
        self._trace: Trace | None = None
        self._generation = 0

    @property
    def key(self) -> tuple[int, int, int, bool]:
        """What a painted strip was painted from; another key means that it is out of date."""
        playback = self._workspace.playback
        self._follow()
        return (self._generation, playback.step, playback.sample, theme().dark)

    def image(self, layer: Layer) -> QImage | None:
        """One row of pixels, a unit or group of units each; None where nothing was recorded for the layer.

        It has an alpha channel only where values are missing.
        """
        return self._kept((layer.id, ""), layer)

    def flowing(self, layer: Layer, port: str) -> QImage | None:
        """The same for the wires that leave a layer at a port.

        On a wire from the main output flows what the box's own strip shows, on one of a state that state.
        """
        return self._kept((layer.id, port), layer)

    def _kept(self, place: tuple[str, str], layer: Layer) -> QImage | None:
        """One image for a box and all its wires, and for all repaints of a step."""
        key = self.key
        if self._images_key != key:
            self._images_key = key
            self._images.clear()
        if place not in self._images:
            self._images[place] = self._made(layer, place[1])
        return self._images[place]

    def _made(self, layer: Layer, port: str) -> QImage | None:
        trace, place = self._follow(), (layer.id, port)
        if trace is None:
            return None
        names = [each.name for each in output_ports(layer)] if port else []
        if port and port not in names[1:]:
            return self._kept((layer.id, ""), layer)
        if place not in self._flows:
            self._flows[place] = (
                leaving(trace, layer, port, names.index(port)) if port else recorded(trace, layer)
            )
        values = self._flows[place]
        return None if values is None or not values.size else self._colored(values, place)

    def _colored(self, values: Array, place: tuple[str, str]) -> QImage:
        playback = self._workspace.playback
        return _image(_row(values, playback.sample, playback.step), self._limit(place, values))

    def _follow(self) -> Trace | None:
        """The trace as it is now; what was worked out from another one is forgotten."""
        trace = self._workspace.live.trace
        if trace is not self._trace:
            self._trace = trace
            self._generation += 1
            self._limits.clear()
            self._flows.clear()
        return trace

    def _limit(self, place: tuple[str, str], values: Array) -> float:
        limit = self._limits.get(place)
        if limit is None:
            import numpy as np

            with np.errstate(all="ignore"):
                finite = values[np.isfinite(values)]
                limit = float(np.abs(finite).max()) if finite.size else 1.0
            self._limits[place] = limit = limit or 1.0
        return limit


def recorded(trace: Trace, layer: Layer) -> Array | None:
    """What a strip shows of a layer: its output over time, or the nearest thing to it that was recorded."""
    for signal in _SIGNALS:
        found = trace.signal(layer.id, signal)
        if found is not None:
            return found
    for child in layer.children:
        found = recorded(trace, child)
        if found is not None:
            return found
    return None


def leaving(trace: Trace, layer: Layer, port: str, index: int) -> Array | None:
    """What leaves a layer at another port than its main output: a state over time, or what the layer returned there."""
    path = next((each.path for each in carried(layer) if each.name == port), None)
    over_time = trace.signal(layer.id, path) if path is not None else None
    return over_time if over_time is not None else trace.signal(layer.id, f"result/{index}")


def paint_strip(painter: QPainter, area: QRectF, strip: QImage) -> None:
    """Paint a strip with its edge; where values are missing, a hatch."""
    colors = theme()
    if strip.hasAlphaChannel():
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QBrush(colors.color("faint", 0.8), Qt.BrushStyle.BDiagPattern))
        painter.drawRect(area)
    hint = QPainter.RenderHint.SmoothPixmapTransform
    painter.setRenderHint(hint, False)
    painter.drawImage(area, strip)
    painter.setRenderHint(hint, True)
    painter.setPen(QPen(colors.color("hairline", 0.8), 1.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(area)


def _row(values: Array, sample: int, step: int) -> Any:
    """The values of one step as a flat row, at most :data:`CELLS` long."""
    import numpy as np

    if values.ndim == 0:
        return values.reshape(1).astype(np.float64)
    row = values[min(sample, values.shape[0] - 1)]
    if row.ndim >= 2:
        row = row[min(step, row.shape[0] - 1)]
    row = np.atleast_1d(row).reshape(-1).astype(np.float64)
    if row.size <= CELLS:
        return row
    edges = np.linspace(0, row.size, CELLS, endpoint=False).astype(int)
    with np.errstate(all="ignore"):
        highest, lowest = np.maximum.reduceat(row, edges), np.minimum.reduceat(row, edges)
        return np.where(np.abs(lowest) > np.abs(highest), lowest, highest)


def _image(row: Any, limit: float) -> QImage:
    import numpy as np

    table = diverging(theme())
    missing = np.isnan(row)
    with np.errstate(all="ignore"):
        scaled = np.clip(np.nan_to_num(row / limit, nan=0.0, posinf=1.0, neginf=-1.0), -1.0, 1.0)
    pixels = table[128 + np.rint(np.where(scaled > 0, scaled * 127, scaled * 128)).astype(int)]
    # Not a number is left open: the box hatches what shows through.
    pixels[missing] = 0
    data = np.ascontiguousarray(pixels, dtype=np.uint8)
    kind = QImage.Format.Format_RGBA8888 if missing.any() else QImage.Format.Format_RGBX8888
    return QImage(data.tobytes(), row.size, 1, row.size * 4, kind).copy()
