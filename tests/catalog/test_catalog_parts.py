import math
from typing import Any

import pytest

from rnn_designer.catalog import REQUIRED
from rnn_designer.catalog.parts import ACTIVATIONS, canonical_activation, part_type, parts

NAMESPACES = ("initializers", "regularizers", "constraints")
ALL = [(namespace, part) for namespace in NAMESPACES for part in parts(namespace)]  # type: ignore[arg-type]


@pytest.mark.parametrize(("namespace", "part"), ALL, ids=lambda value: getattr(value, "kind", value))
def test_that_every_part_explains_itself_and_its_arguments(namespace: str, part: Any) -> None:
    assert part.namespace == namespace
    assert part.explanation.endswith(".")
    assert part.aliases
    for parameter in part.parameters:
        assert parameter.explanation.endswith((".", ")"))
        assert parameter.default is not REQUIRED
        assert parameter.type.accept(parameter.default) == parameter.default


def test_that_parts_are_found_by_class_name_and_by_any_string_that_keras_takes() -> None:
    for name in ("GlorotUniform", "glorot_uniform", "glorotuniform"):
        found = part_type("initializers", name)
        assert found is not None
        assert found.kind == "GlorotUniform"
    assert part_type("regularizers", "glorot_uniform") is None
    assert part_type("initializers", "__class__") is None


def test_that_there_are_thirty_names_of_activations_that_keep_the_shape() -> None:
    assert len(ACTIVATIONS) + len(["swish", "hard_swish"]) == 30
    assert canonical_activation("hard_swish") == "hard_silu"
    assert canonical_activation("glu") is None
    assert canonical_activation("Tanh") is None


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_that_every_activation_has_a_curve_without_gaps(name: str) -> None:
    activation = ACTIVATIONS[name]
    assert activation.explanation.endswith(".")
    assert activation.formula
    assert all(math.isfinite(activation.curve(x / 4)) for x in range(-200, 201))


@pytest.mark.parametrize("name", [name for name, each in ACTIVATIONS.items() if each.recurrent_safe])
def test_that_activations_safe_in_a_recurrence_stay_within_limits(name: str) -> None:
    assert abs(ACTIVATIONS[name].curve(1e6)) <= 6
    assert abs(ACTIVATIONS[name].curve(-1e6)) <= 6


def test_that_relu_and_linear_are_not_safe_in_a_recurrence() -> None:
    assert not ACTIVATIONS["relu"].recurrent_safe
    assert not ACTIVATIONS["linear"].recurrent_safe
    assert not ACTIVATIONS["softmax"].recurrent_safe
