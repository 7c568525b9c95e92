"""What is asked of the reader about data files, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rnn_designer.messages.parts import Array


@dataclass(frozen=True)
class ReadTable:
    """To the reader: read a data file.

    Attributes:
        run: the answer carries it; so do the Progress messages before it.
        path: absolute path of a data file.
        columns: names or numbers of the columns wanted; empty for every numeric one.
        options: how to read it, by name: ``kind``, ``separator``, ``member`` … (``sequences.read_table``).
        rows: how many rows from the beginning, for a preview; 0 for all.
    """

    run: int
    path: str
    columns: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    rows: int = 0


@dataclass(frozen=True)
class Table:
    """From the reader: a data file, or the beginning of one.

    Attributes:
        values: ``(steps, features)``, or ``(samples, steps, features)`` from a three-axis array.
        columns: the names of the features in ``values``.
        available: the names of every numeric column in the file.
        remarks: what was noticed on the way: the separator, gaps, skipped columns; a sentence each.
        facts: what was found out and can be changed, by name: ``separator``, ``encoding``, ``member`` …
        total: how many rows or samples the whole file has; None if they were not counted.
        vocabulary: the token of every id of a text, from 0.
        counts: how often each of them occurs, as digits.
        members: the arrays in an NPZ file.
    """

    run: int
    values: Array
    columns: tuple[str, ...]
    available: tuple[str, ...]
    remarks: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)
    total: int | None = None
    vocabulary: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReadModel:
    """To the reader: read a model file of Keras.

    Attributes:
        run: the answer carries it.
        path: absolute path of a ``.keras`` or ``.h5`` file, or of the JSON of ``model.to_json()``.
    """

    run: int
    path: str


@dataclass(frozen=True)
class ModelRead:
    """From the reader: a model file as a design.

    Attributes:
        run: of the request.
        design: the text of a design file.
        weights: by the design's keys, ``<layer id>/<weight>``; empty if the file has none.
        remarks: what did not come, or came otherwise, a sentence each.
    """

    run: int
    design: str
    weights: Mapping[str, Array] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()
