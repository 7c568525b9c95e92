"""Design files: the same after loading, readable in a diff, and refused with every error named where it is."""

import json
import random
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import chains, designs

from rnn_designer.catalog import FrozenMap, Part
from rnn_designer.design import DataSource, Design, Layer, Link, check, files
from rnn_designer.design.files import FileProblem
from rnn_designer.design.migrations import FORMAT

EXAMPLE = Design(
    name="Nile",
    layers=(
        Layer("a1", "Input", "series", FrozenMap(shape=(None, 1)), (10.0, 20.5)),
        Layer(
            "b2",
            "Bidirectional",
            "both",
            children=(
                Layer(
                    "c3",
                    "LSTM",
                    "memory",
                    FrozenMap(units=8, kernel_regularizer=Part("L2", FrozenMap(l2=0.02))),
                ),
            ),
        ),
        Layer("d4", "Dense", "forecast", FrozenMap(units=1)),
    ),
    links=(Link("a1", "b2"), Link("b2", "d4")),
    data=FrozenMap(a1=DataSource("csv", FrozenMap(path="nile.csv", columns=("flow",)), time_steps=12)),
    notes="Yearly flow.",
)


def tree() -> dict[str, Any]:
    return json.loads(files.to_text(EXAMPLE))


def problems(content: Any) -> tuple[str, ...]:
    text = content if isinstance(content, str) else json.dumps(content)
    with pytest.raises(FileProblem) as caught:
        files.from_text(text, "x.rnnd")
    assert str(caught.value).endswith(".")
    return caught.value.problems


@settings(max_examples=150, deadline=None)
@given(designs())
def test_that_any_design_is_the_same_after_saving_and_loading(design: Design) -> None:
    text = files.to_text(design)
    assert files.from_text(text) == design
    assert files.to_text(files.from_text(text)) == text


@settings(max_examples=40, deadline=None)
@given(chains())
def test_that_chains_of_layers_are_the_same_after_saving_and_loading_and_check_alike(design: Design) -> None:
    loaded = files.from_text(files.to_text(design))
    assert loaded == design
    assert check(loaded).problems == check(design).problems


def test_that_saving_and_loading_go_through_a_file(tmp_path: Path) -> None:
    path = tmp_path / "Größe ščž.rnnd"
    files.save(EXAMPLE, path)
    assert files.load(path) == EXAMPLE
    assert [each.name for each in tmp_path.iterdir()] == [path.name]


def test_that_a_small_change_is_a_small_difference() -> None:
    before = files.to_text(EXAMPLE).splitlines()
    changed = EXAMPLE.replacing(Layer("d4", "Dense", "forecast", FrozenMap(units=2)))
    after = files.to_text(changed).splitlines()
    assert sum(one != two for one, two in zip(before, after, strict=True)) == 1
    assert '      "params": {"units": 1},' in before


def test_that_fields_of_a_later_version_are_kept() -> None:
    content = tree()
    content["theme"] = {"grid": [1, {"deep": None}], "extra": "x"}
    content["extra"] = 3
    content["layers"][0]["colour"] = "blue"
    content["layers"][1]["children"][0]["note"] = ["a", 1.5, True]
    content["links"][0]["bend"] = [1, 2]
    content["data"]["a1"]["delimiter"] = ";"
    design = files.from_text(json.dumps(content))
    assert json.loads(files.to_text(design)) == content


def test_that_what_may_be_missing_is_filled_in() -> None:
    assert files.from_text('{"format": 1}') == Design()
    text = '{"format": 1, "layers": [{"id": "a", "kind": "LSTM", "name": "m"}], "links": []}'
    assert files.from_text(text).layers == (Layer("a", "LSTM", "m", FrozenMap(units=32)),)


def test_that_defaults_in_a_file_are_not_stored() -> None:
    content = tree()
    content["layers"][2]["params"] = {"units": 1.0, "use_bias": True, "activation": "swish"}
    assert files.from_text(json.dumps(content)).layers[2].params == FrozenMap(units=1, activation="silu")


def test_that_a_file_of_format_0_is_migrated() -> None:
    old = {
        "format": 0,
        "name": "old",
        "layers": [
            {"id": "a", "type": "Input", "name": "x", "params": {"shape": [None, 2]}, "x": 5, "y": 6},
            {
                "id": "b",
                "type": "Bidirectional",
                "name": "b",
                "children": [{"id": "c", "type": "GRU", "name": "g"}],
            },
        ],
        "links": [["a", "b"]],
    }
    design = files.from_text(json.dumps(old))
    assert design.layers[0].position == (5.0, 6.0)
    assert design.layers[1].children[0].kind == "GRU"
    assert design.links == (Link("a", "b"),)
    assert json.loads(files.to_text(design))["format"] == FORMAT


@pytest.mark.parametrize(
    "old",
    [
        {"format": 0, "layers": 3, "links": 4},
        {"format": 0, "layers": [1, {"type": 5, "children": 7}], "links": [[1, 2, 3], "x", {}]},
    ],
)
def test_that_a_broken_file_of_format_0_is_named(old: dict[str, Any]) -> None:
    assert problems(old)


def test_that_a_newer_format_asks_for_a_newer_program() -> None:
    assert "newer RNN Designer" in problems({"format": FORMAT + 1})[0]


def test_that_every_error_is_told_with_its_place() -> None:
    content = tree()
    content["seed"] = -1
    content["layers"][0]["position"] = [1e9, 0]
    content["layers"][1]["name"] = "a/b"
    content["layers"][1]["children"][0]["params"] = {
        "units": -3,
        "unitz": 4,
        "activation": "nope",
        "dropout": "x",
    }
    content["layers"][2]["id"] = "a1"
    content["links"][0]["target"] = "nowhere"
    content["data"]["a1"]["batch_size"] = 0
    content["data"]["zz"] = {"kind": "sine"}
    told = problems(content)
    for place in (
        "seed:",
        "layers[0].position:",
        "layers[1].name:",
        "layers[1].children[0].params.units: Expected",
        "layers[1].children[0].params.unitz:",
        "layers[1].children[0].params.activation:",
        "layers[1].children[0].params.dropout:",
        "layers[2].id:",
        "links[0]:",
        "data.a1:",
        "data.zz:",
    ):
        assert any(each.startswith(place) for each in told), (place, told)
    assert all(each.endswith(".") for each in told)


def test_that_fields_of_the_wrong_type_are_told_all_at_once() -> None:
    content = tree()
    content["name"] = 5
    content["layers"][0]["position"] = "here"
    del content["layers"][1]["kind"]
    content["links"] = {}
    content["data"]["a1"]["batch_size"] = 1.5
    told = problems(content)
    assert {each.split(":")[0] for each in told} == {
        "name",
        "layers[0].position",
        "layers[1].kind",
        "links",
        "data.a1.batch_size",
    }


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda t: t["layers"][0].update(kind="Nope"), "no layer type called “Nope”"),
        (
            lambda t: t["layers"][1]["children"].append(dict(t["layers"][2], id="q", name="q")),
            "recurrent layer",
        ),
        (lambda t: t["layers"][2].update(children=[dict(t["layers"][0], id="q", name="q")]), "holds up to 0"),
        (lambda t: t["layers"][2].update(name="memory"), "is used at layers[1].children[0] already"),
        (lambda t: t["layers"][2].update(name="a\0b"), "printable"),
        (lambda t: t["layers"][2].update(id=""), "empty"),
        (lambda t: t["links"].append(t["links"][0]), "twice"),
        (lambda t: t["links"].append({"source": "a1", "target": "d4"}), "takes one wire"),
        (lambda t: t["links"].append({"source": "a1", "target": "a1"}), "no input"),
        (lambda t: t["links"].append({"source": "c3", "target": "d4"}), "inside another"),
        (lambda t: t["links"][0].update(source_port="h"), "no output “h”"),
        (lambda t: t["links"][1].update(target_port="z"), "no input “z”"),
        (lambda t: t.update(weights="/etc/passwd"), "beside the design file"),
        (lambda t: t.update(weights="../../x.npz"), "beside the design file"),
        (lambda t: t["layers"][2]["params"].update(kernel_regularizer={"part": "Nope"}), "Expected one of"),
        (lambda t: t["layers"][2]["params"].update(kernel_regularizer={"kind": "L2"}), "part"),
        (
            lambda t: t["layers"][2]["params"].update(kernel_regularizer={"part": "L2", "l3": 1}),
            "no argument",
        ),
        (lambda t: t.update(format="1"), "format"),
        (lambda t: t.update(format=True), "format"),
        (lambda t: t.pop("format"), "format"),
    ],
)
def test_that_what_does_not_fit_is_refused(change: Any, words: str) -> None:
    content = tree()
    change(content)
    assert words in " ".join(problems(content))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("{", "line 1, column 2"),
        ("[]", "no JSON object"),
        ("null", "no JSON object"),
        ('{"format": 1, "seed": NaN}', "NaN"),
        ('{"format": 1, "layers": [{"position": [1e999, 0]}]}', "finite"),
        ('{"format": 1, "x": -Infinity}', "finite"),
        ('{"format": 1, "format": 1}', "twice"),
        ('{"format": 1, "name": "\\ud800"}', "half a character"),
        ('{"format": 1, "x": ' + "[" * 100 + "]" * 100 + "}", "nested"),
        ("[" * 100_000, "nested"),
        ('{"format": 1, "seed": ' + "9" * 5000 + "}", "digit"),
        ('{"format": 1, "seed": ' + "9" * 50 + "}", "whole number"),
    ],
)
def test_that_text_that_is_no_design_is_refused(text: str, words: str) -> None:
    assert words in problems(text)[0]


def test_that_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.rnnd"
    path.write_bytes(b'{"format": 1, "name": "\xff"}')
    with pytest.raises(FileProblem, match="byte 23 is not UTF-8"):
        files.load(path)


def test_that_a_byte_order_mark_is_no_obstacle(tmp_path: Path) -> None:
    path = tmp_path / "x.rnnd"
    path.write_bytes(b"\xef\xbb\xbf" + files.to_text(EXAMPLE).encode())
    assert files.load(path) == EXAMPLE


def test_that_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.rnnd"
    with path.open("wb") as file:
        file.truncate(17 * 2**20)
    with pytest.raises(FileProblem, match="16 MiB"):
        files.load(path)


def test_that_layers_nested_without_end_are_refused() -> None:
    inner: dict[str, Any] = {"id": "x", "kind": "LSTM", "name": "x"}
    for number in range(20):
        inner = {"id": f"i{number}", "kind": "TimeDistributed", "name": f"n{number}", "children": [inner]}
    assert "nested more than 16 deep" in " ".join(problems({"format": 1, "layers": [inner]}))


def test_that_a_loop_in_a_file_opens_and_is_a_problem_to_mend() -> None:
    content = tree()
    content["layers"][0] = {"id": "a1", "kind": "Dense", "name": "series"}
    content["data"] = {}
    content["links"].append({"source": "d4", "target": "a1"})
    checked = check(files.from_text(json.dumps(content)))
    assert [each.code for each in checked.errors] == ["cycle"]


def test_that_a_design_that_no_file_can_hold_is_not_written(tmp_path: Path) -> None:
    for bad in (
        Design(layers=(Layer("a", "LSTM", "m", FrozenMap(dropout=float("nan"))),)),
        Design(name="\ud800"),
        Design(extra=FrozenMap(x=object())),
    ):
        with pytest.raises(FileProblem, match="cannot be written"):
            files.save(bad, tmp_path / "x.rnnd")
    assert not list(tmp_path.iterdir())


def test_that_weights_lie_beside_the_design() -> None:
    path = Path("/home/me/nile.rnnd")
    assert files.weights_path(EXAMPLE, path) is None
    assert files.weights_path(Design(weights="nile.weights.npz"), path) == Path("/home/me/nile.weights.npz")


def _mutated(text: str, chooser: random.Random) -> bytes:
    content = bytearray(text.encode())
    for _change in range(chooser.randint(1, 4)):
        at = chooser.randrange(len(content))
        match chooser.randrange(4):
            case 0:
                content[at] = chooser.randrange(256)
            case 1:
                del content[at : at + chooser.randint(1, 40)]
            case 2:
                content[at:at] = chooser.choice(
                    [b'"', b"{", b"[", b"-1", b"null", b"\x00", b"1e999", b"true", b"\\"]
                )
            case _:
                other = chooser.randrange(len(content))
                content[at:at] = content[other : other + chooser.randint(1, 60)]
    return bytes(content)


@settings(max_examples=60, deadline=None)
@given(designs(), st.integers(0, 2**32))
def test_that_a_damaged_file_gives_a_design_or_a_sentence_and_never_another_error(
    tmp_path_factory: pytest.TempPathFactory, design: Design, seed: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "damaged.rnnd"
    chooser = random.Random(seed)
    for _try in range(20):
        path.write_bytes(_mutated(files.to_text(design), chooser))
        try:
            loaded = files.load(path)
        except FileProblem as problem:
            told = problem.problems
        else:
            told = ("It is a design.",)
            check(loaded)
            assert files.from_text(files.to_text(loaded)) == loaded
        assert told


def _replaced(tree: Any, chooser: random.Random) -> Any:
    """The tree with one value somewhere in it exchanged for something else."""
    if isinstance(tree, dict | list) and tree and chooser.random() < 0.8:
        key = chooser.choice(list(tree)) if isinstance(tree, dict) else chooser.randrange(len(tree))
        changed = dict(tree) if isinstance(tree, dict) else list(tree)
        changed[key] = _replaced(tree[key], chooser)
        return changed
    return chooser.choice(
        [None, True, -1, 0, 3, 1.5, 1e300, "", "a", "/", [], [1], {}, {"part": "L2"}, [[[]]], "a1"]
    )


@settings(max_examples=60, deadline=None)
@given(designs(), st.integers(0, 2**32))
def test_that_wrong_values_anywhere_give_a_design_or_a_sentence(design: Design, seed: int) -> None:
    chooser = random.Random(seed)
    content = json.loads(files.to_text(design))
    for _try in range(20):
        try:
            loaded = files.from_text(json.dumps(_replaced(content, chooser)))
        except FileProblem:
            continue
        check(loaded)
        assert files.from_text(files.to_text(loaded)) == loaded


def test_that_designing_needs_neither_pydantic_nor_numpy() -> None:
    code = (
        "import sys, rnn_designer.design as d; d.check(d.Design()); d.files.to_text(d.Design());"
        "print([m for m in ('pydantic', 'typing_extensions', 'numpy', 'keras', 'PySide6') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=True
    )
    assert done.stdout.strip() == "[]"


def test_that_the_largest_numbers_come_back() -> None:
    content = tree()
    content["seed"] = 2**32 - 1
    content["layers"][0]["extra"] = {"largest": 1e308}
    design = files.from_text(json.dumps(content))
    assert files.from_text(files.to_text(design)) == design
    content["layers"][0]["extra"] = {"longest": int("9" * 401)}
    assert "a whole number of 401 digits" in problems(content)[0]
