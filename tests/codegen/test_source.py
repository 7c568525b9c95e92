"""The generated source: what it looks like, whose each line is, and that nothing of a design can break out of it."""

import ast
import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from rnn_designer.codegen import (
    NotExportable,
    allowed_names,
    called_names,
    formatted,
    generate,
    planned,
    runnable_part,
)
from rnn_designer.codegen import formatting as formatting_module
from rnn_designer.design import check

EXPECTED = Path(__file__).with_name("expected")


@pytest.mark.parametrize("name", sorted(path.stem for path in EXPECTED.glob("*.py")))
def test_that_the_source_is_the_expected_one(designs: SimpleNamespace, name: str) -> None:
    source = formatted(generate(designs.clean(designs.EXPECTED[name])))
    assert source.text == (EXPECTED / f"{name}.py").read_text(encoding="utf-8")


def test_that_every_expected_source_is_checked(designs: SimpleNamespace) -> None:
    assert {path.stem for path in EXPECTED.glob("*.py")} == set(designs.EXPECTED)


def test_that_generating_is_a_function_of_the_design(designs: SimpleNamespace) -> None:
    for design in designs.RUN.values():
        checked = designs.clean(design)
        assert generate(checked) == generate(checked)


def test_that_formatting_changes_no_program(designs: SimpleNamespace) -> None:
    for design in designs.RUN.values():
        source = generate(designs.clean(design))
        after = formatted(source)
        assert ast.dump(ast.parse(after.text)) == ast.dump(ast.parse(source.text))
        assert max(map(len, after.text.splitlines())) <= 120
        assert formatted(after).text == after.text


def test_that_only_allowed_names_are_called(designs: SimpleNamespace) -> None:
    for design in designs.RUN.values():
        assert called_names(generate(designs.clean(design)).text) <= allowed_names()


def test_that_called_names_sees_through_methods_and_calls() -> None:
    text = "a.b(1)(2)\nPath(x).open()\n(lambda: 1)()\nf[0]()\n"
    assert called_names(text) == {"a.b", "Path", "Path().open", "lambda: 1", "f[0]"}


@pytest.mark.parametrize("style", ["auto", "functional"])
def test_that_each_layer_owns_the_lines_it_wrote(designs: SimpleNamespace, style: str) -> None:
    checked = designs.clean(designs.EXPECTED["sentiment"])
    source = generate(checked, style=style)
    lines = source.text.splitlines()
    for layer in checked.design.walk():
        owned = [lines[number - 1] for number in source.lines_of(layer.id)]
        constructor = "keras.Input(" if layer.kind == "Input" else f"layers.{layer.kind}("
        assert sum(constructor in line for line in owned) == 1
    owners = set(source.layer_of_line.values())
    assert owners == {layer.id for layer in checked.design.walk()}


@pytest.mark.parametrize("style", ["auto", "functional"])
def test_that_formatting_keeps_whose_a_line_is(designs: SimpleNamespace, style: str) -> None:
    checked = designs.clean(designs.EXPECTED["sentiment"])
    source = formatted(generate(checked, style=style))
    lines = source.text.splitlines()
    for layer in checked.design.layers:
        constructor = "keras.Input(" if layer.kind == "Input" else f"layers.{layer.kind}("
        assert constructor in "".join(lines[number - 1] for number in source.lines_of(layer.id))
    # Room for a comment keeps this wrapped layer on a line of its own, and the comment with it.
    assert [lines[number - 1].strip() for number in source.lines_of("LSTM")] == [
        "# Without cuDNN, masked steps give the same on every device.",
        "layers.LSTM(8, use_cudnn=False)",
    ]
    assert not any("def " in lines[number - 1] for number in source.layer_of_line)


def test_that_a_chain_becomes_sequential_unless_told_otherwise(designs: SimpleNamespace) -> None:
    checked = designs.clean(designs.EXPECTED["sunspots"])
    assert "keras.Sequential(" in generate(checked).text
    assert "keras.Sequential(" in generate(checked, style="sequential").text
    assert "keras.Model(sunspots, x," in generate(checked, style="functional").text


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("states at the end", "“lstm” has 3 outputs"),
        ("two_branches", "it has 2 Inputs"),
        ("one input, three outputs", "“gru” feeds more than one layer"),
        ("residual", "“series” feeds more than one layer"),
    ],
)
def test_that_sequential_is_refused_with_the_reason(designs: SimpleNamespace, name: str, why: str) -> None:
    with pytest.raises(NotExportable, match=why):
        generate(designs.clean(designs.RUN[name]), style="sequential")
    assert "keras.Model(" in generate(designs.clean(designs.RUN[name])).text


def test_that_errors_keep_a_design_from_being_exported(designs: SimpleNamespace) -> None:
    design = designs.chain(
        designs.series(), designs.layer("LSTM", "lstm", units=3), designs.layer("GRU", "gru", units=3)
    )
    checked = check(design)
    with pytest.raises(NotExportable) as problem:
        generate(checked)
    assert str(problem.value).startswith(checked.errors[0].message)
    assert problem.value.layer == checked.errors[0].layer


def test_that_the_runnable_part_stops_before_the_faulty_layer(designs: SimpleNamespace) -> None:
    design = designs.chain(
        designs.series(),
        designs.layer("LSTM", "lstm", units=3),
        designs.layer("GRU", "gru", units=3),
        designs.layer("Dense", "dense", units=1),
    )
    part = runnable_part(check(design))
    assert part is not None
    assert [layer.name for layer in part.design.layers] == ["series", "lstm"]
    assert not part.errors
    assert "layers.LSTM(3)" in generate(part).text
    assert [layer[1] for layer in planned(part)] == ["series", "lstm"]


@pytest.mark.parametrize("kinds", [[], ["Input"], ["Dense"]])
def test_that_nothing_to_run_is_said(designs: SimpleNamespace, kinds: list[str]) -> None:
    params = {"Input": {"shape": (None, 1)}, "Dense": {"units": 1}}
    design = designs.chain(*(designs.layer(kind, kind.lower(), **params[kind]) for kind in kinds))
    part = runnable_part(check(design))
    assert part is None


def test_that_weights_are_loaded_from_beside_the_program(designs: SimpleNamespace) -> None:
    text = generate(designs.clean(designs.EXPECTED["sunspots"]), weights_file="my model.weights.h5").text
    assert "from pathlib import Path" in text
    assert "model.load_weights(Path(__file__).with_name('my model.weights.h5'))" in text
    assert called_names(text) <= allowed_names()


def test_that_hostile_text_stays_text(designs: SimpleNamespace) -> None:
    for hostile in (
        'x"); __import__("os").system("true") #',
        '"""\nimport os\n"""',
        "\\",
        "a\nb",
        "{x}",
        "\u202e",
    ):
        design = designs.chain(
            designs.series(name=hostile.replace("\n", "")),
            designs.layer("LSTM", f"layer {hostile}", units=2),
            name=hostile,
        )
        checked = designs.check(design)
        if checked.errors:
            continue
        text = formatted(generate(checked)).text
        imported = [
            node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Import | ast.ImportFrom)
        ]
        assert len(imported) == 2
        assert called_names(text) <= allowed_names()
        assert text.splitlines()[0].count('"""') == 2


def test_that_a_batch_has_the_size_of_the_data_source(designs: SimpleNamespace) -> None:
    text = generate(designs.clean(designs.EXPECTED["sunspots"])).text
    assert "batch = keras.random.normal((8, 120, 1))" in text


def test_that_token_batches_hold_tokens_that_the_embedding_knows(designs: SimpleNamespace) -> None:
    text = generate(designs.clean(designs.EXPECTED["sentiment"])).text
    assert "batch = keras.random.randint((1, 80), 0, 1000)" in text


def test_that_the_source_is_as_it_was_where_ruff_cannot_run(
    designs: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = generate(designs.clean(designs.EXPECTED["sunspots"]))
    for binary in (None, "/nonexistent/ruff", "/bin/false"):
        monkeypatch.setattr(formatting_module, "formatter", lambda found=binary: found)
        assert formatted(source) is source


def test_that_no_line_of_an_expected_source_is_too_long() -> None:
    for path in EXPECTED.glob("*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert len(line) <= 88, f"{path.name}: {line}"


def test_that_the_catalog_has_no_constructor_outside_keras() -> None:
    pattern = re.compile(
        r"(keras|keras\.(losses|metrics|ops|optimizers|optimizers\.schedules|random|tree)|layers|initializers|regularizers|constraints)\.[a-zA-Z]\w+"
    )
    own = {"Path", "Path().with_name", "len", "print", "range", "slice", "zip"}
    own |= {
        "build_model",
        "build_step_model",
        "constant_frames",
        "constant_state",
        "draw",
        "generate",
        "main",
    }
    own |= {
        "model.get_layer",
        "model.compile",
        "model.load_weights",
        "model.predict_on_batch",
        "model.summary",
    }
    own |= {"model", "step_model"}
    own |= {"pieces.append", "step_model.predict_on_batch"}
    names = allowed_names() - own
    assert [name for name in names if not pattern.fullmatch(name)] == []
    assert not [name for name in names if name.startswith(("keras.saving", "keras.utils", "keras.models"))]
