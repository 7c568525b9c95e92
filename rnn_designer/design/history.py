"""Undo and redo as labelled snapshots of the design, which are cheap because designs share what did not change."""

from dataclasses import dataclass

from rnn_designer.design.model import Design

LIMIT = 1_000
"""How many steps back the history reaches."""


@dataclass(frozen=True)
class _Step:
    """One undoable change: what it is called, and the design that it led to."""

    label: str
    merge: str | None
    design: Design


class History:
    """The current design, the steps that led to it, and those that were undone.

    Args:
        design: where the history starts.
        saved: whether a file already holds that design.
        limit: how many steps are kept; older ones are forgotten and cannot be undone any more.
    """

    def __init__(self, design: Design, saved: bool = True, limit: int = LIMIT) -> None:
        if limit < 1:
            raise ValueError(f"Expected room for at least one step, got {limit}.")
        self._start = design
        self._steps: list[_Step] = []
        self._at = 0
        self._limit = limit
        self._sealed = True
        # The number of steps behind the saved design; None where no state that can still be reached is saved.
        self._saved_at: int | None = 0 if saved else None

    @property
    def current(self) -> Design:
        """The design as it is now."""
        return self._steps[self._at - 1].design if self._at else self._start

    @property
    def undo_label(self) -> str | None:
        """What the next undo takes back; None at the start."""
        return self._steps[self._at - 1].label if self._at else None

    @property
    def redo_label(self) -> str | None:
        """What the next redo brings back; None at the end."""
        return self._steps[self._at].label if self._at < len(self._steps) else None

    @property
    def steps(self) -> tuple[str, ...]:
        """The labels of all steps, undone ones included, oldest first."""
        return tuple(step.label for step in self._steps)

    @property
    def position(self) -> int:
        """How many of :attr:`steps` are in effect."""
        return self._at

    @property
    def at_saved_mark(self) -> bool:
        """Whether the current design is the one that was saved last."""
        return self._saved_at == self._at

    def push(self, new: Design, label: str, merge: str | None = None) -> Design:
        """Make ``new`` the current design, as a step of its own or merged into the last one.

        Args:
            new: the design to go to.
            label: what the undo menu says.
            merge: a step with the same key as the one before, with nothing in between, becomes part of it.

        Returns:
            The current design.
        """
        if self._at < len(self._steps):
            del self._steps[self._at :]
            if self._saved_at is not None and self._saved_at > self._at:
                self._saved_at = None
        # A saved design must stay reachable, so nothing merges over it.
        joins = (
            merge is not None
            and not self._sealed
            and self._at > 0
            and self._steps[-1].merge == merge
            and self._saved_at != self._at
        )
        if joins:
            self._steps[-1] = _Step(self._steps[-1].label, merge, new)
            return self.current
        self._steps.append(_Step(label, merge, new))
        self._at += 1
        self._sealed = False
        if len(self._steps) > self._limit:
            self._forget_oldest()
        return self.current

    def undo(self) -> Design:
        """Go back one step (none at the start) and return the design there."""
        if self._at:
            self._at -= 1
        self._sealed = True
        return self.current

    def redo(self) -> Design:
        """Go forward one step (none at the end) and return the design there."""
        if self._at < len(self._steps):
            self._at += 1
        self._sealed = True
        return self.current

    def go_to(self, position: int) -> Design:
        """Undo or redo until ``position`` steps are in effect, as far as there are that many; the design there."""
        self._at = max(0, min(position, len(self._steps)))
        self._sealed = True
        return self.current

    def mark_saved(self) -> None:
        """The current design is what the file holds."""
        self._saved_at = self._at

    def seal(self) -> None:
        """End the current merge: the next push is a step of its own, whatever its key."""
        self._sealed = True

    def _forget_oldest(self) -> None:
        self._start = self._steps.pop(0).design
        self._at -= 1
        if self._saved_at is not None:
            self._saved_at = self._saved_at - 1 if self._saved_at else None
