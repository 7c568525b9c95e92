"""Fixtures of the panels' tests: a small design, and a form that shows one layer."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget

from rnn_designer.design import Design, Link, edits, new_layer


def chain(*kinds: str) -> Design:
    """A design whose layers follow one another."""
    design = Design()
    for kind in kinds:
        layer = new_layer(design, kind)
        before = design.layers[-1] if design.layers else None
        design = edits.add(layer)(design)
        if before is not None:
            for port in layer.type.inputs:
                design = edits.connect(Link(before.id, layer.id, target_port=port.name))(design)
    return design


@pytest.fixture
def draw(workspace: Any) -> Callable[..., Design]:
    """Open a design whose layers follow one another."""

    def _draw(*kinds: str) -> Design:
        design = chain(*kinds)
        workspace.document.reset(design, None)
        return design

    return _draw


@pytest.fixture
def properties(workspace: Any, selection: Any, show: Callable[[QWidget], QWidget]) -> Any:
    """A shown form, as wide as its dock."""
    from rnn_designer.ui.properties import Properties

    form = Properties(workspace, selection)
    form.resize(312, 800)
    return show(form)
