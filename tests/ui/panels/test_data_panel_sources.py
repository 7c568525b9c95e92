"""The Data panel with typed and drawn data, texts, splits and findings about files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hands import choose
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from rnn_designer.design import files
from rnn_designer.ui.data import DataPanel

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")
PATIENCE = 120_000
TUTORIAL = "x = tf.constant([[[1, 2, 3, 4, 5], [2, 3, 4, 5, 6], [3, 4, 5, 6, nan]]], dtype=tf.float32)"


@pytest.fixture
def panel(draw: Any, workspace: Any, selection: Any, show: Callable[[QWidget], QWidget], qtbot: Any) -> Any:
    draw("Input", "LSTM")
    made = DataPanel(workspace, selection)
    made.resize(312, 900)
    workspace.samples.start()
    show(made)
    qtbot.waitUntil(lambda: workspace.samples.ready, timeout=PATIENCE)
    return made


def source_of(panel: Any) -> Any:
    return panel.source()[1]


def settle(panel: Any, qtbot: Any) -> None:
    samples = panel.workspace.samples
    qtbot.waitUntil(lambda: samples.ready and panel.source_editing.pending is None, timeout=PATIENCE)


def test_that_the_tutorials_example_is_one_paste_and_one_step_back(panel: Any, qtbot: Any) -> None:
    document = panel.workspace.document
    choose(panel.kind, ("typed", ""))
    steps = len(document.history.steps)
    panel.typed.paste.setPlainText(TUTORIAL)
    QTest.keyClick(panel.typed.paste, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    settle(panel, qtbot)
    assert len(document.history.steps) == steps + 1
    source = source_of(panel)
    assert (source.batch_size, source.time_steps) == (1, 3)
    assert document.design.layer(panel.input_id).value("shape") == (None, 5)
    assert panel.workspace.samples.array(panel.input_id).shape == (1, 3, 5)
    assert panel.table.model_.data(panel.table.model_.index(2, 4)) == "gap"
    assert files.from_text(files.to_text(document.design)) == document.design
    document.undo()
    assert source_of(panel) != source


def test_that_a_bad_paste_is_explained_where_it_stands(panel: Any) -> None:
    choose(panel.kind, ("typed", ""))
    held = source_of(panel)
    panel.typed.paste.setPlainText("[[1, 2], [3]]")
    panel.typed.take.click()
    assert "row 1, in line 1, has 1 number" in panel.typed.message.text()
    assert panel.typed.paste.toPlainText() == "[[1, 2], [3]]"
    assert source_of(panel) == held


def test_that_cells_are_typed_deleted_pasted_and_copied(panel: Any, qtbot: Any) -> None:
    choose(panel.kind, ("typed", ""))
    panel.typed.paste.setPlainText("[[1, 2], [3, 4], [5, 6]]")
    panel.typed.take.click()
    settle(panel, qtbot)
    model, table = panel.table.model_, panel.table
    assert model.setData(model.index(1, 0), "2.5")
    settle(panel, qtbot)
    table.setCurrentIndex(model.index(2, 1))
    QTest.keyClick(table, Qt.Key.Key_Delete)
    settle(panel, qtbot)
    assert source_of(panel).options["values"] == ((1, 2), (2.5, 4), (5, None))
    assert not model.setData(model.index(0, 0), "many")
    assert "Expected a number" in panel._problem.text()
    QGuiApplication.clipboard().setText("7\t8\n9\t10")
    table.setCurrentIndex(model.index(0, 0))
    QTest.keyClick(table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert source_of(panel).options["values"] == ((7, 8), (9, 10), (5, None))
    settle(panel, qtbot)
    table.selectAll()
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "7\t8\n9\t10\n5\t"


def test_that_a_stroke_of_the_mouse_is_one_step(panel: Any, qtbot: Any) -> None:
    choose(panel.kind, ("typed", ""))
    panel.typed.paste.setPlainText("[" + "[0, 1], " * 30 + "]")
    panel.typed.take.click()
    settle(panel, qtbot)
    document, plot = panel.workspace.document, panel.plot
    before, steps = source_of(panel).options["values"], len(document.history.steps)
    QTest.mousePress(plot, Qt.MouseButton.LeftButton, pos=QPoint(80, 20))
    for x in (120, 160, 200):
        QTest.mouseMove(plot, QPoint(x, 60))
    QTest.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=QPoint(200, 60))
    settle(panel, qtbot)
    drawn = source_of(panel).options["values"]
    assert drawn != before
    assert [row[1] for row in drawn] == [1] * 30
    assert len(document.history.steps) == steps + 1
    document.undo()
    assert source_of(panel).options["values"] == before
    settle(panel, qtbot)
    QTest.mousePress(plot, Qt.MouseButton.LeftButton, pos=QPoint(80, 20))
    QTest.keyClick(plot, Qt.Key.Key_Escape)
    assert source_of(panel).options["values"] == before


def test_that_a_point_of_generated_samples_is_dragged_in_one_step_that_copies_them(
    panel: Any, qtbot: Any
) -> None:
    document, plot, samples = panel.workspace.document, panel.plot, panel.workspace.samples
    settle(panel, qtbot)
    before, fed = source_of(panel), samples.array(panel.input_id).copy()
    assert before.kind != "typed"
    steps = len(document.history.steps)
    place, line = plot._place(), plot.lines()[0]
    step = len(line) // 2
    x = round(place.left() + place.width() * step / (len(line) - 1))
    QTest.mousePress(plot, Qt.MouseButton.LeftButton, pos=QPoint(x, round(place.center().y())))
    QTest.mouseMove(plot, QPoint(x, round(place.top() + 4)))
    QTest.mouseMove(plot, QPoint(x, round(place.bottom() - 4)))
    settle(panel, qtbot)
    assert plot.drawing  # Everything follows while the button is held.
    now = samples.array(panel.input_id)
    QTest.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=QPoint(x, round(place.bottom() - 4)))
    assert source_of(panel).kind == "typed"
    assert now.shape == fed.shape
    changed = abs(now - fed) > 1e-3
    assert changed.sum() == 1
    assert changed[panel.shown_sample, step, 0]
    low, high = plot._range
    assert now[panel.shown_sample, step, 0] < low + 0.2 * (high - low)
    assert len(document.history.steps) == steps + 1
    document.undo()
    assert source_of(panel) == before
    settle(panel, qtbot)
    QTest.mousePress(plot, Qt.MouseButton.LeftButton, pos=QPoint(x, round(place.center().y())))
    QTest.mouseMove(plot, QPoint(x + 20, round(place.top() + 4)))
    QTest.keyClick(plot, Qt.Key.Key_Escape)
    assert source_of(panel) == before


def test_that_rows_and_features_can_be_added_and_taken(panel: Any, qtbot: Any) -> None:
    choose(panel.kind, ("typed", ""))
    panel.typed.paste.setPlainText("[[1, 2], [3, 4]]")
    panel.typed.take.click()
    settle(panel, qtbot)
    panel.typed.shape_wanted.emit(3, 2)
    panel.typed.shape_wanted.emit(3, 1)
    assert source_of(panel).options["values"] == ((1,), (3,), (0.0,))
    assert source_of(panel).time_steps == 3
    assert panel.workspace.document.design.layer(panel.input_id).value("shape") == (None, 1)


def test_that_a_text_becomes_ids_and_shows_its_vocabulary(panel: Any, qtbot: Any) -> None:
    choose(panel.kind, ("text", ""))
    panel.text.text.setPlainText("A rose is a rose")
    panel.text.take.click()
    panel.text.option_wanted.emit("unit", "words")
    panel.text.option_wanted.emit("lower", True)
    settle(panel, qtbot)
    assert source_of(panel).options["vocabulary"] == 5
    assert "5 ids" in panel.text.title.text()
    assert panel.text.vocabulary.count() == 5
    assert panel.workspace.samples.array(panel.input_id)[0, :, 0].tolist() == [2, 3, 4, 2, 3]


def test_that_findings_about_a_file_are_shown_and_overruled(panel: Any, qtbot: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("1;2\n" + "3,5;4\n" * 60)
    panel.source_editing.take_file(str(path))
    settle(panel, qtbot)
    choices = panel.file.dialect.choices
    assert choices["separator"].currentText() == "semicolon (found)"
    assert choices["decimal"].currentText() == "comma: 1,5 (found)"
    choose(choices["header"], "yes")
    settle(panel, qtbot)
    source = source_of(panel)
    assert source.options["header"] == "yes"
    assert source.options["columns"] == ("1", "2")
    choose(choices["separator"], "tab")
    settle(panel, qtbot)
    assert "stay as they were" in panel._problem.text()
    assert source_of(panel) == source


def test_that_a_file_is_embedded_where_it_is_small(panel: Any, qtbot: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "0.5,2\n" * 60)
    panel.source_editing.take_file(str(path))
    settle(panel, qtbot)
    panel.file.embed.click()
    source = source_of(panel)
    assert source.kind == "typed"
    assert source.options["values"] == ((0.5, 2),) * 60


def test_that_horizon_and_split_are_set_shown_and_explained(panel: Any, qtbot: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a\n" + "".join(f"{n}\n" for n in range(200)))
    panel.source_editing.take_file(str(path))
    settle(panel, qtbot)
    for name, value in (
        ("horizon", 4),
        ("validation", 0.2),
        ("test", 0.2),
        ("part", "test"),
        ("time_steps", 20),
    ):
        panel.source_editing.set_value(name, value)
    settle(panel, qtbot)
    fitted = panel.workspace.samples.fitted(panel.input_id)
    assert fitted.start == 160
    assert fitted.ahead.shape == (1, 4, 1)
    assert [step for step, _value in panel.plot.target_marks()] == [20, 21, 22, 23]
    assert panel.table.model_.headerData(20, Qt.Orientation.Vertical) == "+1"
    assert "validation 120 to 159" in panel.cutting.test.explanation.text()
    panel.source_editing.set_value("test", 0.0)
    assert source_of(panel).part == "all"


def test_that_a_task_shows_its_answers(panel: Any, qtbot: Any) -> None:
    choose(panel.kind, ("generator", "adding"))
    settle(panel, qtbot)
    assert panel.workspace.document.design.layer(panel.input_id).value("shape") == (None, 2)
    assert [step for step, _value in panel.plot.target_marks()] == [49]
    assert "sum of the two marked values" in panel.description.text()


def test_that_a_long_reading_shows_a_bar_that_stops_it(panel: Any, qtbot: Any) -> None:
    panel.reading.show_progress((0.25, "1,000 rows of “a.csv”"))
    assert panel.reading.isHidden()
    qtbot.waitUntil(lambda: not panel.reading.isHidden(), timeout=PATIENCE)
    assert panel.reading.bar.value() == 250
    with qtbot.waitSignal(panel.reading.stop_wanted, timeout=PATIENCE):
        panel.reading.stop.click()
    panel.reading.show_progress(None)
    assert panel.reading.isHidden()
