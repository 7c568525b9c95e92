"""Every layer type against the installed Keras: shapes, masks and numbers of weights, whatever arrives and is set."""

import itertools
from collections.abc import Iterator
from typing import Any

import pytest
from keras_agreement import (
    BOTH,
    FIXED,
    FRAMES,
    KINDS,
    OTHERS,
    SEQUENCES,
    assert_that_all_agree,
    grid,
    usual,
    usual_input,
)

from rnn_designer.catalog import (
    CATALOG,
    Activation,
    Choice,
    Flag,
    Integer,
    Integers,
    Number,
    Parameter,
    Part,
    PartOf,
    States,
    TensorSpec,
)


@pytest.mark.parametrize("kind", KINDS)
def test_that_rules_agree_with_keras_on_every_form_of_input(kind: str) -> None:
    if CATALOG[kind].inputs[0].many or len(CATALOG[kind].inputs) == 2:
        pairs = itertools.product(
            (*SEQUENCES, TensorSpec((None, 6)), TensorSpec((None, 7), kind="int")), repeat=2
        )
        assert_that_all_agree(usual(kind).on(*pair) for pair in pairs)
    else:
        assert_that_all_agree(usual(kind).on(spec) for spec in (*SEQUENCES, *OTHERS))


def other_values(parameter: Parameter) -> Iterator[Any]:
    """A few values besides the default, by the parameter's type."""
    match parameter.type:
        case Flag():
            yield not parameter.default
        case Choice(options=options):
            yield from (option for option in options if option != parameter.default)
        case Number(minimum=minimum):
            yield 0.5 if minimum is not None else -1.5
        case Integer():
            yield from {"axis": (0, 1, 2, 3), "groups": (2, 3, 4, 12)}.get(parameter.name, (1, 3))
        case Activation():
            yield from ("sigmoid", "softmax", "relu")
        case Integers(length=int(axes), pairs=True):
            yield from (0, 3, tuple(range(axes)), tuple((axis, 1) for axis in range(axes)), (9,) * axes)
        case Integers(length=length):
            yield from {
                "noise_shape": ((None, 1, 6),),
                "axis": (0, 1, (1, 2), (2, -1), 3),
                "target_shape": ((42,), (6, 7), (5, 5), (-1, 4), (2, -1, 7), ()),
                "dims": ((1, 2), (1,), (3, 1, 2), (1, 1)),
                "shared_axes": (1, 2, (1, 2), 3, ()),
                "axes": (1, 2, -2, (1, 2), (2, 1), (-1, -1), (-2, 2), 0, 3, (2, 0)),
                "padding": (0, 2, (0, 3)),
                "cropping": (0, 3, (0, 3), (4, 3), (6, 0)),
            }.get(parameter.name, (1, 2, (3, 2, 1)[:length] if length else (3,), 7, 8))
        case States():
            yield (0.5,)
            yield from ((0.5, (1.0, 2.0, 3.0, 4.0)), (0.5,) * 4, (0.5, (1.0, 2.0, 3.0)))
        case PartOf(namespace=namespace):
            kind = {"initializers": "RandomNormal", "regularizers": "L1L2", "constraints": "UnitNorm"}[
                namespace
            ]
            yield Part(kind)


@pytest.mark.parametrize("kind", KINDS)
def test_that_rules_agree_with_keras_whichever_parameter_is_changed(kind: str) -> None:
    entry = CATALOG[kind]
    # use_cudnn=True needs a graphics card; half precision of whole layers is a matter of numbers, not of shapes.
    left_out = {"use_cudnn", "dtype"}
    assert_that_all_agree(
        usual(kind, **{parameter.name: value}).on(*usual_input(kind))
        for parameter in entry.parameters
        if parameter.editable and parameter.name not in left_out
        for value in other_values(parameter)
    )


@pytest.mark.parametrize("kind", FRAMES)
def test_that_layers_for_frames_agree_with_keras_on_every_form_of_frame(kind: str) -> None:
    spec = FRAMES[kind]
    opened = (
        spec.having(None, *spec.sizes[1:]),
        *(
            spec.having(*(None if axis == open_ else size for axis, size in enumerate(spec.sizes)))
            for open_ in range(1, spec.rank)
        ),
    )
    windows = "pool_size" if "pool_size" in CATALOG[kind].by_name else "kernel_size"
    layouts = [{"data_format": layout} for layout in ("channels_last", "channels_first")]
    shapes = [{}, *layouts]
    if windows in CATALOG[kind].by_name:
        shapes += [
            {windows: window, "padding": padding} for window in (1, 3, 9) for padding in ("valid", "same")
        ]
        shapes += [{windows: 1, "strides": 2}]
    if CATALOG[kind].recurrent:
        shapes += list(grid(return_sequences=BOTH, return_state=BOTH))
        shapes += [
            {"stateful": True},
            {"dilation_rate": 2},
            {"dilation_rate": 2, "strides": 2},
            {"use_bias": False},
        ]
    assert_that_all_agree(usual(kind, **params).on(spec) for params in shapes)
    assert_that_all_agree(usual(kind).on(each) for each in (*opened, spec.with_mask(True)))


@pytest.mark.parametrize("dtype", CATALOG["Dense"].by_name["dtype"].type.options)
def test_that_keras_takes_every_dtype(dtype: str | None) -> None:
    assert_that_all_agree(usual(kind, dtype=dtype).on(FIXED) for kind in ("Dense", "GRU"))
