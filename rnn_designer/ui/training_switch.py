"""The switch in the top bar that lets dropout and noise act as in training, there only for designs that have some."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QWidget

from rnn_designer.design.training import acts_in_training, can_show_training
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.icons import icon
from rnn_designer.ui.theme import keeper
from rnn_designer.ui.training_only import draws, subject

_OFF = "{}: off, as in prediction. Click to watch the design as in training (Shift+T)"
_ON = "{}: on, as in training. Click to watch what predict() gives (Shift+T)"
_GENERATING = (
    "A design that goes on by itself always does so as in prediction. Switch Generate off first (Shift+L)"
)


class TrainingSwitch(QWidget):
    """A button that is down in training, and beside it one for another draw while it is."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self.button = QPushButton(self)
        self.button.setProperty("role", "mode")
        self.button.setCheckable(True)
        self.button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.draw = QToolButton(self)
        self.draw.setIconSize(QSize(17, 17))
        self.draw.setToolTip("New draw: other random numbers for dropout and noise (Ctrl+Shift+T)")
        self.draw.setAccessibleName("New draw")
        self.draw.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        row.addWidget(self.button)
        row.addWidget(self.draw)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        mode = workspace.live.training
        self.button.clicked.connect(mode.set_active)
        self.draw.clicked.connect(mode.new_draw)
        mode.changed.connect(self.refresh)
        workspace.document.changed.connect(self.refresh)
        keeper().changed.connect(self._dress)
        self._dress()
        self.refresh()

    def refresh(self, *_: object) -> None:
        """Show the mode, and whether this design has anything that acts in it."""
        design = self._workspace.document.design
        acting = [each for each in design.walk() if acts_in_training(each)]
        possible = can_show_training(design)
        on = possible and self._workspace.live.training.active
        name = subject(acting)
        self.button.setEnabled(possible)
        self.button.setChecked(on)
        self.button.setText(f"{name} {'on' if on else 'off'}")
        self.button.setToolTip((_ON if on else _OFF).format(name) if possible else _GENERATING)
        self.button.setAccessibleName(f"{name} as in training")
        self.button.setAccessibleDescription("on" if on else "off")
        self.draw.setVisible(on and draws(acting))
        self.setVisible(bool(acting))

    def _dress(self) -> None:
        self.draw.setIcon(icon("dice"))
