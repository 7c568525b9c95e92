"""How sentences count things."""


def counted(number: int, noun: str, *, grouped: bool = True) -> str:
    """A number with its noun: ``1 step``, ``2,000 steps``.

    Args:
        number: how many.
        noun: what is counted, in the singular; its plural ends in s.
        grouped: whether commas group the digits of large numbers.
    """
    digits = f"{number:,}" if grouped else str(number)
    return f"{digits} {noun}" if number == 1 else f"{digits} {noun}s"
