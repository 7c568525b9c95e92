"""Sample data: files, typed arrays, texts and generators as arrays ``(batch, time, features)``.

No Qt, and nothing of the design, is known here. NumPy and polars are imported when the first array is made.
"""

from rnn_designer.sequences.cutting import (
    NORMALIZATIONS,
    PARTS,
    Fitted,
    bounds,
    cut,
    fit_generated,
    fit_series,
    normalized,
)
from rnn_designer.sequences.dialect import SEPARATORS
from rnn_designer.sequences.generators import GENERATORS, Generator, Option, generate, targets
from rnn_designer.sequences.literals import Pasted, parse
from rnn_designer.sequences.problem import DataProblem
from rnn_designer.sequences.tables import HEAD, SUFFIXES, TEXT_SUFFIXES, Noticed, SeriesTable, read_table
from rnn_designer.sequences.text_blocks import ENCODINGS
from rnn_designer.sequences.typed import array_of, shape_of, values_of
from rnn_designer.sequences.words import DEFAULT_VOCABULARY, LARGEST_VOCABULARY, UNITS, Ids, ids

__all__ = [
    "DEFAULT_VOCABULARY",
    "ENCODINGS",
    "GENERATORS",
    "HEAD",
    "LARGEST_VOCABULARY",
    "NORMALIZATIONS",
    "PARTS",
    "SEPARATORS",
    "SUFFIXES",
    "TEXT_SUFFIXES",
    "UNITS",
    "DataProblem",
    "Fitted",
    "Generator",
    "Ids",
    "Noticed",
    "Option",
    "Pasted",
    "SeriesTable",
    "array_of",
    "bounds",
    "cut",
    "fit_generated",
    "fit_series",
    "generate",
    "ids",
    "normalized",
    "parse",
    "read_table",
    "shape_of",
    "targets",
    "values_of",
]
