"""Sample data: files and generators as arrays ``(batch, time, features)``.

No Qt, and nothing of the design, is known here. NumPy and polars are imported when the first array is made.
"""

from rnn_designer.sequences.cutting import NORMALIZATIONS, Fitted, cut, fit_generated, fit_series, normalized
from rnn_designer.sequences.generators import GENERATORS, Generator, Option, generate
from rnn_designer.sequences.problem import DataProblem
from rnn_designer.sequences.tables import SUFFIXES, SeriesTable, read_table

__all__ = [
    "GENERATORS",
    "NORMALIZATIONS",
    "SUFFIXES",
    "DataProblem",
    "Fitted",
    "Generator",
    "Option",
    "SeriesTable",
    "cut",
    "fit_generated",
    "fit_series",
    "generate",
    "normalized",
    "read_table",
]
