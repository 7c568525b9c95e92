"""A design that the fake trainer trains, and how to wait for it."""

from dataclasses import replace

from pytestqt.qtbot import QtBot

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import DataSource, Design, Layer, Link
from rnn_designer.design.model import Training
from rnn_designer.session import Workspace
from rnn_designer.session.training import TrainerState


def a_design(**training: object) -> Design:
    """A sine, an LSTM and a Dense that tells the next value; 40 samples in 4 batches, 3 epochs."""
    layers = (
        Layer("in", "Input", "signal", FrozenMap(shape=(None, 1))),
        Layer("mem", "LSTM", "memory", FrozenMap(units=3)),
        Layer("out", "Dense", "guess", FrozenMap(units=1)),
    )
    source = DataSource("sine", FrozenMap(), 2, 12)
    settings = replace(Training(samples=50, batch_size=10, epochs=3, runs="tested", test=0.0), **training)
    return Design(
        "chain", layers, (Link("in", "mem"), Link("mem", "out")), FrozenMap({"in": source}), training=settings
    )


def shown(workspace: Workspace, qtbot: QtBot, design: Design | None = None) -> None:
    """Start with a design, and wait until the plots show it."""
    workspace.show(design or a_design())
    workspace.start()
    settled(workspace, qtbot)


def settled(workspace: Workspace, qtbot: QtBot) -> None:
    live = workspace.live
    qtbot.waitUntil(
        lambda: (
            live.trace is not None and not live.stale and not live.pending and not workspace.epochs.pending
        )
    )


def idle(workspace: Workspace, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: workspace.trainer.state is TrainerState.IDLE)


def trained(workspace: Workspace, qtbot: QtBot, design: Design | None = None) -> None:
    """Start with a design, and train it to the end."""
    shown(workspace, qtbot, design)
    workspace.trainer.start()
    idle(workspace, qtbot)
