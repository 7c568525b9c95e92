"""Where values lie in a chart, its round numbers, and that no peak is lost where points share a pixel."""

import math

import numpy as np
import pytest

from rnn_designer.ui.training.chart import tick_words
from rnn_designer.ui.training.scales import Span, thinned, ticks


def test_that_all_values_lie_within_the_span() -> None:
    span = Span.of([np.array([0.2, 0.9, math.nan]), np.array([0.5])])
    assert 0 <= span.share(0.2) < span.share(0.5) < span.share(0.9) <= 1
    assert math.isnan(span.share(math.nan))


def test_that_one_wild_batch_does_not_flatten_the_others() -> None:
    values = np.concatenate([np.linspace(1.0, 0.5, 400), [5000.0]])
    assert Span.of([values]).high < 10


def test_that_equal_factors_are_equal_distances_on_a_logarithmic_scale() -> None:
    span = Span.of([np.array([0.001, 0.0, -3.0, 10.0])], log=True)
    assert span.share(0.1) - span.share(0.01) == pytest.approx(span.share(1.0) - span.share(0.1))
    assert math.isnan(span.share(0.0))
    assert math.isnan(span.share(-3.0))


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("values", [[], [0.3], [0.3, 0.3], [1e-9, 1e9], [math.nan, math.inf]])
def test_that_any_values_have_ticks_within_the_span(values: list[float], log: bool) -> None:
    span = Span.of([np.array(values)], log=log)
    found = span.ticks(5)
    assert found
    assert all(-1e-9 <= span.share(each) <= 1 + 1e-9 for each in found)


def test_that_epochs_are_marked_by_whole_numbers() -> None:
    assert ticks(5, 10) == [0, 1, 2, 3, 4, 5]
    assert ticks(100, 5) == [0, 20, 40, 60, 80, 100]
    assert ticks(0, 5) == [0]


def test_that_few_points_stay_as_they_are() -> None:
    x, y = np.arange(10.0), np.arange(10.0) ** 2
    got_x, got_y = thinned(x, y, 10, 100)
    assert np.array_equal(got_x, x)
    assert np.array_equal(got_y, y)


def test_that_thinning_keeps_every_peak_and_every_nan() -> None:
    random = np.random.default_rng(3)
    x = np.sort(random.uniform(0, 50, 20_000))
    y = random.normal(size=20_000)
    y[[77, 9000, 19_999]] = 40.0, -40.0, 60.0
    y[12_345] = math.nan
    got_x, got_y = thinned(x, y, 50, 300)
    assert len(got_x) < 1000
    assert np.all(np.diff(got_x) >= 0)
    assert {40.0, -40.0, 60.0} <= set(got_y.tolist())
    assert np.isnan(got_y).any()


def test_that_small_ticks_are_short() -> None:
    assert tick_words([0.00001, 0.2]) == ["1e−5", "0.2"]


def test_that_no_two_ticks_read_alike() -> None:
    assert tick_words([1.102, 1.104, 1.106]) == ["1.102", "1.104", "1.106"]
    assert tick_words([0.0, 0.5, 1.0]) == ["0", "0.5", "1"]
