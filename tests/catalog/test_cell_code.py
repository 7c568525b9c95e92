"""Custom cells are read from their text alone: arguments, states, and every fault with its place."""

import random
import subprocess
import sys

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rnn_designer.catalog import REQUIRED, Activation, Call, Choice, Flag, FrozenMap, Integer, Number, Part
from rnn_designer.catalog.cell_code import LONGEST_CODE, CodeFault, read_cell
from rnn_designer.catalog.cell_templates import cell_templates
from rnn_designer.catalog.code_parameters import Plain, Text
from rnn_designer.catalog.entries.custom import CUSTOM_CELL
from rnn_designer.catalog.tensors import Step, TensorSpec
from rnn_designer.catalog.types import RuleError

CELL = '''import keras
from keras import layers, ops

SCALE = 2


def squash(x):
    return ops.tanh(x)


class Leaky(layers.Layer):
    """A leaky cell.

    Args:
        units (int): How many.
        leak: How fast
            it forgets.
    """

    state_names = ("h", "memory")

    def __init__(self, units, leak=0.5, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.leak = leak
        self.state_size = [units, SCALE * units]
        self.output_size = units

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), name="kernel")

    def call(self, inputs, states):
        h, memory = states
        h = squash(ops.matmul(inputs, self.kernel) + self.leak * h)
        return h, [h, memory]

    def get_config(self):
        return {**super().get_config(), "units": self.units, "leak": self.leak}
'''


def changed(*replacements: tuple[str, str]) -> str:
    code = CELL
    for old, new in replacements:
        assert old in code
        code = code.replace(old, new)
    return code


def fault_of(code: str) -> CodeFault:
    with pytest.raises(CodeFault) as caught:
        read_cell(code)
    return caught.value


CODE_WITH_A_ROW = """
class Rows(keras.layers.Layer):
    def __init__(self, sizes=(2, 3), **kwargs):
        super().__init__(**kwargs)
        self.sizes = sizes
        self.state_size = [sizes[0], sizes[1]]

    def call(self, inputs, states):
        return states[0], states

    def get_config(self):
        return {**super().get_config(), "sizes": self.sizes}
"""


def test_that_arguments_states_and_place_are_read_from_the_text() -> None:
    cell = read_cell(CELL)

    assert cell.class_name == "Leaky"
    assert [(each.name, each.default, each.explanation) for each in cell.arguments] == [
        ("units", REQUIRED, "How many."),
        ("leak", 0.5, "How fast it forgets."),
    ]
    assert cell.arguments[0].type == Integer(minimum=1)
    assert cell.arguments[1].type == Number()
    assert cell.states({"units": 3}) == (("h", (3,)), ("memory", (6,)))
    assert cell.output_size({"units": 3}) == 3
    assert (cell.line, cell.end_line) == (11, CELL.count("\n"))
    assert cell.defined == ("keras", "layers", "ops", "SCALE", "squash", "Leaky")
    assert not cell.registered
    assert not cell.single


def test_that_a_decorator_counts_as_registration_and_as_part_of_the_class() -> None:
    cell = read_cell(
        changed(("class Leaky", "@keras.saving.register_keras_serializable(package='own')\nclass Leaky"))
    )
    assert cell.registered
    assert (cell.line, cell.class_line) == (11, 12)


@pytest.mark.parametrize(
    ("written", "states", "single"),
    [
        ("units", (4,), True),
        ("[units]", (4,), False),
        ("(units, 2 * units)", (4, 8), False),
        ("[units] * 3", (4, 4, 4), False),
        ("[units, units // 2 + 1]", (4, 3), False),
        ("[units] + [1]", (4, 1), False),
        ("max(units, 7)", (7,), True),
        ("[units, SCALE]", (4, 2), False),
        ("self.units", (4,), True),
        ("[self.units, self.units - 1]", (4, 3), False),
        ("units if leak else 1", (4,), True),
        ("int(units * 1.5)", (6,), True),
    ],
)
def test_that_state_size_may_be_an_expression_over_arguments(
    written: str, states: tuple[int, ...], single: bool
) -> None:
    code = changed(
        ("[units, SCALE * units]", written),
        ('    state_names = ("h", "memory")\n\n', ""),
        ("        h, memory = states\n", "        h = states[0]\n"),
        ("return h, [h, memory]", f"return h, [h] * {len(states)}"),
    )
    cell = read_cell(code)
    assert cell.states({"units": 4}) == tuple((str(k), (size,)) for k, size in enumerate(states))
    assert cell.single is single


def test_that_sizes_may_come_from_properties_class_attributes_and_branches() -> None:
    code = """
import keras

class Base(keras.layers.Layer):
    factor = 2

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    @property
    def state_size(self):
        if self.units > 10:
            return [self.units]
        return [self.units, self.units * self.factor]

    def get_config(self):
        return {**super().get_config(), "units": self.units}

class Own(Base):
    factor = 3

    def __init__(self, units=5, deep=True, **kwargs):
        super().__init__(units, **kwargs)
        self.deep = deep
        if deep:
            self.output_size = units + 1
        else:
            self.output_size = units

    def call(self, inputs, states):
        return self.step(inputs, states)

    def step(self, inputs, states):
        return inputs, states

    def get_config(self):
        return {**super().get_config(), "deep": self.deep}
"""
    cell = read_cell(code)
    assert cell.class_name == "Own"
    assert cell.states() == (("0", (5,)), ("1", (15,)))
    assert cell.states({"units": 11}) == (("0", (11,)),)
    assert (cell.output_size(), cell.output_size({"deep": False})) == (6, 5)


def test_that_the_first_state_is_the_output_where_none_is_named() -> None:
    assert read_cell(changed(("        self.output_size = units\n", ""))).output_size({"units": 9}) == 9


@pytest.mark.parametrize(
    ("written", "expected", "default"),
    [
        ("leak: int = 3", Integer(), 3),
        ("leak: float = 1", Number(), 1.0),
        ("leak: int | None = None", Integer(optional=True), None),
        ("leak: 'float | None' = None", Number(optional=True), None),
        ("leak=True", Flag(), True),
        ("leak='abc'", Text(), "abc"),
        ("leak: Literal['a', 'b'] = 'b'", Choice(("a", "b")), "b"),
        ("leak=None", Plain(), None),
        ("leak=(1, 2)", Plain(), (1, 2)),
        ("leak=SCALE", Integer(), 2),
        ("leak", Number(), REQUIRED),
    ],
)
def test_that_types_follow_from_annotations_and_defaults(
    written: str, expected: object, default: object
) -> None:
    code = changed(("leak=0.5", written), ("import keras\n", "import keras\nfrom typing import Literal\n"))
    argument = read_cell(code).argument("leak")
    assert argument is not None
    assert (argument.type, argument.default) == (expected, default)


def test_that_an_activation_is_known_by_its_name() -> None:
    code = changed(("leak=0.5", "activation='relu'"), ("leak", "activation"), ("Leaky", "Own"))
    argument = read_cell(code.replace("activationy", "leaky")).argument("activation")
    assert argument is not None
    assert argument.type == Activation(optional=False, recurrent=True)


def test_that_an_argument_whose_default_is_an_object_keeps_it() -> None:
    cell = read_cell(changed(("leak=0.5", "leak=keras.initializers.Zeros()")))
    assert [each.name for each in cell.arguments] == ["units"]
    assert cell.fixed == ("leak",)


def test_that_arguments_of_every_layer_are_none_of_the_cells_own() -> None:
    cell = read_cell(
        changed(
            ("leak=0.5", "leak=0.5, name=None"),
            ("super().__init__(**kwargs)", "super().__init__(name=name, **kwargs)"),
        )
    )
    assert [each.name for each in cell.arguments] == ["units", "leak"]


_FAULTS = [
    ("syntax", ("h, memory = states", "h, memory = = states"), "cannot read", 33),
    ("indentation", ("        h, memory = states", "   h, memory = states"), "cannot read", 33),
    ("return outside", ("SCALE = 2", "SCALE = 2\nreturn 3"), "cannot read", 5),
    ("no layer", ("layers.Layer", "object"), "derived from keras.layers.Layer, got one derived from object", 11),
    ("abstract", ("layers.Layer", "layers.AbstractRNNCell"), "which Keras 3 does not have", 11),
    ("built-in", ("layers.Layer", "layers.LSTMCell"), "Derive it from keras.layers.Layer", 11),
    ("tf.keras", ("layers.Layer", "tf.keras.layers.Layer"), "Expected Keras 3, got tf.keras", 11),
    ("old import", ("import keras\n", "from tensorflow import keras\n"), "Expected Keras 3, got tensorflow.keras", 1),
    ("future", ("import keras\n", "from __future__ import annotations\n"), "__future__", 1),
    ("no state_size", ("self.state_size = [units, SCALE * units]", "pass"), "has no state_size", 11),
    ("unreadable size", ("SCALE * units", "len(dir())"), "can be read from the text", 26),
    ("zero size", ("SCALE * units", "SCALE - 2"), "positive whole number", 26),
    ("no call", ("def call", "def forward"), "a method call(self, inputs, states)", 11),
    ("one argument", ("inputs, states)", "inputs)"), "got call(self, inputs)", 32),
    ("extra argument", ("inputs, states)", "inputs, states, mask)"), "“mask”", 32),
    ("one value", ("return h, [h, memory]", "return h + 1"), "two values", 35),
    ("one value by name", ("return h, [h, memory]", "out = ops.tanh(h)\n        return out"), "two values", 36),
    ("three values", ("return h, [h, memory]", "return h, h, memory"), "got 3", 35),
    ("too few states", ("return h, [h, memory]", "return h, [h]"), "list of 2 new states", 35),
    ("no return", ("        return h, [h, memory]\n", ""), "no return at all", 32),
    ("a generator", ("return h, [h, memory]", "yield h\n        return h, [h, memory]"), "yield", 35),
    ("no get_config", ("def get_config", "def config"), "Expected a method get_config", 11),
    ("config lacks one", (', "leak": self.leak', ""), "without “leak”", 37),
    ("unused argument", ("        self.leak = leak\n", ""), "“leak” left unused", 22),
    ("no kwargs", (", **kwargs):", "):"), "to take **kwargs", 22),
    ("kwargs lost", ("super().__init__(**kwargs)", "super().__init__()"), "given **kwargs", 23),
    ("no super", ("super().__init__(**kwargs)", "pass"), "call super().__init__", 22),
    ("star arguments", ("leak=0.5, ", "*leak, "), "by name", 22),
    ("names", ('("h", "memory")', '("h",)'), "for each of the 2 states", 20),
    ("name twice", ('("h", "memory")', '("h", "h")'), "different short name", 20),
    ("name of a port", ('("h", "memory")', '("h", "output")'), "different short name", 20),
    ("unknown name", ("squash(ops", "squish(ops"), "“squish”", 34),
    ("missing import", ("import layers, ops", "import layers"), "from keras import ops", 8),
    ("reserved name", ("SCALE", "build_model"), "“build_model”", 11),
    ("bad default", ("leak=0.5", "leak: int = 'x'"), "does not fit its type int", 22),
    ("direction", ("SCALE = 2", "SCALE = 2  # \u202e"), "U+202E", 4),
    ("null", ("SCALE = 2", "SCALE = 2\0"), "U+0000", 4),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "words", "line"), [each[1:] for each in _FAULTS], ids=[e[0] for e in _FAULTS]
)
def test_that_a_fault_is_named_with_its_place(change: tuple[str, str], words: str, line: int) -> None:
    fault = fault_of(changed(change))
    assert words in fault.sentence
    assert fault.sentence.startswith(("Expected", "The "))
    assert fault.sentence.endswith(".")
    assert fault.line == line
    assert str(fault) == fault.sentence


def test_that_nothing_and_no_class_are_faults_with_advice() -> None:
    assert "template" in fault_of("  \n").sentence
    assert "template" in fault_of("x = 1").sentence
    assert "64 KiB" in fault_of("#" * (LONGEST_CODE + 1)).sentence


def test_that_columns_count_characters() -> None:
    fault = fault_of(changed(("SCALE = 2", 'OTHER = "äöü", nothing\nSCALE = 2')))
    assert (fault.line, fault.column) == (4, len('OTHER = "äöü", '))


def test_that_numbers_that_python_takes_for_equal_are_told_apart_each_time() -> None:
    sized = CODE_WITH_A_ROW
    params = CUSTOM_CELL.complete({"code": sized, "arguments": Part("Rows", FrozenMap(sizes=(2, 3)))})
    step = Step((None, 4))
    good = Call(CUSTOM_CELL, params, (step,))
    wrong = Call(CUSTOM_CELL, params | {"arguments": Part("Rows", FrozenMap(sizes=(2.0, 3)))}, (step,))
    for _time in range(2):
        assert good.outputs() == (TensorSpec((None, 2)),)
        with pytest.raises(RuleError, match="positive whole number"):
            wrong.outputs()


def test_that_a_fault_is_the_same_the_second_time() -> None:
    code = changed(("def call", "def forward"))
    first, second = fault_of(code), fault_of(code)
    assert first is not second
    assert (first.sentence, first.line, first.column) == (second.sentence, second.line, second.column)


@pytest.mark.parametrize(
    "code",
    [
        "(" * 5000,
        "-" * 60_000 + "1",
        "x = " + "[" * 150 + "]" * 150,
        "x" + ".y" * 25_000,
        "class A(" + "B, " * 10_000 + "):\n  pass",
        "x = " + "1 + " * 12_000 + "1",
        "lambda: " * 3000 + "1",
        "9" * 60_000,
        "if x:\n" * 90,
        "class A(A):\n    def call(self): pass",
        "\ud800",
    ],
    ids=range(11),
)
def test_that_monstrous_texts_only_give_faults(code: str) -> None:
    assert fault_of(code).sentence


def test_that_sizes_that_would_take_for_ever_are_given_up() -> None:
    for written in ("[1] * 10**9", "[units] * 99999999", "9**9**9", "units * " * 60 + "1"):
        assert fault_of(changed(("SCALE * units", written))).sentence
    code = changed(
        ("SCALE * units", "self.turn"),
        ("def build", "@property\n    def turn(self):\n        return self.turn\n\n    def build"),
    )
    assert "can be read from the text" in fault_of(code).sentence


_WORDS = (
    "self",
    "units",
    "None",
    "return",
    "class",
    "def",
    "lambda:",
    "yield",
    "async",
    "if",
    "for",
    "super()",
)
_ALPHABET = st.sampled_from(
    [*"()[]:, \n=*@'\\0-.é\x0c\u2028", "    ", "**", '"""', *(f"{word} " for word in _WORDS)]
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    base=st.sampled_from([CELL, *(each.code for each in cell_templates())]),
    cuts=st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 40), st.lists(_ALPHABET, max_size=4)), max_size=6
    ),
)
def test_that_mutated_texts_are_read_or_give_a_fault(
    base: str, cuts: list[tuple[float, int, list[str]]]
) -> None:
    code = base
    for where, length, inserted in cuts:
        at = int(where * len(code))
        code = code[:at] + "".join(inserted) + code[at + length :]
    _read_quietly(code)


def test_that_texts_with_lines_shuffled_or_doubled_are_read_or_give_a_fault() -> None:
    chance = random.Random(4)
    for template in cell_templates():
        for _ in range(60):
            lines = template.code.split("\n")
            for _ in range(chance.randint(1, 5)):
                at, to = chance.randrange(len(lines)), chance.randrange(len(lines))
                lines[at], lines[to] = (
                    (lines[to], lines[at]) if chance.random() < 0.5 else (lines[at], lines[at])
                )
            _read_quietly("\n".join(lines))


def _read_quietly(code: str) -> None:
    fault = None
    try:
        cell = read_cell(code)
    except CodeFault as error:
        fault = error
    if fault is not None:
        assert fault.sentence.endswith((".", "?"))
        assert fault.line >= 1
        assert fault.column >= 0
        return
    assert all(size > 0 for _, sizes in cell.states() for size in sizes)
    assert cell.output_size() > 0


def test_that_reading_never_runs_the_code(tmp_path: object) -> None:
    script = (
        "import sys\n"
        "from rnn_designer.catalog.cell_code import read_cell\n"
        "from rnn_designer.catalog.cell_templates import cell_templates\n"
        "code = 'import evil_module_that_must_not_load\\nprint(1 / 0)\\n' + cell_templates()[0].code\n"
        "print(read_cell(code).class_name)\n"
        "assert 'keras' not in sys.modules and 'numpy' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.stdout.strip(), done.returncode) == ("MinimalCell", 0), done.stderr


def test_that_arguments_are_carried_over_to_changed_code() -> None:
    cell = read_cell(CELL)
    before = Part("Other", FrozenMap(units=0, leak=0.25, gone=3))
    assert cell.fitted(before) == Part("Leaky", FrozenMap(units=8, leak=0.25))
    assert cell.complete({"leak": 0.75, "gone": 1}) == {"units": 8, "leak": 0.75}


def _call(code: str, **arguments: object) -> Call:
    params = {"code": code, "arguments": Part("Leaky", FrozenMap(arguments))}
    return Call(CUSTOM_CELL, params, (Step((None, 3), ("batch", "features")),))


def test_that_the_catalogs_entry_takes_sizes_states_and_words_from_the_code() -> None:
    call = _call(CELL, units=5, leak=0.25)
    assert call.outputs() == (TensorSpec((None, 5)),)
    assert call.count() is None
    states = CUSTOM_CELL.carried(call.params, ())
    assert [(each.name, each.path, each.sizes, each.place) for each in states] == [
        ("h", "state/h", (5,), (0,)),
        ("memory", "state/memory", (10,), (1,)),
    ]
    assert [each.path for each in CUSTOM_CELL.recorded(call.params)[0]] == ["state/h", "state/memory"]
    assert CUSTOM_CELL.words(call.params) == "Leaky · units 5 · leak 0.25"


def test_that_the_catalogs_entry_refuses_faulty_code_and_arguments_with_their_place() -> None:
    with pytest.raises(RuleError) as caught:
        _call(changed(("def call", "def forward")), units=5).outputs()
    assert (caught.value.code, caught.value.parameter, caught.value.facts["line"]) == (
        "cell_code",
        "code",
        11,
    )
    with pytest.raises(RuleError) as caught:
        _call(CELL, units=0).outputs()
    assert (caught.value.code, caught.value.facts["argument"]) == ("cell_argument", "units")


def test_that_a_new_custom_cell_is_the_minimal_one() -> None:
    params = CUSTOM_CELL.new_params()
    assert params["code"] == cell_templates()[0].code
    assert params["arguments"] == Part("MinimalCell", FrozenMap(units=8))
    assert _call(str(params["code"]), units=8).outputs() == (TensorSpec((None, 8)),)
