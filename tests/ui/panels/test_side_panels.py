"""Explain, outline and examples: they follow the design and the selection, and can be worked by keyboard alone."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from rnn_designer.catalog import CATALOG
from rnn_designer.design import edits, files
from rnn_designer.ui.examples import ExamplesPanel, read_example
from rnn_designer.ui.explain import Explain
from rnn_designer.ui.outline import Outline

_ONLY = QItemSelectionModel.SelectionFlag.ClearAndSelect
"""Selects one line, whatever modifier keys the test before left behind."""

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def outline(workspace: Any, selection: Any, show: Callable[[QWidget], QWidget]) -> Any:
    made = Outline(workspace, selection)
    made.resize(216, 500)
    return show(made)


@pytest.fixture
def explain(workspace: Any, selection: Any, show: Callable[[QWidget], QWidget]) -> Any:
    made = Explain(workspace, selection)
    made.resize(312, 600)
    return show(made)


def top_names(outline: Any) -> list[str]:
    return [outline.tree.topLevelItem(place).text(0) for place in range(outline.tree.topLevelItemCount())]


def test_that_the_outline_lists_layers_in_order_with_links_and_inner_layers(draw: Any, outline: Any) -> None:
    draw("Input", "Bidirectional", "Dense")
    assert top_names(outline) == ["input", "bidirectional", "dense"]
    wrapper = outline.tree.topLevelItem(1)
    assert [wrapper.child(place).text(0) for place in range(wrapper.childCount())] == ["lstm", "dense"]
    text = wrapper.data(0, Qt.ItemDataRole.AccessibleTextRole)
    assert text.startswith("Bidirectional bidirectional")
    assert "output batch×64" in text
    outline.grab()


def test_that_the_outline_keeps_its_lines_while_the_design_changes(
    draw: Any, outline: Any, workspace: Any
) -> None:
    design = draw("Input", "LSTM", "Dense")
    item = outline.item_of(design.layers[1].id)
    item.setExpanded(False)
    workspace.document.apply(edits.set_parameter(design.layers[1].id, "units", 8), "Set units")
    workspace.document.apply(edits.remove([design.layers[0].id]), "Delete")
    assert outline.item_of(design.layers[1].id) is item
    assert not item.isExpanded()
    assert top_names(outline) == ["lstm", "dense"]


def test_that_selection_goes_both_ways(draw: Any, outline: Any, selection: Any) -> None:
    design = draw("Input", "LSTM", "Dense")
    ids = [layer.id for layer in design.layers]
    selection.set(ids[:2])
    assert [item.text(0) for item in outline.tree.selectedItems()] == ["input", "lstm"]
    outline.tree.setCurrentItem(outline.item_of(ids[2]), 0, _ONLY)
    assert selection.ids == (ids[2],)
    selection.clear()
    assert outline.tree.selectedItems() == []


def test_that_the_outline_renames_deletes_and_opens_by_keyboard(
    draw: Any, outline: Any, selection: Any, workspace: Any
) -> None:
    design = draw("Input", "LSTM", "Dense")
    lstm = design.layers[1].id
    item = outline.item_of(lstm)
    outline.tree.setCurrentItem(item, 0, _ONLY)
    opened: list[str] = []
    outline.opened.connect(opened.append)
    QTest.keyClick(outline.tree, Qt.Key.Key_Return)
    assert opened == [lstm]
    item.setText(0, "memory")
    assert workspace.document.design.layer(lstm).name == "memory"
    item.setText(0, "dense")
    assert item.text(0) == "memory"
    assert "dense" in outline._message.text()
    QTest.keyClick(outline.tree, Qt.Key.Key_Delete)
    assert [layer.kind for layer in workspace.document.design.layers] == ["Input", "Dense"]
    workspace.document.undo()
    link = workspace.document.design.links[0]
    outline.tree.setCurrentItem(outline.item_of(link), 0, _ONLY)
    QTest.keyClick(outline.tree, Qt.Key.Key_Delete)
    assert link not in workspace.document.design.links


def test_that_explain_says_what_a_layer_does_with_its_own_numbers(
    draw: Any, explain: Any, selection: Any
) -> None:
    assert "How to begin" in explain.text()
    design = draw("Input", "LSTM", "Dense")
    lstm = design.layers[1].id
    selection.set((lstm,))
    text = explain.text()
    assert CATALOG["LSTM"].summary in text
    assert "batch×time×1" in text
    assert "4,352 parameters" in text
    explain.show_parameter(lstm, "units")
    assert "4 · 32 · (1 + 32 + 1) = 4,352" in explain.text()


def test_that_explain_mends_a_problem(draw: Any, explain: Any, selection: Any, workspace: Any) -> None:
    design = draw("Input", "LSTM", "Dense")
    dense = design.layers[2].id
    edit = edits.chain(
        edits.set_parameter(dense, "units", 1), edits.set_parameter(dense, "activation", "softmax")
    )
    workspace.document.apply(edit, "Set")
    selection.set((dense,))
    assert "Problems" in explain.text()
    explain._follow(QUrl("fix:0.0"))
    assert workspace.document.design.layer(dense).value("activation") != "softmax"
    explain._follow(QUrl("fix:9.9"))


@pytest.mark.parametrize("kind", sorted(CATALOG))
def test_that_every_layer_type_is_explained(kind: str, draw: Any, explain: Any, selection: Any) -> None:
    design = draw("Input", kind) if kind != "Input" else draw("Input")
    selection.set((design.layers[-1].id,))
    assert CATALOG[kind].summary in explain.text()
    for name in CATALOG[kind].by_name:
        explain.show_parameter(design.layers[-1].id, name)
        assert CATALOG[kind].by_name[name].label in explain.text()


def test_that_examples_are_read_when_first_shown_and_opened_with_enter(
    draw: Any, workspace: Any, selection: Any, show: Callable[[QWidget], QWidget], tmp_path: Path
) -> None:
    design = edits.chain(edits.set_name("Sunspots"), edits.set_notes("Three centuries.\nMore."))(
        draw("Input", "LSTM", "Dense")
    )
    files.save(design, tmp_path / "a.rnnd")
    (tmp_path / "broken.rnnd").write_text("{", encoding="utf-8")
    panel = ExamplesPanel(workspace, selection, folder=tmp_path)
    assert panel.list.count() == 0
    show(panel)
    assert panel.list.count() == 1
    example = read_example(tmp_path / "a.rnnd")
    assert example is not None
    assert (example.name, example.note) == ("Sunspots", "Three centuries.")
    assert len(example.boxes) == 3
    assert example.wires == ((0, 1), (1, 2))
    wanted: list[Path] = []
    panel.example_wanted.connect(wanted.append)
    panel.list.setCurrentRow(0)
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    assert wanted == [tmp_path / "a.rnnd"]
    panel.grab()


def test_that_formulas_lower_their_indices_and_leave_names_alone() -> None:
    from rnn_designer.ui.explain import _paragraph

    assert "W<sub>f</sub>" in _paragraph("f = σ(x·W_f + b′_f)")
    assert "b′<sub>f</sub>" in _paragraph("f = σ(x·W_f + b′_f)")
    assert "reset_after" in _paragraph("y = reset_after")


def test_that_names_of_files_become_titles() -> None:
    from rnn_designer.ui.titles import title_of

    assert [title_of(each) for each in ("el_nino", "nile_flow", "Größe")] == ["El Niño", "Nile flow", "Größe"]
    assert [title_of(each) for each in ("simple_rnn", "lstm", "gru")] == ["SimpleRNN", "LSTM", "GRU"]
