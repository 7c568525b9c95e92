"""A wrapper on the canvas: a dashed frame with a title and the wrapped layers' boxes inside."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from rnn_designer.ui.canvas import look
from rnn_designer.ui.canvas.geometry import BOX_HEIGHT, BOX_WIDTH, FRAME_SIDE, FRAME_TITLE
from rnn_designer.ui.canvas.items import FAR, MIDDLE, LayerItem, detail
from rnn_designer.ui.theme import BOX_RADIUS, Theme, theme

_SIGNS = {"Bidirectional": "⇄", "TimeDistributed": "⋯"}


class FrameItem(LayerItem):
    """A dashed frame; its children are items of their own on top of it."""

    def title(self) -> str:
        """The line above the inner boxes: "⇄ Bidirectional · concat"."""
        layer = self.layer
        sign = _SIGNS.get(layer.kind, "▢")
        merge = layer.value("merge_mode") if "merge_mode" in layer.type.by_name else ""
        mode = "both apart" if merge is None else str(merge)
        return f"{sign} {layer.kind}" + (f" · {mode}" if mode else "")

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        """Paint the frame in the detail that the zoom allows."""
        colors, scale = theme(), detail(painter)
        rect = self.rect()
        strong = self.chosen or self.framed
        token = "accent" if strong else "violet"
        pen = QPen(colors.color(token, 1.0 if strong else 0.6), 2.0 if strong else 1.2)
        pen.setDashPattern([4.0, 3.0] if not self.chosen else [5.0, 2.5])
        painter.setBrush(colors.color("violet", 0.14 if self.framed else 0.07))
        if scale < FAR:
            painter.setPen(pen)
            painter.drawRect(rect)
            return
        if self.chosen:
            painter.save()
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colors.color("accent", 0.12))
            painter.drawRoundedRect(rect.adjusted(-4.0, -4.0, 4.0, 4.0), BOX_RADIUS + 4.0, BOX_RADIUS + 4.0)
            painter.restore()
        painter.setPen(pen)
        painter.drawRoundedRect(rect, BOX_RADIUS, BOX_RADIUS)
        self._paint_title(painter, colors)
        if not self.layer.children:
            self._paint_place(painter, colors)
        if scale >= MIDDLE:
            self.paint_ports(painter, colors, scale)
        self.paint_color(painter, colors)
        self.paint_badge(painter, colors)

    def _paint_title(self, painter: QPainter, colors: Theme) -> None:
        shared, width = look.fonts(), self.outline.width
        text = look.elided(self.title(), "kind", width - 24.0)
        if look.width(text, "kind") + 34.0 + look.width(self.layer.name, "plain") > width:
            # The name is the user's own; how the directions are merged stands in the properties as well.
            text = look.elided(self.title().partition(" · ")[0], "kind", width - 24.0)
        painter.setFont(shared.kind)
        painter.setPen(colors.color("violet"))
        painter.drawText(QPointF(12.0, FRAME_TITLE / 2 + 4.5), text)
        left = 12.0 + look.width(text, "kind") + 10.0
        name = look.elided(self.layer.name, "plain", width - 12.0 - left)
        if name not in ("", "…"):
            painter.setFont(shared.plain)
            painter.setPen(colors.color("muted"))
            painter.drawText(QPointF(width - 12.0 - look.width(name, "plain"), FRAME_TITLE / 2 + 4.5), name)

    def _paint_place(self, painter: QPainter, colors: Theme) -> None:
        area = QRectF(FRAME_SIDE, FRAME_TITLE, BOX_WIDTH, BOX_HEIGHT)
        painter.setPen(QPen(colors.color("faint"), 1.2, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(area, BOX_RADIUS, BOX_RADIUS)
        painter.setPen(colors.color("muted"))
        painter.setFont(look.fonts().plain)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, f"Drop {self._expected()} here")

    def _expected(self) -> str:
        slots = self.layer.type.slots
        return slots[0].expected.partition(":")[0] if slots else "a layer"
