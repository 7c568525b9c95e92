"""How groups follow when their members are removed, exchanged or joined by others."""

from collections.abc import Collection
from dataclasses import replace

from rnn_designer.design.model import Group


def without_members(groups: tuple[Group, ...], gone: Collection[str]) -> tuple[Group, ...]:
    """The groups without some members; one that is empty then goes as well."""
    kept = (_with(each, tuple(member for member in each.members if member not in gone)) for each in groups)
    return tuple(each for each in kept if each.members)


def exchanged(groups: tuple[Group, ...], old: str, new: str) -> tuple[Group, ...]:
    """The groups with one member in the place of another, as when a layer is wrapped."""
    return tuple(
        _with(each, tuple(new if member == old else member for member in each.members)) for each in groups
    )


def joined(groups: tuple[Group, ...], member: str, *neighbours: str) -> tuple[Group, ...]:
    """The groups, with a member of none taken into the group that all its neighbours are in."""
    if any(member in each.members for each in groups):
        return groups
    return tuple(
        _with(each, (*each.members, member)) if set(neighbours) <= set(each.members) else each
        for each in groups
    )


def _with(group: Group, members: tuple[str, ...]) -> Group:
    return group if members == group.members else replace(group, members=members)
