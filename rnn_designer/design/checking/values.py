"""Checks of single settings that any layer may have: dropout of everything, penalties of nothing, softmax over one."""

from collections.abc import Iterator

from rnn_designer.catalog import FrozenMap, Part, PartOf
from rnn_designer.catalog.parts import part_type
from rnn_designer.design.checking.context import Context, called, error, setting, warning
from rnn_designer.design.edits.layers import reset_parameter
from rnn_designer.design.model import Layer
from rnn_designer.design.problems import Fix, Problem

_FACTORS = ("l1", "l2", "factor")
_MATRIX_ONLY = {
    "Orthogonal": "initializer",
    "Identity": "initializer",
    "OrthogonalRegularizer": "regularizer",
}


def dropouts(context: Context) -> Iterator[Problem]:
    """A share of 1 drops everything."""
    for layer in context.layers:
        for name in ("rate", "dropout", "recurrent_dropout"):
            if name in layer.type.by_name and layer.value(name) == 1.0:
                yield warning(
                    "drops_everything",
                    layer,
                    f"{called(layer)} has {name.replace('_', ' ')} 1, which drops every number while "
                    "training. Choose a share below 1, such as 0.5.",
                    setting("Use 0.5", layer, name, 0.5),
                    parameter=name,
                    why="The rate is the share of numbers that are set to zero while training. With 1 "
                    "nothing is left to learn from, and Keras’ layers do not even agree: LSTM and GRU "
                    "ignore a rate of 1, SimpleRNN obeys.",
                )


def parts(context: Context) -> Iterator[Problem]:
    """Penalties without any effect, and parts that need a matrix, on a bias."""
    for layer in context.layers:
        for name, value in layer.params.items():
            parameter = layer.type.by_name.get(name)
            if parameter is None or not isinstance(parameter.type, PartOf) or not isinstance(value, Part):
                continue
            found = part_type(parameter.type.namespace, value.kind)
            if found is None:
                continue
            held = {each.name: value.params.get(each.name, each.default) for each in found.parameters}
            factors = [each for each in _FACTORS if each in held]
            if (
                parameter.type.namespace == "regularizers"
                and factors
                and not any(held[each] for each in factors)
            ):
                better = Part(value.kind, FrozenMap({**value.params, **dict.fromkeys(factors, 0.01)}))
                yield warning(
                    "penalty_of_nothing",
                    layer,
                    f"{called(layer)} has {parameter.label} {value.kind} with every factor 0, which does "
                    "nothing. Set a factor, or remove it.",
                    setting("Use a factor of 0.01", layer, name, better),
                    Fix("Remove it", reset_parameter(layer.id, name)),
                    parameter=name,
                    why="A regularizer adds its factor times the size of the weights to the loss. Keras’ "
                    "own factors for L1L2 are 0 and 0, so that “l1l2” by its bare name is no penalty at all.",
                )
            if value.kind in _MATRIX_ONLY and name.startswith("bias_") and not _bias_is_matrix(layer):
                yield error(
                    "needs_matrix",
                    layer,
                    f"{called(layer)} has {parameter.label} {value.kind}, which works on matrices, but its "
                    "bias is a single row. Choose another one.",
                    Fix("Use Keras’ own", reset_parameter(layer.id, name)),
                    parameter=name,
                    why="Orthogonal and Identity speak of rows that stand at right angles to each other, so "
                    "they need a weight with two axes. A bias has one, and Keras stops with an error when "
                    "it builds the layer.",
                )


def _bias_is_matrix(layer: Layer) -> bool:
    if "use_bias" in layer.type.by_name and not layer.value("use_bias"):
        return True  # There is no bias to make.
    return "reset_after" in layer.type.by_name and bool(layer.value("reset_after"))


def softmax_of_one(context: Context) -> Iterator[Problem]:
    """A softmax over a single unit is always 1."""
    for layer in context.layers:
        if (
            layer.type.recurrent
            or layer.type.cell
            or "activation" not in layer.type.by_name
            or layer.value("activation") != "softmax"
        ):
            continue
        output = context.output(layer)
        width = output.features if output is not None else layer.values().get("units")
        if width != 1:
            continue
        yield warning(
            "softmax_of_one",
            layer,
            f"{called(layer)} has softmax over a single unit, which is always 1. Use sigmoid for yes or no, "
            "linear for a number.",
            setting("Use sigmoid", layer, "activation", "sigmoid"),
            setting("Use linear", layer, "activation", "linear"),
            parameter="activation",
            why="softmax makes shares that add up to 1. With one unit its share is the whole, whatever the "
            "layer computed, and nothing can be learned. sigmoid gives the chance of a yes; linear gives "
            "any number.",
        )


RULES = (dropouts, parts, softmax_of_one)
