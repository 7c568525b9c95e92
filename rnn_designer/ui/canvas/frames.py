"""A wrapper or stack on the canvas: a dashed frame with a title and the inner layers' boxes, one below the other."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from rnn_designer.ui.canvas import look
from rnn_designer.ui.canvas.bodies import (
    blit,
    device_ratio,
    fits_a_picture,
    frame_body,
    paint_far_frame,
    paint_frame,
)
from rnn_designer.ui.canvas.geometry import (
    BOX_HEIGHT,
    BOX_WIDTH,
    FRAME_SIDE,
    FRAME_TITLE,
    INNER_GAP,
)
from rnn_designer.ui.canvas.items import FAR, MIDDLE, LayerItem, detail
from rnn_designer.ui.canvas.small_marks import paint_chevron, paint_step
from rnn_designer.ui.theme import BOX_RADIUS, Theme, theme

_SIGNS = {"Bidirectional": "⇄", "TimeDistributed": "⋯", "RNN": "↻", "StackedRNNCells": "≡"}
_CHEVRON = 24.0


class FrameItem(LayerItem):
    """A dashed frame; its children are items of their own on top of it."""

    insertion: int | None = None
    """Before which of its children something that is dragged would go in; a line shows it."""

    def title(self) -> str:
        """The line above the inner boxes: "⇄ Bidirectional · concat"."""
        layer = self.layer
        sign = _SIGNS.get(layer.kind, "▢")
        merge = layer.value("merge_mode") if "merge_mode" in layer.type.by_name else ""
        mode = "both apart" if merge is None else str(merge)
        return f"{sign} {layer.kind}" + (f" · {mode}" if mode else "")

    @property
    def many(self) -> bool:
        """Whether it takes any number of layers, which then follow one another."""
        return self.layer.type.most_children is None

    def place_for(self, at: QPointF, without: LayerItem | None = None) -> int:
        """Before which child a box dropped at a point of the scene would go.

        Args:
            at: the point.
            without: a child that is being moved, which is not counted.
        """
        others = [child for child in self.inner if child is not without]
        return sum(1 for child in others if at.y() > child.scene_rect().center().y())

    def set_insertion(self, place: int | None) -> None:
        """Show the line at which something would go in, or no line."""
        if place != self.insertion:
            self.insertion = place
            self.update()

    def chevron_rect(self) -> QRectF:
        """The small triangle that collapses the frame, in its own coordinates."""
        return QRectF(2.0, 0.0, _CHEVRON, FRAME_TITLE - 4.0)

    def over_title(self, at: QPointF) -> bool:
        """Whether a point of the scene is on the title."""
        return QRectF(0.0, 0.0, self.outline.width, FRAME_TITLE - 2.0).translated(self.pos()).contains(at)

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        """Paint the frame in the detail that the zoom allows."""
        colors, scale = theme(), detail(painter)
        rect = self.rect()
        if scale < FAR:
            paint_far_frame(painter, rect, colors, strong=self.chosen or self.framed)
            return
        ratio, inner = device_ratio(painter), self.top is not self
        pixels = round(scale * ratio, 4)
        if fits_a_picture(rect.width(), rect.height(), pixels):
            size = (rect.width(), rect.height())
            blit(painter, frame_body(*size, self.chosen, self.framed, inner, pixels, ratio, colors), ratio)
        else:
            paint_frame(painter, rect, self.chosen, self.framed, inner, colors)
        self._paint_title(painter, colors)
        if not self.layer.children:
            self._paint_place(painter, colors)
        for child, (x, y, measures) in zip(self.inner, self.outline.inner, strict=False):
            if child.lifted:
                self._paint_gap(painter, colors, QRectF(QPointF(x, y), measures.size))
        if scale >= MIDDLE:
            if self.many:
                self._paint_order(painter, colors)
            self.paint_ports(painter, colors, scale)
        if self.insertion is not None and self.inner:
            self._paint_insertion(painter, colors, self.insertion)
        self.paint_color(painter, colors)
        self.paint_relation(painter, colors)
        self.paint_badge(painter, colors)

    def _paint_title(self, painter: QPainter, colors: Theme) -> None:
        shared, width = look.fonts(), self.outline.width
        start = _CHEVRON
        paint_chevron(painter, QPointF(14.0, FRAME_TITLE / 2), colors.color("violet"), down=True)
        text = look.elided(self.title(), "kind", width - 12.0 - start)
        name = self.shown_name(width - 22.0 - start - look.width(text, "kind"))
        if look.width(text, "kind") + start + 22.0 + look.width(name, "plain") > width:
            # The name is the user's own; how the directions are merged stands in the properties as well.
            text = look.elided(self.title().partition(" · ")[0], "kind", width - 12.0 - start)
        painter.setFont(shared.kind)
        painter.setPen(colors.color("violet"))
        painter.drawText(QPointF(start, FRAME_TITLE / 2 + 4.5), text)
        left = start + look.width(text, "kind") + 10.0
        name = look.elided(name, "plain", width - 12.0 - left)
        if name not in ("", "…"):
            painter.setFont(shared.plain)
            painter.setPen(colors.color("accent" if self.original else "muted"))
            painter.drawText(QPointF(width - 12.0 - look.width(name, "plain"), FRAME_TITLE / 2 + 4.5), name)

    def _paint_order(self, painter: QPainter, colors: Theme) -> None:
        """Arrows from each inner layer to the next, and their numbers, by which the scopes call them."""
        painter.setFont(look.fonts().mark)
        for index, (x, y, measures) in enumerate(self.outline.inner):
            painter.setPen(colors.color("muted"))
            number = str(index)
            painter.drawText(
                QPointF(x - 6.0 - look.width(number, "mark"), y + measures.height / 2 + 3.0), number
            )
            if index:
                paint_step(
                    painter, colors, QPointF(self.outline.width / 2, y - INNER_GAP + 3.0), INNER_GAP - 6.0
                )

    def _paint_insertion(self, painter: QPainter, colors: Theme, place: int) -> None:
        inner = self.outline.inner
        half = INNER_GAP / 2
        y = inner[place][1] - half if place < len(inner) else inner[-1][1] + inner[-1][2].height + half
        pen = QPen(colors.color("accent"), 3.0)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        painter.setPen(pen)
        left, right = FRAME_SIDE - 6.0, self.outline.width - FRAME_SIDE + 6.0
        painter.drawLine(QPointF(left, y), QPointF(right, y))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colors.color("accent"))
        for x in (left, right):
            painter.drawEllipse(QPointF(x, y), 3.6, 3.6)

    @staticmethod
    def _paint_gap(painter: QPainter, colors: Theme, area: QRectF) -> None:
        painter.setPen(QPen(colors.color("faint"), 1.2, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(area, BOX_RADIUS, BOX_RADIUS)

    def _paint_place(self, painter: QPainter, colors: Theme) -> None:
        area = QRectF(FRAME_SIDE, FRAME_TITLE, BOX_WIDTH, BOX_HEIGHT)
        self._paint_gap(painter, colors, area)
        painter.setPen(colors.color("muted"))
        painter.setFont(look.fonts().plain)
        flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
        painter.drawText(area.adjusted(8.0, 4.0, -8.0, -4.0), flags, f"Drop {self._expected()} here")

    def _expected(self) -> str:
        slots = self.layer.type.slots
        return slots[0].expected.partition(":")[0] if slots else "a layer"
