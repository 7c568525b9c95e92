"""Frames for cells: what goes in, in which order, what comes out, and cells and layers turned into each other."""

import runpy
from dataclasses import replace
from pathlib import Path

import pytest

from rnn_designer.catalog import CATALOG, FrozenMap
from rnn_designer.design import Design, Edit, Layer, Link, Refused, check, edits, files

KIT = runpy.run_path(str(Path(__file__).with_name("lint_cases_recurrent.py")))
chain, series, wired, layer = (KIT[name] for name in ("chain", "series", "wired", "layer"))
lstm, gru, dense, both = (KIT[name] for name in ("lstm", "gru", "dense", "both"))
cell, loop, stack, custom = (KIT[name] for name in ("cell", "loop", "stack", "custom"))

STACK = chain(
    series(), loop(stack(cell(name="a"), cell("GRUCell", "b"), cell("SimpleRNNCell", "c"))), dense()
)


def inside(design: Design, holder: str) -> list[str]:
    return [each.id for each in design.layer(holder).children]


def ends(design: Design) -> list[str]:
    return [f"{e.source}.{e.source_port} {e.target}.{e.target_port}" for e in design.links]


def refused(edit: Edit, design: Design) -> Refused:
    with pytest.raises(Refused) as caught:
        edit(design)
    assert str(caught.value).endswith(".")
    return caught.value


class TestOrder:
    @pytest.mark.parametrize("index", range(4))
    def test_that_a_cell_goes_in_at_its_place(self, index: int) -> None:
        design = edits.insert_child("stack", index, cell(name="new"))(STACK)
        wanted = ["a", "b", "c"]
        wanted.insert(index, "new")
        assert inside(design, "stack") == wanted
        assert not check(design).errors
        assert files.from_text(files.to_text(design)) == design

    @pytest.mark.parametrize(("start", "end", "order"), [(0, 2, "bca"), (2, 0, "cab"), (1, 1, "abc")])
    def test_that_cells_change_places(self, start: int, end: int, order: str) -> None:
        assert inside(edits.move_child("stack", start, end)(STACK), "stack") == list(order)

    @pytest.mark.parametrize(("index", "order"), [(0, "abc"), (1, "abc"), (2, "bac"), (3, "bca")])
    def test_that_a_cell_put_before_another_in_its_own_frame_moves_there(
        self, index: int, order: str
    ) -> None:
        first = STACK.layer("a")
        assert inside(edits.insert_child("stack", index, first)(STACK), "stack") == list(order)

    def test_that_wires_of_states_follow_their_cells(self) -> None:
        rnn = loop(stack(cell(name="a"), cell("GRUCell", "b")), return_state=True)
        design = wired(
            [series(), rnn, dense("one"), dense("two"), lstm("next")],
            "x loop",
            "loop.cell_0_c one",
            "loop.cell_1_h two",
            "x next",
        )
        moved = edits.move_child("stack", 0, 1)(design)
        assert ends(moved) == [
            "x.output loop.input",
            "loop.cell_1_c one.input",
            "loop.cell_0_h two.input",
            "x.output next.input",
        ]
        assert edits.move_child("stack", 1, 0)(moved) == design
        shorter = edits.remove(["a"])(moved)
        assert ends(shorter)[:2] == ["x.output loop.input", "loop.cell_0_h two.input"]

    def test_that_places_that_are_not_there_are_refused(self) -> None:
        assert "no place 3" in str(refused(edits.move_child("stack", 0, 3), STACK))
        assert "is full" in str(refused(edits.insert_child("loop", 0, cell(name="new")), STACK))
        assert "no place 1" in str(refused(edits.insert_child("loop", 1, cell(name="new")), STACK))
        assert "first" in str(refused(edits.insert_child("stack", 5, cell(name="new")), STACK))
        assert "hold itself" in str(refused(edits.insert_child("stack", 0, STACK.layer("loop")), STACK))
        assert "in no frame" in str(refused(edits.take_out("loop", (0.0, 0.0)), STACK))


class TestMoving:
    def test_that_a_cell_goes_from_one_frame_to_another(self) -> None:
        two = Design(
            "d", (*STACK.layers, loop(stack(cell(name="d"), name="other"), name="second")), STACK.links
        )
        design = edits.insert_child("other", 0, two.layer("b"))(two)
        assert (inside(design, "stack"), inside(design, "other")) == (["a", "c"], ["b", "d"])

    def test_that_a_cell_goes_from_the_canvas_into_a_frame_and_out_again(self) -> None:
        loose = replace(STACK, layers=(*STACK.layers, replace(cell(name="new"), position=(5.0, 6.0))))
        design = edits.insert_child("stack", 1, loose.layer("new"))(loose)
        assert inside(design, "stack") == ["a", "new", "b", "c"]
        assert design.layer("new").position == (0.0, 0.0)
        assert edits.take_out("new", (5.0, 6.0))(design) == loose

    def test_that_a_cell_set_in_a_place_replaces_what_is_there(self) -> None:
        assert inside(edits.set_child("stack", 1, cell(name="new"))(STACK), "stack") == ["a", "new", "c"]
        assert inside(edits.set_child("stack", 3, cell(name="new"))(STACK), "stack") == ["a", "b", "c", "new"]
        assert inside(edits.set_child("stack", 1, None)(STACK), "stack") == ["a", "c"]
        assert inside(edits.set_child("stack", 0, STACK.layer("c"))(STACK), "stack") == ["c", "b"]

    def test_that_frames_nest_as_deep_as_wanted(self) -> None:
        design = STACK
        for depth in range(5):
            inner = stack(cell(name=f"x{depth}"), cell(name=f"y{depth}"), name=f"stack{depth}")
            design = edits.insert_child("stack" if depth == 0 else f"stack{depth - 1}", 0, inner)(design)
        assert not check(design).errors
        assert files.from_text(files.to_text(design)) == design

    def test_that_a_taken_out_layer_loses_the_wires_of_its_states(self) -> None:
        design = wired([series(), both(lstm(return_state=True)), dense()], "x both", "both.forward_h out")
        assert ends(edits.take_out("memory", (0.0, 0.0))(design)) == ["x.output both.input"]


class TestNew:
    def test_that_frames_come_with_cells_inside(self) -> None:
        assert [each.kind for each in edits.new_layer(Design(), "RNN").walk()] == ["RNN", "LSTMCell"]
        new = edits.new_layer(STACK, "StackedRNNCells")
        assert [each.kind for each in new.walk()] == ["StackedRNNCells", "LSTMCell", "LSTMCell"]
        assert len({each.name for each in new.walk()}) == 3
        assert not check(edits.wrap(new.id, "RNN")(edits.add(new)(Design()))).errors


SETTINGS = FrozenMap(units=7, use_bias=False, dropout=0.25, recurrent_activation="hard_sigmoid")


class TestConversion:
    @pytest.mark.parametrize(
        ("kind", "small"), [("SimpleRNN", "SimpleRNNCell"), ("LSTM", "LSTMCell"), ("GRU", "GRUCell")]
    )
    def test_that_all_settings_known_to_both_go_over_and_back(self, kind: str, small: str) -> None:
        known = FrozenMap({name: each for name, each in SETTINGS.items() if name in CATALOG[kind].by_name})
        given = Layer("id", kind, "mine", known.having(return_sequences=True, stateful=True))
        made = edits.as_cell(given)
        assert (made.kind, made.id, made.name, made.params) == (small, "id", "mine", known)
        assert edits.as_layer(made) == replace(given, params=known)
        common = set(CATALOG[kind].by_name) & set(CATALOG[small].by_name)
        assert {"units", "activation", "kernel_initializer", "recurrent_dropout", "dtype"} <= common

    def test_that_a_name_that_tells_the_kind_tells_the_new_one(self) -> None:
        given = Layer("id", "LSTM", "lstm_3", FrozenMap(units=2))
        assert edits.as_cell(given, {"lstm_3"}).name == "lstm_cell"
        assert edits.as_cell(given, {"lstm_3", "lstm_cell"}).name == "lstm_cell_1"
        assert edits.as_cell(replace(given, name="lstm_memory"), {"lstm_memory"}).name == "lstm_memory"

    def test_that_a_layer_becomes_an_rnn_and_back_with_all_of_its_settings(self) -> None:
        full = lstm(return_state=True, go_backwards=True, initial_state=(0.5, 1.0), units=4, use_bias=False)
        design = wired([series(), full, dense(), dense("state")], "x memory", "memory out", "memory.c state")
        turned = edits.turn_into_rnn("memory")(design)
        rnn = turned.layers[1]
        assert [each.kind for each in rnn.walk()] == ["RNN", "LSTMCell"]
        assert rnn.params == FrozenMap(
            return_sequences=True, return_state=True, go_backwards=True, initial_state=(0.5, 1.0)
        )
        assert rnn.children[0].params == FrozenMap(units=4, use_bias=False)
        assert rnn.children[0].id == "memory"  # Its weights go with the id.
        assert ends(turned)[2] == f"{rnn.id}.c state.input"
        assert edits.convert_child(rnn.id)(turned) == design

    def test_that_other_cells_become_rnns(self) -> None:
        design = edits.convert_child("own")(chain(series(), custom(), dense()))
        assert [each.kind for each in design.layers[1].walk()] == ["RNN", "CustomCell"]
        assert not check(design).errors

    def test_that_what_is_neither_is_refused(self) -> None:
        assert "neither a cell" in str(refused(edits.convert_child("out"), STACK))
        assert "not made of a cell" in str(refused(edits.turn_into_rnn("out"), STACK))
        with pytest.raises(Refused, match="not made of a cell"):
            edits.as_cell(both(lstm()))


class TestOffers:
    def test_that_a_layer_in_a_cells_place_is_refused_with_the_reason_and_an_offer(self) -> None:
        """The tutorial's own mistake: StackedRNNCells of LSTM layers."""
        refusal = refused(edits.insert_child("stack", 1, lstm("wrong", units=5)), STACK)
        assert str(refusal) == (
            "StackedRNNCells holds cells: LSTMCell, GRUCell, SimpleRNNCell, a cell of your own or another stack, got "
            "LSTM. An LSTM walks along a whole sequence by itself; a cell computes one step, and the RNN around it "
            "does the walking. Use an LSTMCell with the same settings instead."
        )
        assert refusal.offer is not None
        assert refusal.offer[0] == "Use an LSTMCell with the same settings instead"
        design = refusal.offer[1](STACK)
        assert inside(design, "stack") == ["a", "wrong", "b", "c"]
        assert (design.layer("wrong").kind, design.layer("wrong").value("units")) == ("LSTMCell", 5)
        assert refusal.offer[1](STACK) == design
        assert edits.put_as_cell("stack", 1, lstm("wrong", units=5))(STACK) == design
        assert not check(design).errors

    def test_that_a_layer_of_the_canvas_moves_in_as_a_cell(self) -> None:
        design = Design("d", (*STACK.layers, lstm("loose")), (*STACK.links, Link("x", "loose")))
        refusal = refused(edits.insert_child("stack", 3, design.layer("loose")), design)
        assert refusal.offer is not None
        after = refusal.offer[1](design)
        assert inside(after, "stack") == ["a", "b", "c", "loose"]
        assert (len(after.layers), after.links) == (3, STACK.links)

    def test_that_an_rnn_gives_its_cell_to_a_stack(self) -> None:
        design = Design("d", (*STACK.layers, loop(cell(name="inner"), name="loose")), STACK.links)
        refusal = refused(edits.insert_child("stack", 0, design.layer("loose")), design)
        assert refusal.offer is not None
        after = refusal.offer[1](design)
        assert inside(after, "stack") == ["inner", "a", "b", "c"]
        assert after.find("loose") is None

    def test_that_a_cell_in_a_wrapper_becomes_its_layer(self) -> None:
        design = chain(series(), both(lstm()), dense())
        refusal = refused(edits.set_child("both", 0, cell("GRUCell", "new")), design)
        assert refusal.offer is not None
        assert refusal.offer[0] == "Use a GRU with the same settings instead"
        assert refusal.offer[1](design).layer("both").children[0].kind == "GRU"
        own = refused(edits.set_child("both", 0, custom()), design).offer
        assert own is not None
        assert [each.kind for each in own[1](design).layer("both").walk()] == [
            "Bidirectional",
            "RNN",
            "CustomCell",
        ]
        assert edits.put_as_layer("both", 0, cell("GRUCell", "new"))(design) == refusal.offer[1](design)

    def test_that_wrapping_offers_what_fits(self) -> None:
        design = chain(series(), lstm(), dense())
        rnn = refused(edits.wrap("memory", "RNN"), design).offer
        assert rnn is not None
        assert rnn[0] == "Use an RNN with an LSTMCell of the same settings"
        assert [each.kind for each in rnn[1](design).layers[1].walk()] == ["RNN", "LSTMCell"]
        bare = chain(series(), cell(), dense())
        wrapped = refused(edits.wrap("cell", "Bidirectional"), bare).offer
        assert wrapped is not None
        assert [each.kind for each in wrapped[1](bare).layers[1].walk()] == ["Bidirectional", "LSTM"]

    def test_that_what_is_no_cell_at_all_gets_no_offer(self) -> None:
        assert refused(edits.insert_child("stack", 0, dense("new")), STACK).offer is None


class TestWrapping:
    def test_that_a_cell_is_wrapped_in_a_loop_and_in_a_stack(self) -> None:
        design = edits.wrap("cell", "RNN")(chain(series(), cell(), dense()))
        rnn = design.layers[1]
        assert [each.kind for each in rnn.walk()] == ["RNN", "LSTMCell"]
        assert not check(design).errors
        deeper = edits.wrap("cell", "StackedRNNCells")(design)
        assert [each.kind for each in deeper.layers[1].walk()] == ["RNN", "StackedRNNCells", "LSTMCell"]
        assert edits.unwrap(deeper.layers[1].children[0].id)(deeper) == design

    def test_that_wires_into_states_go_with_the_layer(self) -> None:
        design = wired(
            [series(), lstm("encoder", False, return_state=True), lstm()],
            "x encoder",
            "x memory",
            "encoder.h memory.initial_h",
            "encoder.c memory.initial_c",
        )
        around = edits.wrap("memory", "Bidirectional")(design)
        outer = around.layers[2].id
        assert ends(around)[2:] == [
            f"encoder.h {outer}.initial_forward_h",
            f"encoder.c {outer}.initial_forward_c",
        ]
        assert edits.unwrap(outer)(around) == design

    def test_that_a_typed_start_goes_to_the_wrapper_and_back(self) -> None:
        design = chain(series(), lstm(initial_state=(0.5, (1.0, 2.0, 3.0))), dense())
        around = edits.wrap("memory", "Bidirectional")(design)
        start = (0.5, (1.0, 2.0, 3.0))
        assert around.layers[1].value("initial_state") == start * 2
        assert around.layer("memory").value("initial_state") is None
        assert not check(around).errors
        assert edits.unwrap(around.layers[1].id)(around) == design
