"""What cells written by hand can do wrong: one sentence, with the cell, the line in its own code and what to do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy
import pytest
from standing_models import MASKED, planned

from rnn_designer.engine.worker import Worker
from rnn_designer.messages import Build, Built, Failure, Run, Trace

CELL = '''# ---- Custom cell Mine: written by hand, kept as it is ----
class Mine(layers.Layer):
    """Line 2."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = self.state_size = units

    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), name="kernel")

    def call(self, inputs, states):
        new = states[0] + keras.ops.matmul(inputs, self.kernel)
        return new, [new]

    def get_config(self):
        return {**super().get_config(), "units": self.units}
# ---- End of Mine ----
'''
RETURN = "        return new, [new]\n"
NEW = "        new = states[0] + keras.ops.matmul(inputs, self.kernel)\n"
PLAN = (
    planned("series", "Input"),
    planned("before", "Dense"),
    planned(
        "rnn",
        "RNN",
        planned("stack", "StackedRNNCells", planned("mine", "CustomCell"), planned("other", "GRUCell")),
    ),
)


def program_with(cell: str, layer: str, *, masked: bool = False) -> str:
    lines = ["series = keras.Input((None, 3), name='series')"]
    lines.append(f"h = layers.Masking({MASKED})(series)" if masked else "h = series")
    lines += ["h = layers.Dense(3, name='before')(h)", f"return keras.Model(series, {layer}(h))"]
    body = "".join(f"    {line}\n" for line in lines)
    return f"import keras\nfrom keras import layers\n\n{cell}\n\ndef build_model():\n{body}"


MADE = "Mine(4, name='mine')"
LAYERS = {
    "alone": f"layers.RNN({MADE}, return_sequences=True, name='rnn')",
    "stacked": f"layers.RNN(layers.StackedRNNCells([{MADE}, layers.GRUCell(2, name='other')], name='stack'), "
    "name='rnn')",
    "both": f"layers.Bidirectional(layers.RNN({MADE}, name='rnn'), name='bi')",
}
PLANS = {
    "alone": (*PLAN[:2], planned("rnn", "RNN", planned("mine", "CustomCell"))),
    "stacked": PLAN,
    "both": (*PLAN[:2], planned("bi", "Bidirectional", planned("rnn", "RNN", planned("mine", "CustomCell")))),
}
REGISTERED = '@keras.saving.register_keras_serializable(package="rnn_designer")\nclass Mine'


def answer(cell: str, tmp_path: Path, *, inside: str = "alone", samples: Any = None) -> Any:
    """What the worker says to a build with this cell and, if it stands, to a run."""
    source = program_with(cell, LAYERS[inside])
    worker = Worker(tmp_path, lambda: None, lambda message: None)
    lines = {number: "#rnn" for number, text in enumerate(source.splitlines(), 1) if "layers.RNN" in text}
    built = worker.answer(Build(1, source, PLANS[inside], lines, 0))
    if not isinstance(built, Built):
        return built
    if samples is None:
        samples = numpy.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
    return worker.answer(Run(2, {"series": samples}))


def test_that_a_sound_cell_is_traced(tmp_path: Path) -> None:
    for inside in LAYERS:
        cell = CELL.replace("class Mine", REGISTERED) if inside == "both" else CELL
        assert isinstance(answer(cell, tmp_path, inside=inside), Trace)


WRONG = {
    "one tensor": (RETURN, "        return new\n", 13, "returned one value; expected two"),
    "three values": (RETURN, "        return new, [new], new\n", 13, "returned 3 values; expected two"),
    "nothing": (RETURN, "        new = new\n", 11, "returned one value; expected two"),
    "no states": (RETURN, "        return new, []\n", 13, "returned no states; expected 1"),
    "too many states": (RETURN, "        return new, [new, new]\n", 13, "returned 2 states; expected 1"),
    "no tensor": (RETURN, "        return 3, [new]\n", 13, "returned an int as its output"),
    "a state that is none": (RETURN, "        return new, [None]\n", 13, "returned nothing as state “0”"),
    "a growing state": (
        RETURN,
        "        return new, [keras.ops.concatenate([new, new], axis=-1)]\n",
        13,
        "returned state “0” with shape (batch, 8); expected (batch, 4)",
    ),
    "another type": (
        RETURN,
        "        return new, [keras.ops.cast(new, 'float16')]\n",
        13,
        "returned state “0” as float16; expected float32",
    ),
    "another output size": (
        RETURN,
        "        self.output_size = 3\n        return new, [new]\n",
        14,
        "returned an output of 4 features; expected 3, as its output_size says",
    ),
    "an exception": (NEW, "        new = states[0] / {}['nothing']\n", 12, "fails: KeyError: 'nothing'"),
    "sizes that do not fit": (
        NEW,
        "        new = states[0] + inputs\n",
        12,
        "joins tensors of 4 and 3 features",
    ),
    "an exit": (NEW, "        raise SystemExit(3)\n", 12, "ends the program"),
    "an if on a tensor": (
        NEW,
        "        new = states[0] if keras.ops.sum(inputs) > 0 else -states[0]\n",
        12,
        "Use keras.ops.where",
    ),
    "recursion": (NEW, "        return self.call(inputs, states)\n", 12, "calls itself without end"),
    "weights while it runs": (
        NEW,
        "        new = layers.Dense(4)(inputs)\n",
        12,
        "Make them in build()",
    ),
    "a name that is not there": (
        NEW,
        "        new = nope\n",
        12,
        "fails: NameError: name 'nope' is not defined.",
    ),
    "an exception in build": (
        "        self.kernel = self",
        "        self.kernel = 1 // 0 or self",
        9,
        "fails: ZeroDivisionError",
    ),
    "an exception in the constructor": (
        "        self.units = self",
        "        [][0]; self.units = self",
        6,
        "fails: IndexError: list index out of range.",
    ),
}


@pytest.mark.parametrize("inside", ["alone", "stacked"])
@pytest.mark.parametrize("case", WRONG)
def test_that_what_a_cell_does_wrong_is_one_sentence_with_its_name_and_line(
    case: str, inside: str, tmp_path: Path
) -> None:
    old, new, line, expected = WRONG[case]
    assert old in CELL
    failed = answer(CELL.replace(old, new), tmp_path, inside=inside)
    assert isinstance(failed, Failure)
    assert expected in failed.sentence
    assert re.match(rf"Cell “\w+” \(Mine, line {line}\) ", failed.sentence), failed.sentence
    assert "\n" not in failed.sentence
    assert "Traceback" not in failed.sentence
    assert failed.layer == "#mine"


def test_that_a_cell_without_a_state_size_is_told_what_to_set(tmp_path: Path) -> None:
    cell = CELL.replace("self.units = self.state_size = units", "self.units = units")
    for inside in ("alone", "stacked"):
        failed = answer(cell, tmp_path, inside=inside)
        assert isinstance(failed, Failure)
        assert "state_size; expected self.state_size in the cell's __init__" in failed.sentence
        assert failed.layer == ("#rnn" if inside == "alone" else "#stack")


def test_that_a_cell_that_does_not_begin_as_a_layer_is_told_how(tmp_path: Path) -> None:
    cell = CELL.replace("        super().__init__(**kwargs)\n", "")
    for inside in ("alone", "stacked"):
        failed = answer(cell, tmp_path, inside=inside)
        assert isinstance(failed, Failure)
        assert "Mine is no complete layer; expected super().__init__(**kwargs)" in failed.sentence
        assert failed.layer is not None


def test_that_an_error_of_syntax_names_the_class_and_its_line(tmp_path: Path) -> None:
    failed = answer(CELL.replace("new = states[0] +", "new = = states[0] +"), tmp_path)
    assert isinstance(failed, Failure)
    assert failed.sentence == "Cell “Mine” (Mine, line 12) is no Python: invalid syntax. Mend that line."


@pytest.mark.parametrize("inside", LAYERS)
@pytest.mark.parametrize(
    ("line", "step", "what"),
    [
        ("keras.ops.log(-keras.ops.abs(states[0]) - 1)", "step 0", "output"),
        ("states[0] * 1e30 + keras.ops.matmul(inputs, self.kernel)", "step 2", "output"),
    ],
    ids=["logarithm", "growth"],
)
def test_that_a_cell_that_makes_infinity_of_numbers_is_named_with_the_step(
    tmp_path: Path, inside: str, line: str, step: str, what: str
) -> None:
    cell = CELL.replace("class Mine", REGISTERED)
    cell = cell.replace("states[0] + keras.ops.matmul(inputs, self.kernel)", line)
    samples = numpy.ones((2, 5, 3), "float32")
    failed = answer(cell, tmp_path, inside=inside, samples=samples)
    assert isinstance(failed, Failure)
    assert re.match(r"Cell “mine” \(Mine, line 14\) gives ", failed.sentence), failed.sentence
    assert f"{what} values that are not finite in {step} of sample 0" in failed.sentence
    assert failed.layer == "#mine"


def test_that_what_a_cell_was_given_is_not_laid_at_its_door(tmp_path: Path) -> None:
    samples = numpy.ones((2, 5, 3), "float32")
    samples[1, 2] = numpy.nan
    for inside in ("alone", "stacked"):
        traced = answer(CELL, tmp_path, inside=inside, samples=samples)
        assert isinstance(traced, Trace)
        states = traced.signal("#mine", "state/0")
        assert numpy.isnan(states[1, 2:]).all()
        assert numpy.isfinite(states[1, :2]).all()


def test_that_a_cell_without_a_configuration_cannot_be_copied_for_the_other_direction(tmp_path: Path) -> None:
    cell = CELL.replace("class Mine", REGISTERED)
    cell = cell[: cell.index("    def get_config")] + "# ---- End of Mine ----\n"
    cell = cell.replace("units, **kwargs):", "units, extra=None, **kwargs):")
    source = program_with(cell, LAYERS["both"].replace("Mine(4,", "Mine(4, object(),"))
    worker = Worker(tmp_path, lambda: None, lambda message: None)
    failed = worker.answer(Build(1, source, PLANS["both"], {}, 0))
    assert isinstance(failed, Failure)
    assert "get_config" in failed.sentence
    assert "\n" not in failed.sentence


def test_that_a_line_put_above_the_class_is_not_counted(tmp_path: Path) -> None:
    added = (
        '@keras.saving.register_keras_serializable(package="rnn_designer")  # for saved models\nclass Mine'
    )
    cell = CELL.replace(NEW, "        new = nope\n")
    for changed, line in ((cell, 12), (cell.replace("class Mine", added), 12)):
        failed = answer(changed, tmp_path)
        assert isinstance(failed, Failure)
        assert failed.sentence.startswith(f"Cell “mine” (Mine, line {line}) fails: NameError")
    helper = changed.replace("@keras", "import math\n\n\n@keras")
    failed = answer(helper, tmp_path)
    assert isinstance(failed, Failure)
    assert failed.sentence.startswith("Cell “mine” (Mine, line 15) ")


def test_that_lines_are_counted_past_comments_like_markers_and_form_feeds(tmp_path: Path) -> None:
    begun, ended = "# ---- Custom cell Mine: my notes", "# ---- End of Mine, as I thought"
    cell = CELL.replace(NEW, "        new = nope\n")
    cell = cell.replace("class Mine", f"{begun}\n{ended}\n# ---- Custom cell Other: more\n\f\nclass Mine")
    failed = answer(cell, tmp_path)
    assert isinstance(failed, Failure)
    assert failed.sentence.startswith("Cell “mine” (Mine, line 16) fails: NameError")


def test_that_a_class_that_cannot_be_made_belongs_to_the_layer_of_its_lines(tmp_path: Path) -> None:
    source = program_with(CELL.replace("layers.Layer", "layers.Layr"), LAYERS["alone"])
    first = source.splitlines().index("class Mine(layers.Layr):") + 1
    lines = dict.fromkeys(range(first - 1, first + 16), "#mine")
    worker = Worker(tmp_path, lambda: None, lambda message: None)
    failed = worker.answer(Build(1, source, PLANS["alone"], lines, 0))
    assert isinstance(failed, Failure)
    assert failed.layer == "#mine"
    assert failed.sentence.startswith("Cell “mine” (Mine, line 1) fails: AttributeError: ")


CELLS = sorted((Path(__file__).parents[2] / "resources" / "cells").glob("*.py"))


@pytest.mark.parametrize("path", CELLS, ids=lambda path: path.stem)
def test_that_the_cells_that_come_with_the_program_are_traced_both_ways(path: Path, tmp_path: Path) -> None:
    from rnn_designer.catalog.cell_code import read_cell

    text = path.read_text()
    code = read_cell(text)
    # Three, because the running sum takes as many units as there are features.
    values = code.complete({code.arguments[0].name: 3} if code.arguments else {})
    given = ", ".join(f"{name}={value!r}" for name, value in values.items())
    section = f"# ---- Custom cell {code.class_name}: written by hand, kept as it is ----\n{text}"
    section += f"# ---- End of {code.class_name} ----\n"
    made = f"{code.class_name}({given}, name='mine')"
    source = program_with(section, LAYERS["both"].replace(MADE, made))
    worker = Worker(tmp_path, lambda: None, lambda message: None)
    built = worker.answer(Build(1, source, PLANS["both"], {}, 0))
    assert isinstance(built, Built), built
    samples = numpy.random.default_rng(0).normal(size=(2, 5, 3)).astype("float32")
    traced = worker.answer(Run(2, {"series": samples}))
    assert isinstance(traced, Trace), traced
    states = code.states(values)
    assert states
    for way in ("forward", "backward"):
        for name, sizes in states:
            array = traced.arrays[f"bi/{way}/state/{name}"]
            assert array.shape[:2] == (2, 5)
            assert numpy.isfinite(array).all()
            assert numpy.ptp(array) > 0
            assert sizes is None or None in sizes or array.shape[2:] == tuple(sizes)
    assert traced.layers["#mine"] == "bi/forward"
