"""Everything that crosses the border to the worker and the reader, as typed messages.

``rnn_designer.framing`` turns them into bytes and back. It reads the annotations here: a new field needs a
type that it knows, arrays are float32, int32, int64, bool or uint8. No pickle in either direction.
"""

from __future__ import annotations

from typing import TypeAlias

from rnn_designer.messages.models import (
    Analyse,
    Analysis,
    Build,
    Built,
    Cancel,
    Describe,
    Description,
    Failure,
    Generate,
    Hello,
    Progress,
    Run,
    Saved,
    SaveWeights,
    Trace,
)
from rnn_designer.messages.parts import Array, PlannedLayer
from rnn_designer.messages.tables import ModelRead, ReadModel, ReadTable, Table
from rnn_designer.messages.training import (
    Evaluate,
    Evaluated,
    Steer,
    Train,
    Trained,
    TrainEpoch,
    TrainStep,
)

Message: TypeAlias = (
    Hello
    | Build
    | Built
    | Run
    | Generate
    | Analyse
    | Analysis
    | Trace
    | Progress
    | Failure
    | Cancel
    | SaveWeights
    | Saved
    | Train
    | Steer
    | TrainStep
    | TrainEpoch
    | Trained
    | Evaluate
    | Evaluated
    | Describe
    | Description
    | ReadTable
    | Table
    | ReadModel
    | ModelRead
)

__all__ = [
    "Analyse",
    "Analysis",
    "Array",
    "Build",
    "Built",
    "Cancel",
    "Describe",
    "Description",
    "Evaluate",
    "Evaluated",
    "Failure",
    "Generate",
    "Hello",
    "Message",
    "ModelRead",
    "PlannedLayer",
    "Progress",
    "ReadModel",
    "ReadTable",
    "Run",
    "SaveWeights",
    "Saved",
    "Steer",
    "Table",
    "Trace",
    "Train",
    "TrainEpoch",
    "TrainStep",
    "Trained",
]
