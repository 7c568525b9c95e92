"""The palette: every type is there, the filter finds by what things do, and what is dragged names the kind."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from rnn_designer.catalog import CATALOG
from rnn_designer.ui.palette import LAYER_MIME, Palette, drag_pixmap

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def palette(workspace: Any, selection: Any, show: Callable[[QWidget], QWidget]) -> Any:
    made = Palette(workspace, selection)
    made.resize(216, 600)
    return show(made)


def kinds(palette: Palette) -> list[str]:
    model = palette.list.model()
    found = (palette._model.type_at(model.index(row, 0)) for row in range(model.rowCount()))
    return [each.kind for each in found if each is not None]


def test_that_every_layer_type_is_offered_with_its_summary(palette: Palette) -> None:
    assert sorted(kinds(palette)) == sorted(CATALOG)
    index = palette._model.row_of("LSTM")
    assert CATALOG["LSTM"].summary in index.data(Qt.ItemDataRole.ToolTipRole)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole).startswith("LSTM, Recurrent")


def test_that_headings_can_be_neither_chosen_nor_dragged(palette: Palette) -> None:
    assert palette._model.flags(palette._model.index(0)) == Qt.ItemFlag.NoItemFlags
    assert palette._model.mimeData([palette._model.index(0)]).formats() == []


def test_that_a_dragged_row_carries_its_kind(palette: Palette) -> None:
    data = palette._model.mimeData([palette._model.row_of("GRU")])
    assert bytes(data.data(LAYER_MIME).data()).decode() == "GRU"
    assert not drag_pixmap("GRU", 120, 1.0).isNull()


@pytest.mark.parametrize(("query", "kind"), [("lst", "LSTM"), ("gru", "GRU"), ("dense", "Dense")])
def test_that_enter_in_the_filter_places_the_best_match(query: str, kind: str, palette: Palette) -> None:
    wanted: list[str] = []
    palette.layer_wanted.connect(wanted.append)
    QTest.keyClicks(palette.filter, query)
    QTest.keyClick(palette.filter, Qt.Key.Key_Return)
    assert wanted == [kind]


def test_that_the_filter_looks_into_keywords_and_summaries(palette: Palette) -> None:
    palette.filter.setText("cell state")
    assert "LSTM" in kinds(palette)
    palette.filter.setText("vanilla")
    assert kinds(palette) == ["SimpleRNN", "SimpleRNNCell"]
    palette.filter.setText("no such thing")
    assert kinds(palette) == []
    assert not palette._empty.isHidden()
    QTest.keyClick(palette.filter, Qt.Key.Key_Escape)
    assert sorted(kinds(palette)) == sorted(CATALOG)


def test_that_down_goes_from_the_filter_into_the_list(palette: Palette, qtbot: Any) -> None:
    palette.activateWindow()
    palette.filter.setFocus()
    QTest.keyClick(palette.filter, Qt.Key.Key_Down)
    qtbot.waitUntil(palette.list.hasFocus)
    wanted: list[str] = []
    palette.layer_wanted.connect(wanted.append)
    QTest.keyClick(palette.list, Qt.Key.Key_Down)
    QTest.keyClick(palette.list, Qt.Key.Key_Return)
    assert wanted == [kinds(palette)[1]]


def test_that_a_double_click_places_a_layer(palette: Palette) -> None:
    wanted: list[str] = []
    palette.layer_wanted.connect(wanted.append)
    palette.list.doubleClicked.emit(palette._model.row_of("LSTM"))
    palette.list.doubleClicked.emit(QModelIndex())
    assert wanted == ["LSTM"]
