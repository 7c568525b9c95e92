"""The picture of a design: one item per layer and wire, reconciled by id whenever the design is another value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QRectF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QGraphicsScene

from rnn_designer.design import Checked, Design, Layer, Link, Problem, Severity
from rnn_designer.ui.canvas.frames import FrameItem
from rnn_designer.ui.canvas.geometry import (
    PORT_REACH,
    PortKey,
    PortPlace,
    inner_layers,
    is_frame,
    outline,
)
from rnn_designer.ui.canvas.items import BoxItem, LayerItem
from rnn_designer.ui.canvas.marks import Marks
from rnn_designer.ui.canvas.strips import Strips
from rnn_designer.ui.canvas.wires import Lane, WireItem

if TYPE_CHECKING:
    from rnn_designer.session.workspace import Workspace

_FRAME_DEPTH = -3.0
_DIM = 0.38
_DROP_REACH = 18.0
_BESIDE = 28.0


class CanvasScene(QGraphicsScene):
    """Shows a design and finds what is under the pointer. It never changes the design.

    Attributes:
        item_for_layer: the item of each layer, wrapped ones included.
        item_for_link: the item of each wire.
        port_marks: how ports are marked while a wire is drawn: ``legal``, ``hit`` or ``start``.
        strips: the values on the boxes.
        marks: the notes and groups.
    """

    def __init__(self, workspace: Workspace, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.training = False
        """Whether the values on the boxes are as in training."""
        self.setItemIndexMethod(QGraphicsScene.ItemIndexMethod.BspTreeIndex)
        self.values_on_wires = True
        """Whether wires show what flows over them at the cursor's step."""
        self.item_for_layer: dict[str, LayerItem] = {}
        self.item_for_link: dict[Link, WireItem] = {}
        self.port_marks: dict[PortKey, str] = {}
        self.strips = Strips(workspace, self)
        self.marks = Marks(self)
        self._links_at: dict[str, list[WireItem]] = {}
        self._wired: frozenset[PortKey] = frozenset()
        self._hovered: LayerItem | None = None
        self._chosen: frozenset[str] = frozenset()
        self._problems: dict[str, list[Problem]] = {}

    # What is shown

    def show(self, old: Design, new: Design) -> None:
        """Make the picture that of another design; items of layers that stay are kept, and a move only moves them."""
        kept: dict[str, LayerItem] = {}
        moved: set[str] = set()
        rewired = old.links != new.links or len(self.item_for_link) != len(new.links)
        for layer in new.layers:
            item = self.item_for_layer.get(layer.id)
            if item is not None and item.layer is layer and item.top is item:
                for each in layer.walk():
                    kept[each.id] = self.item_for_layer[each.id]
                continue
            ports = item.outline.ports if item is not None else ()
            shown = self._show_layer(layer, kept)
            rewired = rewired or shown.outline.ports != ports
            moved.add(layer.id)
        for layer_id in [each for each in self.item_for_layer if each not in kept]:
            self._forget(self.item_for_layer.pop(layer_id))
        self._show_shared(old, new)
        regrouped = self.marks.show(new)
        if rewired or regrouped:
            self._show_links(new)
            self.marks.hide_inner()
            self._route(self.item_for_link.values())
        else:
            for layer_id in moved:
                self._route(self._links_at.get(layer_id, ()))

    def _forget(self, item: LayerItem) -> None:
        if item is self._hovered:
            self._hovered = None
        self.removeItem(item)

    def _show_shared(self, old: Design, new: Design) -> None:
        """Tell every further call of a layer what it calls."""
        if old.layers is new.layers:
            return
        names = {each.id: each.name for each in new.walk()}
        for each in new.walk():
            original = names.get(each.shares, "") if each.shares is not None else ""
            item = self.item_for_layer[each.id]
            if item.original != original:
                item.original = original
                item.update()

    def _show_layer(self, layer: Layer, kept: dict[str, LayerItem]) -> LayerItem:
        item = self._item(layer, kept)
        inner = [self._item(each, kept) for each, _at in inner_layers(layer, QPointF())]
        item.top, item.port_owner, item.ports = item, layer.id, item.outline.ports
        item.holder = None
        item.set_depth(_FRAME_DEPTH if is_frame(layer) else 0.0)
        self._nest(item, kept, item, _FRAME_DEPTH)
        if item.outline.on_child and inner:
            self._lend_ports(item, inner[0])
        item.place(QPointF(*layer.position))
        return item

    def _item(self, layer: Layer, kept: dict[str, LayerItem]) -> LayerItem:
        item = self.item_for_layer.get(layer.id)
        wanted = FrameItem if is_frame(layer) else BoxItem
        if item is not None and type(item) is not wanted:
            self._forget(item)
            item = None
        if item is None:
            item = wanted(self, layer)
            item.set_chosen(layer.id in self._chosen)
            self.item_for_layer[layer.id] = item
            self.addItem(item)
        elif item.layer != layer:
            item.set_layer(layer)
        else:
            item.layer = layer  # The same in other words: next time it is known at a glance.
        kept[layer.id] = item
        return item

    def _nest(self, item: LayerItem, kept: dict[str, LayerItem], top: LayerItem, depth: float) -> None:
        item.inner = [kept[child.id] for child in item.layer.children]
        holder = item.holder if is_frame(item.layer) else item.holder or item
        for child in item.inner:
            child.top, child.holder = top, holder
            child.setVisible(holder is None and top.stand_in is None)
            child.ports, child.port_owner = (), child.layer.id
            child.set_depth(depth + 0.1 if is_frame(child.layer) else 0.0)
            self._nest(child, kept, top, depth + 0.1)

    def _lend_ports(self, frame: LayerItem, child: LayerItem) -> None:
        """The main ports of a frame around one box sit on that box, which paints them."""
        left, top, _measures = frame.outline.inner[0]
        main = [each for each in frame.outline.ports if each.side in ("left", "right")]
        child.ports = tuple(
            PortPlace(
                each.port,
                each.output,
                each.x - left,
                each.y - top,
                each.side,
            )
            for each in main
        )
        child.port_owner = frame.layer.id
        frame.ports = tuple(each for each in frame.outline.ports if each not in main)
        child.update()

    def _show_links(self, design: Design) -> None:
        kinds = {
            (layer.id, each.port.name, each.output): each.port.state
            for layer in design.layers
            for each in outline(layer).ports
        }
        wanted = set(design.links)
        starts = {(link.source, link.source_port, True) for link in design.links}
        wired = starts | {(link.target, link.target_port, False) for link in design.links}
        if wired != self._wired:
            for layer_id in {key[0] for key in self._wired ^ wired}:
                if layer_id in self.item_for_layer:
                    self.item_for_layer[layer_id].update()
            self._wired = frozenset(wired)
        for link in [each for each in self.item_for_link if each not in wanted]:
            self.removeItem(self.item_for_link.pop(link))
        self._links_at = {}
        sides: dict[tuple[str, str, bool], int] = {}
        states = {link: kinds.get((link.source, link.source_port, True), False) for link in design.links}
        counts = Counter((link.source, link.target, state) for link, state in states.items())
        for link, state in states.items():
            item = self.item_for_link.get(link)
            if item is None:
                item = self.item_for_link[link] = WireItem(link, state=state, values=self._flowing)
                self.addItem(item)
            elif item.state != state:
                item.state = state
                item.update()
            # Several wires between the same boxes run close together: their labels stand one after the other.
            key = (link.source, link.target, state)
            nth, count = sides.get(key, 0), counts[key]
            sides[key] = nth + 1
            item.label_at = (nth + 1) / (count + 1) if state else (0.5, 0.28, 0.72)[nth % 3]
            item.lane = Lane(nth, count)
            for end in (link.source, link.target):
                self._links_at.setdefault(end, []).append(item)

    def _route(self, wires: Iterable[WireItem]) -> None:
        for wire in wires:
            link = wire.link
            source, target = self.item_for_layer.get(link.source), self.item_for_layer.get(link.target)
            if source is None or target is None:
                continue
            if wire.state:
                wire.lane = replace(wire.lane, x=_between(source.shown_rect(), target.shown_rect()))
            wire.set_ends(
                source.port_point(link.source_port, output=True),
                target.port_point(link.target_port, output=False),
                source.port_side(link.source_port, output=True),
                target.port_side(link.target_port, output=False),
            )

    def settle(self, item: LayerItem) -> None:
        """Put the picture of a layer in a frame back where it belongs."""
        item.top.place(QPointF(*item.top.layer.position))
        item.set_depth(item.depth)

    def place_layer(self, moved: str, at: QPointF) -> None:
        """Move the picture of a layer or note, as a drag does before it becomes an edit; wires and frames follow."""
        item = self.item_for_layer.get(moved)
        note = self.marks.notes.get(moved)
        if item is not None and item.pos() != at:
            item.place(at)
        elif note is not None and note.pos() != at:
            note.setPos(at)
        else:
            return
        group = self.marks.follow(moved)
        together = group.grouping.members if group is not None and group.grouping.collapsed else (moved,)
        for each in together:
            self._route(self._links_at.get(each, ()))

    def show_checked(self, checked: Checked) -> None:
        """Write the shapes on the wires and put badges on faulty boxes."""
        for link, wire in self.item_for_link.items():
            wire.set_tensor(checked.shapes.get((link.source, link.source_port)))
        self._problems = {}
        for problem in checked.problems:
            if problem.layer is not None and problem.severity > Severity.INFORMATION:
                self._problems.setdefault(problem.layer, []).append(problem)
        worst_of = {
            layer_id: max(each.severity for each in found) for layer_id, found in self._problems.items()
        }
        for layer_id in tuple(worst_of):
            item = self.item_for_layer.get(layer_id)
            if item is not None and item.holder is not None:
                # A collapsed frame wears the badge of the worst fault in it.
                shown = item.holder.layer.id
                worst_of[shown] = max(worst_of[layer_id], worst_of.get(shown, worst_of[layer_id]))
        for layer_id, item in self.item_for_layer.items():
            worst = worst_of.get(layer_id)
            if worst is not item.severity:
                item.severity = worst
                item.update()
        items = self.item_for_layer.items()
        self.marks.show_severity({each: item.severity for each, item in items if item.severity is not None})

    def problems_of(self, layer_id: str) -> tuple[Problem, ...]:
        """The problems behind a layer's badge, worst first; a collapsed frame's are those of what it holds as well."""
        item = self.item_for_layer.get(layer_id)
        found = list(self._problems.get(layer_id, ()))
        if item is not None and item.layer.collapsed:
            found += [
                each for inner in list(item.layer.walk())[1:] for each in self._problems.get(inner.id, ())
            ]
            found.sort(key=lambda each: -each.severity)
        return tuple(found)

    def _flowing(self, link: Link) -> QImage | None:
        source = self.item_for_layer.get(link.source)
        if source is None or not self.values_on_wires:
            return None
        return self.strips.flowing(source.layer, link.source_port)

    def show_values_on_wires(self, on: bool) -> None:
        """Let the wires show what flows over them, or only its shape."""
        if on != self.values_on_wires:
            self.values_on_wires = on
            for wire in self.item_for_link.values():
                wire.show_step()

    def show_step(self, *, wires: bool = True) -> None:
        """Repaint the strips, and nothing else, where they are in sight; those of wires only if they are shown."""
        if wires and self.values_on_wires:
            for wire in self.item_for_link.values():
                wire.show_step()
        for item in self.item_for_layer.values():
            if isinstance(item, BoxItem):
                item.update(item.strip_rect().adjusted(-1.0, -1.0, 1.0, 1.0))

    def show_training(self, on: bool) -> None:
        """Let the boxes say whether dropout and noise act."""
        if on != self.training:
            self.training = on
            for item in self.item_for_layer.values():
                if isinstance(item, BoxItem):
                    item.show_training()

    def show_selection(self, ids: Iterable[str], marks: Iterable[str] = ()) -> None:
        """Put the ring around what is selected."""
        chosen = frozenset(ids)
        self.marks.choose(marks)
        self._chosen = chosen
        for layer_id, item in self.item_for_layer.items():
            if item.chosen != (layer_id in chosen):
                item.set_chosen(layer_id in chosen)
        self._show_related()

    def _show_related(self) -> None:
        """Put a ring around the other calls of what is selected, and around what a collapsed frame hides of it."""
        roots = {
            _root(item.layer) for layer_id, item in self.item_for_layer.items() if layer_id in self._chosen
        }
        hidden = {
            item.holder.layer.id
            for layer_id, item in self.item_for_layer.items()
            if layer_id in self._chosen and item.holder is not None
        }
        for layer_id, item in self.item_for_layer.items():
            related = layer_id in hidden or (layer_id not in self._chosen and _root(item.layer) in roots)
            if related != item.related:
                item.related = related
                item.update()

    def hover(self, at: QPointF | None) -> None:
        """The mouse is at a point, or elsewhere: the box on the canvas under it shows all of its ports."""
        found = self._owner_at(at) if at is not None else None
        if found is self._hovered:
            return
        for item, on in ((self._hovered, False), (found, True)):
            if item is not None:
                item.set_hovered(on)
        self._hovered = found

    def _owner_at(self, at: QPointF) -> LayerItem | None:
        item = self.layer_at(at)
        if item is None:
            near = self.port_at(at)
            item = self.item_for_layer.get(near[0]) if near is not None else None
        return item.top if item is not None else None

    def is_wired(self, key: PortKey) -> bool:
        """Whether a wire starts or ends at a port."""
        return key in self._wired

    def mark_ports(self, marks: dict[PortKey, str], *, dim_others: bool = False) -> None:
        """Mark ports, and fade the boxes that have no marked one; an empty mapping ends both."""
        self.port_marks = marks
        lit = {layer_id for layer_id, _name, _output in marks}
        for item in self.item_for_layer.values():
            opacity = _DIM if dim_others and item.top.layer.id not in lit else 1.0
            if item.opacity() != opacity:
                item.setOpacity(opacity)
            item.update()
        for group in self.marks.groups.values():
            lit_here = not group.grouping.collapsed or any(each.layer_id in lit for each in group.ports)
            group.setOpacity(1.0 if lit_here or not dim_others else _DIM)
            group.update()

    # What is where

    def layer_at(self, at: QPointF) -> LayerItem | None:
        """The innermost layer under a point."""
        return next((each for each in self.items(at) if isinstance(each, LayerItem)), None)

    def wire_at(self, at: QPointF) -> WireItem | None:
        """The wire under a point."""
        return next((each for each in self.items(at) if isinstance(each, WireItem)), None)

    def wire_near(self, at: QPointF) -> WireItem | None:
        """The wire under a point or so near that a box dropped there would lie on it."""
        around = QRectF(at.x() - _DROP_REACH, at.y() - _DROP_REACH, 2 * _DROP_REACH, 2 * _DROP_REACH)
        near = (each for each in self.items(around) if isinstance(each, WireItem))
        return self.wire_at(at) or next(near, None)

    def badge_at(self, at: QPointF) -> LayerItem | None:
        """The layer whose fault badge, or that of the collapsed group it is in, is under a point."""
        for group in self.marks.groups.values():
            faulty = self.marks.faulty_member(group) if group.over_badge(at) else None
            if faulty is not None:
                return self.item_for_layer[faulty]
        for item in self._near(at, 16.0):
            if item.over_badge(at):
                return item
        return None

    def port_at(self, at: QPointF, reach: float = PORT_REACH) -> tuple[str, PortPlace] | None:
        """The layer and the port nearest to a point, within reach."""
        best: tuple[float, str, PortPlace] | None = None
        tops = {item.top.layer.id: item.top for item in self._near(at, reach + 4.0)}
        for layer_id, item in tops.items():
            for place in item.outline.ports:
                away = item.pos() + place.point - at
                distance = (away.x() ** 2 + away.y() ** 2) ** 0.5
                if distance <= reach and (best is None or distance < best[0]):
                    best = (distance, layer_id, place)
        for middle, layer_id, place in self.marks.ports():
            away = middle - at
            distance = (away.x() ** 2 + away.y() ** 2) ** 0.5
            if distance <= reach and (best is None or distance < best[0]):
                best = (distance, layer_id, place)
        return (best[1], best[2]) if best else None

    def _near(self, at: QPointF, reach: float) -> list[LayerItem]:
        area = QRectF(at.x() - reach, at.y() - reach, 2 * reach, 2 * reach)
        return [each for each in self.items(area) if isinstance(each, LayerItem)]

    def tops_in(self, area: QRectF) -> list[str]:
        """The layers on the canvas whose boxes a rectangle touches."""
        return [
            item.layer.id
            for item in self.item_for_layer.values()
            if item.top is item and item.isVisible() and item.scene_rect().intersects(area)
        ]

    def taken(self) -> list[QRectF]:
        """Where boxes, collapsed groups and notes stand."""
        tops = [item.shown_rect() for item in self.item_for_layer.values() if item.top is item]
        return [*tops, *(note.scene_rect() for note in self.marks.notes.values() if note.isVisible())]

    def content_rect(self) -> QRectF:
        """The rectangle around everything; empty where there is nothing."""
        area = self.marks.content_rect()
        for item in self.item_for_layer.values():
            if item.top is item and item.isVisible():
                area = area.united(item.scene_rect())
        for wire in self.item_for_link.values():
            if wire.isVisible():
                area = area.united(wire.path.boundingRect())
        return area


def _root(layer: Layer) -> str:
    """The layer whose weights a box uses."""
    return layer.shares if layer.shares is not None else layer.id


def _between(source: QRectF, target: QRectF) -> float:
    """Where a wire can go up between two boxes, or beside them where they stand one above the other."""
    if target.left() > source.right():
        return (source.right() + target.left()) / 2
    return max(source.right(), target.right()) + _BESIDE
