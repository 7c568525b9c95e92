"""Canvas and scopes look as they did when somebody last looked at them, in both themes.

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
from layout_states import close_window, give_trace, open_window, settle
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from rnn_designer.design import edits
from rnn_designer.paths import resource
from rnn_designer.session import EngineState
from rnn_designer.ui.main_window import MainWindow
from rnn_designer.ui.theme import keeper

IMAGES = Path(__file__).parent / "images"
KEPT = QSize(480, 300)
"""The size in which references are kept, for people."""
COMPARED = QSize(120, 75)
"""The size in which pictures are compared: letters are gone, boxes and wires are not."""
CELL = 20
"""By how many of 255 a cell may differ before it counts."""
MOST_CELLS = {"canvas": 0.010, "scopes": 0.030}
"""Which share of the cells may count. Measured with a monospaced font in place of Inter: 0.005 and 0.021. Measured with
the thinnest thing amiss, the wires missing: 0.017."""
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
