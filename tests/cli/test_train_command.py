"""``rnn-designer train``: the weights of Keras' own ``fit`` in the same order, figures, files, refusals, Ctrl-C."""

import os
import runpy
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import DataSource, Design, files
from rnn_designer.design.weights import load_weights
from rnn_designer.sequences import generate
from rnn_designer.session.training.program import program_of

A_DESIGN: Callable[..., Design] = runpy.run_path(str(Path(__file__).parents[1] / "trained_designs.py"))[
    "a_design"
]


def runs_of(environment: Path) -> list[Path]:
    return sorted(environment.glob("tested/*"))


def test_that_it_learns_what_keras_fit_learns_from_the_same_samples_in_the_same_order(
    command, saved, tmp_path: Path
) -> None:
    import keras

    design = A_DESIGN(epochs=2, test=0.2, seed=7)
    outcome = command("train", saved(design), "-o", "out.rnnd")
    assert outcome.code == 0, outcome.err
    assert "Trained for 2 epochs" in outcome.out
    assert "On the test part, 10 samples" in outcome.out
    assert "repeating the last value" in outcome.out
    assert "epoch 2/2" in outcome.err
    trained = files.load(tmp_path / "out.rnnd")
    weights = load_weights(files.weights_path(trained, tmp_path / "out.rnnd"))
    (run,) = runs_of(Path(os.environ["RNN_DESIGNER_RUNS"]))
    start = load_weights(run / "epoch-0000.npz")

    keras.utils.clear_session()
    program: dict[str, object] = {}
    exec(program_of(design, None).model.source.text, program)
    model = program["build_model"]()
    program["compile_model"](model)
    for key, name in {"mem": "memory", "out": "guess"}.items():
        layer = model.get_layer(name)
        layer.set_weights([start[f"{key}/{weight.name}"] for weight in layer.weights])
    series = generate("sine", {}, (50, 13, 1))[:30]
    order = np.random.default_rng(7)

    class InOrder(keras.utils.PyDataset):
        def __init__(self) -> None:
            super().__init__()
            self.rows = order.permutation(30)

        def __len__(self) -> int:
            return 3

        def __getitem__(self, index: int) -> tuple[np.ndarray, np.ndarray]:
            rows = self.rows[index * 10 : index * 10 + 10]
            return series[rows, :12], series[rows, 12]

    # A data set for each epoch, since Keras may also ask for another order before the first.
    for _epoch in range(2):
        model.fit(InOrder(), epochs=1, verbose=0, shuffle=False)
    for key, name in {"mem": "memory", "out": "guess"}.items():
        for weight in model.get_layer(name).weights:
            np.testing.assert_allclose(
                weights[f"{key}/{weight.name}"], weight.numpy(), rtol=1e-5, atol=1e-6, err_msg=weight.path
            )


def test_that_it_learns_from_another_file_and_gives_keras_its_weights(command, saved, tmp_path: Path) -> None:
    import h5py

    values = np.sin(np.arange(80) / 5).round(5)
    (tmp_path / "waves.csv").write_text("wave\n" + "\n".join(map(str, values)))
    (tmp_path / "other.csv").write_text("wave\n" + "\n".join(map(str, values[::-1])))
    source = DataSource("csv", FrozenMap(path="waves.csv", columns=("wave",)), 2, 12, normalize="standard")
    design = replace(A_DESIGN(epochs=9), data=FrozenMap({"in": source}))
    (tmp_path / "elsewhere").mkdir()
    first = command(
        "train", saved(design), "--epochs", 1, "--data", "other.csv", "-o", "elsewhere/out.weights.h5"
    )
    assert first.code == 0, first.err
    assert "Trained for 1 epoch." in first.out
    with h5py.File(tmp_path / "elsewhere" / "out.weights.h5") as file:
        found: list[tuple[int, ...]] = []
        file.visititems(
            lambda _name, item: found.append(item.shape) if isinstance(item, h5py.Dataset) else None
        )
    assert sorted(each for each in found if each) == [(1,), (1, 12), (3, 1), (3, 12), (12,)]
    # Named as seen from where the design is saved, its own data is found again.
    second = command("train", saved(design), "--epochs", 1, "-o", "elsewhere/out.rnnd")
    assert second.code == 0, second.err
    moved = files.load(tmp_path / "elsewhere" / "out.rnnd")
    assert Path(str(moved.source_of("in").options["path"])).is_absolute()
    assert command("check", tmp_path / "elsewhere" / "out.rnnd").code == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("-o", "out.txt"), "expected one that ends in .rnnd"),
        (("-o", "nowhere/out.rnnd"), "no such folder"),
        (("--data", "gone.csv", "-o", "out.rnnd"), "no file “gone.csv”"),
        (("--epochs", "0", "-o", "out.rnnd"), "0"),
        (("--epochs", "9000000", "-o", "out.rnnd"), "epochs"),
        ((), "--output"),
    ],
)
def test_that_bad_input_ends_with_a_sentence(command, saved, arguments: tuple[str, ...], words: str) -> None:
    outcome = command("train", saved(A_DESIGN()), *arguments)
    assert outcome.code == 2
    assert words in outcome.err
    assert "Traceback" not in outcome.err


def test_that_data_that_is_too_short_ends_with_a_sentence_and_no_file(command, saved, tmp_path: Path) -> None:
    (tmp_path / "short.csv").write_text("wave\n1\n2\n3\n4\n")
    source = DataSource("csv", FrozenMap(path="short.csv"), 2, 12)
    outcome = command("train", saved(replace(A_DESIGN(), data=FrozenMap({"in": source}))), "-o", "out.rnnd")
    assert outcome.code == 2
    assert "training part" in outcome.err
    assert not (tmp_path / "out.rnnd").exists()


def test_that_ctrl_c_keeps_what_was_reached(saved, tmp_path: Path) -> None:
    path = saved(A_DESIGN(epochs=100_000))
    process = subprocess.Popen(
        [sys.executable, "-m", "rnn_designer", "train", str(path), "-o", str(tmp_path / "out.weights.npz")],
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert process.stderr is not None
        for line in process.stderr:
            if line.startswith("epoch 3/"):
                break
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=120)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 130, err
    assert "Stopped." in out
    weights = load_weights(tmp_path / "out.weights.npz")
    assert {"mem/kernel", "out/bias"} <= weights.keys()
    (run,) = runs_of(Path(os.environ["RNN_DESIGNER_RUNS"]))
    assert '"state": "stopped"' in (run / "run.json").read_text()
