"""Whatever is drawn: what can run of it gives source that parses, calls only what it may, and formats unchanged."""

import ast
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from state_strategies import wired
from strategies import chains, designs

from rnn_designer.codegen import (
    NotExportable,
    allowed_names,
    called_names,
    formatted,
    generate,
    planned,
    runnable_part,
)
from rnn_designer.design import Design, Layer, check

STYLES: tuple[Literal["auto", "functional"], ...] = ("auto", "functional")
any_design = st.one_of(chains(), designs(), wired())
thorough = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))


@thorough
@given(any_design)
def test_that_any_design_gives_a_harmless_program(design: Design) -> None:
    part = runnable_part(check(design))
    if part is None:
        return
    outer = {layer.id for layer in part.design.layers}
    inner = outer | set().union(*(written(layer) for layer in part.design.layers))
    assert {layer[0] for layer in planned(part)} == outer
    for style in STYLES:
        source = generate(part, style=style)
        compile(source.text, "model.py", "exec")
        assert called_names(source.text) <= allowed_names()
        assert inner <= set(source.layer_of_line.values()) <= {layer.id for layer in part.design.walk()}
        after = formatted(source)
        assert ast.dump(ast.parse(after.text)) == ast.dump(ast.parse(source.text))
        assert outer <= set(after.layer_of_line.values()) <= set(source.layer_of_line.values())


def written(layer: Layer) -> set[str]:
    """The layers that have lines of their own: no stack around a lone cell, and nothing inside a further call."""
    alone = layer.kind == "StackedRNNCells" and len(layer.children) == 1
    inside = set().union(*map(written, layer.children)) if layer.shares is None else set()
    return inside if alone else {layer.id} | inside


@thorough
@given(any_design)
def test_that_a_design_is_exported_or_refused_with_a_sentence(design: Design) -> None:
    checked = check(design)
    if not checked.errors and runnable_part(checked) is not None:
        generate(checked)
        return
    with pytest.raises(NotExportable, match=r"[.)]$"):
        generate(checked)
