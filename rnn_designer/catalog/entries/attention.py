"""The attention layers: every step of one sequence takes from another sequence what it asks for."""

from collections.abc import Mapping
from math import prod
from typing import Any

from rnn_designer.catalog.keras_arguments import argument, with_defaults
from rnn_designer.catalog.parameters import Choice, Flag, Integer, Integers, Parameter
from rnn_designer.catalog.rules import joined
from rnn_designer.catalog.shared import (
    ACTIVITY_REGULARIZER,
    BASE,
    DTYPE,
    TRAINABLE,
    constraint,
    initializer,
    rate,
    regularizer,
    seed,
    units,
    use_bias,
)
from rnn_designer.catalog.tensors import Size, TensorSpec
from rnn_designer.catalog.types import Call, Family, LayerType, Port, RuleError
from rnn_designer.wording import counted

_PORTS = (Port("query", "query"), Port("value", "value"))
_SEQUENCE = "a sequence (batch, time, features)"


def _key_port(_params: Mapping[str, Any], _children: tuple[Call, ...]) -> tuple[Port, ...]:
    return (Port("key", "key", optional=True),)


def _outputs(params: Mapping[str, Any], _children: tuple[Call, ...]) -> tuple[Port, ...]:
    scores = (Port("scores", "scores"),) if params["return_attention_scores"] else ()
    return (Port("output"), *scores)


def _tensors(call: Call) -> tuple[TensorSpec, TensorSpec, TensorSpec]:
    """Query, value and key, which is the value where no wire brings another."""
    query, value = call.inputs
    key = call.named.get("key", value)
    for spec in (query, value, key):
        if spec.kind == "int":
            raise RuleError(
                "tokens",
                f"{call.type.kind} needs real numbers, got whole numbers (token ids) {spec}. Put an Embedding "
                "before it, which turns every id into a vector.",
                got=spec.rank,
            )
    batches = {spec.sizes[0] for spec in (query, value, key)} - {None}
    if len(batches) > 1:
        raise _mismatch(call, "the same batch size everywhere", "Set batch_size alike in the Inputs.")
    return query, value, key


def _mismatch(call: Call, expected: str, advice: str, **facts: Any) -> RuleError:
    query, value = call.inputs
    got = [f"query {query}", f"value {value}"]
    if "key" in call.named:
        got.append(f"key {call.named['key']}")
    listed = ", ".join(got[:-1]) + f" and {got[-1]}"
    return RuleError(
        "attention_mismatch", f"{call.type.kind} needs {expected}, got {listed}. {advice}", **facts
    )


def _rank_refusal(call: Call, port: str, spec: TensorSpec, expected: str) -> RuleError:
    if spec.rank < 3:
        advice = (
            "Set return_sequences in the layer before it, or make a sequence of one step of it with "
            "RepeatVector(1)."
        )
    else:
        advice = "Bring it to three axes with Reshape or a pooling layer."
    return RuleError(
        "attention_rank",
        f"{call.type.kind} needs {expected} as {port}, got {spec}. {advice}",
        port=port,
        expected=3,
        got=spec.rank,
    )


def _differ(first: Size, second: Size) -> bool:
    return first is not None and second is not None and first != second


def _scores_axes(queries: tuple[str, ...], values: tuple[str, ...]) -> tuple[str, ...]:
    return (*(f"query {name}" for name in queries), *(f"value {name}" for name in values))


def _attention_rule(call: Call) -> tuple[TensorSpec, ...]:
    """(batch, query time, features of the value), then (batch, query time, value time) for the scores."""
    query, value, key = _tensors(call)
    given = (("query", query), ("value", value), *((("key", key),) if "key" in call.named else ()))
    for port, spec in given:
        if spec.rank != 3:
            raise _rank_refusal(call, port, spec, _SEQUENCE)
    if _differ(key.time, value.time):
        raise _mismatch(call, "as many steps in the key as in the value", "Take both from the same sequence.")
    if query.features != key.features or query.features is None:
        against = "key" if "key" in call.named else "value"
        raise _mismatch(
            call,
            f"as many features in the query as in the {against}, and a fixed number",
            "Bring one of them to the size of the other with a Dense.",
            query=query.features,
            against=key.features,
            port=against,
        )
    output = TensorSpec((query.sizes[0], query.time, value.features), masked=query.masked)
    if not call.params["return_attention_scores"]:
        return (output,)
    return (
        output,
        TensorSpec((query.sizes[0], query.time, value.time), ("batch", *_scores_axes(("time",), ("time",)))),
    )


def _attention_count(call: Call) -> int:
    concat = call.params["score_mode"] == "concat"
    return int(bool(call.params["use_scale"])) + int(concat)


def _additive_count(call: Call) -> int:
    features = call.inputs[0].features
    return features if call.params["use_scale"] and features is not None else 0


def _at_call(name: str, explanation: str, formula: str = "") -> Parameter:
    """A switch that Keras takes where the layer is called."""
    return Parameter(name, Flag(), False, explanation, formula=formula, at_call=True)


_CAUSAL = _at_call(
    "use_causal_mask",
    "Yes: step t of the query sees only the steps 0 to t of the value, never what comes later. Needed where a "
    "sequence is to be continued step by step.",
    "weight(t, s) = 0 for s > t",
)


def _scores(shape: str) -> Parameter:
    return _at_call(
        "return_attention_scores",
        "Also gives out the weights by which the values were mixed, on a port of their own: the picture of "
        "who looks at whom. The output stays as it is.",
        f"adds {shape}",
    )


def _words(params: Mapping[str, Any]) -> str:
    return joined(
        {"dot": "dot product", "concat": "concat"}.get(params.get("score_mode", ""), "additive"),
        "scaled" if params["use_scale"] else None,
        "causal" if params["use_causal_mask"] else None,
        "scores" if params["return_attention_scores"] else None,
    )


_ON_WEIGHTS = "the attention weights"

ATTENTION = LayerType(
    kind="Attention",
    family=Family.ATTENTION,
    summary="Each step of a query takes a weighted mean of all steps of another sequence.",
    explanation=(
        "Every step of the query is compared with every step of the key by a dot product. A softmax turns the "
        "scores of one query step into weights that add up to 1, and the output is the mean of the values with "
        "these weights. In an encoder–decoder, the decoder's outputs are the query and the encoder's outputs "
        "are value and key: at every step the decoder looks back at the words that matter now. Without a wire "
        "at key, the value serves as key as well.\n\n"
        "scoreₜₛ = queryₜ · keyₛ\n"
        "weightₜ = softmax(scoreₜ)\n"
        "yₜ = Σₛ weightₜₛ · valueₛ\n\n"
        "Masked steps of the value get weight 0; masked steps of the query give zeros."
    ),
    parameters=with_defaults(
        "Attention",
        (
            argument(
                "score_mode",
                Choice(("dot", "concat")),
                "How a query is compared with a key: dot multiplies them and sums up; concat adds them, passes "
                "the sum through tanh and sums up, times one learned weight.",
                formula="dot: q · k; concat: w · Σ tanh(q + k)",
            ),
            argument(
                "use_scale",
                Flag(),
                "Adds one learned number by which the scores are multiplied, so that training decides how "
                "sharply the layer looks.",
                formula="dot: scale · (q · k); 1 more weight",
            ),
            _CAUSAL,
            _scores("(batch, query time, value time)"),
            rate("dropout", f"The share of {_ON_WEIGHTS} that are set to 0 while training.", group="dropout"),
            seed(_ON_WEIGHTS),
            *BASE,
        ),
    ),
    rule=_attention_rule,
    count=_attention_count,
    words=_words,
    inputs=_PORTS,
    more_inputs=_key_port,
    outputs=_outputs,
    call_style="list",
    keywords=(
        "luong",
        "dot product attention",
        "look back",
        "context",
        "encoder decoder",
        "seq2seq",
        "alignment",
    ),
)

ADDITIVE_ATTENTION = LayerType(
    kind="AdditiveAttention",
    family=Family.ATTENTION,
    summary="Attention that compares by a sum and tanh, not a product, with a weight per feature.",
    explanation=(
        "Works as Attention does, but a query and a key are compared by adding them, passing the sum through "
        "tanh and weighing every feature by a learned number. It was the first attention used with recurrent "
        "networks.\n\n"
        "scoreₜₛ = Σ scale · tanh(queryₜ + keyₛ)\n"
        "yₜ = Σₛ softmax(scoreₜ)ₛ · valueₛ"
    ),
    parameters=with_defaults(
        "AdditiveAttention",
        (
            argument(
                "use_scale",
                Flag(),
                "Yes: every feature has a learned weight in the score. No: all count alike, and the layer has no "
                "weights.",
                formula="features weights",
            ),
            _CAUSAL,
            _scores("(batch, query time, value time)"),
            rate("dropout", f"The share of {_ON_WEIGHTS} that are set to 0 while training.", group="dropout"),
            seed(_ON_WEIGHTS),
            *BASE,
        ),
    ),
    rule=_attention_rule,
    count=_additive_count,
    words=_words,
    inputs=_PORTS,
    more_inputs=_key_port,
    outputs=_outputs,
    call_style="list",
    keywords=("bahdanau", "look back", "context", "encoder decoder", "seq2seq", "alignment"),
)


def _attended(call: Call, rank: int) -> tuple[int, ...]:
    """The axes along which the layer looks, counted from 0 and checked; all but batch and features by default."""
    given = call.params["attention_axes"]
    if given is None:
        return tuple(range(1, rank - 1))
    axes = tuple(
        axis + rank if axis < 0 else axis for axis in (given if isinstance(given, tuple) else (given,))
    )
    if not axes or len(set(axes)) != len(axes) or not all(0 < axis < rank - 1 for axis in axes):
        raise RuleError(
            "attention_axes",
            f"MultiHeadAttention looks along axes between batch and features, 1 to {rank - 2} here, each once, got "
            f"{given}. Leave attention_axes empty for all of them.",
            parameter="attention_axes",
        )
    return axes


def _multi_head_rule(call: Call) -> tuple[TensorSpec, ...]:
    """The query's shape with ``output_shape`` in place of its features; then the scores of every head."""
    query, value, key = _tensors(call)
    params, rank = call.params, query.rank
    given = (("query", query), ("value", value), *((("key", key),) if "key" in call.named else ()))
    for port, spec in given:
        if spec.rank < 3:
            raise _rank_refusal(call, port, spec, "a sequence (batch, time, …, features)")
        if spec.features is None:
            raise RuleError(
                "features_open",
                f"MultiHeadAttention makes weights for the features of its {port}, so their number must be fixed, "
                f"got {spec}. Set that size in the Input.",
                axis=spec.rank - 1,
            )
    if value.rank != rank or key.rank != rank:
        raise _mismatch(call, "equally many axes everywhere", "Bring them to the same form with Reshape.")
    axes = _attended(call, rank)
    for axis in range(1, rank - 1):
        if _differ(value.sizes[axis], key.sizes[axis]) or (value.sizes[axis] is None) != (
            key.sizes[axis] is None
        ):
            raise _mismatch(
                call,
                f"the same {value.axes[axis]} axis in value and key",
                "Take both from the same sequence.",
            )
        if axis not in axes and _differ(query.sizes[axis], value.sizes[axis]):
            raise _mismatch(
                call,
                f"the same size on the {query.axes[axis]} axis, along which it does not look",
                "Set the sizes alike, or leave attention_axes empty.",
            )
    made = params["output_shape"]
    features = (query.features,) if made is None else made if isinstance(made, tuple) else (made,)
    names = query.axes if len(features) == 1 else ()
    output = TensorSpec((*query.sizes[:-1], *features), names, masked=query.masked)
    if not params["return_attention_scores"]:
        return (output,)
    rest = [axis for axis in range(1, rank - 1) if axis not in axes]
    sizes = (
        query.sizes[0],
        *(query.sizes[axis] for axis in rest),
        params["num_heads"],
        *(query.sizes[axis] for axis in axes),
        *(value.sizes[axis] for axis in axes),
    )
    looked = tuple(query.axes[axis] for axis in axes)
    scores = ("batch", *(query.axes[axis] for axis in rest), "heads", *_scores_axes(looked, looked))
    return (output, TensorSpec(sizes, scores))


def _multi_head_count(call: Call) -> int:
    """A projection of query, key and value for every head, a gate if there is one, and one back from all heads."""
    params = call.params
    query, value = call.inputs
    key = call.named.get("key", value)
    heads, key_size = params["num_heads"], params["key_dim"]
    value_size = params["value_dim"] or key_size
    bias = int(bool(params["use_bias"]))
    sizes = [(query.features, key_size), (key.features, key_size), (value.features, value_size)]
    if params["use_gate"]:
        sizes.append((query.features, value_size))
    made = params["output_shape"]
    outputs = query.features if made is None else prod(made if isinstance(made, tuple) else (made,))
    inner = sum(((size or 0) + bias) * heads * width for size, width in sizes)
    return int(inner + (heads * value_size + bias) * (outputs or 0))


def _multi_head_words(params: Mapping[str, Any]) -> str:
    return joined(
        counted(params["num_heads"], "head", grouped=False),
        f"key {params['key_dim']}",
        f"value {params['value_dim']}" if params["value_dim"] else None,
        "causal" if params["use_causal_mask"] else None,
        "scores" if params["return_attention_scores"] else None,
    )


MULTI_HEAD_ATTENTION = LayerType(
    kind="MultiHeadAttention",
    family=Family.ATTENTION,
    summary="Several attentions side by side, each with projections of its own that are learned.",
    explanation=(
        "Query, key and value are first multiplied by learned matrices, once for every head. Each head then "
        "attends on its own, so that one may follow the order of things and another their meaning. The heads' "
        "results are laid side by side and multiplied by a last matrix. With the same sequence at query and "
        "value it is self-attention. Unlike a recurrent layer it has no state: it sees all steps at once and does "
        "not know their order.\n\n"
        "headₕ = softmax(Q·Wqₕ · (K·Wkₕ)ᵀ / √key_dim) · V·Wvₕ\n"
        "y = [head₀, head₁, …]·Wo + b"
    ),
    parameters=with_defaults(
        "MultiHeadAttention",
        (
            units(
                "How many attentions work side by side.",
                "weights grow in proportion",
                name="num_heads",
                initial=2,
            ),
            units(
                "How many features each head compares: the size to which query and key are brought.",
                "scores are divided by √key_dim",
                name="key_dim",
                initial=16,
            ),
            argument(
                "value_dim",
                Integer(minimum=1, maximum=16384, optional=True),
                "How many features each head hands on. Empty: as many as key_dim.",
            ),
            argument(
                "output_shape",
                Integers(optional=True, single=True),
                "How many features come out, or several sizes for several axes. Empty: as many as the query has.",
                formula="(batch, time, output_shape)",
            ),
            use_bias("Whether each projection adds a bias.", "adds one weight per output of each projection"),
            argument(
                "use_gate",
                Flag(),
                "Multiplies what every head hands on by a gate between 0 and 1, which is computed from the query.",
                formula="head · sigmoid(Q·Wg + bg)",
            ),
            _CAUSAL,
            _scores("(batch, heads, query time, value time)"),
            argument(
                "attention_axes",
                Integers(minimum=-8, optional=True, single=True),
                "Along which axes it looks, for tensors with more axes than time: 1 looks along time only, apart "
                "for every row. Empty: along all between batch and features.",
                group="behaviour",
            ),
            argument(
                "sliding_window",
                Integer(minimum=1, maximum=2**31 - 1, optional=True),
                "Each step looks only at steps that are less than this many away. Empty: at all.",
                formula="weight(t, s) = 0 for |t − s| ≥ window",
                group="behaviour",
            ),
            rate("dropout", f"The share of {_ON_WEIGHTS} that are set to 0 while training.", group="dropout"),
            initializer("kernel_initializer", "each projection's matrix", 3),
            # The bias of the last projection has one axis, the others have two.
            initializer("bias_initializer", "each projection's bias", 1),
            regularizer("kernel_regularizer", "each projection's matrix", 3),
            regularizer("bias_regularizer", "each projection's bias", 1),
            constraint("kernel_constraint", "each projection's matrix"),
            constraint("bias_constraint", "each projection's bias"),
            seed(_ON_WEIGHTS),
            argument(
                "flash_attention",
                Choice((None,)),
                "A faster way to compute the same on some graphics cards. TensorFlow has none, so it is not set "
                "here.",
                group="advanced",
                editable=False,
            ),
            ACTIVITY_REGULARIZER,
            TRAINABLE,
            DTYPE,
        ),
    ),
    rule=_multi_head_rule,
    count=_multi_head_count,
    words=_multi_head_words,
    inputs=_PORTS,
    more_inputs=_key_port,
    outputs=_outputs,
    keywords=("transformer", "self attention", "heads", "look back", "context"),
)

ATTENTIONS = (ATTENTION, ADDITIVE_ATTENTION, MULTI_HEAD_ATTENTION)
