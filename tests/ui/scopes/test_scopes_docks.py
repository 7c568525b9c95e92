"""A scope in a dock of its own shares cursor, sample, zoom, units and colours, and goes without a trace."""

from collections.abc import Iterator
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDockWidget, QMainWindow

from rnn_designer.design import edits
from rnn_designer.ui.scopes import ScopeDocks, Scopes


class _Window(QMainWindow):
    def __init__(self, bench: Any) -> None:
        super().__init__()
        self.scopes = Scopes(bench.workspace, bench.selection)
        dock = QDockWidget("Scopes", self)
        dock.setWidget(self.scopes)
        self.addDockWidget(Qt.DockWidgetArea.BottomDockWidgetArea, dock)
        self.torn = ScopeDocks(self, bench.workspace, bench.selection, self.scopes)


@pytest.fixture
def window(bench: Any, trace: Any) -> Iterator[_Window]:
    made = _Window(bench)
    bench.show(made, 1000, 700)
    bench.selection.set(["mem"])
    bench.workspace.give(trace)
    yield made
    made.torn.close_all()
    _flush()


def _flush() -> None:
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def _torn(window: _Window) -> Scopes:
    return window.torn.docks[0].scope


def test_that_the_menu_of_a_tab_opens_a_dock(window: _Window) -> None:
    menu = window.scopes.tabs.menu_of(0)
    next(each for each in menu.actions() if each.text() == "Open in its own dock").trigger()
    assert window.torn.layers == ("mem",)
    assert window.torn.docks[0].isFloating()
    assert _torn(window).header.title.text() == "memory"
    assert _torn(window).tabs.isHidden()
    menu.close()


def test_that_the_menu_pins_and_unpins(window: _Window, bench: Any) -> None:
    menu = window.scopes.tabs.menu_of(0)
    menu.actions()[0].trigger()
    assert bench.workspace.playback.pins == ("mem",)
    other = window.scopes.tabs.menu_of(1)
    other.actions()[0].trigger()
    assert bench.workspace.playback.pins == ()
    for each in (menu, other):
        each.close()


def test_that_a_layer_has_one_dock_however_often_it_is_asked_for(window: _Window) -> None:
    window.scopes.open_in_a_dock()
    window.scopes.open_in_a_dock()
    assert window.torn.layers == ("mem",)


def test_that_a_torn_off_scope_stays_with_its_layer(window: _Window, bench: Any) -> None:
    window.scopes.open_in_a_dock()
    bench.selection.set(["den"])
    assert window.scopes.layer_id == "den"
    assert _torn(window).layer_id == "mem"


def test_that_zoom_order_units_and_colours_are_shared(window: _Window, bench: Any) -> None:
    window.scopes.open_in_a_dock()
    torn, main = _torn(window), window.scopes
    QTest.keyClick(torn.plot, Qt.Key.Key_Plus)
    assert main.plot.window_in_view == torn.plot.window_in_view
    assert not main.plot.window_in_view.is_whole
    QTest.keyClick(main.plot, Qt.Key.Key_0)
    assert torn.plot.window_in_view.is_whole
    bench.workspace.playback.choose_units("mem", [2, 5, 7])
    assert torn.plot._units == main.plot._units
    assert set(torn.plot._units) == {2, 5, 7}
    main.sort_by("similarity")
    assert torn.sort_button.current == "similarity"
    assert torn.plot.picture is not None
    assert main.plot.picture is not None
    assert list(torn.plot.picture.order) == list(main.plot.picture.order)
    bench.workspace.playback.show_sample(2)
    assert torn.plot.picture.sample == 2


def test_that_each_scope_has_its_own_signals(window: _Window) -> None:
    window.scopes.open_in_a_dock()
    _torn(window).chips.chip("f").click()
    assert _torn(window).plot.picture is not None
    assert window.scopes.plot.picture is not None
    assert _torn(window).plot.picture.main.shown.symbol == "f"
    assert window.scopes.plot.picture.main.shown.symbol == "h"


def test_that_a_deleted_layer_is_said_to_be_gone_and_undo_brings_it_back(window: _Window, bench: Any) -> None:
    window.scopes.open_in_a_dock()
    bench.workspace.document.apply(edits.remove(["mem"]), "Delete")
    assert _torn(window).message.startswith("This layer is not in the design any more.")
    bench.workspace.document.undo()
    assert _torn(window).message == ""


def test_that_closing_a_dock_leaves_nothing(window: _Window) -> None:
    window.scopes.open_in_a_dock()
    _torn(window).header.close_button.click()
    _flush()
    assert window.torn.layers == ()
    assert not window.findChildren(QDockWidget, "scope mem")


def test_that_another_design_closes_docks_of_layers_it_has_not_and_opens_those_it_had(
    window: _Window,
) -> None:
    window.torn.reopen(["bi", "elsewhere"])
    assert window.torn.layers == ("bi",)
    window.torn.reopen(["mem"])
    assert window.torn.layers == ("bi", "mem")


def test_that_docks_of_other_designs_are_remembered_and_closed_ones_are_not(window: _Window) -> None:
    window.torn.reopen(["elsewhere", "bi", "mem"])
    window.torn.docks[0].close()
    assert window.torn.remembered == ["mem", "elsewhere"]
    window.torn.close_all()
    assert window.torn.remembered == []


def test_that_a_renamed_layer_renames_its_dock(window: _Window, bench: Any) -> None:
    window.scopes.open_in_a_dock()
    bench.workspace.document.apply(edits.rename("mem", "remember"), "Rename")
    assert window.torn.docks[0].windowTitle() == "Scope of remember"
    assert _torn(window).header.title.text() == "remember"
