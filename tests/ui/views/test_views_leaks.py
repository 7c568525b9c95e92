"""What a view leaves behind when it is closed after having shown a trace: nothing."""

import gc
import weakref
from collections.abc import Iterator
from typing import Any

import pytest
from numpy_cells import CellWorkspace
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Signal
from PySide6.QtWidgets import QWidget

from rnn_designer.session.pinned import PinnedRuns
from rnn_designer.ui.scopes.state import SharedChoices
from rnn_designer.ui.views import STATES, TITLES, view_class
from rnn_designer.ui.views.view import View


class NoSamples(QObject):
    """Stands in for SampleStore where nothing has been made yet."""

    changed = Signal()

    def fitted(self, _input_id: str) -> None:
        return None


@pytest.fixture
def workspace() -> Iterator[Any]:
    made = CellWorkspace()
    made.pinned = PinnedRuns(made.live, made)
    made.samples = NoSamples(made)
    known = made.knows
    # Only the sums are worked out in NumPy; every other question stays on its way.
    made.analyses.know = lambda asked: known(asked) if asked.kind in ("unit_sum", "cell_steps") else None
    yield made
    made.deleteLater()


def _bury(view: QWidget) -> None:
    view.close()
    view.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    QCoreApplication.processEvents()


def _used(name: str, workspace: Any, shared: SharedChoices, qtbot: Any) -> View:
    """A view that was shown, drew two layers, followed the cursor and was painted."""
    view = view_class(name)(workspace, shared)
    view.resize(900, 340)
    with qtbot.waitExposed(view):
        view.show()
    for layer in ("mem", "bi", "rnn", "mem"):
        view.show_layer(layer)
        workspace.playback.go_to(3)
        view.grab()
    workspace.live.traced.emit(workspace.trace)
    workspace.playback.choose_units("mem", (1, 2))
    workspace.playback.go_to(5)
    view.grab()
    view.numbers()
    return view


@pytest.mark.parametrize("name", [each for each in TITLES if each != STATES])
def test_that_a_closed_view_dies_with_everything_in_it(name: str, workspace: Any, qtbot: Any) -> None:
    workspace.run()
    shared = SharedChoices(workspace)
    view = _used(name, workspace, shared, qtbot)
    dead = [weakref.ref(each) for each in (view, view.body, *view.findChildren(QWidget))]
    dead.append(weakref.ref(view.offers))
    assert len(dead) > 4
    _bury(view)
    del view
    gc.collect()
    left = [each() for each in dead if each() is not None]
    assert not left
    # Those who told it what happened tell on, to nobody.
    workspace.live.traced.emit(workspace.trace)
    workspace.playback.go_to(1)
    shared.changed.emit()
