"""Keras' own documentation is asked for once, survives a crash of the engine, and its absence has a reason."""

from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from rnn_designer.session import EngineState
from rnn_designer.session.docs import KerasDocs

PATIENCE = 120_000


@pytest.fixture
def docs(fake: Any) -> KerasDocs:
    engine = fake.engine()
    return KerasDocs(engine, engine)


def engine_of(fake: Any) -> Any:
    return fake.engines[-1]


def test_that_a_stopped_engine_is_the_reason_for_no_documentation(docs: KerasDocs, fake: Any) -> None:
    assert docs.ask("layers.LSTM") is None
    assert docs.why_none("layers.LSTM").endswith(engine_of(fake).reason)


def test_that_what_is_asked_before_the_engine_is_ready_is_answered_then(
    docs: KerasDocs, fake: Any, qtbot: QtBot
) -> None:
    docs.ask("layers.LSTM")
    with qtbot.waitSignal(docs.changed, timeout=PATIENCE, check_params_cb=lambda _: docs.get("layers.LSTM")):
        engine_of(fake).start()
    found = docs.get("layers.LSTM")
    assert found is not None
    assert found.summary == "About layers.LSTM."
    assert docs.why_none("layers.LSTM") == ""
    assert docs.version == "fake"


def test_that_a_name_is_asked_for_once(docs: KerasDocs, fake: Any, qtbot: QtBot) -> None:
    engine_of(fake).start()
    qtbot.waitUntil(lambda: engine_of(fake).state is EngineState.READY, timeout=PATIENCE)
    docs.ask("layers.GRU")
    docs.ask("layers.GRU")
    qtbot.waitUntil(lambda: docs.get("layers.GRU") is not None, timeout=PATIENCE)
    assert docs.ask("layers.GRU") is docs.get("layers.GRU")
    assert fake.requests == ["Describe"]


def test_that_a_refusal_is_told_in_its_own_sentence(docs: KerasDocs, fake: Any, qtbot: QtBot) -> None:
    fake.does(Describe="fail")
    docs.ask("layers.Nonsense")
    engine_of(fake).start()
    qtbot.waitUntil(lambda: "on purpose" in docs.why_none("layers.Nonsense"), timeout=PATIENCE)
    assert docs.ask("layers.Nonsense") is None
    assert fake.requests == ["Describe"]


def test_that_a_crash_before_the_answer_only_delays_it(docs: KerasDocs, fake: Any, qtbot: QtBot) -> None:
    fake.does(Describe="abort")
    docs.ask("layers.LSTM")
    engine_of(fake).state_changed.connect(lambda state: fake.does() if state is EngineState.CRASHED else None)
    engine_of(fake).start()
    qtbot.waitUntil(lambda: docs.get("layers.LSTM") is not None, timeout=PATIENCE)
    assert fake.requests == ["Describe", "Describe"]
