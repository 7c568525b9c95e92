"""The process in which an exported program is verified: what it can reach, and what it says when it fails."""

import subprocess
from pathlib import Path

import numpy as np
import pytest

from rnn_designer.session.verification import NoRecord, Verification, probe_command, read_record, write_job


def ran(folder: Path, text: str) -> int:
    """Run a program in the probe, in a folder that only it uses."""
    program, job = folder / "model.py", folder / "job"
    job.mkdir()
    program.write_text(text, encoding="utf-8")
    write_job(job, program, None, [np.zeros((1, 2, 3), dtype="float32")])
    with subprocess.Popen(
        probe_command(job), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=job
    ) as probe:
        assert probe.stdout is not None
        probe.stdout.read()
        return probe.wait()


def test_that_the_exported_program_cannot_reach_rnn_designer(tmp_path: Path) -> None:
    assert ran(tmp_path, "import rnn_designer.design\n") == 1
    with pytest.raises(NoRecord, match=r"does not run: ModuleNotFoundError: RNN Designer is kept out"):
        read_record(tmp_path / "job")


def test_that_a_program_that_raises_is_reported_with_its_reason(tmp_path: Path) -> None:
    assert ran(tmp_path, "raise ValueError('received 3 units')\n") == 1
    with pytest.raises(NoRecord, match="does not run: ValueError: received 3 units Export the design again"):
        read_record(tmp_path / "job")


def test_that_a_program_without_build_model_is_reported(tmp_path: Path) -> None:
    assert ran(tmp_path, "model = None\n") == 1
    with pytest.raises(NoRecord, match="it defines no build_model"):
        read_record(tmp_path / "job")


def test_that_a_program_that_ends_the_process_is_reported(tmp_path: Path) -> None:
    assert ran(tmp_path, "import os\nos._exit(9)\n") == 9
    with pytest.raises(NoRecord, match="ended without an answer"):
        read_record(tmp_path / "job")


def test_that_the_probe_ends_with_whoever_started_it(tmp_path: Path) -> None:
    program, job = tmp_path / "model.py", tmp_path / "job"
    job.mkdir()
    program.write_text("import time\nwhile True:\n    time.sleep(60)\n", encoding="utf-8")
    write_job(job, program, None, [])
    with subprocess.Popen(probe_command(job), stdin=subprocess.PIPE, cwd=job) as probe:
        assert probe.stdin is not None
        probe.stdin.close()
        assert probe.wait(120) == 3


def test_that_a_verification_survives_being_told_as_text() -> None:
    told = Verification("“memory”, state h: …", False, 0.25, 3, 5, "a1b2")
    assert Verification.from_text(told.to_text()) == told
    for broken in ("", "{}", '{"sentence": 1, "other": 2}', "[]"):
        with pytest.raises(ValueError):
            Verification.from_text(broken)
