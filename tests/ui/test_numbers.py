"""How pictures write numbers."""

import pytest

from rnn_designer.ui.numbers import number


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (970.0, "970"),
        (999.7, "1000"),
        (-1000.0, "−1000"),
        (12345.0, "12345"),
        (2.5e7, "2.5e+07"),
        (-0.00004, "−4.0e−05"),
        (0.0, "0"),
        (float("-inf"), "−∞"),
    ],
)
def test_that_numbers_are_short_and_powers_stand_only_where_they_are_needed(value: float, words: str) -> None:
    assert number(value) == words
