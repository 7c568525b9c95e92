"""The picture of ``trace --plot``: what is in it, and that no numbers break it."""

from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QImage

from rnn_designer.design import Design
from rnn_designer.messages import Trace
from rnn_designer.ui.figure import WIDTH, blocks, picture


def traced(**arrays: Any) -> Trace:
    return Trace(1, {name.replace("__", "/"): np.asarray(array) for name, array in arrays.items()}, {}, 0.1)


def test_that_inputs_come_first_then_layers_with_states() -> None:
    steps = np.zeros((2, 6, 3), "float32")
    trace = traced(
        memory__result=steps,
        memory__output=steps,
        memory__state__h=steps,
        memory__state__c=steps,
        memory__gate__input=steps,
        memory__gate__candidate=steps,
        series__input=steps,
        both__backward__state__h=steps,
        forecast__result=steps,
    )
    found = list(blocks(trace))
    assert [block.title for block in found] == ["series", "memory", "both/backward"]
    assert [track.symbol for track in found[1].tracks] == ["h", "c", "i", "g"]
    assert [track.magnitude for track in found[1].tracks] == [False, False, True, False]


def test_that_a_gate_below_zero_is_drawn_around_zero() -> None:
    block = next(blocks(traced(memory__gate__input=np.full((1, 4, 2), -0.5))))
    assert not block.tracks[0].magnitude


@pytest.mark.parametrize(
    "states",
    [
        np.zeros((1, 5, 2)),
        np.full((1, 5, 2), np.nan),
        np.full((1, 5, 2), np.inf),
        np.full((1, 1, 1), 1e38),
        np.zeros((1, 5, 0)),
        np.zeros((1, 3, 2, 2, 4)),
        np.random.default_rng(0).normal(size=(1, 3000, 512)),
    ],
    ids=["zeros", "nan", "infinite", "huge", "empty", "images", "large"],
)
def test_that_any_numbers_make_a_picture(qapp: object, states: Any) -> None:
    trace = traced(series__input=states[..., :1], memory__state__h=states, memory__gate__forget=states)
    image = QImage.fromData(picture(Design("any"), trace))
    assert image.width() == WIDTH
    assert image.height() > 60


def test_that_many_layers_do_not_make_it_endless(qapp: object) -> None:
    many = {f"layer_{number}__state__h": np.zeros((1, 4, 64)) for number in range(300)}
    assert QImage.fromData(picture(Design("many"), traced(**many))).height() <= 16_000
