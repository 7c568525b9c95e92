"""The attention layers' rules against the installed Keras: shapes, masks, refusals and numbers of weights."""

import itertools
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np
import pytest
from keras_agreement import in_keras, keras_tensor

from rnn_designer.catalog import CATALOG, Call, RuleError, TensorSpec

QUERY, VALUE = TensorSpec((2, 4, 6)), TensorSpec((2, 8, 6))
WIDER = TensorSpec((2, 8, 5))
OPEN = TensorSpec((None, None, 6))
KINDS = ("Attention", "AdditiveAttention", "MultiHeadAttention")
STRICTER = ("tokens", "attention_rank", "attention_mismatch", "attention_axes", "features_open")
"""Refusals that Keras learns of only when it computes, or not at all."""


def call(
    kind: str, query: TensorSpec, value: TensorSpec, key: TensorSpec | None = None, **params: Any
) -> Call:
    entry = CATALOG[kind]
    accepted = {name: entry.by_name[name].type.accept(given) for name, given in params.items()}
    named = {} if key is None else {"key": key}
    return Call(entry, entry.complete(accepted), (query, value), (), named)


def keras_layer(made: Call) -> tuple[Any, dict[str, Any]]:
    """The Keras layer, and what it is called with besides its tensors."""
    by_name = made.type.by_name
    given = {
        name: in_keras(by_name[name], value)
        for name, value in made.params.items()
        if by_name[name].editable and value != by_name[name].default
    }
    at_call = {name: given.pop(name) for name in list(given) if by_name[name].at_call}
    return getattr(keras.layers, made.type.kind)(**given), at_call


def called(made: Call, tensors: list[Any]) -> tuple[list[Any], int]:
    layer, more = keras_layer(made)
    if made.type.call_style == "list":
        result = layer(tensors, **more)
    else:
        result = layer(tensors[0], tensors[1], **({"key": tensors[2]} if len(tensors) > 2 else {}), **more)
    return list(keras.tree.flatten(result)), layer.count_params()


def specs(made: Call) -> list[TensorSpec]:
    return [*made.inputs, *made.named.values()]


def declared(made: Call) -> tuple[list[tuple[Any, bool]], int]:
    tensors, count = called(made, [keras_tensor(spec) for spec in specs(made)])
    return [(tuple(t.shape), keras.src.backend.get_keras_mask(t) is not None) for t in tensors], count


def closed(spec: TensorSpec) -> tuple[int, ...]:
    """The sizes with 2 samples and 8 of everything else where they are open."""
    return tuple((8 if axis else 2) if size is None else size for axis, size in enumerate(spec.sizes))


def computed(made: Call) -> list[tuple[int, ...]]:
    arrays = [np.zeros(closed(spec), "float32") for spec in specs(made)]
    return [tuple(array.shape) for array in called(made, arrays)[0]]


def difference(made: Call) -> str | None:
    about = f"{made.type.kind} {dict(made.params)} on {', '.join(map(str, specs(made)))}"
    try:
        ours: Any = made.outputs()
        count = made.count()
    except RuleError as error:
        try:
            computed(made)
        except Exception:
            return None
        return None if error.code in STRICTER else f"{about}: our rule refuses what Keras computes: {error}"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs, weights = declared(made)
        shapes = computed(made)
    if count != weights:
        return f"{about}: {count} weights by our rule, {weights} in Keras"
    if [(spec.sizes, spec.masked) for spec in ours[:1]] != theirs[:1]:
        return f"{about}: our rule gives {ours[0]}, Keras {theirs[0]}"
    # Keras declares the scores of heads wrongly where query and value differ in length: what it computes counts.
    real = [closed(spec) for spec in ours]
    return None if real == shapes else f"{about}: our rule gives {real}, Keras computes {shapes}"


def grid(**choices: tuple[Any, ...]) -> Iterator[Mapping[str, Any]]:
    for values in itertools.product(*choices.values()):
        yield dict(zip(choices, values, strict=True))


BOTH = (False, True)
ARGUMENTS: dict[str, dict[str, tuple[Any, ...]]] = {
    "Attention": {
        "use_scale": BOTH,
        "score_mode": ("dot", "concat"),
        "use_causal_mask": BOTH,
        "return_attention_scores": BOTH,
    },
    "AdditiveAttention": {
        "use_scale": BOTH,
        "use_causal_mask": BOTH,
        "return_attention_scores": BOTH,
        "dropout": (0.0, 0.5),
    },
    "MultiHeadAttention": {
        "num_heads": (1, 3),
        "value_dim": (None, 5),
        "output_shape": (None, 7, (2, 3)),
        "use_bias": BOTH,
        "use_gate": BOTH,
        "return_attention_scores": BOTH,
    },
}


def assert_none(differences: Iterator[str | None]) -> None:
    found = [each for each in differences if each is not None]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("kind", KINDS)
def test_that_rules_agree_with_keras_whatever_is_set(kind: str) -> None:
    assert_none(difference(call(kind, QUERY, VALUE, **params)) for params in grid(**ARGUMENTS[kind]))


@pytest.mark.parametrize("kind", KINDS)
def test_that_rules_agree_with_keras_whatever_arrives(kind: str) -> None:
    tensors = (
        QUERY,
        VALUE,
        WIDER,
        OPEN,
        TensorSpec((2, 6)),
        TensorSpec((2, 4, 3, 6)),
        TensorSpec((2, 4, None)),
    )
    masked = (QUERY.with_mask(True), VALUE.with_mask(True))
    pairs = [
        *itertools.product(tensors, repeat=2),
        *itertools.product((QUERY, masked[0]), (VALUE, masked[1])),
    ]
    scores = {"return_attention_scores": True}
    assert_none(difference(call(kind, *pair, **scores)) for pair in pairs)
    keys = (VALUE, WIDER, TensorSpec((2, 7, 6)), OPEN, TensorSpec((2, 8, 3)))
    assert_none(difference(call(kind, QUERY, value, key)) for value in (VALUE, WIDER) for key in keys)


def test_that_heads_agree_with_keras_along_any_axes() -> None:
    frames = (TensorSpec((2, 4, 3, 6)), TensorSpec((2, 8, 3, 5)), TensorSpec((2, 8, 2, 5)))
    cases = itertools.product(frames, frames, (None, 1, (1,), (1, 2), 2, -2, 3, 0, (1, 1)))
    assert_none(
        difference(call("MultiHeadAttention", q, v, attention_axes=axes, return_attention_scores=True))
        for q, v, axes in cases
    )


def test_that_token_ids_are_refused_with_the_way_out() -> None:
    with pytest.raises(RuleError, match="Put an Embedding before it") as refused:
        call("Attention", TensorSpec((2, 4, 6), kind="int"), VALUE).outputs()
    assert refused.value.code == "tokens"
