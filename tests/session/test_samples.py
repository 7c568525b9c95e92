"""What Inputs are fed with: generators, files, stand-ins, and sentences where there is nothing to feed."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import DataSource, Design, Layer, Link, edits
from rnn_designer.messages import Table
from rnn_designer.session import Document, EngineProcess, SampleStore

PATIENCE = 120_000


def input_layer(**params: object) -> Layer:
    return Layer("in", "Input", "signal", FrozenMap({"shape": (None, 1), **params}))


def design(source: DataSource | None = None, layer: Layer | None = None) -> Design:
    return Design("d", (layer or input_layer(),), (), FrozenMap({} if source is None else {"in": source}))


@pytest.fixture
def reader(fake) -> EngineProcess:
    """The real reader; tests that want a bad one take the fake."""
    command = [fake.command[0], "-m", "rnn_designer.reader"]
    reader = EngineProcess(command=command, subject="The reader of data files")
    fake.engines.append(reader)
    return reader


class Stored:
    """A store with everything it has said."""

    def __init__(self, reader: EngineProcess, qtbot: QtBot) -> None:
        self.document = Document()
        self.store = SampleStore(self.document, reader=reader)
        self.qtbot = qtbot
        self.changes = 0
        self.failures: list[tuple[str, str]] = []
        self.read: list[tuple[str, object]] = []
        self.store.changed.connect(self._changed)
        self.store.failed.connect(lambda input_id, sentence: self.failures.append((input_id, sentence)))
        self.store.table_read.connect(lambda path, table: self.read.append((path, table)))
        self.store.read_failed.connect(lambda path, sentence: self.read.append((path, sentence)))

    def _changed(self) -> None:
        self.changes += 1

    def show(self, shown: Design, path: Path | None = None) -> None:
        self.document.reset(shown, path)
        self.store.start()
        self.until_ready()

    def until_ready(self) -> None:
        self.qtbot.waitUntil(lambda: self.store.ready, timeout=PATIENCE)


@pytest.fixture
def stored(reader: EngineProcess, qtbot: QtBot) -> Iterator[Stored]:
    stored = Stored(reader, qtbot)
    yield stored
    stored.store.stop()


def a_file(folder: Path, rows: int = 60, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_text("time,value\n" + "".join(f"{row},{row * 0.5}\n" for row in range(rows)))
    return path


def test_that_nothing_is_made_before_the_start(stored: Stored) -> None:
    stored.document.reset(design(), None)
    QCoreApplication.processEvents()
    assert not stored.store.ready
    assert stored.store.array("in") is None
    assert stored.store.describe("in") == "No samples yet."


@pytest.mark.parametrize(
    ("layer", "kind", "shape", "dtype"),
    [
        (input_layer(), "sine", (1, 50, 1), "float32"),
        (input_layer(shape=(20, 3)), "sine", (1, 20, 3), "float32"),
        (input_layer(shape=(None,), dtype="int32"), "tokens", (1, 50), "int32"),
        (input_layer(shape=(4,)), "noise", (1, 4), "float32"),
        (input_layer(shape=(None, 3, 2)), "noise", (1, 50, 3, 2), "float32"),
        (input_layer(batch_size=6), "sine", (6, 50, 1), "float32"),
    ],
)
def test_that_an_input_without_a_source_gets_a_fitting_generator(
    stored: Stored, layer: Layer, kind: str, shape: tuple[int, ...], dtype: str
) -> None:
    stored.show(design(layer=layer))
    assert stored.store.source("in").kind == kind
    array = stored.store.array("in")
    assert array is not None
    assert array.shape == shape
    assert array.dtype == dtype
    assert stored.store.arrays(stored.document.design)["signal"] is array
    assert stored.store.table("in") is None


def test_that_an_input_before_an_embedding_gets_ids_that_it_knows(stored: Stored) -> None:
    layers = (
        input_layer(shape=(None,)),
        Layer("emb", "Embedding", "emb", FrozenMap(input_dim=5, output_dim=2)),
    )
    stored.show(Design("d", layers, (Link("in", "emb"),)))
    array = stored.store.array("in")
    assert array is not None
    assert array.dtype == np.float32
    assert set(np.unique(array)) <= {0.0, 1.0, 2.0, 3.0, 4.0}
    too_many = DataSource("tokens", FrozenMap(vocabulary=50), 1, 200)
    stored.document.apply(edits.set_data("in", too_many), "Tokens")
    stored.until_ready()
    assert "knows 0 to 4: set its input_dim to" in (stored.store.problem("in") or "")


def test_that_a_stand_in_has_the_batch_size_of_the_other_inputs(stored: Stored) -> None:
    other = Layer("b", "Input", "other", FrozenMap(shape=(None, 1)))
    stored.show(
        Design("d", (input_layer(), other), (), FrozenMap({"b": DataSource("sine", FrozenMap(), 7, 30)}))
    )
    assert stored.store.array("in").shape == (7, 30, 1)


def test_that_a_file_is_read_and_cut(stored: Stored, tmp_path: Path) -> None:
    path = a_file(tmp_path)
    source = DataSource("csv", FrozenMap(path=str(path), columns=("value",)), 3, 10, 5)
    stored.show(design(source))
    array = stored.store.array("in")
    np.testing.assert_array_equal(array[1, :, 0], np.arange(5, 15) * 0.5)
    assert stored.store.describe("in") == "3 samples of 10 steps, cut from 60 rows every 5 steps"
    table = stored.store.table("in")
    assert table is not None
    assert table.available == ("time", "value")


def test_that_a_fixed_time_axis_wins_over_the_time_steps(stored: Stored, tmp_path: Path) -> None:
    source = DataSource("csv", FrozenMap(path=str(a_file(tmp_path)), columns=("value",)), 1, 10)
    stored.show(design(source, input_layer(shape=(25, 1))))
    assert stored.store.array("in").shape == (1, 25, 1)


def test_that_a_path_is_relative_to_the_design(stored: Stored, tmp_path: Path) -> None:
    path = a_file(tmp_path)
    source = DataSource("csv", FrozenMap(path="data.csv", columns=("value",)))
    stored.show(design(source))
    assert "not saved yet" in (stored.store.problem("in") or "")
    stored.show(design(source), tmp_path / "d.rnnd")
    assert stored.store.array("in") is not None
    assert stored.store.reference(path) == "data.csv"
    assert stored.store.reference(Path("/elsewhere/data.csv")) == "/elsewhere/data.csv"


def test_that_a_file_that_comes_with_the_program_is_found(
    stored: Stored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_file(tmp_path)
    monkeypatch.setattr("rnn_designer.session.inputs.resource", lambda *parts: tmp_path.joinpath(*parts))
    stored.show(design(DataSource("csv", FrozenMap(path="resource:data.csv", columns=("value",)))))
    assert stored.store.array("in").shape == (1, 50, 1)


@pytest.mark.parametrize("path", ["resource:../pyproject.toml", "resource:", "resource:/etc/passwd"])
def test_that_a_resource_cannot_lead_out_of_the_resources(stored: Stored, path: str) -> None:
    stored.show(design(DataSource("csv", FrozenMap(path=path))))
    assert "not among the files that come with the program" in (stored.store.problem("in") or "")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (DataSource("csv", FrozenMap(path="/no/such.csv")), "There is no file"),
        (DataSource("csv"), "No data file is chosen yet"),
        (DataSource("mp3"), "no kind of sample source called “mp3”"),
        (DataSource("sine", FrozenMap(period=-1)), "period: expected"),
    ],
)
def test_that_a_source_that_cannot_be_used_is_a_sentence(
    stored: Stored, source: DataSource, words: str
) -> None:
    stored.show(design(source))
    assert words in (stored.store.problem("in") or "")
    assert stored.store.describe("in") == stored.store.problem("in")
    assert stored.failures == [("in", stored.store.problem("in"))]
    assert stored.store.array("in") is None
    assert stored.store.arrays(stored.document.design) == {}


def test_that_a_change_that_does_not_concern_samples_keeps_the_very_same_array(stored: Stored) -> None:
    stored.show(design())
    array, changes = stored.store.array("in"), stored.changes
    stored.document.apply(edits.move({"in": (50.0, 50.0)}), "Move")
    stored.until_ready()
    assert stored.store.array("in") is array
    assert stored.changes == changes


def test_that_samples_cannot_be_changed_by_who_shows_them(stored: Stored) -> None:
    stored.show(design())
    with pytest.raises(ValueError, match="read-only"):
        stored.store.array("in")[0] = 1


def test_that_a_file_is_read_once_until_it_changes(stored: Stored, tmp_path: Path) -> None:
    path = a_file(tmp_path)
    source = DataSource("csv", FrozenMap(path=str(path), columns=("value",)), 1, 10)
    stored.show(design(source))
    table = stored.store.table("in")
    stored.document.apply(edits.set_data("in", DataSource("csv", source.options, 2, 10)), "Batch")
    stored.until_ready()
    assert stored.store.table("in") is table
    a_file(tmp_path, rows=70)
    os.utime(path, ns=(1, 1))
    stored.document.apply(edits.set_data("in", source), "Batch")
    stored.until_ready()
    assert len(stored.store.table("in").values) == 70


def test_that_reload_reads_again(stored: Stored, tmp_path: Path) -> None:
    path = a_file(tmp_path)
    stored.show(design(DataSource("csv", FrozenMap(path=str(path), columns=("value",)))))
    table = stored.store.table("in")
    stored.store.reload()
    stored.until_ready()
    assert stored.store.table("in") is not table


def test_that_any_file_can_be_read_before_an_input_uses_it(stored: Stored, tmp_path: Path) -> None:
    path = str(a_file(tmp_path))
    stored.store.read(path)
    stored.store.read("/no/such.csv")
    stored.store.read("resource:../x.csv")
    stored.qtbot.waitUntil(lambda: len(stored.read) == 3, timeout=PATIENCE)
    answers = dict(stored.read)
    assert isinstance(answers[path], Table)
    assert "There is no file" in str(answers["/no/such.csv"])
    assert "not among the files" in str(answers["resource:../x.csv"])


def test_that_a_reader_that_dies_twice_over_a_file_gives_up_on_it(fake, qtbot: QtBot, tmp_path: Path) -> None:
    fake.does(ReadTable="abort")
    stored = Stored(fake.engine(), qtbot)
    stored.show(design(DataSource("csv", FrozenMap(path=str(a_file(tmp_path))))))
    assert "“data.csv” could not be read: The engine was ended by signal 6" in (
        stored.store.problem("in") or ""
    )
    assert fake.requests == ["ReadTable", "ReadTable"]
    stored.store.stop()


def test_that_a_reader_that_dies_once_is_asked_again(fake, qtbot: QtBot, tmp_path: Path) -> None:
    fake.does(ReadTable="hang")
    engine = fake.engine()
    stored = Stored(engine, qtbot)
    stored.document.reset(design(DataSource("csv", FrozenMap(path=str(a_file(tmp_path))))), None)
    stored.store.start()
    qtbot.waitUntil(lambda: fake.requests == ["ReadTable"], timeout=PATIENCE)
    assert "Reading “data.csv”" in stored.store.describe("in")
    fake.does()
    os.kill(engine.pid, 9)
    stored.until_ready()
    assert stored.store.array("in").shape == (1, 50, 1)
    stored.store.stop()


def test_that_an_id_that_is_no_input_is_a_key_error(stored: Stored) -> None:
    with pytest.raises(KeyError):
        stored.store.source("nobody")


@pytest.mark.parametrize(("batch", "steps"), [(10_001, 1), (10_000, 1_001), (1, 10**9)])
def test_that_a_generator_makes_only_what_the_window_can_wait_for(
    stored: Stored, batch: int, steps: int
) -> None:
    stored.show(design(DataSource("sine", batch_size=batch, time_steps=steps)))
    problem = stored.store.problem("in")
    assert problem is not None
    assert "A generator makes up to 10,000" in problem
