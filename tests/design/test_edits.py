"""What each edit does, and with which sentence it refuses."""

import json
from dataclasses import replace
from itertools import pairwise

import pytest

from rnn_designer.catalog import FrozenMap, Part
from rnn_designer.design import DataSource, Design, Edit, Layer, Link, Refused, connection_refusal, edits


def layer(
    kind: str, name: str, *children: Layer, at: tuple[float, float] = (0.0, 0.0), **params: object
) -> Layer:
    return Layer(f"#{name}", kind, name, FrozenMap(params), at, children)


def chain(*layers: Layer) -> Design:
    wires = tuple(Link(one.id, two.id) for one, two in pairwise(layers))
    return Design("test", layers, wires)


X = layer("Input", "x", shape=(None, 2))
LSTM = layer("LSTM", "memory", units=3)
GRU = layer("GRU", "reader", units=3)
DENSE = layer("Dense", "out", units=1)
ADD = layer("Add", "sum")
BOTH = layer("Bidirectional", "both", layer("LSTM", "inner", units=4))
LINE = chain(X, LSTM, DENSE)


def wires(design: Design) -> list[str]:
    return [
        f"{link.source[1:]}.{link.source_port} {link.target[1:]}.{link.target_port}" for link in design.links
    ]


def refusal(edit: Edit, design: Design) -> str:
    with pytest.raises(Refused) as caught:
        edit(design)
    assert str(caught.value).endswith(".")
    return str(caught.value)


class TestAdd:
    def test_that_a_new_layer_has_keras_defaults_and_a_free_name(self) -> None:
        new = edits.new_layer(LINE, "LSTM", (10, 20))
        assert (new.kind, new.name, new.params, new.position) == (
            "LSTM",
            "lstm",
            FrozenMap(units=32),
            (10.0, 20.0),
        )
        design = edits.add(new)(LINE)
        assert design.layers == (*LINE.layers, new)
        assert edits.new_layer(design, "LSTM").name == "lstm_1"

    @pytest.mark.parametrize(("wrapper", "inner"), [("Bidirectional", "LSTM"), ("TimeDistributed", "Dense")])
    def test_that_a_new_wrapper_holds_a_layer(self, wrapper: str, inner: str) -> None:
        new = edits.new_layer(Design(), wrapper)
        assert [child.kind for child in new.children] == [inner]
        assert len({each.id for each in new.walk()}) == 2

    def test_that_names_are_made_as_keras_makes_them(self) -> None:
        made = {
            kind: edits.new_layer(Design(), kind).name
            for kind in ("SimpleRNN", "MaxPooling1D", "Conv1D", "GRU")
        }
        assert made == {
            "SimpleRNN": "simple_rnn",
            "MaxPooling1D": "max_pooling1d",
            "Conv1D": "conv1d",
            "GRU": "gru",
        }

    def test_that_defaults_are_not_stored_and_values_are_normal(self) -> None:
        design = edits.add(layer("LSTM", "a", units=4.0, use_bias=True, activation="swish"))(Design())
        assert design.layers[0].params == FrozenMap(units=4, activation="silu")

    def test_that_what_cannot_be_added_is_refused(self) -> None:
        assert "already" in refusal(edits.add(LSTM), LINE)
        assert "Another layer" in refusal(edits.add(replace(LSTM, id="new")), LINE)
        assert "“units” of LSTM" in refusal(edits.add(layer("LSTM", "a", units=0)), LINE)
        assert "no parameter" in refusal(edits.add(layer("LSTM", "a", unit=4)), LINE)
        assert "no layer type" in refusal(edits.add(Layer("i", "Nope", "a")), LINE)
        assert "holds" in refusal(edits.add(layer("Bidirectional", "b", layer("Dense", "d", units=1))), LINE)
        assert "holds up to 0" in refusal(
            edits.add(layer("LSTM", "b", layer("Dense", "d", units=1), units=1)), LINE
        )
        with pytest.raises(Refused, match="no layer type"):
            edits.new_layer(LINE, "Nope")


class TestRemove:
    def test_that_the_wire_is_drawn_past_a_removed_layer(self) -> None:
        assert wires(edits.remove(["#memory"])(LINE)) == ["x.output out.input"]

    def test_that_the_wire_is_drawn_past_several_removed_layers(self) -> None:
        assert wires(edits.remove(["#memory", "#reader"])(chain(X, LSTM, GRU, DENSE))) == [
            "x.output out.input"
        ]

    def test_that_it_is_not_where_that_is_not_wanted(self) -> None:
        assert wires(edits.remove(["#memory"], rejoin=False)(LINE)) == []

    def test_that_no_wire_is_guessed_where_two_come_in(self) -> None:
        design = replace(
            chain(X, ADD, DENSE),
            layers=(X, GRU, ADD, DENSE),
            links=(*chain(X, ADD, DENSE).links, Link("#reader", "#sum")),
        )
        assert wires(edits.remove(["#sum"])(design)) == []

    def test_that_a_wire_from_a_state_is_not_taken_for_the_sequence(self) -> None:
        states = layer("LSTM", "memory", units=3, return_state=True)
        design = Design("d", (X, states, DENSE), (Link("#x", "#memory"), Link("#memory", "#out", "h")))
        assert wires(edits.remove(["#memory"])(design)) == []

    def test_that_the_order_of_wires_into_a_merge_layer_is_kept(self) -> None:
        design = Design(
            "d",
            (X, LSTM, GRU, ADD),
            (Link("#x", "#memory"), Link("#x", "#reader"), Link("#memory", "#sum"), Link("#reader", "#sum")),
        )
        assert wires(edits.remove(["#memory"])(design)) == [
            "x.output reader.input",
            "x.output sum.input",
            "reader.output sum.input",
        ]
        assert wires(edits.remove(["#memory", "#reader"])(design)) == ["x.output sum.input"]

    def test_that_the_source_of_an_input_goes_with_it(self) -> None:
        design = edits.set_data("#x", DataSource("sine"))(LINE)
        assert edits.remove(["#x"])(design).data == FrozenMap()

    def test_that_an_inner_layer_leaves_its_wrapper_empty(self) -> None:
        design = edits.remove(["#inner"])(chain(X, BOTH))
        assert design.layer("#both").children == ()
        assert wires(design) == ["x.output both.input"]

    def test_that_wires_from_states_of_an_inner_layer_go_with_it(self) -> None:
        inner = layer("LSTM", "inner", units=4, return_state=True)
        both = layer("Bidirectional", "both", inner)
        design = Design("d", (X, both, DENSE), (Link("#x", "#both"), Link("#both", "#out", "forward_h")))
        assert wires(edits.remove(["#inner"])(design)) == ["x.output both.input"]

    def test_that_a_missing_layer_is_refused(self) -> None:
        assert "not in the design" in refusal(edits.remove(["nope"]), LINE)


class TestWires:
    def test_that_a_single_input_takes_the_newest_wire_in_the_place_of_the_old(self) -> None:
        design = edits.connect(Link("#x", "#out"))(LINE)
        assert wires(design) == ["x.output memory.input", "x.output out.input"]

    def test_that_a_merge_layer_takes_many(self) -> None:
        design = Design("d", (X, LSTM, ADD), (Link("#x", "#memory"), Link("#x", "#sum")))
        assert wires(edits.connect(Link("#memory", "#sum"))(design))[1:] == [
            "x.output sum.input",
            "memory.output sum.input",
        ]

    @pytest.mark.parametrize(
        ("link", "words"),
        [
            (Link("#out", "#memory"), "close a loop"),
            (Link("#memory", "#memory"), "to itself"),
            (Link("#memory", "#out"), "connected to ‘out’ already"),
            (Link("#memory", "#x"), "no wire can end there"),
            (Link("#memory", "#out", "h"), "no output “h”; it has “output”"),
            (Link("#x", "#out", "output", "state"), "no input “state”; it has “input”"),
            (Link("#x", "nope"), "not in the design"),
            (Link("#x", "#inner"), "is inside ‘both’"),
        ],
    )
    def test_that_impossible_wires_are_refused_in_words(self, link: Link, words: str) -> None:
        design = replace(LINE, layers=(*LINE.layers, BOTH))
        assert words in (connection_refusal(design, link) or "")
        assert words in refusal(edits.connect(link), design)

    def test_that_shapes_which_do_not_fit_may_be_wired(self) -> None:
        design = replace(LINE, layers=(*LINE.layers, GRU))
        assert connection_refusal(design, Link("#memory", "#reader")) is None

    def test_that_disconnecting_removes_one_wire(self) -> None:
        assert wires(edits.disconnect(LINE.links[0])(LINE)) == ["memory.output out.input"]
        assert "not in the design" in refusal(edits.disconnect(Link("#x", "#out")), LINE)

    def test_that_a_layer_is_spliced_into_a_wire_where_the_wire_was(self) -> None:
        design = edits.splice(GRU, LINE.links[0])(LINE)
        assert wires(design) == [
            "x.output reader.input",
            "reader.output memory.input",
            "memory.output out.input",
        ]
        assert design.layers[-1].id == "#reader"

    def test_that_a_layer_on_the_canvas_can_be_spliced(self) -> None:
        design = replace(LINE, layers=(*LINE.layers, GRU))
        assert wires(edits.splice(GRU, LINE.links[1])(design))[1:] == [
            "memory.output reader.input",
            "reader.output out.input",
        ]

    def test_that_splices_that_make_no_sense_are_refused(self) -> None:
        assert "no input" in refusal(edits.splice(layer("Input", "y", shape=(1,)), LINE.links[0]), LINE)
        assert "at an end" in refusal(edits.splice(LSTM, LINE.links[0]), LINE)
        assert "not in the design" in refusal(edits.splice(GRU, Link("#x", "#out")), LINE)
        longer = chain(X, LSTM, GRU, DENSE)
        assert "loop" in refusal(edits.splice(DENSE, longer.links[1]), longer)


class TestParameters:
    def test_that_a_default_is_not_stored(self) -> None:
        design = edits.set_parameter("#memory", "return_sequences", True)(LINE)
        assert design.layer("#memory").params == FrozenMap(units=3, return_sequences=True)
        assert edits.set_parameter("#memory", "return_sequences", False)(design) == LINE

    def test_that_values_are_stored_in_their_normal_form(self) -> None:
        design = edits.set_parameter("#memory", "kernel_regularizer", "l2")(LINE)
        assert design.layer("#memory").value("kernel_regularizer") == Part("L2")
        design = edits.set_parameter("#memory", "kernel_regularizer", Part("L2", FrozenMap(l2=0.01)))(LINE)
        assert design.layer("#memory").value("kernel_regularizer") == Part("L2")

    def test_that_bad_values_are_refused_with_the_sentence(self) -> None:
        assert refusal(edits.set_parameter("#memory", "units", 0), LINE).startswith(
            "“units” of LSTM: Expected"
        )
        assert "no parameter" in refusal(edits.set_parameter("#memory", "unitz", 1), LINE)
        assert "not set by hand" in refusal(edits.set_parameter("#x", "sparse", True), LINE)

    def test_that_resetting_gives_the_default_or_the_initial_value(self) -> None:
        design = edits.set_parameter("#memory", "use_bias", False)(LINE)
        assert edits.reset_parameter("#memory", "use_bias")(design) == LINE
        assert edits.reset_parameter("#memory", "units")(LINE).layer("#memory").value("units") == 32

    def test_that_wires_from_ports_that_disappear_go_with_them(self) -> None:
        design = edits.set_parameter("#memory", "return_state", True)(LINE)
        design = edits.connect(Link("#memory", "#out", "c"))(design)
        assert wires(edits.set_parameter("#memory", "return_state", False)(design)) == [
            "x.output memory.input"
        ]

    def test_that_the_main_wire_stays_when_the_outputs_of_a_wrapper_are_split_and_joined(self) -> None:
        design = chain(X, BOTH, DENSE)
        split = edits.set_parameter("#both", "merge_mode", None)(design)
        assert wires(split)[1] == "both.forward out.input"
        assert edits.set_parameter("#both", "merge_mode", "concat")(split) == design

    def test_that_inner_layers_take_parameters_too(self) -> None:
        design = edits.set_parameter("#inner", "units", 9)(chain(X, BOTH))
        assert design.layer("#inner").value("units") == 9

    def test_that_names_are_checked(self) -> None:
        assert edits.rename("#memory", " neu ")(LINE).layer("#memory").name == "neu"
        assert edits.rename("#memory", "memory")(LINE) == LINE
        for name, words in (
            ("", "needs a name"),
            ("a/b", "“/”"),
            ("out", "Another layer"),
            ("a\0b", "printable"),
        ):
            assert words in refusal(edits.rename("#memory", name), LINE)
        assert "Another layer" in refusal(edits.rename("#x", "inner"), chain(X, BOTH))

    def test_that_a_free_name_is_found(self) -> None:
        assert edits.unique_name(LINE, "memory") == "memory_1"
        assert edits.unique_name(edits.rename("#memory", "m_7")(LINE), "m_7") == "m_8"
        assert edits.unique_name(LINE, "a/b") == "a_b"
        assert edits.unique_name(LINE, "") == "layer"

    def test_that_layers_move(self) -> None:
        assert edits.move({"#x": (3, 4)})(LINE).layer("#x").position == (3.0, 4.0)
        assert "place on the canvas" in refusal(edits.move({"#x": (float("nan"), 0.0)}), LINE)


class TestWrappers:
    def test_that_wrapping_keeps_place_wires_and_states(self) -> None:
        memory = layer("LSTM", "memory", units=3, return_state=True, at=(7.0, 8.0))
        design = Design("d", (X, memory, DENSE), (Link("#x", "#memory"), Link("#memory", "#out", "h")))
        wrapped = edits.wrap("#memory", "Bidirectional")(design)
        wrapper = wrapped.layers[1]
        assert (wrapper.kind, wrapper.position, wrapper.children[0].id) == (
            "Bidirectional",
            (7.0, 8.0),
            "#memory",
        )
        assert [(link.target, link.source_port) for link in wrapped.links] == [
            (wrapper.id, "output"),
            ("#out", "forward_h"),
        ]
        assert edits.unwrap(wrapper.id)(wrapped) == design

    def test_that_a_wrapped_layer_can_be_wrapped_where_it_is(self) -> None:
        outer = layer("TimeDistributed", "steps", layer("LSTM", "inner", units=2))
        design = edits.wrap("#inner", "Bidirectional")(chain(X, outer))
        assert [each.kind for each in design.layers[1].walk()] == ["TimeDistributed", "Bidirectional", "LSTM"]
        assert edits.unwrap(design.layers[1].children[0].id)(design).layers[1] == outer

    def test_that_what_a_wrapper_cannot_hold_is_refused(self) -> None:
        assert "recurrent layer" in refusal(edits.wrap("#out", "Bidirectional"), LINE)
        assert "does not hold" in refusal(edits.wrap("#out", "Dense"), LINE)
        assert "no wrapper" in refusal(edits.unwrap("#out"), LINE)
        assert "empty" in refusal(edits.unwrap("#b"), chain(X, layer("Bidirectional", "b")))

    def test_that_children_are_set_replaced_and_removed(self) -> None:
        design = edits.set_child("#both", 0, GRU)(chain(X, BOTH, DENSE))
        assert design.layer("#both").children == (GRU,)
        back = layer("GRU", "back", units=3, go_backwards=True)
        design = edits.set_child("#both", 1, back)(design)
        assert [child.id for child in design.layer("#both").children] == ["#reader", "#back"]
        design = edits.set_child("#both", 1, None)(design)
        assert design.layer("#both").children == (GRU,)
        assert wires(design) == ["x.output both.input", "both.output out.input"]

    def test_that_a_child_may_be_replaced_by_itself_with_other_values(self) -> None:
        inner = replace(BOTH.children[0], params=FrozenMap(units=7))
        assert edits.set_child("#both", 0, inner)(chain(X, BOTH)).layer("#inner").value("units") == 7

    def test_that_a_layer_of_the_canvas_moves_in_with_its_wires_drawn_past(self) -> None:
        design = edits.set_child("#both", 0, LSTM)(chain(X, LSTM, BOTH))
        assert [each.id for each in design.layers] == ["#x", "#both"]
        assert wires(design) == ["x.output both.input"]
        assert design.layer("#both").children == (LSTM,)

    def test_that_children_that_make_no_sense_are_refused(self) -> None:
        design = chain(X, BOTH, DENSE)
        assert "recurrent layer" in refusal(edits.set_child("#both", 0, DENSE), design)
        assert "no place 5" in refusal(edits.set_child("#both", 5, GRU), design)
        assert "hold itself" in refusal(edits.set_child("#both", 0, BOTH), design)
        assert "first" in refusal(edits.set_child("#b", 1, GRU), chain(X, layer("Bidirectional", "b")))


class TestCopies:
    def test_that_pasting_gives_new_ids_free_names_inner_wires_and_sources(self) -> None:
        design = edits.set_data("#x", DataSource("sine"))(LINE)
        text = edits.copy(design, ["#x", "#memory"])
        pasted = edits.paste(text)(design)
        new = pasted.layers[3:]
        assert [each.name for each in new] == ["x_1", "memory_1"]
        assert [each.position for each in new] == [(24.0, 24.0)] * 2
        assert pasted.links[2:] == (Link(new[0].id, new[1].id),)
        assert pasted.data[new[0].id] == DataSource("sine")
        assert len({each.id for each in pasted.walk()}) == 5

    def test_that_pasting_again_does_not_hide_the_first_copy(self) -> None:
        text = edits.copy(LINE, ["#memory"])
        design = edits.paste(text)(edits.paste(text)(LINE))
        assert [each.position for each in design.layers[3:]] == [(24.0, 24.0), (48.0, 48.0)]

    def test_that_pasting_at_a_place_puts_the_top_left_corner_there(self) -> None:
        far = edits.move({"#memory": (100.0, 50.0), "#out": (300.0, 40.0)})(LINE)
        design = edits.paste(edits.copy(far, ["#memory", "#out"]), (0.0, 0.0))(Design())
        assert [each.position for each in design.layers] == [(0.0, 10.0), (200.0, 0.0)]

    def test_that_an_inner_layer_pastes_as_a_layer_of_its_own(self) -> None:
        design = edits.paste(edits.copy(chain(X, BOTH), ["#inner"]))(Design())
        assert [each.kind for each in design.layers] == ["LSTM"]

    def test_that_duplicating_keeps_wires_among_the_copies_only(self) -> None:
        design = edits.duplicate(["#memory", "#out"], (5.0, 6.0))(LINE)
        assert [each.name for each in design.layers[3:]] == ["memory_1", "out_1"]
        assert design.layers[3].position == (5.0, 6.0)
        assert len(design.links) == 3
        assert "nothing to duplicate" in refusal(edits.duplicate([]), LINE)

    @pytest.mark.parametrize(
        "text", ["", "Hello", "[1]", "{}", json.dumps({"format": 1}), '{"format": 99}', "\ud800"]
    )
    def test_that_other_text_is_refused(self, text: str) -> None:
        assert "clipboard" in refusal(edits.paste(text), LINE)


class TestDesign:
    def test_that_sources_are_set_with_the_features_that_they_have(self) -> None:
        source = DataSource("csv", FrozenMap(columns=("a", "b", "c")))
        design = edits.set_data("#x", source, features=3)(LINE)
        assert design.source_of("#x") == source
        assert design.layer("#x").value("shape") == (None, 3)
        assert edits.set_data("#x", None)(design).source_of("#x") is None

    def test_that_sources_that_make_no_sense_are_refused(self) -> None:
        assert "at an Input" in refusal(edits.set_data("#memory", DataSource("sine")), LINE)
        for source, words in (
            (DataSource("sine", batch_size=0), "batch size"),
            (DataSource("sine", time_steps=0), "time steps"),
            (DataSource("sine", stride=0), "stride"),
            (DataSource("sine", normalize="loud"), "normalize"),
            (DataSource(""), "kind"),
        ):
            assert words in refusal(edits.set_data("#x", source), LINE)

    def test_that_name_seed_notes_and_weights_are_set_or_refused(self) -> None:
        edit = edits.chain(
            edits.set_name(" Nile "),
            edits.set_seed(7),
            edits.set_notes("a\nb"),
            edits.set_weights("n.weights.npz"),
        )
        design = edit(LINE)
        assert (design.name, design.seed, design.notes, design.weights) == (
            "Nile",
            7,
            "a\nb",
            "n.weights.npz",
        )
        assert edits.set_weights(None)(design).weights is None
        refusal(edits.set_name(" "), LINE)
        refusal(edits.set_seed(-1), LINE)
        refusal(edits.set_notes("a\0"), LINE)
        for path in ("", "/etc/passwd", "../up.npz", "C:\\x.npz", "a\0"):
            refusal(edits.set_weights(path), LINE)

    def test_that_a_chain_does_all_or_nothing(self) -> None:
        assert "no parameter" in refusal(
            edits.chain(edits.set_seed(1), edits.set_parameter("#memory", "nope", 1)), LINE
        )

    def test_that_new_ids_are_new_at_every_depth(self) -> None:
        fresh = edits.new_ids(BOTH)
        assert {each.id for each in fresh.walk()}.isdisjoint(each.id for each in BOTH.walk())
        assert [each.name for each in fresh.walk()] == ["both", "inner"]
