"""Layers called more than once: boxes that stay like their originals whatever is edited."""

import json
import runpy
from dataclasses import replace
from pathlib import Path

import pytest

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import Design, Layer, Link, Refused, check, edits, files
from rnn_designer.design.sharing import aligned, original_id, sharers

KIT = runpy.run_path(str(Path(__file__).with_name("lint_cases_recurrent.py")))
series, wired, again = (KIT[name] for name in ("series", "wired", "again"))
lstm, gru, dense, both = (KIT[name] for name in ("lstm", "gru", "dense", "both"))
cell, loop, stack = (KIT[name] for name in ("cell", "loop", "stack"))

TWICE = again(
    wired([series(), series(name="y"), lstm(), dense()], "x memory", "memory out"),
    "memory",
    "again",
    Link("y", "again"),
)
FRAMES = again(
    wired([series(), series(name="y"), both(lstm()), dense()], "x both", "both out"),
    "both",
    "again",
    Link("y", "again"),
)


def kinds(layer: Layer) -> list[str]:
    return [each.kind for each in layer.walk()]


def round_trip(design: Design) -> Design:
    assert aligned(design) == design
    return files.from_text(files.to_text(design))


class TestCalling:
    def test_that_a_box_has_a_free_name_and_the_settings_of_its_original(self) -> None:
        design = edits.call_again("memory", (3.0, 4.0))(TWICE)
        box = design.layers[-1]
        assert (box.name, box.position, box.shares) == ("memory_1", (3.0, 4.0), "memory")
        assert (box.kind, box.params) == ("LSTM", design.layer("memory").params)
        assert [each.id for each in sharers(design, "memory")] == ["again", box.id]
        assert round_trip(design) == design

    def test_that_a_box_called_again_shares_the_original(self) -> None:
        design = edits.call_again("again", (0.0, 0.0))(TWICE)
        assert design.layers[-1].shares == "memory"

    def test_that_inner_layers_share_those_of_the_original(self) -> None:
        inner = FRAMES.layer("again").children[0]
        assert (inner.kind, inner.shares, inner.id != "memory") == ("LSTM", "memory", True)
        assert original_id(FRAMES, inner.id) == "memory"
        assert round_trip(FRAMES) == FRAMES

    @pytest.mark.parametrize(("layer", "words"), [("x", "happens once"), ("memory", "is inside ‘both’")])
    def test_that_what_cannot_be_called_again_is_refused(self, layer: str, words: str) -> None:
        with pytest.raises(Refused, match=words):
            edits.call_again(layer, (0.0, 0.0))(FRAMES)


class TestEditing:
    @pytest.mark.parametrize("which", ["memory", "again"])
    def test_that_a_setting_changes_in_both(self, which: str) -> None:
        design = edits.set_parameter(which, "units", 9)(TWICE)
        assert [design.layer(each).value("units") for each in ("memory", "again")] == [9, 9]
        assert edits.reset_parameter(which, "units")(design).layer("again").value("units") == 32

    def test_that_ports_of_both_follow(self) -> None:
        design = edits.set_parameter("again", "return_state", True)(TWICE)
        design = edits.connect(Link("again", "out", "h"))(design)
        assert (
            Link("again", "out", "h")
            not in edits.set_parameter("memory", "return_state", False)(design).links
        )

    def test_that_what_belongs_to_a_single_call_does_not(self) -> None:
        design = edits.set_parameter("again", "initial_state", (0.5, 1.0))(TWICE)
        assert design.layer("memory").value("initial_state") is None
        assert edits.set_parameter("memory", "units", 4)(design).layer("again").params == FrozenMap(
            units=4, return_sequences=True, initial_state=(0.5, 1.0)
        )
        assert round_trip(design) == design

    @pytest.mark.parametrize("which", ["memory", "again"])
    def test_that_both_are_wrapped_and_unwrapped(self, which: str) -> None:
        wrapped = edits.wrap(which, "Bidirectional")(TWICE)
        first, second = wrapped.layers[2], wrapped.layers[4]
        assert [kinds(first), kinds(second)] == [["Bidirectional", "LSTM"]] * 2
        assert second.shares == first.id
        assert {(link.source, link.target) for link in wrapped.links} == {
            ("x", first.id),
            (first.id, "out"),
            ("y", second.id),
        }
        assert round_trip(wrapped) == wrapped
        assert edits.unwrap(second.id)(wrapped) == TWICE
        assert (
            edits.wrap(which, "Bidirectional")(TWICE) != wrapped
        )  # New ids; the same edit gives the same ones:
        edit = edits.wrap(which, "Bidirectional")
        assert edit(TWICE) == edit(TWICE)

    @pytest.mark.parametrize("which", ["memory", "again"])
    def test_that_both_become_rnns(self, which: str) -> None:
        turned = edits.turn_into_rnn(which)(TWICE)
        assert [kinds(turned.layers[index]) for index in (2, 4)] == [["RNN", "LSTMCell"]] * 2
        assert round_trip(turned) == turned
        assert edits.convert_child(turned.layers[4].id)(turned) == TWICE

    def test_that_cells_go_in_and_out_of_both(self) -> None:
        design = again(
            wired([series(), series(name="y"), loop(stack(cell(name="a"), cell(name="b")))], "x loop"),
            "loop",
            "again",
        )
        box = design.layer("again").children[0]
        design = edits.insert_child(box.id, 1, cell("GRUCell", "new"))(design)
        assert [kinds(design.layer(each)) for each in ("loop", "again")] == [
            ["RNN", "StackedRNNCells", "LSTMCell", "GRUCell", "LSTMCell"]
        ] * 2
        design = edits.move_child(box.id, 1, 0)(design)
        assert (
            kinds(design.layer("loop"))[2:]
            == kinds(design.layer("again"))[2:]
            == ["GRUCell", "LSTMCell", "LSTMCell"]
        )
        last = design.layer("again").children[0].children[2]
        design = edits.take_out(last.id, (1.0, 2.0))(design)
        assert kinds(design.layer("again"))[2:] == ["GRUCell", "LSTMCell"]
        assert (design.layers[-1].id, design.layers[-1].shares) == ("b", None)
        assert round_trip(design) == design

    def test_that_an_inner_layer_is_removed_from_both(self) -> None:
        inner = FRAMES.layer("again").children[0]
        design = edits.remove([inner.id])(FRAMES)
        assert [design.layer(each).children for each in ("both", "again")] == [(), ()]
        filled = edits.set_child("again", 0, gru())(design)
        assert [kinds(filled.layer(each)) for each in ("both", "again")] == [["Bidirectional", "GRU"]] * 2


class TestParting:
    def test_that_a_box_becomes_a_layer_of_its_own(self) -> None:
        design = edits.make_own("again")(FRAMES)
        assert not any(each.shares for each in design.walk())
        changed = edits.set_parameter("memory", "units", 9)(design)
        assert changed.layer("again").children[0].value("units") == 3
        assert check(design).counts["again"] == check(design).counts["both"]

    def test_that_the_original_and_inner_layers_are_not_parted(self) -> None:
        with pytest.raises(Refused, match="‘again’ does; choose that one"):
            edits.make_own("both")(FRAMES)
        with pytest.raises(Refused, match="Make ‘again’ a layer of its own instead"):
            edits.make_own(FRAMES.layer("again").children[0].id)(FRAMES)

    def test_that_the_first_box_takes_the_place_of_a_removed_original(self) -> None:
        three = again(FRAMES, "both", "third")
        design = edits.remove(["both"])(three)
        assert [each.shares for each in design.layers] == [None, None, None, None, "again"]
        first, second = design.layer("again").children[0], design.layer("third").children[0]
        assert (first.shares, second.shares) == (None, first.id)
        assert second.id == three.layer("third").children[0].id
        assert round_trip(design) == design
        assert edits.set_parameter(second.id, "units", 8)(design).layer(first.id).value("units") == 8

    def test_that_an_original_that_moves_into_a_frame_leaves_the_boxes_to_themselves(self) -> None:
        design = replace(TWICE, layers=(*TWICE.layers, both()))
        moved = edits.set_child("both", 0, design.layer("memory"))(design)
        assert moved.layer("again").shares is None
        assert moved.layer("memory").shares is None
        assert round_trip(moved) == moved


class TestCopying:
    def test_that_a_pasted_box_stays_shared_where_the_original_is(self) -> None:
        design = edits.paste(edits.copy(FRAMES, ["again"]))(FRAMES)
        box = design.layers[-1]
        assert (box.shares, box.children[0].shares) == ("both", "memory")
        assert edits.duplicate(["again"])(FRAMES).layers[-1].shares == "both"
        assert round_trip(design) == design

    def test_that_it_is_a_layer_of_its_own_elsewhere(self) -> None:
        design = edits.paste(edits.copy(FRAMES, ["again"]))(Design())
        assert not any(each.shares for each in design.walk())
        assert kinds(design.layers[0]) == ["Bidirectional", "LSTM"]

    @pytest.mark.parametrize("there", [FRAMES, Design()])
    def test_that_boxes_copied_with_their_original_share_the_copy(self, there: Design) -> None:
        design = edits.paste(edits.copy(FRAMES, ["again", "both"]))(there)
        original, box = design.layers[-2:]
        assert (original.shares, box.shares) == (None, original.id)
        assert box.children[0].shares == original.children[0].id
        assert round_trip(design) == design


class TestFiles:
    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"shares": "nobody"}, "no layer on the canvas with the id “nobody”"),
            ({"shares": "again"}, "shares another layer itself"),
            ({"params": {"units": 5, "return_sequences": True}}, "they differ"),
            ({"kind": "GRU"}, "they differ"),
        ],
    )
    def test_that_boxes_that_are_not_like_an_original_are_named(
        self, change: dict[str, object], words: str
    ) -> None:
        tree = json.loads(files.to_text(TWICE))
        box = next(each for each in tree["layers"] if each["id"] == "again")
        box.update(change)
        with pytest.raises(files.FileProblem, match=words):
            files.from_text(json.dumps(tree))

    def test_that_an_inner_layer_shares_nothing_by_itself(self) -> None:
        tree = json.loads(files.to_text(FRAMES))
        next(each for each in tree["layers"] if each["id"] == "both")["children"][0]["shares"] = "out"
        with pytest.raises(files.FileProblem, match="unless its wrapper does"):
            files.from_text(json.dumps(tree))
