"""Small widgets over the canvas: they belong to the view, never to the scene."""

from rnn_designer.ui.canvas.overlays.empty_state import EmptyState
from rnn_designer.ui.canvas.overlays.fault_card import FaultCard
from rnn_designer.ui.canvas.overlays.hint import Hint
from rnn_designer.ui.canvas.overlays.minimap import Minimap
from rnn_designer.ui.canvas.overlays.rename_field import RenameField
from rnn_designer.ui.canvas.overlays.search_popup import SearchPopup

__all__ = ["EmptyState", "FaultCard", "Hint", "Minimap", "RenameField", "SearchPopup"]
