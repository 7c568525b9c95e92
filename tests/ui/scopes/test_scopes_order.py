"""The order of units: by similarity every unit lies beside one whose curve is most like its own."""

import numpy as np
import pytest

from rnn_designer.ui.scopes.bands import ordered
from rnn_designer.ui.scopes.state import DrawnUnits


def _waves(phases: list[float], steps: int = 200) -> np.ndarray:
    time = np.linspace(0, 6 * np.pi, steps)[:, None]
    return np.sin(time + np.array(phases)[None, :]).astype(np.float32)


def test_that_similar_units_lie_beside_each_other() -> None:
    rng = np.random.default_rng(1)
    group = rng.permutation(np.repeat([0.0, 1.5, 3.0], 6))
    values = _waves(group.tolist()) + 0.01 * rng.standard_normal((200, 18)).astype(np.float32)
    sorted_groups = group[ordered(values, "similarity")]
    assert np.count_nonzero(np.diff(sorted_groups)) == 2


def test_that_scale_and_offset_do_not_matter_to_similarity() -> None:
    values = _waves([0.0, 0.1, 0.2, 0.3, 0.4])
    order = ordered(values * [1, 1, 1, 1, 1.01], "similarity").tolist()
    other = ordered(values * [1, 0.9, 0.1, 0.5, 1.01] + [0, 4, 0, -2, 0], "similarity").tolist()
    assert order == other == [4, 3, 2, 1, 0]


def test_that_units_that_never_change_come_last_by_index() -> None:
    values = _waves([0.0, 0.5, 1.0, 1.5, 2.0])
    values[:, [1, 3]] = 7.0
    assert ordered(values, "similarity").tolist()[-2:] == [1, 3]


@pytest.mark.parametrize("order", ["index", "variance", "peak", "similarity"])
def test_that_every_order_is_a_permutation_and_always_the_same(order: str) -> None:
    rng = np.random.default_rng(2)
    for values in (
        rng.standard_normal((50, 33)).astype(np.float32),
        np.zeros((50, 4), dtype=np.float32),
        np.full((50, 4), np.nan, dtype=np.float32),
        np.full((50, 4), 3e38, dtype=np.float32) * np.sign(rng.standard_normal((50, 4))).astype(np.float32),
        rng.standard_normal((1, 9)).astype(np.float32),
        rng.standard_normal((50, 1)).astype(np.float32),
        np.repeat(rng.standard_normal((40, 1)), 5, axis=1).astype(np.float32),
        rng.standard_normal((3, 2100)).astype(np.float32),
    ):
        found = ordered(values, order)
        assert sorted(found.tolist()) == list(range(values.shape[1]))
        assert np.array_equal(found, ordered(values.copy(), order))


def test_that_the_automatic_choice_is_made_anew_once_there_are_far_more_units_to_choose_from() -> None:
    assert not DrawnUnits().fit(32)
    assert DrawnUnits(automatic=(1, 11), among=32).fit(33)
    assert not DrawnUnits(automatic=(1, 11), among=32).fit(11)
    assert not DrawnUnits(automatic=(0, 1), among=2).fit(32)
