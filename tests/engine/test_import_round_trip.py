"""A model that Keras saved is imported as a design that builds the same model: settings, weights and outputs."""

from __future__ import annotations

import runpy
import warnings
from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from state_strategies import wired
from strategies import chains

from rnn_designer.codegen import generate, runnable_part
from rnn_designer.design import Checked, Design, Layer, check, files
from rnn_designer.design.weights import load_weights
from rnn_designer.engine.build import BuiltModel
from rnn_designer.importer import Imported, read_model
from rnn_designer.paths import resource
from rnn_designer.session.request import planned_layers

_SHARED = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "codegen" / "designs.py")))
GALLERY = sorted(
    path
    for path in resource("examples").glob("*.rnnd")
    if not any(layer.kind == "CustomCell" for layer in files.load(path).walk())
)
FORMS = (
    "parts",
    "bidirectional with states",
    "bidirectional unmerged",
    "another layer backwards",
    "further convolutions and normalizations",
    "shapes",
    "frames",
    "merges after a mask",
    "a joined mask that is used",
    "one input, three outputs",
    "names to be avoided",
    "layers counted by Keras",
    "frozen half",
    "fixed batch",
    "lstm",
    "shared",
    "nested stacks",
    "a cell both ways",
    "states both ways",
    "masked, started by constants",
    "attention over a key of its own",
    "a layer called three times",
    "shared, with a penalty and different beginnings",
    "names of operations",
    "frames that start elsewhere",
)
"""Of the designs that exports are tested with, those with something that no other here has."""
FORMATS = (".keras", ".h5", ".json")
_NOTES = ("shared_object_id", "build_config", "compile_config", "build_input_shape")


def model_of(checked: Checked, weights: Mapping[str, Any], seed: int = 3) -> BuiltModel:
    """The model that the design's exported source builds, with these weights, others drawn from the seed."""
    keras.utils.clear_session()
    built = BuiltModel(generate(checked).text, planned_layers(checked))
    built.fill(weights, seed, lambda: None)
    return built


def saved(model: Any, path: Path) -> Path:
    """The model in a file of the kind that the name ends in."""
    if path.suffix == ".json":
        path.write_text(model.to_json(), encoding="utf-8")
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.save(path)
    return path


def fed(model: Any) -> list[Any]:
    """Numbers of the right shape and type for every input."""
    random = numpy.random.default_rng(5)
    found = []
    for tensor in model.inputs:
        first, *rest = tensor.shape
        shape = (first or 2, *(6 if size is None else size for size in rest))
        whole = keras.backend.is_int_dtype(tensor.dtype)
        found.append(
            random.integers(0, 3, shape).astype(tensor.dtype)
            if whole
            else random.normal(size=shape).astype("float32")
        )
    return found


def outputs(model: Any) -> list[Any]:
    """What the model makes of :func:`fed`."""
    given = fed(model)
    made = model(given if len(given) > 1 else given[0], training=False)
    return [keras.ops.convert_to_numpy(each) for each in keras.tree.flatten(made)]


def settings_of(model: Any) -> Any:
    """The model's own description of itself, without Keras' notes and numbered names of computations."""
    return _essence(deepcopy(model.get_config()))


def _essence(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _essence(each) for key, each in value.items() if key not in _NOTES}
    return [_essence(each) for each in value] if isinstance(value, list | tuple) else value


def is_whole(imported: Imported) -> Checked:
    """The imported design, checked: it can be written to a file and read again, and nothing is wrong with it."""
    assert files.from_text(files.to_text(imported.design)) == imported.design
    checked = check(imported.design)
    assert not [problem.message for problem in checked.errors]
    return checked


def comes_back(design: Design, weights: Mapping[str, Any], folder: Path, run: bool = True) -> None:
    """Export, build and save the design, import the files, and hold the new design's model to the old one's.

    The three kinds of file give one and the same design, so that one model is built of it. Equal settings and equal
    weights make equal outputs; ``run`` looks at these too, which takes Keras a while.
    """
    original = model_of(check(design), weights)
    wanted = outputs(original.model) if run else []
    described, values = settings_of(original.model), list(original.weights().values())
    first, *others = (read_model(saved(original.model, folder / f"model{suffix}")) for suffix in FORMATS)
    checked = is_whole(first)
    for other in others:
        assert by_name(other.design) == by_name(first.design)
        if other.weights:
            known = {layer.name: layer.id for layer in other.design.walk()}
            for layer in first.design.walk():
                for key, array in first.weights.items():
                    if key.startswith(f"{layer.id}/"):
                        same = other.weights[known[layer.name] + key[len(layer.id) :]]
                        numpy.testing.assert_array_equal(same, array)
    again = model_of(checked, first.weights, seed=99)
    assert set(again.weights()) == set(first.weights)
    for one, other in zip(again.weights().values(), values, strict=True):
        numpy.testing.assert_array_equal(one, other)
    assert settings_of(again.model) == described
    for one, other in zip(outputs(again.model) if run else [], wanted, strict=True):
        numpy.testing.assert_array_equal(one, other)


def by_name(design: Design) -> Any:
    """The design without the ids, which every import draws anew."""
    names = {layer.id: layer.name for layer in design.walk()}

    def of(layer: Layer) -> Any:
        inside = tuple(map(of, layer.children))
        return layer.kind, layer.name, layer.params, layer.position, inside, names.get(layer.shares or "")

    links = [
        (names[each.source], each.source_port, names[each.target], each.target_port) for each in design.links
    ]
    return design.name, list(map(of, design.layers)), links


@pytest.mark.parametrize("path", GALLERY, ids=lambda path: path.stem)
def test_that_a_design_of_the_gallery_comes_back_from_a_file_of_keras(path: Path, tmp_path: Path) -> None:
    design = files.load(path)
    weights = load_weights(files.weights_path(design, path)) if design.weights else {}
    comes_back(design, weights, tmp_path)


@pytest.mark.parametrize("name", FORMS)
def test_that_a_design_of_every_form_comes_back_from_a_file_of_keras(name: str, tmp_path: Path) -> None:
    part = runnable_part(check(_SHARED.RUN[name]))
    assert part is not None
    comes_back(part.design, {}, tmp_path, run=False)


@settings(
    max_examples=6,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
@given(design=chains(max_layers=3) | wired())
def test_that_any_design_comes_back_from_a_file_of_keras(
    design: Design, tmp_path_factory: pytest.TempPathFactory
) -> None:
    part = runnable_part(check(design))
    if part is None or any(layer.kind == "CustomCell" for layer in part.design.walk()):
        return
    original = model_of(part, {})
    path = saved(original.model, tmp_path_factory.mktemp("any") / "model.keras")
    imported = read_model(path)
    again = model_of(is_whole(imported), imported.weights, seed=99)
    values = list(original.weights().values())
    assert len(again.weights()) == len(values)
    for one, other in zip(again.weights().values(), values, strict=True):
        numpy.testing.assert_array_equal(one, other)
