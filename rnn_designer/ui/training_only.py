"""What acts only while a model is trained, and is off while its values are watched: dropout and noise."""

from rnn_designer.design import Layer

_INSIDE = ("dropout", "recurrent_dropout")
_OFF = "off while watching: what you see is what predict() gives. It acts only during training."


def off_words(layer: Layer) -> str:
    """What a box says of it in a word or two; empty where nothing of the kind is set."""
    if _acts(layer):
        return "off while watching"
    return "dropout off" if _drops(layer) else ""


def off_sentence(layer: Layer) -> str:
    """What a scope says of it; empty where nothing of the kind is set in the layer or inside it."""
    if _acts(layer):
        return f"{'Noise' if layer.kind == 'GaussianNoise' else 'Dropout'} is {_OFF}"
    inner = [each for each in layer.walk() if _drops(each) or _acts(each)]
    if not inner:
        return ""
    return f"The dropout {'inside' if inner[0] is layer else f'of ‘{inner[0].name}’'} is {_OFF}"


def _acts(layer: Layer) -> bool:
    """Whether the layer does nothing but drop values or add noise."""
    name = "stddev" if layer.kind == "GaussianNoise" else "rate" if "Dropout" in layer.kind else ""
    return bool(name) and bool(layer.value(name))


def _drops(layer: Layer) -> bool:
    return any(name in layer.type.by_name and bool(layer.value(name)) for name in _INSIDE)
