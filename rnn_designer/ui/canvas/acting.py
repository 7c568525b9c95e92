"""The canvas as the window's actions and the keyboard see it: everything that can be done with what is selected."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from rnn_designer.design import Link, Note
from rnn_designer.design.ports import output_ports
from rnn_designer.ui.canvas.aligning import Edge, Way
from rnn_designer.ui.canvas.commands import LAYERS_MIME, CanvasCommands
from rnn_designer.ui.canvas.gestures import Gesture
from rnn_designer.ui.canvas.gridded_view import GriddedView
from rnn_designer.ui.canvas.mark_commands import MarkCommands
from rnn_designer.ui.canvas.menu_lines import add
from rnn_designer.ui.canvas.naming import called
from rnn_designer.ui.canvas.placement import free_place
from rnn_designer.ui.canvas.scene import CanvasScene

if TYPE_CHECKING:
    from rnn_designer.session.workspace import Workspace
    from rnn_designer.ui.canvas.overlays.host import Overlays
    from rnn_designer.ui.selection import Selection


class ActingView(GriddedView):
    """Acts on the selection.

    Attributes:
        workspace: the running program.
        selection: what is selected, shared with the panels.
        commands: the edits of layers and wires that are not mouse gestures.
        mark_commands: the edits of notes, colours, groups, and alignment.
        selected_link: the wire that is selected, if one is.
    """

    overlays: Overlays

    def __init__(self, workspace: Workspace, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(CanvasScene(workspace), parent)
        self.workspace = workspace
        self.selection = selection
        self.commands = CanvasCommands(workspace, selection)
        self.mark_commands = MarkCommands(workspace, selection, self.canvas_scene)
        self.selected_link: Link | None = None
        self._gesture: Gesture | None = None
        self._touched = False

    def begin_wire(self, layer_id: str) -> None:
        """Let the keyboard draw a wire from a layer."""
        raise NotImplementedError

    def offer_wrapping(self, made: QMenu, layer_id: str) -> None:
        """Fill a menu with the wrappers that a layer could go into, or come out of."""
        raise NotImplementedError

    def select_link(self, link: Link | None) -> None:
        """Select a wire instead of layers, or no wire."""
        raise NotImplementedError

    # Where it looks

    @property
    def minimap_shown(self) -> bool:
        """Whether the minimap is shown while there is something on the canvas."""
        return self.overlays.minimap_wanted

    def set_minimap(self, shown: bool) -> None:
        """Show or hide the minimap."""
        self.overlays.minimap_wanted = shown
        self.overlays.show_design()

    def reveal_current(self) -> None:
        """Bring the current layer, or the note or group chosen last, into sight."""
        for each in (*self.selection.marks[-1:], self.selection.current):
            if each is not None:
                self.reveal(each)
                return

    # What the window's actions call

    def add_layer(self, kind: str) -> None:
        """Add a layer after the current one, connected to it where that makes sense, and select it."""
        self._touched = True
        if self.commands.add_after(kind):
            self.reveal_current()

    def delete_selection(self) -> None:
        """Remove what is selected: a wire, or layers, notes and groups."""
        if self.selected_link is not None:
            self.commands.disconnect(self.selected_link)
        else:
            self.commands.delete(self.selection.everything)

    def copy(self) -> None:
        """Copy the selected layers."""
        self.commands.copy(self.selection.everything)

    def cut(self) -> None:
        """Cut the selected layers."""
        self.commands.cut(self.selection.everything)

    def paste(self) -> None:
        """Paste copied layers."""
        empty = not self.commands.design.layers
        if not self.commands.paste(None):
            return
        if empty:
            self.fit()
        else:
            self.reveal_current()

    def can_paste(self) -> bool:
        """Whether the clipboard may hold layers."""
        data = QGuiApplication.clipboard().mimeData()
        return data.hasFormat(LAYERS_MIME) or '"layers"' in data.text()

    def duplicate(self) -> None:
        """Duplicate the selected layers."""
        if self.commands.duplicate(self.selection.everything):
            self.reveal_current()

    def select_all(self) -> None:
        """Select everything on the canvas; a collapsed group is one thing."""
        design = self.workspace.document.design
        hidden = {each for group in design.groups if group.collapsed for each in group.members}
        groups = [group.id for group in design.groups if group.collapsed]
        notes = [note.id for note in design.canvas_notes if note.id not in hidden]
        self.selection.set((layer.id for layer in design.layers if layer.id not in hidden), (*notes, *groups))

    def rename_current(self) -> None:
        """Edit the current layer's name in its box, a group's title, or a note's text."""
        mark = self.selection.marks[-1] if self.selection.marks else None
        if mark is not None:
            self._rename_mark(mark)
            return
        item = self.canvas_scene.item_for_layer.get(self.selection.current or "")
        if item is None:
            return
        self.reveal(item.layer.id)
        area = self.mapFromScene(item.shown_rect()).boundingRect()
        self.overlays.rename.ask(
            item.layer.id, item.layer.name, area.topLeft() - QPoint(4, 4), area.width() + 8
        )

    def auto_arrange(self) -> None:
        """Put every box in its column."""
        if self.commands.arrange():
            self.fit()

    def start_wire(self) -> None:
        """Start a wire from the current layer by keyboard."""
        design, current = self.workspace.document.design, self.selection.current
        if current is None or self._gesture is not None or design.find(current) is None:
            return
        layer = design.top(current)
        if output_ports(layer):
            self.begin_wire(layer.id)

    def walk_order(self) -> list[str]:
        """Every layer that is shown in topological order, wrapped ones after their wrappers."""
        design = self.workspace.document.design
        order = {layer_id: index for index, layer_id in enumerate(self.workspace.checks.checked.order)}
        tops = sorted(design.layers, key=lambda layer: order.get(layer.id, len(order)))
        items = self.canvas_scene.item_for_layer
        shown = [layer for layer in tops if layer.id not in items or items[layer.id].stand_in is None]
        inner = (each for layer in shown for each in layer.walk())
        return [each.id for each in inner if each.id not in items or items[each.id].holder is None]

    # Selecting

    def select_only(self, each: str) -> None:
        """Select one layer, note or group."""
        if self.workspace.document.design.find(each) is not None:
            self.selection.set((each,))
        else:
            self.selection.set((), (each,))

    def mark_order(self) -> list[str]:
        """The groups, then the notes that are shown, as Tab goes through them after the layers."""
        design = self.workspace.document.design
        hidden = {each for group in design.groups if group.collapsed for each in group.members}
        notes = [note.id for note in design.canvas_notes if note.id not in hidden]
        return [*(group.id for group in design.groups), *notes]

    def select_next_wire(self, *, back: bool = False) -> None:
        """Select a wire by keyboard: those of the current layer first, then on through all that are shown."""
        design = self.workspace.document.design
        shown = [link for link, item in self.canvas_scene.item_for_link.items() if item.isVisible()]
        order = {layer_id: index for index, layer_id in enumerate(self.workspace.checks.checked.order)}
        shown.sort(key=lambda link: (order.get(link.source, len(order)), design.links.index(link)))
        if not shown:
            return
        step = -1 if back else 1
        if self.selected_link in shown:
            link = shown[(shown.index(self.selected_link) + step) % len(shown)]
        else:
            current = self.selection.current
            own = [each for each in shown if current in (each.source, each.target)]
            link = next((each for each in own if each.source == current), (own or shown)[0])
        self.select_link(link)
        item = self.canvas_scene.item_for_link[link]
        self.camera.reveal(item.path.boundingRect())
        self.camera_moved()
        names = [design.layer(each).name for each in (link.source, link.target)]
        reading = self.overlays.card_for_values.show_link(link)
        self.announce(f"Wire from {names[0]} to {names[1]} selected. {reading}")

    def announce(self, text: str) -> None:
        """Tell assistive tools what happens on the canvas."""
        if self.accessibleDescription() != text:
            self.setAccessibleDescription(text)

    def chosen_rect(self) -> QRectF:
        """The rectangle around what is selected, or what is in sight where nothing is."""
        scene, area = self.canvas_scene, QRectF()
        for each in self.selection.ids:
            if each in scene.item_for_layer:
                area = area.united(scene.item_for_layer[each].shown_rect())
        for each in self.selection.marks:
            mark = scene.marks.notes.get(each) or scene.marks.groups.get(each)
            if mark is not None:
                area = area.united(mark.scene_rect())
        if self.selected_link is not None and self.selected_link in scene.item_for_link:
            area = scene.item_for_link[self.selected_link].path.boundingRect()
        return self.camera.sight() if area.isEmpty() else area

    # Notes, colours, groups, alignment

    def add_note(self, at: QPointF | None = None) -> None:
        """Write a new note, below the selection or in the middle of what is in sight."""
        self._touched = True
        if at is None:
            nothing = not self.selection.everything
            area = self.chosen_rect()
            wanted = (
                area.center() - QPointF(104.0, 48.0) if nothing else area.bottomLeft() + QPointF(0.0, 28.0)
            )
            at = free_place(QSizeF(*Note("").size), wanted, self.canvas_scene.taken())
        self.overlays.write_note(None, at)

    def _rename_mark(self, mark: str) -> None:
        self.reveal(mark)
        group = self.workspace.document.design.group(mark)
        if group is None:
            self.overlays.write_note(mark, QPointF())
            return
        area = self.mapFromScene(self.canvas_scene.marks.groups[mark].scene_rect()).boundingRect()
        corner = area.topLeft() - QPoint(4, 4)
        self.overlays.rename.ask(mark, group.name, corner, min(area.width() + 8, 260))

    def color_selection(self, color: str | None) -> None:
        """Mark what is selected with a named colour, or take the mark away."""
        self.mark_commands.color(self.selection.everything, color)

    def group_selection(self) -> None:
        """Put what is selected under one title, and ask for the title."""
        made = self.mark_commands.group(self.selection.everything)
        if made is not None:
            self._rename_mark(made)

    def ungroup_selection(self) -> None:
        """Take the titles of the selected groups away."""
        self.mark_commands.ungroup(self.selection.everything)

    def toggle_group(self, group_id: str | None = None) -> None:
        """Collapse or expand a group; the selected ones, or those of what is selected, if none is given."""
        wanted = [group_id] if group_id else self.mark_commands.groups_of(self.selection.everything)
        self.mark_commands.toggle_groups(wanted)

    def align(self, edge: Edge) -> None:
        """Put what is selected in line."""
        self.mark_commands.align(self.selection.everything, edge)

    def distribute(self, way: Way) -> None:
        """Even out the gaps between what is selected."""
        self.mark_commands.distribute(self.selection.everything, way)

    # Frames and calls

    def _say(self, sentence: str) -> None:
        self.workspace.document.refused.emit(sentence)

    def fold_current(self) -> None:
        """Collapse or expand the frame that is selected, or that the selected layer is in."""
        frame = self.commands.frames.frame_of(self.selection.current)
        if frame is None:
            self._say("Select a wrapper or stack first, or a layer in one: it is shown as one box then.")
        elif self.commands.frames.fold(frame.id):
            self.reveal_current()

    def move_in_stack(self, step: int) -> None:
        """Move the selected cell up or down in its stack; where nothing of the kind is selected, look further."""
        current = self.selection.current
        if (
            len(self.selection.everything) == 1
            and current is not None
            and self.commands.frames.movable(current)
        ):
            if not self.commands.frames.step(current, step):
                self._say(f"This cell is the {'first' if step < 0 else 'last'} of its stack already.")
        else:
            self.pan_step(Qt.Key.Key_Up if step < 0 else Qt.Key.Key_Down)

    def call_again(self) -> None:
        """Place a box that calls the current layer once more, with the same weights."""
        current = self.selection.current
        if current is None or self.workspace.document.design.find(current) is None:
            self._say("Select the layer first that is to be called again with the same weights.")
        elif self.commands.frames.call_again(current):
            self.reveal_current()

    def make_own(self) -> None:
        """Give the selected call of a layer weights of its own."""
        current = self.selection.current
        if current is None or self.workspace.document.design.find(current) is None:
            self._say(
                "Select a further call of a layer first, a box with ↺; it gets weights of its own then."
            )
        else:
            self.commands.frames.make_own(current)

    def start_from_states(self) -> None:
        """Offer the layers whose last states the current layer could start from."""
        current = self.selection.current
        design = self.workspace.document.design
        if current is None or design.find(current) is None:
            self._say("Select the recurrent layer first that is to start from another one's states.")
            return
        sources = self.commands.frames.state_sources(current)
        if not sources:
            name = design.top(current).name
            self._say(
                f"No layer hands on states that ‘{name}’ could start from. Add one of the same kind before it."
            )
            return
        made = QMenu(self)
        for each in sources:
            add(made, called(each), partial(self.commands.frames.connect_states, each.id, current))
        self.pop_up(made, self.mapFromScene(self.chosen_rect().bottomLeft()))

    # The keyboard's twins of drags

    def insert_layer(self) -> None:
        """Offer layers to put into the selected wire, or on the canvas where no wire is selected."""
        link = self.selected_link
        at = self.chosen_rect().center()
        if link is not None:
            at = self.canvas_scene.item_for_link[link].path.pointAtPercent(0.5)
        elif self.selection.ids:
            at = self.chosen_rect().bottomLeft() + QPointF(92.0, 80.0)
        self.overlays.ask_for_layer(at, None, link)

    def put_inside(self) -> None:
        """Offer the wrappers that the current layer could go into."""
        current = self.selection.current
        if current is None or self.workspace.document.design.find(current) is None:
            self.workspace.document.refused.emit("Select the layer first that is to go into a wrapper.")
            return
        made = QMenu(self)
        self.offer_wrapping(made, current)
        if made.isEmpty():
            made.deleteLater()
            self.workspace.document.refused.emit("No wrapper takes this layer, and it is in none.")
            return
        self.pop_up(made, self.mapFromScene(self.chosen_rect().bottomLeft()))

    def pop_up(self, made: QMenu, at: QPoint) -> None:
        """Open a menu at a point of the viewport; it goes when it is closed."""
        made.aboutToHide.connect(made.deleteLater)
        made.popup(self.viewport().mapToGlobal(at))
        if made.actions():
            made.setActiveAction(made.actions()[0])

    def pan_step(self, key: Qt.Key) -> None:
        """Look a step further in the direction of an arrow key."""
        self._touched = True
        steps = {
            Qt.Key.Key_Left: (60, 0),
            Qt.Key.Key_Right: (-60, 0),
            Qt.Key.Key_Up: (0, 60),
            Qt.Key.Key_Down: (0, -60),
        }
        self.pan_by(QPoint(*steps[key]))
