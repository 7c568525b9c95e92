"""What the user drew: the design as a value, the edits that change it, its history, checks and files."""

from rnn_designer.design import edits, files
from rnn_designer.design.checking import check
from rnn_designer.design.checking.advice import connection_advice
from rnn_designer.design.edits import connection_refusal, copy, new_ids, new_layer, unique_name
from rnn_designer.design.history import History
from rnn_designer.design.model import (
    COLORS,
    DataSource,
    Design,
    Generation,
    Group,
    Layer,
    Link,
    Note,
    Position,
    new_id,
)
from rnn_designer.design.problems import Checked, Fix, PortRef, Problem, Severity
from rnn_designer.design.refusal import Edit, Refused

__all__ = [
    "COLORS",
    "Checked",
    "DataSource",
    "Design",
    "Edit",
    "Fix",
    "Generation",
    "Group",
    "History",
    "Layer",
    "Link",
    "Note",
    "PortRef",
    "Position",
    "Problem",
    "Refused",
    "Severity",
    "check",
    "connection_advice",
    "connection_refusal",
    "copy",
    "edits",
    "files",
    "new_id",
    "new_ids",
    "new_layer",
    "unique_name",
]
