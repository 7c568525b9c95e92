"""``rnn-designer doctor``: it looks at everything, imports nothing heavy, and says how to mend."""

import subprocess
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from rnn_designer import doctor

Command = Callable[..., Any]


def test_that_the_doctor_finds_this_installation_in_order(command: Command) -> None:
    outcome = command("doctor")
    assert outcome.err == ""
    for subject in ("Python", "PySide6", "references to None", "tensorflow", "keras", "ruff", "Settings"):
        assert subject in outcome.out
    assert (outcome.code == 0) == ("Everything is in order." in outcome.out)


def test_that_the_doctor_says_whether_the_engine_is_sandboxed(command: Command) -> None:
    from rnn_designer.engine.sandbox import landlock_version

    (line,) = (each for each in command("doctor").out.splitlines() if "Sandbox of the engine" in each)
    if landlock_version() > 0:
        assert line.startswith("ok       Sandbox of the engine: sandboxed")
    else:
        assert line.startswith("note     Sandbox of the engine: not sandboxed: ")


def test_that_pyside_loses_no_reference_to_none() -> None:
    done = subprocess.run(
        [sys.executable, "-c", doctor.CANARY], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 100


def test_that_a_missing_package_is_named_with_its_remedy(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = metadata.version

    def version(package: str) -> str:
        if package == "tensorflow":
            raise metadata.PackageNotFoundError(package)
        return "1.9" if package == "numpy" else real(package)

    monkeypatch.setattr(metadata, "version", version)
    outcome = command("doctor")
    assert outcome.code == 1
    assert "missing  tensorflow: not installed" in outcome.out
    assert "pip install 'tensorflow>=2.21'" in outcome.out
    assert "missing  numpy: 1.9" in outcome.out


def test_that_a_folder_that_cannot_be_written_is_told(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", encoding="utf-8")
    monkeypatch.setenv("RNN_DESIGNER_CONFIG", str(blocked / "config"))
    outcome = command("doctor")
    assert outcome.code == 1
    assert "Make the folder writable" in outcome.out


def test_that_a_leaking_pyside_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "CANARY", "print(1998)")
    finding = doctor._canary()
    assert finding.good is False
    assert "1998" in finding.state


def test_that_the_doctor_imports_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from rnn_designer.doctor import findings\n"
        "list(findings())\n"
        "sys.exit(str({'tensorflow', 'keras', 'PySide6', 'polars'} & set(sys.modules) or ''))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.stderr.strip() == ""
