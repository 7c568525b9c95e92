"""The Data panel: sources, sizes and columns are edits of the design, and what is wrong is said in place."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hands import choose, type_into
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import DataSource, edits
from rnn_designer.messages import Table
from rnn_designer.sequences import GENERATORS
from rnn_designer.ui.data import DataPanel
from rnn_designer.ui.data.feeding import default_columns
from rnn_designer.ui.data.preview import SamplePlot, thinned

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def panel(workspace: Any, selection: Any, show: Callable[[QWidget], QWidget]) -> Any:
    made = DataPanel(workspace, selection)
    made.resize(312, 800)
    return show(made)


def table_of(*columns: str, rows: int = 30) -> Table:
    import numpy

    return Table(0, numpy.zeros((rows, len(columns)), numpy.float32), columns, columns, ("2 columns.",))


def test_that_a_design_without_an_input_says_how_to_get_data_in(draw: Any, panel: Any) -> None:
    draw("LSTM")
    assert panel.input_id is None
    assert not panel._empty.isHidden()
    assert panel._controls.isHidden()


def test_that_batch_size_and_time_steps_are_set_in_the_design(draw: Any, panel: Any, workspace: Any) -> None:
    input_id = draw("Input", "LSTM").layers[0].id
    type_into(panel.batch_size.editor.field, "8")
    type_into(panel.time_steps.editor.field, "120")
    source = workspace.document.design.source_of(input_id)
    assert (source.batch_size, source.time_steps) == (8, 120)
    assert workspace.document.history.steps == ("Set batch size", "Set time steps")
    workspace.document.undo()
    workspace.document.undo()
    assert panel.batch_size.editor.field.text() == "1"


def test_that_fixed_sizes_of_the_input_change_with_it(draw: Any, panel: Any, workspace: Any) -> None:
    input_id = draw("Input", "LSTM").layers[0].id
    edit = edits.chain(
        edits.set_parameter(input_id, "shape", (40, 1)), edits.set_parameter(input_id, "batch_size", 4)
    )
    workspace.document.apply(edit, "Fix")
    assert panel.time_steps.editor.field.text() == "40"
    type_into(panel.time_steps.editor.field, "60")
    type_into(panel.batch_size.editor.field, "2")
    layer = workspace.document.design.layer(input_id)
    assert layer.value("shape") == (60, 1)
    assert layer.value("batch_size") == 2
    assert workspace.document.design.source_of(input_id).time_steps == 60


def test_that_a_bad_size_is_explained_in_place(draw: Any, panel: Any, workspace: Any) -> None:
    input_id = draw("Input").layers[0].id
    type_into(panel.batch_size.editor.field, "0")
    assert "got 0" in panel.batch_size.message.text()
    assert workspace.document.design.source_of(input_id) is None
    type_into(panel.batch_size.editor.field, "")
    assert "got nothing" in panel.batch_size.message.text()


@pytest.mark.parametrize("name", list(GENERATORS))
def test_that_every_generator_shows_and_sets_its_options(
    name: str, draw: Any, panel: Any, workspace: Any
) -> None:
    input_id = draw("Input", "LSTM").layers[0].id
    choose(panel.kind, ("generator", name))
    source = workspace.samples.source(input_id)
    assert source.kind == name
    view = panel._generators[name]
    assert not view.isHidden()
    option = GENERATORS[name].options[0]
    value = option.default + 1 if option.whole else min(option.default + 0.25, option.maximum or 1e9)
    type_into(view.rows[option.name].editor.field, str(value))
    assert workspace.document.design.source_of(input_id).options[option.name] == value
    type_into(view.rows[option.name].editor.field, "-1e9")
    assert view.rows[option.name].message.text()


def test_that_a_file_brings_its_columns_and_the_inputs_features(
    draw: Any, panel: Any, workspace: Any
) -> None:
    input_id = draw("Input", "LSTM").layers[0].id
    panel.source_editing.take_file("/data/weather.csv")
    workspace.samples.table_read.emit("/data/weather.csv", table_of("year", "rain", "wind"))
    design = workspace.document.design
    source = design.source_of(input_id)
    assert source.kind == "csv"
    assert source.options["columns"] == ("rain", "wind")
    assert source.time_steps == 30
    assert design.layer(input_id).value("shape") == (None, 2)
    assert len(workspace.document.history.steps) == 1
    panel.file.show_file(source, table_of("year", "rain", "wind"))
    panel.file.columns.item(1).setCheckState(Qt.CheckState.Unchecked)
    panel.file.columns.item(2).setCheckState(Qt.CheckState.Checked)
    assert workspace.document.design.source_of(input_id).options["columns"] == ("year", "wind")
    assert workspace.document.design.layer(input_id).value("shape") == (None, 2)


def test_that_the_last_column_cannot_be_taken_away(draw: Any, panel: Any, workspace: Any) -> None:
    draw("Input")
    source = DataSource("csv", FrozenMap(path="/data/a.csv", columns=("rain",)))
    panel.file.show_file(source, table_of("rain"))
    panel.file.columns.item(0).setCheckState(Qt.CheckState.Unchecked)
    assert panel.file.columns.item(0).checkState() is Qt.CheckState.Checked
    assert "at least one column" in panel.file._message.text()
    assert workspace.document.history.steps == ()


def test_that_an_unreadable_file_leaves_the_samples_as_they_were(
    draw: Any, panel: Any, workspace: Any
) -> None:
    draw("Input")
    panel.source_editing.take_file("/data/broken.csv")
    workspace.samples.read_failed.emit("/data/broken.csv", "The file is empty. Choose another one.")
    assert "The file is empty" in panel._problem.text()
    assert not panel._problem.isHidden()
    assert workspace.document.history.steps == ()


def test_that_several_inputs_are_chosen_from_and_follow_the_selection(
    draw: Any, panel: Any, workspace: Any, selection: Any
) -> None:
    from rnn_designer.design import new_layer

    first = draw("Input").layers[0].id
    second = new_layer(workspace.document.design, "Input")
    workspace.document.apply(edits.add(second), "Add")
    assert panel.input_id == first
    selection.set((second.id,))
    assert panel.input_id == second.id
    choose(panel.inputs, first)
    assert selection.current == first


def test_that_samples_are_drawn_and_described(draw: Any, panel: Any, workspace: Any, qtbot: Any) -> None:
    input_id = draw("Input", "LSTM").layers[0].id
    type_into(panel.batch_size.editor.field, "3")
    workspace.samples.start()
    qtbot.waitUntil(lambda: workspace.samples.array(input_id) is not None)
    qtbot.waitUntil(lambda: "3×50×1" in panel.description.text())
    assert len(panel.plot.lines()[0]) == 50
    first = panel.plot.lines()
    QTest.keyClick(panel.plot, Qt.Key.Key_Right)
    assert panel.sample.currentText() == "sample 1 of 3"
    assert panel.plot.lines() != first
    panel.plot.grab()


def test_that_a_shape_of_tokens_keeps_its_one_axis(draw: Any, panel: Any, workspace: Any) -> None:
    input_id = draw("Input").layers[0].id
    workspace.document.apply(edits.set_parameter(input_id, "shape", (None,)), "Set shape")
    panel.source_editing.take_file("/data/tokens.csv")
    workspace.samples.table_read.emit("/data/tokens.csv", table_of("id"))
    assert workspace.document.design.layer(input_id).value("shape") == (None,)


def test_that_dropping_a_file_takes_it(draw: Any, panel: Any, tmp_path: Path) -> None:
    from PySide6.QtCore import QMimeData, QPointF, QUrl
    from PySide6.QtGui import QDropEvent

    draw("Input")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.csv"))])
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    panel.dropEvent(event)
    assert panel.source_editing.pending is not None
    assert panel.source_editing.pending.path.endswith("a.csv")


def test_that_columns_that_only_number_the_rows_are_left_out_at_first() -> None:
    assert default_columns(("year", "flow")) == ("flow",)
    assert default_columns(("year", "month")) == ("year", "month")


def test_that_long_lines_keep_their_extremes() -> None:
    values = [0.0] * 10_000
    values[5_000] = 9.0
    points = thinned(values, 100)
    assert len(points) <= 200
    assert max(value for _step, value in points) == 9.0


def test_that_gaps_and_nothing_at_all_are_drawn(show: Callable[[QWidget], QWidget]) -> None:
    import numpy

    plot: Any = show(SamplePlot())
    plot.show_sample(None, 0, "No samples: see above.")
    plot.grab()
    values = numpy.full((1, 12, 2), numpy.nan, numpy.float32)
    plot.show_sample(values, 0)
    plot.grab()
    values[0, 3:5, 0] = 1.0
    values[0, 8, 1] = numpy.inf
    plot.show_sample(values, 0)
    plot.grab()
