"""From designs and files to lessons, through the reader process, in turns that stay short."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot
from trained_designs import a_design

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import DataSource, Design, Layer, Link, edits
from rnn_designer.design.model import Goal, Training
from rnn_designer.sequences import generate, targets
from rnn_designer.sequences.lessons import Lessons
from rnn_designer.session import Workspace
from rnn_designer.session.training.lesson import LessonMaker
from rnn_designer.session.training.program import program_of

Make = Callable[[Design], Lessons | str]


@pytest.fixture
def make(workspace: Workspace, qtbot: QtBot, tmp_path: Path) -> Make:
    """The lessons of a design whose file lies in the test's folder, or the sentence that says why not."""
    workspace.samples.start()
    maker = LessonMaker(workspace.samples, workspace)

    def lessons(design: Design) -> Lessons | str:
        found: list[Lessons | str] = []
        maker.ready.connect(found.append)
        maker.failed.connect(found.append)
        program = program_of(design, None)
        maker.make(program.part, program.goals, tmp_path)
        qtbot.waitUntil(lambda: bool(found))
        maker.ready.disconnect(found.append)
        maker.failed.disconnect(found.append)
        return found[0]

    return lessons


def with_data(
    source: DataSource,
    *,
    features: int = 1,
    units: int = 1,
    activation: str | None = None,
    goal: Goal | None = None,
) -> Design:
    """The usual chain with other data and another output."""
    design = a_design(validation=0.0, goals=FrozenMap() if goal is None else FrozenMap(out=goal))
    params = {"units": units} | ({} if activation is None else {"activation": activation})
    layers = tuple(
        replace(each, params=FrozenMap(shape=(None, features)))
        if each.id == "in"
        else replace(each, params=FrozenMap(params))
        if each.id == "out"
        else each
        for each in design.layers
    )
    return replace(design, layers=layers, data=FrozenMap({"in": source}))


def a_table(folder: Path, rows: int = 40) -> np.ndarray:
    table = np.random.default_rng(2).normal(size=(rows, 3)).round(4).astype(np.float32)
    table[:, 2] = np.arange(rows) % 3
    lines = ["wind,sun,kind", *(",".join(map(str, row)) for row in table.tolist())]
    (folder / "weather.csv").write_text("\n".join(lines))
    return table


def test_that_a_file_is_cut_for_the_next_value(make: Make, tmp_path: Path) -> None:
    table = a_table(tmp_path)
    source = DataSource("csv", FrozenMap(path="weather.csv", columns=("wind",)), 2, 6, normalize="standard")
    made = make(with_data(source))
    assert isinstance(made, Lessons)
    wind = (table[:, 0] - table[:, 0].mean()) / table[:, 0].std()
    for sample in range(34):
        np.testing.assert_allclose(
            made.train.inputs["signal"][sample, :, 0], wind[sample : sample + 6], atol=1e-5
        )
        np.testing.assert_allclose(made.train.targets["guess"][sample, 0], wind[sample + 6], atol=1e-5)
    back = made.scales["guess"].undo(made.train.targets["guess"])
    np.testing.assert_allclose(back[:, 0], table[6:, 0], atol=1e-5)


def test_that_targets_may_be_columns_that_the_input_does_not_read(make: Make, tmp_path: Path) -> None:
    table = a_table(tmp_path)
    source = DataSource("csv", FrozenMap(path="weather.csv", columns=("sun", "wind")), 2, 6)
    made = make(with_data(source, features=2, units=3, activation="softmax", goal=Goal(columns=("kind",))))
    assert isinstance(made, Lessons)
    np.testing.assert_allclose(made.train.inputs["signal"][4], table[4:10, [1, 0]], atol=1e-6)
    assert made.train.targets["guess"].tolist() == table[5:, 2].astype(int).tolist()
    assert made.train.targets["guess"].dtype == np.int32


def test_that_the_shares_of_the_data_go_before_those_of_the_training(make: Make, tmp_path: Path) -> None:
    a_table(tmp_path, 100)
    source = DataSource(
        "csv", FrozenMap(path="weather.csv", columns=("wind",)), 2, 6, validation=0.5, test=0.2
    )
    made = make(with_data(source))
    assert isinstance(made, Lessons)
    assert (made.train.size, made.validation.size, made.test.size) == (24, 44, 14)


def test_that_targets_may_come_from_a_file_of_their_own(make: Make, tmp_path: Path) -> None:
    values = np.random.default_rng(0).normal(size=(8, 6, 1)).astype(np.float32)
    labels = (np.arange(8) % 2).astype(np.float32)
    np.savez(tmp_path / "set.npz", x=values, y=labels[:, None])
    source = DataSource("npz", FrozenMap(path="set.npz", member="x"), 2, 6)
    goal = Goal(source=DataSource("npz", FrozenMap(path="set.npz", member="y")))
    made = make(with_data(source, activation="sigmoid", goal=goal))
    assert isinstance(made, Lessons)
    np.testing.assert_array_equal(made.train.inputs["signal"], values)
    assert made.train.targets["guess"][:, 0].tolist() == labels.tolist()


def test_that_the_task_of_a_generator_sets_the_targets(make: Make) -> None:
    made = make(with_data(DataSource("adding", FrozenMap(), 2, 9), features=2))
    assert isinstance(made, Lessons)
    samples = generate("adding", {}, (50, 9, 2))
    np.testing.assert_array_equal(made.train.inputs["signal"], samples)
    np.testing.assert_array_equal(made.train.targets["guess"][:, 0], targets("adding", {}, samples)[:, -1])


def test_that_waves_are_told_apart(make: Make) -> None:
    made = make(with_data(DataSource("waves", FrozenMap(), 2, 20), units=3, activation="softmax"))
    assert isinstance(made, Lessons)
    assert made.train.targets["guess"].tolist() == [sample % 3 for sample in range(50)]


def test_that_a_text_foretells_its_next_token(make: Make) -> None:
    text = "to be or not to be that is the question"
    layers = (
        Layer("in", "Input", "signal", FrozenMap(shape=(None,), dtype="int32")),
        Layer("words", "Embedding", "embedding", FrozenMap(input_dim=20, output_dim=4)),
        Layer("mem", "GRU", "memory", FrozenMap(units=5, return_sequences=True)),
        Layer("out", "Dense", "guess", FrozenMap(units=20)),
    )
    links = (Link("in", "words"), Link("words", "mem"), Link("mem", "out"))
    source = DataSource("text", FrozenMap(text=text, unit="characters"), 2, 7)
    made = make(
        Design("text", layers, links, FrozenMap({"in": source}), training=Training(validation=0, test=0))
    )
    assert isinstance(made, Lessons)
    assert made.train.size == len(text) - 7
    np.testing.assert_array_equal(made.train.inputs["signal"][1:], made.train.targets["guess"][:-1])
    assert made.train.targets["guess"].dtype == np.int32


def test_that_two_inputs_and_two_outputs_learn_together(make: Make, tmp_path: Path) -> None:
    table = a_table(tmp_path)
    layers = (
        Layer("a", "Input", "winds", FrozenMap(shape=(None, 1))),
        Layer("b", "Input", "suns", FrozenMap(shape=(None, 1))),
        Layer("m", "GRU", "wind_memory", FrozenMap(units=2)),
        Layer("n", "GRU", "sun_memory", FrozenMap(units=2)),
        Layer("o", "Dense", "wind", FrozenMap(units=1)),
        Layer("p", "Dense", "sun", FrozenMap(units=1)),
    )
    links = (Link("a", "m"), Link("b", "n"), Link("m", "o"), Link("n", "p"))
    data = {
        key: DataSource("csv", FrozenMap(path="weather.csv", columns=(column,)), 2, 5)
        for key, column in (("a", "wind"), ("b", "sun"))
    }
    made = make(Design("two", layers, links, FrozenMap(data), training=Training(validation=0, test=0)))
    assert isinstance(made, Lessons)
    np.testing.assert_allclose(made.train.targets["wind"][:, 0], table[5:, 0], atol=1e-6)
    np.testing.assert_allclose(made.train.targets["sun"][:, 0], table[5:, 1], atol=1e-6)


def test_that_a_fixed_batch_size_leaves_out_what_fills_no_batch(make: Make) -> None:
    design = with_data(DataSource("sine", FrozenMap(), 8, 12))
    layers = tuple(
        replace(each, params=FrozenMap(shape=(None, 1), batch_size=8)) if each.id == "in" else each
        for each in design.layers
    )
    made = make(replace(design, layers=layers))
    assert isinstance(made, Lessons)
    assert made.train.size == 48


@pytest.mark.parametrize(
    ("source", "goal", "words"),
    [
        (DataSource("csv", FrozenMap(path="gone.csv"), 2, 6), None, "gone.csv"),
        (DataSource("csv", FrozenMap(path="weather.csv", columns=("wind",)), 2, 60), None, "40 rows"),
        (
            DataSource("csv", FrozenMap(path="weather.csv", columns=("wind",)), 2, 6),
            Goal(columns=("rain",)),
            "rain",
        ),
        (DataSource("typed", FrozenMap(), 2, 6), None, "nothing is typed yet"),
        (
            DataSource("csv", FrozenMap(path="weather.csv", columns=("wind",)), 2, 6),
            Goal(source=DataSource("npy", FrozenMap())),
            "The targets of “guess”: No data file is chosen yet",
        ),
    ],
)
def test_that_data_that_cannot_be_learned_from_says_why(
    make: Make, tmp_path: Path, source: DataSource, goal: Goal | None, words: str
) -> None:
    a_table(tmp_path)
    made = make(with_data(source, goal=goal))
    assert isinstance(made, str)
    assert words in made


def test_that_large_data_is_cut_in_many_turns(workspace: Workspace, qtbot: QtBot, tmp_path: Path) -> None:
    """The window gets its turn in between: counted in events, since a busy machine tells nothing by its clock."""
    np.save(tmp_path / "long.npy", np.random.default_rng(0).normal(size=(60_000, 2)).astype(np.float32))
    source = DataSource("npy", FrozenMap(path="long.npy"), 2, 100, normalize="standard")
    program = program_of(with_data(source, features=2, units=2), None)
    workspace.samples.start()
    maker = LessonMaker(workspace.samples, workspace)
    turns: list[int] = []
    maker._timer.timeout.connect(lambda: turns.append(1))
    with qtbot.waitSignal(maker.ready):
        maker.make(program.part, program.goals, tmp_path)
    assert len(turns) > 5


def test_that_what_is_given_up_is_never_ready(workspace: Workspace, qtbot: QtBot, tmp_path: Path) -> None:
    workspace.samples.start()
    maker = LessonMaker(workspace.samples, workspace)
    found: list[object] = []
    maker.ready.connect(found.append)
    program = program_of(a_design(), None)
    maker.make(program.part, program.goals, tmp_path)
    maker.cancel()
    other = program_of(a_design(samples=20), None)
    with qtbot.waitSignal(maker.ready):
        maker.make(other.part, other.goals, tmp_path)
    assert [each.train.size for each in found] == [16]


def test_that_the_canvas_shows_numbers_on_the_scale_that_is_learned(
    workspace: Workspace, qtbot: QtBot, make: Make, tmp_path: Path
) -> None:
    a_table(tmp_path, 60)
    source = DataSource("csv", FrozenMap(path=str(tmp_path / "weather.csv"), columns=("wind",)), 2, 6)
    design = with_data(replace(source, normalize="standard"))
    design = replace(design, training=replace(design.training, validation=0.3, test=0.2))
    made = make(design)
    assert isinstance(made, Lessons)
    workspace.show(design)
    qtbot.waitUntil(lambda: workspace.samples.ready)
    np.testing.assert_array_equal(workspace.samples.array("in"), made.train.inputs["signal"][:2])
    workspace.document.apply(edits.change_training(validation=0.0, test=0.0), "Learn from all")
    qtbot.waitUntil(lambda: workspace.samples.ready)
    assert not np.array_equal(workspace.samples.array("in"), made.train.inputs["signal"][:2])
