"""Finding layer types by name or by what they do, alike in the palette, on the canvas and in the command search."""

import re
from functools import cache

from rnn_designer.catalog import CATALOG, LayerType

_DOES = {
    "SimpleRNN": "remember past previous step echo short memory feedback loop state",
    "LSTM": "remember past keep forget long memory gates store recall state",
    "GRU": "remember past keep forget memory gates update reset state light",
    "ConvLSTM1D": "remember past rows lines sensors channels forecast grid state",
    "ConvLSTM2D": "remember past video frames pictures radar weather maps forecast motion state",
    "ConvLSTM3D": "remember past volumes voxels scans forecast motion state",
    "RNN": "run loop cell cells stack own custom recurrent steps memory wrap sequence",
    "SimpleRNNCell": "one step part of an rnn remember past previous echo inside stack",
    "LSTMCell": "one step part of an rnn remember past long memory gates inside stack",
    "GRUCell": "one step part of an rnn remember past memory gates light inside stack",
    "StackedRNNCells": "several cells one above the other deep layers pile multi layer inside rnn",
    "CustomCell": "write own code python class invent new cell peephole leaky experiment",
    "Bidirectional": "look ahead both ways future past forwards backwards reverse read twice",
    "TimeDistributed": "apply each every step all time same layer",
    "Input": "feed enter begin series read data in",
    "Embedding": "words to vectors characters letters meaning lookup ids tokens represent",
    "Masking": "ignore skip padding missing steps hide lengths",
    "Dense": "predict classify combine mix weigh regression forecast number classes project",
    "Activation": "squash bend clip curve nonlinear probability",
    "ReLU": "cut negative numbers off bend clip nonlinear positive only",
    "LeakyReLU": "shrink negative numbers bend nonlinear avoid dead units",
    "PReLU": "shrink negative numbers bend nonlinear learn slope",
    "ELU": "bend smoothly nonlinear negative saturate",
    "Softmax": "squash classify choose one weights of attention percentages",
    "Identity": "do nothing unchanged stand in",
    "Conv1D": "detect pattern local smooth filter slide window neighbours differences",
    "SeparableConv1D": "detect pattern local slide neighbours fewer weights cheap light",
    "DepthwiseConv1D": "detect pattern local smooth slide each feature alone neighbours differences",
    "Conv1DTranspose": "longer more steps expand stretch generate rebuild",
    "Conv2D": "detect pattern edges local slide neighbours pixels",
    "MaxPooling2D": "smaller shrink peak largest fewer pixels compress",
    "AveragePooling2D": "smaller shrink smooth fewer pixels compress",
    "MaxPooling3D": "smaller shrink peak largest fewer voxels compress",
    "AveragePooling3D": "smaller shrink smooth fewer voxels compress",
    "GlobalMaxPooling2D": "collapse whole picture to vector peak largest reduce",
    "GlobalAveragePooling2D": "collapse whole picture to vector mean reduce",
    "GlobalMaxPooling3D": "collapse whole volume to vector peak largest reduce",
    "GlobalAveragePooling3D": "collapse whole volume to vector mean reduce",
    "MaxPooling1D": "shorten peak largest downsample fewer steps compress",
    "AveragePooling1D": "smooth moving average shorten downsample fewer steps compress",
    "GlobalMaxPooling1D": "flatten time collapse whole sequence to vector peak largest remove time reduce",
    "GlobalAveragePooling1D": "flatten time collapse whole sequence to vector mean remove time reduce smooth",
    "LayerNormalization": "stabilise stabilize scale centre training steady",
    "BatchNormalization": "stabilise stabilize scale centre training faster steady",
    "RMSNormalization": "stabilise stabilize scale training steady size",
    "UnitNormalization": "stabilise stabilize scale compare directions equal length",
    "GroupNormalization": "stabilise stabilize scale centre training steady small batches",
    "GaussianNoise": "prevent overfitting shake blur disturb generalise generalize",
    "GaussianDropout": "prevent overfitting shake disturb randomly generalise generalize",
    "ActivityRegularization": "prevent overfitting keep small quiet punish large outputs",
    "Dropout": "prevent overfitting forget randomly drop noise generalise generalize",
    "SpatialDropout1D": "prevent overfitting drop whole features channels noise generalise generalize",
    "Attention": "look back at all steps focus weigh align query value key encoder decoder context",
    "AdditiveAttention": "look back at all steps focus weigh align query value key bahdanau encoder decoder context",
    "MultiHeadAttention": "look back at all steps focus several heads weigh align query value key transformer self",
    "Flatten": "flatten time remove collapse unroll into one vector",
    "Reshape": "change fold split axes rearrange",
    "Permute": "swap turn transpose axes exchange time features",
    "RepeatVector": "copy repeat over time vector to sequence decode start expand",
    "ZeroPadding1D": "add empty steps longer same length before after",
    "Cropping1D": "remove drop steps beginning end shorter",
    "UpSampling1D": "longer more steps expand slow down",
    "Subtract": "compare change residual combine branches less",
    "Maximum": "choose stronger combine branches either or",
    "Minimum": "choose weaker combine branches both and",
    "Dot": "compare match scores how alike combine branches",
    "Concatenate": "join glue side by side combine branches",
    "Add": "sum skip residual shortcut combine branches plus",
    "Multiply": "gate attention scale product combine branches times",
    "Average": "ensemble mean combine branches",
}
"""Words for what a layer does with data, beyond its keywords, in the words of somebody who does not know its name."""

_EMPTY = frozenset(
    {"a", "an", "the", "to", "of", "that", "and", "or", "with", "for", "in", "on", "my", "it", "layer"}
)
_ENDINGS = ("ings", "ing", "ers", "er", "es", "ed", "s", "e")


def rank(entry: LayerType, query: str) -> int | None:
    """How well a layer type fits a query: 0 is best; None where it does not fit.

    Every word of the query that says something has to occur: in the name, in its capitals ("bi", "td"), in the
    keywords, in what the layer does, or in its family and summary.
    """
    words = query.casefold().split()
    joined = "".join(words)
    name = entry.kind.casefold()
    if name.startswith(joined):
        return 0
    if joined in name:
        return 1
    capitals = "".join(each for each in entry.kind if each.isupper() or each.isdigit()).casefold()
    if capitals.startswith(joined) and joined:
        return 2
    telling = [_stem(word) for word in words if word not in _EMPTY]
    if not telling:
        return None
    levels = _levels(entry.kind)
    reached = []
    for word in telling:
        found = next((place for place, level in enumerate(levels) if _occurs(word, level)), None)
        if found is None:
            return None
        reached.append(found)
    return 3 + max(reached)


def summary_line(entry: LayerType) -> str:
    """The summary's first sentence without its full stop, as short as a row wants it."""
    return entry.summary.split(". ")[0].rstrip(".")


@cache
def _levels(kind: str) -> tuple[frozenset[str], ...]:
    entry = CATALOG[kind]
    named = " ".join((kind, *entry.keywords))
    return tuple(
        frozenset(_stem(word) for word in re.findall(r"\w+", text.casefold()))
        for text in (named, _DOES.get(kind, ""), f"{entry.family.value} {entry.summary}")
    )


def _occurs(word: str, level: frozenset[str]) -> bool:
    return any(each.startswith(word) for each in level)


def _stem(word: str) -> str:
    """The word without its ending, so that "remembers" and "remembering" find "remember"."""
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word
