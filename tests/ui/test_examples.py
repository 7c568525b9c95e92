"""The gallery's order and sections, in the panel, in the dialog and in the command search."""

import json
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import Design, Layer, files
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.examples import MORE, ExamplesPanel, example_files, read_example
from rnn_designer.ui.examples_dialog import ExamplesDialog
from rnn_designer.ui.selection import Selection


@pytest.fixture
def gallery(tmp_path: Path) -> Path:
    inner = Layer("c1", "LSTMCell", "lower", FrozenMap(units=2))
    stack = Layer(
        "s1",
        "StackedRNNCells",
        "cells",
        children=(inner, Layer("c2", "GRUCell", "upper", FrozenMap(units=3))),
    )
    framed = Layer("r1", "RNN", "stack", children=(stack,))
    for name, layers in {
        "alone": (Layer("a1", "LSTM", "memory", FrozenMap(units=4)),),
        "framed": (framed,),
        "unlisted": (),
    }.items():
        files.save(Design(name, layers, notes=f"What {name} shows."), tmp_path / f"{name}.rnnd")
    sections = [
        {"title": "Stacks", "designs": ["framed", "not_there"]},
        {"title": "Layers", "designs": ["alone"]},
    ]
    (tmp_path / "sections.json").write_text(json.dumps(sections), encoding="utf-8")
    return tmp_path


def test_that_examples_come_in_the_order_of_their_sections_and_unlisted_ones_last(gallery: Path) -> None:
    assert [(title, path.stem) for title, path in example_files(gallery)] == [
        ("Stacks", "framed"),
        ("Layers", "alone"),
        (MORE, "unlisted"),
    ]


@pytest.mark.parametrize("text", ["", "{}", "[1]", '[{"title": "A"}]', "["])
def test_that_a_folder_without_a_usable_list_shows_its_files_by_name(gallery: Path, text: str) -> None:
    (gallery / "sections.json").write_text(text, encoding="utf-8")
    assert [(title, path.stem) for title, path in example_files(gallery)] == [
        ("", "alone"),
        ("", "framed"),
        ("", "unlisted"),
    ]


def test_that_a_frame_is_known_with_its_innermost_layers(gallery: Path) -> None:
    example = read_example(gallery / "framed.rnnd")
    assert example is not None
    assert example.boxes[0].inner == ("LSTMCell", "GRUCell")
    assert example.kinds == "RNN LSTMCell GRUCell"


def test_that_the_dialog_shows_one_section_at_a_time(gallery: Path, qtbot: QtBot) -> None:
    dialog = ExamplesDialog(folder=gallery)
    qtbot.addWidget(dialog)

    def shown() -> list[str]:
        items = [dialog.cards.item(row) for row in range(dialog.cards.count())]
        return [item.text() for item in items if not item.isHidden()]

    assert [chip.text() for chip in dialog.sections.buttons()] == ["All", "Stacks", "Layers", MORE]
    assert shown() == ["Framed", "Alone", "Unlisted"]
    qtbot.mouseClick(dialog.sections.button(2), Qt.MouseButton.LeftButton)
    assert shown() == ["Alone"]
    dialog.filter.setText("GRUCell")
    assert shown() == []
    assert "Choose All" in dialog.nothing.text()
    qtbot.mouseClick(dialog.sections.button(0), Qt.MouseButton.LeftButton)
    assert shown() == ["Framed"]


def test_that_headings_in_the_panel_cannot_be_chosen(
    gallery: Path, workspace: Workspace, selection: Selection, qtbot: QtBot
) -> None:
    panel = ExamplesPanel(workspace, selection, folder=gallery)
    qtbot.addWidget(panel)
    panel.read()
    texts = [panel.list.item(row).text() for row in range(panel.list.count())]
    assert texts == ["Stacks", "Framed", "Layers", "Alone", MORE, "Unlisted"]
    assert not panel.list.item(0).flags() & Qt.ItemFlag.ItemIsSelectable
    wanted: list[Path] = []
    panel.example_wanted.connect(wanted.append)
    panel.list.setCurrentRow(1)
    qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    assert [path.name for path in wanted] == ["framed.rnnd"]


def test_that_the_note_of_every_example_shows_its_whole_text(qtbot: Any) -> None:
    from PySide6.QtCore import QRectF, Qt
    from PySide6.QtGui import QFontMetricsF

    from rnn_designer.ui.canvas import look
    from rnn_designer.ui.canvas.marks.notes import text_rect

    metrics = QFontMetricsF(look.fonts().plain)
    paths = sorted((Path(__file__).parents[2] / "resources" / "examples").glob("*.rnnd"))
    notes = [
        (path.name, note) for path in paths for note in json.loads(path.read_text("utf-8"))["canvas_notes"]
    ]
    assert notes
    for name, note in notes:
        area = text_rect(*note["size"])
        flags = int(Qt.TextFlag.TextWordWrap)
        needed = metrics.boundingRect(QRectF(0.0, 0.0, area.width(), 9999.0), flags, note["text"])
        assert needed.height() <= area.height(), name
