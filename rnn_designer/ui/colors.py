"""The colour maps of everything that shows values: a diverging one around zero and one hue for magnitudes.

Their neutral end is the background they are painted on, so that "nothing happens here" looks like nothing. Colours
are mixed in Oklab, where equal steps look equal. NumPy is only needed by who asks for an array.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias

from PySide6.QtGui import QColor

from rnn_designer.ui.theme import Theme, theme

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Table: TypeAlias = NDArray[Any]
else:
    Table = Any

SIZE = 256
"""Entries of a map; entry 128 of a diverging one is zero exactly."""

_Lab: TypeAlias = tuple[float, float, float]


def diverging(look: Theme, neutral: str | None = None) -> Table:
    """The map for signed values, as a lookup table ``(256, 4)`` of ubyte red, green, blue, alpha.

    Args:
        look: whose colours.
        neutral: the colour of zero, ``#rrggbb``; the theme's panel if not given.
    """
    return _array(diverging_rows(look, neutral))


def sequential(look: Theme, neutral: str | None = None) -> Table:
    """The map for magnitudes and gates, as a lookup table ``(256, 4)`` of ubyte red, green, blue, alpha."""
    return _array(sequential_rows(look, neutral))


def diverging_rows(look: Theme, neutral: str | None = None) -> tuple[tuple[int, int, int], ...]:
    """The map for signed values as 256 triples of red, green, blue."""
    middle = neutral or look.panel
    half = SIZE // 2
    low = _ramp(look.negative, middle, half + 1)[:-1]
    return low + _ramp(middle, look.positive, SIZE - half)


def sequential_rows(look: Theme, neutral: str | None = None) -> tuple[tuple[int, int, int], ...]:
    """The map for magnitudes as 256 triples of red, green, blue."""
    return _ramp(neutral or look.panel, look.violet, SIZE)


def feature_color(feature: int, look: Theme | None = None) -> QColor:
    """The colour of an input's feature, the same wherever it is drawn: the first in the green of Inputs."""
    look = look or theme()
    colors = (look.green, *look.series[1:])
    return QColor(colors[feature % len(colors)])


def mixed(first: str, second: str, share: float) -> QColor:
    """The colour ``share`` of the way (0 to 1) from the first to the second, both ``#rrggbb``."""
    return QColor(*_rgb(_between(_lab(first), _lab(second), share)))


@lru_cache(maxsize=16)
def _array(rows: tuple[tuple[int, int, int], ...]) -> Table:
    import numpy as np

    table = np.full((len(rows), 4), 255, dtype=np.uint8)
    table[:, :3] = rows
    # The same array for everyone: plots then see that nothing changed.
    table.setflags(write=False)
    return table


@lru_cache(maxsize=64)
def _ramp(start: str, end: str, count: int) -> tuple[tuple[int, int, int], ...]:
    first, last = _lab(start), _lab(end)
    return tuple(_rgb(_between(first, last, index / (count - 1))) for index in range(count))


def _between(first: _Lab, last: _Lab, share: float) -> _Lab:
    one, two, three = (a + (b - a) * share for a, b in zip(first, last, strict=True))
    return one, two, three


# Oklab: Björn Ottosson, "A perceptual color space for image processing", 2020. Matrices as published there.
def _lab(name: str) -> _Lab:
    color = QColor(name)
    red, green, blue = (_linear(each) for each in (color.redF(), color.greenF(), color.blueF()))
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    middle = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _rgb(lab: _Lab) -> tuple[int, int, int]:
    lightness, first, second = lab
    long = (lightness + 0.3963377774 * first + 0.2158037573 * second) ** 3
    middle = (lightness - 0.1055613458 * first - 0.0638541728 * second) ** 3
    short = (lightness - 0.0894841775 * first - 1.2914855480 * second) ** 3
    return (
        _byte(4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short),
        _byte(-1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short),
        _byte(-0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short),
    )


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _byte(linear: float) -> int:
    linear = max(0.0, min(1.0, linear))
    channel = linear * 12.92 if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055
    return round(channel * 255)
