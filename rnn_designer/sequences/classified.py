"""How good decisions between classes are: what is taken for what, class by class, beside what a guess reaches."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rnn_designer.sequences.problem import DataProblem

if TYPE_CHECKING:
    from rnn_designer.messages import Array
else:
    Array = Any

_LEAST_CHANCE = 1e-7
"""Keras' own floor for a probability in a cross-entropy."""


@dataclass(frozen=True)
class Guess:
    """A way to decide without a network, and how often it and the network are right where it can decide.

    Attributes:
        name: ``majority``, ``follower`` or ``same``.
        title: the same as the middle of a sentence.
        accuracy: the share that it gets right.
        model: the share that the network gets right there.
    """

    name: str
    title: str
    accuracy: float
    model: float

    @property
    def gain(self) -> float:
        """By which share the network makes fewer errors; negative where it makes more."""
        wrong = 1.0 - self.accuracy
        if wrong <= 0.0:
            return 0.0 if self.model >= 1.0 else float("-inf")
        return 1.0 - (1.0 - self.model) / wrong

    @property
    def sentence(self) -> str:
        """How the network does beside it."""
        both = f"{100 * self.model:.1f} % right instead of {100 * self.accuracy:.1f} %"
        if self.model > self.accuracy + 0.0005:
            return f"Better than {self.title}: {both}."
        if self.model < self.accuracy - 0.0005:
            return f"Worse than simply {self.title}: {both}."
        return f"No better than {self.title}: {100 * self.model:.1f} % right."


@dataclass(frozen=True, eq=False)
class Classified:
    """Decisions against what was there.

    Attributes:
        actual: the class of each moment, ``(moments,)``; of labels that exclude nothing ``(moments, classes)``.
        decided: what the network says, likewise.
        support: how often each class is there, ``(classes,)``.
        precision: how often the network is right when it says a class; NaN where it never does.
        recall: how many of each class it finds; NaN where there is none.
        f1: the harmonic mean of both; NaN where neither exists.
        accuracy: the share of right decisions.
        cross_entropy: mean of the negative log of the probability given to what was there; NaN without probabilities.
        chance: the same where each class gets the share that it has in the training part.
        guesses: the strongest first.
        exclusive: whether each moment has exactly one class.
    """

    actual: Array
    decided: Array
    support: Array
    precision: Array
    recall: Array
    f1: Array
    accuracy: float
    cross_entropy: float
    chance: float
    guesses: tuple[Guess, ...]
    exclusive: bool

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return len(self.support)

    @property
    def macro_f1(self) -> float:
        """The mean F1 of the classes that are there or were said to be: rare ones count as much as frequent ones."""
        import numpy as np

        there = ~np.isnan(self.f1)
        return float(self.f1[there].mean()) if there.any() else float("nan")

    @property
    def sentence(self) -> str:
        """How the network does beside the strongest guess."""
        return self.guesses[0].sentence if self.guesses else ""

    def confusion(self, most: int = 30) -> tuple[Array, Array]:
        """What is taken for what.

        Args:
            most: how many classes are told apart at most: the most frequent ones.

        Returns:
            Counts ``(actual, decided)`` and the classes that the rows and columns stand for, ``(rows,)``; -1, at the
            end, for all others together.
        """
        import numpy as np

        shown = np.sort(np.argsort(-self.support, kind="stable")[:most])
        place = np.full(self.classes, len(shown))
        place[shown] = np.arange(len(shown))
        size = len(shown) + (len(shown) < self.classes)
        if not self.exclusive:
            raise DataProblem(
                "Labels that exclude nothing have no confusion matrix: look at each label alone."
            )
        both = place[self.actual] * size + place[self.decided]
        counts = np.bincount(both, minlength=size * size).reshape(size, size)
        return counts, shown if size == len(shown) else np.append(shown, -1)


def decisions(predictions: Array, *, threshold: float = 0.5) -> Array:
    """What a network decides: the class with the highest figure, ``(…, classes)`` to ``(…,)``.

    Args:
        predictions: with a last axis of 1, that figure has to be above ``threshold`` for class 1.
        threshold: 0.5 for probabilities, 0 for what has not gone through a sigmoid.
    """
    import numpy as np

    if predictions.shape[-1] == 1:
        chosen: Array = (predictions[..., 0] > threshold).astype(np.int64)
        return chosen
    best: Array = predictions.argmax(axis=-1)
    return best


def judge_classes(
    actual: Array,
    predictions: Array,
    *,
    learned: Array,
    past: Array | None = None,
    learned_past: Array | None = None,
    threshold: float = 0.5,
    logits: bool = False,
    weights: Array | None = None,
) -> Classified:
    """Measure decisions between classes.

    Args:
        actual: the class of each moment, ``(samples,)`` or ``(samples, time)``, whole numbers from 0.
        predictions: a figure per class behind these axes, or one figure for two classes.
        learned: the classes of the training part, of any shape.
        past: for tokens, the one before each moment, shaped like ``actual``.
        learned_past: the same of the training part.
        threshold: see :func:`decisions`.
        logits: whether figures have not gone through a softmax (sigmoid) yet.
        weights: shaped like ``actual`` or ``(samples,)``; what has weight 0 does not count.

    Raises:
        DataProblem: the shapes do not belong together, or nothing counts.
    """
    import numpy as np

    actual = np.asarray(actual)
    if predictions.shape[:-1] != actual.shape:
        raise DataProblem(
            f"The predictions have the shape {'×'.join(map(str, predictions.shape))}, but there are classes for "
            f"{'×'.join(map(str, actual.shape))} moments: give the output one figure per class and moment."
        )
    counts = _counting(actual, weights)
    if not counts.any():
        raise DataProblem(
            "There is no class that counts in this part: give it more data, or weights above 0."
        )
    classes = max(predictions.shape[-1], 2)
    there = actual[counts].astype(np.int64)
    highest = int(max(there.max(), np.asarray(learned).max(initial=0)))
    if highest >= classes or there.min() < 0:
        raise DataProblem(
            f"The data have the class {highest if highest >= classes else int(there.min())}, but the output tells the "
            f"classes 0 to {classes - 1} apart: give it more units."
        )
    figures = np.asarray(predictions, np.float64)[counts]
    decided = decisions(figures, threshold=0.0 if logits and predictions.shape[-1] == 1 else threshold)
    right = there == decided
    known = np.asarray(learned).ravel().astype(np.int64)
    shares = np.bincount(known, minlength=classes)
    guesses = []
    if known.size:
        common = int(shares.argmax())
        guesses.append(
            Guess("majority", "always saying the most frequent class", _mean(there == common), _mean(right))
        )
    if past is not None and learned_past is not None and known.size:
        guesses += _of_tokens(
            there, np.asarray(past)[counts].astype(np.int64), right, known, learned_past, classes
        )
    return Classified(
        there,
        decided,
        *_scores(there, decided, classes),
        accuracy=_mean(right),
        cross_entropy=_cross_entropy(there, figures, logits) if logits or _chances(figures) else float("nan"),
        chance=_prior(there, shares),
        guesses=tuple(sorted(guesses, key=lambda each: -each.accuracy)),
        exclusive=True,
    )


def judge_labels(
    actual: Array, predictions: Array, *, learned: Array, threshold: float = 0.5, weights: Array | None = None
) -> Classified:
    """Measure labels of which several may hold at once: ``(…, labels)`` of 0 and 1 against figures of that shape.

    Raises:
        DataProblem: the shapes do not belong together, or nothing counts.
    """
    import numpy as np

    if actual.shape != predictions.shape:
        raise DataProblem(
            f"The predictions have the shape {'×'.join(map(str, predictions.shape))}, but the labels "
            f"{'×'.join(map(str, actual.shape))}: give the output one unit per label."
        )
    counts = _counting(actual[..., 0], weights)
    if not counts.any():
        raise DataProblem(
            "There is no label that counts in this part: give it more data, or weights above 0."
        )
    there = np.asarray(actual)[counts] > 0.5
    decided = np.asarray(predictions)[counts] > threshold
    hits = (there & decided).sum(axis=0)
    right = _mean((there == decided).all(axis=-1))
    usual = np.asarray(learned).reshape(-1, actual.shape[-1]).mean(axis=0) > 0.5
    guess = Guess(
        "majority", "always saying what holds most often", _mean((there == usual).all(axis=-1)), right
    )
    return Classified(
        there,
        decided,
        *_ratios(hits, there.sum(axis=0), decided.sum(axis=0)),
        accuracy=right,
        cross_entropy=float("nan"),
        chance=float("nan"),
        guesses=(guess,),
        exclusive=False,
    )


def _mean(right: Array) -> float:
    return float(right.mean())


def _counting(actual: Array, weights: Array | None) -> Array:
    import numpy as np

    counts = np.isfinite(actual)
    if weights is not None:
        heavy = np.asarray(weights) > 0
        while heavy.ndim < counts.ndim:
            heavy = heavy[..., None]
        counts = counts & heavy
    return counts


def _scores(there: Array, decided: Array, classes: int) -> tuple[Array, Array, Array, Array]:
    import numpy as np

    hits = np.bincount(there[there == decided], minlength=classes)
    return _ratios(hits, np.bincount(there, minlength=classes), np.bincount(decided, minlength=classes))


def _ratios(hits: Array, support: Array, said: Array) -> tuple[Array, Array, Array, Array]:
    """Support, precision, recall and F1 from counts per class."""
    import numpy as np

    with np.errstate(invalid="ignore", divide="ignore"):
        precision = np.where(said > 0, hits / said, np.nan)
        recall = np.where(support > 0, hits / support, np.nan)
        f1 = np.where(said + support > 0, 2 * hits / (said + support), np.nan)
    return support, precision, recall, f1


def _chances(figures: Array) -> bool:
    """Whether figures are probabilities."""
    import numpy as np

    if figures.min() < 0 or figures.max() > 1 + 1e-6:
        return False
    return figures.shape[-1] == 1 or bool(np.allclose(figures.sum(axis=-1), 1.0, atol=1e-3))


def _cross_entropy(there: Array, figures: Array, logits: bool) -> float:
    import numpy as np

    if figures.shape[-1] == 1:
        figure = figures[:, 0]
        if logits:
            # log(1 + e^-x) without overflow, x turned so that the class that was there is on its right.
            return _mean(np.logaddexp(0.0, np.where(there == 1, -figure, figure)))
        chance = np.where(there == 1, figure, 1.0 - figure)
    elif logits:
        top = figures.max(axis=-1, keepdims=True)
        whole = top[:, 0] + np.log(np.exp(figures - top).sum(axis=-1))
        return _mean(whole - figures[np.arange(len(there)), there])
    else:
        chance = figures[np.arange(len(there)), there]
    return _mean(-np.log(np.clip(chance, _LEAST_CHANCE, 1.0)))


def _prior(there: Array, shares: Array) -> float:
    """The cross-entropy of saying the training part's shares every time."""
    import numpy as np

    if not shares.sum():
        return float("nan")
    # One more of each, so that what training never showed is unlikely, not impossible.
    chance = (shares + 1) / (shares.sum() + len(shares))
    return _mean(-np.log(chance[there]))


def _of_tokens(
    there: Array, before: Array, right: Array, known: Array, learned_past: Array, classes: int
) -> list[Guess]:
    """Repeating the token before, and saying what most often followed it in the training part."""
    import numpy as np

    same = Guess("same", "repeating the token before", _mean(there == before), _mean(right))
    earlier = np.asarray(learned_past).ravel().astype(np.int64)
    pairs, often = np.unique(earlier * classes + known, return_counts=True)
    # In the order of how often: the last one written for a token is its most frequent follower.
    follower = np.full(classes, int(np.bincount(known, minlength=classes).argmax()))
    order = np.argsort(often, kind="stable")
    follower[(pairs // classes)[order]] = (pairs % classes)[order]
    usual = follower[np.clip(before, 0, classes - 1)]
    return [
        same,
        Guess(
            "follower",
            "saying what most often followed the token before",
            _mean(there == usual),
            _mean(right),
        ),
    ]
