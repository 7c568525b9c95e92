"""Wherever a view shows units, a double-click wants all about one, and a right-click and the menu key offer it."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy_cells import UNITS, CellWorkspace
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from rnn_designer.messages import Analysis
from rnn_designer.session.analyses import Question
from rnn_designer.session.pinned import PinnedRuns
from rnn_designer.ui.scopes.state import SharedChoices
from rnn_designer.ui.views import view_class
from rnn_designer.ui.views.view import View

Show = Callable[[QWidget], QWidget]


@pytest.fixture
def workspace() -> Iterator[Any]:
    made = CellWorkspace()
    made.pinned = PinnedRuns(made.live, made)
    known = made.knows

    def answer(question: Question) -> Analysis | None:
        return known(question) if question.kind in ("unit_sum", "cell_steps") else None

    made.analyses.know = answer
    yield made
    made.deleteLater()


def _shown(name: str, workspace: Any, show: Show, layer: str = "mem") -> View:
    view = view_class(name)(workspace, SharedChoices(workspace))
    view.resize(1000, 420)
    show(view)
    workspace.run()
    view.show_layer(layer)
    workspace.playback.go_to(3)
    view.grab()
    return view


def _places(view: View) -> list[tuple[QWidget, QPoint, int, bool]]:
    """A place in each picture at which a unit is seen, as the eye would find it: by looking everywhere."""
    found = []
    for picture, (unit_at, _side, _chosen, double) in view.offers._pictures.items():
        if not picture.isVisible():
            continue
        grid = (QPoint(x, y) for y in range(2, picture.height(), 3) for x in range(2, picture.width(), 5))
        seen = ((place, unit_at(QPointF(place))) for place in grid)
        place, unit = next(((at, unit) for at, unit in seen if unit is not None), (QPoint(), None))
        if unit is not None:
            found.append((picture, place, unit, double))
    return found


@pytest.mark.parametrize("name", ["cell", "weights", "match"])
def test_that_every_picture_of_units_shows_one_by_double_click_and_menu(
    name: str, workspace: Any, show: Show, qtbot: Any
) -> None:
    view = _shown(name, workspace, show)
    places = _places(view)
    assert places
    for picture, place, unit, double in places:
        assert 0 <= unit < UNITS
        if double:
            with qtbot.waitSignal(view.unit_wanted) as wanted:
                QTest.mouseDClick(picture, Qt.MouseButton.LeftButton, pos=place)
            assert wanted.args == [unit, ""]
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, picture.mapToGlobal(place))
        QApplication.sendEvent(picture, event)
        menu = next(each for each in picture.findChildren(QMenu) if each.isVisible())
        assert [each.text() for each in menu.actions()] == [f"Show unit {unit}"]
        with qtbot.waitSignal(view.unit_wanted) as wanted:
            menu.actions()[0].trigger()
        assert wanted.args == [unit, ""]
        menu.close()


def test_that_the_menu_key_is_about_the_unit_chosen_last(workspace: Any, show: Show, qtbot: Any) -> None:
    view = _shown("match", workspace, show)
    workspace.playback.choose_units("mem", (1, 2))
    picture = next(iter(view.offers._pictures))
    assert isinstance(picture, QWidget)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0))
    QApplication.sendEvent(picture, event)
    menu = next(each for each in picture.findChildren(QMenu) if each.isVisible())
    assert menu.actions()[0].text() == "Show unit 2"
    menu.close()


def test_that_a_row_of_the_brush_is_the_unit_that_is_drawn_there(workspace: Any, show: Show) -> None:
    view: Any = _shown("match", workspace, show)
    shown, area = view.brush._shown, view.brush.frame().bands[0]
    for row, unit in enumerate(shown.order):
        place = QPointF(area.center().x(), area.top() + (row + 0.5) * area.height() / len(shown.order))
        assert view.brush.unit_at(place) == int(unit)


def test_that_a_column_of_a_kernel_is_a_unit_of_its_gate(workspace: Any, show: Show) -> None:
    view: Any = _shown("weights", workspace, show)
    heat = next(iter(view.offers._pictures))
    area, kernel = heat._area(), workspace.live.weights["mem/kernel"]
    width = kernel.shape[1]
    found = [
        view.offers._pictures[heat][0](
            QPointF(area.left() + (column + 0.5) * area.width() / width, area.center().y())
        )
        for column in range(width)
    ]
    assert found == [column % UNITS for column in range(width)]


@pytest.mark.parametrize(
    ("layer", "key", "path"), [("bi", "inner/backward", "backward"), ("rnn", "high", "cell_1")]
)
def test_that_the_weights_of_a_direction_or_a_cell_show_the_unit_of_that(
    workspace: Any, show: Show, qtbot: Any, layer: str, key: str, path: str
) -> None:
    view: Any = _shown("weights", workspace, show, layer)
    view.owner_button.choose(key)
    view.grab()
    picture, place, unit, _ = _places(view)[0]
    with qtbot.waitSignal(view.unit_wanted) as wanted:
        QTest.mouseDClick(picture, Qt.MouseButton.LeftButton, pos=place)
    assert wanted.args == [unit, path]
    unit_view: Any = _shown("unit", workspace, show, layer)
    unit_view.show_unit(*wanted.args)
    assert unit_view._path.endswith(path)
    assert unit_view.unit == unit


def test_that_units_counted_through_both_directions_are_shown_of_their_own(
    workspace: Any, show: Show
) -> None:
    view: Any = _shown("unit", workspace, show, "bi")
    view.show_unit(UNITS + 1)
    assert view._path == "both/backward"
    assert view.unit == 1
    curve = next(each for each in view.lines.curves if each.symbol == "h")
    assert np.allclose(curve.values, workspace.cell("inner", 1).states[0, :, 0, 1], atol=1e-6)
    view.show_unit(0)
    assert (view._path, view.unit) == ("both/forward", 0)


def test_that_layers_without_states_offer_nothing(workspace: Any, show: Show) -> None:
    workspace.live.weights["den/kernel"] = np.ones((3, 2), np.float32)
    view = _shown("weights", workspace, show, "den")
    wanted: list[int] = []
    view.unit_wanted.connect(lambda unit, _side: wanted.append(unit))
    for picture, place, _unit, _double in _places(view):
        QTest.mouseDClick(picture, Qt.MouseButton.LeftButton, pos=place)
    assert not wanted
