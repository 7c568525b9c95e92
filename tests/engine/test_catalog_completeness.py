"""Which of Keras' layers the catalog has, and why it leaves the others out."""

import keras

from rnn_designer.catalog import CATALOG

LEFT_OUT = {
    "is a base class, or what Keras makes of an Input by itself": ("Layer", "Wrapper", "InputLayer"),
    "runs code or loads files that a design must not bring along": (
        "Lambda",
        "TFSMLayer",
        "TorchModuleWrapper",
        "JaxLayer",
        "FlaxLayer",
    ),
    "works on texts, or has to read all data before it can be used; the sample data is prepared for that": (
        "TextVectorization",
        "StringLookup",
        "IntegerLookup",
        "Hashing",
        "HashedCrossing",
        "Discretization",
        "Normalization",
    ),
    "alters pictures at random or prepares them for training, outside of the model": (
        "AugMix",
        "AutoContrast",
        "CenterCrop",
        "ContrastLimitedAdaptiveHistogramEqualization",
        "CutMix",
        "Equalization",
        "MaxNumBoundingBoxes",
        "MixUp",
        "Pipeline",
        "RandAugment",
        "RandomBrightness",
        "RandomColorDegeneration",
        "RandomColorJitter",
        "RandomContrast",
        "RandomCrop",
        "RandomElasticTransform",
        "RandomErasing",
        "RandomFlip",
        "RandomGaussianBlur",
        "RandomGrayscale",
        "RandomHue",
        "RandomInvert",
        "RandomPerspective",
        "RandomPosterization",
        "RandomRotation",
        "RandomSaturation",
        "RandomSharpness",
        "RandomShear",
        "RandomTranslation",
        "RandomZoom",
        "Resizing",
        "Solarization",
    ),
    "is a lighter Conv2D for large networks on single pictures": ("DepthwiseConv2D", "SeparableConv2D"),
    "needs scipy, which TensorFlow does not bring": ("STFTSpectrogram",),
    "turns sound into pictures with axes of its own (features before time), before any layer for sequences": (
        "MelSpectrogram",
    ),
    "is a Dense by another spelling: Dense and Permute do for sequences what its equations say": (
        "EinsumDense",
    ),
    "is called in two ways, for ids and for vectors; Embedding and Dense do each": ("ReversibleEmbedding",),
    "scales another layer's kernel while training, for networks that judge pictures": (
        "SpectralNormalization",
    ),
    "is MultiHeadAttention with fewer keys, to save memory in language models of many layers": (
        "GroupedQueryAttention",
    ),
}
"""Layers that are not in the catalog, by the reason; whoever misses one moves it from here into an entry."""


def public_layers() -> set[str]:
    found = (getattr(keras.layers, name) for name in dir(keras.layers))
    return {
        each.__name__ for each in found if isinstance(each, type) and issubclass(each, keras.layers.Layer)
    }


def test_that_every_layer_of_keras_is_in_the_catalog_or_left_out_for_a_reason() -> None:
    reasons = [name for names in LEFT_OUT.values() for name in names]
    assert len(set(reasons)) == len(reasons)
    assert public_layers() - set(CATALOG) == set(reasons)


def test_that_the_catalog_has_nothing_that_keras_has_not() -> None:
    assert set(CATALOG) - public_layers() == {"Input", "CustomCell"}


def test_that_no_layer_that_reads_sequences_is_left_out() -> None:
    """By its name alone: everything for one axis, everything recurrent, every cell and every way to merge."""
    left_out = {name for names in LEFT_OUT.values() for name in names}
    assert not {name for name in left_out if name.endswith(("1D", "RNN", "LSTM", "GRU", "Cell", "Cells"))}
    merges = keras.src.layers.merging.base_merge.Merge
    assert not {name for name in left_out if issubclass(getattr(keras.layers, name, object), merges)}
