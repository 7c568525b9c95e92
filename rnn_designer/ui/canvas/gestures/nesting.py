"""Where something that is dragged over frames would go inside, and how that is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from rnn_designer.design import Layer, Refused
from rnn_designer.ui.canvas.frames import FrameItem
from rnn_designer.ui.canvas.items import LayerItem
from rnn_designer.ui.canvas.placement import keeping_room

if TYPE_CHECKING:
    from rnn_designer.ui.canvas.view import CanvasView


@dataclass(frozen=True)
class Nest:
    """A place in a frame.

    Attributes:
        frame: the frame.
        index: before which child, counted while the dragged layer is still where it was.
        instead: the child whose place would be taken; None where what is there stays.
        refusal: why the frame does not take the layer; None if it does.
        stays: whether the layer is there already.
    """

    frame: FrameItem
    index: int
    instead: LayerItem | None = None
    refusal: Refused | None = None
    stays: bool = False

    @property
    def open(self) -> bool:
        """Whether the layer may go there."""
        return self.refusal is None

    @property
    def offers(self) -> bool:
        """Whether the frame takes the layer after a change, for which it asks."""
        return self.refusal is not None and self.refusal.offer is not None


class Nesting:
    """Looks for a place while a layer is dragged, and lights it.

    Args:
        canvas: the canvas.
        layer: what is dragged: a new layer, or one of the design.
        item: its picture, where it is one of the design.
        replaces: whether it may take the place of what is in a full frame.
    """

    def __init__(
        self, canvas: CanvasView, layer: Layer, item: LayerItem | None = None, *, replaces: bool
    ) -> None:
        self._canvas = canvas
        self._layer = layer
        self._item = item
        self._replaces = replaces or layer.type.cell
        self._own = {each.id for each in layer.walk()}
        self._verdicts: dict[tuple[str, int, bool], Refused | None] = {}
        self.nest: Nest | None = None

    def look(self, at: QPointF) -> Nest | None:
        """Find and light the place under a point; where none takes the layer, say why."""
        found = self._at(at)
        if found != self.nest:
            self._light(self.nest, on=False)
            self._light(found, on=True)
            self.nest = found
        if found is not None and found.refusal is not None:
            self._canvas.say_at(at, str(found.refusal))
        else:
            self._canvas.hush()
        return found

    def clear(self) -> None:
        """Take the light away."""
        self._light(self.nest, on=False)
        self.nest = None
        self._canvas.hush()

    def _light(self, nest: Nest | None, *, on: bool) -> None:
        if nest is None or not nest.open or nest.stays:
            return
        shown = nest.instead if nest.instead is not None else nest.frame
        shown.framed = on
        shown.update()
        nest.frame.set_insertion(nest.index if on and nest.instead is None else None)

    def _at(self, at: QPointF) -> Nest | None:
        """The innermost frame that takes the layer, else the first that could with a change, else the first of all."""
        scene = self._canvas.canvas_scene
        frames = [
            each for each in scene.items(at) if isinstance(each, FrameItem) and each.layer.id not in self._own
        ]
        nests = [nest for nest in (self._in(self._meant(frame), at) for frame in frames) if nest is not None]
        offered = [nest for nest in nests if nest.offers]
        return next((nest for nest in nests if nest.open), next(iter((*offered, *nests)), None))

    def _meant(self, frame: FrameItem) -> FrameItem:
        """The stack in an RNN, where the pointer is on the RNN's edge: it is what takes cells."""
        while not frame.many and len(frame.inner) == 1 and self._layer.type.cell:
            inner = frame.inner[0]
            if not isinstance(inner, FrameItem) or not inner.many or inner.layer.id in self._own:
                break
            frame = inner
        return frame

    def _in(self, frame: FrameItem, at: QPointF) -> Nest | None:
        count = len(frame.inner)
        own = next((place for place, child in enumerate(frame.inner) if child is self._item), None)
        most = frame.layer.type.most_children
        if most is None:
            place = frame.place_for(at, self._item)
            if own is not None and place > own:
                place += 1
            if own is not None and place in (own, own + 1):
                return Nest(frame, own, stays=True)
            return self._judged(frame, place)
        if own is not None:
            return Nest(frame, own, stays=True)
        over = next(
            (place for place, child in enumerate(frame.inner) if child.scene_rect().contains(at)), None
        )
        below = count and at.y() > frame.inner[-1].scene_rect().bottom()
        if count == 0 or (over is None and below and count < most):
            return self._judged(frame, count)
        if not self._replaces:
            return None
        place = over or 0
        return self._judged(frame, place, frame.inner[place])

    def _judged(self, frame: FrameItem, index: int, instead: LayerItem | None = None) -> Nest:
        key = (frame.layer.id, index, instead is not None)
        if key not in self._verdicts:
            edit = self._canvas.commands.frames.inserting(
                self._layer, frame.layer.id, index, instead=self._sets(frame, instead)
            )
            try:
                edit(self._canvas.workspace.document.design)
                self._verdicts[key] = None
            except Refused as refusal:
                self._verdicts[key] = refusal
        return Nest(frame, index, instead, self._verdicts[key])

    @staticmethod
    def _sets(frame: FrameItem, instead: LayerItem | None) -> bool:
        """Whether the layer is put into a numbered place, and not between others."""
        return instead is not None or not frame.many

    def drop(self, at: QPointF) -> bool | None:
        """Put the layer where it was shown to go.

        Returns:
            Whether it went inside; None where no frame was meant.
        """
        nest = self.nest
        self.clear()
        if nest is None or nest.stays:
            return None
        if nest.refusal is not None:
            if nest.refusal.offer is None:
                return None
            words, edit = nest.refusal.offer
            asked = Refused(str(nest.refusal), (words, keeping_room(edit, nest.frame.layer.id)))
            label = f"Put {self._layer.kind} into {nest.frame.layer.kind}"
            self._canvas.offer(asked, label, at)
            return False
        return self._canvas.commands.frames.put(
            self._layer, nest.frame.layer.id, nest.index, instead=self._sets(nest.frame, nest.instead)
        )
