"""The exported source under Keras: what was designed is what gets built, layer by layer, name by name."""

import os
import runpy
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from strategies import chains

from rnn_designer.catalog import FrozenMap, Part
from rnn_designer.catalog.parameters import Namespace
from rnn_designer.catalog.parts import parts
from rnn_designer.codegen import formatted, generate, planned, runnable_part
from rnn_designer.design import Design, Layer, check
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

    by_name = {layer.name: layer for layer in model._flatten_layers()}
    for layer_id, keras_name, kind, children in planned(part):
        if kind == "Input":
            continue
        made = by_name[keras_name]
        assert type(made).__name__ == kind
        assert made.count_params() == part.counts.get(layer_id, 0)
        if not children:
            same_values(part.design.layer(layer_id), made)
        for child_id, child_name, child_kind, _ in children:
            layer = part.design.layer(child_id)
            inner = [each for each in by_name.values() if each.name.removeprefix("forward_") == child_name]
            assert [type(each).__name__ for each in inner] == [child_kind]
            same_values(layer, inner[0])
        copy = type(made).from_config(made.get_config())
        assert copy.get_config() == made.get_config()
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
    assert {keras_name for _, keras_name, _, _ in planned(part)} - {"series"} <= names
    last = part.order[-1]
    outputs = [spec.sizes for (owner, _), spec in part.shapes.items() if owner == last]
    assert [tuple(output.shape) for output in model.outputs] == outputs


def same_values(layer: Any, made: Any) -> None:
    """Every plain parameter of the design is the built layer's own."""
    config = made.get_config()
    for parameter, value in layer.params.items():
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
        layer_id, name, kind, children = each
        return PlannedLayer(layer_id, name, kind, tuple(map(layer, children)))

    return tuple(map(layer, planned(part)))


TRACED = [
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
        if "/" in place.path:
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
    for number, design in enumerate(RUN.values()):
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
