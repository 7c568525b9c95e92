"""Windows of time, condensed values and colours: the arithmetic under the plots."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_designer.ui import colors
from rnn_designer.ui.scopes.bands import nice
from rnn_designer.ui.scopes.frame import Window, framed
from rnn_designer.ui.scopes.picture import line_points
from rnn_designer.ui.theme import DARK, LIGHT


@given(st.integers(1, 2000), st.lists(st.tuples(st.floats(0.2, 5), st.floats(-3000, 3000)), max_size=8))
def test_that_no_zoom_or_pan_leaves_the_axis(steps: int, moves: list[tuple[float, float]]) -> None:
    window = Window.whole(steps)
    for factor, place in moves:
        window = window.zoomed(factor, place).moved(place)
        assert -0.5 <= window.first < window.last <= steps - 0.5 + 1e-6


@given(st.integers(1, 500), st.floats(200, 2000))
def test_that_pixels_and_steps_are_each_others_inverse(steps: int, width: float) -> None:
    frame = framed(width, 300, Window.whole(steps), bands=1, series=True, lines=True)
    for step in {0, steps // 2, steps - 1}:
        assert frame.nearest_step(frame.x(step)) == step


def test_that_the_axis_names_its_first_and_last_step() -> None:
    frame = framed(970, 292, Window.whole(120), bands=1, series=True, lines=True)
    ticks = list(frame.ticks())
    assert (ticks[0], ticks[-1]) == (0, 119)
    assert ticks == sorted(set(ticks))


def test_that_a_spike_survives_when_many_steps_share_a_pixel() -> None:
    values = np.zeros((10_000, 1), dtype=np.float32)
    values[7_777] = -3.0
    assert min(value for _, value in line_points(values[:, 0], -0.5, 9_999.5, 300)) == -3.0


@pytest.mark.parametrize(
    ("value", "limit"), [(0.83, 1.0), (1.0, 1.0), (1.1, 1.2), (0.034, 0.04), (0.0, 1.0), (73, 80)]
)
def test_that_limits_are_round_numbers(value: float, limit: float) -> None:
    assert nice(value) == pytest.approx(limit)


@pytest.mark.parametrize("look", [LIGHT, DARK])
def test_that_zero_has_the_backgrounds_colour_and_the_ends_the_themes(look: object) -> None:
    table = colors.diverging(look, look.window)
    assert table.shape == (256, 4)
    ends = [tuple(int(each) for each in table[index][:3]) for index in (0, 128, 255)]
    wanted = [colors.QColor(name).getRgb()[:3] for name in (look.negative, look.window, look.positive)]
    assert np.abs(np.array(ends) - np.array(wanted)).max() <= 1


def test_that_zero_has_the_panels_colour_where_no_other_is_named() -> None:
    rows = colors.diverging_rows(LIGHT)
    assert colors.QColor(*rows[128]).name() == LIGHT.panel
    assert colors.QColor(*rows[0]).name() == LIGHT.negative
