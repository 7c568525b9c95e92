"""Cells written by hand in the exported program: word for word, once each, and apart from what is generated."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from rnn_designer.catalog import FrozenMap, Part
from rnn_designer.catalog.cell_code import read_cell
from rnn_designer.codegen import (
    NotExportable,
    allowed_names,
    called_names,
    formatted,
    generate,
    planned,
    runnable_part,
)
from rnn_designer.codegen.custom import BEGIN, END, REGISTRATION
from rnn_designer.design import Checked, Design, Layer, check
from rnn_designer.paths import resource

PLAIN = """\
class Plain(layers.Layer):
    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = self.state_size = self.output_size = units
    def call(self, inputs, states):
        return states[0]+1.0*keras.ops.sum( inputs,axis=-1,keepdims=True ), [states[0]]
    def get_config(self):
        return {**super().get_config(),"units":self.units}
"""


def with_cells(designs: SimpleNamespace, *texts: str, name: str = "Plain") -> Design:
    """An RNN with a cell of the class for each of the texts."""
    arguments = designs.part(name, units=2)
    rnns = [
        designs.layer(
            "RNN",
            f"rnn_{number}",
            Layer(
                f"CELL_{number}", "CustomCell", f"plain_{number}", FrozenMap(code=text, arguments=arguments)
            ),
            return_sequences=True,
        )
        for number, text in enumerate(texts)
    ]
    return designs.chain(designs.series(2), *rnns)


def unchecked(design: Design) -> Checked:
    """The design with everything but its errors, to see what the export itself refuses."""
    checked = check(design)
    return Checked(
        design,
        checked.order,
        checked.shapes,
        checked.inputs,
        checked.counts,
        (),
        frozenset(layer.id for layer in design.layers),
    )


def section(text: str, name: str = "Plain") -> str:
    """What stands between the marker lines, without the registration that the export adds."""
    inside = text.split(BEGIN.format(name) + "\n")[1].split(END.format(name) + "\n")[0]
    return inside.replace(REGISTRATION + "\n", "")


def test_that_a_cell_is_exported_as_it_was_written(designs: SimpleNamespace) -> None:
    source = generate(designs.clean(with_cells(designs, PLAIN)))
    assert section(source.text) == PLAIN
    after = formatted(source)
    assert section(after.text) == PLAIN
    assert after.text.count(REGISTRATION) == 1
    assert "layers.RNN(Plain(units=2), return_sequences=True" in after.text
    assert formatted(after) == after


@pytest.mark.parametrize("path", sorted(resource("cells").glob("*.py")), ids=lambda path: path.stem)
def test_that_every_template_is_exported_as_it_stands(designs: SimpleNamespace, path: Path) -> None:
    code = path.read_text(encoding="utf-8")
    cell = read_cell(code)
    arguments = cell.fitted(Part(cell.class_name))
    inner = Layer("CELL", "CustomCell", "cell", FrozenMap(code=code, arguments=arguments))
    design = designs.chain(designs.series(3), Layer("RNN", "RNN", "rnn", children=(inner,)))
    checked = check(design)
    if any(
        "features" in problem.message for problem in checked.errors
    ):  # A running sum is as wide as its input.
        design = designs.chain(
            designs.series(cell.output_size(arguments.params)), Layer("RNN", "RNN", "rnn", children=(inner,))
        )
    text = formatted(generate(designs.clean(design))).text
    assert section(text, cell.class_name) == code
    assert text.count("register_keras_serializable") == 1


@pytest.mark.parametrize("name", ["custom_cell", "cells written by hand"])
def test_that_a_cell_registered_by_its_author_is_not_registered_again(
    designs: SimpleNamespace, name: str
) -> None:
    text = generate(designs.clean(designs.RUN[name])).text
    assert text.count(REGISTRATION) == 1
    assert text.count("class RunningSum") == 1


def test_that_the_same_text_is_exported_once(designs: SimpleNamespace) -> None:
    text = generate(designs.clean(with_cells(designs, PLAIN, PLAIN))).text
    assert text.count("class Plain(") == 1
    assert text.count("Plain(units=2)") == 2


def test_that_the_lines_of_a_cell_belong_to_it(designs: SimpleNamespace) -> None:
    source = generate(designs.clean(with_cells(designs, PLAIN)))
    for each in (source, formatted(source)):
        lines = each.text.split("\n")
        owned = [lines[number - 1] for number in each.lines_of("CELL_0")]
        assert owned[0] == BEGIN.format("Plain")
        assert END.format("Plain") in owned
        assert set(PLAIN.rstrip("\n").split("\n")) <= set(owned)
        assert "def build_model() -> keras.Model:" not in owned


def test_that_hand_written_calls_are_not_held_to_the_list(designs: SimpleNamespace) -> None:
    text = generate(designs.clean(with_cells(designs, PLAIN))).text
    assert "keras.ops.sum(" in text
    assert called_names(text) <= allowed_names()
    assert called_names(text.replace("def main()", "keras.ops.sum()\n\n\ndef main()")) > called_names(text)
    # Without its marker lines the class is as foreign as anything else.
    bare = text.replace(BEGIN.format("Plain"), "#")
    assert not called_names(bare) <= allowed_names()


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ((PLAIN, PLAIN.replace("1.0", "2.0")), "both define the class “Plain”"),
        ((PLAIN + "\n\ndef build_model():\n    pass\n",), "build_model.*another name"),
        ((PLAIN + "\n\ndef constant_state():\n    pass\n",), "the exported program itself uses it too"),
        (
            ("import math as layers\n" + PLAIN.replace("layers.Layer", "keras.layers.Layer"),),
            "“layers”.*another name",
        ),
        (
            ("from keras import ops as K\n" + PLAIN, "import math as K\n" + PLAIN.replace("Plain", "Other")),
            "imports math as “K”, which stands for keras.ops",
        ),
        (("X = 1\n" + PLAIN, "X = 2\n" + PLAIN.replace("Plain", "Other")), "“X” a meaning of its own"),
        ((PLAIN + END.format("Plain") + "\n",), "one of the lines that mark custom cells"),
        ((PLAIN + BEGIN.format("Other") + "\n",), "one of the lines that mark custom cells"),
    ],
)
def test_that_names_that_collide_are_refused_with_a_sentence(
    designs: SimpleNamespace, texts: tuple[str, ...], sentence: str
) -> None:
    design = with_cells(designs, *texts)
    second = design.layers[-1]
    if len(texts) == 2 and "Other" in texts[1]:
        cell = second.children[0]
        other = Layer(
            cell.id, cell.kind, cell.name, cell.params.having(arguments=designs.part("Other", units=2))
        )
        design = design.replacing(other)
    with pytest.raises(NotExportable, match=sentence) as refusal:
        generate(unchecked(design))
    assert refusal.value.layer == second.children[0].id


def test_that_the_same_imports_may_stand_in_several_texts(designs: SimpleNamespace) -> None:
    imports = "import keras\nfrom keras import layers, ops\n\n\n"
    design = with_cells(designs, imports + PLAIN)
    other = with_cells(designs, imports + PLAIN.replace("Plain", "Other"), name="Other").layers[1]
    renamed = Layer(
        "LAST",
        "RNN",
        "last",
        FrozenMap(),
        children=(Layer("INNER", "CustomCell", "inner", other.children[0].params),),
    )
    both = designs.chain(*design.layers, renamed)
    text = generate(designs.clean(both)).text
    assert text.index("class Plain(") < text.index("class Other(")
    assert section(text, "Other").startswith(imports)


def test_that_variables_make_way_for_hand_written_names(designs: SimpleNamespace) -> None:
    helper = "def memory(value):\n    return value\n\n\n" + PLAIN
    rnn = with_cells(designs, helper).layers[1]
    design = designs.graph(
        [
            designs.series(2),
            rnn,
            designs.layer("Dense", "memory", units=2),
            designs.layer("Dense", "a", units=1),
            designs.layer("Dense", "b", units=1),
        ],
        "series -> rnn_0",
        "rnn_0 -> memory",
        "memory -> a",
        "memory -> b",
    )
    text = generate(designs.clean(design)).text
    assert 'memory_1 = layers.Dense(2, name="memory")' in text.replace("'", '"')


def test_that_what_is_withheld_does_not_run_nor_what_hangs_on_it(designs: SimpleNamespace) -> None:
    design = designs.graph(
        [
            designs.series(2),
            with_cells(designs, PLAIN).layers[1],
            designs.layer("Dense", "after", units=1),
            designs.layer("GRU", "apart", units=2, return_sequences=True),
            designs.layer("Concatenate", "both"),
        ],
        "series -> rnn_0",
        "rnn_0 -> after",
        "series -> apart",
        "apart -> both",
        "after -> both",
    )
    checked = designs.clean(design)
    whole = runnable_part(checked)
    assert whole is not None
    assert len(planned(whole)) == 5
    part = runnable_part(checked, frozenset({"CELL_0"}))
    assert part is not None
    assert [layer[1] for layer in planned(part)] == ["series", "apart"]
    assert "Plain" not in generate(part).text
    assert runnable_part(checked, frozenset({"RNN_0", "APART"})) is None


def test_that_a_cell_alone_on_the_canvas_is_left_out(designs: SimpleNamespace) -> None:
    design = designs.graph(
        [
            designs.series(2),
            designs.layer("LSTMCell", "lstm_cell", units=2),
            designs.layer("GRU", "gru", units=2),
            designs.layer("StackedRNNCells", "stacked", designs.layer("GRUCell", "gru_cell", units=2)),
        ],
        "series -> lstm_cell",
        "series -> gru",
    )
    part = runnable_part(check(design))
    assert part is not None
    assert [layer[1] for layer in planned(part)] == ["series", "gru"]
