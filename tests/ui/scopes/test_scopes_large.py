"""Long traces of many units: no peak is lost at any zoom, and the window is never held up for long."""

from __future__ import annotations

import time

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from rnn_designer.messages import Trace
from rnn_designer.pyramid import spans
from rnn_designer.ui.scopes.bands import (
    Band,
    at_once,
    band,
    banded,
    ends,
    ordered,
    ordering,
    sampled,
    spread,
    surveyed,
)
from rnn_designer.ui.scopes.digests import Digests
from rnn_designer.ui.scopes.frame import Window
from rnn_designer.ui.scopes.picture import cells, line_points
from rnn_designer.ui.scopes.signals import Shown

H = Shown("state/h", "h", "The hidden state.")
GATE = Shown("gate/forget", "f", "The forget gate.", gate=True)

SIZES = [(2_048, 10_000), (64, 100_000), (512, 100_000), (3, 1_000)]


def quiet(units: int, steps: int) -> np.ndarray:
    """Values that stay far from the limits."""
    return np.full((steps, units), 0.01, np.float32)


def large(values: np.ndarray, shown: Shown = H) -> Band:
    """As a scope makes it: with a pyramid, whatever its size."""
    return at_once(banded(shown, values))


@pytest.mark.parametrize(("units", "steps"), SIZES)
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_that_a_single_spike_is_in_the_picture_at_every_zoom(units: int, steps: int, sign: float) -> None:
    rng = np.random.default_rng(units + steps)
    values = quiet(units, steps)
    spikes = [(0, 0), (steps - 1, units - 1)]
    spikes += [(int(rng.integers(steps)), int(rng.integers(units))) for _ in range(4)]
    for step, unit in spikes:
        values[step, unit] = sign
    drawn, order = large(values), rng.permutation(units)
    rows = np.argsort(order)
    wide, high = 1_117, 211
    for step, unit in spikes:
        for share in (1.0, 0.61, 0.2, 0.033, 0.0047):
            span = max(12.0, share * steps)
            first = float(np.clip(step + 0.5 - rng.random() * span, 0, max(0.0, steps - span)))
            last = min(float(steps), first + span)
            found = cells(drawn, order, first, last, wide, high)
            tall, broad = found.index.shape
            x = (step + 0.5 - found.first) / (found.last - found.first) * broad
            y = (rows[unit] + 0.5) / units * tall
            near = found.index[max(0, int(y) - 1) : int(y) + 2, max(0, int(x) - 2) : int(x) + 3].astype(int)
            assert np.abs(near - 128).max() >= 126, (step, unit, share)
            points = line_points(values[:, unit], first - 0.5, last - 0.5, wide)
            assert points[points[:, 0] == step, 1].tolist() == [sign]


def test_that_a_gate_that_opens_once_is_in_the_picture() -> None:
    values = np.zeros((40_000, 8), np.float32)
    values[31_234, 5] = 1.0
    found = cells(large(values, GATE), np.arange(8), 0.0, 40_000.0, 300, 80)
    assert found.index[5].max() == 255
    assert found.index[[0, 1, 2, 3, 4, 6, 7]].max() == 0


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("hole", [None, np.nan, np.inf])
@pytest.mark.parametrize(
    ("first", "last"), [(0.0, 5_003.0), (17.25, 912.5), (100.0, 160.0), (4_990.0, 5_003.0)]
)
def test_that_a_pyramid_gives_what_the_values_themselves_give(
    first: float, last: float, hole: float | None, exact: bool
) -> None:
    """Every pixel has the value farthest from zero of the steps that it touches, or of one pixel beside it."""
    rng = np.random.default_rng(3)
    values = rng.standard_normal((5_003, 7)).astype(np.float32)
    if hole is not None:
        values[2_000:2_010, 3] = hole
    order = rng.permutation(7)
    one = cells(large(values), order, first, last, 260, 90, exact)
    two = cells(band(H, values), order, first, last, 260, 90, exact)
    if not exact and hole is None and last - first <= 260:
        # While there is a pixel for every step the steps themselves are the image.
        steps = values[int(one.first) : int(one.last), order].T
        assert np.abs(one.index - (steps * 127.5 / band(H, values).high + 128)).max() <= 1
        return
    assert one.index.shape == two.index.shape
    wider = np.stack(
        [
            np.abs(two.index.astype(int) - 128),
            *(np.abs(np.roll(two.index, by, 1).astype(int) - 128) for by in (1, -1)),
        ]
    ).max(axis=0)
    narrow = np.abs(two.index.astype(int) - 128)
    mine = np.abs(one.index.astype(int) - 128)
    assert (mine >= narrow).all()
    assert (mine[:, 1:-1] <= wider[:, 1:-1]).all()
    assert (one.wrong is None) == (two.wrong is None)
    if one.wrong is not None:
        assert (one.wrong | ~two.wrong).all()


@pytest.mark.parametrize("seed", range(4))
def test_that_a_table_read_in_parts_is_known_as_well_as_one_read_at_once(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.standard_normal((9_000, 64)).astype(np.float32) * rng.random(64).astype(np.float32)
    values[:, 9] = 7.5
    if seed % 2:
        values[4_321, 5], values[7_000, 6] = np.nan, -np.inf
    found = at_once(surveyed(values))
    good = values[np.isfinite(values)]
    clean = np.where(np.isfinite(values), values, 0)
    assert (found.least, found.most) == (good.min(), good.max())
    assert found.wrong_since == (4_321 if seed % 2 else None)
    assert np.array_equal(found.peaks, np.abs(clean).argmax(axis=0))
    assert np.allclose(found.variances, clean.var(axis=0, dtype=np.float64), rtol=1e-4, atol=1e-9)
    for order in ("variance", "peak"):
        assert np.array_equal(ordered(values, order, found), ordered(values, order))


def test_that_a_line_breaks_where_there_is_no_number_and_still_shows_the_peak_beside_it() -> None:
    values = np.zeros(50_000)
    values[20_000], values[20_003] = np.nan, 5.0
    points = line_points(values, -0.5, 49_999.5, 400)
    assert np.isnan(points[:, 1]).sum() >= 1
    assert np.nanmax(points[:, 1]) == 5.0


@pytest.mark.parametrize(("cells_", "pixels"), [(10, 7), (1_000, 999), (5, 40), (13, 13), (1_000, 3)])
def test_that_every_cell_has_a_pixel_and_every_pixel_a_cell(cells_: int, pixels: int) -> None:
    starts, stops = spans(0, cells_, pixels, cells_)
    shown = {cell for a, b in zip(starts.tolist(), stops.tolist(), strict=True) for cell in range(a, b)}
    assert shown == set(range(cells_))
    assert (stops > starts).all()


def _longest_turn(digests: Digests) -> float:
    """The longest that the window was held up until everything was there, in seconds."""
    longest = 0.0
    while digests.busy:
        start = time.perf_counter()
        QCoreApplication.processEvents()
        longest = max(longest, time.perf_counter() - start)
    return longest


@pytest.mark.parametrize("order", ["variance", "peak", "similarity"])
def test_that_sorting_two_thousand_units_does_not_hold_the_window_up(qtbot: QtBot, order: str) -> None:
    values = np.cumsum(np.random.default_rng(1).standard_normal((2_000, 2_048)).astype(np.float32), axis=0)
    survey = at_once(surveyed(values))
    longest = []
    for run in range(3):
        digests, trace = Digests(), Trace(run, {}, {}, 0.0)
        with qtbot.waitSignal(digests.ready):
            assert digests.get(trace, ("order",), lambda: ordering(values, order, survey)) is None
            longest.append(_longest_turn(digests))
        found = digests.get(trace, ("order",), lambda: ordering(values, order, survey))
        assert found is not None
        assert np.array_equal(found, ordered(values, order, survey))
    # A frame, with slack for a busy machine.
    assert min(longest) < 0.048


def test_that_tables_of_another_run_are_let_go(qtbot: QtBot) -> None:
    digests, values = Digests(), quiet(4, 100)
    first, second = Trace(1, {}, {}, 0.0), Trace(2, {}, {}, 0.0)
    assert digests.get(first, ("a",), lambda: surveyed(values)) is None
    with qtbot.waitSignal(digests.ready):
        assert digests.get(second, ("b",), lambda: surveyed(values)) is None
    assert digests.get(second, ("b",), lambda: surveyed(values)) is not None
    assert digests.get(second, ("a",), lambda: surveyed(values)) is None
    with qtbot.waitSignal(digests.ready):
        pass


def test_that_a_zoomed_window_of_a_large_table_is_drawn_from_what_is_in_view() -> None:
    values = quiet(4, 100_000)
    values[60_000:60_010, 2] = 1.0
    window = Window(100_000, 59_989.5, 60_019.5)
    found = cells(large(values), np.arange(4), window.first + 0.5, window.last + 0.5, 300, 80)
    assert (found.first, found.last) == (59_990.0, 60_020.0)
    assert (found.index[2] > 200).tolist() == [10 <= step < 20 for step in range(30)]


def test_that_all_samples_read_in_parts_are_known_as_well_as_read_at_once() -> None:
    values = np.random.default_rng(5).normal(size=(3, 3_000, 96)).astype(np.float32)
    values[1, 700, 5] = np.inf
    values[2, 50, 95] = -70
    between = at_once(ends(values))
    assert between == spread(values)
    assert at_once(ends(values[:, :20])) == spread(values[:, :20])
    for sample, one in zip(at_once(sampled(H, values, between)), values, strict=True):
        plain = band(H, one, between)
        assert (sample.low, sample.high, sample.nan_since) == (plain.low, plain.high, plain.nan_since)
        seen = [cells(each, np.arange(96), 0, 3_000, 3_000, 96, exact=True).index for each in (sample, plain)]
        assert np.array_equal(*seen)
