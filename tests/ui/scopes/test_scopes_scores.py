"""Scopes of attention layers: who looks at whom, the query's steps along the time axis."""

from typing import Any

import numpy as np
import pytest

from rnn_designer.catalog import FrozenMap
from rnn_designer.design import Design, Layer, Link
from rnn_designer.messages import Trace
from rnn_designer.ui.scopes import Scopes

QUERIES, VALUES, SAMPLES, HEADS = 6, 4, 2, 3


def attention(kind: str, **params: Any) -> Design:
    source = Layer("source", "Input", "source", FrozenMap(shape=(None, 5)))
    look = Layer("look", kind, "look", FrozenMap({"return_attention_scores": True, **params}))
    wires = (Link("source", "look", target_port="query"), Link("source", "look", target_port="value"))
    return Design("attention", (source, look), wires)


def weights(*shape: int) -> Any:
    raw = np.random.default_rng(1).random(shape).astype(np.float32)
    return raw / raw.sum(axis=-1, keepdims=True)


@pytest.fixture
def show_scores(bench: Any) -> Any:
    def show(design: Design, scores: Any) -> Any:
        bench.workspace.document.reset(design, None)
        panel = Scopes(bench.workspace, bench.selection)
        bench.show(panel)
        arrays = {
            "source/input": np.zeros((SAMPLES, QUERIES, 5), np.float32),
            "look/result/0": np.ones((SAMPLES, QUERIES, 5), np.float32),
            "look/result/1": scores,
        }
        bench.workspace.give(Trace(1, arrays, {"source": "source", "look": "look"}, 0.001), QUERIES, SAMPLES)
        bench.selection.set(("look",))
        return panel

    return show


def test_that_scores_are_shown_first_between_nothing_and_everything(show_scores: Any) -> None:
    scores = weights(SAMPLES, QUERIES, VALUES)
    panel = show_scores(attention("Attention"), scores)
    assert panel.chips.symbols == ("all", "output", "scores")
    picture = panel.plot.picture
    assert picture.word == "value"
    assert (picture.main.shown.symbol, picture.main.low, picture.main.high) == ("scores", 0.0, 1.0)
    assert np.array_equal(picture.main.values, scores[0])


def test_that_the_scores_of_several_heads_stand_below_one_another(show_scores: Any) -> None:
    scores = weights(SAMPLES, HEADS, QUERIES, VALUES)
    panel = show_scores(attention("MultiHeadAttention", num_heads=HEADS, key_dim=2), scores)
    values = panel.plot.picture.main.values
    assert values.shape == (QUERIES, HEADS * VALUES)
    for head in range(HEADS):
        assert np.array_equal(values[:, head * VALUES : (head + 1) * VALUES], scores[0, head])
