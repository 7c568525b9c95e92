"""Which units of a layer are drawn as lines after a click on one, or after an arrow key."""

from __future__ import annotations

from collections.abc import Sequence

MOST = 8
"""More lines than this cannot be told apart."""


def toggled(units: Sequence[int], unit: int) -> tuple[int, ...]:
    """The units with one more, or without it; the oldest gives way where there would be too many."""
    if unit in units:
        return tuple(each for each in units if each != unit)
    return (*units, unit)[-MOST:]


def moved(
    units: Sequence[int], order: Sequence[int], slots: dict[int, int], rows: int, add: bool
) -> tuple[int, ...]:
    """The units after the one chosen last has moved along the rows, over those that are drawn already.

    Args:
        units: what is drawn.
        order: the units from the top row down.
        slots: the colour of each unit; the one that moves takes its colour along.
        rows: how far down.
        add: whether it stays besides the new one.
    """
    if not units:
        return tuple(order[:1])
    last = max(units, key=lambda unit: slots.get(unit, 0))
    place = list(order).index(last) + rows
    while 0 <= place < len(order) and order[place] in units:
        place += rows
    if not 0 <= place < len(order):
        return tuple(units)
    kept = list(units)
    if not add:
        kept.remove(last)
        slots[order[place]] = slots.pop(last, 0)
    return (*kept, order[place])[-MOST:]
