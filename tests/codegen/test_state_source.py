"""Cells, stacks, states and shared layers in the generated source."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from rnn_designer.catalog import FrozenMap
from rnn_designer.codegen import NotExportable, formatted, generate, planned, runnable_part
from rnn_designer.design import Design, Layer


def text_of(designs: SimpleNamespace, name: str) -> str:
    return formatted(generate(designs.clean(designs.RUN[name]))).text


def test_that_every_cell_owns_a_line_of_its_own(designs: SimpleNamespace) -> None:
    checked = designs.clean(designs.RUN["stack"])
    source = generate(checked)
    for each in (source, formatted(source)):
        lines = each.text.split("\n")
        for layer in checked.design.walk():
            owned = "".join(lines[number - 1] for number in each.lines_of(layer.id))
            constructor = "keras.Input(" if layer.kind == "Input" else f"layers.{layer.kind}("
            assert constructor in owned


def test_that_only_cells_that_the_user_named_carry_a_name(designs: SimpleNamespace) -> None:
    text = text_of(designs, "stack")
    assert 'name="lower"' in text
    assert "gru_cell" not in text
    assert "stacked_rnn_cells" not in text


def test_that_a_lone_cell_stands_without_a_stack(designs: SimpleNamespace) -> None:
    text = text_of(designs, "a stack of one")
    assert "layers.RNN(layers.LSTMCell(4), return_state=True)" in text
    assert "StackedRNNCells" not in text


def test_that_states_are_unpacked_as_keras_nests_them(designs: SimpleNamespace) -> None:
    text = text_of(designs, "stack")
    assert "encoder, (encoder_cell_0_h, encoder_cell_0_c), encoder_cell_1_h = layers.RNN(" in text
    assert "initial_state=[[encoder_cell_0_h, encoder_cell_0_c], encoder_cell_1_h]" in text


def test_that_a_single_state_goes_without_a_list(designs: SimpleNamespace) -> None:
    text = text_of(designs, "one state handed on, masked")
    assert "initial_state=gru_h" in text
    assert "mask=embedding._keras_mask" in text


def test_that_a_mask_is_handed_over_only_beside_initial_states(designs: SimpleNamespace) -> None:
    text = text_of(designs, "masked, started by constants")
    assert text.count("._keras_mask") == 2
    assert "_keras_mask" not in text_of(designs, "a joined mask that is used")
    assert "_keras_mask" not in text_of(designs, "constant_states")


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("constant_states", "“memory” is called with initial state"),
        ("a layer called three times", "“dense” is called 3 times|has 2 Inputs"),
        ("shared, with a penalty and different beginnings", "“rnn” is called 2 times"),
    ],
)
def test_that_calls_with_more_than_a_tensor_are_no_sequential_model(
    designs: SimpleNamespace, name: str, why: str
) -> None:
    with pytest.raises(NotExportable, match=why):
        generate(designs.clean(designs.RUN[name]), style="sequential")


def test_that_a_shared_layer_is_made_once_before_its_first_call(designs: SimpleNamespace) -> None:
    checked = designs.clean(designs.RUN["a layer called three times"])
    text = generate(checked).text
    assert text.count("layers.Dense(") == 1
    assert text.index("dense = layers.Dense(") < text.index("dense(a)") < text.index("dense(x)")
    part = runnable_part(checked)
    assert part is not None
    shares = [(layer_id, name, shares) for layer_id, name, _, _, shares in planned(part) if name == "dense"]
    assert shares == [("AGAIN", "dense", "DENSE"), ("DENSE", "dense", ""), ("ONCE_MORE", "dense", "DENSE")]


def test_that_each_call_of_a_shared_layer_is_its_own_boxs_line(designs: SimpleNamespace) -> None:
    source = formatted(generate(designs.clean(designs.RUN["a layer called three times"])))
    lines = source.text.split("\n")
    owned = {
        box: [lines[number - 1].strip() for number in source.lines_of(box)]
        for box in ("AGAIN", "DENSE", "ONCE_MORE")
    }
    assert owned == {
        "AGAIN": ["x = dense(a)"],
        "DENSE": ['dense = layers.Dense(3, activation="tanh")', "dense_output = dense(x)"],
        "ONCE_MORE": ["once_more_output = dense(b)"],
    }


def test_that_boxes_run_while_the_original_does_not(designs: SimpleNamespace) -> None:
    design: Design = designs.RUN["a layer called three times"]
    cut = replace(design, links=tuple(link for link in design.links if link.source != "AGAIN"))
    part = runnable_part(designs.check(cut))
    assert part is not None
    assert [(layer[0], layer[1], layer[4]) for layer in planned(part)] == [
        ("A", "a", ""),
        ("AGAIN", "again", "DENSE"),
        ("B", "b", ""),
        ("ONCE_MORE", "again", "DENSE"),
    ]
    text = generate(part).text
    assert text.count("layers.Dense(") == 1
    assert "name='again'" in text


def test_that_states_of_a_shared_layer_are_named_by_their_boxes(designs: SimpleNamespace) -> None:
    text = text_of(designs, "shared")
    assert 'reader = layers.Bidirectional(layers.GRU(8, return_state=True), name="reader")' in text
    assert "_reader_output, reader_forward_h, _reader_backward_h = reader(question)" in text


def test_that_operations_behind_initial_states_do_not_meet_layers_of_their_name(
    designs: SimpleNamespace,
) -> None:
    layers = (designs.series(2), designs.layer("Dense", "tile", units=2))
    text = generate(designs.clean(designs.chain(*layers))).text
    assert "name='tile'" in text
    started = designs.layer("GRU", "gru", units=2, initial_state=(1.0,))
    text = generate(designs.clean(designs.chain(*layers, started))).text
    assert "name='tile_layer'" in text


def test_that_attention_takes_its_tensors_as_keras_wants_them(designs: SimpleNamespace) -> None:
    text = text_of(designs, "attention over a key of its own")
    assert "(series, value=series, key=dense, use_causal_mask=True)" in " ".join(text.split()).replace(
        "( ", "("
    ).replace(" )", ")")
    assert "layers.Attention()([heads, series, dense], use_causal_mask=True)" in text


def test_that_a_layer_too_many_is_refused(designs: SimpleNamespace) -> None:
    cells = tuple(Layer(f"C{number}", "GRUCell", f"c{number}", FrozenMap(units=2)) for number in range(2))
    design = designs.chain(designs.series(2), designs.layer("RNN", "rnn", *cells))
    checked = designs.check(design)
    with pytest.raises(NotExportable):
        generate(checked)
