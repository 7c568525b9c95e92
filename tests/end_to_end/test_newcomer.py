"""A newcomer's path by mouse and keyboard: start, open an example, change it, see it answer, export it."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QLineEdit, QPushButton

from rnn_designer.ui.examples_dialog import ExamplesDialog

Until = Callable[[Callable[[], object]], None]


def traced(window: Any, name: str) -> Any:
    live = window.workspace.live
    return None if live.trace is None or live.stale else live.trace.arrays.get(f"{name}/output")


def test_that_a_newcomer_gets_from_the_start_to_exported_code(
    open_window: Callable[[Path | None], Any],
    robot: Any,
    until: Until,
    tmp_path: Path,
    record_property: Callable[[str, object], None],
) -> None:
    begun = time.monotonic()
    window = open_window(None)
    shown = time.monotonic() - begun

    # The empty canvas offers an example; the dialog's first card is chosen already, another is one click away.
    robot.click_widget(window.canvas.overlays.empty.example)
    until(lambda: isinstance(QApplication.activeModalWidget(), ExamplesDialog))
    dialog = QApplication.activeModalWidget()
    cards = dialog.cards
    item = next(
        cards.item(row) for row in range(cards.count()) if "sunspots" in cards.item(row).text().casefold()
    )
    cards.scrollToItem(item)
    middle = cards.visualItemRect(item).center()
    robot.click(cards.viewport().mapToGlobal(middle), times=2)
    until(lambda: window.workspace.document.design.name == "sunspots")
    until(lambda: traced(window, "memory") is not None)
    running = time.monotonic() - begun

    # The recurrent layer is selected: its units are the first field. Change them, and see plots and code answer.
    before = window.scopes.grab().toImage()
    field = next(
        each
        for each in window.properties.findChildren(QLineEdit)
        if each.accessibleName().lower() == "units" and each.isVisible()
    )
    robot.click_widget(field)
    robot.key("ctrl+a")
    robot.type("12")
    robot.key("Return")
    until(lambda: traced(window, "memory") is not None and traced(window, "memory").shape[-1] == 12)
    until(lambda: "layers.LSTM(12" in " ".join(window.code.source.text.split()).replace("( ", "("))
    until(lambda: window.scopes.grab().toImage() != before)
    seen = time.monotonic() - begun

    # Drag through time.
    slider = window.transport.slider
    robot.click(slider.mapToGlobal(QPoint(slider.width() // 2, slider.height() // 2)))
    until(lambda: window.workspace.playback.step > 0)

    # The one filled button.
    robot.click_widget(window.export_button)
    until(lambda: QApplication.activeModalWidget() is not None)
    dialog = QApplication.activeModalWidget()
    exported = tmp_path / "first.py"
    line = next(each for each in dialog.findChildren(QLineEdit) if each.accessibleName() == "File to write")
    robot.click_widget(line)
    robot.key("ctrl+a")
    robot.type(str(exported))
    until(lambda: dialog.path == exported)
    robot.click_widget(next(each for each in dialog.findChildren(QPushButton) if each.text() == "Export"))
    until(exported.exists)
    until(lambda: QApplication.activeModalWidget() is None)
    done = time.monotonic() - begun
    assert "LSTM" in exported.read_text(encoding="utf-8")
    assert "first.py" in window.notice.text

    # How long it took is printed and not asserted: the machine may be busy with anything.
    record_property("seconds", round(done, 1))
    print(
        f"\nA newcomer's path: window {shown:.1f} s, example running {running:.1f} s, "
        f"changed and seen {seen:.1f} s, exported {done:.1f} s."
    )
