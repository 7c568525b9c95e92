"""``rnn-designer generate``: a sequence or a text continued, or one sentence that says why not."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication

from rnn_designer.design import Design

Command = Callable[..., Any]
Save = Callable[..., Path]
POEM = "the sea the sand the sea the land "


@pytest.fixture
def forecast(designs: SimpleNamespace) -> Design:
    """A model that predicts its next step, on samples of 12 steps."""
    source = designs.DataSource("sine", batch_size=3, time_steps=12)
    return designs.chain(
        designs.series(2, "wave"),
        designs.layer("LSTM", "memory", units=4),
        designs.layer("Dense", "forecast", units=2),
        name="forecast",
        data=designs.FrozenMap(WAVE=source),
    )


@pytest.fixture
def writer(designs: SimpleNamespace) -> Design:
    """A model that draws characters, on a text in the design."""
    source = designs.DataSource("text", designs.FrozenMap(text=POEM * 4, unit="words"), 2, 9)
    return designs.chain(
        designs.tokens("text"),
        designs.layer("Embedding", "embedding", input_dim=6, output_dim=3),
        designs.layer("GRU", "memory", units=4, return_sequences=True),
        designs.layer("Dense", "next", units=6, activation="softmax"),
        data=designs.FrozenMap(TEXT=source),
    )


def test_that_a_sequence_is_continued_as_the_exported_program_does(
    forecast: Design, saved: Save, command: Command, qapp: QCoreApplication, tmp_path: Path
) -> None:
    saved(forecast, "forecast.rnnd")
    outcome = command("generate", "forecast.rnnd", "--steps", 5, "--prefix", 8)
    assert outcome.code == 0, outcome.err
    assert outcome.out == "Wrote forecast.generated.npz: 5 steps behind 8 of 3 samples\n"
    with np.load(tmp_path / "forecast.generated.npz", allow_pickle=False) as file:
        arrays = dict(file)
    assert arrays["wave/input"].shape == (3, 13, 2)
    np.testing.assert_array_equal(arrays["wave/generated"], arrays["wave/input"][:, 8:])
    assert arrays["memory/state/c"].shape == (3, 13, 4)
    assert np.ptp(arrays["wave/generated"]) > 0


def test_that_a_text_is_continued_in_words(
    writer: Design, saved: Save, command: Command, qapp: QCoreApplication, tmp_path: Path
) -> None:
    saved(writer, "writer.rnnd")
    settings = ("--steps", 6, "--temperature", 0.5, "--seed", 3)
    outcome = command("generate", "writer.rnnd", *settings, "-o", "out.txt")
    assert outcome.code == 0, outcome.err
    one, other = (tmp_path / "out.txt").read_text().rstrip("\n").split("\n\n")
    assert one.startswith("the sea the sand the sea the land the")
    assert len(one.split()) == len(other.split()) == 15
    again = command("generate", "writer.rnnd", *settings)
    assert one in again.out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--steps", 0), "“steps” of the generation: Expected a whole number from 1 to 10000, got 0."),
        (("--temperature", "nan"), "“temperature” of the generation"),
        (("--seed", -1), "“seed” of the generation"),
        (("-o", "out.txt"), "this model generates numbers"),
        (("-o", "nowhere/out.npz"), "no such folder"),
        (("-o", "forecast.rnnd"), "would be lost"),
    ],
)
def test_that_bad_input_ends_with_one_sentence(
    forecast: Design, saved: Save, command: Command, arguments: tuple[object, ...], sentence: str
) -> None:
    saved(forecast, "forecast.rnnd")
    outcome = command("generate", "forecast.rnnd", *arguments)
    assert outcome.code == 2
    assert sentence in outcome.err
    assert len(outcome.err.splitlines()) == 1


def test_that_a_model_that_cannot_generate_says_why(
    designs: SimpleNamespace, saved: Save, command: Command
) -> None:
    path = saved(
        designs.chain(designs.series(2), designs.layer("LSTM", "memory", units=4, return_sequences=True)),
        "no.rnnd",
    )
    outcome = command("generate", path)
    assert outcome.code == 2
    assert "LSTM ‘memory’ predicts 4 features; to be fed back, expected 2 features" in outcome.err
    assert not list(path.parent.glob("*.npz"))
