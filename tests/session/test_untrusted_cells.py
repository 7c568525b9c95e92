"""A cell whose code is not trusted is not run: neither it nor what follows it, until the user says so."""

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from pytestqt.qtbot import QtBot

from rnn_designer.catalog import FrozenMap, Part
from rnn_designer.catalog.cell_templates import cell_templates
from rnn_designer.codegen import generate
from rnn_designer.design import DataSource, Design, Layer, Link, Severity, check, edits, files
from rnn_designer.messages import Failure
from rnn_designer.session import LiveStatus, Trust, Workspace
from rnn_designer.session.checks import UNTRUSTED
from rnn_designer.session.exporter import Exporter

PATIENCE = 120_000
FOREIGN = cell_templates()[0].code + "\n# from elsewhere\n"


def a_design(code: str = FOREIGN, *, beside: bool = False) -> Design:
    """Input → RNN with a cell → Dense, and perhaps an LSTM beside them."""
    cell = Layer(
        "cell", "CustomCell", "own", FrozenMap(code=code, arguments=Part("MinimalCell", FrozenMap(units=3)))
    )
    layers = (
        Layer("in", "Input", "signal", FrozenMap(shape=(None, 1))),
        Layer("rnn", "RNN", "memory", children=(cell,)),
        Layer("out", "Dense", "readout", FrozenMap(units=1)),
    )
    design = Design(
        "foreign",
        layers,
        (Link("in", "rnn"), Link("rnn", "out")),
        FrozenMap({"in": DataSource("sine", batch_size=2, time_steps=12)}),
    )
    if not beside:
        return design
    lstm = Layer("lstm", "LSTM", "lstm", FrozenMap(units=2))
    return replace(design, layers=(*design.layers, lstm), links=(*design.links, Link("in", "lstm")))


@pytest.fixture
def trust(tmp_path: Path) -> Trust:
    return Trust(folder=tmp_path / "settings")


@pytest.fixture
def workspace(fake, qapp, trust: Trust):
    workspace = Workspace(engine=fake.engine(), reader=fake.engine(), trust=trust)
    yield workspace
    workspace.close()
    workspace.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def open_file(workspace: Workspace, design: Design, folder: Path) -> None:
    """Open the design as one that came in a file."""
    path = folder / "came.rnnd"
    files.save(design, path)
    workspace.open(path)
    workspace.start()


def test_that_a_design_from_a_file_does_not_run_its_code(
    workspace: Workspace, qtbot: QtBot, fake, tmp_path: Path
) -> None:
    open_file(workspace, a_design(), tmp_path)
    qtbot.waitUntil(lambda: "not trusted" in workspace.live.status.text, timeout=PATIENCE)
    qtbot.waitUntil(
        lambda: workspace.engine.hello is not None and not workspace.live.pending, timeout=PATIENCE
    )
    assert workspace.live.status == LiveStatus(
        "Not run: the code of “own” came with a file and is not trusted yet. Read it, then decide.",
        problem=True,
    )
    assert fake.requests == []
    (problem,) = (each for each in workspace.checks.checked.problems if each.code == UNTRUSTED)
    assert (problem.layer, problem.parameter, problem.severity) == ("cell", "code", Severity.WARNING)
    assert workspace.checks.withheld == {"cell"}


def test_that_it_runs_as_soon_as_it_is_trusted(
    workspace: Workspace, qtbot: QtBot, fake, trust: Trust, tmp_path: Path
) -> None:
    open_file(workspace, a_design(), tmp_path)
    qtbot.waitUntil(lambda: "not trusted" in workspace.live.status.text, timeout=PATIENCE)
    trust.add(FOREIGN)
    assert workspace.checks.untrusted == ()
    assert not [each for each in workspace.checks.checked.problems if each.code == UNTRUSTED]
    qtbot.waitUntil(lambda: workspace.live.trace is not None and not workspace.live.pending, timeout=PATIENCE)
    assert fake.requests == ["Build", "Run"]
    assert "left out" not in workspace.live.status.text
    assert workspace.live.source is not None
    assert "from elsewhere" in workspace.live.source.text


def test_that_what_does_not_hang_on_it_runs_without_it(
    workspace: Workspace, qtbot: QtBot, tmp_path: Path
) -> None:
    open_file(workspace, a_design(beside=True), tmp_path)
    qtbot.waitUntil(lambda: workspace.live.trace is not None and not workspace.live.pending, timeout=PATIENCE)
    assert workspace.live.status.text.endswith("; left out: the code of “own”, not trusted yet")
    assert workspace.live.source is not None
    assert "LSTM(2" in workspace.live.source.text
    assert "MinimalCell" not in workspace.live.source.text


def test_that_changed_code_is_another_code(
    workspace: Workspace, qtbot: QtBot, trust: Trust, tmp_path: Path
) -> None:
    trust.add(FOREIGN)
    open_file(workspace, a_design(), tmp_path)
    assert workspace.checks.untrusted == ()
    workspace.document.apply(edits.set_parameter("cell", "code", FOREIGN + "# changed\n"), "Change")
    assert [layer.id for layer in workspace.checks.untrusted] == ["cell"]
    workspace.document.undo()
    assert workspace.checks.untrusted == ()


def test_that_the_programs_own_cells_run_without_a_question(
    workspace: Workspace, qtbot: QtBot, fake, tmp_path: Path
) -> None:
    open_file(workspace, a_design(cell_templates()[0].code), tmp_path)
    qtbot.waitUntil(lambda: workspace.live.trace is not None and not workspace.live.pending, timeout=PATIENCE)
    assert fake.requests == ["Build", "Run"]


def test_that_the_program_is_exported_and_its_weights_are_refused(
    workspace: Workspace, qtbot: QtBot, tmp_path: Path
) -> None:
    open_file(workspace, a_design(), tmp_path)
    exporter = Exporter(workspace.checks, workspace.live, workspace.engine, workspace)
    written: list[object] = []
    failed: list[str] = []
    exporter.finished.connect(written.append)
    exporter.failed.connect(failed.append)
    exporter.export(tmp_path / "model.py", weights=True)
    assert written == []
    assert "“own” is not trusted" in failed[0]
    exporter.export(tmp_path / "model.py")
    assert written == [(tmp_path / "model.py",)]
    assert "# from elsewhere" in (tmp_path / "model.py").read_text()


def test_that_a_run_that_is_asked_for_is_refused_aloud(
    workspace: Workspace, qtbot: QtBot, tmp_path: Path
) -> None:
    open_file(workspace, a_design(), tmp_path)
    failures: list[Failure] = []
    workspace.live.failed.connect(failures.append)
    workspace.live.run_now()
    assert "not trusted" in failures[0].sentence


def test_that_checking_alone_knows_nothing_of_trust() -> None:
    checked = check(a_design())
    assert UNTRUSTED not in {problem.code for problem in checked.problems}
    assert "# from elsewhere" in generate(checked).text
