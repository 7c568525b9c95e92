"""The learning rate that the Train panel draws is Keras' own, for every schedule and at every batch."""

import keras
import pytest

from rnn_designer.catalog import FrozenMap, Part
from rnn_designer.catalog.parts import parts
from rnn_designer.ui.training.schedule_curve import rate_at

CASES = [
    ("ExponentialDecay", {"decay_steps": 7, "decay_rate": 0.8}),
    ("ExponentialDecay", {"decay_steps": 7, "decay_rate": 0.8, "staircase": True}),
    ("InverseTimeDecay", {"decay_steps": 5, "decay_rate": 0.5}),
    ("InverseTimeDecay", {"decay_steps": 5, "decay_rate": 0.5, "staircase": True}),
    ("PolynomialDecay", {"decay_steps": 9, "power": 2.0}),
    ("PolynomialDecay", {"decay_steps": 9, "end_learning_rate": 0.01, "cycle": True}),
    ("CosineDecay", {"decay_steps": 11, "alpha": 0.1}),
    ("CosineDecay", {"decay_steps": 11, "warmup_steps": 4, "warmup_target": 0.3}),
    ("CosineDecayRestarts", {"first_decay_steps": 4, "t_mul": 2.0, "m_mul": 0.5}),
    ("CosineDecayRestarts", {"first_decay_steps": 6, "t_mul": 1.0, "m_mul": 0.9, "alpha": 0.2}),
    ("PiecewiseConstantDecay", {"boundaries": (3, 8), "values": (0.1, 0.05, 0.01)}),
]


@pytest.mark.parametrize(("kind", "given"), CASES)
def test_that_the_drawn_rate_is_that_of_keras(kind: str, given: dict[str, object]) -> None:
    start = 0.1
    arguments = {name: list(each) if isinstance(each, tuple) else each for name, each in given.items()}
    if kind != "PiecewiseConstantDecay":
        arguments["initial_learning_rate"] = start
    schedule = getattr(keras.optimizers.schedules, kind)(**arguments)
    for step in (0, 1, 3, 4, 5, 6, 9, 10, 15, 23):
        drawn = rate_at(Part(kind, FrozenMap(given)), start, step)
        assert drawn == pytest.approx(float(schedule(step)), rel=1e-5, abs=1e-8), step


def test_that_every_schedule_of_the_catalog_is_drawn() -> None:
    assert {kind for kind, _given in CASES} == {each.kind for each in parts("schedules")}
