"""Edits of what only the canvas shows: notes, colours and groups. The model is the same before and after."""

import math
from collections.abc import Iterable
from dataclasses import replace

from rnn_designer.design.edits.layers import found
from rnn_designer.design.groups import without_members
from rnn_designer.design.model import COLORS, Design, Group, Note, Position, new_id
from rnn_designer.design.naming import text_fault
from rnn_designer.design.refusal import Edit, Refused

SMALLEST_NOTE: Position = (96.0, 48.0)
LARGEST_NOTE: Position = (2000.0, 2000.0)
LONGEST_NOTE = 10_000
LONGEST_TITLE = 200


def add_note(note: Note) -> Edit:
    """Put a note on the canvas."""

    def edit(design: Design) -> Design:
        if note.id in _ids(design):
            raise Refused("That note is on the canvas already. Duplicate it instead.")
        _require_text(note.text)
        return replace(design, canvas_notes=(*design.canvas_notes, replace(note, size=_fitting(note.size))))

    return edit


def set_note_text(note_id: str, text: str) -> Edit:
    """Write something else on a note."""

    def edit(design: Design) -> Design:
        note = _note(design, note_id)
        _require_text(text)
        return _with_note(design, replace(note, text=text))

    return edit


def resize_note(note_id: str, size: Position) -> Edit:
    """Give a note another width and height in scene units, within sensible limits."""

    def edit(design: Design) -> Design:
        return _with_note(design, replace(_note(design, note_id), size=_fitting(size)))

    return edit


def set_color(ids: Iterable[str], color: str | None) -> Edit:
    """Mark layers, notes and groups with one of the named colours; None takes the mark away."""
    wanted = tuple(ids)

    def edit(design: Design) -> Design:
        if color is not None and color not in COLORS:
            raise Refused(f"There is no colour called “{color}”. Choose one of {', '.join(COLORS)}.")
        for each in wanted:
            note, group = design.note(each), design.group(each)
            if note is not None:
                design = _with_note(design, replace(note, color=color))
            elif group is not None:
                design = _with_group(design, replace(group, color=color))
            else:
                design = design.replacing(replace(found(design, each), color=color))
        return design

    return edit


def group(members: Iterable[str], name: str = "Group") -> Edit:
    """Put layers and notes under one title; those that were in another group leave it.

    Args:
        members: layers, wrapped ones standing for what is on the canvas, and notes.
        name: the title.
    """
    wanted = tuple(members)
    group_id = new_id()

    def edit(design: Design) -> Design:
        _require_title(name)
        chosen = dict.fromkeys(
            each if design.note(each) is not None else design.top(found(design, each).id).id
            for each in wanted
        )
        if not chosen:
            raise Refused("A group needs boxes or notes. Select some first.")
        others = without_members(design.groups, chosen.keys())
        return replace(design, groups=(*others, Group(group_id, name.strip(), tuple(chosen))))

    return edit


def ungroup(group_id: str) -> Edit:
    """Take a title away; its boxes and notes stay where they are."""

    def edit(design: Design) -> Design:
        gone = _group(design, group_id)
        return replace(design, groups=tuple(each for each in design.groups if each != gone))

    return edit


def rename_group(group_id: str, name: str) -> Edit:
    """Give a group another title."""

    def edit(design: Design) -> Design:
        _require_title(name)
        return _with_group(design, replace(_group(design, group_id), name=name.strip()))

    return edit


def collapse(group_id: str, collapsed: bool = True) -> Edit:
    """Show one box in the stead of a group's members, or of the layers in a wrapper or stack; or show them again."""

    def edit(design: Design) -> Design:
        layer = design.find(group_id)
        if layer is not None:
            if not layer.type.slots:
                raise Refused(
                    f"{layer.kind} ‘{layer.name}’ holds no other layers, so there is nothing to collapse."
                )
            return design.replacing(replace(layer, collapsed=collapsed))
        return _with_group(design, replace(_group(design, group_id), collapsed=collapsed))

    return edit


def _ids(design: Design) -> set[str]:
    layers = {layer.id for layer in design.walk()}
    return layers | {note.id for note in design.canvas_notes} | {each.id for each in design.groups}


def _note(design: Design, note_id: str) -> Note:
    note = design.note(note_id)
    if note is None:
        raise Refused("That note is not on the canvas any more.")
    return note


def _group(design: Design, group_id: str) -> Group:
    found_group = design.group(group_id)
    if found_group is None:
        raise Refused("That group is not in the design any more.")
    return found_group


def _with_note(design: Design, note: Note) -> Design:
    return replace(
        design, canvas_notes=tuple(note if each.id == note.id else each for each in design.canvas_notes)
    )


def _with_group(design: Design, new: Group) -> Design:
    return replace(design, groups=tuple(new if each.id == new.id else each for each in design.groups))


def _fitting(size: Position) -> Position:
    if not all(math.isfinite(each) for each in size):
        raise Refused(f"Expected a width and a height, got {size}. Resize the note again.")
    width, height = (
        min(max(float(each), least), most)
        for each, least, most in zip(size, SMALLEST_NOTE, LARGEST_NOTE, strict=True)
    )
    return (width, height)


def _require_text(text: str) -> None:
    if len(text) > LONGEST_NOTE:
        raise Refused(f"A note holds up to {LONGEST_NOTE} characters, got {len(text)}. Shorten it.")
    if any(text_fault(line.replace("\t", " ")) for line in text.split("\n")):
        raise Refused("A note may hold only printable characters. Type it again.")


def _require_title(name: str) -> None:
    if not name.strip() or len(name) > LONGEST_TITLE or text_fault(name):
        raise Refused(f"A group's title is one line of 1 to {LONGEST_TITLE} characters. Type one.")
