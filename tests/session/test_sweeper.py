"""Sweeps as the window runs them, with a command that only tells of them."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from rnn_designer.design import Design, edits, new_layer
from rnn_designer.design.model import Link
from rnn_designer.design.sweeping import Varied
from rnn_designer.session import Document
from rnn_designer.session.training.sweeper import Sweeper

COMMAND = Path(__file__).with_name("sweep_command.py")


def swept() -> Design:
    design = Design()
    for kind in ("Input", "SimpleRNN", "Dense"):
        design = edits.add(new_layer(design, kind))(design)
    first, memory, last = (layer.id for layer in design.layers)
    for edit in (
        edits.connect(Link(first, memory)),
        edits.connect(Link(memory, last)),
        edits.set_parameter(last, "units", 1),
        edits.vary(Varied(None, "batch_size", low=8, high=64)),
    ):
        design = edit(design)
    return design


@pytest.fixture
def make(qapp: object) -> Iterator[Callable[[str], Sweeper]]:
    made: list[Sweeper] = []

    def sweeper(what: str) -> Sweeper:
        document = Document()
        document.reset(swept(), None, saved=True)
        found = Sweeper(document, command=(sys.executable, str(COMMAND), what))
        document.setParent(found)
        made.append(found)
        return found

    yield sweeper
    for each in made:
        each.close()
        each.deleteLater()


def test_that_trials_are_told_ranked_and_kept(make: Callable[[str], Sweeper], qtbot: QtBot) -> None:
    sweeper = make("finish")
    assert sweeper.reason_not_to_start() is None
    with qtbot.waitSignal(sweeper.ended, timeout=60_000) as ended:
        sweeper.start(2)
        assert sweeper.running
        assert sweeper.reason_not_to_start() is not None
    assert ended.args == ["3 trials done. The best is trial 1."]
    assert not sweeper.running
    assert [each.state for each in sweeper.trials] == ["complete", "complete", "pruned", "failed"]
    # One that was ended early stands after those that went to their end, however good it looked.
    assert [each.ticket for each in sweeper.ranked] == [1, 0, 2]
    assert sweeper.trials[1].tries == 2
    assert sweeper.names == {"training/batch_size": "batch size"}
    assert sweeper.trials[3].reason == "The loss was no number any more."


def test_that_a_sweep_can_be_stopped(make: Callable[[str], Sweeper], qtbot: QtBot) -> None:
    sweeper = make("hang")
    sweeper.start()
    qtbot.waitUntil(lambda: len(sweeper.trials) == 2, timeout=60_000)
    assert sweeper.trials[1].best == 0.75
    assert sweeper.status.text == "1 of 4 trials done, 1 under way · best 0.5"
    with qtbot.waitSignal(sweeper.ended) as ended:
        sweeper.stop()
    assert ended.args == ["Stopped with 1 trial done. Start again to go on."]
    assert [each.state for each in sweeper.trials] == ["complete", "waiting"]


def test_that_what_earlier_sweeps_found_is_read(make: Callable[[str], Sweeper], qtbot: QtBot) -> None:
    sweeper = make("finish")
    sweeper.look()
    assert not sweeper.running
    qtbot.waitUntil(lambda: len(sweeper.trials) == 1 and sweeper._process is None, timeout=60_000)
    assert sweeper.ranked[0].ticket == 0
    assert not sweeper.status.text


def test_that_what_the_command_refuses_is_said(make: Callable[[str], Sweeper], qtbot: QtBot) -> None:
    sweeper = make("fail")
    with qtbot.waitSignal(sweeper.failed, timeout=60_000) as failed:
        sweeper.start()
    assert failed.args == ["A sweep needs Optuna, which is not installed."]
    assert sweeper.status.problem


def test_that_nothing_starts_without_something_that_varies(
    make: Callable[[str], Sweeper], qtbot: QtBot
) -> None:
    sweeper = make("finish")
    sweeper._document.apply(edits.vary_no_more(None, "batch_size"), "Vary no more")
    with qtbot.waitSignal(sweeper.failed) as failed:
        sweeper.start()
    assert failed.args == ["Choose the settings that vary first."]


def test_that_trials_go_when_something_else_varies(make: Callable[[str], Sweeper], qtbot: QtBot) -> None:
    sweeper = make("finish")
    with qtbot.waitSignal(sweeper.ended, timeout=60_000):
        sweeper.start()
    sweeper._document.apply(edits.change_sweep(trials=5), "More trials")
    assert len(sweeper.trials) == 4
    sweeper._document.apply(edits.vary_setting(None, "epochs"), "Vary a setting")
    assert sweeper.trials == ()
