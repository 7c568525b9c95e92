"""What a fix leaves behind is a model that Keras builds.

``pytest tests/engine/test_mended_designs.py`` builds what the best fix of each kind of problem makes of one design,
``--long`` what every fix makes of every design that has a problem.
"""

import runpy
from pathlib import Path
from typing import Any

import pytest

from rnn_designer.codegen import generate, runnable_part
from rnn_designer.design import Design, check

_FOLDER = Path(__file__).parents[1] / "design"
CASES: list[tuple[str, str, Design]] = [
    case
    for name in ("lint_cases.py", "lint_cases_recurrent.py")
    for case in runpy.run_path(str(_FOLDER / name))["CASES"]
]
SLOW = ("large_layer",)
"""Problems whose fixes leave layers that are large all the same, so that drawing their weights takes seconds."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One case of each kind of problem, or all of them."""
    every = metafunc.config.getoption("--long")
    first: dict[str, tuple[str, str, Design]] = {}
    for case in CASES:
        first.setdefault(case[0], case)
    chosen = CASES if every else [case for code, case in first.items() if code not in SLOW]
    names = [f"{code}-{number}" for number, (code, _layer, _design) in enumerate(chosen)]
    metafunc.parametrize(("code", "layer", "design"), chosen, ids=names)


_BUILT: set[str] = set()
"""Programs that were built already: many fixes lead to the same one."""


def built(text: str) -> Any:
    """The model that a program builds."""
    import keras

    keras.utils.clear_session()
    namespace: dict[str, Any] = {"__name__": "exported"}
    exec(compile(text, "exported.py", "exec"), namespace)
    return namespace["build_model"]()


# Where a mask is lost and made again, Keras remarks on the loss.
@pytest.mark.filterwarnings("ignore:.*destroy the mask")
def test_that_a_mended_design_builds(
    code: str, layer: str, design: Design, pytestconfig: pytest.Config
) -> None:
    problem = next(each for each in check(design).problems if (each.code, each.layer) == (code, layer))
    for fix in problem.fixes if pytestconfig.getoption("--long") else problem.fixes[:1]:
        checked = check(fix.edit(design))
        part = runnable_part(checked)
        if (
            part is None
        ):  # An Input alone, or a layer that is still to be connected: there is nothing to build.
            kinds = {checked.design.layer(each).kind for each in checked.runnable}
            assert kinds <= {"Input"}, fix.label
            continue
        text = generate(checked).text
        if text in _BUILT:
            continue
        _BUILT.add(text)
        model = built(text)
        ends = [
            each
            for each in part.design.layers
            if not any(link.source == each.id for link in part.design.links)
        ]
        wanted = [
            spec.sizes for end in ends for (owner, _port), spec in part.shapes.items() if owner == end.id
        ]
        assert [tuple(output.shape) for output in model.outputs] == wanted, fix.label
        if "CustomCell" not in {each.kind for each in part.design.walk()}:
            tops = {each.id for each in part.design.layers}
            assert model.count_params() == sum(part.counts[each] for each in tops), fix.label
