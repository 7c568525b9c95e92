"""What acts only while a model is trained, and is off while its values are watched: dropout and noise."""

from rnn_designer.design import Layer

_DROPPING = {"Dropout": "rate", "SpatialDropout1D": "rate"}
_NOISY = {"GaussianNoise": "stddev", "GaussianDropout": "rate"}
_INSIDE = ("dropout", "recurrent_dropout")
_OFF = "off while watching: what you see is what predict() gives. It acts only during training."


def off_words(layer: Layer) -> str:
    """What a box says of it in a word or two; empty where nothing of the kind is set."""
    if layer.kind in _DROPPING or layer.kind in _NOISY:
        return "off while watching"
    return "dropout off" if _drops(layer) else ""


def off_sentence(layer: Layer) -> str:
    """What a scope says of it; empty where nothing of the kind is set in the layer or inside it."""
    if layer.kind in _DROPPING and layer.value(_DROPPING[layer.kind]):
        return f"Dropout is {_OFF}"
    if layer.kind in _NOISY and layer.value(_NOISY[layer.kind]):
        return f"Noise is {_OFF}"
    inner = [each for each in layer.walk() if _drops(each)]
    if not inner:
        return ""
    return f"The dropout {'inside' if inner[0] is layer else f'of ‘{inner[0].name}’'} is {_OFF}"


def _drops(layer: Layer) -> bool:
    return any(name in layer.type.by_name and bool(layer.value(name)) for name in _INSIDE)
