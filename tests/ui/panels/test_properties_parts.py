"""Parts that fit, lists with curves, several wrappers at once, and undo while a list of suggestions is open."""

from typing import Any

import pytest
from hands import choose
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QAction, QImage, QPainter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from rnn_designer.catalog import CATALOG, PartOf
from rnn_designer.catalog.parts import ACTIVATIONS, part_type, parts
from rnn_designer.design import Design, edits, new_layer
from rnn_designer.ui.properties.part_editor import PartEditor, rank_words
from rnn_designer.ui.widgets.curve import (
    CurveDelegate,
    curve_image,
    paint_curve,
    saturated,
    saturation_words,
)

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def row_of(properties: Any, name: str) -> Any:
    row = properties.page.form.reveal(name)
    assert row is not None
    return row


# Parts.


def test_that_only_parts_which_fit_the_weight_can_be_chosen_and_the_others_say_why(
    draw: Any, properties: Any, selection: Any
) -> None:
    design = draw("Input", "LSTM")
    selection.set((design.layers[1].id,))
    editor = row_of(properties, "bias_initializer").editor
    assert isinstance(editor, PartEditor)
    model = editor.combo.model()
    for place, part in enumerate(parts("initializers")):
        assert editor.combo.value_at(place) == part.kind
        fits = part.fits(1)
        assert bool(model.flags(model.index(place, 0)) & Qt.ItemFlag.ItemIsEnabled) == fits
        assert (rank_words(part) in editor.combo.itemText(place)) is not fits
    assert "Orthogonal: needs two or more axes" in [
        editor.combo.itemText(place) for place in range(editor.combo.count())
    ]


@pytest.mark.parametrize("kind", sorted(CATALOG))
def test_that_every_part_parameter_offers_something(kind: str) -> None:
    for parameter in CATALOG[kind].parameters:
        if isinstance(parameter.type, PartOf):
            assert any(part.fits(parameter.type.rank) for part in parts(parameter.type.namespace))


@pytest.mark.parametrize(
    ("namespace", "kind", "words"),
    [
        ("initializers", "Orthogonal", "needs two or more axes"),
        ("initializers", "Identity", "needs two axes"),
        ("initializers", "STFT", "needs three axes"),
    ],
)
def test_that_a_part_says_which_weights_it_needs(namespace: Any, kind: str, words: str) -> None:
    part = part_type(namespace, kind)
    assert part is not None
    assert rank_words(part) == words


def test_that_a_bad_argument_is_refused_below_the_field_and_the_last_good_one_stays(
    draw: Any, properties: Any, selection: Any, workspace: Any
) -> None:
    layer_id = draw("Input", "LSTM").layers[1].id
    selection.set((layer_id,))
    row = row_of(properties, "kernel_regularizer")
    choose(row.editor.combo, "L2")
    field = row.editor.arguments()["l2"].field
    for text, held in (("0.5", 0.5), ("-1", 0.5), ("0.25", 0.25)):
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, text)
        assert workspace.document.design.layer(layer_id).value("kernel_regularizer").params["l2"] == held
        assert bool(row.refused) == (text == "-1")


def tab_stops(first: QWidget, count: int) -> list[QWidget]:
    """What Tab comes to from a field, hidden fields left out, as it is drawn."""
    stops: list[QWidget] = []
    first.setFocus()
    for _ in range(count):
        holder = QApplication.focusWidget()
        assert holder is not None
        QTest.keyClick(holder, Qt.Key.Key_Tab)
        holder = QApplication.focusWidget()
        assert holder is not None
        stops.append(holder)
    return stops


def test_that_tab_goes_through_what_was_made_later_where_it_stands(
    draw: Any, properties: Any, selection: Any, workspace: Any
) -> None:
    layer_id = draw("Input", "LSTM").layers[1].id
    selection.set((layer_id,))
    form = properties.page.form
    row = row_of(properties, "kernel_regularizer")
    header = form.sections["regularizers"].header
    assert tab_stops(header, 1) == [row.editor.combo]
    choose(row.editor.combo, "L1L2")
    arguments = row.editor.arguments()
    line = row._problems._lines[0]
    assert tab_stops(row.editor.combo, 6) == [
        arguments["l1"].field,
        arguments["l2"].field,
        row.dot,
        line.buttons[0],
        line.why,
        form.rows["recurrent_regularizer"].editor.combo,
    ]


# Several wrappers.


def wrappers(workspace: Any, *inner: str) -> tuple[str, ...]:
    design = Design()
    for kind in inner:
        layer = new_layer(design, "Bidirectional")
        design = edits.add(layer)(design)
        if layer.children[0].kind != kind:
            design = edits.set_child(layer.id, 0, new_layer(design, kind))(design)
    workspace.document.reset(design, None)
    return tuple(layer.id for layer in design.layers)


def test_that_what_several_wrappers_hold_is_set_together_where_it_is_of_one_type(
    workspace: Any, properties: Any, selection: Any
) -> None:
    ids = wrappers(workspace, "LSTM", "LSTM", "LSTM")
    selection.set(ids)
    slot = properties.page.slots[0]
    assert slot.isVisible()
    assert slot.page is not None
    field = slot.page.form.rows["units"].editor.field
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, "7")
    inner = [workspace.document.design.layer(each).children[0] for each in ids]
    assert [layer.value("units") for layer in inner] == [7, 7, 7]
    workspace.document.undo()
    inner = [workspace.document.design.layer(each).children[0] for each in ids]
    assert {layer.value("units") for layer in inner} != {7}


def test_that_wrappers_of_different_layers_offer_to_hold_the_same(
    workspace: Any, properties: Any, selection: Any
) -> None:
    ids = wrappers(workspace, "LSTM", "GRU")
    selection.set(ids)
    slot = properties.page.slots[0]
    assert slot.page is None
    assert slot.combo.chosen() is None
    assert slot.combo.placeholderText() == "different types"
    before = workspace.document.design
    choose(slot.combo, "SimpleRNN")
    design = workspace.document.design
    inner = [design.layer(each).children[0] for each in ids]
    assert [layer.kind for layer in inner] == ["SimpleRNN", "SimpleRNN"]
    assert len({layer.name for layer in inner}) == 2
    assert slot.page is not None
    workspace.document.undo()
    assert workspace.document.design == before


def test_that_several_wrappers_get_backward_layers_of_their_own_together(
    workspace: Any, properties: Any, selection: Any
) -> None:
    ids = wrappers(workspace, "LSTM", "LSTM")
    selection.set(ids)
    backward = properties.page.slots[1]
    choose(backward.combo, "own")
    assert [len(workspace.document.design.layer(each).children) for each in ids] == [2, 2]
    workspace.document.undo()
    assert [len(workspace.document.design.layer(each).children) for each in ids] == [1, 1]


# Activations.


def test_that_undo_works_while_suggestions_are_open_and_closes_them(
    draw: Any, properties: Any, selection: Any, workspace: Any, qtbot: QtBot
) -> None:
    layer_id = draw("Input", "LSTM").layers[1].id
    undo = QAction(properties)
    undo.setShortcut("Ctrl+Z")
    undo.triggered.connect(workspace.document.undo)
    properties.addAction(undo)
    selection.set((layer_id,))
    workspace.document.apply(edits.set_parameter(layer_id, "units", 7), "Set units")
    editor = row_of(properties, "activation").editor
    editor.combo.setFocus()
    editor.line.selectAll()
    QTest.keyClicks(editor.line, "si")
    popup = editor.combo.completer().popup()
    qtbot.waitUntil(popup.isVisible)
    QTest.keyClick(popup, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not popup.isVisible()
    assert workspace.document.design.layer(layer_id).value("units") != 7
    assert editor.line.text() == "tanh"


def test_that_a_field_leaves_undo_alone_when_the_design_has_nothing_to_undo(
    draw: Any, properties: Any, selection: Any
) -> None:
    selection.set((draw("Input", "LSTM").layers[1].id,))
    editor = row_of(properties, "activation").editor
    editor.combo.setFocus()
    editor.line.selectAll()
    QTest.keyClicks(editor.line, "x")
    QTest.keyClick(editor.combo, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert editor.line.text() == "x"


def test_that_lists_of_activations_draw_the_curve_of_every_row(
    draw: Any, properties: Any, selection: Any
) -> None:
    selection.set((draw("Input", "LSTM").layers[1].id,))
    combo = row_of(properties, "activation").editor.combo
    for view in (combo.view(), combo.completer().popup()):
        assert isinstance(view.itemDelegate(), CurveDelegate)


@pytest.mark.parametrize("name", [None, *ACTIVATIONS])
def test_that_every_activation_is_drawn_small_and_large(name: str | None, qapp: QApplication) -> None:
    image = curve_image(name, 260, 140, 2.0)
    assert (image.width(), image.height()) == (520, 280)
    empty = QImage(image.size(), image.format())
    empty.fill(Qt.GlobalColor.transparent)
    empty.setDevicePixelRatio(2.0)
    assert image != empty
    painter = QPainter(empty)
    paint_curve(painter, QRectF(2, 2, 30, 12), name)
    painter.end()


def test_that_saturation_is_where_a_curve_goes_flat() -> None:
    (low, left), (right, high) = saturated("tanh")
    assert (low, high) == pytest.approx((-6, 6))
    assert (left, right) == pytest.approx((-2.2, 2.2), abs=0.06)
    assert saturated("linear") == saturated(None) == saturated("leaky_relu") == ()
    assert len(saturated("relu")) == 1
    assert saturated("relu")[0] == pytest.approx((-6, 0), abs=0.06)
    assert "below −2.2 and above 2.2" in saturation_words("tanh")
    assert saturation_words("linear") == ""
