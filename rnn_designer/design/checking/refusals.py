"""A refusal of the catalog as a problem, in the words that all its handlers share."""

from rnn_designer.catalog import RuleError
from rnn_designer.design.checking.context import Context, called, error
from rnn_designer.design.model import Layer
from rnn_designer.design.problems import Fix, Problem

WHY_SHAPES = (
    "Every layer is built for tensors of a certain form, and its weights for certain sizes. The shapes on "
    "the wires show what arrives: the batch axis first, then, for sequences, the time steps, and the "
    "features last."
)


def plain(context: Context, layer: Layer, refusal: RuleError, *fixes: Fix, why: str = "") -> Problem:
    """The rule's own sentence, with the name of the layer, or of its wrapper, that it speaks of."""
    text = str(refusal)
    for each in (layer, context.graph.owners.get(layer.id)):
        if each is not None and text.startswith(f"{each.kind} "):
            text = called(each) + text[len(each.kind) :]
            break
    return error(refusal.code, layer, text, *fixes, parameter=refusal.parameter, why=why or WHY_SHAPES)


def size_text(size: int | None) -> str:
    """The size of an axis as labels of fixes write it."""
    return "open" if size is None else str(size)
