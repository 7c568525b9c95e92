"""How pictures write numbers."""

import math


def number(value: float) -> str:
    """A value as plots write it: three significant digits, more before the point, and a real minus sign."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    if 999.5 <= abs(value) < 999_999.5:
        return f"{value:.0f}".replace("-", "−")  # Shorter, and easier to read, than 1e+03.
    text = f"{value:.3g}" if abs(value) >= 0.0005 or value == 0 else f"{value:.1e}"
    return ("0" if text in ("-0", "-0.0") else text).replace("-", "−")
