"""Verifying exported programs: what is exported is found to be the same, and what was altered is found out."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy
import pytest
from verifying import verified

from rnn_designer.codegen import NotExportable, Style, generate
from rnn_designer.design import Design, check, files
from rnn_designer.paths import resource


def example(name: str) -> Design:
    """A design of the gallery, its weights drawn from its seed."""
    return files.load(resource("examples", f"{name}.rnnd"))


@pytest.mark.parametrize(
    "name", ["encoder_decoder", "el_nino", "stacked_cells", "moving_squares", "leaky_integrator"]
)
def test_that_an_exported_program_gives_what_the_design_does(name: str) -> None:
    path = resource("examples", f"{name}.rnnd")
    found = verified(files.load(path), path)
    assert found.verified, found.sentence
    assert found.largest == 0.0
    assert found.outputs > 0
    assert found.states > 0
    assert found.sentence.startswith("Verified: largest difference 0.0 over ")


@pytest.mark.parametrize("weight", [0, 1])
def test_that_a_wrong_weight_is_found_where_it_first_matters(weight: int) -> None:
    def spoil(model: object) -> None:
        variable = model.get_layer("summary").weights[weight]  # type: ignore[attr-defined]
        variable.assign_add(0.05 + 0 * variable)

    found = verified(example("nile"), use=spoil)
    assert not found.verified
    # The kernel acts on the first step; the recurrent kernel not before there is a state other than zero.
    assert found.sentence.startswith(f"“summary”, state h: sample 0, step {weight}, unit 0 is ")
    assert found.layer == example("nile").layers[2].id


ALTERED: dict[str, tuple[str, Callable[[str], str], str]] = {
    "return_sequences dropped": (
        "return_sequences",
        lambda text: text.replace("return_sequences=True, ", ""),
        "“every_step”: return_sequences is False in the exported file; the design has True.",
    ),
    "another activation": (
        "nile",
        lambda text: text.replace('name="next_flow"', 'activation="tanh", name="next_flow"'),
        "“next_flow”: activation is 'tanh' in the exported file; the design has 'linear'.",
    ),
    "backwards": (
        "nile",
        lambda text: text.replace("layers.GRU(16, ", "layers.GRU(16, go_backwards=True, "),
        "“level”: go_backwards is True in the exported file; the design has False.",
    ),
    "a layer renamed": (
        "nile",
        lambda text: text.replace('name="summary"', 'name="sumary"'),
        "“summary” is missing: the exported model calls no layer of that name; its layers are “level”, “sumary”, ",
    ),
    "the whole model renamed": (
        "nile",
        lambda text: text.replace('name="nile"', 'name="danube"'),
        "The model’s name is 'danube' in the exported file; the design has 'nile'.",
    ),
}


@pytest.mark.parametrize("alteration", ALTERED)
def test_that_an_altered_program_is_found_out_and_the_place_is_named(alteration: str) -> None:
    name, altered, sentence = ALTERED[alteration]
    found = verified(example(name), altered=altered)
    assert not found.verified
    assert found.sentence.startswith(sentence), found.sentence
    assert found.sentence.endswith("please report the design.")


def test_that_what_no_state_shows_is_found_in_the_result_of_the_layer() -> None:
    found = verified(
        example("nile"),
        altered=lambda text: text.replace(
            "    return model", "    model.layers[-1].bias.assign([7.0])\n    return model"
        ),
    )
    assert not found.verified
    assert found.sentence.startswith("“next_flow”, result: sample 0, unit 0 is ")
    assert found.largest == pytest.approx(7.0)


@pytest.mark.parametrize("name", ["return_state", "stacked_cells", "leaky_integrator"])
def test_that_a_class_of_its_own_gives_what_the_design_does(name: str) -> None:
    path = resource("examples", f"{name}.rnnd")
    found = verified(files.load(path), path, style="subclass")
    assert found.verified, found.sentence
    assert found.largest == 0.0


def test_that_a_class_of_its_own_is_found_out_when_it_is_altered() -> None:
    found = verified(
        example("nile"),
        style="subclass",
        altered=lambda text: text.replace("GRU(8, ", "GRU(8, go_backwards=True, "),
    )
    assert found.sentence.startswith(
        "“summary”: go_backwards is True in the exported file; the design has False."
    )


def test_that_stateful_layers_are_refused_in_a_class_of_its_own() -> None:
    with pytest.raises(
        NotExportable, match="is stateful, and Keras does not make its states in a subclassed model"
    ):
        generate(check(example("stateful_streaming")), style="subclass")


def test_that_a_saved_class_of_its_own_comes_back_the_same(tmp_path: Path) -> None:
    kept: list[Any] = []

    def save_and_load(model: Any) -> None:
        import keras

        model.save(tmp_path / "model.keras")
        loaded = keras.models.load_model(tmp_path / "model.keras")
        batch = numpy.random.default_rng(0).normal(size=(2, 5, 1)).astype("float32")
        kept.extend((numpy.asarray(model(batch)), numpy.asarray(loaded(batch))))

    assert verified(example("nile"), style="subclass", use=save_and_load).verified
    assert numpy.array_equal(kept[0], kept[1])


_SHARED = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "codegen" / "designs.py")))


@pytest.mark.parametrize("style", ["auto", "subclass"])
@pytest.mark.parametrize("name", ["a stack of one", "one state handed on, masked", "names to be avoided"])
def test_that_unusual_designs_are_verified_or_refused_in_a_sentence(name: str, style: Style) -> None:
    if style == "subclass" and "masked" in name:
        with pytest.raises(NotExportable, match="a mask is handed over beside an initial state"):
            verified(_SHARED.RUN[name], style=style)
        return
    found = verified(_SHARED.RUN[name], style=style)
    assert found.verified, found.sentence
    assert found.largest == 0.0


def test_that_outputs_held_orthogonal_are_refused_in_a_class_of_its_own() -> None:
    with pytest.raises(NotExportable, match="Keras has to know how many samples there are"):
        generate(check(_SHARED.RUN["orthogonal penalty"]), style="subclass")
