"""``check`` and ``export``, and how every command answers bad input: exit code 2, one sentence, no traceback."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rnn_designer.codegen import formatted, generate
from rnn_designer.design import check

Command = Callable[..., Any]


@pytest.fixture
def faulty(designs: SimpleNamespace, saved: Callable[..., Path]) -> Path:
    """A design with one error: a GRU after the last output of an LSTM."""
    layers = (
        designs.series(),
        designs.layer("LSTM", "memory", units=3),
        designs.layer("GRU", "gru", units=3),
    )
    return saved(designs.chain(*layers), "faulty.rnnd")


@pytest.fixture
def sunspots(designs: SimpleNamespace, saved: Callable[..., Path]) -> Path:
    """A design without a problem."""
    return saved(designs.EXPECTED["sunspots"], "sunspots.rnnd")


def test_that_check_finds_nothing_wrong_with_a_good_design(command: Command, sunspots: Path) -> None:
    outcome = command("check", sunspots)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines()[-1].startswith("5 layers, ")


def test_that_check_names_the_layer_and_exits_with_1(command: Command, faulty: Path) -> None:
    outcome = command("check", faulty)
    assert outcome.code == 1
    first = outcome.out.splitlines()[0]
    assert first.startswith("error")
    assert "1 error" in outcome.out.splitlines()[-1]


def test_that_check_tells_scripts_everything(command: Command, faulty: Path) -> None:
    outcome = command("check", faulty, "--json")
    found = json.loads(outcome.out)
    assert outcome.code == found["errors"] == 1
    assert found["shapes"]["memory"]["output"]["sizes"] == [None, 3]
    assert found["shapes"]["memory"]["output"]["axes"] == ["batch", "features"]
    problem = next(each for each in found["problems"] if each["severity"] == "error")
    assert problem["layer"] in ("memory", "gru")
    assert problem["message"]
    assert problem["fixes"]


def test_that_export_prints_the_program(command: Command, sunspots: Path, designs: SimpleNamespace) -> None:
    outcome = command("export", sunspots)
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out == formatted(generate(check(designs.EXPECTED["sunspots"]))).text


def test_that_export_writes_a_file(command: Command, sunspots: Path, tmp_path: Path) -> None:
    outcome = command("export", sunspots, "-o", tmp_path / "model.py", "--style", "functional")
    assert (outcome.code, outcome.out) == (0, "")
    assert "keras.Model(" in (tmp_path / "model.py").read_text(encoding="utf-8")


def test_that_export_names_what_is_left_out(
    command: Command, designs: SimpleNamespace, saved: Callable[..., Path]
) -> None:
    from dataclasses import replace

    design = designs.chain(designs.series(), designs.layer("LSTM", "lstm", units=2))
    design = replace(design, layers=(*design.layers, designs.series(name="lonely")))
    outcome = command("export", saved(design))
    if outcome.code == 0:
        assert "“lonely”" in outcome.err
        assert "lonely" not in outcome.out


def test_that_export_refuses_a_design_with_errors(command: Command, faulty: Path) -> None:
    outcome = command("export", faulty)
    assert (outcome.code, outcome.out) == (2, "")
    assert_one_sentence(outcome.err)


def assert_one_sentence(err: str) -> None:
    assert err.startswith("rnn-designer: ")
    assert len(err.splitlines()) == 1
    assert "Traceback" not in err


BAD = {
    "missing file": ("{command}", "nowhere.rnnd"),
    "folder": ("{command}", "."),
    "binary junk": ("{command}", "junk.rnnd"),
    "no JSON": ("{command}", "text.rnnd"),
    "no design": ("{command}", "list.rnnd"),
    "unknown option": ("{command}", "sunspots.rnnd", "--frobnicate"),
    "no design given": ("{command}",),
    "too much": ("{command}", "sunspots.rnnd", "other.rnnd"),
    "a name that is no text": ("{command}", "a\udcffb.rnnd"),
}


@pytest.mark.parametrize("name", ["check", "export", "trace"])
@pytest.mark.parametrize("case", list(BAD))
def test_that_bad_input_gets_one_sentence(
    command: Command, sunspots: Path, tmp_path: Path, name: str, case: str
) -> None:
    (tmp_path / "junk.rnnd").write_bytes(bytes(range(256)) * 16)
    (tmp_path / "text.rnnd").write_text("sunspots", encoding="utf-8")
    (tmp_path / "list.rnnd").write_text("[1, 2]", encoding="utf-8")
    outcome = command(*(part.format(command=name) for part in BAD[case]))
    assert (outcome.code, outcome.out) == (2, "")
    assert_one_sentence(outcome.err)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--frobnicate",),
        ("frobnicate",),
        (".",),
        ("x" * 5000,),
        ("check", "x" * 5000),
        ("export", "sunspots.rnnd", "-o", "x" * 5000),
        ("trace", "sunspots.rnnd", "-o", "x/" * 3000),
        ("export", "sunspots.rnnd", "-o", "."),
        ("export", "sunspots.rnnd", "-o", "sunspots.rnnd"),
        ("trace", "sunspots.rnnd", "-o", "./sunspots.rnnd"),
        ("trace", "sunspots.rnnd", "--plot", "."),
        ("export", "sunspots.rnnd", "-o", "no/such/folder/model.py"),
        ("export", "sunspots.rnnd", "--style", "prose"),
        ("export", "sunspots.rnnd", "--weights"),
        ("export", "sunspots.rnnd", "-o"),
        ("trace", "sunspots.rnnd", "-o", "no/such/folder/trace.npz"),
        ("trace", "sunspots.rnnd", "--plot", "no/such/folder/trace.png"),
        ("doctor", "more"),
    ],
)
def test_that_bad_arguments_get_one_sentence(
    command: Command, sunspots: Path, arguments: tuple[str, ...]
) -> None:
    outcome = command(*arguments)
    assert (outcome.code, outcome.out) == (2, "")
    assert_one_sentence(outcome.err)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_that_a_full_disk_gets_one_sentence(command: Command, sunspots: Path) -> None:
    outcome = command("export", sunspots, "-o", "/dev/full")
    assert outcome.code == 2
    assert_one_sentence(outcome.err)


def test_that_help_explains_every_command(command: Command) -> None:
    assert all(name in command("--help").out for name in ("check", "export", "trace", "doctor", "DESIGN"))
    for name in ("check", "export", "trace", "doctor"):
        outcome = command(name, "--help")
        assert outcome.code == 0
        assert outcome.out.startswith(f"Usage: rnn-designer {name}")


def test_that_a_fault_of_the_program_is_told_apart(
    command: Command, sunspots: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import rnn_designer.codegen

    def broken(*_arguments: object, **_more: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.delenv("RNN_DESIGNER_DEBUG", raising=False)
    monkeypatch.setattr(rnn_designer.codegen, "generate", broken)
    outcome = command("export", sunspots)
    assert outcome.code == 70
    assert_one_sentence(outcome.err)


def test_that_a_window_without_a_screen_names_the_other_way(sunspots: Path) -> None:
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    for arguments in ([], [str(sunspots)]):
        done = subprocess.run(
            [sys.executable, "-m", "rnn_designer", *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if sys.platform.startswith("linux"):
            assert done.returncode == 2
            assert_one_sentence(done.stderr)
            assert "export" in done.stderr


@pytest.mark.parametrize("name", ["check", "export"])
def test_that_answers_come_without_heavy_packages(sunspots: Path, name: str) -> None:
    code = (
        "import sys, time\n"
        "from rnn_designer.cli import run\n"
        f"code = run([{name!r}, {str(sunspots)!r}])\n"
        "heavy = {'tensorflow', 'keras', 'PySide6', 'numpy', 'pyqtgraph', 'polars', 'h5py'} & set(sys.modules)\n"
        "sys.exit(f'{code} {sorted(heavy)}' if code or heavy else 0)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
