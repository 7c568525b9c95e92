"""A canvas on a real document, and a hand that moves the mouse over it with real events."""

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtCore import QByteArray, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import Design, Layer, Link
from rnn_designer.ui.canvas import CanvasView

LEFT, MIDDLE, RIGHT = Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton, Qt.MouseButton.RightButton
PLAIN = Qt.KeyboardModifier.NoModifier


def layer(
    kind: str, name: str, x: float = 0.0, y: float = 0.0, children: tuple[Layer, ...] = (), **params: Any
) -> Layer:
    """A layer whose id is its name."""
    return Layer(name, kind, name, FrozenMap(params), (x, y), children)


def chain_design() -> Design:
    """Input → LSTM → Dense in a row, and a Bidirectional that hangs on nothing."""
    return Design(
        "chain",
        (
            layer("Input", "source", 0, 0, shape=(None, 3)),
            layer("LSTM", "memory", 280, 0, units=8, return_sequences=True),
            layer("Dense", "answer", 560, 0, units=2),
            layer("Bidirectional", "both", 0, 200, (layer("GRU", "reader", units=4),)),
        ),
        (Link("source", "memory"), Link("memory", "answer")),
    )


class Hand:
    """Moves the mouse over the canvas, in scene coordinates."""

    def __init__(self, canvas: CanvasView) -> None:
        self.canvas = canvas

    def spot(self, at: QPointF) -> QPoint:
        """Where a point of the scene is in the viewport."""
        return self.canvas.mapFromScene(at)

    def port(self, layer_id: str, name: str, *, output: bool) -> QPointF:
        """The middle of a port."""
        return self.canvas.canvas_scene.item_for_layer[layer_id].port_point(name, output=output)

    def header(self, layer_id: str) -> QPointF:
        """A point in a box's header."""
        return self.canvas.canvas_scene.item_for_layer[layer_id].pos() + QPointF(60, 14)

    def press(self, at: QPointF, button: Qt.MouseButton = LEFT, held: Qt.KeyboardModifier = PLAIN) -> None:
        """Press a button."""
        QTest.mousePress(self.canvas.viewport(), button, held, self.spot(at))

    def move(self, at: QPointF, button: Qt.MouseButton = LEFT, held: Qt.KeyboardModifier = PLAIN) -> None:
        """Move with a button held down."""
        _send_move(self.canvas, self.spot(at), button, held)

    def release(self, at: QPointF, button: Qt.MouseButton = LEFT, held: Qt.KeyboardModifier = PLAIN) -> None:
        """Let the button go."""
        QTest.mouseRelease(self.canvas.viewport(), button, held, self.spot(at))

    def click(self, at: QPointF, held: Qt.KeyboardModifier = PLAIN) -> None:
        """Press and let go in one place."""
        QTest.mouseClick(self.canvas.viewport(), LEFT, held, self.spot(at))

    def double_click(self, at: QPointF) -> None:
        """Click twice."""
        self.click(at)
        QTest.mouseDClick(self.canvas.viewport(), LEFT, PLAIN, self.spot(at))

    def drag(
        self,
        start: QPointF,
        end: QPointF,
        button: Qt.MouseButton = LEFT,
        held: Qt.KeyboardModifier = PLAIN,
    ) -> None:
        """Press, move in a few steps, let go."""
        self.press(start, button, held)
        for part in (0.3, 0.7, 1.0):
            self.move(start + (end - start) * part, button, held)
        self.release(end, button, held)

    def key(self, key: Qt.Key, held: Qt.KeyboardModifier = PLAIN) -> None:
        """Press a key on the canvas."""
        QTest.keyClick(self.canvas, key, held)


def _send_move(canvas: CanvasView, spot: QPoint, button: Qt.MouseButton, held: Qt.KeyboardModifier) -> None:
    """QTest's own move carries no button."""
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent

    viewport = canvas.viewport()
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        QPointF(spot),
        QPointF(viewport.mapToGlobal(spot)),
        Qt.MouseButton.NoButton,
        button,
        held,
    )
    QApplication.sendEvent(viewport, event)


class Palette:
    """Drags a layer type over the canvas with the events that Qt would send."""

    def __init__(self, canvas: CanvasView) -> None:
        self.canvas = canvas

    def _mime(self, kind: str) -> QMimeData:
        data = QMimeData()
        data.setData("application/x-rnn-designer-layer", QByteArray(kind.encode()))
        return data

    def enter(self, kind: str, at: QPointF) -> bool:
        """The drag comes in and moves to a point; whether the canvas takes it."""
        self.data = self._mime(kind)
        spot = self.canvas.mapFromScene(at)
        copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
        with warnings.catch_warnings():
            # Qt 6.12 wants a QPointF here, which Qt 6.11 does not know yet; PySide6 offers neither.
            warnings.simplefilter("ignore", DeprecationWarning)
            event = QDragEnterEvent(spot, copy, self.data, left, PLAIN)
            move = QDragMoveEvent(spot, copy, self.data, left, PLAIN)
        QApplication.sendEvent(self.canvas.viewport(), event)
        if not event.isAccepted():
            return False
        QApplication.sendEvent(self.canvas.viewport(), move)
        return move.isAccepted()

    def leave(self) -> None:
        """The drag goes away, as it does on Esc."""
        QApplication.sendEvent(self.canvas.viewport(), QDragLeaveEvent())

    def drop(self, kind: str, at: QPointF) -> bool:
        """Drag to a point and let go; whether the canvas took it."""
        if not self.enter(kind, at):
            return False
        spot = QPointF(self.canvas.mapFromScene(at))
        left = Qt.MouseButton.LeftButton
        event = QDropEvent(spot, Qt.DropAction.CopyAction, self.data, left, PLAIN)
        QApplication.sendEvent(self.canvas.viewport(), event)
        return event.isAccepted()


@pytest.fixture
def canvas(workspace: Any, selection: Any, qtbot: QtBot) -> Iterator[CanvasView]:
    """An empty canvas, shown at 100 %."""
    made = CanvasView(workspace, selection)
    made.resize(1000, 700)
    with qtbot.waitExposed(made):
        made.show()
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def filled(canvas: CanvasView) -> CanvasView:
    """The canvas with :func:`chain_design` on it."""
    canvas.workspace.document.reset(chain_design(), None)
    canvas.zoom_to(1.0)
    canvas.centre_on(QPointF(380, 160))
    return canvas


@pytest.fixture
def hand(canvas: CanvasView) -> Hand:
    """The mouse over the canvas."""
    return Hand(canvas)


@pytest.fixture
def palette(canvas: CanvasView) -> Palette:
    """Drags from the palette."""
    return Palette(canvas)


@pytest.fixture
def one_step(canvas: CanvasView) -> Callable[[str], None]:
    """Assert that exactly one undo step of that name was made, and that undo takes everything back."""
    document = canvas.workspace.document

    def _check(label: str) -> None:
        assert document.history.steps == (label,)
        after = document.design
        document.undo()
        assert document.history.undo_label is None
        document.redo()
        assert document.design == after

    return _check


@pytest.fixture
def make_layer() -> Callable[..., Layer]:
    """Make a layer whose id is its name."""
    return layer


@pytest.fixture
def chain() -> Design:
    """The design of :func:`filled`."""
    return chain_design()
