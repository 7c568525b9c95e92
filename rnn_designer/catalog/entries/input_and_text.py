"""Where tensors come from and how tokens become vectors: Input, Embedding and Masking."""

from collections.abc import Mapping
from typing import Any

from rnn_designer.catalog.keras_arguments import argument, with_defaults
from rnn_designer.catalog.parameters import Choice, Flag, Integer, Integers, Number
from rnn_designer.catalog.rules import check_weights, expect_least_rank, joined
from rnn_designer.catalog.shared import (
    BASE,
    QUANTIZATION,
    constraint,
    initializer,
    lora,
    regularizer,
    units,
)
from rnn_designer.catalog.tensors import TensorSpec
from rnn_designer.catalog.types import Call, Family, LayerType, RuleError

LARGEST_VOCABULARY = 10_000_000
LARGEST_AXIS = 100_000_000


def _is_whole(dtype: str | None) -> bool:
    return dtype is not None and dtype.startswith(("int", "uint"))


def _input_rule(call: Call) -> tuple[TensorSpec, ...]:
    """(batch_size, *shape); whole numbers with one axis besides the batch are a sequence of ids."""
    shape = call.params["shape"]
    kind = "int" if _is_whole(call.params["dtype"]) else "float"
    sizes = (call.params["batch_size"], *shape)
    axes = ("batch", "time") if kind == "int" and len(sizes) == 2 else ()
    return (TensorSpec(sizes, axes, "int" if kind == "int" else "float"),)


def _input_words(params: Mapping[str, Any]) -> str:
    shape = params["shape"]
    names = ("time", "rows", "columns")
    parts = [
        ("features" if position == len(shape) - 1 else names[min(position, 2)]) if size is None else str(size)
        for position, size in enumerate(shape)
    ]
    if len(shape) == 1 and shape[0] is None and _is_whole(params["dtype"]):
        parts = ["time"]
    batch = params["batch_size"]
    return joined("×".join(parts) or "one number per sample", f"batch of {batch}" if batch else None)


INPUT = LayerType(
    kind="Input",
    family=Family.INPUT_AND_TEXT,
    summary="Where samples enter the network: the shape of one sample.",
    explanation=(
        "It computes nothing; it says what one sample looks like. For a sequence that is (time, features): "
        "how many steps, and how many numbers there are at every step. Leave time open and the network "
        "takes sequences of any length. The batch axis, how many samples are computed at once, comes in "
        "front by itself.\n\n"
        "(batch, time, features)"
    ),
    parameters=with_defaults(
        "Input",
        (
            argument(
                "shape",
                Integers(minimum=1, unknown=True),
                "The size of each axis of one sample, without the batch axis: (time, features) for a "
                "sequence, (time) for token ids. An open size takes any; the features must be fixed, "
                "because weights are made for them.",
                formula="output: (batch, *shape)",
                initial=(None, 1),
            ),
            argument(
                "batch_size",
                Integer(minimum=1, maximum=LARGEST_AXIS, optional=True),
                "Fixes how many samples are computed at once. Empty: any number. Needed only for recurrent "
                "layers that are stateful.",
            ),
            argument(
                "dtype",
                Choice(
                    (
                        None,
                        "float32",
                        "float64",
                        "float16",
                        "bfloat16",
                        "int32",
                        "int64",
                        "int16",
                        "int8",
                        "uint8",
                        "uint16",
                        "uint32",
                    )
                ),
                "The kind of numbers that come in. Empty: float32, real numbers. Choose int32 for token "
                "ids, which an Embedding turns into vectors.",
            ),
            argument(
                "sparse",
                Choice((None, False)),
                "Whether samples come as lists of their non-zero entries. Recurrent layers cannot read "
                "those, so it stays off here.",
                group="advanced",
                editable=False,
            ),
            argument(
                "ragged",
                Choice((None, False)),
                "Whether the samples of a batch have different lengths. Recurrent layers need equal "
                "lengths: pad the shorter ones and put a Masking or Embedding with mask_zero after this "
                "Input.",
                group="advanced",
                editable=False,
            ),
            argument(
                "batch_shape",
                Choice((None,)),
                "Another way to write shape and batch_size in one. Set those two instead.",
                group="advanced",
                editable=False,
            ),
            argument(
                "tensor",
                Choice((None,)),
                "A tensor that exists already in the code around the model. A design has none, so it is "
                "not set here.",
                group="advanced",
                editable=False,
            ),
            argument(
                "optional",
                Flag(),
                "Whether the model may be called without this input. A design always feeds every Input, so "
                "it stays off here.",
                group="advanced",
                editable=False,
            ),
        ),
        required=("shape",),
    ),
    rule=_input_rule,
    words=_input_words,
    inputs=(),
    keywords=("source", "data", "sample", "shape", "start"),
    constructor="keras.Input",
)


def _embedding_rule(call: Call) -> tuple[TensorSpec, ...]:
    """(batch, time) ids to (batch, time, output_dim) vectors."""
    check_weights(call)
    spec = call.inputs[0]
    axes = ("batch", "time", "features") if spec.rank == 2 else ()
    masked = bool(call.params["mask_zero"])
    return (TensorSpec((*spec.sizes, call.params["output_dim"]), axes, "float", masked),)


def _embedding_count(call: Call) -> int:
    ids, size = call.params["input_dim"], call.params["output_dim"]
    rank = call.params["lora_rank"] or 0
    return int(ids * size + rank * (ids + size))


EMBEDDING = LayerType(
    kind="Embedding",
    family=Family.INPUT_AND_TEXT,
    summary="Turns token ids into learned vectors, one row of a table per id.",
    explanation=(
        "Words, letters or notes come as whole numbers, and their size means nothing: 7 is not more than "
        "3. The layer keeps a table with one row per id and looks the row up. The rows are learned, so ids "
        "that behave alike end up with similar rows.\n\n"
        "y[t] = table[x[t]]\n\n"
        "The ids run from 0 to input_dim − 1. A larger id is an error on the processor."
    ),
    parameters=with_defaults(
        "Embedding",
        (
            argument(
                "input_dim",
                Integer(minimum=1, maximum=LARGEST_VOCABULARY),
                "How many different ids there are: the largest id + 1. The table has that many rows.",
                formula="weights: input_dim · output_dim",
                initial=1000,
            ),
            units(
                "How many numbers stand for each id: the size of the output's last axis.",
                "output: (batch, time, output_dim)",
                name="output_dim",
            ),
            argument(
                "mask_zero",
                Flag(),
                "Treats id 0 as padding: those steps are masked, and recurrent layers after it skip them. "
                "Id 0 then stands for no word, so input_dim is one larger than the vocabulary.",
            ),
            initializer("embeddings_initializer", "the table (input_dim × output_dim)", 2),
            regularizer("embeddings_regularizer", "the table", 2),
            constraint("embeddings_constraint", "the table"),
            argument(
                "weights",
                Choice((None,)),
                "A ready-made table to start from. The design keeps weights itself and the exported code "
                "loads them from a file, so it is not set here.",
                group="advanced",
                editable=False,
            ),
            *lora("the table", "adds lora_rank · (input_dim + output_dim) weights"),
            QUANTIZATION,
            *BASE,
        ),
    ),
    rule=_embedding_rule,
    count=_embedding_count,
    words=lambda params: joined(
        f"{params['input_dim']} ids → {params['output_dim']}", "0 is padding" if params["mask_zero"] else None
    ),
    keywords=("tokens", "words", "text", "vocabulary", "lookup", "ids"),
)


def _masking_rule(call: Call) -> tuple[TensorSpec, ...]:
    spec = call.inputs[0]
    expect_least_rank(
        call,
        spec,
        2,
        "a sequence (batch, time, features)",
        "Add the missing axis with Reshape.",
    )
    return (spec.with_mask(True),)


MASKING = LayerType(
    kind="Masking",
    family=Family.INPUT_AND_TEXT,
    summary="Marks padded steps, so that recurrent layers skip them.",
    explanation=(
        "Sequences of one batch must have the same length, so shorter ones are filled up with a padding "
        "value. A step whose features are all equal to that value is marked as masked; recurrent layers "
        "after it hold their state there. The mark travels along with the sequence until a layer uses it "
        "up or loses it.\n\n"
        "mask[t] = any(x[t, :] ≠ mask_value)"
    ),
    parameters=with_defaults(
        "Masking",
        (
            argument(
                "mask_value",
                Number(),
                "The padding value. A step is skipped if every one of its features equals it exactly. "
                "Choose a number that real data never has at all features at once.",
            ),
            *BASE,
        ),
    ),
    rule=_masking_rule,
    words=lambda params: f"skip steps of {params['mask_value']:g}",
    keywords=("padding", "mask", "skip", "variable length"),
)


def _encoding_rule(call: Call) -> tuple[TensorSpec, ...]:
    """(batch, time) ids to (batch, time, num_tokens), or to one row per sample. The mask is lost."""
    spec, tokens = call.inputs[0], call.params["num_tokens"]
    one_hot = call.params["output_mode"] == "one_hot"
    if spec.rank < 2 or (spec.rank > 2 and not one_hot):
        raise RuleError(
            "rank",
            f"CategoryEncoding needs ids, (batch, time), got {spec}. Drop the features axis of the Input, or set "
            "output_mode to one_hot.",
            expected=2,
            got=spec.rank,
        )
    if not one_hot:
        return (TensorSpec((spec.sizes[0], tokens)),)
    if spec.sizes[-1] is None:
        raise RuleError(
            "time_open",
            f"CategoryEncoding makes one-hot rows only of a fixed number of ids, got {spec} where it is open: Keras "
            "3.15 cannot compile them otherwise. Set that size in the Input, or use an Embedding.",
            axis=spec.rank - 1,
        )
    if spec.sizes[-1] == 1:
        return (TensorSpec((*spec.sizes[:-1], tokens), spec.axes),)
    return (TensorSpec((*spec.sizes, tokens), ("batch", "time", "features") if spec.rank == 2 else ()),)


CATEGORY_ENCODING = LayerType(
    kind="CategoryEncoding",
    family=Family.INPUT_AND_TEXT,
    summary="Turns token ids into rows of zeros and ones, without weights.",
    explanation=(
        "The plain way to give ids to a network: each id becomes a row with a 1 at its own place and 0 "
        "everywhere else. For a few dozen letters or notes that is enough, and nothing has to be learned; for "
        "whole vocabularies an Embedding is smaller and learns which ids are alike. The other modes make one row "
        "of a whole sample: which ids occur in it, or how often. One-hot rows need an Input with a fixed number of "
        "steps. The mask is lost.\n\n"
        "one_hot: y[t, k] = 1 if x[t] = k, else 0\n"
        "multi_hot: y[k] = 1 if any x[t] = k;  count: y[k] = number of t with x[t] = k"
    ),
    parameters=with_defaults(
        "CategoryEncoding",
        (
            argument(
                "num_tokens",
                Integer(minimum=1, maximum=LARGEST_VOCABULARY),
                "How many different ids there are: the largest id + 1. The output's last axis has that size.",
                formula="(batch, time, num_tokens)",
                initial=32,
            ),
            argument(
                "output_mode",
                Choice(("one_hot", "multi_hot", "count")),
                "one_hot: a row for every step, which recurrent layers can follow. multi_hot: one row per sample "
                "that says which ids occur. count: one row per sample that says how often.",
            ),
            argument(
                "sparse",
                Choice((False,)),
                "Whether the rows come in a form that leaves zeros out. Few layers take that, so it is not set here.",
                group="advanced",
                editable=False,
            ),
            *BASE,
        ),
        required=("num_tokens",),
    ),
    rule=_encoding_rule,
    words=lambda params: joined(params["output_mode"].replace("_", "-"), f"{params['num_tokens']} ids"),
    keywords=("one-hot", "one hot", "tokens", "ids", "bag of words", "characters"),
)

INPUT_AND_TEXT = (INPUT, EMBEDDING, CATEGORY_ENCODING, MASKING)
