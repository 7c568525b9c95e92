"""What is selected, shared by canvas, outline, properties, code and problems."""

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal

from rnn_designer.design import Problem


class Selection(QObject):
    """The ids of the selected layers, in the order they were chosen; the last one is the current layer.

    Notes and groups, which only canvas and outline know, are selected beside them as marks.

    Signals:
        changed(): another set or another current layer.
        wanted(layer_id): some view asks the canvas to bring the layer into sight (a problem was clicked).
        why_wanted(problem): some view asks for the explanation of a problem; its layer, if it has one, is
            selected by then.
        trust_wanted(layer_id): some view asks for the code of a cell that may not run before it was looked at.
    """

    changed = Signal()
    wanted = Signal(str)
    why_wanted = Signal(object)
    trust_wanted = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ids: tuple[str, ...] = ()
        self._marks: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """The selected layers, in the order they were chosen."""
        return self._ids

    @property
    def marks(self) -> tuple[str, ...]:
        """The selected notes and groups, in the order they were chosen."""
        return self._marks

    @property
    def everything(self) -> tuple[str, ...]:
        """Layers, notes and groups."""
        return (*self._ids, *self._marks)

    @property
    def current(self) -> str | None:
        """The layer that panels show: the one chosen last."""
        return self._ids[-1] if self._ids else None

    def set(self, ids: Iterable[str], marks: Iterable[str] = ()) -> None:
        """Select exactly these layers, notes and groups."""
        new, new_marks = tuple(dict.fromkeys(ids)), tuple(dict.fromkeys(marks))
        if (new, new_marks) != (self._ids, self._marks):
            self._ids, self._marks = new, new_marks
            self.changed.emit()

    def toggle(self, layer_id: str) -> None:
        """Add the layer to the selection, or take it out."""
        if layer_id in self._ids:
            self.set((each for each in self._ids if each != layer_id), self._marks)
        else:
            self.set((*self._ids, layer_id), self._marks)

    def toggle_mark(self, mark_id: str) -> None:
        """Add a note or group to the selection, or take it out."""
        if mark_id in self._marks:
            self.set(self._ids, (each for each in self._marks if each != mark_id))
        else:
            self.set(self._ids, (*self._marks, mark_id))

    def clear(self) -> None:
        """Select nothing."""
        self.set(())

    def keep(self, existing: Iterable[str]) -> None:
        """Drop ids of layers that are gone."""
        there = set(existing)
        self.set((each for each in self._ids if each in there), self._marks)

    def keep_marks(self, existing: Iterable[str]) -> None:
        """Drop ids of notes and groups that are gone."""
        there = set(existing)
        self.set(self._ids, (each for each in self._marks if each in there))

    def reveal(self, layer_id: str) -> None:
        """Select one layer and ask the canvas to show it."""
        self.set((layer_id,))
        self.wanted.emit(layer_id)

    def ask_trust(self, problem: Problem) -> None:
        """Ask for the code behind a problem, and whether it may run."""
        if problem.layer is not None:
            self.trust_wanted.emit(problem.layer)

    def ask_why(self, problem: Problem) -> None:
        """Select a problem's layer and ask for the explanation of the problem."""
        if problem.layer is not None:
            self.set((problem.layer,))
        self.why_wanted.emit(problem)
