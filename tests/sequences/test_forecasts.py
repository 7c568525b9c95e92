"""Figures of forecasts against the same ones worked out by other means."""

import numpy as np
import pytest

from rnn_designer.sequences import DataProblem
from rnn_designer.sequences.forecasts import autocorrelation, compared, histogram, judge, line_of, period


def windows(
    series: np.ndarray, steps: int, stride: int, ahead: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Samples of a series, the value ``ahead`` after each of their steps, and the one after the last."""
    starts = range(0, len(series) - steps - ahead + 1, stride)
    past = np.stack([series[at : at + steps] for at in starts])
    each = np.stack([series[at + ahead : at + ahead + steps] for at in starts])
    return past, each, each[:, -1]


@pytest.fixture
def walk() -> np.ndarray:
    return np.cumsum(np.random.default_rng(0).normal(size=(400, 2)), axis=0) * 50 + 1000


def test_that_errors_are_those_of_the_definitions(walk: np.ndarray) -> None:
    past, _each, after = windows(walk, 20, 1, 3)
    guessed = after + np.random.default_rng(1).normal(2.0, 3.0, after.shape)
    found = judge(after, guessed, learned=after[:100], past=past, ahead=3, stride=1)
    assert found.rmse == pytest.approx(np.linalg.norm(guessed - after) / np.sqrt(after.size))
    assert found.mae == pytest.approx(sum(abs(guessed - after).ravel()) / after.size)
    assert found.bias == pytest.approx(guessed.mean() - after.mean())
    assert found.r2 == pytest.approx(
        1 - ((guessed - after) ** 2).sum() / ((after - after.mean(axis=0)) ** 2).sum()
    )
    assert found.count == after.size
    assert found.targets.shape == found.predictions.shape == after.shape


def test_that_repeating_the_last_value_is_the_last_value_seen(walk: np.ndarray) -> None:
    past, each, after = windows(walk, 20, 5, 3)
    one = judge(after, after + 1.0, learned=after, past=past, ahead=3, stride=5)
    naive = next(found for found in one.baselines if found.name == "last_value")
    assert naive.error == pytest.approx(np.sqrt(np.mean((past[:, -1] - after) ** 2)))
    assert naive.gain == pytest.approx(1 - 1.0 / naive.error)
    many = judge(each, each + 1.0, learned=each, past=past, per_step=True, ahead=3, stride=5)
    naive = next(found for found in many.baselines if found.name == "last_value")
    assert naive.error == pytest.approx(np.sqrt(np.mean((past - each) ** 2)))


def test_that_the_mean_is_that_of_the_training_part(walk: np.ndarray) -> None:
    past, _each, after = windows(walk, 20, 1, 1)
    found = judge(after[300:], after[300:], learned=after[:300], past=past[300:], stride=1)
    mean = next(each for each in found.baselines if each.name == "mean")
    assert mean.error == pytest.approx(np.sqrt(np.mean((after[:300].mean(axis=0) - after[300:]) ** 2)))
    assert found.rmse == 0.0
    assert mean.gain == 1.0


def test_that_a_bad_model_shows(walk: np.ndarray) -> None:
    past, _each, after = windows(walk, 20, 1, 1)
    naive = past[:, -1]
    bad = judge(after, naive + 10 * (naive - after), learned=after, past=past, stride=1)
    assert bad.baselines[0].name == "last_value"
    assert bad.sentence == "Worse than simply repeating the last value: the error is 11 times as large."
    same = judge(after, naive, learned=after, past=past, stride=1)
    assert same.sentence == "No better than repeating the last value."
    good = judge(after, after + 0.63 * (naive - after), learned=after, past=past, stride=1)
    assert good.sentence == "Better than repeating the last value by 37 %."
    assert compared(float("-inf"), "repeating the last value").endswith("which makes no error at all.")


@pytest.mark.parametrize("per_step", [False, True])
@pytest.mark.parametrize(("ahead", "back"), [(1, 12), (12, 12), (13, 24)])
def test_that_the_last_season_is_what_came_whole_periods_before(
    per_step: bool, ahead: int, back: int
) -> None:
    steps = np.arange(600.0)
    noise = np.random.default_rng(3).normal(0, 0.05, 600)
    series = (np.sin(2 * np.pi * steps / 12) + 0.001 * steps + noise)[:, None]
    past, each, after = windows(series, 18, 1, ahead)
    targets = each if per_step else after
    found = judge(targets, targets * 0, learned=targets, past=past, per_step=per_step, ahead=ahead, stride=1)
    assert found.season == 12
    season = next(each for each in found.baselines if each.name == "season")
    came = series[ahead if per_step else ahead + 17 :, 0]
    assert len(found.targets) == len(came)
    assert season.error == pytest.approx(np.sqrt(np.mean((came[back:] - came[:-back]) ** 2)))
    assert season.model == pytest.approx(np.sqrt(np.mean(came[back:] ** 2)))
    assert np.isnan(season.line[:back]).all()


def test_that_no_season_is_made_up(walk: np.ndarray) -> None:
    assert period(walk) is None
    assert period(np.random.default_rng(5).normal(size=(500, 1))) is None
    assert period(np.ones((500, 1))) is None
    assert period(np.linspace(0, 1, 500)[:, None]) is None
    assert period(np.sin(np.arange(500.0) * 2 * np.pi / 37)[:, None]) == 37


@pytest.mark.parametrize("stride", [1, 3, 8, 20])
def test_that_samples_that_overlap_become_one_line(stride: int) -> None:
    series = np.arange(100.0)[:, None]
    past, each, _after = windows(series, 20, stride, 1)
    line = line_of(each, stride)[:, 0]
    assert np.array_equal(line, np.arange(1, len(line) + 1))
    assert line[-1] == each[-1, -1, 0]
    assert len(line_of(past, 0)) == past.shape[0] * 20


def test_that_what_has_no_weight_does_not_count() -> None:
    targets = np.ones((3, 4, 1))
    forecast = targets.copy()
    forecast[:, 2:] = 9.0
    weights = np.ones((3, 4))
    weights[:, 2:] = 0.0
    found = judge(targets, forecast, learned=targets, per_step=True, weights=weights)
    assert found.rmse == 0.0
    assert found.count == 6
    assert np.isnan(found.targets).sum() == 6
    with pytest.raises(DataProblem, match="no target that counts"):
        judge(targets, forecast, learned=targets, per_step=True, weights=weights * 0)
    with pytest.raises(DataProblem, match="3×4×1"):
        judge(targets, forecast[:, :3], learned=targets, per_step=True)


def test_that_autocorrelation_is_the_sum_of_its_definition() -> None:
    series = np.random.default_rng(2).normal(size=300)
    away = series - series.mean()
    expected = [float(away[: 300 - lag] @ away[lag:] / (away @ away)) for lag in range(31)]
    assert autocorrelation(series, 30) == pytest.approx(expected, abs=1e-12)
    assert list(autocorrelation(np.full(10, 3.0), 2)) == [1.0, 0.0, 0.0]


def test_that_every_value_falls_into_one_bin() -> None:
    values = np.random.default_rng(2).normal(size=(50, 7))
    values[3, 3] = np.nan
    counts, edges = histogram(values)
    assert counts.sum() == 349
    assert edges[0] == np.nanmin(values)
    assert edges[-1] == np.nanmax(values)
    assert histogram(np.ones(4))[0].sum() == 4
