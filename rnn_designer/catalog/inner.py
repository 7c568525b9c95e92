"""What the rules of wrappers, stacks and RNN share: inner layers, applied, counted and blamed."""

from collections.abc import Callable
from typing import TypeVar

from rnn_designer.catalog.tensors import TensorSpec
from rnn_designer.catalog.types import Call, RuleError

_Result = TypeVar("_Result")


def inner(call: Call, index: int) -> Call | None:
    """The inner layer at that place, if there is one."""
    return call.children[index] if index < len(call.children) else None


def first_inner(call: Call, what: str) -> Call:
    """The first inner layer; ``what`` says in the refusal what belongs there."""
    child = inner(call, 0)
    if child is None:
        raise RuleError(
            "needs_layer",
            f"{call.type.kind} holds nothing yet. Put {what} into it.",
            parameter=call.type.slots[0].name,
        )
    return child


def outputs_on(child: Call, index: int, spec: TensorSpec) -> tuple[TensorSpec, ...]:
    """The inner layer's outputs; its refusal is passed on as one about the inner layer."""
    return _passing_on(lambda: child.on(spec).outputs(), index)


def count_on(child: Call, index: int, spec: TensorSpec) -> int | None:
    """The inner layer's weights; its refusal is passed on as one about the inner layer."""
    return _passing_on(lambda: child.on(spec).count(), index)


def total(counts: tuple[int | None, ...]) -> int | None:
    """The sum, or None where one of them cannot be told."""
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _passing_on(work: Callable[[], _Result], index: int) -> _Result:
    try:
        return work()
    except RuleError as error:
        raise RuleError(
            error.code, str(error), parameter=error.parameter, child=index, **error.facts
        ) from None
