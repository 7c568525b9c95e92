"""What flows over a wire, as far as it is known before anything runs: sizes, axis names, type and mask."""

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

Size: TypeAlias = int | None
"""The length of an axis; None where any length will do."""

FLATTENED = "time·features"
"""The name of an axis of open size that Flatten made of several."""

_AXES_BY_RANK: dict[int, tuple[str, ...]] = {
    1: ("batch",),
    2: ("batch", "features"),
    3: ("batch", "time", "features"),
    4: ("batch", "time", "rows", "features"),
    5: ("batch", "time", "rows", "columns", "features"),
    6: ("batch", "time", "depth", "rows", "columns", "features"),
}


@dataclass(frozen=True)
class TensorSpec:
    """The shape, element type and mask of one tensor.

    Attributes:
        sizes: the length of each axis, batch first; None where it is open.
        axes: a name for each axis, such as ``("batch", "time", "features")``.
        kind: whether the elements are real numbers or whole numbers (token ids).
        masked: whether a mask for the time axis travels with it.
    """

    sizes: tuple[Size, ...]
    axes: tuple[str, ...] = ()
    kind: Literal["float", "int"] = "float"
    masked: bool = False

    def __post_init__(self) -> None:
        if not self.axes:
            rank = len(self.sizes)
            names = _AXES_BY_RANK.get(rank) or ("batch", *(f"axis {axis}" for axis in range(1, rank)))
            object.__setattr__(self, "axes", names)

    @property
    def rank(self) -> int:
        """How many axes there are, the batch axis included."""
        return len(self.sizes)

    @property
    def features(self) -> Size:
        """The size of the last axis."""
        return self.sizes[-1]

    @property
    def time(self) -> Size:
        """The size of the first axis after the batch."""
        return self.sizes[1] if len(self.sizes) > 1 else None

    def having(self, *sizes: Size, masked: bool | None = None) -> "TensorSpec":
        """The same kind of tensor with other sizes; axis names are kept where the rank stays."""
        axes = self.axes if len(sizes) == len(self.sizes) else ()
        return TensorSpec(sizes, axes, self.kind, self.masked if masked is None else masked)

    def with_mask(self, masked: bool) -> "TensorSpec":
        """The same tensor with or without a mask."""
        return replace(self, masked=masked)

    def __str__(self) -> str:
        """As the canvas writes it: ``batch×time×64``, open axes by their names."""
        return "×".join(
            name if size is None else str(size) for size, name in zip(self.sizes, self.axes, strict=True)
        )


@dataclass(frozen=True)
class Step(TensorSpec):
    """One step of a sequence, (batch, features), as an RNN hands it to its cell.

    A class of its own, so that a cell can tell being inside an RNN from standing on the canvas by itself.
    """
