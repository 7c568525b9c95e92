"""Samples with targets, against the plainest code that makes the same: a loop over rows."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_designer.sequences import DataProblem, bounds, generate, normalized
from rnn_designer.sequences.lessons import Aim, Feed, Lesson, Lessons, cutting_lessons, lessons

PARTS = ("train", "validation", "test")


def a_series(rows: int, columns: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(3.0, 2.0, (rows, columns)).astype(np.float32)


def parts_of(made: Lessons) -> dict[str, Lesson]:
    found = {"train": made.train, "validation": made.validation, "test": made.test}
    return {name: each for name, each in found.items() if each is not None}


def by_hand(
    rows: int, shares: tuple[float, float], part: str, steps: int, ahead: int, stride: int
) -> list[int]:
    """Where samples begin that lie, with their targets, wholly in a part."""
    begin, end = bounds(rows, *shares, part)
    starts, at = [], begin
    while at + steps + ahead <= end:
        starts.append(at)
        at += stride
    return starts


@given(
    rows=st.integers(36, 90),
    columns=st.integers(1, 3),
    steps=st.integers(1, 5),
    horizon=st.integers(1, 4),
    stride=st.integers(1, 4),
    how=st.sampled_from(["none", "standard", "range"]),
    task=st.sampled_from(["next_step", "horizon"]),
)
def test_that_samples_and_forecast_targets_are_those_of_a_loop(
    rows: int, columns: int, steps: int, horizon: int, stride: int, how: str, task: str
) -> None:
    series, shares = a_series(rows, columns), (0.25, 0.25)
    per_step = task == "next_step"
    ahead = 1 if per_step else horizon
    feed = Feed(series, (None, columns), steps, normalize=how)
    aim = Aim("x", task, per_step=per_step, sizes=(columns,), horizon=ahead)
    made = lessons({"x": feed}, {"y": aim}, stride=stride, validation=shares[0], test=shares[1])
    scaled = normalized(series, how, series[: bounds(rows, *shares, "train")[1]])
    for part, lesson in parts_of(made).items():
        starts = by_hand(rows, shares, part, steps, ahead, stride)
        assert lesson.rows.tolist() == starts
        for sample, start in enumerate(starts):
            np.testing.assert_array_equal(lesson.inputs["x"][sample], scaled[start : start + steps])
            last = start + steps - 1
            expected = scaled[start + 1 : start + steps + 1] if per_step else scaled[last + ahead]
            np.testing.assert_array_equal(lesson.targets["y"][sample], expected)
        assert lesson.sample_weights == {}
        assert lesson.inputs["x"].dtype == lesson.targets["y"].dtype == np.float32


def test_that_no_row_is_in_two_parts() -> None:
    series = np.arange(100, dtype=np.float32)[:, None]
    aim = Aim("x", "horizon", horizon=3)
    made = lessons({"x": Feed(series, (None, 1), 5)}, {"y": aim}, validation=0.2, test=0.2)
    seen = {
        part: {*each.inputs["x"].ravel(), *each.targets["y"].ravel()} for part, each in parts_of(made).items()
    }
    assert seen.keys() == set(PARTS)
    assert max(seen["train"]) < min(seen["validation"]) <= max(seen["validation"]) < min(seen["test"])


def test_that_later_rows_do_not_touch_the_scale() -> None:
    series = a_series(60, 2)
    spoilt = series.copy()
    spoilt[36:] *= 1000
    aim, options = Aim("x", "horizon", sizes=(2,)), {"validation": 0.2, "test": 0.2}
    one = lessons({"x": Feed(series, (None, 2), 4, normalize="standard")}, {"y": aim}, **options)
    other = lessons({"x": Feed(spoilt, (None, 2), 4, normalize="standard")}, {"y": aim}, **options)
    np.testing.assert_array_equal(one.train.inputs["x"], other.train.inputs["x"])
    np.testing.assert_array_equal(one.scales["y"].offset, other.scales["y"].offset)


@pytest.mark.parametrize("how", ["none", "standard", "range"])
def test_that_scales_lead_back_to_the_numbers_of_the_data(how: str) -> None:
    series = a_series(50, 3)
    feed = Feed(series, (None, 2), 4, columns=(0, 2), normalize=how)
    aim = Aim("x", "values", per_step=True, sizes=(1,), columns=(1,))
    made = lessons({"x": feed}, {"y": aim}, validation=0.2)
    back = made.scales["y"].undo(made.train.targets["y"])
    for sample, start in enumerate(made.train.rows):
        np.testing.assert_allclose(back[sample], series[start : start + 4, 1:2], atol=1e-5)
    assert made.train.inputs["x"].shape[2] == 2


def test_that_a_value_of_other_columns_is_that_of_the_last_step() -> None:
    series = a_series(40, 3)
    feed = Feed(series, (None, 1), 6, columns=(0,))
    made = lessons({"x": feed}, {"y": Aim("x", "value", sizes=(2,), columns=(2, 1))})
    expected = series[made.train.rows + 5][:, [2, 1]]
    np.testing.assert_array_equal(made.train.targets["y"], expected)
    assert made.validation is None
    assert made.test is None


def test_that_each_row_of_a_table_is_a_sample() -> None:
    table = a_series(20, 4)
    feed = Feed(table, (3,), 50, columns=(0, 1, 3))
    made = lessons({"x": feed}, {"y": Aim("x", "value", columns=(2,))}, test=0.25)
    np.testing.assert_array_equal(made.train.inputs["x"], table[:15][:, [0, 1, 3]])
    np.testing.assert_array_equal(made.train.targets["y"], table[:15, 2:3])
    assert made.words == "15 samples to learn from, 5 to test"


def test_that_samples_are_parted_whole() -> None:
    values = np.random.default_rng(1).normal(size=(10, 7, 2)).astype(np.float32)
    feed = Feed(values, (None, 2), 5)
    made = lessons(
        {"x": feed}, {"y": Aim("x", "next_step", per_step=True, sizes=(2,))}, validation=0.2, test=0.3
    )
    for part, (begin, end) in {"train": (0, 5), "validation": (5, 7), "test": (7, 10)}.items():
        lesson = parts_of(made)[part]
        np.testing.assert_array_equal(lesson.inputs["x"], values[begin:end, :5])
        np.testing.assert_array_equal(lesson.targets["y"], values[begin:end, 1:6])


def test_that_gaps_in_targets_weigh_nothing_and_gaps_in_inputs_leave_the_sample_out() -> None:
    series = a_series(30, 2)
    series[10, 1] = np.nan
    series[20, 0] = np.inf
    feed = Feed(series, (None, 1), 4, columns=(0,))
    made = lessons({"x": feed}, {"y": Aim("x", "values", per_step=True, columns=(1,))})
    starts = [start for start in range(27) if not start <= 20 < start + 4]
    assert made.train.rows.tolist() == starts
    for sample, start in enumerate(starts):
        expected = [0.0 if start + step == 10 else 1.0 for step in range(4)]
        assert made.train.sample_weights["y"][sample].tolist() == expected
    assert np.isfinite(made.train.targets["y"]).all()
    assert np.isfinite(made.train.inputs["x"]).all()


def test_that_the_answers_of_a_generator_count_only_where_there_are_some() -> None:
    from rnn_designer.sequences import targets

    made = generate("adding", {}, (12, 9, 2))
    answers = targets("adding", {}, made)
    feed = Feed(made, (None, 2), 9)
    each = lessons({"x": feed}, {"y": Aim("x", "values", per_step=True, values=answers[:, :, None])}).train
    assert each.sample_weights["y"].sum(axis=1).tolist() == [1.0] * 12
    np.testing.assert_array_equal(each.targets["y"][:, -1, 0], answers[:, -1])
    once = lessons({"x": feed}, {"y": Aim("x", "value", values=answers[:, :, None])}).train
    np.testing.assert_array_equal(once.targets["y"][:, 0], answers[:, -1])
    assert once.sample_weights == {}


def test_that_targets_of_an_own_source_lie_beside_rows_and_samples() -> None:
    series, own = a_series(30, 1), a_series(30, 2, seed=5)
    made = lessons({"x": Feed(series, (None, 1), 5)}, {"y": Aim("x", "value", sizes=(2,), values=own)})
    np.testing.assert_array_equal(made.train.targets["y"], own[made.train.rows + 4])
    values, labels = a_series(24, 1).reshape(6, 4, 1), np.float32([[0], [1], [2], [0], [1], [2]])
    aim = Aim("x", "class", encoding="ids", sizes=(), values=labels, classes=3)
    made = lessons({"x": Feed(values, (None, 1), 4)}, {"y": aim})
    assert made.train.targets["y"].tolist() == [0, 1, 2, 0, 1, 2]
    assert made.train.targets["y"].dtype == np.int32
    steps = a_series(24, 1, seed=7).reshape(6, 4)
    made = lessons({"x": Feed(values, (None, 1), 4)}, {"y": Aim("x", "values", per_step=True, values=steps)})
    np.testing.assert_array_equal(made.train.targets["y"][..., 0], steps)


def test_that_an_own_source_is_scaled_by_its_own_training_part() -> None:
    series, own = a_series(40, 1), a_series(40, 1, seed=5)
    aim = Aim("x", "value", values=own, normalize="standard")
    made = lessons({"x": Feed(series, (None, 1), 3)}, {"y": aim}, validation=0.25)
    expected = normalized(own, "standard", own[:30])
    np.testing.assert_array_equal(made.train.targets["y"], expected[made.train.rows + 2])


def test_that_tokens_foretell_the_next_one() -> None:
    ids = np.random.default_rng(3).integers(0, 7, (50, 1)).astype(np.float32)
    feed = Feed(ids, (None,), 6, whole=True, as_integers=True, vocabulary=7)
    each = Aim("x", "next_token", encoding="ids", per_step=True, sizes=(), classes=7)
    once = Aim("x", "next_token", encoding="one_hot", sizes=(7,), classes=7)
    made = lessons({"x": feed}, {"each": each, "once": once})
    assert made.train.inputs["x"].dtype == np.int32
    for sample, start in enumerate(range(44)):
        assert made.train.inputs["x"][sample].tolist() == ids[start : start + 6, 0].tolist()
        assert made.train.targets["each"][sample].tolist() == ids[start + 1 : start + 7, 0].tolist()
        assert made.train.targets["once"][sample].tolist() == np.eye(7)[int(ids[start + 6, 0])].tolist()


def test_that_classes_are_numbered_whatever_the_data_calls_them() -> None:
    rows = np.float32([[0.1, 10], [0.2, 30], [0.3, 20], [0.4, np.nan], [0.5, 30], [0.6, 10]])
    feed = Feed(rows, (1,), 1, columns=(0,))
    ids = lessons({"x": feed}, {"y": Aim("x", "class", "ids", sizes=(), columns=(1,), classes=3)})
    assert ids.train.targets["y"].tolist() == [0, 2, 1, 0, 2, 0]
    assert ids.train.sample_weights["y"].tolist() == [1, 1, 1, 0, 1, 1]
    assert ids.labels == {"y": (10.0, 20.0, 30.0)}
    assert ids.scales == {}
    ones = lessons({"x": feed}, {"y": Aim("x", "class", "one_hot", sizes=(3,), columns=(1,), classes=3)})
    assert ones.train.targets["y"].tolist()[1:4] == [[0, 0, 1], [0, 1, 0], [0, 0, 0]]
    two = np.float32([[0.1, 5], [0.2, 9], [0.3, 9]])
    aim = Aim("x", "class", "binary", sizes=(1,), columns=(1,), classes=2)
    made = lessons({"x": Feed(two, (1,), 1, columns=(0,))}, {"y": aim})
    assert made.train.targets["y"].tolist() == [[0.0], [1.0], [1.0]]


def test_that_classes_that_are_numbers_already_keep_theirs() -> None:
    rows = np.float32([[0.1, 2], [0.2, 0], [0.3, 2]])
    aim = Aim("x", "class", "ids", sizes=(), columns=(1,), classes=4)
    made = lessons({"x": Feed(rows, (1,), 1, columns=(0,))}, {"y": aim})
    assert made.train.targets["y"].tolist() == [2, 0, 2]
    assert made.labels == {}


@pytest.mark.parametrize("encoding", ["ids", "one_hot"])
def test_that_balanced_classes_count_alike_in_the_training_part_and_only_there(encoding: str) -> None:
    labels = np.float32([0, 0, 0, 1, 0, 2, 0, 1, 0, 1])
    rows = np.stack([np.arange(10, dtype=np.float32), labels], axis=1)
    sizes = () if encoding == "ids" else (3,)
    aim = Aim("x", "class", encoding, sizes=sizes, columns=(1,), classes=3, balanced=True)
    made = lessons({"x": Feed(rows, (1,), 1, columns=(0,))}, {"y": aim}, validation=0.2)
    weights = made.train.sample_weights["y"]
    expected = {0: 8 / (3 * 5), 1: 8 / (3 * 2), 2: 8 / (3 * 1)}
    np.testing.assert_allclose(weights, [expected[int(label)] for label in labels[:8]], rtol=1e-6)
    sums = [weights[labels[:8] == each].sum() for each in range(3)]
    np.testing.assert_allclose(sums, sums[0], rtol=1e-6)
    assert made.validation.sample_weights == {}


def test_that_binary_classes_can_be_balanced() -> None:
    rows = np.float32([[0, 1], [1, 0], [2, 0], [3, 0]])
    aim = Aim("x", "class", "binary", sizes=(1,), columns=(1,), classes=2, balanced=True)
    made = lessons({"x": Feed(rows, (1,), 1, columns=(0,))}, {"y": aim})
    np.testing.assert_allclose(made.train.sample_weights["y"], [2.0, 2 / 3, 2 / 3, 2 / 3], rtol=1e-6)


def test_that_several_inputs_show_the_same_moments() -> None:
    one, two = a_series(40, 1), a_series(40, 2, seed=2)
    feeds = {"long": Feed(one, (None, 1), 8), "short": Feed(two, (None, 2), 3)}
    aims = {"a": Aim("long", "horizon", horizon=2), "b": Aim("short", "horizon", sizes=(2,))}
    made = lessons(feeds, aims, stride=3).train
    assert made.rows.tolist() == list(range(0, 31, 3))
    for sample, start in enumerate(made.rows):
        np.testing.assert_array_equal(made.inputs["long"][sample], one[start : start + 8])
        np.testing.assert_array_equal(made.inputs["short"][sample], two[start : start + 3])
        np.testing.assert_array_equal(made.targets["a"][sample], one[start + 9])
        np.testing.assert_array_equal(made.targets["b"][sample], two[start + 3])
    with pytest.raises(DataProblem, match="same length"):
        lessons({"long": feeds["long"], "short": Feed(two[:30], (None, 2), 3)}, aims)


def test_that_frames_are_foretold_in_their_shape() -> None:
    values = np.random.default_rng(4).normal(size=(5, 6, 12)).astype(np.float32)
    feed = Feed(values, (None, 2, 3, 2), 5)
    made = lessons({"x": feed}, {"y": Aim("x", "horizon", sizes=(2, 3, 2))}).train
    assert made.inputs["x"].shape == (5, 5, 2, 3, 2)
    np.testing.assert_array_equal(made.targets["y"], values[:, 5].reshape(5, 2, 3, 2))


@pytest.mark.parametrize(
    ("feed", "aim", "words"),
    [
        (Feed(a_series(10, 1), (None, 1), 10), Aim("x", "horizon"), "time steps to at most 9"),
        (Feed(a_series(30, 1), (None, 1), 4), Aim("x", "value"), "Choose the columns"),
        (Feed(a_series(30, 2), (None, 2), 4), Aim("x", "horizon", sizes=(3,)), "give it 2 units"),
        (
            Feed(a_series(30, 1), (None, 1), 4),
            Aim("x", "next_step", per_step=True, steps=2),
            "there is no target",
        ),
        (Feed(a_series(30, 1), (None, 1), 4), Aim("x", "value", values=a_series(29, 1)), "same length"),
        (
            Feed(np.arange(30, dtype=np.float32)[:, None], (None,), 4, whole=True),
            Aim("x", "next_token", "ids", sizes=(), classes=8),
            "give it 30 units",
        ),
        (
            Feed(np.arange(30, dtype=np.float32)[:, None], (None,), 4, whole=True, vocabulary=8),
            Aim("x", "next_token", "ids", sizes=(), classes=8),
            "input_dim to at least 30",
        ),
        (
            Feed(a_series(30, 1), (None,), 4, whole=True),
            Aim("x", "value", values=a_series(30, 1)),
            "fraction",
        ),
        (Feed(np.full((9, 1), np.nan, np.float32), (None, 1), 3), Aim("x", "horizon"), "has a gap"),
        (
            Feed(a_series(30, 2), (None, 1), 4, columns=(0,)),
            Aim("x", "class", "ids", sizes=(), columns=(1,), classes=3),
            "30 different classes",
        ),
    ],
)
def test_that_what_cannot_be_learned_is_refused_with_what_to_do(feed: Feed, aim: Aim, words: str) -> None:
    with pytest.raises(DataProblem, match=words):
        lessons({"x": feed}, {"y": aim})


def test_that_a_series_too_short_for_one_sample_to_learn_from_is_refused() -> None:
    with pytest.raises(
        DataProblem, match=r"training part .* has 5 rows, but a sample with its target takes 6"
    ):
        lessons({"x": Feed(a_series(7, 1), (None, 1), 5)}, {"y": Aim("x", "horizon")}, validation=0.3)


@pytest.mark.parametrize("task", ["next_step", "values"])
def test_that_a_short_held_out_part_looks_back_and_only_its_own_steps_count(task: str) -> None:
    series = a_series(40, 2)
    ahead = 1 if task == "next_step" else 0
    aim = Aim("x", task, per_step=True, columns=(0,), sizes=(1,))
    feed = Feed(series, (None, 2), 12)
    made = lessons({"x": feed}, {"y": aim}, validation=0.1, test=0.2)
    assert not made.train.sample_weights
    for part, lesson in parts_of(made).items():
        if part == "train":
            continue
        begin, end = bounds(40, 0.1, 0.2, part)
        assert end - begin < 12 + ahead
        (start,) = lesson.rows.tolist()
        assert start + 12 + ahead == end
        np.testing.assert_array_equal(lesson.inputs["x"][0], series[start : start + 12])
        own = [begin <= start + step + ahead for step in range(12)]
        weights = lesson.sample_weights["y"][0]
        np.testing.assert_allclose(weights, np.array(own) * 12 / sum(own), rtol=1e-6)
        errors = np.arange(12.0)
        # As Keras' losses do it: divided by how many there are, not by the sum of the weights.
        assert (errors * weights).mean() == pytest.approx(errors[own].mean())
        np.testing.assert_array_equal(
            lesson.targets["y"][0, own, 0], series[start + ahead : end, 0][np.array(own)]
        )
        assert sum(own) == end - begin
    assert made.words.endswith("4 steps to validate, 8 steps to test")


def test_that_every_row_of_a_short_held_out_part_is_foretold_once_from_the_rows_before_it() -> None:
    series = a_series(40, 1)
    feed = Feed(series, (None, 1), 12)
    made = lessons({"x": feed}, {"y": Aim("x", "horizon", horizon=3)}, validation=0.1, test=0.2)
    for part in ("validation", "test"):
        lesson = parts_of(made)[part]
        begin, end = bounds(40, 0.1, 0.2, part)
        np.testing.assert_array_equal(lesson.targets["y"], series[begin:end])
        assert lesson.rows.tolist() == [row - 2 - 12 for row in range(begin, end)]
        assert not lesson.sample_weights


def test_that_more_numbers_than_anybody_waits_for_are_refused_before_they_take_memory() -> None:
    feed = Feed(np.zeros((400_000, 2), np.float32), (None, 2), 1000)
    tracemalloc.start()
    with pytest.raises(DataProblem, match="raise the stride of training to at least 8"):
        lessons({"x": feed}, {"y": Aim("x", "horizon", sizes=(2,))})
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 50 * 2**20


def test_that_cutting_pauses_often() -> None:
    feed = Feed(a_series(40_000, 1), (None, 1), 60, normalize="standard")
    cutting = cutting_lessons({"x": feed}, {"y": Aim("x", "next_step", per_step=True)}, validation=0.2)
    assert sum(1 for _pause in cutting) > 8


@pytest.mark.parametrize("kind", ["waves", "random_walk", "lorenz"])
def test_that_generated_samples_can_be_made_in_pieces(kind: str) -> None:
    features = 3 if kind == "lorenz" else 1
    whole = generate(kind, {}, (7, 20, features))
    np.testing.assert_array_equal(generate(kind, {}, (4, 20, features), first=3), whole[3:])


def test_that_a_fingerprint_tells_other_numbers_from_the_same() -> None:
    series = a_series(50, 1)
    aim, options = Aim("x", "horizon"), {"validation": 0.2, "test": 0.2}

    def fingerprint(values: np.ndarray) -> str:
        return lessons({"x": Feed(values, (None, 1), 5)}, {"y": aim}, **options).fingerprint

    assert fingerprint(series) == fingerprint(series.copy())
    for row, same in ((0, False), (35, False), (48, True)):  # The test part is not learned from.
        other = series.copy()
        other[row] += 1
        assert (fingerprint(other) == fingerprint(series)) is same
