"""Fixtures for tests with Keras in this process: models that stand, and sequences to feed them."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy
import pytest

from rnn_designer.messages import PlannedLayer

os.environ["KERAS_BACKEND"] = "tensorflow"
# The helpers beside this file are imported by name, whichever way pytest imports the tests.
sys.path.insert(0, str(Path(__file__).parent))

from standing_models import BATCH, FEATURES, MASKED, STEPS, Stand, Standing


@pytest.fixture(scope="session")
def stand() -> Stand:
    """Build a source, draw its weights and make its tracer."""
    from rnn_designer.engine.build import BuiltModel
    from rnn_designer.engine.trace import Tracer

    def make(
        source: str,
        plan: tuple[PlannedLayer, ...],
        *,
        seed: int = 1,
        given: Mapping[str, Any] | None = None,
        private: bool | None = None,
    ) -> Standing:
        built = BuiltModel(source, plan)
        built.fill(given or {}, seed, lambda: None)
        return Standing(built, Tracer(built.model, plan, built.placed, private=private))

    return make


@pytest.fixture(scope="session")
def series() -> numpy.ndarray[Any, Any]:
    """Samples ``(batch, time, features)``: tail, middle and head masked, nothing masked, everything masked."""
    values = numpy.random.default_rng(3).normal(scale=0.5, size=(BATCH, STEPS, FEATURES)).astype("float32")
    values[0, 4:] = MASKED
    values[1, 2:4] = MASKED
    values[2, :2] = MASKED
    values[4, :] = MASKED
    return values
