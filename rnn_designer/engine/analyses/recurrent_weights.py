"""What a recurrent kernel does to a state, apart from all inputs: how it turns it and how far it stretches it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy

from rnn_designer.engine.analyses.subject import Subject
from rnn_designer.engine.failures import Refused
from rnn_designer.messages import Analyse, Array

EIGENVALUES = 256
"""Up to so many units eigenvalues are worked out one by one: half a thousand would take many seconds."""

RADIUS = 1024
"""Up to so many units the spectral radius is."""

_SQUARINGS = 14
_ITERATIONS = 300


def recurrent_weights(subject: Subject, request: Analyse) -> tuple[Mapping[str, Array], Mapping[str, str]]:
    """Eigenvalues and norms of each gate's part of a recurrent kernel ``(units, gates · units)``.

    Options:
        backward: 1 for the mirror image inside a Bidirectional.

    Arrays:
        eigenvalues: ``(gates, units, 2)``, real and imaginary part, largest modulus first; none above 256 units.
        radius: ``(gates,)``, the spectral radius: the largest modulus of an eigenvalue; from 257 units on by
            Gelfand's formula, the limit of ``‖W^k‖^(1/k)``, with k = 2^14; NaN above 1,024 units.
        norm: ``(gates,)``, the spectral norm: the largest singular value, the most that one step can stretch a state.
        frobenius: ``(gates,)``, the root of the sum of all squares.

    Raises:
        Refused: the layer has no square recurrent kernel.
    """
    layer = subject.layer(request.layer, backward=bool(request.options.get("backward")))
    cell = getattr(layer, "cell", layer)
    kernel: Any = getattr(cell, "recurrent_kernel", None)
    if kernel is None or len(kernel.shape) != 2 or kernel.shape[1] % kernel.shape[0]:
        raise Refused("This layer has no square recurrent kernel to look into.", request.layer)
    values = numpy.asarray(kernel.numpy(), dtype="float64")
    units = values.shape[0]
    parts = [values[:, start : start + units] for start in range(0, values.shape[1], units)]
    found: dict[str, list[Any]] = {"eigenvalues": [], "radius": [], "norm": [], "frobenius": []}
    for part in parts:
        subject.checkpoint()
        if not numpy.isfinite(part).all():
            raise Refused(
                "The recurrent kernel holds numbers that are not finite. Draw the weights anew or load others.",
                request.layer,
            )
        if units <= EIGENVALUES:
            eigenvalues = numpy.linalg.eigvals(part)
            eigenvalues = eigenvalues[numpy.argsort(-numpy.abs(eigenvalues), kind="stable")]
            found["eigenvalues"].append(numpy.stack([eigenvalues.real, eigenvalues.imag], axis=-1))
            found["radius"].append(numpy.abs(eigenvalues[0]))
            found["norm"].append(numpy.linalg.norm(part, 2))
        else:
            found["eigenvalues"].append(numpy.zeros((0, 2)))
            found["radius"].append(_radius(part, subject) if units <= RADIUS else numpy.nan)
            found["norm"].append(_norm(part))
        found["frobenius"].append(numpy.linalg.norm(part))
    return {name: numpy.asarray(each, dtype="float32") for name, each in found.items()}, {}


def _radius(part: Any, subject: Subject) -> float:
    """The spectral radius, by squaring again and again; sizes go into a logarithm of their own."""
    power, logarithm = part, 0.0
    for squaring in range(_SQUARINGS + 1):
        subject.checkpoint()
        size = float(numpy.linalg.norm(power))
        if size == 0:
            return 0.0
        logarithm += numpy.log(size) / 2**squaring
        if squaring < _SQUARINGS:
            power = power / size
            power = power @ power
    return float(numpy.exp(logarithm))


def _norm(part: Any) -> float:
    """The spectral norm, by stretching a vector until it grows no faster."""
    vector = numpy.random.default_rng(0).normal(size=part.shape[1])
    found = 0.0
    for _ in range(_ITERATIONS):
        vector = part.T @ (part @ vector)
        size = float(numpy.linalg.norm(vector))
        if size == 0:
            return 0.0
        vector /= size
        if abs(size - found) <= 1e-9 * size:
            break
        found = size
    return float(numpy.sqrt(size))
