"""Windows, scales and shapes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_designer.sequences import DataProblem, bounds, cut, fit_generated, fit_series, normalized

SERIES = np.arange(20, dtype=np.float32).reshape(10, 2)


@given(st.integers(0, 60), st.integers(1, 3), st.integers(1, 8), st.integers(1, 20), st.integers(1, 12))
def test_that_every_window_is_a_piece_of_the_series_or_the_sentence_names_sizes_that_fit(
    steps: int, features: int, batch: int, time: int, stride: int
) -> None:
    values = np.arange(steps * features, dtype=np.float32).reshape(steps, features)
    fits = steps >= time and (batch - 1) * stride + time <= steps
    if not fits:
        with pytest.raises(DataProblem, match=r"\.$"):
            cut(values, batch, time, stride)
        return
    samples = cut(values, batch, time, stride)
    assert samples.shape == (batch, time, features)
    assert samples.dtype == np.float32
    for sample in range(batch):
        np.testing.assert_array_equal(samples[sample], values[sample * stride : sample * stride + time])


def test_that_the_remedies_in_the_sentence_do_help() -> None:
    with pytest.raises(DataProblem) as problem:
        cut(SERIES, 4, 5, 3)
    assert str(problem.value) == (
        "2 samples of 5 steps can be cut from 10 rows every 3 steps, but the batch has 4: set the batch size to "
        "at most 2, or the stride to at most 1, or the time steps to at most 1."
    )
    assert cut(SERIES, 2, 5, 3).shape == cut(SERIES, 2, 5, 1).shape
    assert cut(SERIES, 4, 1, 3).shape == (4, 1, 2)


def test_that_a_series_that_is_too_short_says_by_how_much() -> None:
    with pytest.raises(
        DataProblem, match=r"only 10 steps, but a sample needs 50\. Set time steps to at most 10"
    ):
        cut(SERIES, 1, 50)


def test_that_three_axes_are_taken_as_samples() -> None:
    values = np.arange(24, dtype=np.float32).reshape(3, 4, 2)
    np.testing.assert_array_equal(cut(values, 2, 3), values[:2, :3])
    with pytest.raises(DataProblem, match="has 3 samples, but the batch has 4"):
        cut(values, 4, 3)
    with pytest.raises(DataProblem, match="4 steps each, but 5 are wanted"):
        cut(values, 2, 5)


@pytest.mark.parametrize("size", [0, -1, True, 1.5])
def test_that_sizes_are_whole_and_positive(size) -> None:
    with pytest.raises(DataProblem, match="at least 1"):
        cut(SERIES, size, 2)


def test_that_scaling_is_per_feature_over_the_whole_series() -> None:
    standard = normalized(SERIES, "standard")
    np.testing.assert_allclose(standard.mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(standard.std(axis=0), 1, rtol=1e-6)
    scaled = normalized(SERIES, "range")
    assert scaled.min(axis=0).tolist() == [0, 0]
    assert scaled.max(axis=0).tolist() == [1, 1]
    assert normalized(SERIES, "none") is SERIES


@pytest.mark.parametrize("how", ["standard", "range"])
def test_that_gaps_stay_and_do_not_count_and_a_constant_becomes_zero(how: str) -> None:
    values = np.array([[1.0, 0.1], [np.nan, 0.1], [3.0, 0.1]], np.float32)
    scaled = normalized(values, how)
    assert np.isnan(scaled[1, 0])
    assert np.isfinite(scaled[[0, 2]]).all()
    assert scaled[:, 1].tolist() == [0, 0, 0]
    assert np.isnan(normalized(np.full((3, 1), np.nan, np.float32), how)).all()


def test_that_an_unknown_scale_is_refused() -> None:
    with pytest.raises(DataProblem, match="none, standard, range"):
        normalized(SERIES, "log")


@pytest.mark.parametrize(
    ("sizes", "shape", "words"),
    [
        ((None, 2), (2, 4, 2), "2 samples of 4 steps, cut from 10 rows every 3 steps"),
        ((None, None), (2, 4, 2), "2 samples of 4 steps, cut from 10 rows every 3 steps"),
        ((5, 2), (2, 5, 2), "2 samples of 5 steps, cut from 10 rows every 3 steps"),
        ((None, 2, 1), (2, 4, 2, 1), "2 samples of 4 steps, cut from 10 rows every 3 steps"),
        ((2,), (2, 2), "2 samples of 2 features, one row each"),
    ],
)
def test_that_a_series_takes_the_shape_of_its_input(sizes, shape, words: str) -> None:
    fitted = fit_series(SERIES, sizes, batch_size=2, time_steps=4, stride=3)
    assert fitted.array.shape == shape
    assert fitted.words == words


def test_that_one_column_feeds_an_input_without_features() -> None:
    fitted = fit_series(SERIES[:, :1], (None,), batch_size=2, time_steps=4, whole=True)
    assert fitted.array.dtype == np.int32
    assert fitted.array.tolist() == [[0, 2, 4, 6], [2, 4, 6, 8]]
    assert fitted.words == "2 samples of 4 steps, cut from 10 rows every step"


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ((None, 3), "has 2 columns, but the Input expects 3 features: choose 3 of the columns"),
        ((None,), "takes one number per step"),
        ((None, 2, 2), "2×2 = 4 numbers"),
        ((None, None, 2), "Only the time axis"),
    ],
)
def test_that_columns_that_do_not_fit_the_input_are_explained(sizes, words: str) -> None:
    with pytest.raises(DataProblem) as problem:
        fit_series(SERIES, sizes, batch_size=1, time_steps=4)
    assert words in str(problem.value)


def test_that_fractions_and_gaps_are_refused_where_whole_numbers_are_needed() -> None:
    for value, words in ((0.5, "with a fraction"), (np.nan, "gap")):
        values = np.array([[1.0], [value]], np.float32)
        with pytest.raises(DataProblem, match=words):
            fit_series(values, (None,), batch_size=1, time_steps=2, whole=True)
    with pytest.raises(DataProblem, match="set normalize to none"):
        fit_series(SERIES, (None, 2), batch_size=1, time_steps=2, whole=True, normalize="range")


@pytest.mark.parametrize("sizes", [(), (3,), (None,), (None, 2), (7, 2), (None, 3, 2), (None, None)])
def test_that_generated_samples_take_any_declared_shape(sizes) -> None:
    fitted = fit_generated("noise", {}, sizes, batch_size=2, time_steps=5)
    assert fitted.array.shape == (2, *(size or (1 if axis else 5) for axis, size in enumerate(sizes)))
    assert fitted.array.dtype == np.float32
    assert "made by “White noise”" in fitted.words


def test_that_tokens_are_int32_where_the_input_wants_whole_numbers() -> None:
    fitted = fit_generated("tokens", {"vocabulary": 7}, (None,), batch_size=4, time_steps=50, whole=True)
    assert fitted.array.dtype == np.int32
    assert set(np.unique(fitted.array)) <= set(range(1, 7))
    with pytest.raises(DataProblem, match="choose token ids"):
        fit_generated("sine", {}, (None,), batch_size=1, time_steps=5, whole=True)


def test_that_parts_follow_one_another_and_cover_everything() -> None:
    parts = [bounds(100, 0.15, 0.2, part) for part in ("train", "validation", "test")]
    assert parts == [(0, 65), (65, 80), (80, 100)]
    assert bounds(100, 0.15, 0.2, "all") == (0, 100)
    with pytest.raises(DataProblem, match="has no rows"):
        bounds(100, 0.0, 0.2, "validation")
    with pytest.raises(DataProblem, match="nothing to learn from"):
        bounds(100, 0.5, 0.5, "train")


def test_that_a_part_is_scaled_by_the_training_part_alone() -> None:
    values = np.arange(20, dtype=np.float32)[:, None]
    fitted = fit_series(
        values,
        (None, 1),
        batch_size=1,
        time_steps=4,
        normalize="range",
        validation=0.0,
        test=0.5,
        part="test",
    )
    np.testing.assert_allclose(fitted.array[0, :, 0], (values[10:14, 0] - 0) / 9, rtol=1e-6)
    assert fitted.start == 10
    assert "from the test part" in fitted.words


def test_that_every_sample_leaves_room_for_its_horizon() -> None:
    values = np.arange(12, dtype=np.float32)[:, None]
    fitted = fit_series(values, (None, 1), batch_size=3, time_steps=4, stride=3, horizon=2)
    np.testing.assert_array_equal(fitted.ahead[:, :, 0], [[4, 5], [7, 8], [10, 11]])
    assert fitted.array.shape == (3, 4, 1)
    with pytest.raises(DataProblem, match="the batch has 4"):
        fit_series(values, (None, 1), batch_size=4, time_steps=4, stride=3, horizon=2)
    with pytest.raises(DataProblem, match="up to the horizon"):
        fit_series(values, (None, 1), batch_size=1, time_steps=4, horizon=9)


@pytest.mark.parametrize(
    ("batch", "steps", "words"),
    [
        (2, 4, "2 samples of 4 steps, all of the data"),
        (2, 3, "2 samples of 3 steps, the first of each sample's 4"),
        (1, 4, "1 sample of 4 steps, the first of 2 in the data"),
    ],
)
def test_that_samples_say_how_much_of_the_data_they_are(batch: int, steps: int, words: str) -> None:
    values = np.arange(8, dtype=np.float32).reshape(2, 4, 1)
    assert fit_series(values, (None, 1), batch_size=batch, time_steps=steps, stride=1).words == words
