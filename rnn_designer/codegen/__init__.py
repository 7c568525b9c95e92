"""From a checked design to Keras Python, and which layer wrote which line. No Qt and no Keras here."""

from rnn_designer.codegen.allowed import allowed_names, called_names
from rnn_designer.codegen.errors import NotExportable
from rnn_designer.codegen.formatting import formatted
from rnn_designer.codegen.graph import Planned, planned, runnable_part
from rnn_designer.codegen.names import keras_names
from rnn_designer.codegen.program import Style, generate
from rnn_designer.codegen.source import Source

__all__ = [
    "NotExportable",
    "Planned",
    "Source",
    "Style",
    "allowed_names",
    "called_names",
    "formatted",
    "generate",
    "keras_names",
    "planned",
    "runnable_part",
]
