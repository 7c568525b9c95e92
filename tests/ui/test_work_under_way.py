"""What takes long is shown with a Stop that works, and dialogs end what they began."""

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPlainTextEdit
from pytestqt.qtbot import QtBot
from quiet import SILENT

from rnn_designer.design import edits, new_layer
from rnn_designer.paths import resource
from rnn_designer.session import EngineProcess, EngineState, LiveStatus, Workspace
from rnn_designer.ui.main_window import MainWindow

SUNSPOTS = resource("examples", "sunspots.rnnd")


def test_that_work_is_shown_only_when_it_takes_long(window: MainWindow, qtbot: QtBot) -> None:
    work = window.status.work
    qtbot.waitUntil(lambda: window.workspace.engine.state is EngineState.STARTING, timeout=120_000)
    qtbot.waitUntil(work.isVisible, timeout=120_000)
    assert work.text.text() == "a few seconds, longer the first time"
    assert not work.stop.isVisible()
    window.workspace.engine.stop()
    assert not work.isVisible()


def test_that_a_long_run_can_be_stopped(
    window: MainWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    qtbot.waitUntil(lambda: window.workspace.engine.state is EngineState.STARTING, timeout=120_000)
    qtbot.waitUntil(lambda: window.workspace.samples.ready, timeout=120_000)
    window.workspace.engine.stop()
    live = window.workspace.live
    stopped: list[bool] = []
    monkeypatch.setattr(live, "cancel", lambda: stopped.append(True))
    live._say(LiveStatus("Building …", busy=True))
    work = window.status.work
    qtbot.waitUntil(work.isVisible, timeout=120_000)
    assert work.text.text() == "Building"
    work.stop.click()
    assert stopped == [True]
    live._say(LiveStatus("Stopped."))
    assert not work.isVisible()


def test_that_an_export_that_waits_can_be_stopped(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    window.files.open(SUNSPOTS)
    exporter = window.files.exporter
    said: list[str] = []
    exporter.failed.connect(said.append)
    qtbot.waitUntil(lambda: window.workspace.engine.state is EngineState.STARTING, timeout=120_000)
    exporter.export(tmp_path / "model.py", weights=True)
    work = window.status.work
    qtbot.waitUntil(lambda: work.isVisible() and work.text.text() == "Exporting the weights", timeout=120_000)
    work.stop.click()
    assert said == ["The export was stopped; nothing was written."]
    assert not exporter.busy
    assert list(tmp_path.iterdir()) == []


def test_that_reading_a_file_can_be_stopped(qtbot: QtBot) -> None:
    workspace = Workspace(
        engine=EngineProcess(command=SILENT), reader=EngineProcess(command=SILENT, subject="The reader")
    )
    workspace.open(SUNSPOTS)
    workspace.samples.start()
    found = next(layer for layer in workspace.document.design.layers if layer.kind == "Input")
    qtbot.waitUntil(lambda: "Reading" in workspace.samples.describe(found.id))
    workspace.samples.stop_reading()
    qtbot.waitUntil(lambda: workspace.samples.ready)
    assert "was stopped" in (workspace.samples.problem(found.id) or "")
    workspace.close()
    workspace.deleteLater()


def test_that_dialogs_are_gone_once_closed(window: MainWindow, qtbot: QtBot) -> None:
    for name in ("examples", "preferences", "shortcuts"):
        window.actions_table[name].trigger()
        for dialog in window.findChildren(QDialog):
            dialog.close()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    assert window.findChildren(QDialog) == []


def test_that_an_export_that_is_refused_shows_the_reason_and_no_empty_preview(window: MainWindow) -> None:
    from rnn_designer.ui.export_dialog import ExportDialog

    document = window.workspace.document
    document.apply(edits.add(new_layer(document.design, "LSTM")), "Add LSTM")
    window.files.export()
    dialog = window.findChild(ExportDialog)
    assert dialog is not None
    shown = [label.text() for label in dialog.findChildren(QLabel) if label.isVisible()]
    assert any(text.endswith(".") for text in shown)
    assert not any(each.isVisible() for each in dialog.findChildren(QPlainTextEdit))
    assert dialog.height() < 300
    dialog.reject()


def test_that_cancel_in_the_dialog_stops_an_export_that_waits(window: MainWindow, tmp_path: Path) -> None:
    from rnn_designer.ui.export_dialog import ExportDialog

    window.files.open(resource("examples") / "sunspots.rnnd")
    window.files.exporter.export(tmp_path / "model.py", weights=True)
    assert window.files.exporter.busy
    dialog = ExportDialog(window.files.exporter, tmp_path / "model.py", with_weights=True, parent=window)
    dialog.show()
    dialog.reject()
    assert not window.files.exporter.busy
    assert list(tmp_path.iterdir()) == []
    dialog.deleteLater()
