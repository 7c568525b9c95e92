"""Running the command line in this process, and design files to run it on."""

import io
import runpy
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtWidgets import QApplication

from rnn_designer.cli import run
from rnn_designer.design import Design, files


@dataclass(frozen=True)
class Outcome:
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


Command = Callable[..., Outcome]


@pytest.fixture(autouse=True)
def application(qapp: QApplication) -> QApplication:
    """The one of all tests: a command that needs the engine would make a smaller one that no window can share."""
    return qapp


@pytest.fixture(scope="session")
def designs() -> SimpleNamespace:
    """The designs of the source tests."""
    return SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "codegen" / "designs.py")))


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs ``rnn-designer`` with arguments, in a folder of its own."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: object) -> Outcome:
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = run([str(argument) for argument in arguments])
        return Outcome(code, out.getvalue(), err.getvalue())

    return call


@pytest.fixture
def saved(tmp_path: Path) -> Callable[[Design, str], Path]:
    """Saves a design under a name and gives its path."""

    def save(design: Design, name: str = "design.rnnd") -> Path:
        path = tmp_path / name
        files.save(design, path)
        return path

    return save
