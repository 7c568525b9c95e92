"""What goes from step to step: names, places and ports of states, and where they begin."""

from typing import Any

import pytest

from rnn_designer.catalog import CATALOG, BadValue, Call, Integers, RuleError, States, Step, TensorSpec
from rnn_designer.catalog.cells import CELL_OF, LAYER_OF
from rnn_designer.catalog.states import carried_by, in_places

SEQUENCE = TensorSpec((2, 7, 5))


def layer(kind: str, *children: Call, **params: Any) -> Call:
    return Call(CATALOG[kind], CATALOG[kind].complete(params), (), children)


LSTM_CELL, GRU_CELL = layer("LSTMCell", units=4), layer("GRUCell", units=3)
STACK = layer("StackedRNNCells", LSTM_CELL, GRU_CELL)
DEEP = layer("StackedRNNCells", GRU_CELL, layer("StackedRNNCells", LSTM_CELL, GRU_CELL))
ONE = layer("StackedRNNCells", LSTM_CELL)


def names(call: Call) -> list[str]:
    return [state.name for state in carried_by(call)]


def starts(call: Call) -> list[tuple[str, str]]:
    ports = call.type.more_inputs(call.params, call.children)
    assert all(port.optional and port.state for port in ports)
    return [(port.name, port.label) for port in ports]


def refused(call: Call, **named: TensorSpec) -> RuleError:
    with pytest.raises(RuleError) as caught:
        call.on(SEQUENCE, **named).outputs()
    return caught.value


def state(*sizes: int | None) -> TensorSpec:
    return TensorSpec(sizes)


def test_that_layers_cells_and_loops_carry_the_same_states() -> None:
    assert names(layer("LSTM")) == names(LSTM_CELL) == names(layer("RNN", LSTM_CELL)) == ["h", "c"]
    assert names(layer("GRU")) == names(GRU_CELL) == names(layer("RNN", GRU_CELL)) == ["h"]
    assert names(layer("ConvLSTM2D")) == ["h", "c"]
    assert names(layer("Dense")) == names(layer("RNN")) == names(layer("Bidirectional")) == []


def test_that_states_of_a_stack_are_named_by_its_cells() -> None:
    assert names(layer("RNN", STACK)) == ["cell_0_h", "cell_0_c", "cell_1_h"]
    assert names(layer("RNN", DEEP)) == ["cell_0_h", "cell_1_0_h", "cell_1_0_c", "cell_1_1_h"]
    assert names(layer("RNN", ONE)) == ["cell_0_h", "cell_0_c"]
    paths = [each.path for each in carried_by(layer("RNN", DEEP))]
    assert paths == [
        "cell_0/state/h",
        "cell_1/cell_0/state/h",
        "cell_1/cell_0/state/c",
        "cell_1/cell_1/state/h",
    ]
    assert [each.symbol for each in carried_by(DEEP)] == [
        "h cell 0",
        "h cell 1.0",
        "c cell 1.0",
        "h cell 1.1",
    ]


def test_that_recorded_states_are_those_that_are_carried() -> None:
    for cell in (LSTM_CELL, GRU_CELL, STACK, DEEP, ONE):
        loop = layer("RNN", cell)
        recorded, gates = loop.type.recorded(loop.params, loop.children)
        assert [each.path for each in recorded] == [each.path for each in carried_by(loop)]
        assert len({each.path for each in (*recorded, *gates)}) == len(recorded) + len(gates)
    _, gates = layer("RNN", STACK).type.recorded({}, (STACK,))
    assert gates[0].explanation.startswith("Cell 0, LSTMCell: The input gate")
    assert [each.symbol for each in gates[-2:]] == ["r cell 1", "h̃ cell 1"]


@pytest.mark.parametrize(
    ("cell", "nested"),
    [
        (LSTM_CELL, [0, 1]),
        (GRU_CELL, [0]),
        (STACK, [[0, 1], 2]),
        (DEEP, [0, [[1, 2], 3]]),
        (ONE, [0, 1]),
        (layer("StackedRNNCells", layer("StackedRNNCells", STACK)), [[0, 1], 2]),
        (layer("StackedRNNCells", ONE, GRU_CELL), [[0, 1], 2]),
    ],
)
def test_that_entries_are_nested_as_keras_nests_states(cell: Call, nested: list[Any]) -> None:
    states = carried_by(layer("RNN", cell))
    assert in_places(states, range(len(states))) == nested


def test_that_both_directions_carry_forward_states_first() -> None:
    both = layer("Bidirectional", layer("RNN", STACK))
    states = carried_by(both)
    assert names(both)[:3] == ["forward_cell_0_h", "forward_cell_0_c", "forward_cell_1_h"]
    assert names(both)[3:] == ["backward_cell_0_h", "backward_cell_0_c", "backward_cell_1_h"]
    assert in_places(states, range(6)) == [[0, 1], 2, [3, 4], 5]
    assert states[3].path == "backward/cell_0/state/h"
    own = layer("Bidirectional", layer("LSTM"), layer("GRU", go_backwards=True))
    assert names(own) == ["forward_h", "forward_c", "backward_h"]


def test_that_ports_for_the_beginning_stand_on_every_recurrent_layer() -> None:
    assert starts(layer("LSTM")) == [("initial_h", "h₀"), ("initial_c", "c₀")]
    assert starts(layer("ConvLSTM1D")) == starts(layer("RNN", LSTM_CELL)) == starts(layer("LSTM"))
    assert starts(layer("RNN", STACK))[1:] == [
        ("initial_cell_0_c", "c₀ cell 0"),
        ("initial_cell_1_h", "h₀ cell 1"),
    ]
    assert starts(layer("Bidirectional", layer("GRU"))) == [
        ("initial_forward_h", "h₀ forward"),
        ("initial_backward_h", "h₀ backward"),
    ]
    assert starts(LSTM_CELL) == starts(layer("Dense")) == []
    for kind, entry in CATALOG.items():
        assert entry.recurrent <= ("initial_state" in entry.by_name), kind


def test_that_a_loop_gives_what_its_layer_gives() -> None:
    for kind, cell in CELL_OF.items():
        flags = {"return_sequences": True, "return_state": True}
        single = layer(kind, units=6, **flags).on(SEQUENCE)
        loop = layer("RNN", layer(cell, units=6), **flags).on(SEQUENCE)
        assert single.outputs() == loop.outputs()
        assert single.count() == loop.count()
        assert LAYER_OF[cell] == kind


def test_that_cells_get_one_step_and_the_next_one_the_output_of_the_last() -> None:
    assert layer("RNN", DEEP).on(SEQUENCE).outputs() == (TensorSpec((2, 3)),)
    count = 3 * 3 * (5 + 3 + 2) + 4 * 4 * (3 + 4 + 1) + 3 * 3 * (4 + 3 + 2)
    assert layer("RNN", DEEP).on(SEQUENCE).count() == count
    assert LSTM_CELL.on(Step((2, 5))).outputs() == (TensorSpec((2, 4)),)


def test_that_a_weight_count_nobody_knows_makes_the_sum_unknown() -> None:
    own = layer("CustomCell", **CATALOG["CustomCell"].new_params())
    assert layer("RNN", own).on(SEQUENCE).count() is None
    assert layer("RNN", layer("StackedRNNCells", LSTM_CELL, own)).on(SEQUENCE).count() is None
    assert layer("Bidirectional", layer("RNN", own)).on(SEQUENCE).count() is None


def test_that_a_layer_in_the_place_of_a_cell_is_told_which_cell_to_use() -> None:
    error = refused(layer("RNN", layer("LSTM")))
    assert (error.code, error.child, error.facts["instead"]) == ("wrapped_kind", 0, "LSTMCell")
    assert str(error) == (
        "RNN hands its cell one step at a time, got the layer LSTM, which wants a whole sequence. Use LSTMCell in "
        "its place."
    )
    inside = refused(layer("RNN", layer("StackedRNNCells", LSTM_CELL, layer("GRU"))))
    assert (inside.code, inside.facts["instead"]) == ("wrapped_kind", "GRUCell")
    assert refused(layer("RNN", layer("Dense"))).facts["instead"] is None


def test_that_a_cell_alone_is_told_which_layer_to_use() -> None:
    error = refused(LSTM_CELL)
    assert (error.code, error.facts["instead"]) == ("cell_alone", "LSTM")
    assert refused(STACK).facts["instead"] is None
    assert refused(layer("Bidirectional", LSTM_CELL)).facts["instead"] == "LSTM"


def test_that_states_begin_all_together() -> None:
    error = refused(layer("LSTM", units=4), initial_c=state(2, 4))
    assert (error.code, error.facts["missing"]) == ("state_count", ("initial_h",))
    assert "got a wire for c₀ only. Connect h₀ too, or remove what is wired." in str(error)
    both = layer("Bidirectional", layer("GRU", units=4))
    assert refused(both, initial_forward_h=state(2, 4)).facts["missing"] == ("initial_backward_h",)


@pytest.mark.parametrize(
    ("wrong", "code", "words"),
    [
        (state(2, 3), "state_size", "needs 4 numbers per sample at h₀, got 2×3"),
        (state(2, 7, 4), "state_size", "with return_sequences off"),
        (state(2), "state_size", "of the same kind and size"),
        (state(3, 4), "state_batch", "each of the 2 samples"),
        (TensorSpec((2, 4), kind="int"), "state_size", "token ids"),
    ],
)
def test_that_what_cannot_be_a_state_is_refused(wrong: TensorSpec, code: str, words: str) -> None:
    error = refused(layer("GRU", units=4), initial_h=wrong)
    assert error.code == code
    assert words in str(error)
    assert error.facts["port"] == "initial_h"


def test_that_one_state_for_all_samples_is_left_to_the_checks() -> None:
    assert layer("GRU", units=4).on(SEQUENCE, initial_h=state(1, 4)).outputs()
    assert layer("GRU", units=4).on(SEQUENCE, initial_h=state(None, 4)).outputs()


@pytest.mark.parametrize(
    ("constant", "words"),
    [
        ((0.0,), "has 2 states (h and c), got initial_state with 1 value"),
        ((0.0, 0.0, 0.0), "Give one for each"),
        ((0.0, (1.0, 2.0)), "keeps 4 numbers in c, got 2"),
    ],
)
def test_that_constants_that_do_not_fit_are_refused(constant: tuple[Any, ...], words: str) -> None:
    for call in (
        layer("LSTM", units=4, initial_state=constant),
        layer("RNN", LSTM_CELL, initial_state=constant),
    ):
        error = refused(call)
        assert (error.code, error.parameter) == ("state_constant", "initial_state")
        assert words in str(error)


def test_that_constants_and_wires_exclude_each_other() -> None:
    error = refused(layer("GRU", units=4, initial_state=(0.5,)), initial_h=state(2, 4))
    assert (error.code, error.facts["wired"]) == ("state_constant", ("initial_h",))


def test_that_a_constant_of_a_wrapped_layer_belongs_to_its_wrapper() -> None:
    inner = layer("GRU", units=4, initial_state=(0.5,))
    for wrapper in ("Bidirectional", "TimeDistributed"):
        error = refused(layer(wrapper, inner))
        assert (error.code, error.child) == ("state_inside", 0)
    assert (
        layer("Bidirectional", layer("GRU", units=4), initial_state=(0.5, (1.0,) * 4)).on(SEQUENCE).outputs()
    )


def test_that_frames_begin_with_one_number() -> None:
    frames = TensorSpec((2, 7, 8, 5))
    assert layer("ConvLSTM1D", initial_state=(0.5, 0.0)).on(frames).outputs()
    with pytest.raises(RuleError, match="Give one number for the whole frame"):
        layer("ConvLSTM1D", initial_state=(0.5, (0.0, 1.0))).on(frames).outputs()


def test_that_both_directions_with_different_states_begin_with_zeros() -> None:
    pair = layer("Bidirectional", layer("LSTM", units=4), layer("GRU", units=4, go_backwards=True))
    assert pair.on(SEQUENCE).outputs()
    wires = {f"initial_{name}": state(2, 4) for name in names(pair)}
    assert "both layers must have as many" in str(refused(pair, **wires))


@pytest.mark.parametrize(
    ("given", "kept"),
    [(None, None), ([1, 2.5], (1.0, 2.5)), (((1, 2), 0), ((1.0, 2.0), 0.0))],
)
def test_that_initial_states_are_kept_as_tuples_of_numbers(given: Any, kept: Any) -> None:
    assert States().accept(given) == kept


@pytest.mark.parametrize(
    "given", [0.5, "zeros", (), ((),), (True,), (None,), (float("nan"),), (10**400,), (((1.0,),),)]
)
def test_that_other_initial_states_are_refused_in_a_sentence(given: Any) -> None:
    with pytest.raises(BadValue, match=r"^Expected .*got .*\.$"):
        States().accept(given)


def test_that_sizes_of_edges_may_come_in_pairs() -> None:
    edges = Integers(length=2, minimum=0, single=True, pairs=True)
    assert edges.accept(((1, 2), (0, 0))) == edges.accept((1, 2, 0, 0)) == ((1, 2), (0, 0))
    assert edges.accept(((1, 1), (3, 3))) == edges.accept((1, 3)) == (1, 3)
    assert edges.accept(((1, 2), 3)) == ((1, 2), (3, 3))
    assert edges.accept(2) == 2
    for wrong in ((1, 2, 3), ((1, 2, 3), (0, 0)), ((1, -1), (0, 0)), ((1, "2"), 0)):
        with pytest.raises(BadValue, match="2 whole numbers of at least 0 or 4 of them"):
            edges.accept(wrong)
