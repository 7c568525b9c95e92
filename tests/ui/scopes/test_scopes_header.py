"""The row above the scopes: tabs and chips share it, or take two, and no tab is squeezed where there is room."""

from typing import Any

import pytest

from rnn_designer.ui.scopes import Scopes


@pytest.mark.qt_log_ignore("This plugin does not support")
@pytest.mark.parametrize("width", [460, 700, 870, 1300])
def test_that_tabs_are_as_wide_as_they_need_whatever_is_selected(bench: Any, trace: Any, width: int) -> None:
    scopes = Scopes(bench.workspace, bench.selection)
    bench.show(scopes)
    scopes.setFixedSize(width, 360)
    bench.workspace.give(trace)
    inner = bench.workspace.document.design.find("bi").children[0].id

    def _wide_enough() -> bool:
        tabs, header = scopes.tabs, scopes.header
        room = header.width() - header.add_button.sizeHint().width() - 4
        return bool(tabs.width() >= min(tabs.sizeHint().width(), room))

    for pins in ((), ("mem",), ("mem", "den")):
        for each in pins:
            bench.workspace.playback.pin(each)
        for chosen in ("mem", inner, "bi", inner, "den"):
            bench.selection.set([chosen])
            bench.qtbot.waitUntil(_wide_enough)
