"""Layers are found by what they do; the command search has sections; the history goes anywhere."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from rnn_designer.catalog import CATALOG
from rnn_designer.design import edits, new_layer
from rnn_designer.ui.canvas.overlays.search_popup import matching
from rnn_designer.ui.command_search import Command, CommandSearch
from rnn_designer.ui.finding import rank
from rnn_designer.ui.history_panel import HistoryPanel


def found(query: str) -> list[str]:
    return [each.kind for each in matching(query, CATALOG.values())]


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ("remember", {"LSTM", "GRU", "SimpleRNN"}),
        ("remembers the past", {"LSTM"}),
        ("smooth", {"AveragePooling1D", "Conv1D"}),
        ("flatten time", {"Flatten", "GlobalAveragePooling1D"}),
        ("ignore padding", {"Masking"}),
        ("words to vectors", {"Embedding"}),
        ("look ahead", {"Bidirectional"}),
        ("overfitting", {"Dropout"}),
        ("every step", {"TimeDistributed"}),
        ("video", {"ConvLSTM2D"}),
        ("longer", {"UpSampling1D", "Conv1DTranspose", "ZeroPadding1D"}),
        ("compare", {"Subtract", "Dot"}),
        ("shake", {"GaussianNoise", "GaussianDropout"}),
    ],
)
def test_that_layers_are_found_by_what_they_do(query: str, kinds: set[str]) -> None:
    assert kinds <= set(found(query))
    assert len(found(query)) < len(CATALOG) / 2


def test_that_a_name_comes_before_what_others_do() -> None:
    assert found("flat")[0] == "Flatten"
    assert found("td")[0] == "TimeDistributed"
    assert found("LSTM")[0] == "LSTM"
    assert found("xyzzy") == []
    assert rank(CATALOG["LSTM"], "the") is None


@pytest.fixture
def search(show: Callable[[Any], Any], qtbot: QtBot) -> CommandSearch:
    from PySide6.QtWidgets import QWidget

    done: list[str] = []
    known = [
        Command("memory", "LSTM", "go to box", lambda: done.append("box"), "Open boxes", kind="LSTM"),
        Command("Add LSTM", "remembers", "", lambda: done.append("add"), "Layers", kind="LSTM"),
        Command("Export Keras code", "File", "", lambda: done.append("export"), icon="code", keys="Ctrl+E"),
        Command("Open example sunspots", "Example", "", lambda: done.append("example"), "Examples"),
    ]
    owner = show(QWidget())
    made = CommandSearch(lambda: known, owner)
    made.done = done  # what was done, for the tests to read
    made.open_at(owner.mapToGlobal(owner.rect().topRight()), 520)
    return made


def rows(search: CommandSearch) -> list[str]:
    return [search.list.item(row).text() for row in range(search.list.count())]


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_that_the_search_has_sections_that_arrows_pass_over(search: CommandSearch, qtbot: QtBot) -> None:
    assert rows(search)[::2] == ["Open boxes", "Layers", "Commands", "Examples"]
    assert search.list.currentItem().text() == "memory"
    qtbot.keyClick(search.field, Qt.Key.Key_Up)
    assert search.list.currentItem().text() == "memory"
    for _ in range(2):
        qtbot.keyClick(search.field, Qt.Key.Key_Down)
    assert search.list.currentItem().text() == "Export Keras code"
    assert not search.grab().isNull()
    qtbot.keyClick(search.field, Qt.Key.Key_Return)
    assert search.done == ["export"]
    assert not search.isVisible()


@pytest.mark.qt_log_ignore("This plugin does not support")
def test_that_the_best_section_comes_first_and_nothing_is_said_plainly(
    search: CommandSearch, qtbot: QtBot
) -> None:
    qtbot.keyClicks(search.field, "exp")
    assert rows(search)[:2] == ["Commands", "Export Keras code"]
    search.field.setText("ctrl+e")
    assert rows(search) == ["Commands", "Export Keras code"]
    search.field.setText("nothing like it")
    assert rows(search) == []
    qtbot.keyClick(search.field, Qt.Key.Key_Return)
    assert search.done == []
    search.close()


def test_that_the_history_marks_the_present_and_goes_anywhere(
    workspace: Any, selection: Any, show: Callable[[Any], Any], qtbot: QtBot
) -> None:
    document = workspace.document
    panel = show(HistoryPanel(workspace, selection))
    for kind in ("Input", "LSTM", "Dense"):
        document.apply(edits.add(new_layer(document.design, kind)), f"Add {kind}")
    texts = [panel.list.item(row).text() for row in range(panel.list.count())]
    assert texts == ["Start", "Add Input", "Add LSTM", "Add Dense"]
    assert panel.list.currentRow() == 3
    changes: list[object] = []
    document.changed.connect(lambda old, new: changes.append(new))
    area = panel.list.visualItemRect(panel.list.item(1))
    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=area.center())
    assert [layer.kind for layer in document.design.layers] == ["Input"]
    assert len(changes) == 1
    spoken = panel.list.item(3).data(Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Step 3: Add Dense, undone"
    panel.list.setFocus()
    qtbot.keyClick(panel.list, Qt.Key.Key_Down)
    qtbot.keyClick(panel.list, Qt.Key.Key_Down)
    qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    assert len(document.design.layers) == 3
    assert not panel.grab().isNull()
