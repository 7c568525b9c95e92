"""The line above a scope that says whether dropout acts on what it draws, with the buttons that change it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from rnn_designer.design import Layer
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui import training_only
from rnn_designer.ui.widgets.labels import ElidedLabel


class TrainingNote(QWidget):
    """Says it of one layer; hidden where there is nothing to say."""

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._label = ElidedLabel(parent=self)
        self.turn = self._button("", "Show the design as in training or as in prediction (Shift+T)")
        self.draw = self._button("New draw", "Other random numbers for dropout and noise (Ctrl+Shift+T)")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 2, 8, 0)
        row.setSpacing(2)
        # The buttons follow the sentence, which gives way first.
        row.addWidget(self._label, 1)
        row.addWidget(self.draw)
        row.addWidget(self.turn)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.turn.clicked.connect(self._turn)
        self.draw.clicked.connect(workspace.live.training.new_draw)
        self.hide()

    def _button(self, words: str, tip: str) -> QPushButton:
        button = QPushButton(words, self)
        button.setProperty("role", "recent")
        button.setToolTip(tip)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    @property
    def text(self) -> str:
        """The sentence; empty while it is hidden."""
        return "" if self.isHidden() else self._label.whole_text()

    def show_layer(self, layer: Layer | None) -> None:
        """Say it of this layer; nothing of none."""
        live = self._workspace.live
        on = training_only.acting(live)
        words = "" if layer is None else training_only.note(layer, on, live.training.draw)
        self._label.show_text(words)
        self._label.setToolTip(words)
        self.turn.setText("Switch off" if on else "Switch on")
        generating = self._workspace.document.design.generation is not None
        self.turn.setVisible(not generating)
        self.draw.setVisible(on and layer is not None and training_only.draws(layer.walk()))
        self.setVisible(bool(words))

    def _turn(self) -> None:
        live = self._workspace.live
        live.training.set_active(not training_only.acting(live))
