"""A real workspace on a small forecasting design; what trains it is moved by hand."""

from typing import Any

import pytest
from hand_training import give_training

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import DataSource, Design, Layer, Link


def forecast(units: int = 4) -> Design:
    """A sine, an LSTM and a Dense layer that says the next value at every step."""
    return Design(
        "forecast",
        (
            Layer("in", "Input", "series", FrozenMap(shape=(None, 1))),
            Layer("mem", "LSTM", "memory", FrozenMap(units=units, return_sequences=True)),
            Layer("out", "Dense", "next_value", FrozenMap(units=1)),
        ),
        (Link("in", "mem"), Link("mem", "out")),
        FrozenMap({"in": DataSource("sine", batch_size=3, time_steps=20)}),
    )


@pytest.fixture
def trained(workspace: Any) -> Any:
    """The workspace, with the design open."""
    give_training(workspace)
    workspace.document.reset(forecast(), None)
    return workspace
