"""Canvas, scopes and every view look as they did when somebody last looked at them, in both themes.

Pictures are compared small and smoothed, so that another machine's fonts do not matter, while a box, a wire or a colour
map that is missing or wrong does. After a wanted change, ``RNN_DESIGNER_NEW_IMAGES=1 pytest tests/ui/test_images.py``
writes the references anew: look at them before they are committed.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy
import pytest
from layout_states import VIEWS, close_window, give_trace, open_window, settle, show_view
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from view_answers import answer_views, weights_for

from rnn_designer.design import edits
from rnn_designer.paths import resource
from rnn_designer.session import EngineState
from rnn_designer.ui.main_window import MainWindow
from rnn_designer.ui.theme import keeper, theme

IMAGES = Path(__file__).parent / "images"
KEPT = QSize(480, 300)
"""The size in which references are kept, for people."""
PART = QSize(640, 300)
"""How large each part of a view is painted; kept at half of that."""
COMPARED = QSize(120, 75)
"""The size in which pictures are compared: letters are gone, boxes and wires are not."""
CELL = 20
"""By how many of 255 a cell may differ before it counts."""
MOST_CELLS = {"canvas": 0.010, "scopes": 0.030, "view": 0.030}
"""Which share of the cells may count. Measured with a monospaced font in place of Inter: 0.005 and 0.021. Measured with
the thinnest thing amiss, the wires missing: 0.017. Of views, likewise: at most 0.027, and 0.034 with a cell's numbers
turned round."""
MOST_MEAN = 2.0


@pytest.fixture
def window(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[MainWindow]:
    """The sunspots in a window of 1440 × 900, traced."""
    made = open_window(1440, 900, getattr(request, "param", "light"), reads=False)
    made.workspace.open(resource("examples", "sunspots.rnnd"))
    # An engine that is ready and is asked nothing: the trace stands, nothing is stale.
    live: Any = made.workspace.live
    live.stop()
    live._enabled = True
    made.workspace.engine._set(EngineState.READY, "")
    give_trace(made)
    made.scopes.ensure_plots()
    memory = next(layer for layer in made.workspace.document.design.walk() if layer.kind == "LSTM")
    made.selection.set((memory.id,))
    made.canvas.fit()
    settle()
    yield made
    close_window(made)
    keeper().apply("light")


def picture(widget: QWidget) -> QImage:
    settle()
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    return image.scaled(
        KEPT, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )


def cells(image: QImage) -> numpy.ndarray:
    small = image.scaled(
        COMPARED, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    ).convertToFormat(QImage.Format.Format_RGB32)
    data = numpy.frombuffer(small.constBits(), numpy.uint8).reshape(COMPARED.height(), COMPARED.width(), 4)
    return data[:, :, :3].astype(numpy.int32)


def unlike(one: QImage, other: QImage, what: str) -> str:
    """How two pictures differ; empty if they count as the same."""
    difference = numpy.abs(cells(one) - cells(other)).max(axis=2)
    mean, share = float(difference.mean()), float((difference > CELL).mean())
    if mean <= MOST_MEAN and share <= MOST_CELLS[what]:
        return ""
    return f"mean difference {mean:.2f} of 255, {share:.2%} of the cells differ by more than {CELL}"


def check(name: str, image: QImage, tmp_path: Path) -> None:
    reference = IMAGES / f"{name}.png"
    if os.environ.get("RNN_DESIGNER_NEW_IMAGES"):
        IMAGES.mkdir(exist_ok=True)
        assert image.save(str(reference))
    kept = QImage(str(reference))
    assert not kept.isNull(), f"{reference} is missing"
    shown = tmp_path / f"{name}.png"
    image.save(str(shown))
    difference = unlike(image, kept, name.split("-")[0])
    assert not difference, f"{difference}: compare {shown} with {reference}"


@pytest.mark.parametrize("window", ["light", "dark"], indirect=True)
def test_that_the_canvas_looks_as_it_should(window: MainWindow, tmp_path: Path) -> None:
    check(f"canvas-{keeper().scheme}", picture(window.canvas), tmp_path)


@pytest.mark.parametrize("window", ["light", "dark"], indirect=True)
def test_that_the_scopes_look_as_they_should(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.scopes.message and not window.workspace.live.stale)
    check(f"scopes-{keeper().scheme}", picture(window.scopes), tmp_path)


PAINTED = {
    "unit": ("lines", "bars"),
    "cell": ("diagram",),
    "unrolled": ("unrolled",),
    "weights": ("maps", "eigenvalues"),
    "saturation": ("scatters", "strips"),
    "memory": ("plot",),
    "trajectory": ("space",),
    "match": ("brush",),
    "compare": ("lines", "map"),
}
"""What a view paints; its labels and choices are words, as wide and as high as a machine's font makes them."""


def painted(window: MainWindow, name: str) -> QImage:
    """What the view in front paints, side by side, in a size that no font has a say in."""
    view: Any = window.scopes.instruments.view
    assert not view.message
    parts = [getattr(view, part) for part in PAINTED[name]]
    parts = [part[-1] if isinstance(part, list) else part for part in parts]
    settle()
    whole = QImage(PART.width() * len(parts), PART.height(), QImage.Format.Format_RGB32)
    whole.fill(QColor(theme().window))
    painter = QPainter(whole)
    for place, part in enumerate(parts):
        part.setMaximumHeight(PART.height())
        part.resize(PART)
        part.render(painter, QPoint(PART.width() * place, 0))
    painter.end()
    kept = QSize(PART.width() * len(parts) // 2, PART.height() // 2)
    return whole.scaled(
        kept, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
    )


def picture_of(window: MainWindow, name: str) -> QImage:
    """What a view of the LSTM paints."""
    show_view(window, name)
    return painted(window, name)


@pytest.mark.parametrize("window", ["light", "dark"], indirect=True)
def test_that_every_view_looks_as_it_should(window: MainWindow, tmp_path: Path) -> None:
    answer_views(window)
    for name in VIEWS[1:]:
        check(f"view-{name}-{keeper().scheme}", picture_of(window, name), tmp_path)


def with_other_numbers(window: MainWindow) -> None:
    """A trace, weights and answers that are wrong."""
    live: Any = window.workspace.live
    analyses: Any = window.workspace.analyses
    answer_views(window)
    answered = analyses.answer

    def wrong(question: Any) -> Any:
        found = answered(question)
        turned = {name: array[::-1] if array.ndim else array for name, array in found.arrays.items()}
        return replace(found, arrays=turned)

    analyses.answer = wrong
    live._book.carry({name: -array for name, array in weights_for(window).items()})
    trace = live.trace
    live._trace = replace(trace, run=2, arrays={name: -array for name, array in trace.arrays.items()})
    live.traced.emit(live._trace)


def test_that_wrong_views_are_noticed(window: MainWindow) -> None:
    answer_views(window)
    right = {name: picture_of(window, name) for name in VIEWS[1:-1]}
    with_other_numbers(window)
    for name, seen in right.items():
        assert unlike(picture_of(window, name), seen, "view"), name


def test_that_a_wrong_comparison_is_noticed(window: MainWindow) -> None:
    right = picture_of(window, "compare")
    with_other_numbers(window)
    assert unlike(painted(window, "compare"), right, "view")


def without_a_box(window: MainWindow) -> None:
    document = window.workspace.document
    gone = next(layer for layer in document.design.layers if layer.kind == "Dropout")
    document.apply(edits.remove((gone.id,)), "Remove dropout")
    give_trace(window)


def without_wires(window: MainWindow) -> None:
    document = window.workspace.document
    document.apply(edits.chain(*(edits.disconnect(link) for link in document.design.links)), "Cut wires")


def elsewhere(window: MainWindow) -> None:
    document = window.workspace.document
    layer = document.design.layers[-1]
    document.apply(edits.move({layer.id: (layer.position[0], layer.position[1] + 60)}), "Move")


def in_the_other_theme(window: MainWindow) -> None:
    keeper().apply("dark" if keeper().scheme == "light" else "light")


@pytest.mark.parametrize("spoil", [without_a_box, without_wires, elsewhere, in_the_other_theme])
def test_that_a_wrong_canvas_is_noticed(window: MainWindow, spoil: Callable[[MainWindow], None]) -> None:
    right = picture(window.canvas)
    spoil(window)
    assert unlike(picture(window.canvas), right, "canvas")


def test_that_wrong_scopes_are_noticed(window: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not window.scopes.message)
    right = picture(window.scopes)
    trace = window.workspace.live.trace
    assert trace is not None
    upside_down = {name: -array for name, array in trace.arrays.items()}
    live = window.workspace.live
    live._trace = replace(trace, run=2, arrays=upside_down)
    live.traced.emit(live._trace)
    assert unlike(picture(window.scopes), right, "scopes")
