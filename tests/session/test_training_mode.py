"""Live running as in training: what asks for another run, with which draw, and what has nothing to show."""

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import DataSource, Design, Generation, Layer, Link, edits
from rnn_designer.design.training import acts_in_training, can_show_training
from rnn_designer.messages import Trace
from rnn_designer.session import Workspace

PATIENCE = 120_000


def a_design(kind: str = "Dropout", **settings: object) -> Design:
    """Input, LSTM and another layer, in a chain, fed with a sine."""
    return Design(
        "chain",
        (
            Layer("in", "Input", "signal", FrozenMap(shape=(None, 1))),
            Layer("mem", "LSTM", "memory", FrozenMap(units=3, return_sequences=True)),
            Layer("drop", kind, "last", FrozenMap(**settings)),
        ),
        (Link("in", "mem"), Link("mem", "drop")),
        FrozenMap({"in": DataSource(kind="sine", batch_size=2, time_steps=12)}),
    )


class Watched:
    """A started workspace and the traces that came."""

    def __init__(self, workspace: Workspace, qtbot: QtBot) -> None:
        self.workspace, self.live, self._qtbot = workspace, workspace.live, qtbot
        self.traces: list[Trace] = []
        self.live.traced.connect(self.traces.append)

    def show(self, design: Design) -> None:
        self.workspace.show(design)
        self.workspace.start()
        self.until_traced(1)

    def until_traced(self, count: int) -> None:
        self._qtbot.waitUntil(lambda: len(self.traces) >= count and not self.live.stale, timeout=PATIENCE)
        self.until_idle()

    def until_idle(self) -> None:
        self._qtbot.waitUntil(lambda: not self.live.pending, timeout=PATIENCE)

    @property
    def modes(self) -> list[tuple[bool, int | None]]:
        """Of every trace, whether it was as in training, and the draw."""
        return [
            (each.training, *each.arrays["draw"]) if each.training else (False, None) for each in self.traces
        ]


@pytest.fixture
def watched(workspace: Workspace, qtbot: QtBot) -> Watched:
    return Watched(workspace, qtbot)


def test_that_another_mode_and_another_draw_run_again_without_building(watched: Watched, fake) -> None:
    watched.show(a_design(rate=0.3))
    training = watched.live.training
    training.set_active(True)
    watched.until_traced(2)
    assert watched.live.status.text == "traced 2 layers × 12 steps in 6.0 ms · training mode"
    training.new_draw()
    watched.until_traced(3)
    training.set_active(False)
    watched.until_traced(4)
    assert watched.live.status.text == "traced 2 layers × 12 steps in 6.0 ms"
    training.new_draw()
    watched.until_traced(5)
    assert watched.modes == [(False, None), (True, 0), (True, 1), (False, None), (True, 1)]
    assert fake.requests == ["Build", *["Run"] * 5]


def test_that_an_edit_keeps_mode_and_draw(watched: Watched) -> None:
    watched.show(a_design(rate=0.3))
    watched.live.training.set_active(True)
    watched.live.training.new_draw()
    watched.until_traced(2)
    watched.workspace.document.apply(edits.set_parameter("mem", "units", 5), "Units")
    watched.until_traced(3)
    assert watched.modes[-1] == (True, 1)


def test_that_the_mode_is_no_part_of_the_design_and_ends_with_it(watched: Watched) -> None:
    watched.show(a_design(rate=0.3))
    document = watched.workspace.document
    before = document.design
    watched.live.training.new_draw()
    watched.until_traced(2)
    assert document.design is before
    watched.show(a_design(rate=0.2))
    watched.until_traced(3)
    assert not watched.live.training.active
    assert watched.live.training.draw == 0
    assert watched.modes[-1] == (False, None)


def test_that_nothing_is_run_again_where_nothing_acts(watched: Watched, fake) -> None:
    watched.show(a_design("Dense", units=2))
    watched.live.training.set_active(True)
    watched.until_idle()
    assert fake.requests == ["Build", "Run"]
    assert "training mode" not in watched.live.status.text


@pytest.mark.parametrize(
    ("kind", "settings", "acts"),
    [
        ("Dropout", {"rate": 0.1}, True),
        ("Dropout", {"rate": 0.0}, False),
        ("SpatialDropout1D", {"rate": 0.1}, True),
        ("GaussianDropout", {"rate": 0.1}, True),
        ("AlphaDropout", {"rate": 0.1}, True),
        ("GaussianNoise", {"stddev": 0.1}, True),
        ("GaussianNoise", {"stddev": 0.0}, False),
        ("BatchNormalization", {}, True),
        ("LayerNormalization", {}, False),
        ("GRU", {"units": 2, "dropout": 0.1}, True),
        ("LSTM", {"units": 2, "recurrent_dropout": 0.1}, True),
        ("LSTM", {"units": 2}, False),
        ("LSTMCell", {"units": 2, "dropout": 0.1}, True),
        ("ConvLSTM1D", {"filters": 2, "dropout": 0.1}, True),
        ("MultiHeadAttention", {"dropout": 0.1}, True),
        ("CustomCell", {"code": "class A:\n    def call(self, inputs, states, training=False): ..."}, True),
        ("CustomCell", {"code": "class A:\n    def call(self, inputs, states): ..."}, False),
    ],
)
def test_which_layers_act_in_training_only(kind: str, settings: dict[str, object], acts: bool) -> None:
    assert acts_in_training(Layer("x", kind, "x", FrozenMap(**settings))) is acts


def test_that_what_acts_inside_a_frame_counts_and_generation_goes_without() -> None:
    inner = Layer("gru", "GRU", "gru", FrozenMap(units=2, dropout=0.2))
    design = Design("deep", (Layer("bi", "Bidirectional", "bi", children=(inner,)),))
    assert can_show_training(design)
    assert not can_show_training(replace(design, generation=Generation()))
    assert not can_show_training(Design("plain", (Layer("d", "Dense", "d"),)))
