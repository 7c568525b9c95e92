"""The open design: the one place where it changes, and the one signal that says so."""

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from rnn_designer.design import Design, Edit, History, Refused


class Document(QObject):
    """Holds the current :class:`Design`, its history and its file.

    Everything that changes the design (a gesture, a form, undo, opening a file) ends in :meth:`apply`,
    :meth:`undo`, :meth:`redo` or :meth:`reset`, and each emits :attr:`changed` once. Views reconcile
    themselves with the new
    value; none of them keeps a copy to write back.

    Signals:
        changed(old, new): the design is another value now.
        refused(sentence): an edit was not possible; nothing changed.
        file_changed(): the path or the saved mark is another.
    """

    changed = Signal(object, object)
    refused = Signal(str)
    file_changed = Signal()

    def __init__(self, design: Design | None = None, path: Path | None = None) -> None:
        super().__init__()
        self._history = History(design or Design())
        self._path = path
        self._touched = False

    @property
    def design(self) -> Design:
        """The current design."""
        return self._history.current

    @property
    def history(self) -> History:
        """The labelled designs before and after this one."""
        return self._history

    @property
    def path(self) -> Path | None:
        """The design's file; None until it is saved for the first time."""
        return self._path

    @property
    def modified(self) -> bool:
        """Whether the design, or what belongs to it, differs from what the file holds."""
        return self._touched or not self._history.at_saved_mark

    def apply(self, edit: Edit, label: str, merge: str | None = None) -> bool:
        """Apply a pure edit as one named undo step.

        Args:
            edit: from one design to the next; it raises :class:`Refused` when it cannot.
            label: what the undo menu says: "Move LSTM", "Set units".
            merge: edits that follow one another with the same key become one step (typing, dragging a
            number).

        Returns:
            Whether the design changed. When the edit is refused, :attr:`refused` carries the sentence.
        """
        old = self.design
        try:
            new = edit(old)
        except Refused as refusal:
            self.refused.emit(str(refusal))
            return False
        if new == old:
            return False
        self._show(old, self._history.push(new, label, merge))
        return True

    def undo(self) -> None:
        """Go back one step; nothing happens at the start."""
        if self._history.undo_label is not None:
            self._show(self.design, self._history.undo())

    def redo(self) -> None:
        """Go forward one step; nothing happens at the end."""
        if self._history.redo_label is not None:
            self._show(self.design, self._history.redo())

    def go_to(self, position: int) -> None:
        """Undo or redo until that many steps of the history are in effect, as one change."""
        if position != self._history.position:
            self._show(self.design, self._history.go_to(position))

    def reset(self, design: Design, path: Path | None, *, saved: bool = True) -> None:
        """Replace everything, as opening a file does: new design, new history."""
        old = self.design
        self._history = History(design, saved=saved)
        self._path = path
        self._touched = False
        self.changed.emit(old, design)
        self.file_changed.emit()

    def seal(self) -> None:
        """End the current merge: the next edit is a step of its own, whatever its key."""
        self._history.seal()

    def touch(self) -> None:
        """What is saved beside the design has changed, such as its weights: it has to be saved again."""
        if not self._touched:
            self._touched = True
            self.file_changed.emit()

    def mark_saved(self, path: Path) -> None:
        """The current design is what the file at ``path`` holds."""
        self._path = path
        self._touched = False
        self._history.mark_saved()
        self.file_changed.emit()

    def _show(self, old: Design, new: Design) -> None:
        self.changed.emit(old, new)
        self.file_changed.emit()
