"""The Data panel: where each Input's samples come from, how they are cut into a batch, and what they look like."""

from rnn_designer.ui.data.panel import DataPanel

__all__ = ["DataPanel"]
