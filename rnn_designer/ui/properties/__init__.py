"""The property form: generated from the catalog, updated in place, never rebuilt under a hand."""

from rnn_designer.ui.properties.panel import Properties

__all__ = ["Properties"]
