"""Short names for the many states of stacks and wrappers, alike at ports and on the scopes' chips."""

from functools import cache


@cache
def short_state(words: str) -> str:
    """A state or gate in little room: "0·h" for "h cell 0", "→ h" for "h forward", "0.1·c" in an inner stack."""
    way = ""
    for direction, arrow in (("forward", "→ "), ("backward", "← ")):
        if words.endswith(f" {direction}"):
            words, way = words.removesuffix(f" {direction}"), arrow
    symbol, _, cell = words.partition(" cell ")
    return f"{way}{cell.replace(' ', '.')}·{symbol}" if cell else f"{way}{symbol}"
