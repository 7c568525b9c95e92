"""The scopes: what the layers computed, over time. One picture per layer, one time cursor for all.

Nothing here imports NumPy before the first trace arrives.
"""

from rnn_designer.ui.scopes.docks import ScopeDock, ScopeDocks
from rnn_designer.ui.scopes.panel import Scopes

__all__ = ["ScopeDock", "ScopeDocks", "Scopes"]
