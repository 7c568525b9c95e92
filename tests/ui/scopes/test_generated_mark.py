"""The scopes mark what the model itself made: where it begins, how the samples go on, and nothing without it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QRectF

from rnn_designer.messages import Trace
from rnn_designer.ui.scopes.frame import Window, framed


@pytest.fixture
def generated_trace() -> Trace:
    rng = np.random.default_rng(2)
    arrays = {
        "wave/input": rng.normal(size=(2, 12, 1)).astype("float32"),
        "memory/state/h": rng.normal(size=(2, 12, 4)).astype("float32"),
    }
    return Trace(1, arrays, {"W": "wave", "M": "memory"}, 0.01, generated=8)


def drawn(trace: Trace, real: Any = None) -> Any:
    from rnn_designer.ui.scopes.picture import picture, series_of
    from rnn_designer.ui.scopes.signals import Shown

    series = series_of("wave", trace.arrays["wave/input"], 1, real=real, since=trace.generated)
    return picture(
        trace,
        "M",
        "memory",
        (Shown("state/h", "h", "", False),),
        sample=1,
        steps=12,
        order="index",
        series=series,
        masks=(),
        recurrent=True,
        timed=True,
    )


def mark() -> Any:
    from rnn_designer.ui.scopes.generated import GeneratedMark

    return GeneratedMark()


def test_that_a_picture_knows_the_first_generated_step(generated_trace: Trace) -> None:
    assert drawn(generated_trace).generated == 8
    assert drawn(replace(generated_trace, generated=None)).generated is None


def test_that_the_samples_own_way_on_begins_at_the_last_common_step(generated_trace: Trace) -> None:
    real = np.arange(20, dtype="float32").reshape(2, 10, 1)
    shown = drawn(generated_trace, real).series.real
    assert shown.shape == (12, 1)
    np.testing.assert_array_equal(shown[7:10, 0], real[1, 7:10, 0])
    assert np.isnan(shown[:7]).all()
    assert np.isnan(shown[10:]).all()


@pytest.mark.parametrize("shape", [(2, 8, 1), (2, 10, 3), (1, 10, 1)])
def test_that_samples_that_do_not_go_on_are_not_drawn(generated_trace: Trace, shape: tuple[int, ...]) -> None:
    assert drawn(generated_trace, np.zeros(shape, "float32")).series.real is None


def test_that_the_mark_begins_half_a_step_before_the_first_generated_one(qapp: Any) -> None:
    frame = framed(700, 260, Window.whole(12), bands=1, series=True, lines=True)
    made = mark()
    made.show(8, frame)
    ground, line, _word = made.items
    assert ground.rect().left() == pytest.approx(frame.x(7.5))
    assert ground.rect().right() == pytest.approx(frame.plot.right())
    assert line.line().x1() == pytest.approx(frame.x(7.5), abs=1)
    assert made.words == "generated from step 8"


@pytest.mark.parametrize(
    ("first", "window", "tinted", "lined"),
    [
        (None, Window.whole(12), False, False),
        (8, Window(12, -0.5, 6.5), False, False),
        (8, Window(12, 8.5, 11.5), True, False),
    ],
)
def test_that_only_what_is_in_view_is_marked(
    qapp: Any, first: int | None, window: Window, tinted: bool, lined: bool
) -> None:
    made = mark()
    made.show(first, framed(700, 260, window, bands=1, series=True, lines=True))
    ground, line, _word = made.items
    assert (ground.isVisible(), line.isVisible()) == (tinted, lined)
    assert (made.words != "") is tinted


def test_that_the_word_stays_within_the_plot(qapp: Any) -> None:
    frame = framed(400, 260, Window.whole(12), bands=1, series=True, lines=True)
    made = mark()
    made.show(11, frame)
    word = made.items[2]
    assert word.x() + word.boundingRect().width() <= frame.plot.right() + 2
    narrow = framed(190, 260, Window.whole(12), bands=1, series=True, lines=True)
    made.show(11, narrow)
    assert made.words == ""
    assert made.items[0].rect().intersects(QRectF(narrow.plot))
