"""Nothing is cut, elided or covered: every label, button, tab and box, in every state, size, theme and scale."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from layout_states import close_window, open_window, settle, walk
from layout_walk import faults
from painted_words import painted, word_faults
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLabel, QPushButton, QTabBar, QWidget

from rnn_designer.ui.theme import keeper

TESTS = Path(__file__).parents[1]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(1280, 800), (1920, 1080)], ids=["1280x800", "1920x1080"])
def test_that_everything_can_be_read(qapp: QApplication, size: tuple[int, int], scheme: str) -> None:
    assert walk(*size, scheme) == []
    keeper().apply("light")


@pytest.mark.parametrize("scale", ["1", "1.5", "2"])
def test_that_everything_can_be_read_at_every_scale(scale: str, own_settings: Path) -> None:
    environment = {**os.environ, "QT_SCALE_FACTOR": scale, "QT_QPA_PLATFORM": "offscreen"}
    environment["PYTHONPATH"] = os.pathsep.join((str(TESTS), str(TESTS.parent)))
    done = subprocess.run(
        [sys.executable, str(TESTS / "layout_states.py"), "1280", "800", "light"],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["ratio"] == float(scale)
    assert told["faults"] == []


@pytest.fixture
def board(qapp: QApplication, show: object) -> QWidget:
    """A small window to spoil."""
    keeper().apply("light")
    made = QWidget()
    made.resize(300, 120)
    show(made)  # type: ignore[operator]
    return made


def shown(widget: QWidget) -> QWidget:
    widget.show()
    QApplication.processEvents()
    return widget


def test_that_the_walk_finds_a_cut_label(board: QWidget) -> None:
    label = QLabel("A sentence that is longer than its place", board)
    label.setGeometry(0, 0, 60, 20)
    shown(label)
    assert any("needs" in fault for fault in faults(board))


def test_that_the_walk_finds_a_wrapped_label_without_its_last_line(board: QWidget) -> None:
    label = QLabel("A sentence that is longer than its place and wraps", board)
    label.setWordWrap(True)
    label.setGeometry(0, 0, 100, 20)
    shown(label)
    assert any("height" in fault for fault in faults(board))


def test_that_the_walk_finds_a_squeezed_button(board: QWidget) -> None:
    button = QPushButton("Export Keras code", board)
    button.setGeometry(0, 0, 60, 28)
    shown(button)
    assert any("“Export Keras code” needs" in fault for fault in faults(board))


def test_that_the_walk_finds_words_over_words(board: QWidget) -> None:
    for place in (0, 20):
        label = QLabel("Over", board)
        label.setGeometry(place, 0, 60, 30)
        shown(label)
    assert any("overlap" in fault for fault in faults(board))


def test_that_the_walk_finds_tabs_beyond_the_bar(board: QWidget) -> None:
    bar = QTabBar(board)
    bar.setUsesScrollButtons(False)
    bar.setExpanding(False)
    for title in ("Properties", "Data", "Explain", "Something else"):
        bar.addTab(title)
    bar.setGeometry(0, 0, 120, 30)
    shown(bar)
    assert any("tab" in fault for fault in faults(board))


class Painting(QWidget):
    """Paints words at places."""

    words: tuple[tuple[QRectF, str, str], ...] = ()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        for place, text, color in self.words:
            painter.setPen(QColor(color))
            painter.drawText(place, int(Qt.AlignmentFlag.AlignLeft), text)
        painter.end()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([(QRectF(10, 10, 90, 20), "0.5", "black"), (QRectF(10, 40, 90, 20), "unit 3", "black")], None),
        ([(QRectF(10, 10, 20, 20), "a long name", "black")], "needs"),
        ([(QRectF(270, 10, 90, 20), "a long name", "black")], "leaves"),
        (
            [(QRectF(10, 10, 90, 20), "0.5", "black"), (QRectF(16, 12, 90, 20), "unit 3", "black")],
            "over each other",
        ),
        ([(QRectF(10, 10, 90, 20), "0.5", "#dddddd")], "contrast"),
    ],
    ids=["fine", "cut", "outside", "over", "pale"],
)
def test_that_the_walk_hears_what_is_painted(
    board: QWidget, words: list[tuple[QRectF, str, str]], told: str | None
) -> None:
    made = Painting(board)
    made.resize(300, 120)
    made.words = tuple(words)
    shown(made)
    found = word_faults(made)
    assert len(painted(made)) == len(words)
    assert found == [] if told is None else any(told in fault for fault in found)


def test_that_the_walk_is_content_with_what_fits(board: QWidget) -> None:
    row = QHBoxLayout(board)
    for text in ("One", "Two"):
        row.addWidget(QLabel(text))
        row.addWidget(QPushButton(text))
    QApplication.processEvents()
    assert faults(board) == []


def test_that_the_top_bar_gives_way_to_longer_words(qapp: QApplication) -> None:
    window = open_window(1280, 800, "light")
    try:
        bar = window.top_bar
        transport = window.transport
        parts = (transport.first, transport.back, transport.forward, transport.loop, transport.speed)
        assert all(each.isVisible() for each in parts)
        usual = bar.export.text(), transport.live.text()
        bar.export.setText("Als ausführbaren Keras-Quelltext exportieren")
        window.transport.live.setText("● Mitlaufend")
        bar.search.set_words("Schichten, Befehle und Beispiele durchsuchen …", "Durchsuchen")
        settle()
        assert window.width() == 1280
        assert faults(bar) == []
        assert bar.export.mapTo(window, bar.export.rect().topRight()).x() < window.width()
        window.transport.live.setText("● Laufend mitgerechnet")
        settle()
        assert window.width() == 1280
        assert faults(bar) == []
        assert not transport.first.isVisible()
        assert transport.play.isVisible()
        bar.export.setText(usual[0])
        transport.live.setText(usual[1])
        settle()
        assert faults(bar) == []
        assert all(each.isVisible() for each in parts)
    finally:
        close_window(window)
