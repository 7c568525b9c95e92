"""What watching a training costs: beside Keras' own ``fit`` that nobody watches, measured in turn in one run."""

from __future__ import annotations

import time
from typing import Any

import numpy
from pytest_benchmark.fixture import BenchmarkFixture

from rnn_designer.messages import PlannedLayer, Train

SOURCE = """
import keras
from keras import layers

def build_model():
    memory = layers.LSTM(64, name="memory")
    return keras.Sequential([keras.Input((None, 1), name="series"), memory, layers.Dense(1, name="dense")])

def compile_model(model):
    model.compile(optimizer=keras.optimizers.Adam(), loss="mean_squared_error")
"""
PLAN = (
    PlannedLayer("x", "series", "Input"),
    PlannedLayer("m", "memory", "LSTM"),
    PlannedLayer("d", "dense", "Dense"),
)
BATCHES, BATCH, STEPS = 40, 32, 100
ROUNDS, TRIES = 4, 5
LIMIT = 1.25
"""Measured 0.91 to 1.02 on a quiet machine, and 0.70 to 0.88 without the traces, where 1.05 is wanted; the rest is
slack for a busy one."""


def test_that_a_training_with_one_sample_traced_after_every_batch_costs_little_more_than_fit(
    benchmark: BenchmarkFixture,
) -> None:
    from rnn_designer.engine.build import BuiltModel
    from rnn_designer.engine.learning.lessons import Arrays, make_lesson
    from rnn_designer.engine.learning.pupil import Pupil
    from rnn_designer.engine.learning.step import TrainingStep
    from rnn_designer.engine.trace import Tracer

    draws = numpy.random.default_rng(0)
    inputs = {"series": draws.normal(size=(BATCHES * BATCH, STEPS, 1)).astype("float32")}
    targets = {"dense": draws.normal(size=(BATCHES * BATCH, 1)).astype("float32")}
    plain = BuiltModel(SOURCE, PLAN)
    plain.fill({}, 1, lambda: None)
    plain.functions["compile_model"](plain.model)
    pupil = Pupil(Train(1, SOURCE, PLAN, {}, 1, {}, inputs, targets), lambda: None)
    lesson = make_lesson(pupil, Arrays("training", inputs, targets, {}), BATCH)
    pupil.make_ready(lesson.batch(next(lesson.rows())))
    step = TrainingStep(pupil, lesson)
    tracer = Tracer(pupil.model, PLAN, pupil.built.placed)
    sample = {"series": inputs["series"][:1]}

    def fit() -> None:
        plain.model.fit(inputs["series"], targets["dense"], batch_size=BATCH, shuffle=False, verbose=0)

    def watched() -> None:
        for rows in lesson.rows():
            step(rows)
            tracer.run(sample)

    def unwatched() -> None:
        for rows in lesson.rows():
            step(rows)

    ratios: list[tuple[float, float]] = []
    for way in (fit, watched, unwatched):
        way()
    while len(ratios) < TRIES and min((ratio for ratio, _ in ratios), default=2.0) > LIMIT:
        times: dict[Any, list[float]] = {fit: [], watched: [], unwatched: []}
        for _ in range(ROUNDS):
            for way, taken in times.items():
                start = time.perf_counter()
                way()
                taken.append(time.perf_counter() - start)
        least = {way: min(taken) for way, taken in times.items()}
        ratios.append((least[watched] / least[fit], least[unwatched] / least[fit]))
    print(f"per batch: fit {1000 * least[fit] / BATCHES:.1f} ms; of it, traced and not: {ratios}")
    benchmark.pedantic(watched, rounds=1)
    assert min(ratio for ratio, _ in ratios) <= LIMIT
