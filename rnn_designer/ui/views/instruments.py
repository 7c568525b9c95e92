"""The pages of a scope: the heat maps of states, and every other view, made when it is first wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.scopes.state import SharedChoices
from rnn_designer.ui.views import STATES, view_class

if TYPE_CHECKING:
    from rnn_designer.ui.views.view import View


class Instruments(QStackedWidget):
    """Shows one view at a time, always of the same layer.

    Signals:
        noticed(sentence): something that the user should read.
        unit_wanted(unit, side): all about a unit of the layer is wanted.
    """

    noticed = Signal(str)
    unit_wanted = Signal(int, str)

    def __init__(
        self, workspace: Workspace, shared: SharedChoices, states: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._shared = shared
        self._views: dict[str, View] = {}
        self._layer_id = ""
        self.name = STATES
        self._states = states
        self.addWidget(states)
        # A click on an empty place is enough for the keys of the scopes to count.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    @property
    def view(self) -> View | None:
        """The view in front; None for the states, which the scope draws itself."""
        return self._views.get(self.name)

    def show_view(self, name: str) -> None:
        """Bring a view to the front, by a key of ``views.TITLES``."""
        if name != STATES and name not in self._views:
            made = view_class(name)(self._workspace, self._shared, self)
            made.noticed.connect(self.noticed)
            made.unit_wanted.connect(self.unit_wanted)
            self._views[name] = made
            self.addWidget(made)
        self.name = name
        view = self.view
        self.setCurrentWidget(view if view is not None else self._states)
        if view is not None:
            view.show_layer(self._layer_id)

    def show_layer(self, layer_id: str) -> None:
        """Show another layer in the view in front; empty for none."""
        self._layer_id = layer_id
        if self.view is not None:
            self.view.show_layer(layer_id)
