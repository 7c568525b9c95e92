"""Matching ranges against a search that looks at every range, step and unit by itself."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

import numpy
import pytest
from standing_models import Stand, equal, planned, program

from rnn_designer.engine.analyses import Subject, analyse
from rnn_designer.engine.failures import Refused
from rnn_designer.messages import Analyse, Trace

BATCH, STEPS, UNITS = 3, 26, 5


@pytest.fixture(scope="module")
def built(stand: Stand) -> Any:
    source = program(
        [
            "series = keras.Input((None, 3), name='series')",
            f"return keras.Model(series, layers.GRU({UNITS}, name='memory')(series))",
        ]
    )
    return stand(source, (planned("series", "Input"), planned("memory", "GRU"))).built


def subject(built: Any, values: Any, mask: Any = None) -> Subject:
    """States of our own choice; the analysis only reads the trace."""
    arrays = {"memory/state/h": values.astype("float32")}
    if mask is not None:
        arrays["memory/mask"] = mask
    return Subject(built, {}, Trace(1, arrays, {"#memory": "memory"}, 0.0), lambda: None)


def ask(looked_at: Subject, *, units: Iterable[int] = (), **options: float) -> Any:
    among = {f"unit/{unit}": 1.0 for unit in units}
    return analyse(looked_at, Analyse(1, "match", "#memory", {"signal/state/h": 1.0, **among, **options}))[0]


def belongs(values: Any, mask: Any, sample: int, first: int, last: int, unit: int, options: Any) -> bool:
    def on(step: int) -> bool:
        value = float(values[sample, step, unit])
        reached = (abs(value) if options["magnitude"] else value) >= options["threshold"]
        return bool(reached and mask[sample, step])

    if not all(on(step) for step in range(first, last + 1)):
        return False
    if not options["outside"]:
        return True
    before, after = first - 1, last + 1
    return not (before >= 0 and on(before)) and not (after < values.shape[1] and on(after))


def searched(values: Any, mask: Any, options: Any, units: Any) -> tuple[Any, list[tuple[Any, ...]], int]:
    """The same answer, range by range."""
    values = values.astype("float32").astype("float64")
    first, last, length = options["first"], options["last"], options["last"] - options["first"] + 1
    asked = {u for u in units if belongs(values, mask, options["sample"], first, last, u, options)}
    rows = []
    for sample in range(values.shape[0]):
        for start in range(values.shape[1] - length + 1):
            if not mask[sample, start : start + length].all():
                continue
            own = {u for u in units if belongs(values, mask, sample, start, start + length - 1, u, options)}
            gaps = [
                (values[sample, start + step, u] - values[options["sample"], first + step, u]) ** 2
                for step in range(length)
                for u in units
            ]
            distance = (sum(gaps) / len(gaps)) ** 0.5
            overlap = len(asked & own) / max(len(asked | own), 1)
            rank = (distance,) if options["by_distance"] else (-overlap, distance)
            rows.append((*rank, sample, start, len(asked & own), len(asked | own), distance))
    total = len(rows)
    kept: list[tuple[Any, ...]] = []
    taken = [(options["sample"], first)]
    for row in sorted(rows):
        sample, start = row[-5], row[-4]
        if len(kept) < options["count"] and all(s != sample or abs(f - start) >= length for s, f in taken):
            kept.append(row[-5:])
            taken.append((sample, start))
    return sorted(asked), kept, total


@pytest.mark.parametrize("by_distance", [0, 1])
@pytest.mark.parametrize("outside", [0, 1])
@pytest.mark.parametrize("magnitude", [0, 1])
@pytest.mark.parametrize(("first", "last"), [(4, 6), (0, 1), (23, 25), (9, 9), (0, 25)])
def test_that_every_range_is_ranked_as_by_looking_at_each(
    built: Any,
    monkeypatch: pytest.MonkeyPatch,
    by_distance: int,
    outside: int,
    magnitude: int,
    first: int,
    last: int,
) -> None:
    # The function of the same name stands in front of its module.
    module = sys.modules["rnn_designer.engine.analyses.match"]
    monkeypatch.setattr(module, "_CHUNK", 7)
    monkeypatch.setattr(module, "_ROWS", 2)
    draws = numpy.random.default_rng(first)
    values = draws.normal(size=(BATCH, STEPS, UNITS)) + 30 * numpy.arange(UNITS)[None, None] % 2
    values[:, ::3] += 1.0
    mask = numpy.ones((BATCH, STEPS), bool)
    mask[2, 17:] = False
    options = {
        "sample": 1, "first": first, "last": last, "threshold": 0.1, "magnitude": magnitude,
        "outside": outside, "by_distance": by_distance, "count": 6,
    }  # fmt: skip
    for units in (range(UNITS), (1, 3)):
        arrays = ask(subject(built, values, mask), units=() if len(units) == UNITS else units, **options)
        on, rows, total = searched(values, mask, options, units)
        assert arrays["on"].tolist() == on
        found = zip(arrays["sample"], arrays["first"], arrays["shared"], arrays["either"], strict=True)
        assert [tuple(map(int, row)) for row in found] == [row[:4] for row in rows]
        equal(arrays["distance"], [row[4] for row in rows], 1e-5)
        assert arrays["looked_at"] == total


def test_that_a_unit_on_beyond_the_range_belongs_only_if_outside_is_not_asked(built: Any) -> None:
    values = numpy.zeros((1, 12, 3))
    values[0, 3:7, 0] = 1
    values[0, 2:7, 1] = 1
    values[0, 3:9, 2] = -1
    options = {"first": 3, "last": 6, "threshold": 0.5}
    assert ask(subject(built, values), **options)["on"].tolist() == [0, 1]
    assert ask(subject(built, values), **options, magnitude=1)["on"].tolist() == [0, 1, 2]
    assert ask(subject(built, values), **options, magnitude=1, outside=1)["on"].tolist() == [0]
    assert ask(subject(built, values), first=2, last=6, threshold=0.5, outside=1)["on"].tolist() == [1]


def test_that_the_same_passage_elsewhere_comes_first_with_distance_zero(built: Any) -> None:
    values = numpy.random.default_rng(1).normal(size=(2, 50, 4)) + 1000
    values[1, 31:38] = values[0, 10:17]
    arrays = ask(subject(built, values), first=10, last=16, threshold=1000, by_distance=1, count=3)
    assert (arrays["sample"][0], arrays["first"][0], arrays["distance"][0]) == (1, 31, 0)
    assert arrays["distance"][1] > 0.5


def test_that_ranges_which_are_not_there_are_refused(built: Any) -> None:
    values = numpy.zeros((2, 8, 3))
    mask = numpy.ones((2, 8), bool)
    mask[0, 5] = False
    looked_at = subject(built, values, mask)
    for options in ({"first": 3, "last": 8}, {"first": 4, "last": 3}, {"sample": 2}, {"first": -1}):
        with pytest.raises(Refused, match="expected steps from 0 to 7 of a sample from 0 to 1"):
            ask(looked_at, **options)
    with pytest.raises(Refused, match="masked or not finite"):
        ask(looked_at, first=4, last=6)
    with pytest.raises(Refused, match="Received unit 3"):
        ask(looked_at, units=(3,))
