"""The numbers of a comparison, against plain loops."""

import math
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_designer.ui.scopes.bands import at_once
from rnn_designer.ui.views.comparing import Difference, difference, of_sample, summarized


def random(*shape: int, seed: int = 0) -> Any:
    return numpy.random.default_rng(seed).normal(size=shape).astype("float32")


def test_that_the_largest_difference_is_found_where_it_is() -> None:
    now, then = random(3, 7, 4), random(3, 7, 4, seed=1)
    found = difference(now, then, 2, 1)
    best, place = -1.0, (0, 0)
    for step in range(7):
        for unit in range(4):
            size = abs(float(now[2, step, unit]) - float(then[1, step, unit]))
            if size > best:
                best, place = size, (step, unit)
    largest = at_once(summarized(found, 3)).largest
    assert largest is not None
    value, step, unit = largest
    assert (step, unit) == place
    assert math.isclose(abs(value), best, rel_tol=1e-6)
    assert math.isclose(value, float(now[2, step, unit] - then[1, step, unit]), rel_tol=1e-6)
    assert found.cut == ""


def test_that_what_only_one_has_is_left_out_and_said() -> None:
    found = difference(random(1, 7, 4), random(1, 5, 8), 0, 0)
    assert found.values.shape == (5, 4)
    assert found.cut == (
        "7 steps now, 5 pinned: the first 5 are compared; 4 units now, 8 pinned: the first 4 are compared"
    )


def test_that_what_is_no_number_is_never_the_largest() -> None:
    now, then = random(1, 3, 2), random(1, 3, 2, seed=1)
    now[0, 1, 1] = numpy.nan
    then[0, 2, 0] = numpy.inf
    found = at_once(summarized(difference(now, then, 0, 0), 9)).largest
    assert found is not None
    assert math.isfinite(found[0])
    assert at_once(summarized(difference(now * numpy.nan, then, 0, 0), 9)).largest is None


@pytest.mark.parametrize(
    ("shape", "expected"), [((2, 5), (1, 5)), ((2, 5, 3), (5, 3)), ((2, 5, 4, 3, 2), (5, 24)), ((2,), (1, 1))]
)
def test_how_a_sample_is_laid_out(shape: tuple[int, ...], expected: tuple[int, int]) -> None:
    array = random(*shape)
    one = of_sample(array, 1)
    assert one.shape == expected
    assert one.ravel().tolist() == numpy.ravel(array[1]).tolist()


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 5), st.integers(1, 90), st.integers(1, 20), st.integers(0, 9))
def test_that_narrowing_never_hides_a_peak(rows: int, columns: int, most: int, seed: int) -> None:
    values = random(rows, columns, seed=seed)
    nothing = numpy.zeros_like(values.T)
    narrow = at_once(summarized(Difference(values.T, nothing), most)).map
    assert narrow.shape == (rows, min(columns, most))
    for row in range(rows):
        assert numpy.abs(narrow[row]).max() == numpy.abs(values[row]).max()
        assert set(narrow[row].tolist()) <= set(values[row].tolist())


def test_that_a_long_run_looked_through_in_parts_gives_what_it_gives_at_once() -> None:
    now, then = random(1, 30_011, 40), random(1, 30_011, 40, seed=1)
    found = difference(now, then, 0, 0)
    told = at_once(summarized(found, 700))
    step, unit = numpy.unravel_index(numpy.abs(found.values).argmax(), found.values.shape)
    assert told.largest == (found.values[step, unit], step, unit)
    edges = numpy.linspace(0, 30_011, 701).astype(int)
    for column in (0, 1, 333, 699):
        part = found.values[edges[column] : edges[column + 1]]
        assert numpy.abs(told.map[:, column]).tolist() == numpy.abs(part).max(axis=0).tolist()
