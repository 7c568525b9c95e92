"""What units do together in a range of steps, and where else in the data they do much the same.

A unit is on at a step if its value reaches the threshold: v ≥ θ, or |v| ≥ θ. It belongs to a range if it is on at
every step of it; if so asked, only if it is off just before and just after. Two ranges of the same length are alike
in two ways: their overlap is |A ∩ B| / |A ∪ B| for the units A and B that belong to them, their distance is the root
of the mean squared difference of the states, step by step and unit by unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy

from rnn_designer.engine.analyses.states import States, asked_for
from rnn_designer.engine.analyses.subject import Subject
from rnn_designer.engine.failures import Refused
from rnn_designer.messages import Analyse, Array

_CHUNK = 4096
"""Steps that are looked at in one go."""

_ROWS = 256
"""Rows of a long range that are multiplied in one go."""

_AMONG = "unit/"


def match(subject: Subject, request: Analyse) -> tuple[Mapping[str, Array], Mapping[str, str]]:
    """The units that are on throughout a range, and the ranges most like it in all samples of the batch.

    Ranges that overlap the one asked about, or one that is more like it, are left out, and so are ranges with a step
    that does not count.

    Options:
        signal/<name>: the signals that make up the state, side by side in this order.
        sample, first, last: the range, both ends included.
        threshold: θ.
        magnitude: 1 for |v| ≥ θ, 0 for v ≥ θ.
        outside: 1 if a unit has to be off at the steps before and after the range, where there are any.
        by_distance: 1 to rank by distance, 0 by overlap; equal overlaps rank by distance.
        count: the most ranges that are wanted.
        unit/<number>: look at these units only; all of them if none is named.

    Arrays:
        on: ``(units that are on,)``, their numbers.
        sample, first, shared, either: ``(found,)``, for each range found where it begins, how many of the units belong
            to both ranges, and how many to one or both.
        distance: ``(found,)``.
        looked_at: ``()``, how many ranges were compared.

    Raises:
        Refused: the range is not in the data, or has a step that does not count.
    """
    options = request.options
    states = asked_for(subject, request)
    among = sorted(int(name.removeprefix(_AMONG)) for name in options if name.startswith(_AMONG))
    if among and not 0 <= among[0] <= among[-1] < states.values.shape[-1]:
        raise Refused(
            f"Received unit {among[-1]}; expected one from 0 to {states.values.shape[-1] - 1}.", request.layer
        )
    units = numpy.array(among or range(states.values.shape[-1]))
    batch, steps = states.counts.shape
    sample, first, last = (int(options.get(name, 0)) for name in ("sample", "first", "last"))
    if not (0 <= sample < batch and 0 <= first <= last < steps):
        raise Refused(
            f"Received steps {first} to {last} of sample {sample}; expected steps from 0 to {steps - 1} of a sample "
            f"from 0 to {batch - 1}. Choose another range.",
            request.layer,
        )
    if not states.counts[sample, first : last + 1].all():
        raise Refused(
            "The range has steps that are masked or not finite, which are like nothing. Choose another range.",
            request.layer,
        )
    search = _Search(states, units, options)
    found = search.all_ranges(sample, first, last - first + 1, subject)
    order = _ranked(found, bool(options.get("by_distance")))
    kept = _apart(order, found, (sample, first), last - first + 1, int(options.get("count", 20)))
    return {
        "on": units[found.on].astype("int32"),
        "sample": found.sample[kept].astype("int32"),
        "first": found.first[kept].astype("int32"),
        "shared": found.shared[kept].astype("int32"),
        "either": found.either[kept].astype("int32"),
        "distance": search.distances(sample, first, last - first + 1, found, kept),
        "looked_at": numpy.int32(len(found.first)).reshape(()),
    }, {}


class _Found:
    """Every range that was compared."""

    def __init__(self, on: Array) -> None:
        self.on = on
        self.sample: Any = []
        self.first: Any = []
        self.shared: Any = []
        self.either: Any = []
        self.squares: Any = []

    def close(self) -> None:
        """Make arrays of the parts."""
        for name in ("sample", "first", "shared", "either", "squares"):
            parts = getattr(self, name)
            setattr(self, name, numpy.concatenate(parts) if parts else numpy.zeros(0))


class _Search:
    """Compares one range with all others of its length."""

    def __init__(self, states: States, units: Any, options: Mapping[str, float]) -> None:
        self._values = states.values if len(units) == states.values.shape[-1] else states.values[..., units]
        self._counts = states.counts
        self._threshold = float(options.get("threshold", 0.5))
        self._magnitude = bool(options.get("magnitude"))
        self._outside = bool(options.get("outside"))

    def all_ranges(self, sample: int, first: int, length: int, subject: Subject) -> _Found:
        """Overlap and distance of every range of that length whose steps all count."""
        batch, steps = self._counts.shape
        wanted = self._values[sample, first : first + length].astype("float64")
        # About their own mean, so that squares of large states do not swallow small differences.
        middle = wanted.mean(axis=0)
        wanted = wanted - middle
        on = self._belonging(sample, first, first + 1, length)[0]
        found = _Found(on)
        for each in range(batch):
            counted = _rolling(self._counts[each], length) == length
            for start in range(0, steps - length + 1, _CHUNK):
                subject.checkpoint()
                stop = min(start + _CHUNK, steps - length + 1)
                places = numpy.flatnonzero(counted[start:stop])
                if not len(places):
                    continue
                belonging = self._belonging(each, start, stop, length)[places]
                shared = belonging[:, on].sum(axis=1)
                found.sample.append(numpy.full(len(places), each))
                found.first.append(start + places)
                found.shared.append(shared)
                found.either.append(on.sum() + belonging.sum(axis=1) - shared)
                part = self._values[each, start : stop + length - 1].astype("float64") - middle
                found.squares.append(_squares(numpy.nan_to_num(part), wanted)[places])
        found.close()
        return found

    def distances(self, sample: int, first: int, length: int, found: _Found, kept: Any) -> Array:
        """The distances of a few ranges, exactly."""
        wanted = self._values[sample, first : first + length].astype("float64")
        exact = [
            numpy.sqrt(((self._values[each, start : start + length] - wanted) ** 2).mean())
            for each, start in zip(found.sample[kept].astype(int), found.first[kept].astype(int), strict=True)
        ]
        return numpy.array(exact, "float32")

    def _on(self, sample: int, start: int, stop: int) -> Any:
        """Which units are on at some steps; none is at one that does not count."""
        values = self._values[sample, start:stop]
        on = (numpy.abs(values) if self._magnitude else values) >= self._threshold
        return on & self._counts[sample, start:stop, None]

    def _belonging(self, sample: int, start: int, stop: int, length: int) -> Any:
        """Which units belong to the ranges that begin from ``start`` up to ``stop``, ``(ranges, units)``."""
        steps = self._counts.shape[1]
        on = self._on(sample, start, stop + length - 1)
        belonging = _rolling(on, length) == length
        if self._outside:
            before = self._on(sample, max(start - 1, 0), stop - 1)
            belonging[len(belonging) - len(before) :] &= ~before
            after = self._on(sample, start + length, min(stop + length, steps))
            belonging[: len(after)] &= ~after
        return belonging


def _rolling(values: Any, length: int) -> Any:
    """Sums over ``length`` rows, one for every place where they fit."""
    sums = numpy.cumsum(values, axis=0, dtype="float64" if values.dtype.kind == "f" else "int32")
    sums = numpy.concatenate([numpy.zeros_like(sums[:1]), sums])
    return sums[length:] - sums[:-length]


def _squares(part: Any, wanted: Any) -> Any:
    """The sum of squared differences at every place where the wanted rows fit: |a|² + |b|² − 2 a·b."""
    length, places = len(wanted), len(part) - len(wanted) + 1
    crossed = numpy.zeros(places)
    for start in range(0, length, _ROWS):
        rows = wanted[start : start + _ROWS]
        products = part[start : start + places + len(rows) - 1] @ rows.T
        for row in range(len(rows)):
            crossed += products[row : row + places, row]
    return numpy.maximum(_rolling((part**2).sum(axis=1), length) + (wanted**2).sum() - 2 * crossed, 0.0)


def _ranked(found: _Found, by_distance: bool) -> Any:
    """The ranges, the most alike first; alike ones in the order of the data."""
    if by_distance:
        return numpy.argsort(found.squares, kind="stable")
    overlap = found.shared / numpy.maximum(found.either, 1)
    return numpy.lexsort((found.first, found.sample, found.squares, -overlap))


def _apart(order: Any, found: _Found, asked: tuple[int, int], length: int, count: int) -> Any:
    """The first so many of the ranked ranges that touch neither each other nor the one asked about."""
    taken: dict[int, list[int]] = {asked[0]: [asked[1]]}
    kept: list[int] = []
    for place in order:
        if len(kept) >= count:
            break
        sample, first = int(found.sample[place]), int(found.first[place])
        others = taken.setdefault(sample, [])
        if all(abs(first - other) >= length for other in others):
            others.append(first)
            kept.append(int(place))
    return numpy.array(kept, dtype=int)
