"""The laws of the generators."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_designer.sequences import GENERATORS, DataProblem, generate


@pytest.mark.parametrize("name", GENERATORS)
def test_that_every_generator_explains_itself_and_its_options(name: str) -> None:
    generator = GENERATORS[name]
    assert generator.name == name
    assert len(generator.explanation) > 40
    assert generator.formula
    for option in generator.options:
        assert option.explanation.endswith(".")
        assert option.accept(option.default) == option.default


def step_of(name: str) -> tuple[int, ...]:
    """The sizes of one step that the law can do with."""
    return (6, 6) if name == "moving_squares" else (2,)


@pytest.mark.parametrize("name", GENERATORS)
def test_that_the_same_seed_gives_the_same_sequences_whatever_the_batch_size(name: str) -> None:
    step = step_of(name)
    few, many = generate(name, {}, (2, 30, *step)), generate(name, {}, (5, 30, *step))
    np.testing.assert_array_equal(few, many[:2])
    assert few.dtype == np.float32


@pytest.mark.parametrize("name", [name for name in GENERATORS if name != "impulse"])
def test_that_another_seed_gives_other_sequences(name: str) -> None:
    shape = (2, 30, *step_of(name))
    assert (generate(name, {"seed": 1}, shape) != generate(name, {"seed": 2}, shape)).any()


@given(
    st.sampled_from(sorted(GENERATORS)),
    st.lists(st.integers(1, 5), min_size=1, max_size=4),
    st.integers(0, 99),
)
def test_that_any_shape_is_filled_with_finite_numbers(name: str, shape: list[int], seed: int) -> None:
    options = {} if name == "impulse" else {"seed": seed}
    if name in ("adding", "copy", "moving_squares"):
        # These have sizes that they cannot do without.
        shape = [shape[0], 11, *step_of(name)]
    made = generate(name, options, tuple(shape))
    assert made.shape == tuple(shape)
    assert np.isfinite(made).all()


def test_that_a_plain_sine_has_its_period_and_amplitude() -> None:
    made = generate("sine", {"period": 8, "components": 1, "amplitude": 3.0}, (1, 16, 1))[0, :, 0]
    np.testing.assert_allclose(made, 3 * np.sin(2 * np.pi * np.arange(16) / 8), atol=1e-6)


def test_that_a_square_wave_stays_up_for_its_duty() -> None:
    made = generate("square", {"period": 10, "duty": 0.3}, (1, 20, 1))[0, :, 0]
    assert made.tolist() == ([1] * 3 + [-1] * 7) * 2


def test_that_an_impulse_comes_later_in_each_sample() -> None:
    made = generate("impulse", {"position": 2, "shift": 3, "height": 4.0}, (3, 10, 1))[:, :, 0]
    assert [int(sample.argmax()) for sample in made] == [2, 5, 8]
    assert made.sum() == 12
    assert generate("impulse", {"position": 1, "every": 4}, (1, 10, 1)).sum() == 3
    assert not generate("impulse", {"position": 99}, (1, 10, 1)).any()


def test_that_a_walk_with_full_pull_is_noise_and_without_noise_is_a_line() -> None:
    line = generate("random_walk", {"step_size": 0.0, "drift": 0.5}, (1, 4, 1))[0, :, 0]
    assert line.tolist() == [0.5, 1, 1.5, 2]
    still = generate("random_walk", {"step_size": 0.0, "drift": 0.5, "pull": 1.0}, (1, 4, 1))[0, :, 0]
    assert still.tolist() == [0.5] * 4


def test_that_tokens_leave_zero_for_the_padding() -> None:
    made = generate("tokens", {"vocabulary": 5, "padding": 0.25}, (3, 20))
    assert (made[:, 15:] == 0).all()
    assert set(np.unique(made[:, :15])) == {1, 2, 3, 4}


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("sawtooth", {}, "no generator called “sawtooth”"),
        ("sine", {"speed": 1}, "no setting “speed”"),
        ("sine", {"period": 0}, "period: expected a number from 1 to 1e+06, got 0"),
        ("sine", {"components": 2.5}, "a whole number from 1 to 8, got 2.5"),
        ("sine", {"components": "many"}, "got 'many'"),
        ("sine", {"amplitude": float("nan")}, "got nan"),
        ("sine", {"amplitude": float("inf")}, "got inf"),
        ("noise", {"seed": True}, "got True"),
    ],
)
def test_that_a_setting_that_is_not_accepted_is_explained(name: str, options, words: str) -> None:
    with pytest.raises(DataProblem) as problem:
        generate(name, options, (1, 5, 1))
    assert words in str(problem.value)


def test_that_a_batch_beyond_all_memory_is_refused() -> None:
    with pytest.raises(DataProblem, match="fewer samples or fewer time steps"):
        generate("sine", {}, (1_000_000, 1_000_000, 1))
    with pytest.raises(DataProblem, match="at least one number"):
        generate("sine", {}, (0, 5))


def test_that_importing_the_package_imports_neither_numpy_nor_polars() -> None:
    code = (
        "import sys, rnn_designer.sequences;"
        "print([name for name in ('numpy', 'polars', 'PySide6') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=True
    )
    assert done.stdout.strip() == "[]"
