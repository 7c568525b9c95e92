"""Sample data: files and generators as arrays ``(batch, time, features)``. No Qt and nothing of the design here."""

from rnn_designer.sequences.problem import DataProblem

__all__ = ["DataProblem"]
