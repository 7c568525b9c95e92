"""Whatever was done before, the picture of a design is the same as one made from nothing."""

import random
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPointF

from rnn_designer.design import Design, Link, connection_refusal, edits, new_layer
from rnn_designer.ui.canvas import CanvasView
from rnn_designer.ui.canvas.geometry import outline
from rnn_designer.ui.canvas.scene import CanvasScene

KINDS = ("Input", "LSTM", "GRU", "Dense", "Bidirectional", "TimeDistributed", "Concatenate", "Dropout")


def described(scene: CanvasScene) -> dict[str, Any]:
    """Everything that a picture shows, without the items' identity."""
    found: dict[str, Any] = {}
    for layer_id, item in scene.item_for_layer.items():
        found[layer_id] = (
            type(item).__name__,
            item.layer,
            (item.pos().x(), item.pos().y()),
            item.zValue(),
            item.top.layer.id,
            item.port_owner,
            item.ports,
            [child.layer.id for child in item.inner],
            item.outline,
            item.severity,
        )
    for link, wire in scene.item_for_link.items():
        found[repr(link)] = (wire.label, wire.state, wire.path.length())
    return found


def something(design: Design, chance: random.Random) -> edits.Edit:
    """A random edit that a user could make."""
    tops = [each.id for each in design.layers]
    inner = [each.id for each in design.walk()]
    deed = chance.choice(
        ["add", "add", "connect", "connect", "move", "wrap", "unwrap", "remove", "set", "child"]
    )
    if not tops or deed == "add":
        layer = new_layer(design, chance.choice(KINDS), (chance.randrange(2000), chance.randrange(900)))
        return edits.add(layer)
    one = chance.choice(inner)
    if deed == "connect":
        source, target = design.layer(chance.choice(tops)), design.layer(chance.choice(tops))
        starts = [each.port.name for each in outline(source).ports if each.output]
        ends = [each.port.name for each in outline(target).ports if not each.output]
        if starts and ends:
            return edits.connect(Link(source.id, target.id, chance.choice(starts), chance.choice(ends)))
    if deed == "wrap":
        return edits.wrap(one, chance.choice(["Bidirectional", "TimeDistributed"]))
    if deed == "unwrap":
        return edits.unwrap(one)
    if deed == "remove":
        return edits.remove([one])
    if deed == "set":
        return edits.set_parameter(
            one, chance.choice(["return_state", "return_sequences"]), chance.random() < 0.5
        )
    if deed == "child":
        return edits.set_child(one, chance.randrange(2), new_layer(design, chance.choice(KINDS[1:4])))
    return edits.move({chance.choice(tops): (float(chance.randrange(2000)), float(chance.randrange(900)))})


@pytest.mark.parametrize("seed", range(8))
def test_that_a_reconciled_picture_equals_a_fresh_one(canvas: CanvasView, workspace: Any, seed: int) -> None:
    chance = random.Random(seed)
    document = workspace.document
    for _ in range(60):
        move = chance.random()
        if move < 0.12:
            document.undo()
        elif move < 0.2:
            document.redo()
        else:
            document.apply(something(document.design, chance), "Something")
        fresh = CanvasScene(workspace, canvas)
        fresh.show(Design(), document.design)
        fresh.show_checked(workspace.checks.checked)
        assert described(canvas.canvas_scene) == described(fresh)
        assert len(canvas.canvas_scene.items()) == len(canvas.canvas_scene.item_for_layer) + len(
            document.design.links
        )
        fresh.deleteLater()
    canvas.fit()
    assert not canvas.grab().isNull()
    while document.history.undo_label is not None:
        document.undo()
    assert not canvas.canvas_scene.items()


def test_that_ports_on_the_picture_are_the_ports_of_the_design(canvas: CanvasView, workspace: Any) -> None:
    chance = random.Random(99)
    for _ in range(40):
        workspace.document.apply(something(workspace.document.design, chance), "Something")
    scene, design = canvas.canvas_scene, workspace.document.design
    for layer in design.layers:
        item = scene.item_for_layer[layer.id]
        for place in item.outline.ports:
            at = item.port_point(place.port.name, output=place.output)
            found = scene.port_at(at)
            assert found is not None
            away = scene.item_for_layer[found[0]].port_point(found[1].port.name, output=found[1].output) - at
            assert QPointF.dotProduct(away, away) <= 1e-9
    for link in design.links:
        cut = replace(design, links=tuple(each for each in design.links if each != link))
        assert connection_refusal(cut, link) is None
