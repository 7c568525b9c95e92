"""Figures of decisions against the same ones counted out by hand."""

import numpy as np
import pytest

from rnn_designer.sequences import DataProblem
from rnn_designer.sequences.classified import decisions, judge_classes, judge_labels


def softmax(figures: np.ndarray) -> np.ndarray:
    raised = np.exp(figures - figures.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


def counted_out(actual: np.ndarray, decided: np.ndarray, each: int) -> tuple[float, float, float]:
    hits = sum(1 for a, d in zip(actual, decided, strict=True) if a == d == each)
    precision = hits / max(1, sum(d == each for d in decided))
    recall = hits / max(1, sum(a == each for a in actual))
    return precision, recall, 2 * precision * recall / max(1e-300, precision + recall)


def test_that_scores_are_counted_class_by_class() -> None:
    random = np.random.default_rng(0)
    actual = random.integers(0, 4, (60, 5))
    figures = random.normal(size=(60, 5, 4)) + 1.5 * np.eye(4)[actual]
    found = judge_classes(actual, softmax(figures), learned=actual)
    flat, decided = actual.ravel(), figures.argmax(-1).ravel()
    assert found.accuracy == pytest.approx(np.mean(flat == decided))
    for each in range(4):
        scores = (found.precision[each], found.recall[each], found.f1[each])
        assert scores == pytest.approx(counted_out(flat, decided, each))
        assert found.support[each] == (flat == each).sum()
    counts, shown = found.confusion()
    assert list(shown) == [0, 1, 2, 3]
    for row in range(4):
        for column in range(4):
            assert counts[row, column] == sum((flat == row) & (decided == column))


def test_that_the_cross_entropy_is_the_same_before_and_after_the_softmax() -> None:
    random = np.random.default_rng(1)
    actual = random.integers(0, 3, 40)
    figures = random.normal(size=(40, 3)) * 3
    expected = -np.log(softmax(figures)[np.arange(40), actual]).mean()
    assert judge_classes(actual, softmax(figures), learned=actual).cross_entropy == pytest.approx(expected)
    raw = judge_classes(actual, figures, learned=actual, logits=True)
    assert raw.cross_entropy == pytest.approx(expected)
    assert np.isnan(judge_classes(actual, figures, learned=actual).cross_entropy)
    binary = random.normal(size=(40, 1)) * 3
    yes = actual > 1
    chance = 1 / (1 + np.exp(-binary[:, 0]))
    expected = -np.where(yes, np.log(chance), np.log(1 - chance)).mean()
    for figures, logits in ((binary, True), (chance[:, None], False)):
        found = judge_classes(yes.astype(float), figures, learned=yes, logits=logits)
        assert found.cross_entropy == pytest.approx(expected)
        assert list(found.decided) == list((binary[:, 0] > 0).astype(int))


def test_that_a_model_that_always_says_the_same_is_told_from_a_good_one() -> None:
    actual = np.array([0] * 80 + [1] * 20)
    lazy = np.tile([0.9, 0.1], (100, 1))
    found = judge_classes(actual, lazy, learned=actual)
    assert found.accuracy == 0.8
    assert found.sentence == "No better than always saying the most frequent class: 80.0 % right."
    assert np.isnan(found.precision[1])
    assert found.recall[1] == 0.0
    assert found.f1[1] == 0.0
    worse = judge_classes(actual, lazy[:, ::-1], learned=actual)
    assert worse.sentence.startswith("Worse than simply always saying the most frequent class: 20.0 % right")
    good = judge_classes(actual, np.eye(2)[actual], learned=actual)
    assert good.sentence.startswith("Better than always saying the most frequent class: 100.0 % right")
    assert good.guesses[0].gain == 1.0
    assert good.macro_f1 == 1.0


def test_that_tokens_are_guessed_from_the_one_before() -> None:
    text = np.array([0, 1, 2, 0, 1, 2, 0, 1, 3, 0, 1, 2] * 10)
    before, after = text[:-1], text[1:]
    figures = np.eye(4)[np.full(len(after), 1)]
    found = judge_classes(after, figures, learned=after, past=before, learned_past=before)
    guesses = {each.name: each for each in found.guesses}
    follower = {0: 1, 1: 2, 2: 0, 3: 0}
    right = [follower[b] == a for b, a in zip(before, after, strict=True)]
    assert guesses["follower"].accuracy == pytest.approx(np.mean(right))
    assert guesses["same"].accuracy == 0.0
    assert found.guesses[0].name == "follower"


def test_that_many_classes_are_folded_into_the_most_frequent_and_the_rest() -> None:
    random = np.random.default_rng(4)
    actual = random.geometric(0.1, 2000).clip(max=99)
    figures = random.random((2000, 100))
    found = judge_classes(actual, figures, learned=actual)
    counts, shown = found.confusion(10)
    assert counts.shape == (11, 11)
    assert counts.sum() == 2000
    assert shown[-1] == -1
    assert set(shown[:-1]) == set(np.argsort(-np.bincount(actual, minlength=100), kind="stable")[:10])


def test_that_labels_that_hold_together_are_scored_one_by_one() -> None:
    random = np.random.default_rng(5)
    actual = random.integers(0, 2, (50, 3)).astype(float)
    figures = np.clip(actual * 0.6 + random.random((50, 3)) * 0.6 - 0.1, 0, 1)
    found = judge_labels(actual, figures, learned=actual)
    for each in range(3):
        scores = counted_out(actual[:, each] > 0.5, figures[:, each] > 0.5, 1)
        assert (found.precision[each], found.recall[each], found.f1[each]) == pytest.approx(scores)
    assert found.accuracy == np.mean(
        [list(a > 0.5) == list(f > 0.5) for a, f in zip(actual, figures, strict=True)]
    )
    with pytest.raises(DataProblem, match="no confusion matrix"):
        found.confusion()


def test_that_what_does_not_belong_together_is_said() -> None:
    actual = np.array([0, 1, 5])
    with pytest.raises(DataProblem, match="class 5, but the output tells the classes 0 to 2"):
        judge_classes(actual, np.eye(3), learned=actual)
    with pytest.raises(DataProblem, match="one figure per class and moment"):
        judge_classes(actual, np.ones((3, 2, 3)), learned=actual)
    with pytest.raises(DataProblem, match="no class that counts"):
        judge_classes(actual, np.ones((3, 6)), learned=actual, weights=np.zeros(3))
    assert list(decisions(np.array([[0.2], [0.7]]))) == [0, 1]
