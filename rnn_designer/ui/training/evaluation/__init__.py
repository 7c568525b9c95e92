"""How good the model is on samples it never learned from: pictures, with a baseline beside each."""

from rnn_designer.ui.training.evaluation.panel import EvaluatePanel

__all__ = ["EvaluatePanel"]
