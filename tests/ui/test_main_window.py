"""The window as a whole: actions, prompts, themes, docks, search and what it may import before it shows."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QWidget
from pytestqt.qtbot import QtBot
from quiet import SILENT

from rnn_designer.design import edits, files, new_layer
from rnn_designer.paths import resource
from rnn_designer.session import EngineProcess, EngineState, LiveStatus, Workspace
from rnn_designer.ui.actions import SPECS, Where
from rnn_designer.ui.commands import commands_of
from rnn_designer.ui.main_window import MainWindow
from rnn_designer.ui.settings import THEME, Settings
from rnn_designer.ui.theme import keeper

SUNSPOTS = resource("examples", "sunspots.rnnd")
Answer = Callable[[QMessageBox.StandardButton], list[str]]


@pytest.fixture
def window(qtbot: QtBot, show: Callable[[QWidget], QWidget]) -> Iterator[MainWindow]:
    """A main window with an engine that never answers."""
    keeper().apply("light")
    made = MainWindow(Workspace(engine=EngineProcess(command=SILENT)), Settings())
    show(made)
    yield made
    made.workspace.document.mark_saved(made.workspace.document.path or Path("none.rnnd"))
    made.close()
    made.workspace.deleteLater()


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch) -> Answer:
    """Answer every question with one button; the questions asked are returned."""

    def _answer(button: QMessageBox.StandardButton) -> list[str]:
        asked: list[str] = []

        def _exec(box: QMessageBox) -> int:
            asked.append(box.text())
            return button.value

        monkeypatch.setattr(QMessageBox, "exec", _exec)
        return asked

    return _answer


def add(window: MainWindow, kind: str) -> None:
    document = window.workspace.document
    document.apply(edits.add(new_layer(document.design, kind)), f"Add {kind}")


def test_that_no_two_actions_share_a_shortcut() -> None:
    keys = Counter(QKeySequence(key).toString() for spec in SPECS for key in spec.keys)
    assert [key for key, number in keys.items() if number > 1] == []


def test_that_single_keys_never_count_while_somebody_types() -> None:
    single = [spec for spec in SPECS for key in spec.keys if "+" not in key and not key.startswith("F")]
    assert [spec.id for spec in single if spec.where is Where.WINDOW] == []


def test_that_every_action_stands_in_a_menu_with_its_shortcut(window: MainWindow) -> None:
    in_menus = set()
    for menu in window.actions_table.menus.values():
        for action in menu.actions():
            inside = action.menu()
            in_menus |= {each.objectName() for each in inside.actions()} if inside else {action.objectName()}
    assert {spec.id for spec in SPECS} <= in_menus


def test_that_a_changed_design_is_not_closed_without_asking(window: MainWindow, answer: Answer) -> None:
    add(window, "Input")
    asked = answer(QMessageBox.StandardButton.Cancel)
    window.close()
    assert window.isVisible()
    assert asked == ["Save the changes to “model”?"]


def test_that_an_unchanged_design_is_closed_without_asking(window: MainWindow, answer: Answer) -> None:
    asked = answer(QMessageBox.StandardButton.Cancel)
    window.close()
    assert not window.isVisible()
    assert asked == []


def test_that_discarding_opens_the_other_design(window: MainWindow, answer: Answer) -> None:
    add(window, "Input")
    answer(QMessageBox.StandardButton.Discard)
    window.files.open(SUNSPOTS)
    assert window.workspace.document.design.name == "sunspots"
    assert not window.workspace.document.modified


def test_that_saving_from_the_prompt_keeps_the_work(
    window: MainWindow, answer: Answer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(window, "Input")
    add(window, "LSTM")
    drawn = window.workspace.document.design
    target = tmp_path / "mine.rnnd"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args, **_named: (str(target), ""))
    answer(QMessageBox.StandardButton.Save)
    window.actions_table["new"].trigger()
    assert files.load(target).layers == drawn.layers
    assert window.workspace.document.design.layers == ()


def test_that_a_save_that_fails_says_so_and_keeps_the_design(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(window, "Input")
    nowhere = tmp_path / "no such folder" / "mine.rnnd"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args, **_named: (str(nowhere), ""))
    assert not window.files.save_as()
    assert "no such folder" in window.notice.text
    assert window.workspace.document.modified


def test_that_data_opened_as_a_design_are_sent_to_data_and_work_takes_the_notice_away(
    window: MainWindow, tmp_path: Path
) -> None:
    data = tmp_path / "flow.csv"
    data.write_text("1\n2\n", encoding="utf-8")
    window.files.open(data)
    assert "load it under Data" in window.notice.text
    add(window, "Input")
    assert window.notice.text == ""


def test_that_commands_out_of_a_submenu_name_what_they_set(window: MainWindow) -> None:
    titles = {each.title for each in commands_of(window)}
    assert {"Theme: dark", "Theme: light", "Theme: as the system"} <= titles
    assert "Dark" not in titles


def test_that_a_file_that_is_no_design_leaves_the_open_one_alone(window: MainWindow, tmp_path: Path) -> None:
    window.files.open(SUNSPOTS)
    broken = tmp_path / "broken.rnnd"
    broken.write_bytes(b"\x00\xff{")
    window.files.open(broken)
    assert window.workspace.document.design.name == "sunspots"
    assert "broken.rnnd" in window.notice.text


def test_that_an_example_is_saved_elsewhere_and_never_over_itself(
    window: MainWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = SUNSPOTS.read_bytes()
    window.files.open(SUNSPOTS)
    asked: list[str] = []
    monkeypatch.setattr(
        QFileDialog,
        "getSaveFileName",
        lambda _parent, _title, name, *_rest: (asked.append(name), (str(tmp_path / "mine.rnnd"), ""))[1],
    )
    assert window.files.save()
    assert SUNSPOTS.read_bytes() == before
    assert len(asked) == 1
    assert not Path(asked[0]).is_relative_to(resource("examples"))


def test_that_a_design_dropped_on_the_window_opens(window: MainWindow) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(SUNSPOTS))])
    window.dropEvent(
        QDropEvent(
            QPointF(5, 5),
            Qt.DropAction.CopyAction,
            mime,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )
    assert window.workspace.document.design.name == "sunspots"


def test_that_undo_names_its_step_and_is_grey_at_the_start(window: MainWindow) -> None:
    undo = window.actions_table["undo"]
    assert not undo.isEnabled()
    add(window, "LSTM")
    assert undo.isEnabled()
    assert undo.text() == "&Undo add LSTM"
    undo.trigger()
    assert not undo.isEnabled()
    assert window.actions_table["redo"].isEnabled()


def test_that_the_command_search_adds_layers_and_runs_commands(window: MainWindow, qtbot: QtBot) -> None:
    window.open_search()
    qtbot.keyClicks(window.search.field, "add gru")
    qtbot.keyClick(window.search.field, Qt.Key.Key_Return)
    assert [layer.kind for layer in window.workspace.document.design.layers] == ["GRU"]
    window.open_search()
    qtbot.keyClicks(window.search.field, "undo")
    qtbot.keyClick(window.search.field, Qt.Key.Key_Return)
    assert window.workspace.document.design.layers == ()


def test_that_an_opened_example_shows_its_first_recurrent_layer(window: MainWindow) -> None:
    window.files.open(SUNSPOTS)
    current = window.workspace.document.design.layer(window.selection.current or "")
    assert current.kind == "LSTM"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_that_a_theme_is_remembered_and_loses_nothing(window: MainWindow, scheme: str) -> None:
    window.files.open(SUNSPOTS)
    chosen = window.selection.ids
    window.actions_table[f"theme_{scheme}"].trigger()
    assert keeper().theme.dark == (scheme == "dark")
    assert Settings().get(THEME) == scheme
    assert window.selection.ids == chosen
    keeper().apply("light")


def test_that_reset_layout_brings_every_dock_back(window: MainWindow) -> None:
    for dock in window.docks:
        dock.hide()
    window.left.setFloating(True)
    window.actions_table["reset_layout"].trigger()
    assert all(dock.isVisible() and not dock.isFloating() for dock in window.docks)


def test_that_f6_walks_through_canvas_and_docks(window: MainWindow, qtbot: QtBot) -> None:
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    seen = []
    for _ in range(1 + len(window.docks)):
        window.actions_table["next_dock"].trigger()
        focused = QApplication.focusWidget()
        assert focused is not None
        seen.append(next((dock for dock in window.docks if dock.isAncestorOf(focused)), window.canvas))
    assert len(set(map(id, seen))) == 1 + len(window.docks)


def test_that_the_status_bar_tells_of_loading_counts_and_problems(window: MainWindow, qtbot: QtBot) -> None:
    window.files.open(SUNSPOTS)
    qtbot.waitUntil(lambda: window.workspace.engine.state is EngineState.STARTING)
    text = " ".join(label.text() for label in window.status.labels)
    assert "TensorFlow is loading" in text
    assert "4,385 parameters" in text
    assert "saved" in text


def test_that_a_long_sentence_in_the_status_bar_never_widens_the_window(window: MainWindow) -> None:
    window.resize(1280, 800)
    window.workspace.live.status_changed.emit(LiveStatus("The series is too short. " * 20))
    QApplication.processEvents()
    assert (window.width(), window.height()) == (1280, 800)


def test_that_nothing_on_the_smallest_screen_is_out_of_sight(window: MainWindow) -> None:
    window.resize(1280, 800)
    window.files.open(SUNSPOTS)
    QApplication.processEvents()
    assert (window.width(), window.height()) == (1280, 800)
    for button in (window.export_button, window.search_button, window.transport):
        right = button.mapTo(window, QPoint(button.width(), 0)).x()
        assert right <= window.width()
        assert button.width() >= button.minimumSizeHint().width()
    for dock in (window.left, window.right, window.bottom_right):
        tabs = dock.tabs
        assert all(tabs.tabRect(index).right() <= tabs.width() for index in range(tabs.count()))


def test_that_the_window_shows_before_numpy_pyqtgraph_or_tensorflow_is_imported() -> None:
    code = (
        "import sys, rnn_designer.ui.main_window, rnn_designer.ui.application\n"
        "heavy = {'tensorflow', 'keras', 'numpy', 'pyqtgraph', 'polars', 'pydantic', 'h5py'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_that_the_training_commands_count_only_where_something_acts(window: MainWindow) -> None:
    training, draw = (window.actions_table[name] for name in ("training", "training_draw"))
    add(window, "Input")
    assert not training.isEnabled()
    assert not draw.isEnabled()
    add(window, "Dropout")
    assert training.isEnabled()
    training.trigger()
    assert window.workspace.live.training.active
    draw.trigger()
    assert window.workspace.live.training.draw == 1
    window.transport.training.button.click()
    assert not window.workspace.live.training.active
    assert not training.isChecked()
