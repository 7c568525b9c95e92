"""The exported source under Keras: what was designed is what gets built, layer by layer, name by name."""

import os
import runpy
import subprocess
import sys
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from state_strategies import wired
from strategies import chains

from rnn_designer.catalog import FrozenMap, Part, layer_type
from rnn_designer.catalog.parameters import Namespace
from rnn_designer.catalog.parts import parts
from rnn_designer.codegen import formatted, generate, planned, runnable_part
from rnn_designer.design import Design, Layer, check
from rnn_designer.design.ports import output_ports
from rnn_designer.messages import PlannedLayer

_SHARED = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "codegen" / "designs.py")))
RUN = _SHARED.RUN

STYLES = [(name, "auto") for name in RUN] + [("sunspots", "functional"), ("shapes", "functional")]


def built(text: str) -> Any:
    """The model that a program builds, in a fresh Keras session."""
    import keras

    keras.utils.clear_session()
    namespace: dict[str, Any] = {"__name__": "exported"}
    exec(compile(text, "exported.py", "exec"), namespace)
    return namespace["build_model"]()


@pytest.mark.parametrize(("name", "style"), STYLES)
def test_that_the_exported_model_is_the_design(name: str, style: str) -> None:
    import keras

    checked = _SHARED.clean(RUN[name])
    source = generate(checked, style=style)
    model = built(formatted(source).text)
    part = runnable_part(checked)
    assert part is not None

    terminal = [
        spec.sizes
        for layer in part.design.layers
        if not any(link.source == layer.id for link in part.design.links)
        for (owner, _port), spec in part.shapes.items()
        if owner == layer.id
    ]
    assert [tuple(output.shape) for output in model.outputs] == terminal

    for layer_id, keras_name, kind, _, shares in planned(part):
        if kind == "Input":
            continue
        made = model.get_layer(keras_name)
        if not shares and part.counts.get(layer_id) is not None:
            assert made.count_params() == part.counts[layer_id]
        is_as_designed(part.design.layer(layer_id), made)
        copy = type(made).from_config(deepcopy(made.get_config()))
        assert copy.get_config() == made.get_config()
    keras.utils.clear_session()


def is_as_designed(layer: Layer, made: Any) -> None:
    """Hold a built layer and all inside it to the design: classes, arguments, names that the user chose."""
    if layer.kind == "StackedRNNCells" and len(layer.children) == 1:
        is_as_designed(layer.children[0], made)
        return
    if layer.kind == "CustomCell":
        arguments = layer.params["arguments"]
        assert type(made).__name__ == arguments.kind
        assert {name: made.get_config()[name] for name in arguments.params} == dict(arguments.params)
        return
    assert type(made).__name__ == layer.kind
    same_values(layer, made)
    if layer.name == "lower":
        assert made.name == "lower"
    for child, inside in zip(layer.children, inner_layers(made), strict=False):
        is_as_designed(child, inside)


def inner_layers(made: Any) -> tuple[Any, ...]:
    """What a built wrapper, RNN or stack holds, in the order of its slots."""
    match type(made).__name__:
        case "Bidirectional":
            return made.forward_layer, made.backward_layer
        case "TimeDistributed":
            return (made.layer,)
        case "RNN":
            return (made.cell,)
        case "StackedRNNCells":
            return tuple(made.cells)
        case _:
            return ()


def random_inputs(model: Any) -> Any:
    """A batch of two for every Input; token numbers where it takes those."""
    import numpy as np

    random = np.random.default_rng(3)
    batch = []
    for tensor in model.inputs:
        shape = [size or 6 for size in tensor.shape]
        shape[0] = tensor.shape[0] or 2
        tokens = tensor.dtype.startswith("int")
        values = random.integers(0, 5, shape) if tokens else random.normal(size=shape)
        batch.append(values.astype(tensor.dtype))
    return batch if len(batch) > 1 else batch[0]


WIRED = [
    name
    for name, design in RUN.items()
    if any(
        layer.type.cell or layer.shares or layer.params.get("initial_state") or "ttention" in layer.kind
        for layer in design.walk()
    )
    or any("initial_" in link.target_port for link in design.links)
]


@pytest.mark.parametrize("name", WIRED)
def test_that_a_saved_model_computes_the_same(name: str, tmp_path: Path) -> None:
    import keras
    import numpy as np

    text = generate(_SHARED.clean(RUN[name])).text
    model = built(text)
    batch = random_inputs(model)
    before = keras.tree.flatten(model(batch, training=False))
    predicted = keras.tree.flatten(model.predict_on_batch(batch))
    model.save(tmp_path / "model.keras")
    model.save_weights(tmp_path / "model.weights.h5")

    loaded = keras.models.load_model(tmp_path / "model.keras")
    for each, other in zip(before, keras.tree.flatten(loaded(batch, training=False)), strict=True):
        np.testing.assert_array_equal(each, other)
    for each, other in zip(before, predicted, strict=True):
        np.testing.assert_allclose(each, other, rtol=1e-5, atol=1e-6)
    again = built(text)
    again.load_weights(tmp_path / "model.weights.h5")
    for each, other in zip(before, keras.tree.flatten(again(batch, training=False)), strict=True):
        np.testing.assert_array_equal(each, other)
    keras.utils.clear_session()


def test_that_constant_states_are_what_the_layer_starts_with() -> None:
    import keras
    import numpy as np

    text = generate(_SHARED.clean(RUN["constant_states"])).text
    model = built(text)
    series = np.random.default_rng(4).normal(size=(2, 7, 2)).astype("float32")
    memory, gru = model.get_layer("memory"), model.get_layer("gru")
    h = np.full((2, 3), 0.5, "float32")
    c = np.tile(np.array([0.1, 0.2, -0.3], "float32"), (2, 1))
    expected = gru(memory(series, initial_state=[h, c]), initial_state=np.ones((2, 2), "float32"))
    np.testing.assert_array_equal(model(series), expected)

    # What is not a number in one sample, or stands in its first step, says nothing about where states begin.
    poisoned = series.copy()
    poisoned[0] = np.nan
    result = np.asarray(model(poisoned))
    assert np.isnan(result[0]).all()
    np.testing.assert_allclose(result[1], np.asarray(expected)[1], rtol=1e-6)
    keras.utils.clear_session()


@pytest.mark.parametrize("name", ["masked, started by constants", "masked, started by wires"])
def test_that_initial_states_keep_a_mask(name: str) -> None:
    import keras
    import numpy as np

    model = built(generate(_SHARED.clean(RUN[name])).text)
    series = np.random.default_rng(4).normal(size=(1, 6, 2)).astype("float32")
    series[:, 4:] = 0
    for masked, short in zip(
        keras.tree.flatten(model(series)), keras.tree.flatten(model(series[:, :4])), strict=True
    ):
        np.testing.assert_allclose(masked, short, rtol=1e-6)
    keras.utils.clear_session()


def test_that_a_shared_layer_has_one_set_of_weights() -> None:
    import keras
    import numpy as np

    model = built(generate(_SHARED.clean(RUN["a layer called three times"])).text)
    assert len(model.trainable_weights) == 2
    a, b = np.random.default_rng(5).normal(size=(2, 1, 4, 3)).astype("float32")
    dense = model.get_layer("dense")
    np.testing.assert_allclose(model([a, b]), np.asarray(dense(dense(a))) + np.asarray(dense(b)), rtol=1e-6)
    keras.utils.clear_session()


def test_that_every_part_is_written_so_that_keras_makes_it() -> None:
    import keras

    namespaces: tuple[Namespace, ...] = ("initializers", "constraints", "regularizers")
    # STFT needs SciPy and a convolution's kernel.
    wanted = [part for namespace in namespaces for part in parts(namespace) if part.kind != "STFT"]
    layers = [
        _SHARED.layer(
            "Dense", f"dense_{number}", units=3, **{f"kernel_{each.namespace[:-1]}": Part(each.kind)}
        )
        for number, each in enumerate(wanted)
    ]
    model = built(generate(_SHARED.clean(_SHARED.chain(_SHARED.series(3), *layers))).text)
    made = [
        type(getattr(layer, f"kernel_{each.namespace[:-1]}")).__name__
        for each, layer in zip(wanted, model.layers, strict=True)
    ]
    assert made == [each.kind for each in wanted]
    keras.utils.clear_session()


def without_axes(layer: Layer) -> Layer:
    """The layer without axis numbers in its initializers, which may point nowhere."""
    params = {
        name: Part(value.kind, value.params.without("input_axes", "output_axes"))
        if isinstance(value, Part)
        else value
        for name, value in layer.params.items()
    }
    return replace(layer, params=FrozenMap(params))


# Shrinking would build hundreds of models.
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.reuse, Phase.generate],
)
@given(chains())
def test_that_any_chain_is_built_with_the_planned_names_and_shapes(design: Design) -> None:
    part = runnable_part(check(replace(design, layers=tuple(map(without_axes, design.layers)))))
    if part is None:
        return
    model = built(generate(part).text)
    names = {layer.name for layer in model._flatten_layers()}
    assert {keras_name for _, keras_name, _, _, _ in planned(part)} - {"series"} <= names
    last = part.order[-1]
    outputs = [spec.sizes for (owner, _), spec in part.shapes.items() if owner == last]
    assert [tuple(output.shape) for output in model.outputs] == outputs


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.reuse, Phase.generate],
)
@given(wired())
def test_that_any_wiring_of_states_is_built_and_runs(design: Design) -> None:
    import keras

    part = runnable_part(check(design))
    if part is None:
        return
    model = built(generate(part).text)
    for layer_id, keras_name, kind, _, _ in planned(part):
        if kind != "Input":
            is_as_designed(part.design.layer(layer_id), model.get_layer(keras_name))
    outputs = keras.tree.flatten(model(random_inputs(model), training=False))
    terminal = [
        part.shapes[layer.id, port.name].sizes
        for layer in part.design.layers
        if not any(link.source == layer.id for link in part.design.links)
        for port in output_ports(layer)
    ]
    assert [(None, *output.shape[1:]) for output in outputs] == [
        (None, *(6 if size is None else size for size in sizes[1:])) for sizes in terminal
    ]
    keras.utils.clear_session()


def same_values(layer: Any, made: Any) -> None:
    """Every plain parameter of the design is the built layer's own."""
    config = made.get_config()
    for parameter, value in layer.params.items():
        if layer.type.by_name[parameter].at_call:
            continue
        found = config.get(parameter, getattr(made, parameter, None))
        if isinstance(value, Part):
            if parameter == "activity_regularizer" and layer.kind == "SimpleRNN":
                continue
            assert found["class_name"] == value.kind
            assert {key: found["config"][key] for key in value.params} == dict(value.params)
        elif parameter in ("kernel_size", "pool_size", "strides", "dilation_rate", "size"):
            assert set(numbers(found)) == set(numbers(value)), parameter
        elif parameter == "dtype":
            assert made.dtype == value
        else:
            assert (tuple(found) if isinstance(found, list) else found) == value, parameter


def numbers(value: Any) -> tuple[int, ...]:
    """The sizes that Keras takes as a lone number or as one for each axis."""
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def as_planned(part: Any) -> tuple[PlannedLayer, ...]:
    def layer(each: Any) -> PlannedLayer:
        layer_id, name, kind, children, shares = each
        return PlannedLayer(layer_id, name, kind, tuple(map(layer, children)), shares)

    return tuple(map(layer, planned(part)))


TRACED = [
    "a stack both ways",
    "a stack of one",
    "cells written by hand",
    "encoder_decoder",
    "masked, started by wires",
    "nested stacks",
    "stack",
    "activation functions",
    "further convolutions and normalizations",
    "frames",
    "number by number",
    "residual",
    "rows with states",
    "volumes",
]


@pytest.mark.parametrize("name", TRACED)
def test_that_the_trace_holds_what_every_layer_computes(name: str) -> None:
    import keras
    import numpy as np

    from rnn_designer.engine.build import BuiltModel
    from rnn_designer.engine.trace import Tracer

    part = runnable_part(_SHARED.clean(RUN[name]))
    assert part is not None
    plan = as_planned(part)
    made = BuiltModel(generate(part).text, plan)
    made.fill({}, 1, lambda: None)
    random = np.random.default_rng(2)
    inputs = {
        tensor.name: random.normal(size=[size or 8 for size in tensor.shape]).astype("float32")
        for tensor in made.model.inputs
    }
    trace = Tracer(made.model, plan, made.placed).run(inputs)
    for place in made.placed:
        if "/" in place.path or layer_type(place.planned.kind).cell:
            continue
        alone = keras.Model(made.model.inputs, place.layer.output)
        results = keras.tree.flatten(alone([inputs[tensor.name] for tensor in alone.inputs], training=False))
        names = ["result"] if len(results) == 1 else [f"result/{number}" for number in range(len(results))]
        for key, expected in zip(names, results, strict=True):
            np.testing.assert_allclose(trace[f"{place.path}/{key}"], expected, rtol=1e-6, atol=1e-6)
            assert np.isfinite(trace[f"{place.path}/{key}"]).all()
    keras.utils.clear_session()


def test_that_the_penalty_of_a_simple_rnn_counts() -> None:
    import numpy as np

    model = built(generate(_SHARED.clean(RUN["simple rnn with penalty"])).text)
    output = model(np.ones((1, 4, 2), "float32"))
    assert float(model.losses[0]) == pytest.approx(0.5 * float(np.sum(np.square(output))), rel=1e-5)


def test_that_both_outputs_of_a_simple_rnn_are_penalised_as_in_other_layers() -> None:
    import numpy as np

    model = built(generate(_SHARED.clean(RUN["simple rnn with states and penalty"])).text)
    output, state = (np.asarray(each) for each in model(np.ones((1, 4, 2), "float32")))
    expected = sum(0.5 * np.abs(each).sum() + 0.1 * np.square(each).sum() for each in (output, state))
    assert sum(map(float, model.losses)) == pytest.approx(float(expected), rel=1e-5)


def test_that_every_exported_program_runs_in_a_clean_interpreter(tmp_path: Path) -> None:
    programs = []
    # Those with states of all sorts are run and saved above, in this process.
    alone = [design for name, design in RUN.items() if name not in _SHARED.STATES]
    for number, design in enumerate(alone):
        program = tmp_path / f"program_{number}.py"
        program.write_text(formatted(generate(_SHARED.clean(design))).text, encoding="utf-8")
        programs.append(program)
    runner = tmp_path / "run_all.py"
    runner.write_text(
        "import runpy, sys, keras\n"
        "for program in sys.argv[1:]:\n"
        "    keras.utils.clear_session()\n"
        "    runpy.run_path(program, run_name='__main__')\n"
        "    print('done', program)\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, str(runner), *map(str, programs)],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.count("done ") == len(programs)
    assert "memory" not in done.stderr.lower()
