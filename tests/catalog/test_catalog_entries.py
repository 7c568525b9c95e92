import re
import subprocess
import sys

import pytest

from rnn_designer.catalog import CATALOG, REQUIRED, Family, LayerType, layer_type
from rnn_designer.catalog.parameters import GROUPS

ENTRIES = list(CATALOG.values())


def test_that_the_catalog_is_in_the_order_of_the_palette() -> None:
    order = [list(Family).index(entry.family) for entry in ENTRIES]
    assert order == sorted(order)
    assert set(Family) == {entry.family for entry in ENTRIES}
    assert all(kind == entry.kind for kind, entry in CATALOG.items())


def test_that_an_unknown_kind_is_named_in_a_sentence() -> None:
    with pytest.raises(KeyError, match="There is no layer type called “Lamda” in the catalog"):
        layer_type("Lamda")


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.kind)
def test_that_every_layer_explains_itself(entry: LayerType) -> None:
    assert entry.summary.endswith(".")
    assert len(entry.summary) <= 90
    prose, _, formula = entry.explanation.partition("\n\n")
    assert prose.endswith(".")
    assert formula
    assert entry.keywords
    assert entry.words(entry.defaults())


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.kind)
def test_that_every_parameter_explains_itself(entry: LayerType) -> None:
    for parameter in entry.parameters:
        assert parameter.explanation.endswith((".", ")")), parameter.name
        assert len(parameter.explanation) > 20, parameter.name
        assert not re.search(r"  |,,|\bTODO\b", parameter.explanation), parameter.name


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.kind)
def test_that_parameters_stand_group_by_group_and_once(entry: LayerType) -> None:
    groups = [GROUPS.index(parameter.group) for parameter in entry.parameters]
    assert groups == sorted(groups)
    names = [parameter.name for parameter in entry.parameters]
    assert len(set(names)) == len(names)
    assert not set(names) & {slot.name for slot in entry.slots}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.kind)
def test_that_defaults_and_first_values_are_values_that_the_parameter_takes(entry: LayerType) -> None:
    for parameter in entry.parameters:
        value = parameter.initial if parameter.default is REQUIRED else parameter.default
        accepted = parameter.type.accept(value)
        assert accepted == value, parameter.name
        assert type(accepted) is type(value), parameter.name


def test_that_recurrent_layers_name_their_states_and_gates() -> None:
    def signals(kind: str) -> list[tuple[str, str]]:
        entry = CATALOG[kind]
        return [(each.path, each.symbol) for each in (*entry.states, *entry.gates)]

    assert signals("SimpleRNN") == [("state/h", "h")]
    assert signals("GRU") == [
        ("state/h", "h"),
        ("gate/update", "z"),
        ("gate/reset", "r"),
        ("gate/candidate", "h̃"),
    ]
    assert signals("LSTM") == [
        ("state/h", "h"),
        ("state/c", "c"),
        ("gate/input", "i"),
        ("gate/forget", "f"),
        ("gate/candidate", "g"),
        ("gate/output", "o"),
    ]
    convolutional = [f"ConvLSTM{rank}D" for rank in (1, 2, 3)]
    assert [entry.kind for entry in ENTRIES if entry.recurrent] == [
        "SimpleRNN",
        "LSTM",
        "GRU",
        "RNN",
        *convolutional,
    ]
    assert all(signals(kind) == signals("LSTM") for kind in convolutional)


def test_that_a_new_layer_carries_only_what_has_no_default() -> None:
    assert CATALOG["LSTM"].new_params() == {"units": 32}
    assert CATALOG["Input"].new_params() == {"shape": (None, 1)}
    assert CATALOG["Bidirectional"].new_params() == {}


@pytest.mark.parametrize(
    ("kind", "params", "words"),
    [
        ("LSTM", {"units": 64, "return_sequences": True}, "64 units · sequences"),
        ("GRU", {"units": 1}, "1 unit · last output"),
        (
            "SimpleRNN",
            {"go_backwards": True, "return_state": True},
            "32 units · last output · backwards · states",
        ),
        ("Dense", {"units": 1, "activation": "softmax"}, "1 unit · softmax"),
        ("Dropout", {"rate": 0.2}, "rate 0.2"),
        ("Input", {"shape": (None, 3)}, "time×3"),
        ("Input", {"shape": (None,), "dtype": "int32", "batch_size": 8}, "time · batch of 8"),
        ("Input", {"shape": ()}, "one number per sample"),
        ("Embedding", {"mask_zero": True}, "1000 ids → 32 · 0 is padding"),
        ("Bidirectional", {"merge_mode": None}, "forward + backward · side by side"),
        ("Conv1D", {"kernel_size": (5,), "strides": 2}, "32 filters · window of 5 · every 2 steps"),
        ("Reshape", {"target_shape": (-1, 3)}, "to rest×3"),
        ("Permute", {"dims": (1, 3, 2)}, "axes 1, 3, 2"),
        ("MaxPooling1D", {"strides": 1, "padding": "same"}, "window of 2 · every 1 · same"),
        ("Concatenate", {"axis": 1}, "along axis 1"),
        ("ReLU", {"max_value": 6.0, "negative_slope": 0.1}, "from 0 to 6 · slope 0.1 below"),
        ("PReLU", {"shared_axes": (1,)}, "slope shared along axis 1"),
        ("GroupNormalization", {"groups": -1}, "every feature by itself"),
        ("Cropping1D", {"cropping": (0, 3)}, "0 in front · 3 behind"),
        ("ActivityRegularization", {"l2": 0.01}, "L2 0.01"),
        ("DepthwiseConv1D", {"strides": 2}, "window of 3 · every 2 steps"),
        ("Dot", {"normalize": True}, "over the features · cosine"),
        ("ConvLSTM2D", {"kernel_size": (3, 5)}, "8 filters · window of 3×5 · last output"),
        ("Conv2D", {"strides": (2, 1)}, "32 filters · window of 3×3 · every 2×1"),
        ("MaxPooling2D", {"pool_size": 3, "strides": 1}, "window of 3×3 · every 1×1"),
        ("Masking", {"mask_value": -1.0}, "skip steps of -1"),
        ("RNN", {"return_sequences": True}, "its cell at every step · sequences"),
        ("LSTMCell", {"units": 5}, "5 units · one step"),
        ("StackedRNNCells", {}, "one above the other"),
        ("Cropping2D", {"cropping": ((1, 2), (0, 0))}, "1+2×0 at each edge"),
        ("ZeroPadding3D", {"padding": 2}, "2×2×2 at each edge"),
        ("UpSampling2D", {"interpolation": "bilinear"}, "2×2 times as large · bilinear"),
        ("AdaptiveAveragePooling1D", {"output_size": 3}, "to 3 steps"),
        ("CategoryEncoding", {"num_tokens": 9, "output_mode": "one_hot"}, "one-hot · 9 ids"),
    ],
)
def test_that_the_line_on_a_box_says_what_matters(kind: str, params: dict[str, object], words: str) -> None:
    entry = CATALOG[kind]
    assert entry.words(entry.complete(params)) == words  # type: ignore[arg-type]


def test_that_the_catalog_loads_without_keras_qt_and_numpy() -> None:
    program = (
        "import sys, rnn_designer.catalog; "
        "print([name for name in ('keras', 'tensorflow', 'PySide6', 'numpy', 'pydantic') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=300, check=True
    )
    assert done.stdout.strip() == "[]"
