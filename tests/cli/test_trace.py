"""``trace`` and ``export --weights`` with a real worker: the exported program gives the traced numbers."""

import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from rnn_designer.catalog import TensorSpec
from rnn_designer.cli.common import Refusal
from rnn_designer.cli.data import fitted
from rnn_designer.design import Design
from rnn_designer.design.weights import save_weights

Command = Callable[..., Any]
Save = Callable[..., Path]


def rnn_designer(folder: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    """The command line in a process of its own, without a screen."""
    hidden = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    return subprocess.run(
        [sys.executable, "-m", "rnn_designer", *map(str, arguments)],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name not in hidden},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@pytest.fixture
def small(designs: SimpleNamespace) -> Design:
    """A design with two layers, one of them recurrent, on samples of 12 steps."""
    source = designs.DataSource("sine", batch_size=3, time_steps=12)
    return designs.chain(
        designs.series(2, "wave"),
        designs.layer("LSTM", "memory", units=4, return_sequences=True),
        designs.layer("Dense", "forecast", units=1),
        name="small",
        data=designs.FrozenMap(WAVE=source),
    )


def test_that_the_exported_program_gives_the_traced_numbers(
    small: Design, saved: Save, tmp_path: Path
) -> None:
    saved(small, "small.rnnd")
    exported = rnn_designer(tmp_path, "export", "small.rnnd", "-o", "model.py", "--weights")
    assert exported.returncode == 0, exported.stderr
    traced = rnn_designer(tmp_path, "trace", "small.rnnd", "--plot", "small.png")
    assert traced.returncode == 0, traced.stderr
    assert "Wrote small.trace.npz" in traced.stdout
    with np.load(tmp_path / "small.trace.npz", allow_pickle=False) as file:
        arrays = dict(file)
    assert arrays["wave/input"].shape == (3, 12, 2)
    for name in ("state/h", "state/c", "gate/input", "gate/forget", "gate/candidate", "gate/output"):
        assert arrays[f"memory/{name}"].shape == (3, 12, 4)

    model = runpy.run_path(str(tmp_path / "model.py"))["build_model"]()
    np.testing.assert_allclose(
        np.asarray(model(arrays["wave/input"])), arrays["forecast/result"], rtol=1e-6, atol=1e-6
    )

    picture = (tmp_path / "small.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) > 5_000


def test_that_given_numbers_are_traced_as_they_are(small: Design, saved: Save, tmp_path: Path) -> None:
    # The design's own weights are used as well: all that the last layer adds is its bias.
    own = {"FORECAST/kernel": np.zeros((4, 1), "float32"), "FORECAST/bias": np.full(1, 5, "float32")}
    save_weights(tmp_path / "small.weights.npz", own)
    saved(replace(small, weights="small.weights.npz"), "small.rnnd")
    rows = np.arange(14, dtype=np.float64).reshape(7, 2) * 10
    np.savetxt(tmp_path / "rows.csv", rows, delimiter=",", header="a,b", comments="")
    traced = rnn_designer(tmp_path, "trace", "small.rnnd", "--data", "rows.csv", "-o", "out.npz")
    assert traced.returncode == 0, traced.stderr
    with np.load(tmp_path / "out.npz", allow_pickle=False) as file:
        np.testing.assert_array_equal(file["wave/input"], rows[np.newaxis].astype("float32"))
        assert file["memory/state/h"].shape == (1, 7, 4)
        np.testing.assert_array_equal(file["forecast/result"], np.full((1, 7, 1), 5, "float32"))


def test_that_missing_weights_end_with_a_sentence(small: Design, saved: Save, tmp_path: Path) -> None:
    saved(replace(small, weights="small.weights.npz"), "small.rnnd")
    outcome = rnn_designer(tmp_path, "trace", "small.rnnd")
    assert outcome.returncode == 2
    assert "small.weights.npz" in outcome.stderr
    assert len(outcome.stderr.splitlines()) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal to send")
def test_that_ctrl_c_ends_the_command_and_its_worker(small: Design, saved: Save, tmp_path: Path) -> None:
    saved(small, "small.rnnd")
    process = subprocess.Popen(
        [sys.executable, "-u", "-m", "rnn_designer", "trace", "small.rnnd"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    )
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    if not children.exists():
        process.kill()
        process.wait()
        pytest.skip("needs /proc to see the worker")
    deadline = time.monotonic() + 120
    while not children.read_text().split() and time.monotonic() < deadline:
        time.sleep(0.05)
    workers = children.read_text().split()
    assert workers
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=300)
    assert process.returncode == 130
    assert err.strip() == "rnn-designer: Interrupted."
    deadline = time.monotonic() + 120
    while any(Path(f"/proc/{worker}").exists() for worker in workers) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
    assert not (tmp_path / "small.trace.npz").exists()


def test_that_data_of_the_wrong_size_ends_with_a_sentence(small: Design, saved: Save, tmp_path: Path) -> None:
    saved(small, "small.rnnd")
    np.save(tmp_path / "wide.npy", np.zeros((7, 3)))
    np.save(tmp_path / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    (tmp_path / "junk.npy").write_bytes(b"\x93NUMPY junk")
    np.save(tmp_path / "short.npy", np.zeros((9, 2)))
    os.truncate(tmp_path / "short.npy", 200)
    np.savez(tmp_path / "two.npz", a=np.zeros((7, 2)), b=np.zeros((7, 2)))
    np.savez_compressed(tmp_path / "bomb.npz", wave=np.zeros((9_000_000, 2), np.float32))
    for data, words in {
        "wide.npy": "features must be 2, got 3",
        "objects.npy": "plain NumPy arrays",
        "junk.npy": "plain NumPy arrays",
        "short.npy": "plain NumPy arrays",
        "two.npz": "wave",
        "bomb.npz": "would grow to 72,000,",
        "nowhere.npy": "There is no file",
        ".": "is not a file",
    }.items():
        outcome = rnn_designer(tmp_path, "trace", "small.rnnd", "--data", data)
        assert outcome.returncode == 2, outcome.stderr
        assert words in outcome.stderr
        assert outcome.stdout == ""
        assert len(outcome.stderr.splitlines()) == 1
    assert not (tmp_path / "small.trace.npz").exists()


SEQUENCE = TensorSpec((None, None, 2))
IDS = TensorSpec((None, 5), ("batch", "time"), "int")


@pytest.mark.parametrize(
    ("array", "spec", "shape"),
    [
        (np.zeros((4, 7, 2)), SEQUENCE, (4, 7, 2)),
        (np.zeros((7, 2)), SEQUENCE, (1, 7, 2)),
        (np.zeros((3, 5)), IDS, (3, 5)),
        (np.zeros(5, np.int64), IDS, (1, 5)),
    ],
)
def test_that_the_declared_rank_decides(array: Any, spec: TensorSpec, shape: tuple[int, ...]) -> None:
    found = fitted(array, spec, "series")
    assert found.shape == shape
    assert found.dtype == (np.int32 if spec is IDS else np.float32)


@pytest.mark.parametrize(
    ("array", "spec", "words"),
    [
        (np.zeros(7), SEQUENCE, "the data has 7"),
        (np.zeros((1, 1, 7, 2)), SEQUENCE, "without the batch axis"),
        (np.zeros((7, 3)), SEQUENCE, "features must be 2, got 3"),
        (np.zeros((0, 2)), SEQUENCE, "time must be at least 1, got 0"),
        (np.array(["a"] * 5), IDS, "takes numbers"),
        (np.full(5, 0.5), IDS, "whole numbers"),
        (np.full(5, 1e12), IDS, "whole numbers"),
        (np.full(5, np.nan), IDS, "whole numbers"),
    ],
)
def test_that_numbers_that_do_not_fit_are_refused(array: Any, spec: TensorSpec, words: str) -> None:
    with pytest.raises(Refusal, match=words):
        fitted(array, spec, "series")


def test_that_a_trace_as_in_training_drops_the_same_values_every_time(
    designs: SimpleNamespace, saved: Save, tmp_path: Path
) -> None:
    design = designs.chain(
        designs.series(2, "wave"),
        designs.layer("Dropout", "off", rate=0.5),
        name="dropping",
        data=designs.FrozenMap(WAVE=designs.DataSource("sine", batch_size=3, time_steps=12)),
    )
    saved(design, "dropping.rnnd")
    arrays = {}
    for name, options in {
        "predicted": (),
        "first": ("--training",),
        "again": ("--training", "--draw", "0"),
        "other": ("--training", "--draw", "1"),
    }.items():
        done = rnn_designer(tmp_path, "trace", "dropping.rnnd", "-o", f"{name}.npz", *options)
        assert done.returncode == 0, done.stderr
        assert ("as in training" in done.stdout) is bool(options)
        with np.load(tmp_path / f"{name}.npz") as file:
            arrays[name] = file["off/result"]
            given = file["wave/input"]
    assert np.array_equal(arrays["predicted"], given)
    assert np.array_equal(arrays["first"], arrays["again"])
    assert not np.array_equal(arrays["first"], arrays["other"])
    kept = arrays["first"] != 0
    assert 0 < kept.sum() < kept.size
    assert np.allclose(arrays["first"][kept], 2 * given[kept])


def test_that_a_draw_without_training_is_refused(small: Design, saved: Save, tmp_path: Path) -> None:
    saved(small, "small.rnnd")
    done = rnn_designer(tmp_path, "trace", "small.rnnd", "--draw", "3")
    assert done.returncode == 2
    assert "Add --training" in done.stderr


def test_that_training_says_where_nothing_acts(small: Design, saved: Save, tmp_path: Path) -> None:
    saved(small, "small.rnnd")
    done = rnn_designer(tmp_path, "trace", "small.rnnd", "--training")
    assert done.returncode == 0, done.stderr
    assert "Nothing in this design acts in training only" in done.stderr
