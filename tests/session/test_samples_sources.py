"""Typed data, texts, parts and long readings in the store of samples."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import DataSource, Design, Layer, files
from rnn_designer.session import Document, EngineProcess, SampleStore

PATIENCE = 120_000


def design(source: DataSource, **params: object) -> Design:
    layer = Layer("in", "Input", "signal", FrozenMap({"shape": (None, 1), **params}))
    return Design("d", (layer,), (), FrozenMap({"in": source}))


@pytest.fixture
def store(fake, qtbot: QtBot) -> Iterator[SampleStore]:
    reader = EngineProcess(command=[fake.command[0], "-m", "rnn_designer.reader"], subject="The reader")
    fake.engines.append(reader)
    document = Document()
    made = SampleStore(document, reader=reader)
    document.setParent(made)
    yield made
    made.stop()
    made.deleteLater()
    QCoreApplication.processEvents()


def show(store: SampleStore, shown: Design, qtbot: QtBot) -> None:
    store._document.reset(shown, None)
    store.start()
    qtbot.waitUntil(lambda: store.ready, timeout=PATIENCE)


def test_that_typed_data_is_fed_and_survives_the_file(store: SampleStore, qtbot: QtBot) -> None:
    values = (((1, 2.5), (None, 4)), ((5, 6), (7, 8)))
    shown = design(DataSource("typed", FrozenMap(values=values), 2, 2), shape=(None, 2))
    show(store, files.from_text(files.to_text(shown)), qtbot)
    np.testing.assert_array_equal(store.array("in"), np.array(values, np.float64).astype(np.float32))


@pytest.mark.parametrize("values", [None, (), ((1, 2), (3,)), 7, (("x",),)])
def test_that_typed_data_that_is_none_is_a_sentence(store: SampleStore, qtbot: QtBot, values) -> None:
    show(store, design(DataSource("typed", FrozenMap(values=values))), qtbot)
    assert "typed data" in (store.problem("in") or "").lower()


def test_that_a_typed_text_needs_no_reader(store: SampleStore, qtbot: QtBot) -> None:
    source = DataSource("text", FrozenMap(text="abba", unit="characters"), 1, 4)
    show(store, design(source, shape=(None,), dtype="int32"), qtbot)
    assert store.array("in").tolist() == [[2, 3, 3, 2]]
    assert store.table("in").vocabulary[2:] == ("a", "b")


def test_that_a_text_file_is_read_with_its_settings(store: SampleStore, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("One two. ONE")
    options = FrozenMap(path=str(path), unit="words", lower=True)
    show(store, design(DataSource("text", options, 1, 4)), qtbot)
    assert store.array("in")[0, :, 0].tolist() == [2, 4, 3, 2]


def test_that_fields_of_the_split_and_the_horizon_survive_the_file() -> None:
    source = DataSource(
        "csv", FrozenMap(path="a.csv"), 1, 10, horizon=3, validation=0.1, test=0.2, part="test"
    )
    shown = design(source)
    assert files.from_text(files.to_text(shown)) == shown
    assert "horizon" not in files.to_text(design(DataSource("sine")))


@pytest.mark.parametrize(
    ("field", "value"),
    [("horizon", -1), ("validation", 1.5), ("test", -0.1), ("part", "rest"), ("horizon", "many")],
)
def test_that_a_file_with_a_bad_split_or_horizon_is_refused(field: str, value: object) -> None:
    import json

    tree = json.loads(files.to_text(design(DataSource("sine"))))
    tree["data"]["in"][field] = value
    with pytest.raises(files.FileProblem):
        files.from_text(json.dumps(tree))


def test_that_a_large_file_shows_its_beginning_its_progress_and_stops(
    store: SampleStore, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "big.csv"
    path.write_text("a,b\n" + "12345.678,-0.25\n" * 3_000_000)
    beginnings: list[int] = []
    fractions: list[float] = []

    def look() -> None:
        table, progress = store.table("in"), store.progress("in")
        if table is not None and not store.ready:
            beginnings.append(len(table.values))
        if progress is not None and progress[0] is not None:
            fractions.append(progress[0])
            store.stop_reading()

    store.progressed.connect(look)
    source = DataSource("csv", FrozenMap(path=str(path), columns=("a",)), 1, 10)
    show(store, design(source), qtbot)
    assert fractions
    assert set(beginnings) <= {2_000}
    table = store.table("in")
    if table is not None:  # Where the reader was quicker than the stop, it read on.
        assert len(table.values) <= 3_000_000
    else:
        assert "was stopped" in (store.problem("in") or "")
