"""Parameter values as a design holds them: plain, immutable and hashable, with no Keras object among them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Scalar: TypeAlias = bool | int | float | str | None


class FrozenMap(Mapping[str, Any]):
    """An immutable, hashable mapping from names to values, kept in the order given."""

    __slots__ = ("_hash", "_items")

    def __init__(self, items: Mapping[str, Any] | None = None, /, **more: Any) -> None:
        self._items: dict[str, Any] = {**(items or {}), **more}
        self._hash: int | None = None

    def __getitem__(self, name: str) -> Any:
        return self._items[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self._items.items()))
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, FrozenMap) and _typed(self._items) == _typed(other._items)

    def __repr__(self) -> str:
        return f"FrozenMap({self._items!r})"

    def having(self, **changes: Any) -> "FrozenMap":
        """A copy with the named values replaced or added."""
        return FrozenMap({**self._items, **changes})

    def without(self, *names: str) -> "FrozenMap":
        """A copy that lacks the named values."""
        return FrozenMap({name: value for name, value in self._items.items() if name not in names})


def _typed(items: dict[str, Any]) -> dict[str, tuple[type, Any]]:
    """True is no 1 here, and 1 is no 1.0: the exported source tells them apart."""
    return {name: (type(value), value) for name, value in items.items()}


@dataclass(frozen=True)
class Part:
    """An initializer, regularizer or constraint, by its Keras class name, with the arguments that differ.

    ``Part("L2", FrozenMap(l2=0.02))`` stands for ``keras.regularizers.L2(l2=0.02)``.
    """

    kind: str
    params: FrozenMap = field(default_factory=FrozenMap)


Value: TypeAlias = Scalar | Part | tuple["Value", ...]
"""What a parameter may hold. Activations are plain names; shapes and sizes are tuples."""


class BadValue(ValueError):  # noqa: N818 - callers show its sentence as it is
    """A value that a parameter cannot take; the text says what was received, what is expected and what to do."""


def received(value: object) -> str:
    """A value as a sentence names it that says what was received."""
    return f"“{value}”" if isinstance(value, str) else repr(value)
