"""What the canvas does with frames and with layers that are called again: putting in, taking out, ordering, folding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from rnn_designer.design import Design, Edit, Layer, Position, Refused, edits, new_ids, new_layer
from rnn_designer.design.edits.states import initial_ports
from rnn_designer.design.naming import free_name, names, snake_case
from rnn_designer.ui.canvas.geometry import outline
from rnn_designer.ui.canvas.naming import called
from rnn_designer.ui.canvas.placement import (
    clear_of_others,
    free_position,
    keeping_room,
    moved_by,
)

if TYPE_CHECKING:
    from rnn_designer.session.workspace import Workspace
    from rnn_designer.ui.selection import Selection


def _stacked(cell: Layer) -> Edit:
    """Puts a stack around a cell, with a second cell that is set as the first: nothing that was set is lost."""
    wrapped = edits.wrap(cell.id, "StackedRNNCells")
    second = new_ids(cell)

    def edit(design: Design) -> Design:
        design = wrapped(design)
        stack = design.owner(cell.id)
        if stack is None:  # The wrapping has just made it.
            raise Refused(f"‘{cell.name}’ is in no stack.")
        name = free_name(snake_case(cell.kind), names(design))
        return edits.insert_child(stack.id, 1, replace(second, name=name))(design)

    return edit


class FrameCommands:
    """Turns wishes about frames into one named edit each, and selects what came of it.

    Attributes:
        offer: says that an edit was refused for which there is another one that does what was probably meant; it gets
            the refusal and the name of the undo step. Without it only the sentence is said.
    """

    def __init__(self, workspace: Workspace, selection: Selection) -> None:
        self._document = workspace.document
        self._selection = selection
        self.offer: Callable[[Refused, str], None] | None = None

    @property
    def design(self) -> Design:
        """The design as it is now."""
        return self._document.design

    def apply(self, edit: Edit, label: str, chosen: str | None = None) -> bool:
        """Apply an edit that is made around frames; whether it was possible.

        Where it is refused with an offer, :attr:`offer` says both; the sentence alone goes where all refusals go.

        Args:
            edit: what to do.
            label: the name of the undo step.
            chosen: the layer to select then; what is new if it is not given or not there.
        """
        known = {layer.id for layer in self.design.walk()}
        try:
            edit(self.design)
        except Refused as refusal:
            if refusal.offer is not None and self.offer is not None:
                self.offer(refusal, label)
                return False
        if not self._document.apply(edit, label):
            return False
        design = self.design
        if chosen is not None and design.find(chosen) is not None:
            self._selection.set((chosen,))
        else:
            fresh = next((layer for layer in design.walk() if layer.id not in known), None)
            if fresh is not None:
                self._selection.set((fresh.id,))
        return True

    # In and out

    def inserting(self, layer: Layer, holder_id: str, index: int, *, instead: bool) -> Edit:
        """An edit that puts a layer into a frame before a place, or into the place of what is there.

        Args:
            layer: a new one, or one of the design.
            holder_id: the frame.
            index: the place, counted before the layer leaves where it is.
            instead: whether it takes the place of what is there.
        """
        return keeping_room(self._inserting(layer, holder_id, index, instead=instead), holder_id)

    def _inserting(self, layer: Layer, holder_id: str, index: int, *, instead: bool) -> Edit:
        if not instead:
            return edits.insert_child(holder_id, index, layer)
        there = self.design.layer(holder_id).children[index : index + 1]
        new_stack = layer.kind == "StackedRNNCells" and self.design.find(layer.id) is None
        if new_stack and there and there[0].type.cell and not there[0].type.slots:
            return _stacked(there[0])
        return edits.set_child(holder_id, index, layer)

    def put(self, layer: Layer, holder_id: str, index: int, *, instead: bool) -> bool:
        """Put a new layer, or one of the design, into a frame."""
        holder = self.design.layer(holder_id)
        owner = self.design.owner(layer.id)
        inside = owner is not None and owner.id == holder_id
        label = f"Move {layer.kind}" if inside else f"Put {layer.kind} into {holder.kind}"
        edit = self.inserting(layer, holder_id, index, instead=instead)
        return self.apply(edit, label, layer.id)

    def put_inside(self, kind: str, holder_id: str, index: int) -> bool:
        """Put a new layer into a frame, in the place of what is there."""
        return self.put(new_layer(self.design, kind), holder_id, index, instead=True)

    def place_for(self, kind: str, current: str | None) -> tuple[str, int, bool] | None:
        """Where a new cell goes that is added while a frame, or a cell in one, is selected.

        Returns:
            The frame, the place, and whether it takes the place of what is there; None where no frame takes it.
        """
        design = self.design
        chosen = design.find(current) if current is not None else None
        if chosen is None or not new_layer(design, kind).type.cell:
            return None
        owner = design.owner(chosen.id)
        if owner is not None and not chosen.type.slots:
            index = next(place for place, each in enumerate(owner.children) if each.id == chosen.id)
            return (
                (owner.id, index + 1, False) if owner.type.most_children is None else (owner.id, index, True)
            )
        while chosen.type.slots:
            many = chosen.type.most_children is None
            if many:
                return chosen.id, len(chosen.children), False
            if not chosen.children or not chosen.children[0].type.slots:
                return chosen.id, 0, True
            chosen = chosen.children[0]
        return None

    def move_inside(self, layer_id: str, holder_id: str) -> bool:
        """Put a layer of the design into a frame, after what is there."""
        layer, holder = self.design.layer(layer_id), self.design.layer(holder_id)
        many = holder.type.most_children is None
        index = len(holder.children) if many else 0
        return self.put(layer, holder_id, index, instead=not many)

    def homes(self, layer_id: str) -> list[tuple[Layer, str | None]]:
        """The frames that have a place for a layer, each with what would be done to the layer first, if anything."""
        design = self.design
        layer = design.layer(layer_id)
        held = {each.id for each in layer.walk()}
        owner = design.owner(layer_id)
        found: list[tuple[Layer, str | None]] = []
        for frame in design.walk():
            most, count = frame.type.most_children, len(frame.children)
            full = most is not None and count > 0
            own = frame.id in held or (owner is not None and frame.id == owner.id)
            if not frame.type.slots or own or full or frame.shares is not None:
                continue
            try:
                self.inserting(layer, frame.id, count, instead=most is not None)(design)
            except Refused as refusal:
                words = self._offered(refusal)
                if words is not None:
                    found.append((frame, words))
                continue
            found.append((frame, None))
        return found

    def take_out(self, layer_id: str, at: QPointF | None = None) -> bool:
        """Make an inner layer a box on the canvas: at a point, or below the frame that it was in."""
        design = self.design
        layer, top = design.layer(layer_id), design.top(layer_id)
        size = outline(top)
        place: Position = (
            (top.position[0], top.position[1] + size.height + 48.0) if at is None else (at.x(), at.y())
        )
        edit = clear_of_others(keeping_room(edits.take_out(layer_id, place), top.id))
        return self.apply(edit, f"Take out {layer.kind}", layer_id)

    # Order

    def movable(self, layer_id: str | None) -> bool:
        """Whether a layer stands in a stack whose order can be changed."""
        owner = self.design.owner(layer_id) if layer_id is not None else None
        return owner is not None and owner.type.most_children is None

    def can_step(self, layer_id: str, step: int) -> bool:
        """Whether there is a place one further up or down in its stack."""
        owner = self.design.owner(layer_id)
        if owner is None or owner.type.most_children is not None:
            return False
        index = next(place for place, each in enumerate(owner.children) if each.id == layer_id)
        return 0 <= index + step < len(owner.children)

    def step(self, layer_id: str, step: int) -> bool:
        """Move a cell one place up or down in its stack."""
        owner = self.design.owner(layer_id)
        if owner is None or not self.can_step(layer_id, step):
            return False
        index = next(place for place, each in enumerate(owner.children) if each.id == layer_id)
        layer = self.design.layer(layer_id)
        label = f"Move {layer.kind} {'up' if step < 0 else 'down'}"
        return self.apply(edits.move_child(owner.id, index, index + step), label, layer_id)

    # Frames as boxes

    def frame_of(self, layer_id: str | None) -> Layer | None:
        """The frame that a layer is, or is in; None for neither."""
        layer = self.design.find(layer_id) if layer_id is not None else None
        if layer is None:
            return None
        return layer if layer.type.slots else self.design.owner(layer.id)

    def fold(self, frame_id: str) -> bool:
        """Show a frame as one box, or as a frame again; its wires stay level and nothing is covered."""
        frame = self.design.layer(frame_id)
        label = f"{'Expand' if frame.collapsed else 'Collapse'} {frame.kind}"
        edit = keeping_room(edits.collapse(frame_id, not frame.collapsed), frame_id)
        return self.apply(edit, label, frame_id)

    # Wrapping

    def wrap(self, layer_id: str, wrapper: str) -> bool:
        """Put a wrapper around a layer and keep its neighbours clear of the larger frame."""
        known = {layer.id for layer in self.design.walk()}
        edit = clear_of_others(edits.chain(edits.wrap(layer_id, wrapper), _around(layer_id, known)))
        return self.apply(edit, f"Wrap in {wrapper}")

    def wrapping(self, layer_id: str, wrapper: str) -> tuple[bool, str | None]:
        """Whether a wrapper of that kind would take the layer; else what it would take instead, if anything."""
        try:
            edits.wrap(layer_id, wrapper)(self.design)
        except Refused as refusal:
            return False, self._offered(refusal)
        return True, None

    def _offered(self, refusal: Refused) -> str | None:
        """The words of an offer that can be taken just now."""
        if refusal.offer is None:
            return None
        words, edit = refusal.offer
        try:
            edit(self.design)
        except Refused:
            return None
        return words

    def unwrap(self, wrapper_id: str) -> bool:
        """Take the wrapped layer out of its wrapper, which goes; the wires stay."""
        wrapper = self.design.layer(wrapper_id)
        kept = wrapper.children[0].id if wrapper.children else None
        edit = edits.unwrap(wrapper_id)
        places = outline(wrapper).inner
        if kept is not None and places and self.design.owner(wrapper_id) is None:
            left, top, _measures = places[0]
            edit = edits.chain(edit, lambda design: moved_by(design, [kept], QPointF(left, top)))
        return self.apply(edit, f"Unwrap {wrapper.kind}", kept)

    def conversions(self, layer_id: str) -> list[tuple[str, Edit]]:
        """What a layer can be turned into with the same settings: the words for it, and the edit."""
        design = self.design
        before = design.layer(layer_id)
        found: list[tuple[str, Edit]] = []
        for edit in (edits.convert_child(layer_id), edits.turn_into_rnn(layer_id)):
            try:
                after = edit(design)
            except Refused:
                continue
            made = after.find(layer_id)
            owner = after.owner(layer_id)
            shown = owner if owner is not None and design.find(owner.id) is None else made
            if shown is None:
                known = {each.id for each in design.walk()}
                shown = next((each for each in after.walk() if each.id not in known), None)
            if shown is not None and shown.kind != before.kind and after != design:
                inner = f" around {shown.children[0].kind}" if shown.children else ""
                found.append((f"{shown.kind}{inner}", keeping_room(edit, layer_id)))
        return found

    # Layers that are called again

    def call_again(self, layer_id: str) -> bool:
        """Place a box that calls a layer once more, below what calls it now."""
        design = self.design
        top = design.top(layer_id)
        wanted = (top.position[0], top.position[1] + outline(top).height + 48.0)
        place = free_position(design, top, wanted)
        return self.apply(edits.call_again(top.id, place), f"Call {top.kind} again")

    def make_own(self, layer_id: str) -> bool:
        """Give a further call of a layer weights of its own."""
        top = self.design.top(layer_id)
        return self.apply(edits.make_own(top.id), f"Make {called(top)} a layer of its own", top.id)

    # States

    def state_sources(self, layer_id: str) -> list[Layer]:
        """The layers whose states a layer on the canvas could start from."""
        design = self.design
        target = design.top(layer_id)
        if not initial_ports(target):
            return []
        return [each for each in design.layers if each.id != target.id and self._starts(each.id, target.id)]

    def _starts(self, source_id: str, target_id: str) -> bool:
        try:
            return edits.connect_states(source_id, target_id)(self.design) != self.design
        except Refused:
            return False

    def connect_states(self, source_id: str, target_id: str) -> bool:
        """Start a layer from where another one ended."""
        source = self.design.layer(source_id)
        edit = edits.connect_states(source_id, target_id)
        return self.apply(edit, f"Start from the states of {called(source)}", self.design.top(target_id).id)


def _around(layer_id: str, known: set[str]) -> Edit:
    """An edit after wrapping: the new frame goes around the box, which stays in its place with its wires straight."""

    def edit(design: Design) -> Design:
        frame = design.top(layer_id)
        if frame.id in known:
            return design
        left, top, _measures = outline(frame).inner[0]
        return moved_by(design, [frame.id], QPointF(-left, -top))

    return edit
