"""Models of every form: Sequential and Functional, of Keras 3 and 2, nested, shared, with states and with constants."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import h5py
import numpy
import pytest
from crafted import (
    FEATURES,
    UNITS,
    archive,
    called,
    functional,
    input_layer,
    layer,
    lstm,
    lstm_weights,
    sequential,
    tensor,
    text,
    weights_of_lstm,
)

from rnn_designer.catalog import CATALOG
from rnn_designer.design import Design, check, files
from rnn_designer.importer import Imported, read_model


def wires(design: Design) -> list[tuple[str, str, str, str]]:
    names = {each.id: each.name for each in design.layers}
    return [
        (names[each.source], each.source_port, names[each.target], each.target_port) for each in design.links
    ]


def clean(imported: Imported) -> Design:
    assert imported.remarks == ()
    assert not check(imported.design).errors
    assert files.from_text(files.to_text(imported.design)) == imported.design
    return imported.design


def old(kind: str, name: str, /, **config: Any) -> dict[str, Any]:
    """A layer as Keras 2 describes it."""
    return {"class_name": kind, "config": {"name": name, "trainable": True, "dtype": "float32", **config}}


def old_file(path: Path, config: Any, weights: dict[str, list[Any]]) -> Path:
    """An ``.h5`` file as Keras 2 writes it."""
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        file.attrs["model_config"] = json.dumps(config).encode()
        file.attrs["keras_version"] = b"2.12.0"
        for name, arrays in weights.items():
            group = file.create_group(f"model_weights/{name}")
            names = [f"{name}/{name}_cell/w{place}:0" for place in range(len(arrays))]
            group.attrs["weight_names"] = [each.encode() for each in names]
            for each, array in zip(names, arrays, strict=True):
                group[each] = array
    path.write_bytes(content.getvalue())
    return path


def test_that_weights_come_by_the_layers_own_keys(tmp_path: Path) -> None:
    imported = read_model(archive(tmp_path / "m.keras", sequential(input_layer(), lstm()), weights_of_lstm()))
    design = clean(imported)
    memory = design.layers[1]
    assert (memory.kind, memory.name, dict(memory.params)) == ("LSTM", "memory", {"units": UNITS})
    for name, array in zip(("kernel", "recurrent_kernel", "bias"), lstm_weights(), strict=True):
        numpy.testing.assert_array_equal(imported.weights[f"{memory.id}/{name}"], array)


def test_that_weights_that_do_not_fit_are_left_out_and_said_so(tmp_path: Path) -> None:
    config = sequential(input_layer(), layer("LSTM", "memory", units=UNITS + 1), layer("Dense", "d", units=1))
    imported = read_model(archive(tmp_path / "m.keras", config, weights_of_lstm()))
    assert imported.weights == {}
    assert imported.remarks == ("The file has no weights.",)


@pytest.mark.parametrize("first", ["batch_input_shape", "batch_shape"])
def test_that_a_sequential_model_without_an_input_layer_gets_an_input(first: str, tmp_path: Path) -> None:
    config = sequential(lstm(**{first: [None, 7, FEATURES]}))
    design = clean(read_model(text(tmp_path / "m.json", config)))
    assert [each.kind for each in design.layers] == ["Input", "LSTM"]
    assert design.layers[0].value("shape") == (7, FEATURES)


def test_that_a_model_that_was_never_built_says_what_to_do(tmp_path: Path) -> None:
    imported = read_model(text(tmp_path / "m.json", sequential(lstm())))
    assert [each.kind for each in imported.design.layers] == ["LSTM"]
    assert "place an Input" in imported.remarks[0]


def test_that_a_file_of_keras_2_comes_with_its_weights(tmp_path: Path) -> None:
    config = {
        "class_name": "Sequential",
        "config": {
            "name": "older",
            "layers": [
                old("InputLayer", "x", batch_input_shape=[None, None, FEATURES], sparse=False, ragged=False),
                old(
                    "LSTM",
                    "memory",
                    units=UNITS,
                    activation="tanh",
                    time_major=False,
                    implementation=2,
                    kernel_initializer={"class_name": "GlorotUniform", "config": {"seed": None}},
                ),
                old("BatchNormalization", "norm", axis=[1], momentum=0.9, fused=None),
                old("LeakyReLU", "leak", alpha=0.25),
            ],
        },
    }
    moving = [numpy.full(UNITS, each, "float32") for each in (1, 2, 3, 4)]
    path = old_file(tmp_path / "m.h5", config, {"memory": lstm_weights(), "norm": moving})
    imported = read_model(path)
    design = clean(imported)
    assert [each.kind for each in design.layers] == ["Input", "LSTM", "BatchNormalization", "LeakyReLU"]
    assert design.layers[3].value("negative_slope") == 0.25
    norm = design.layers[2].id
    kept = [
        imported.weights[f"{norm}/{each}"][0] for each in ("gamma", "beta", "moving_mean", "moving_variance")
    ]
    assert kept == [1, 2, 3, 4]


def test_that_states_of_keras_2_go_to_the_ports_of_states(tmp_path: Path) -> None:
    def node(*refs: list[Any]) -> list[Any]:
        return [[[*ref, {}] for ref in refs]]

    layers = [
        {
            **old("InputLayer", "x", batch_input_shape=[None, None, FEATURES]),
            "name": "x",
            "inbound_nodes": [],
        },
        {
            **old("LSTM", "encoder", units=UNITS, return_state=True),
            "name": "encoder",
            "inbound_nodes": node(["x", 0, 0]),
        },
        {
            **old("LSTM", "decoder", units=UNITS),
            "name": "decoder",
            "inbound_nodes": node(["x", 0, 0], ["encoder", 0, 1], ["encoder", 0, 2]),
        },
    ]
    config = {
        "name": "older",
        "layers": layers,
        "input_layers": [["x", 0, 0]],
        "output_layers": [["decoder", 0, 0]],
    }
    design = clean(read_model(text(tmp_path / "m.json", {"class_name": "Model", "config": config})))
    assert wires(design) == [
        ("x", "output", "encoder", "input"),
        ("x", "output", "decoder", "input"),
        ("encoder", "h", "decoder", "initial_h"),
        ("encoder", "c", "decoder", "initial_c"),
    ]


def test_that_masks_are_left_to_keras_and_constants_become_the_layers_own(tmp_path: Path) -> None:
    def operation(kind: str, name: str, *calls: Any) -> dict[str, Any]:
        described = {"module": "keras.src.ops.numpy", "class_name": kind, "registered_name": kind}
        return called({**described, "config": {"name": name}}, *calls)

    number = {"class_name": "__tensor__", "config": {"value": 0.5, "dtype": "float32"}}
    layers = [
        called(input_layer()),
        operation("NotEqual", "not_equal", ((tensor("x"), 0.0), {})),
        called(layer("Masking", "masking", mask_value=0.0), ((tensor("x"),), {})),
        operation("Any", "any", ((tensor("not_equal"),), {})),
        operation("FullLike", "full_like", ((tensor("x"), number), {})),
        called(
            lstm(),
            (
                (tensor("masking"),),
                {"mask": tensor("any"), "initial_state": [tensor("full_like"), tensor("full_like")]},
            ),
        ),
    ]
    design = clean(
        read_model(text(tmp_path / "m.json", functional(layers, [["x", 0, 0]], [["memory", 0, 0]])))
    )
    assert [each.kind for each in design.layers] == ["Input", "Masking", "LSTM"]
    assert design.layers[2].value("initial_state") == (0.5, 0.5)


def test_that_a_layer_called_twice_is_one_layer_and_a_box_that_shares_it(tmp_path: Path) -> None:
    layers = [
        called(input_layer("a", (None, FEATURES))),
        called(input_layer("b", (None, FEATURES))),
        called(layer("Dense", "both", units=1), ((tensor("a"),), {}), ((tensor("b"),), {})),
        called(layer("Add", "sum"), (([tensor("both"), tensor("both", 1)],), {})),
    ]
    config = functional(layers, [["a", 0, 0], ["b", 0, 0]], [["sum", 0, 0]])
    design = clean(read_model(text(tmp_path / "m.json", config)))
    assert [each.name for each in design.layers] == ["a", "b", "both", "both_1", "sum"]
    assert design.layers[3].shares == design.layers[2].id


def test_that_nested_models_are_drawn_out_in_a_group_of_their_name(tmp_path: Path) -> None:
    inner = sequential(
        input_layer("inside", (None, FEATURES)), layer("Dense", "first", units=4), name="inner"
    )
    config = sequential(
        input_layer("x", (None, FEATURES)), {**inner, "name": "inner"}, layer("Dense", "last", units=1)
    )
    design = clean(read_model(text(tmp_path / "m.json", config)))
    assert [each.name for each in design.layers] == ["x", "inner_first", "last"]
    assert [(each.name, each.members) for each in design.groups] == [("inner", (design.layers[1].id,))]


def test_that_an_output_that_also_feeds_others_stays_an_output(tmp_path: Path) -> None:
    layers = [
        called(input_layer("x", (None, FEATURES))),
        called(layer("Dense", "early", units=1), ((tensor("x"),), {})),
        called(layer("Dense", "late", units=1), ((tensor("early"),), {})),
    ]
    config = functional(layers, [["x", 0, 0]], [["late", 0, 0], ["early", 0, 0]])
    imported = read_model(text(tmp_path / "m.json", config))
    ends = [each.name for each in imported.design.layers][-2:]
    assert ends == ["late", "early_output"]
    assert "stands for the output" in imported.remarks[0]


def test_that_sums_written_as_code_become_layers(tmp_path: Path) -> None:
    described = {"module": "keras.src.ops.numpy", "class_name": "Add", "registered_name": "Add"}
    add = called({**described, "config": {"name": "add"}}, ((tensor("x"), tensor("d")), {}))
    layers = [
        called(input_layer("x", (None, 1))),
        called(layer("Dense", "d", units=1), ((tensor("x"),), {})),
        add,
    ]
    imported = read_model(text(tmp_path / "m.json", functional(layers, [["x", 0, 0]], [["add", 0, 0]])))
    assert [each.kind for each in imported.design.layers] == ["Input", "Dense", "Add"]
    assert not check(imported.design).errors
    assert "a layer of type Add stands for it" in imported.remarks[0]


def test_that_every_kind_of_the_catalog_is_known_by_its_class(tmp_path: Path) -> None:
    for kind, entry in CATALOG.items():
        if kind in ("Input", "CustomCell") or entry.slots or entry.cell:
            continue
        needed = {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in entry.new_params().items()
        }
        described = layer(kind, "one", **needed)
        if "trainable" not in entry.by_name:
            del described["config"]["trainable"]
        imported = read_model(text(tmp_path / "m.json", sequential(input_layer(), described)))
        assert [each.kind for each in imported.design.layers] == ["Input", kind], imported.remarks
