"""The check of the open design, kept up to date: one check per change, whoever asks."""

from PySide6.QtCore import QObject, Signal

from rnn_designer.design import Checked, Design, check
from rnn_designer.session.document import Document


class Checks(QObject):
    """Shapes and problems of the document's design.

    Make it before anything that reads it: it then hears of a change first, and :attr:`checked` fits the
    design
    in every other slot of :attr:`Document.changed`.

    Signals:
        changed(checked): the design is another one, and this is its check.
    """

    changed = Signal(object)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._checked = check(document.design)
        document.changed.connect(self._check)

    @property
    def checked(self) -> Checked:
        """The current design with everything that follows from it before anything runs."""
        return self._checked

    def _check(self, _old: Design, new: Design) -> None:
        self._checked = check(new)
        self.changed.emit(self._checked)
