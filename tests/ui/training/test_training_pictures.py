"""The painted pictures of a training by mouse and keys: chart, map of epochs, outlines of weights, slider."""

import math
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QSignalSpy
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from rnn_designer.ui.theme import keeper
from rnn_designer.ui.training.chart import Chart, Line
from rnn_designer.ui.training.epoch_map import EpochMap
from rnn_designer.ui.training.histogram import Histogram, Looked, bins_for, spread_of
from rnn_designer.ui.training.track import EpochTrack

Show = Callable[[QWidget], QWidget]


def _line(name: str = "training") -> Line:
    return Line(name, np.arange(11.0), 1 / (1 + np.arange(11.0)), QColor("blue"))


def _chart(show: Show) -> Chart:
    chart = Chart("Loss")
    chart.resize(500, 200)
    show(chart)
    chart.show_lines([_line()], last=10, marks=[(7.0, "best")])
    return chart


def test_that_a_press_on_the_chart_asks_for_the_epoch_there(show: Show, qtbot: QtBot) -> None:
    chart = _chart(show)
    asked = QSignalSpy(chart.wanted)
    area = chart._area()
    qtbot.mouseClick(
        chart, Qt.MouseButton.LeftButton, pos=QPoint(round(area.left() + 0.41 * area.width()), 90)
    )
    assert asked.at(0)[0] == 4


def test_that_the_arrow_keys_go_through_the_epochs(show: Show, qtbot: QtBot) -> None:
    chart = _chart(show)
    moved, wanted = QSignalSpy(chart.moved), QSignalSpy(chart.wanted)
    qtbot.keyClick(chart, Qt.Key.Key_Left)
    qtbot.keyClick(chart, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(chart, Qt.Key.Key_End)
    assert [moved.at(place)[0] for place in range(moved.count())] == [-1, 10]
    assert wanted.at(0)[0] == 10


def test_that_the_figures_of_an_epoch_are_read_out(show: Show) -> None:
    chart = _chart(show)
    assert chart.words_at(3) == "epoch 3 · training 0.25"
    chart.show_cursor(4)
    assert "training 0.2" in chart.accessibleDescription()


def test_that_a_line_without_a_number_is_drawn_in_both_themes(show: Show) -> None:
    chart = _chart(show)
    y = np.array([1.0, math.nan, 0.0, -1.0, math.inf])
    for scheme in ("dark", "light"):
        keeper().apply(scheme)
        for log in (False, True):
            chart.show_lines([Line("odd", np.arange(5.0), y, QColor("red"))], last=4, log=log)
            assert not chart.grab().isNull()


def test_that_a_chart_of_very_many_batches_is_painted_within_a_few_frames(show: Show) -> None:
    chart = _chart(show)
    x = np.linspace(0, 10, 20_000)
    chart.show_lines([Line("batch", x, np.sin(x * 900), QColor("blue"), pale=True)], last=10)
    assert not chart.grab().isNull()


def _map(show: Show) -> EpochMap:
    made = EpochMap("Dead units")
    made.resize(420, 140)
    show(made)
    values = np.array([[0.0, 0.25, 0.5], [1.0, math.nan, 0.75]])
    made.show_values(values, (0, 5, 10), ("memory h", "memory c"))
    return made


def test_that_the_map_says_what_is_under_the_mouse_and_goes_there(show: Show, qtbot: QtBot) -> None:
    made = _map(show)
    area = made._area()
    middle = QPointF(area.center().x(), area.top() + 3)
    assert made.words_at(middle) == "epoch 5 · memory h · 25 %"
    assert made.words_at(QPointF(area.center().x(), area.bottom() - 3)).endswith("not known")
    asked = QSignalSpy(made.wanted)
    qtbot.mouseClick(made, Qt.MouseButton.LeftButton, pos=middle.toPoint())
    assert asked.at(0)[0] == 5
    qtbot.keyClick(made, Qt.Key.Key_Home)
    assert asked.at(1)[0] == 0


def test_that_bins_of_weights_are_read_by_their_ends(show: Show) -> None:
    made = EpochMap("Weights")
    made.resize(420, 140)
    show(made)
    made.show_values(np.array([[0.25], [0.75]]), (3,), scale=(-1.0, 1.0), limit=0.75)
    area = made._area()
    assert (
        made.words_at(QPointF(area.center().x(), area.top() + 3)) == "epoch 3 · 0 … 1 · 25 % of the weights"
    )
    assert not made.grab().isNull()


def test_that_a_spread_counts_every_number_once() -> None:
    values = np.random.default_rng(1).normal(size=500)
    looked = Looked.at(values)
    edges = bins_for([looked, Looked.at(values * 2)], 20)
    spread = spread_of(looked, edges)
    counts = np.histogram(values.astype(np.float32), edges)[0]
    assert np.array_equal(np.rint(spread.shares * 500), counts)
    assert math.isclose(float(spread.shares.sum()), 1.0)
    assert spread.quantiles[0] < spread.quantiles[1] < spread.quantiles[2]
    assert abs(spread.quantiles[1] - float(np.median(values))) < 0.01


def test_that_of_a_very_large_weight_evenly_spaced_numbers_are_looked_at() -> None:
    looked = Looked.at(np.arange(1_000_000, dtype=np.float32), most=1000)
    assert looked.values.size == 1000
    assert looked.values[1] == 1000


def test_that_weights_that_are_all_alike_or_no_numbers_have_a_spread_too(show: Show) -> None:
    alike = Looked.at(np.full(7, 0.5))
    edges = bins_for([alike], 10)
    assert math.isclose(float(spread_of(alike, edges).shares.sum()), 1.0)
    broken = spread_of(Looked.at(np.full(3, math.nan)), edges)
    assert np.isnan(broken.shares).all()
    outline = Histogram()
    outline.resize(300, 90)
    show(outline)
    outline.show_spreads([("epoch 0", broken), ("epoch 4", spread_of(alike, edges))])
    assert outline.names == ("epoch 0", "epoch 4")
    assert not outline.grab().isNull()


def _track(show: Show, shown: int | None = 4) -> EpochTrack:
    track = EpochTrack()
    track.resize(218, 27)
    show(track)
    track.show_epochs((0, 2, 4, 8, 10), last=10, done=10, best=8, shown=shown)
    return track


def test_that_the_knob_snaps_to_the_nearest_kept_epoch(show: Show, qtbot: QtBot) -> None:
    track = _track(show)
    asked = QSignalSpy(track.wanted)
    # The track is 200 pixels long: this is epoch 7, which was not kept.
    qtbot.mouseClick(track, Qt.MouseButton.LeftButton, pos=QPoint(9 + 140, 13))
    assert [asked.at(place)[0] for place in range(asked.count())] == [8]


def test_that_keys_move_the_knob_over_kept_epochs_only(show: Show, qtbot: QtBot) -> None:
    track = _track(show)
    asked = QSignalSpy(track.wanted)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_B):
        qtbot.keyClick(track, key)
    assert [asked.at(place)[0] for place in range(asked.count())] == [8, 2, 0, 10, 8]


def test_that_a_key_shows_an_end_while_no_epoch_is_shown(show: Show, qtbot: QtBot) -> None:
    track = _track(show, shown=None)
    asked = QSignalSpy(track.wanted)
    qtbot.keyClick(track, Qt.Key.Key_Left)
    qtbot.keyClick(track, Qt.Key.Key_Right)
    assert [asked.at(place)[0] for place in range(asked.count())] == [10, 0]
