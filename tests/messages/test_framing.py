import contextlib
import json
from typing import get_args

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnn_designer.framing import BrokenFrame, FrameReader, encode
from rnn_designer.messages import (
    Analyse,
    Analysis,
    Build,
    Built,
    Cancel,
    Describe,
    Description,
    Evaluate,
    Evaluated,
    Failure,
    Generate,
    Hello,
    Message,
    ModelRead,
    PlannedLayer,
    Progress,
    ReadModel,
    ReadTable,
    Run,
    Saved,
    SaveWeights,
    Steer,
    Table,
    Trace,
    Train,
    Trained,
    TrainEpoch,
    TrainStep,
)

CHILD = PlannedLayer("m", "memory", "LSTM")
ONE_OF_EACH = [
    Hello({"keras": "3.15.1"}, "CPU", 12),
    Build(
        3,
        "import keras\n# ž “\n",
        (
            PlannedLayer("b", "bi", "Bidirectional", (CHILD, CHILD)),
            PlannedLayer("i", "in", "Input"),
            PlannedLayer("t", "again", "LSTM", (), "m"),
        ),
        {1: "b", 20: "i"},
        -7,
        {"m/kernel": numpy.arange(6, dtype="float32").reshape(2, 3), "m/backward/bias": numpy.float32([1])},
    ),
    Built(3, {"b": 12}, {"m/kernel": numpy.ones((1, 0, 2), "float32")}, 0.25),
    Run(4, {"series": numpy.ones((2, 3, 1), "float32"), "tokens": numpy.int32([[1, 2, 3]])}),
    Trace(
        4,
        {
            "memory/mask": numpy.array([[True, False, True]]),
            "memory/state/h": numpy.float32([[[numpy.nan, numpy.inf, -0.0]]]),
            "ids/result": numpy.int64([2**40]),
        },
        {"m": "memory"},
        0.5,
    ),
    Run(5, {"series": numpy.ones((1, 1), "float32")}, True, 3),
    Trace(6, {"x/result": numpy.zeros(3, "float32")}, {"m": "x"}, 0.5, training=True),
    Progress(4, None, "Building"),
    Progress(4, 0.5, ""),
    Failure(4, "Received 2, expected 3; change it.", None, "Traceback"),
    Failure(4, "No.", "m"),
    Cancel(4),
    SaveWeights(5),
    Saved(5, numpy.frombuffer(b"\x89HDF", dtype="uint8")),
    Describe(6, "layers.LSTM"),
    Description(6, "layers.LSTM", "A layer.", "", {"units": "How many."}),
    ReadTable(6, "/tmp/žluť.csv", ("a", "b")),
    Table(6, numpy.float32(3.0), ("a",), ("a", "b"), ("Separator is ';'.",)),
    ReadModel(6, "/tmp/žluť.keras"),
    ModelRead(6, "{}\n", {"m/kernel": numpy.ones((2, 3), "float32")}, ("“m” is an inert box: it is code.",)),
    Generate(7, {"series": numpy.ones((1, 2, 1), "float32")}, 3),
    Analyse(8, "saturation", "m", {"backward": 1.0}),
    Analysis(8, "saturation", "m", {"count": numpy.float32([1, 2])}, {"activation": "tanh"}, 0.1),
    Train(
        9,
        "import keras\n",
        (CHILD,),
        {1: "m"},
        3,
        {"m/bias": numpy.float32([1])},
        {"series": numpy.ones((2, 3, 1), "float32")},
        {"dense": numpy.int32([0, 1])},
        first_epoch=2,
        state={"optimizer/0/iterations": numpy.int64([4])},
        best=0.25,
        best_epoch=1,
    ),
    Steer(9, "pause"),
    TrainStep(9, 3, 1, 2, {"loss": 0.5}, {"loss": numpy.float32([numpy.nan])}, {"m": 0.1}, 1e-3, 0.2, True),
    TrainEpoch(
        9,
        3,
        {"loss": 0.5},
        {"m/bias": numpy.float32([2])},
        {},
        {},
        {"m/state/h": numpy.float32([0, 1])},
        1,
        2.0,
    ),
    Trained(9, "early", "Ended.", 3, 1),
    Evaluate(10, "import keras\n", (CHILD,), {}, 3, {}, {}, {"dense": numpy.float32([[1.5]])}),
    Evaluated(10, {"loss": 0.1}, {"dense": numpy.float32([[1.0]])}, 0.3),
]


def raw(message: object) -> bytes:
    return b"".join(bytes(chunk) for chunk in encode(message))  # type: ignore[arg-type]


def frame(header: object, body: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "big") + text + body


def same(one: object, other: object) -> bool:
    if isinstance(one, numpy.ndarray | numpy.generic):
        assert isinstance(other, numpy.ndarray)
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, dict):
        assert isinstance(other, dict)
        return list(one) == list(other) and all(same(one[key], other[key]) for key in one)
    if hasattr(one, "__dict__"):
        return type(one) is type(other) and same(vars(one), vars(other))
    return one == other


def test_that_every_kind_of_message_is_tried_here() -> None:
    assert {type(message) for message in ONE_OF_EACH} == set(get_args(Message))


@pytest.mark.parametrize("message", ONE_OF_EACH, ids=lambda message: type(message).__name__)
def test_that_a_message_comes_out_as_it_went_in(message: object) -> None:
    (received,) = FrameReader().feed(raw(message))
    assert same(message, received)


@pytest.mark.parametrize("size", [1, 7, 8, 9, 1000])
def test_that_the_size_of_the_pieces_does_not_matter(size: int) -> None:
    stream = b"".join(map(raw, ONE_OF_EACH))
    reader = FrameReader()
    received = []
    for start in range(0, len(stream), size):
        received.extend(reader.feed(stream[start : start + size]))
    assert all(same(one, other) for one, other in zip(ONE_OF_EACH, received, strict=True))
    assert reader.empty


def test_that_arrays_out_of_a_frame_are_aligned_and_cannot_be_changed() -> None:
    (trace,) = FrameReader().feed(raw(ONE_OF_EACH[4]))
    assert isinstance(trace, Trace)
    for array in trace.arrays.values():
        assert array.flags.aligned
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_that_an_array_that_is_not_contiguous_is_sent_whole() -> None:
    array = numpy.arange(24, dtype="float32").reshape(2, 3, 4)[:, ::-1, ::2]
    (run,) = FrameReader().feed(raw(Run(1, {"x": array})))
    assert isinstance(run, Run)
    assert numpy.array_equal(run.inputs["x"], array)


def test_that_half_a_frame_gives_nothing_yet() -> None:
    reader = FrameReader()
    whole = raw(ONE_OF_EACH[3])
    assert reader.feed(whole[:-1]) == []
    assert not reader.empty
    assert len(reader.feed(whole[-1:])) == 1


@pytest.mark.parametrize("dtype", ["float64", "float16", "complex64", "object", "<U3", "uint16", ">f4"])
def test_that_an_array_of_another_type_is_refused_before_it_is_sent(dtype: str) -> None:
    with pytest.raises(BrokenFrame, match="float32, int32, int64, bool, uint8"):
        encode(Run(1, {"x": numpy.zeros(3, dtype=dtype)}))


def test_that_a_message_over_the_limits_is_refused_before_it_is_sent() -> None:
    with pytest.raises(BrokenFrame, match="at most 1,000"):
        encode(Run(1, {"x": numpy.zeros(300, "float32")}), max_total=1000)
    with pytest.raises(BrokenFrame, match="at most 1,000"):
        encode(Failure(1, "x" * 2000), max_header=1000)


GOOD = {"type": "Cancel", "fields": {"run": 1}, "arrays": []}
RUN = {"type": "Run", "fields": {"run": 1, "inputs": None}, "arrays": [["inputs", "x", "float32", [2]]]}


def changed(header: dict[str, object], **parts: object) -> dict[str, object]:
    return {**header, **parts}


def with_array(*entry: object) -> dict[str, object]:
    return changed(RUN, arrays=[list(entry)])


@pytest.mark.parametrize(
    "data",
    [
        b"\xff" * 8,
        (10 * 2**30).to_bytes(8, "big"),
        (0).to_bytes(8, "big"),
        (1).to_bytes(8, "big"),
        b"hello, this is no frame at all",
        frame(b"{]"),
        frame(b"\xff\xfe"),
        frame(b"[" * 100_000),
        frame(b'{"type": NaN}'),
        frame([]),
        frame({}),
        frame(changed(GOOD, more=1)),
        frame(changed(GOOD, type="Pickle")),
        frame(changed(GOOD, type=["Cancel"])),
        frame(changed(GOOD, fields={})),
        frame(changed(GOOD, fields={"run": 1, "path": "/etc"})),
        frame(changed(GOOD, fields={"run": "1"})),
        frame(changed(GOOD, fields={"run": True})),
        frame(changed(GOOD, fields={"run": 1.0})),
        frame(changed(GOOD, fields={"run": 2**80})),
        frame(changed(GOOD, fields=[1])),
        frame(changed(GOOD, arrays={})),
        frame(changed(GOOD, arrays=[["run", None, "float32", [1]]])),
        frame(with_array("inputs", "x", "object", [2])),
        frame(with_array("inputs", "x", "float64", [2])),
        frame(with_array("inputs", "x", ["float32"], [2])),
        frame(with_array("inputs", None, "float32", [2])),
        frame(with_array("inputs", 3, "float32", [2])),
        frame(with_array("inputs", "x", "float32", [-1])),
        frame(with_array("inputs", "x", "float32", [1.0])),
        frame(with_array("inputs", "x", "float32", [True])),
        frame(with_array("inputs", "x", "float32", 2)),
        frame(with_array("inputs", "x", "float32", [1] * 17)),
        frame(with_array("inputs", "x", "float32", [2**31])),
        frame(with_array("inputs", "x", "float32", [2**40, 2**40])),
        frame(with_array("inputs", "x", "float32", [0, 2**47, 2**47])),
        frame(with_array("inputs", "x", "float32")),
        frame(with_array("other", "x", "float32", [2])),
        frame(with_array(["inputs"], "x", "float32", [2])),
        frame(changed(RUN, arrays=[["inputs", "x", "float32", [0]], ["inputs", "x", "float32", [0]]])),
        frame({"type": "Saved", "fields": {"run": 1}, "arrays": []}),
        frame(
            {
                "type": "Failure",
                "fields": {"run": 1, "sentence": 2, "layer": None, "detail": ""},
                "arrays": [],
            }
        ),
    ],
)
def test_that_bytes_that_are_no_frame_are_refused_for_good(data: bytes) -> None:
    reader = FrameReader()
    with pytest.raises(BrokenFrame):
        reader.feed(data)
    with pytest.raises(BrokenFrame):
        reader.feed(raw(Cancel(1)))


def test_that_messages_before_the_broken_bytes_are_not_half_read() -> None:
    reader = FrameReader()
    assert reader.feed(raw(Cancel(1))) == [Cancel(1)]
    with pytest.raises(BrokenFrame):
        reader.feed(b"\xff" * 9)


def test_that_a_plan_nested_without_end_is_refused() -> None:
    layer: list[object] = ["i", "n", "k", []]
    for _ in range(40):
        layer = ["i", "n", "k", [layer]]
    fields = {"run": 1, "source": "", "layers": [layer], "layer_of_line": {}, "seed": 0, "weights": None}
    with pytest.raises(BrokenFrame, match="children"):
        FrameReader().feed(frame({"type": "Build", "fields": fields, "arrays": []}))


@pytest.mark.parametrize("training", [1, 0, None, "true", []])
def test_that_only_true_and_false_are_truth_values(training: object) -> None:
    fields = {"run": 1, "inputs": None, "training": training, "draw": 0, "clamps": None}
    with pytest.raises(BrokenFrame, match="bool"):
        FrameReader().feed(frame({"type": "Run", "fields": fields, "arrays": []}))


def test_that_a_frame_over_the_readers_own_limit_is_refused_before_its_body_comes() -> None:
    reader = FrameReader(max_total=1000)
    head, *_ = encode(Run(1, {"x": numpy.zeros(300, "float32")}))
    with pytest.raises(BrokenFrame, match="at most 1,000"):
        reader.feed(head)


@given(st.binary(max_size=300))
@settings(max_examples=300, deadline=None)
def test_that_arbitrary_bytes_only_ever_raise_broken_frame(data: bytes) -> None:
    reader = FrameReader()
    try:
        for position in range(0, len(data), 5):
            reader.feed(data[position : position + 5])
    except BrokenFrame:
        pass


@given(st.sampled_from(range(len(ONE_OF_EACH))), st.integers(0, 10**6), st.integers(0, 255))
@settings(max_examples=500, deadline=None)
def test_that_one_changed_byte_gives_a_message_or_broken_frame(which: int, place: int, value: int) -> None:
    data = bytearray(raw(ONE_OF_EACH[which]))
    data[place % len(data)] = value
    with contextlib.suppress(BrokenFrame):
        FrameReader().feed(data)


_PLAIN = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
_NESTED = st.lists(_PLAIN, max_size=4) | st.dictionaries(st.text(max_size=6), _PLAIN, max_size=4)
_ANY = _PLAIN | _NESTED
JSON = _ANY | st.lists(_ANY, max_size=4) | st.dictionaries(st.text(max_size=6), _ANY, max_size=4)


@given(
    st.sampled_from(["Build", "Run", "Trace", "Table", "Failure", "Hello"]),
    JSON,
    st.dictionaries(st.sampled_from(["run", "inputs", "layers", "arrays", "seconds", "sentence"]), JSON),
)
@settings(max_examples=300, deadline=None)
def test_that_arbitrary_headers_only_ever_raise_broken_frame(
    kind: str, arrays: object, values: dict[str, object]
) -> None:
    with contextlib.suppress(BrokenFrame):
        FrameReader().feed(frame({"type": kind, "fields": values, "arrays": arrays}, b"\0" * 64))
