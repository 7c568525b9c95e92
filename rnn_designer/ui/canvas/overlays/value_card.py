"""The small card under the mouse: a wire's shape and values, the value of one unit in a strip, a port's whole name."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QLabel

from rnn_designer.catalog import Port
from rnn_designer.design import Link
from rnn_designer.ui.canvas.overlays.surface import inside
from rnn_designer.ui.canvas.readings import Reading, port_reading, strip_reading, wire_reading
from rnn_designer.ui.canvas.strip_units import share_at
from rnn_designer.ui.theme import code_font, keeper, theme

if TYPE_CHECKING:
    from rnn_designer.ui.canvas.view import CanvasView


class ValueCard(QLabel):
    """Lets the mouse through, follows it, and counts along while the design plays."""

    def __init__(self, canvas: CanvasView) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._link: Link | None = None
        self._unit: tuple[str, float] | None = None
        self._port: tuple[str, Port, bool] | None = None
        self._at = QPointF()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setFont(code_font(8.5))
        self.hide()
        keeper().changed.connect(self._dress)
        self._dress()

    def hover(self, at: QPointF) -> None:
        """The mouse is at a point of the scene with no button held."""
        scene = self._canvas.canvas_scene
        link, place = None, scene.port_at(at, _PORT_REACH)
        item = scene.layer_at(at)
        unit = share_at(self._canvas, at)
        port = (place[0], place[1].port, place[1].output) if place is not None else None
        if port is not None and not (port[1].state or port[1].label):
            port = None  # There is nothing to say of a port that the box does not say.
        if port is not None:
            unit = None
        elif item is None and scene.port_at(at) is None:
            wire = scene.wire_at(at)
            link = wire.link if wire is not None else None
        if link is None and unit is None and port is None:
            self.dismiss()
        else:
            self._link, self._unit, self._port, self._at = link, unit, port, at
            self.refresh()

    def show_link(self, link: Link) -> str:
        """Read a wire at its middle, as when it is selected by keyboard; the reading in words."""
        item = self._canvas.canvas_scene.item_for_link[link]
        self._link, self._unit, self._port = link, None, None
        self._at = item.path.pointAtPercent(item.label_at)
        self.refresh()
        reading = self._read()
        return reading.spoken if reading is not None else ""

    def dismiss(self) -> None:
        """Nothing is read any more."""
        self._link = self._unit = self._port = None
        self.hide()

    def refresh(self) -> None:
        """Say what is there now; the step, the sample or the trace may be another."""
        reading = self._read()
        if reading is None:
            self.hide()
            return
        self.setText(_html(reading))
        self.adjustSize()
        spot = self._canvas.mapFromScene(self._at)
        self.move(inside(self._canvas.rect(), spot + _AWAY, self.size()))
        self.raise_()
        self.show()

    def _read(self) -> Reading | None:
        workspace = self._canvas.workspace
        if self._link is not None:
            tensor = workspace.checks.checked.shapes.get((self._link.source, self._link.source_port))
            return wire_reading(workspace, self._link, tensor)
        if self._port is not None:
            layer_id, port, output = self._port
            shapes = workspace.checks.checked.shapes
            return port_reading(port, shapes.get((layer_id, port.name)) if output else None, output=output)
        if self._unit is not None:
            layer = workspace.document.design.find(self._unit[0])
            return strip_reading(workspace, layer, self._unit[1]) if layer is not None else None
        return None

    def _dress(self) -> None:
        colors = theme()
        self.setStyleSheet(
            f"background: {colors.tooltip}; color: {colors.on_tooltip}; border-radius: 6px; padding: 6px 9px;"
        )


_AWAY = QPointF(14.0, 18.0).toPoint()
_PORT_REACH = 8.0


def _html(reading: Reading) -> str:
    text = escape(reading.title)
    if reading.where:
        text += f"<br>{escape(reading.where)}"
    if reading.rows:
        rows = "".join(
            f"<tr><td style='padding-right:10px'>{escape(label)}</td>"
            f"<td style='white-space:pre'>{escape(value)}</td></tr>"
            for label, value in reading.rows
        )
        text += f"<table cellspacing='0' cellpadding='0' style='margin-top:3px'>{rows}</table>"
    return text
