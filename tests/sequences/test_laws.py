"""The mathematics of the chaotic systems and of the tasks."""

import numpy as np
import pytest

from rnn_designer.sequences import GENERATORS, DataProblem, fit_generated, generate, targets
from rnn_designer.sequences.dynamics import mackey_glass_path


def test_that_lorenz_follows_its_equations() -> None:
    path = generate("lorenz", {"step": 0.01}, (1, 200, 3))[0].astype(np.float64)

    def slope(state):
        x, y, z = state
        return np.array([10 * (y - x), x * (28 - z) - y, x * y - 8 / 3 * z])

    for start in range(0, 190, 10):
        state = path[start]
        for _ in range(100):  # An independent, finer integration of one step.
            middle = state + 0.00005 * slope(state)
            state = state + 0.0001 * slope(middle)
        np.testing.assert_allclose(state, path[start + 1], atol=2e-3)


def test_that_lorenz_comes_to_rest_when_it_is_driven_weakly() -> None:
    path = generate("lorenz", {"rho": 0.5, "step": 0.5}, (1, 50, 3))
    assert np.abs(path[0, -1]).max() < 1e-3


def test_that_mackey_glass_keeps_its_fixed_point_and_decays_without_births() -> None:
    options = {"beta": 0.2, "gamma": 0.1, "exponent": 10.0}
    still = mackey_glass_path(np.ones((69, 1)), 400, 0.25, options)
    np.testing.assert_allclose(still, 1.0, atol=1e-12)
    fading = mackey_glass_path(np.ones((69, 1)), 400, 0.25, {**options, "beta": 0.0})
    np.testing.assert_allclose(fading[-1], np.exp(-0.1 * 100), rtol=1e-6)


def test_that_mackey_glass_converges_as_its_grid_gets_finer() -> None:
    options = {"beta": 0.2, "gamma": 0.1, "exponent": 10.0}
    ends = [
        mackey_glass_path(np.full((17 * n + 1, 1), 1.2), 40 * n, 1 / n, options)[-1, 0] for n in (4, 8, 32)
    ]
    assert abs(ends[1] - ends[2]) < abs(ends[0] - ends[2]) / 3
    assert abs(ends[0] - ends[2]) < 1e-4


def test_that_the_adding_problem_asks_for_the_sum_of_its_two_marks() -> None:
    made = generate("adding", {}, (20, 15, 2))
    assert (made[:, :, 1].sum(axis=1) == 2).all()
    assert (made[:, :7, 1].sum(axis=1) == 1).all()
    answers = targets("adding", {}, made)
    assert np.isnan(answers[:, :-1]).all()
    np.testing.assert_allclose(answers[:, -1], (made[:, :, 0] * made[:, :, 1]).sum(axis=1), rtol=1e-6)


def test_that_the_copy_task_asks_for_its_first_symbols_at_the_end() -> None:
    options = {"symbols": 4, "length": 3}
    made = generate("copy", options, (5, 12))
    assert set(np.unique(made[:, :3])) <= {1, 2, 3, 4}
    assert (made[:, 8] == 5).all()
    answers = targets("copy", options, made)
    np.testing.assert_array_equal(answers[:, 9:], made[:, :3])
    assert not answers[:, :9].any()


def test_that_parity_asks_whether_the_ones_so_far_are_odd() -> None:
    made = generate("parity", {}, (6, 40, 1))
    assert set(np.unique(made)) == {0, 1}
    wanted = np.array([[sum(row[: step + 1]) % 2 for step in range(40)] for row in made[:, :, 0].tolist()])
    np.testing.assert_array_equal(targets("parity", {}, made), wanted)


@pytest.mark.parametrize(
    ("name", "shape", "words"),
    [
        ("adding", (1, 10, 1), "has 2 features"),
        ("adding", (1, 1, 2), "at least 2"),
        ("copy", (1, 10), "at least 11"),
        ("lorenz", (1, 30_000, 3), "at most 20,000"),
    ],
)
def test_that_sizes_that_a_law_cannot_do_without_are_explained(name: str, shape, words: str) -> None:
    with pytest.raises(DataProblem, match=words):
        generate(name, {}, shape)


def test_that_a_horizon_goes_on_where_the_sample_ends_and_a_task_needs_none() -> None:
    near = fit_generated("sine", {}, (None, 1), batch_size=2, time_steps=20, horizon=3)
    whole = generate("sine", {}, (2, 23, 1))
    np.testing.assert_array_equal(near.array, whole[:, :20])
    np.testing.assert_array_equal(near.ahead, whole[:, 20:])
    task = fit_generated("parity", {}, (None, 1), batch_size=2, time_steps=20, horizon=3)
    assert task.ahead is None
    assert task.targets.shape == (2, 20)
    assert GENERATORS["parity"].task in task.words


def test_that_moving_squares_fly_straight_and_bounce() -> None:
    made = generate("moving_squares", {"size": 3, "speed": 2.0}, (20, 40, 10, 10, 1))
    assert (made.sum(axis=(2, 3, 4)) == 9).all()
    rows, columns = made.max(axis=3)[..., 0], made.max(axis=2)[..., 0]
    corners = np.stack([rows.argmax(axis=2), columns.argmax(axis=2)], axis=-1).astype(float)
    moves = np.diff(corners, axis=1)
    # Nowhere faster than the speed (rounding adds less than a point), and a change of direction only at an edge.
    assert np.abs(moves).max() <= 3
    turns = np.sign(moves[:, 1:]) * np.sign(moves[:, :-1]) < 0
    near_edge = (corners[:, 1:-1] <= 2) | (corners[:, 1:-1] >= 7 - 2)
    assert not (turns & ~near_edge).any()
    assert turns.any()


def test_that_moving_squares_refuse_frames_that_are_not_square() -> None:
    with pytest.raises(DataProblem, match="as high as they are wide"):
        generate("moving_squares", {}, (1, 5, 4, 6, 1))
    with pytest.raises(DataProblem, match="set size to at most 4"):
        generate("moving_squares", {"size": 5}, (1, 5, 5, 5, 1))


def test_that_the_forms_of_waves_take_turns() -> None:
    made = generate("waves", {"noise": 0.0, "period": 50.0}, (6, 300, 1))[..., 0]
    for sample in (1, 4):  # Square waves know two levels.
        assert set(np.unique(made[sample])) == {-1.0, 1.0}
    for sample in (2, 5):  # A saw tooth rises evenly, but for its falls.
        assert np.unique(np.round(np.diff(made[sample]), 4)).size == 2
    for sample in (0, 3):
        assert np.abs(np.diff(made[sample])).max() < 0.2
