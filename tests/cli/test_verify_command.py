"""``rnn-designer verify`` with all its processes."""

from pathlib import Path

import pytest

from rnn_designer.cli import run
from rnn_designer.paths import resource
from rnn_designer.session.verification import Verification


def test_that_verify_runs_the_exported_file_and_finds_what_was_altered_in_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    design, program = str(resource("examples", "nile.rnnd")), tmp_path / "flow.py"
    assert run(["verify", design]) == 0
    assert capsys.readouterr().out == "Verified: largest difference 0.0 over 1 output and 2 states.\n"

    assert run(["export", design, "-o", str(program)]) == 0
    text = program.read_text(encoding="utf-8")
    program.write_text(text.replace("GRU(8", "GRU(8, reset_after=False"), encoding="utf-8")
    capsys.readouterr()
    assert run(["verify", design, "--json", "--program", str(program)]) == 1
    found = Verification.from_text(capsys.readouterr().out)
    assert not found.verified
    assert "does not run" in found.sentence or "reset_after" in found.sentence


def test_that_verify_refuses_what_it_cannot_verify(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = tmp_path / "none.py"
    assert run(["verify", str(resource("examples", "nile.rnnd")), "--program", str(missing)]) == 2
    assert "There is no file" in capsys.readouterr().err
