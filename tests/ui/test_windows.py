"""Several windows, files from outside, recent files, preferences and the tour."""

import os
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QByteArray, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import (
    QFileDialog,
    QMessageBox,
    QPushButton,
)
from pytestqt.qtbot import QtBot

from rnn_designer.design import edits, files, new_layer
from rnn_designer.paths import resource
from rnn_designer.ui import settings as keys
from rnn_designer.ui.application import scale_screen
from rnn_designer.ui.examples_dialog import ExamplesDialog
from rnn_designer.ui.main_window import MainWindow
from rnn_designer.ui.motion import motion
from rnn_designer.ui.preferences import Preferences
from rnn_designer.ui.settings import Settings
from rnn_designer.ui.theme import keeper
from rnn_designer.ui.tour import HINTS
from rnn_designer.ui.windows import Windows

SUNSPOTS = resource("examples", "sunspots.rnnd")
NILE_CSV = resource("sequences", "nile.csv")


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Answer the questions one after the other with these buttons, the last one for all that follow."""

    def _answer(*buttons: QMessageBox.StandardButton) -> list[str]:
        asked: list[str] = []

        def _exec(box: QMessageBox) -> int:
            asked.append(box.text())
            return buttons[min(len(asked), len(buttons)) - 1].value

        monkeypatch.setattr(QMessageBox, "exec", _exec)
        return asked

    return _answer


def design_file(folder: Path, name: str) -> Path:
    path = folder / f"{name}.rnnd"
    path.write_bytes(SUNSPOTS.read_bytes())
    return path


def add(window: MainWindow, kind: str) -> None:
    document = window.workspace.document
    document.apply(edits.add(new_layer(document.design, kind)), f"Add {kind}")


def mime_of(path: Path) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    return mime


def drag_in(window: MainWindow, mime: QMimeData) -> QDragEnterEvent:
    at = window.rect().center()
    with warnings.catch_warnings():
        # Qt 6.12 wants a QPointF here, which Qt 6.11 does not know yet; PySide6 offers neither.
        warnings.simplefilter("ignore", DeprecationWarning)
        event = QDragEnterEvent(
            at, Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        )
    event.setAccepted(False)
    window.dragEnterEvent(event)
    return event


def drop(window: MainWindow, path: Path) -> None:
    mime = mime_of(path)
    drag_in(window, mime)
    window.dropEvent(
        QDropEvent(
            QPointF(window.rect().center()),
            Qt.DropAction.CopyAction,
            mime,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )


# Several windows


def test_that_a_new_window_has_a_design_and_an_engine_of_its_own(
    windows: Windows, window: MainWindow, qtbot: QtBot
) -> None:
    window.actions_table["new_window"].trigger()
    first, second = windows.open
    qtbot.waitUntil(second.windowHandle().isExposed)
    add(second, "LSTM")
    assert first is window
    assert first.workspace.document.design.layers == ()
    assert first.workspace.engine is not second.workspace.engine
    assert second.pos() != first.pos()


def test_that_a_file_that_is_open_comes_to_the_front_instead_of_opening_twice(
    windows: Windows, window: MainWindow, tmp_path: Path
) -> None:
    path = design_file(tmp_path, "mine")
    window.files.open(path)
    other = windows.show_new()
    other.files.open(tmp_path / "." / "mine.rnnd")
    assert other.workspace.document.path is None
    assert windows.holder(path) is window
    window.files.open(path)
    assert window.workspace.document.path == path


def test_that_no_window_saves_over_what_another_has_open(
    windows: Windows, window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = design_file(tmp_path, "mine")
    before = path.read_bytes()
    window.files.open(path)
    other = windows.show_new()
    add(other, "GRU")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args, **_named: (str(path), ""))
    assert not other.files.save_as()
    assert "open in another window" in other.notice.text
    assert path.read_bytes() == before
    other.workspace.document.mark_saved(tmp_path / "none.rnnd")


def test_that_closing_one_window_leaves_the_others_and_changing_the_theme_hurts_none(
    windows: Windows, window: MainWindow, qtbot: QtBot
) -> None:
    other = windows.show_new()
    qtbot.waitUntil(other.windowHandle().isExposed)
    gone: list[bool] = []
    window.destroyed.connect(lambda: gone.append(True))
    window.close()
    qtbot.waitUntil(lambda: bool(gone))
    assert windows.open == (other,)
    other.actions_table["theme_dark"].trigger()
    assert keeper().theme.dark
    assert other.isVisible()


def test_that_quitting_asks_every_window_with_unsaved_work(
    windows: Windows, window: MainWindow, answer: Callable[..., list[str]]
) -> None:
    second, third = windows.show_new(), windows.show_new()
    add(window, "LSTM")
    add(third, "GRU")
    asked = answer(QMessageBox.StandardButton.Discard)
    second.actions_table["quit"].trigger()
    assert len(asked) == 2
    assert windows.open == ()


def test_that_holding_on_to_one_window_keeps_all_of_them(
    windows: Windows, window: MainWindow, answer: Callable[..., list[str]]
) -> None:
    second = windows.show_new()
    add(window, "LSTM")
    add(second, "GRU")
    answer(QMessageBox.StandardButton.Discard, QMessageBox.StandardButton.Cancel)
    assert not windows.quit()
    assert windows.open == (window, second)
    assert window.workspace.document.modified
    answer(QMessageBox.StandardButton.Discard)
    assert windows.quit()


# Files from outside


def test_that_dragging_says_what_letting_go_will_do(window: MainWindow, tmp_path: Path) -> None:
    hint = window.drops.hint
    assert drag_in(window, mime_of(SUNSPOTS)).isAccepted()
    assert hint.isVisible()
    assert hint.text == "Open “sunspots”"
    drag_in(window, mime_of(NILE_CSV))
    assert hint.text == "Place an Input and feed it with nile.csv"
    add(window, "Input")
    drag_in(window, mime_of(NILE_CSV))
    assert hint.text == "Feed nile.csv to Input “input”"
    drag_in(window, mime_of(tmp_path))
    assert hint.refused
    window.dragLeaveEvent(QDragLeaveEvent())
    assert not hint.isVisible()
    words = QMimeData()
    words.setText("no file")
    assert not drag_in(window, words).isAccepted()
    window.workspace.document.mark_saved(tmp_path / "none.rnnd")


def test_that_a_dropped_data_file_becomes_the_source_of_the_selected_input(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    window.files.open(SUNSPOTS)
    add(window, "Input")
    document = window.workspace.document
    first, second = (layer for layer in document.design.layers if layer.kind == "Input")
    window.selection.set((second.id,))
    drop(window, NILE_CSV)
    qtbot.waitUntil(lambda: second.id in document.design.data, timeout=120_000)
    assert document.design.data[second.id].kind == "csv"
    assert document.history.undo_label == "Feed nile.csv"
    assert document.design.data[first.id].options["path"] != document.design.data[second.id].options["path"]
    document.mark_saved(tmp_path / "none.rnnd")


def test_that_data_dropped_on_an_empty_canvas_gets_an_input(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    drop(window, NILE_CSV)
    document = window.workspace.document
    qtbot.waitUntil(lambda: bool(document.design.data), timeout=120_000)
    assert [layer.kind for layer in document.design.layers] == ["Input"]
    document.mark_saved(tmp_path / "none.rnnd")


def test_that_what_is_neither_design_nor_data_is_refused_with_a_sentence(
    window: MainWindow, tmp_path: Path
) -> None:
    program = tmp_path / "model.py"
    program.write_text("import keras")
    drop(window, program)
    assert "is a program" in window.notice.text
    assert window.workspace.document.design.layers == ()


# Recent files


def test_that_recent_files_stand_in_the_menu_and_on_the_empty_canvas(
    window: MainWindow, tmp_path: Path
) -> None:
    for name in ("first", "second"):
        window.files.open(design_file(tmp_path, name))
    window.files.open(SUNSPOTS)
    menu = window.files._recent_menu
    menu.aboutToShow.emit()
    assert [action.text().split("\t")[0] for action in menu.actions()][:2] == ["&1  second", "&2  first"]
    window.files.new()
    links = [each for each in window.canvas.overlays.empty.findChildren(QPushButton) if each.isVisible()]
    shown = [each for each in links if each.text() in ("first", "second")]
    assert [each.text() for each in shown] == ["second", "first"]
    shown[1].click()
    assert window.workspace.document.path == tmp_path / "first.rnnd"


def test_that_a_recent_file_that_is_gone_leaves_the_list_with_a_sentence(
    window: MainWindow, tmp_path: Path
) -> None:
    path = design_file(tmp_path, "gone")
    window.files.open(path)
    window.files.new()
    path.unlink()
    window.files.open_recent(path)
    assert "“gone.rnnd” is no longer in" in window.notice.text
    assert Settings().recent_files() == []
    window.files._recent_menu.aboutToShow.emit()
    assert [action.text() for action in window.files._recent_menu.actions()] == ["No recent files"]


# Examples


def test_that_the_examples_dialog_finds_and_opens(window: MainWindow, qtbot: QtBot) -> None:
    window.canvas.example_wanted.emit()
    dialog = window.findChild(ExamplesDialog)
    assert dialog.cards.count() == len(list(resource("examples").glob("*.rnnd")))
    dialog.filter.setText("nothing like this")
    assert dialog.nothing.isVisible()
    assert not dialog.open_button.isEnabled()
    dialog.filter.setText("sunspots lstm")
    qtbot.keyClick(dialog.filter, Qt.Key.Key_Return)
    assert window.workspace.document.design.name == "sunspots"


def test_that_every_example_can_be_read_and_has_a_note() -> None:
    for path in resource("examples").glob("*.rnnd"):
        assert files.load(path).notes.strip()


# Preferences


def test_that_preferences_hold_at_once_and_in_every_window(windows: Windows, window: MainWindow) -> None:
    other = windows.show_new()
    window.actions_table["preferences"].trigger()
    dialog = window.findChild(Preferences)
    dialog.theme.setCurrentIndex(2)
    dialog.theme.activated.emit(2)
    dialog.minimap.click()
    dialog.motion.click()
    assert keeper().theme.dark
    assert other.actions_table["theme_dark"].isChecked()
    assert not other.canvas.minimap_shown
    assert not other.isAnimated()
    assert motion().reduced
    dialog.live.click()
    dialog.accept()
    assert not windows.show_new().workspace.live.enabled
    kept = Settings()
    assert (kept.get(keys.THEME), kept.get(keys.MINIMAP), kept.get(keys.LIVE)) == ("dark", False, False)


def test_that_values_on_wires_are_switched_off_for_good(windows: Windows, window: MainWindow) -> None:
    action = window.actions_table["wire_values"]
    assert action.isChecked()
    assert window.canvas.canvas_scene.values_on_wires
    action.trigger()
    assert not window.canvas.canvas_scene.values_on_wires
    other = windows.show_new()
    assert not other.actions_table["wire_values"].isChecked()
    assert not other.canvas.canvas_scene.values_on_wires
    assert not Settings().get(keys.WIRE_VALUES)


def test_that_the_size_is_handed_to_qt_at_the_next_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QT_SCALE_FACTOR", raising=False)
    settings = Settings()
    scale_screen(settings)
    assert "QT_SCALE_FACTOR" not in os.environ
    settings.put(keys.SCALE, 150)
    monkeypatch.setenv("QT_SCALE_FACTOR", "2")
    scale_screen(settings)
    assert os.environ["QT_SCALE_FACTOR"] == "2"
    monkeypatch.delenv("QT_SCALE_FACTOR")
    scale_screen(settings)
    assert os.environ["QT_SCALE_FACTOR"] == "1.5"


def test_that_the_layout_is_remembered_and_can_be_forgotten(windows: Windows, window: MainWindow) -> None:
    window.left.hide()
    window.close()
    again = windows.make()
    again.show()
    assert not again.left.isVisible()
    again.actions_table["reset_layout"].trigger()
    assert again.left.isVisible()
    assert Settings().get(keys.STATE) == QByteArray()


def test_that_a_floating_panel_can_be_put_back_and_put_away(window: MainWindow) -> None:
    dock = window.right
    header = dock.titleBarWidget()
    assert not header.back.isVisible()
    dock.setFloating(True)
    assert header.back.isVisible()
    header.back.click()
    assert not dock.isFloating()
    dock.setFloating(True)
    header.close_button.click()
    assert not dock.isVisible()
    window.actions_table["reset_layout"].trigger()
    assert dock.isVisible()
    assert not dock.isFloating()


# The tour


def test_that_the_tour_walks_through_six_hints_inside_the_window(window: MainWindow, qtbot: QtBot) -> None:
    window.resize(1280, 800)
    window.start_tour_once()
    tour = window._tour
    assert tour is not None
    assert len(HINTS) == 6
    for place in range(6):
        assert tour.running
        assert tour.place == place
        assert window.rect().contains(tour.callout.geometry())
        qtbot.keyClick(tour.callout.next, Qt.Key.Key_Return)
    assert not tour.running


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, None])
def test_that_the_tour_never_comes_back_by_itself(
    windows: Windows, window: MainWindow, qtbot: QtBot, key: Qt.Key | None
) -> None:
    window.start_tour_once()
    tour = window._tour
    assert tour is not None
    if key is None:
        tour.callout.skip.click()
    else:
        window.activateWindow()
        qtbot.waitUntil(lambda: tour.callout.next.hasFocus())
        qtbot.keyClick(tour.callout.next, key)
    assert not tour.running
    other = windows.show_new()
    other.start_tour_once()
    assert other._tour is None
    other.actions_table["tour"].trigger()
    assert other._tour is not None
    assert other._tour.running
