"""What a scope leaves behind when it is gone: nothing. What it costs: the same items, however many traces it showed."""

import gc
import weakref
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from rnn_designer.ui.scopes import Scopes


def _bury(panel: Scopes) -> None:
    panel.close()
    panel.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    QCoreApplication.processEvents()


def test_that_a_dropped_scope_dies_with_its_chart(bench: Any, trace: Any) -> None:
    panel = Scopes(bench.workspace, bench.selection)
    panel.resize(900, 300)
    with bench.qtbot.waitExposed(panel):
        panel.show()
    bench.workspace.give(trace)
    bench.selection.set(["mem"])
    panel.chips.chip("all").click()
    bench.selection.set(["den"])
    chart = panel.plot.prepare()
    chart.grab()
    assert not panel.plot.exported().isNull()
    dead = [weakref.ref(each) for each in (panel, panel.plot, chart, chart.time_view, chart.scene())]
    _bury(panel)
    del panel, chart
    gc.collect()
    assert [each() for each in dead] == [None] * len(dead)


def test_that_new_traces_add_no_items_to_the_scene(bench: Any, trace: Any) -> None:
    panel = Scopes(bench.workspace, bench.selection)
    bench.show(panel)
    bench.selection.set(["mem"])
    bench.workspace.give(trace)
    panel.chips.chip("all").click()
    count = len(panel.plot.prepare().scene().items())
    for run in range(2, 8):
        arrays = {path: np.roll(array, run, axis=0) for path, array in trace.arrays.items()}
        bench.workspace.give(replace(trace, arrays=arrays, run=run))
        bench.workspace.playback.go_to(run)
    assert len(panel.plot.prepare().scene().items()) == count


def test_that_all_strips_share_the_time_axis_with_pyqtgraph(bench: Any, trace: Any) -> None:
    panel = Scopes(bench.workspace, bench.selection)
    bench.show(panel)
    bench.selection.set(["mem"])
    bench.workspace.give(trace)
    panel.plot.show_window(panel.plot.window_in_view.zoomed(0.4, 30))
    chart, frame = panel.plot.prepare(), panel.plot.frame_now()
    window = panel.plot.window_in_view
    ranges = np.array([view.viewRange()[0] for view in chart.views])
    np.testing.assert_allclose(ranges, [[window.first, window.last]] * len(ranges), atol=1e-6)
    place = chart.time_view.mapFromViewToItem(chart.time_view, chart.time_view.viewRect().topLeft())
    assert chart.time_view.mapToScene(place).x() == pytest.approx(frame.plot.left(), abs=1e-3)
