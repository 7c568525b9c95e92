"""Torn-off scopes, speed and loop in the main window: by action and key, and again after a restart."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from rnn_designer.paths import resource
from rnn_designer.session import EngineProcess, Workspace
from rnn_designer.ui.main_window import MainWindow
from rnn_designer.ui.settings import SCOPE_DOCKS, Settings
from rnn_designer.ui.theme import keeper

SUNSPOTS = resource("examples", "sunspots.rnnd")
SILENT = [sys.executable, "-c", "import sys; sys.stdin.buffer.read()"]


@pytest.fixture
def opened(qtbot: QtBot, show: Callable[[QWidget], QWidget]) -> Iterator[Callable[[], MainWindow]]:
    """Make windows with the sunspots in them, one after the other."""
    keeper().apply("light")
    made: list[MainWindow] = []

    def _open() -> MainWindow:
        window = MainWindow(Workspace(engine=EngineProcess(command=SILENT)), Settings())
        made.append(window)
        show(window)
        window.files.open(SUNSPOTS)
        return window

    yield _open
    for window in made:
        window.workspace.document.mark_saved(window.workspace.document.path or Path("none.rnnd"))
        window.close()
        window.workspace.deleteLater()


def test_that_the_action_tears_a_scope_off_and_a_restart_brings_it_back(
    opened: Callable[[], MainWindow],
) -> None:
    window = opened()
    window.actions_table["scope_dock"].trigger()
    layer_id = window.scopes.layer_id
    assert window.scope_docks.layers == (layer_id,)
    window.close()
    assert Settings().get(SCOPE_DOCKS) == [layer_id]
    again = opened()
    assert again.scope_docks.layers == (layer_id,)
    assert again.scope_docks.docks[0].isVisible()


def test_that_resetting_the_layout_closes_torn_off_scopes(opened: Callable[[], MainWindow]) -> None:
    window = opened()
    window.actions_table["scope_dock"].trigger()
    window.actions_table["reset_layout"].trigger()
    assert window.scope_docks.layers == ()


def test_that_speed_and_loop_are_actions(opened: Callable[[], MainWindow]) -> None:
    window = opened()
    playback = window.workspace.playback
    window.actions_table["faster"].trigger()
    assert playback.speed == 40.0
    window.actions_table["slower"].trigger()
    window.actions_table["slower"].trigger()
    assert playback.speed == 10.0
    window.actions_table["loop"].trigger()
    assert playback.loop
    playback.set_loop(False)
    assert not window.actions_table["loop"].isChecked()
