"""How good forecasts of values are: errors in the data's own unit, and beside them those of what needs no network.

A network that is worse than repeating the last value has learned nothing of use, however small its loss looks; hence no
figure is given here without such a baseline.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rnn_designer.sequences.problem import DataProblem

if TYPE_CHECKING:
    from rnn_designer.messages import Array
else:
    Array = Any

SAME = 0.01
"""A difference of errors below this share counts as none."""
_LEAST_SEASON = 0.3
"""The autocorrelation that a period has to reach to be called a season."""
_MOST_LAGS = 60
_MOST_BINS = 60


@dataclass(frozen=True, eq=False)
class Baseline:
    """A forecast that needs no network, and the network's error where that forecast exists.

    Attributes:
        name: ``last_value``, ``mean`` or ``season``.
        title: the same as the middle of a sentence.
        line: what it forecasts along the :attr:`Forecast.line`, ``(moments, features)``; NaN where it has none.
        error: its root mean squared error.
        model: the network's on the very same places.
    """

    name: str
    title: str
    line: Array
    error: float
    model: float

    @property
    def gain(self) -> float:
        """By which share the network's error is smaller; negative where it is larger."""
        if self.error == 0.0:
            return 0.0 if self.model == 0.0 else float("-inf")
        return 1.0 - self.model / self.error

    @property
    def sentence(self) -> str:
        """How the network does beside it."""
        return compared(self.gain, self.title)


@dataclass(frozen=True, eq=False)
class Forecast:
    """Forecasts of values against what came, all in the data's own unit.

    Attributes:
        rmse: root of the mean squared error over all that counts.
        mae: mean absolute error.
        bias: mean of forecast minus target: above zero it forecasts too much.
        r2: the share of the targets' variance that is explained; NaN where the targets do not vary.
        targets: what came, along the line ``(moments, features)``: of samples that overlap, each moment once.
        predictions: what was forecast, likewise.
        baselines: the strongest first.
        season: after how many steps the learned targets repeat; None if they do not.
        count: over how many numbers the errors are taken.
    """

    rmse: float
    mae: float
    bias: float
    r2: float
    targets: Array
    predictions: Array
    baselines: tuple[Baseline, ...]
    season: int | None
    count: int

    @property
    def residuals(self) -> Array:
        """Forecast minus target along the line, ``(moments, features)``."""
        return self.predictions - self.targets

    @property
    def sentence(self) -> str:
        """How the network does beside the strongest baseline."""
        return self.baselines[0].sentence if self.baselines else ""


def compared(gain: float, title: str) -> str:
    """A gain over a baseline in words: better, no better, or worse."""
    if gain >= SAME:
        return f"Better than {title} by {100 * gain:.0f} %."
    if gain > -SAME:
        return f"No better than {title}."
    if gain == float("-inf"):
        return f"Worse than simply {title}, which makes no error at all."
    return f"Worse than simply {title}: the error is {1 - gain:.3g} times as large."


def judge(
    targets: Array,
    predictions: Array,
    *,
    learned: Array,
    past: Array | None = None,
    per_step: bool = False,
    ahead: int = 1,
    stride: int = 0,
    weights: Array | None = None,
) -> Forecast:
    """Measure forecasts of values.

    Args:
        targets: ``(samples, …)``, with ``per_step`` ``(samples, time, …)``, in the data's own unit.
        predictions: of the same shape.
        learned: the targets of the training part, likewise: what a baseline may know.
        past: the values of the targets' own columns that each sample has seen, ``(samples, time, …)``; None if a
            sample does not hold them.
        per_step: whether there is a target at every step.
        ahead: how many steps after the last one (with ``per_step``: after each) the target lies; 0 at the step.
        stride: how many steps later each further sample begins in one long series; 0 if samples have nothing to do
            with each other.
        weights: ``(samples,)`` or ``(samples, time)``; what has weight 0 does not count.

    Raises:
        DataProblem: the shapes do not belong together, or nothing counts.
    """
    import numpy as np

    if predictions.shape != targets.shape:
        raise DataProblem(
            f"The predictions have the shape {_shape(predictions)}, but the targets {_shape(targets)}: "
            "make the output's shape that of the targets."
        )
    actual, forecast, known = (_flat(each, per_step) for each in (targets, predictions, learned))
    counts = _counting(actual, weights)
    if not counts.any():
        raise DataProblem(
            "There is no target that counts in this part: give it more data, or weights above 0."
        )
    wrong = forecast - actual
    squares = float(np.mean(np.square(wrong[counts])))
    spread = float(np.mean(np.square((actual - _mean(actual, counts))[counts])))
    unit = _unit(actual.shape[1], stride)
    repeats = period(line_of(known, stride)) if unit and known.size else None
    baselines = _baselines(actual, forecast, counts, known, past, per_step, ahead, stride)
    if repeats is not None:
        baselines += _seasonal(actual, forecast, counts, stride, repeats, -(-ahead // unit))
    drawn = np.where(counts, actual, np.nan)
    return Forecast(
        squares**0.5,
        float(np.mean(np.abs(wrong[counts]))),
        float(np.mean(wrong[counts])),
        1.0 - squares / spread if spread > 0 else float("nan"),
        line_of(drawn, stride),
        line_of(forecast, stride),
        tuple(sorted(baselines, key=lambda each: each.error)),
        None if repeats is None else repeats * unit,
        int(counts.sum()),
    )


def line_of(values: Array, stride: int) -> Array:
    """Samples as one line of moments ``(moments, features)``: of those that overlap, each one's newest steps.

    Args:
        values: ``(samples, time, features)``.
        stride: steps between the starts of two samples; 0 to put whole samples behind each other.
    """
    steps = values.shape[1]
    if 0 < stride < steps:
        # The first sample is told whole; every further one adds what it has seen beyond the sample before.
        rest = values[1:, steps - stride :].reshape(-1, values.shape[-1])
        import numpy as np

        whole: Array = np.concatenate([values[0], rest]) if len(values) else rest
        return whole
    flat: Array = values.reshape(-1, values.shape[-1])
    return flat


def period(line: Array) -> int | None:
    """After how many steps a series repeats, where it plainly does: the first high peak of its autocorrelation.

    Args:
        line: ``(moments, features)``; the mean of the features' autocorrelations decides.
    """
    import numpy as np

    moments = len(line)
    if moments < 12 or not np.isfinite(line).all():
        return None
    steps = np.arange(moments)
    trend = [np.polyval(np.polyfit(steps, column, 1), steps) for column in line.T]
    likeness = np.mean([autocorrelation(column, moments // 3) for column in (line.T - trend)], axis=0)
    below = np.flatnonzero(likeness < 0)
    if not len(below):
        return None
    inner = np.arange(max(int(below[0]), 2), len(likeness) - 1)
    peaks = inner[
        (likeness[inner] >= likeness[inner - 1])
        & (likeness[inner] > likeness[inner + 1])
        & (likeness[inner] > _LEAST_SEASON)
    ]
    if not len(peaks):
        return None
    # Multiples of a period are nearly as high; the first that comes near the highest is the period itself.
    return int(peaks[likeness[peaks] >= 0.9 * likeness[peaks].max()][0])


def autocorrelation(series: Array, most: int = _MOST_LAGS) -> Array:
    """How alike a series ``(moments,)`` is to itself some steps later, for lags 0 to ``most``: ``(lags,)``.

    Moments without a number are passed over. A constant series gives 1 at lag 0 and 0 elsewhere.
    """
    import numpy as np

    series = np.asarray(series, np.float64)
    series = series[np.isfinite(series)]
    lags = max(1, min(most, len(series) - 1)) + 1
    result = np.zeros(lags)
    result[0] = 1.0
    if len(series) < 2:
        return result
    away = series - series.mean()
    power = float(away @ away)
    if power <= 1e-24 * max(1.0, float(series @ series)):
        return result
    size = 1 << (2 * len(away) - 1).bit_length()
    spectrum = np.fft.rfft(away, size)
    whole = np.fft.irfft(spectrum * spectrum.conj(), size)[:lags]
    found: Array = whole / power
    return found


def histogram(values: Array) -> tuple[Array, Array]:
    """How often values fall where: counts ``(bins,)`` and edges ``(bins + 1,)``; the width by Freedman and Diaconis."""
    import numpy as np

    values = np.asarray(values, np.float64).ravel()
    values = values[np.isfinite(values)]
    if not len(values):
        return np.zeros(1), np.array([-0.5, 0.5])
    low, high = float(values.min()), float(values.max())
    quarter, three = np.percentile(values, [25, 75])
    width = 2 * (three - quarter) / len(values) ** (1 / 3)
    bins = int(np.clip((high - low) / width, 5, _MOST_BINS)) if width > 0 else 5
    if high <= low:
        low, high = low - 0.5, high + 0.5
    counts, edges = np.histogram(values, bins, (low, high))
    return counts, edges


def _shape(values: Array) -> str:
    return "×".join(map(str, values.shape))


def _flat(values: Array, per_step: bool) -> Array:
    """Every array as ``(samples, time, features)``, exact enough that sums lose nothing."""
    import numpy as np

    values = np.asarray(values, np.float64)
    steps = values.shape[1] if per_step and values.ndim > 1 else 1
    return values.reshape(len(values), steps, -1)


def _counting(actual: Array, weights: Array | None) -> Array:
    import numpy as np

    counts: Array = np.isfinite(actual)
    if weights is not None:
        heavy: Array = np.asarray(weights).reshape(len(actual), -1) > 0
        if heavy.shape[1] != actual.shape[1]:
            heavy = np.any(heavy, axis=1, keepdims=True)
        counts = counts & heavy[:, :, None]
    return counts


def _mean(values: Array, counts: Array) -> Array:
    """The mean of each feature over what counts."""
    import numpy as np

    number = np.maximum(counts.sum(axis=(0, 1)), 1)
    total: Array = np.where(counts, values, 0.0).sum(axis=(0, 1)) / number
    return total


def _baselines(
    actual: Array,
    forecast: Array,
    counts: Array,
    known: Array,
    past: Array | None,
    per_step: bool,
    ahead: int,
    stride: int,
) -> list[Baseline]:
    import numpy as np

    found: list[Baseline] = []

    def add(name: str, title: str, values: Array) -> None:
        there = counts & np.isfinite(values)
        if there.any():
            found.append(
                Baseline(
                    name,
                    title,
                    line_of(values, stride),
                    _rmse(values - actual, there),
                    _rmse(forecast - actual, there),
                )
            )

    if known.size:
        mean = _mean(known, np.isfinite(known))
        add("mean", "forecasting the mean", np.broadcast_to(mean, actual.shape))
    if past is not None and ahead > 0:
        seen = np.asarray(past, np.float64)
        seen = seen.reshape(len(seen), seen.shape[1], -1)
        last = seen if per_step else seen[:, -1:]
        if last.shape == actual.shape:
            add("last_value", "repeating the last value", last)
    return found


def _unit(steps: int, stride: int) -> int:
    """How many steps lie between two neighbours on the line; 0 where that is not always the same."""
    if steps == 1:
        return stride
    return 1 if 0 < stride <= steps else 0


def _seasonal(
    actual: Array, forecast: Array, counts: Array, stride: int, season: int, ahead: int
) -> list[Baseline]:
    """What came a whole number of seasons before, as recently as could be known then; in moments of the line."""
    import numpy as np

    back = season * -(-max(ahead, 1) // season)
    came = line_of(np.where(counts, actual, np.nan), stride)
    if back >= len(came):
        return []
    before = np.full_like(came, np.nan)
    before[back:] = came[:-back]
    there = np.isfinite(before) & np.isfinite(came)
    if not there.any():
        return []
    model = _rmse(line_of(forecast, stride) - came, there)
    title = "repeating the last season"
    return [Baseline("season", title, before, _rmse(before - came, there), model)]


def _rmse(wrong: Array, there: Array) -> float:
    import numpy as np

    return float(np.sqrt(np.mean(np.square(wrong[there]))))
