"""Finding room: new boxes never land on others, and a box put into a wire pushes what follows aside."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from PySide6.QtCore import QPointF, QRectF, QSizeF

from rnn_designer.design import Design, Edit, Layer, Link, Position
from rnn_designer.ui.canvas.geometry import (
    CLEARANCE,
    COLUMN_GAP,
    ROW_GAP,
    bounds,
    layers_bounds,
    outline,
    snapped,
)
from rnn_designer.ui.theme import GRID

_STEP = 4 * GRID
_REACH = 400


def is_free(area: QRectF, taken: Iterable[QRectF]) -> bool:
    """Whether a rectangle keeps its distance from all others."""
    wide = area.adjusted(-CLEARANCE, -CLEARANCE, CLEARANCE, CLEARANCE)
    return not any(wide.intersects(each) for each in taken)


def free_place(size: QSizeF, wanted: QPointF, taken: Iterable[QRectF]) -> QPointF:
    """The place nearest to the wanted one, in rings around it, where a box of that size covers no other."""
    others = list(taken)
    start = QPointF(snapped(wanted.x()), snapped(wanted.y()))
    if is_free(QRectF(start, size), others):
        return start
    for ring in range(1, _REACH):
        reach = ring * _STEP
        steps = [index * _STEP for index in range(-ring, ring + 1)]
        spots = [(x, reach) for x in steps] + [(reach, y) for y in steps]
        spots += [(x, -reach) for x in steps] + [(-reach, y) for y in steps]
        for x, y in sorted(spots, key=lambda spot: (spot[0] ** 2 + spot[1] ** 2, spot[1] < 0, spot[0] < 0)):
            place = start + QPointF(x, y)
            if is_free(QRectF(place, size), others):
                return place
    return QPointF(start.x(), max((each.bottom() for each in others), default=0.0) + ROW_GAP)


def below(size: QSizeF, wanted: QPointF, taken: Iterable[QRectF]) -> QPointF:
    """The first free place at or straight below the wanted one: a column keeps its left edge."""
    others = list(taken)
    place = QPointF(snapped(wanted.x()), snapped(wanted.y()))
    while not is_free(area := QRectF(place, size), others):
        wide = area.adjusted(-CLEARANCE, -CLEARANCE, CLEARANCE, CLEARANCE)
        lowest = max(each.bottom() for each in others if wide.intersects(each))
        place.setY(_up_to_grid(lowest + CLEARANCE))
    return place


def right_of(design: Design, anchor: Layer | None, layer: Layer) -> Position:
    """Where a layer goes that follows another one: to its right on the same wire line, or below where it is taken."""
    measures = outline(layer)
    taken = [bounds(each) for each in design.layers if each.id != layer.id]
    if anchor is None:
        return as_position(below(measures.size, QPointF(0, 0), taken))
    before = bounds(anchor)
    y = before.top() + outline(anchor).port_line - measures.port_line
    return as_position(below(measures.size, QPointF(before.right() + COLUMN_GAP, y), taken))


def left_of(design: Design, anchor: Layer, layer: Layer) -> Position:
    """Where a layer goes that feeds another one."""
    measures = outline(layer)
    taken = [bounds(each) for each in design.layers if each.id != layer.id]
    after = bounds(anchor)
    y = after.top() + outline(anchor).port_line - measures.port_line
    return as_position(below(measures.size, QPointF(after.left() - COLUMN_GAP - measures.width, y), taken))


def as_position(point: QPointF) -> Position:
    """A point as the design stores it."""
    return (point.x(), point.y())


def members_of(design: Design, ids: Iterable[str]) -> tuple[str, ...]:
    """The layers on the canvas and the notes that layers, notes and groups stand for, each once."""
    found: dict[str, None] = {}
    for each in ids:
        group = design.group(each)
        if group is not None:
            found.update(dict.fromkeys(group.members))
        elif design.note(each) is not None:
            found[each] = None
        elif design.find(each) is not None:
            found[design.top(each).id] = None
    return tuple(found)


def place_in(design: Design, each: str) -> Position:
    """Where a layer on the canvas, or a note, stands."""
    note = design.note(each)
    return note.position if note is not None else design.layer(each).position


def clear_of_others(edit: Edit) -> Edit:
    """The same edit, with the layers that it adds moved together to where they cover no box that was there before."""

    def placed(design: Design) -> Design:
        new = edit(design)
        known = {layer.id for layer in design.layers}
        added = [layer for layer in new.layers if layer.id not in known]
        if not added:
            return new
        area = layers_bounds(added)
        taken = [bounds(layer) for layer in new.layers if layer.id in known]
        shift = free_place(area.size(), area.topLeft(), taken) - area.topLeft()
        if all(is_free(bounds(layer), taken) for layer in added):
            return new
        notes = {note.id for note in new.canvas_notes} - {note.id for note in design.canvas_notes}
        return moved_by(new, {layer.id for layer in added} | notes, shift)

    return placed


def moved_by(design: Design, ids: Iterable[str], shift: QPointF) -> Design:
    """The design with some layers and notes shifted."""
    wanted = set(ids)
    return replace(
        design,
        layers=tuple(
            replace(layer, position=(layer.position[0] + shift.x(), layer.position[1] + shift.y()))
            if layer.id in wanted
            else layer
            for layer in design.layers
        ),
        canvas_notes=tuple(
            replace(note, position=(note.position[0] + shift.x(), note.position[1] + shift.y()))
            if note.id in wanted
            else note
            for note in design.canvas_notes
        ),
    )


def with_room_in(link: Link, layer_id: str) -> Edit:
    """An edit after a splice: the new layer stands between the wire's ends, and what follows makes room for it."""

    def edit(design: Design) -> Design:
        source, target, layer = (design.layer(each) for each in (link.source, link.target, layer_id))
        before, after, own = bounds(source), bounds(target), outline(layer)
        others = [bounds(each) for each in design.layers if each.id != layer_id]
        if after.left() < before.right():
            place = free_place(own.size, QPointF(*layer.position), others)
            return _put(design, layer, place)
        gap = after.left() - before.right()
        spare = gap - own.width
        y = before.top() + outline(source).port_line - own.port_line
        between = QPointF(snapped(before.right() + max(spare / 2, COLUMN_GAP)), y)
        if spare >= COLUMN_GAP and is_free(QRectF(between, own.size), others):
            return _put(design, layer, between)
        shift = max(0.0, own.width + 2 * COLUMN_GAP - gap)
        following = _downstream(design, link.target)
        moving = {
            each.id for each in design.layers if each.id in following and bounds(each).left() >= after.left()
        }
        wider = moved_by(design, moving, QPointF(_up_to_grid(shift), 0.0))
        settled = [bounds(each) for each in wider.layers if each.id not in moving and each.id != layer_id]
        pushed = [bounds(each) for each in wider.layers if each.id in moving]
        clear = all(not each.intersects(other) for each in pushed for other in settled)
        if not clear:
            return _put(design, layer, free_place(own.size, QPointF(*layer.position), others))
        place = QPointF(snapped(before.right() + COLUMN_GAP), y)
        return _put(wider, layer, free_place(own.size, place, settled + pushed))

    return edit


def keeping_room(edit: Edit, held: str) -> Edit:
    """The same edit of something in a frame, after which the frame's wires are as level as before, and nothing covered.

    What stands right of the frame, above or below moves aside as far as the frame grows there, if it would be covered.

    Args:
        edit: what changes the frame's size.
        held: the frame, or a layer in it.
    """

    def kept(design: Design) -> Design:
        new = edit(design)
        if design.find(held) is None:
            return new
        before = design.top(held)
        after = next((each for each in new.layers if each.id == before.id), None)
        if after is None or outline(after) == outline(before):
            return new
        shift = outline(before).port_line - outline(after).port_line
        if after.position == before.position and shift:
            new = moved_by(new, [after.id], QPointF(0.0, shift))
        return _aside(new, after.id, bounds(before))

    return kept


def _aside(design: Design, frame_id: str, old: QRectF) -> Design:
    """The design with what a frame that has grown out of its old rectangle would cover pushed away."""
    area = bounds(design.layer(frame_id))
    right, low, high = area.right() - old.right(), area.bottom() - old.bottom(), old.top() - area.top()
    sides: tuple[tuple[float, QPointF, Callable[[QRectF], bool]], ...] = (
        (right, QPointF(_up_to_grid(right), 0.0), lambda box: box.left() >= old.right()),
        (low, QPointF(0.0, _up_to_grid(low)), lambda box: box.top() >= old.bottom()),
        (high, QPointF(0.0, -_up_to_grid(high)), lambda box: box.bottom() <= old.top()),
    )
    for growth, shift, beyond in sides:
        if growth > 0.0:
            others = {each.id: bounds(each) for each in design.layers if each.id != frame_id}
            pushed = _pushed(area, {key: box for key, box in others.items() if beyond(box)}, shift)
            design = moved_by(design, pushed, shift)
    return design


def _pushed(area: QRectF, others: Mapping[str, QRectF], shift: QPointF) -> set[str]:
    """The boxes that a rectangle would cover, and those that they would cover once they are shifted."""
    pushed: set[str] = set()
    open_areas = [area]
    while open_areas:
        covering = open_areas.pop()
        for key, box in others.items():
            if key not in pushed and not is_free(covering, [box]):
                pushed.add(key)
                open_areas.append(box.translated(shift))
    return pushed


def free_position(design: Design, layer: Layer, wanted: Position) -> Position:
    """The place nearest to the wanted one where a box like a layer's covers no other."""
    taken = [bounds(each) for each in design.layers]
    return as_position(free_place(outline(layer).size, QPointF(*wanted), taken))


def _put(design: Design, layer: Layer, place: QPointF) -> Design:
    return moved_by(design, [layer.id], place - QPointF(*layer.position))


def _downstream(design: Design, start: str) -> set[str]:
    seen, open_ids = {start}, [start]
    while open_ids:
        at = open_ids.pop()
        for link in design.links:
            if link.source == at and link.target not in seen:
                seen.add(link.target)
                open_ids.append(link.target)
    return seen


def _up_to_grid(value: float) -> float:
    return float(-(-value // GRID) * GRID)


def centre_to_corner(layer: Layer, centre: QPointF) -> Position:
    """Where the top left corner goes so that the box lies around a point."""
    measures = outline(layer)
    return (snapped(centre.x() - measures.width / 2), snapped(centre.y() - measures.height / 2))
