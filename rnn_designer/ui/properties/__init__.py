"""The property form: generated from the catalog for whatever is selected, updated in place, never rebuilt under a hand."""

from rnn_designer.ui.properties.panel import Properties

__all__ = ["Properties"]
