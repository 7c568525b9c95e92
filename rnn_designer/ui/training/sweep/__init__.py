"""Sweeps: which settings vary, what came of each trial in parallel coordinates and in a ranked table."""

from rnn_designer.ui.training.sweep.panel import SweepPanel

__all__ = ["SweepPanel"]
