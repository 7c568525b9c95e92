from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_designer.catalog import (
    CATALOG,
    Activation,
    Call,
    Choice,
    Flag,
    Integer,
    Integers,
    Number,
    Parameter,
    Part,
    PartOf,
    RuleError,
    States,
    Step,
    TensorSpec,
)
from rnn_designer.catalog.parts import ACTIVATIONS, parts

SEQUENCE = TensorSpec((None, None, 5))
MASKED = SEQUENCE.with_mask(True)
IDS = TensorSpec((None, None), ("batch", "time"), "int")


def call(kind: str, *inputs: TensorSpec, children: tuple[Call, ...] = (), **params: Any) -> Call:
    return Call(CATALOG[kind], CATALOG[kind].complete(params), inputs, children)


def shapes(*args: Any, **params: Any) -> list[str]:
    return [str(spec) for spec in call(*args, **params).outputs()]


def refusal(*args: Any, **params: Any) -> RuleError:
    with pytest.raises(RuleError) as caught:
        call(*args, **params).outputs()
    return caught.value


# ------------------------------------------------------------------------------------------------- shapes


def test_that_recurrent_layers_give_sequences_or_the_last_output() -> None:
    assert shapes("LSTM", SEQUENCE, units=64) == ["batch×64"]
    assert shapes("LSTM", SEQUENCE, units=64, return_sequences=True) == ["batch×time×64"]
    assert shapes("LSTM", SEQUENCE, units=64, return_state=True) == ["batch×64"] * 3


def test_that_axes_are_named_by_what_they_hold() -> None:
    (ids,) = call("Input", shape=(None,), dtype="int32").outputs()
    assert ids.axes == ("batch", "time")
    (vectors,) = call("Embedding", ids, output_dim=8).outputs()
    assert vectors.axes == ("batch", "time", "features")
    (swapped,) = call("Permute", vectors).outputs()
    assert swapped.axes == ("batch", "features", "time")
    assert str(swapped) == "batch×8×time"
    (weighed,) = call("Dense", TensorSpec((None, 8, 7), swapped.axes), units=7).outputs()
    assert weighed.axes == ("batch", "features", "time")


def test_that_masks_pass_are_used_up_or_get_lost() -> None:
    def masked(kind: str, *inputs: TensorSpec, **params: Any) -> bool:
        return call(kind, *inputs, **params).outputs()[0].masked

    assert masked("Masking", SEQUENCE)
    assert masked("Embedding", IDS, mask_zero=True)
    assert not masked("Embedding", IDS)
    for kind in (
        "Dense",
        "Dropout",
        "SpatialDropout1D",
        "LayerNormalization",
        "BatchNormalization",
        "Activation",
    ):
        assert masked(kind, MASKED), kind
    assert masked("GRU", MASKED, return_sequences=True)
    assert not masked("GRU", MASKED)
    for kind in (
        "Conv1D",
        "MaxPooling1D",
        "GlobalMaxPooling1D",
        "GlobalAveragePooling1D",
        "Flatten",
        "Permute",
    ):
        assert not masked(kind, MASKED), kind
    assert masked("Concatenate", MASKED, SEQUENCE)
    assert not masked("Add", MASKED, SEQUENCE)
    assert masked("Add", MASKED, MASKED)


def test_that_whole_numbers_become_real_ones_in_an_embedding() -> None:
    assert call("Embedding", IDS).outputs()[0].kind == "float"
    assert call("Embedding", TensorSpec((None, 7))).outputs()[0].kind == "float"


def test_that_bidirectional_doubles_the_features_and_names_its_states() -> None:
    inner = call("LSTM", units=4, return_state=True)
    both = call("Bidirectional", SEQUENCE, children=(inner,))
    assert [str(spec) for spec in both.outputs()] == ["batch×8"] + ["batch×4"] * 4
    ports = both.type.outputs(both.params, both.children)
    assert [port.name for port in ports] == ["output", "forward_h", "forward_c", "backward_h", "backward_c"]
    assert [port.state for port in ports] == [False, True, True, True, True]
    apart = call(
        "Bidirectional", SEQUENCE, children=(call("GRU", units=4, return_state=True),), merge_mode=None
    )
    names = [port.name for port in apart.type.outputs(apart.params, apart.children)]
    assert names == ["forward", "backward", "forward_h", "backward_h"]


@pytest.mark.parametrize(
    ("kind", "params", "count"),
    [
        ("SimpleRNN", {"units": 64}, 64 * (5 + 64 + 1)),
        ("LSTM", {"units": 64}, 4 * 64 * (5 + 64 + 1)),
        ("GRU", {"units": 64}, 3 * 64 * (5 + 64 + 2)),
        ("GRU", {"units": 64, "reset_after": False}, 3 * 64 * (5 + 64 + 1)),
        ("GRU", {"units": 64, "use_bias": False}, 3 * 64 * (5 + 64)),
        ("Dense", {"units": 3}, 3 * (5 + 1)),
        ("Conv1D", {"filters": 8, "kernel_size": 3}, 8 * (3 * 5 + 1)),
        ("BatchNormalization", {}, 4 * 5),
        ("LayerNormalization", {}, 2 * 5),
        ("Dropout", {}, 0),
    ],
)
def test_that_weights_are_counted_by_formula(kind: str, params: dict[str, Any], count: int) -> None:
    assert call(kind, SEQUENCE, **params).count() == count


# ----------------------------------------------------------------------------------------------- refusals


def test_that_a_vector_is_no_sequence() -> None:
    error = refusal("LSTM", TensorSpec((None, 64)))
    assert error.code == "rank_time_features"
    assert error.facts == {"expected": 3, "got": 2}
    assert str(error).startswith(
        "LSTM needs a sequence (batch, time, features), got batch×64. Set return_sequences"
    )


def test_that_four_axes_are_no_sequence() -> None:
    error = refusal("GRU", TensorSpec((None, 7, 3, 6)))
    assert (error.code, error.facts["got"]) == ("rank_time_features", 4)
    assert "TimeDistributed" in str(error)


def test_that_ids_are_no_sequence_of_vectors() -> None:
    assert refusal("LSTM", IDS).code == "tokens"
    assert "Embedding" in str(refusal("LSTM", IDS))
    assert refusal("Conv1D", IDS).code == "tokens"


def test_that_open_sizes_are_refused_where_weights_are_made_for_them() -> None:
    assert refusal("LSTM", TensorSpec((None, 7, None))).code == "features_open"
    flat = call("Flatten", SEQUENCE).outputs()[0]
    error = refusal("Dense", flat)
    assert error.code == "time_open"
    assert "GlobalAveragePooling1D" in str(error)
    assert call("Dense", call("Flatten", TensorSpec((None, 7, 5))).outputs()[0], units=2).count() == 72
    swapped = call("Permute", SEQUENCE).outputs()[0]
    assert refusal("Dense", swapped).code == "time_open"


def test_that_stateful_needs_a_fixed_batch() -> None:
    error = refusal("LSTM", SEQUENCE, stateful=True)
    assert (error.code, error.parameter) == ("batch_open", "stateful")
    assert shapes("LSTM", TensorSpec((2, None, 5)), stateful=True) == ["2×32"]


def test_that_wrappers_say_what_is_wrong_inside() -> None:
    assert refusal("Bidirectional", SEQUENCE).code == "needs_layer"
    assert refusal("TimeDistributed", SEQUENCE).code == "needs_layer"
    error = refusal("Bidirectional", SEQUENCE, children=(call("Dense"),))
    assert (error.code, error.child) == ("wrapped_kind", 0)
    error = refusal("Bidirectional", SEQUENCE, children=(call("LSTM", go_backwards=True),))
    assert (error.code, error.child, error.parameter) == ("wrapped_backwards", 0, "go_backwards")
    error = refusal("Bidirectional", SEQUENCE, children=(call("LSTM"), call("LSTM")))
    assert (error.code, error.child) == ("wrapped_backwards", 1)
    backward = call("LSTM", go_backwards=True, units=3)
    error = refusal("Bidirectional", SEQUENCE, children=(call("LSTM"), backward))
    assert (error.code, error.parameter, error.facts["expected"]) == ("wrapped_differ", "units", 32)
    error = refusal("Bidirectional", TensorSpec((None, 64)), children=(call("LSTM"),))
    assert (error.code, error.child) == ("rank_time_features", 0)
    error = refusal("TimeDistributed", TensorSpec((None, 64)), children=(call("Dense"),))
    assert error.code == "time_distributed_rank"
    error = refusal("TimeDistributed", SEQUENCE, children=(call("LSTM"),))
    assert (error.code, error.child, error.facts["got"]) == ("rank_time_features", 0, 2)
    error = refusal("TimeDistributed", SEQUENCE, children=(call("LSTM", return_state=True),))
    assert error.code == "wrapped_kind"


def test_that_merges_say_which_axis_differs() -> None:
    error = refusal("Add", TensorSpec((None, 7, 5)), TensorSpec((None, 7, 3)))
    assert error.code == "merge_mismatch"
    assert error.facts == {"axis": 2, "sizes": (5, 3)}
    assert "got batch×7×5 and batch×7×3" in str(error)
    error = refusal("Concatenate", TensorSpec((None, 7, 5)), TensorSpec((None, 6, 5)))
    assert error.facts == {"axis": 1, "sizes": (7, 6)}
    assert refusal("Concatenate", SEQUENCE, TensorSpec((None, 5))).code == "merge_mismatch"
    assert refusal("Average", SEQUENCE).code == "one_input"
    assert refusal("Concatenate", SEQUENCE, SEQUENCE, axis=5).code == "bad_axis"
    assert refusal("Concatenate", SEQUENCE, SEQUENCE, axis=0).code == "batch_axis"


def test_that_other_refusals_name_the_parameter_to_blame() -> None:
    short = TensorSpec((None, 2, 5))
    error = refusal("Conv1D", short, kernel_size=3, dilation_rate=2)
    assert (error.code, error.parameter, error.facts) == (
        "window_too_long",
        "kernel_size",
        {"window": 5, "size": 2},
    )
    assert refusal("MaxPooling1D", short, pool_size=3).parameter == "pool_size"
    error = refusal("Reshape", TensorSpec((None, 12)), target_shape=(5, 2))
    assert (error.code, error.parameter, error.facts["numbers"]) == ("bad_target", "target_shape", 12)
    assert refusal("Permute", SEQUENCE, dims=(1, 1)).code == "bad_axis"
    assert refusal("Permute", SEQUENCE, dims=(1,)).code == "bad_axis"
    assert refusal("BatchNormalization", SEQUENCE, axis=4).code == "bad_axis"
    assert (
        refusal("Conv1D", TensorSpec((None, 7, 6)), strides=2, dilation_rate=2).code == "strides_and_dilation"
    )
    assert refusal("Conv1D", SEQUENCE, groups=2).code == "groups"
    assert refusal("RepeatVector", SEQUENCE).facts == {"expected": 2, "got": 3}
    assert refusal("LSTM", SEQUENCE, dtype="bfloat16").parameter == "dtype"
    error = refusal("Dense", SEQUENCE, lora_rank=2, kernel_constraint=Part("NonNeg"))
    assert (error.code, error.parameter) == ("lora_constraint", "kernel_constraint")


# ------------------------------------------------------------------------------------------- any design

SIZES = st.one_of(st.none(), st.integers(1, 9))
SPECS = st.builds(
    lambda sizes, kind, masked: TensorSpec(tuple(sizes), (), kind, masked),
    st.lists(SIZES, min_size=1, max_size=5),
    st.sampled_from(["float", "int"]),
    st.booleans(),
)
STEPS = st.builds(lambda batch, features: Step((batch, features)), SIZES, SIZES)


def values(parameter: Parameter) -> st.SearchStrategy[Any]:
    match parameter.type:
        case Integer(minimum=minimum, maximum=maximum, optional=optional):
            whole = st.integers(-9 if minimum is None else minimum, min(9, 9 if maximum is None else maximum))
            return st.none() | whole if optional else whole
        case Number(minimum=minimum, maximum=maximum, optional=optional):
            number = st.floats(-9 if minimum is None else minimum, 9 if maximum is None else maximum)
            return st.none() | number if optional else number
        case Flag():
            return st.booleans()
        case Choice(options=options):
            return st.sampled_from(options)
        case Activation():
            return st.sampled_from([None, *ACTIVATIONS])
        case Integers() as type_:
            entry = st.integers(type_.minimum, 9)
            if type_.unknown:
                entry = st.none() | entry
            length = type_.length
            numbers = st.lists(entry, min_size=length or 0, max_size=length or 4).map(tuple)
            if type_.wildcard:
                numbers = numbers | numbers.map(lambda sizes: (-1, *sizes))
            lone = st.integers(type_.minimum, 9)
            choices: st.SearchStrategy[Any] = numbers
            if type_.single:
                choices = choices | lone
            return st.none() | choices if type_.optional else choices
        case PartOf(namespace=namespace, optional=optional, rank=rank):
            fitting = [part.kind for part in parts(namespace) if part.fits(rank)]
            return st.sampled_from([*([None] if optional else []), *fitting])
        case States():
            row = st.lists(st.floats(-2, 2), min_size=1, max_size=3)
            return st.none() | st.lists(st.floats(-2, 2) | row, min_size=1, max_size=4)
    raise AssertionError(parameter.type)


@st.composite
def calls(draw: st.DrawFn, depth: int = 0) -> Call:
    entry = draw(st.sampled_from(list(CATALOG.values())))
    changed = draw(st.lists(st.sampled_from(entry.parameters), max_size=4, unique_by=lambda each: each.name))
    params = {each.name: each.type.accept(draw(values(each))) for each in changed}
    places = 3 if entry.most_children is None else entry.most_children
    children = tuple(draw(calls(depth + 1)) for _ in range(places) if depth < 2 and draw(st.booleans()))
    many = bool(entry.inputs) and entry.inputs[0].many
    specs = SPECS | STEPS if entry.cell else SPECS
    inputs = draw(st.lists(specs, max_size=3)) if many else [draw(specs) for _ in entry.inputs]
    values_of_all = entry.complete(params)
    named = {
        port.name: draw(SPECS) for port in entry.more_inputs(values_of_all, children) if draw(st.booleans())
    }
    return Call(entry, values_of_all, tuple(inputs), children, named)


def answer(use: Call) -> tuple[tuple[TensorSpec, ...], RuleError | None]:
    try:
        return use.outputs(), None
    except RuleError as error:
        return (), error


@settings(deadline=None)
@given(calls())
def test_that_a_rule_answers_or_refuses_with_a_sentence_whatever_it_is_given(use: Call) -> None:
    ports = use.type.outputs(use.params, use.children)
    assert len({port.name for port in ports}) == len(ports)
    assert use.type.words(use.params)
    outputs, error = answer(use)
    if error is not None:
        text = str(error)
        assert text.split()[0] in CATALOG
        assert text.endswith(".")
        assert "got" in text or error.code in ("needs_layer", "dtype")
        return
    assert len(outputs) == len(ports)
    assert all(size is None or size > 0 for spec in outputs for size in spec.sizes)
    assert all(len(spec.axes) == spec.rank for spec in outputs)
    count = use.count()
    assert count is None or count >= 0
