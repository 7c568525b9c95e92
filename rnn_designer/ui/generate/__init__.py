"""The Generate panel: the model continues its samples by itself, live."""

from rnn_designer.ui.generate.panel import GeneratePanel

__all__ = ["GeneratePanel"]
