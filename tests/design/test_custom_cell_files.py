"""Custom cells in design files: their text and arguments come back as they were, and nothing runs."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnn_designer.catalog import FrozenMap, Part
from rnn_designer.catalog.cell_code import LONGEST_CODE
from rnn_designer.catalog.cell_templates import cell_templates
from rnn_designer.design import Design, Layer, check, files
from rnn_designer.design.encoding import decoded, encoded
from rnn_designer.design.storage import FileProblem

MINIMAL = cell_templates()[0].code


def a_design(code: str, **arguments: object) -> Design:
    """A cell in an RNN."""
    params = FrozenMap(code=code, arguments=Part("MinimalCell", FrozenMap(arguments)))
    return Design(
        "own", (Layer("rnn", "RNN", "rnn", children=(Layer("cell", "CustomCell", "cell", params),)),)
    )


def read_back(design: Design, folder: Path) -> Design:
    path = folder / "own.rnnd"
    files.save(design, path)
    return files.load(path)


@pytest.mark.parametrize(
    "code",
    [
        MINIMAL,
        MINIMAL.replace("# ", "# äöü Σ 漢 "),
        MINIMAL + "#" * (LONGEST_CODE - len(MINIMAL.encode())),
        'x = "\\u2028\\x00"\n\t# a tab and a quote: \'"""\n',
        "not python at all",
        "",
    ],
    ids=["template", "unicode", "largest", "escapes", "no python", "empty"],
)
def test_that_code_comes_back_as_it_was_written(code: str, tmp_path: Path) -> None:
    design = a_design(code, units=8)
    assert read_back(design, tmp_path) == design


def test_that_code_may_be_faulty_in_a_file_and_is_then_a_problem(tmp_path: Path) -> None:
    design = read_back(a_design(MINIMAL.replace("def call", "def forward"), units=8), tmp_path)
    (problem,) = (each for each in check(design).errors if each.layer == "cell")
    assert (problem.code, problem.parameter) == ("cell_code", "code")
    assert "call(self, inputs, states)" in problem.message
    mended = problem.fixes[0].edit(design)
    assert not [each for each in check(mended).errors if each.layer == "cell"]


def test_that_a_faulty_argument_is_a_problem_also_where_nothing_arrives() -> None:
    (problem,) = (each for each in check(a_design(MINIMAL, units=0)).errors if each.layer == "cell")
    assert (problem.code, problem.parameter) == ("cell_argument", "arguments")
    assert "a positive whole number, got 0" in problem.message


def test_that_too_much_code_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "own.rnnd"
    files.save(a_design(MINIMAL + "#" * LONGEST_CODE, units=8), path)
    with pytest.raises(FileProblem, match="at most 65,536 bytes"):
        files.load(path)


def test_that_line_ends_of_other_systems_become_our_own(tmp_path: Path) -> None:
    path = tmp_path / "own.rnnd"
    files.save(a_design(MINIMAL, units=8), path)
    path.write_text(path.read_text(encoding="utf-8").replace("\\n", "\\r\\n"), encoding="utf-8")
    assert files.load(path) == a_design(MINIMAL, units=8)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=5,
)  # fmt: skip
NAMES = st.sampled_from(["units", "part", "kind", "arguments", "name_", "größe", "params"])


@given(st.dictionaries(NAMES, PLAIN, max_size=4))
def test_that_arguments_of_any_name_and_plain_value_come_back(arguments: dict[str, object]) -> None:
    part = Part("Own", FrozenMap(arguments))
    assert decoded(encoded(part)) == part
