"""Messages as bytes, checked strictly, because the process at the other end may have crashed or be hostile.

A frame is an 8-byte big-endian length, a JSON header of that many bytes, then the arrays that the header
lists, each in C order, native byte order, and starting at a multiple of 8 bytes from the end of the header.
Arrays that come out of a reader are read-only views of one buffer: nothing is copied, nothing unpickled.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, get_args

from rnn_designer.messages import Array, Failure, Message, PlannedLayer

if TYPE_CHECKING:
    import numpy

MESSAGE_TYPES: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(Message)}
ITEM_SIZES = {"float32": 4, "int32": 4, "int64": 8, "bool": 1, "uint8": 1}
MAX_HEADER = 16 * 2**20
MAX_TOTAL = 4 * 2**30
MAX_AXES = 16
MAX_NESTING = 32
LENGTH_BYTES = 8
ALIGNMENT = 8


class BrokenFrame(ValueError):  # noqa: N818 - it names what was found
    """What came, or was to be sent, is no frame; its text says what was received and what was expected."""


def encode(
    message: Message, *, max_header: int = MAX_HEADER, max_total: int = MAX_TOTAL
) -> list[bytes | memoryview]:
    """A message as the chunks of bytes of its frame, to be written in this order; arrays are not copied.

    Raises:
        BrokenFrame: the message exceeds the limits, or holds an array of a type that frames do not carry.
    """
    plain: dict[str, Any] = {}
    listed: list[list[Any]] = []
    arrays: list[Any] = []
    for field in fields(message):
        value = getattr(message, field.name)
        if field.type == "Array":
            listed.append([field.name, None, *_describe(value, field.name)])
            arrays.append(value)
        elif field.type == "Mapping[str, Array]":
            plain[field.name] = None
            for key, array in value.items():
                listed.append([field.name, key, *_describe(array, f"{field.name}[{key!r}]")])
                arrays.append(array)
        else:
            plain[field.name] = _to_plain(value)
    content = {"type": type(message).__name__, "fields": plain, "arrays": listed}
    header = json.dumps(content, separators=(",", ":"), allow_nan=False).encode()
    if len(header) > max_header:
        raise BrokenFrame(
            f"A message of type {type(message).__name__} has a header of {len(header):,} bytes; "
            f"expected at most {max_header:,}. Make the design smaller."
        )
    chunks: list[bytes | memoryview] = [len(header).to_bytes(LENGTH_BYTES, "big") + header]
    total = 0
    for array in arrays:
        for chunk in _raw(array):
            chunks.append(chunk)
            total += len(chunk)
    if len(header) + total > max_total:
        raise BrokenFrame(
            f"A message of type {type(message).__name__} has {total:,} bytes of arrays; expected at most "
            f"{max_total:,}. Use fewer samples, fewer steps or fewer units."
        )
    return chunks


def write_message(descriptor: int, message: Message) -> None:
    """Write one message to a pipe; one that no frame can carry goes as a Failure that says why.

    Raises:
        OSError: nobody reads the other end any more.
    """
    try:
        chunks = encode(message)
    except BrokenFrame as error:
        chunks = encode(Failure(getattr(message, "run", 0), str(error)))
    for chunk in chunks:
        view = memoryview(chunk)
        while view:
            view = view[os.write(descriptor, view) :]


class FrameReader:
    """Puts messages together from bytes that arrive in pieces of any size.

    Nothing is allocated for what a header merely promises: memory grows with what has come.

    Args:
        max_header: the longest JSON header accepted, bytes.
        max_total: the largest frame accepted, header and arrays, bytes.
    """

    def __init__(self, *, max_header: int = MAX_HEADER, max_total: int = MAX_TOTAL) -> None:
        self._max_header = max_header
        self._max_total = max_total
        self._pending = bytearray()
        self._body_length = 0
        self._assemble: Callable[[bytearray], Message] | None = None
        self._broken: str | None = None

    @property
    def empty(self) -> bool:
        """Whether the bytes so far ended with the end of a frame."""
        return not self._pending and self._assemble is None

    def feed(self, data: bytes | bytearray | memoryview) -> list[Message]:
        """The messages that these bytes complete, oldest first.

        Raises:
            BrokenFrame: the bytes are no frame. There is no way to find the next one: every later call raises
                it too, and the connection has to be ended.
        """
        if self._broken is not None:
            raise BrokenFrame(self._broken)
        try:
            return list(self._messages(memoryview(data)))
        except BrokenFrame as error:
            self._broken = str(error)
            self._pending = bytearray()
            raise

    def _messages(self, data: memoryview) -> Iterator[Message]:
        while True:
            needed = self._needed()
            missing = needed - len(self._pending)
            self._pending += data[:missing]
            data = data[missing:]
            if len(self._pending) < needed:
                return
            if self._assemble is not None:
                assemble, body = self._assemble, self._pending
                self._assemble, self._pending = None, bytearray()
                yield assemble(body)
            elif needed > LENGTH_BYTES:
                header = bytes(self._pending[LENGTH_BYTES:])
                self._pending = bytearray()
                self._read_header(header)

    def _needed(self) -> int:
        """How many bytes have to be pending before the next thing can be done."""
        if self._assemble is not None:
            return self._body_length
        if len(self._pending) < LENGTH_BYTES:
            return LENGTH_BYTES
        length = int.from_bytes(self._pending[:LENGTH_BYTES], "big")
        if not 2 <= length <= self._max_header:
            raise BrokenFrame(
                f"Received a frame with a header of {length:,} bytes; expected 2 to {self._max_header:,}. "
                "The other process is broken and has to be started again."
            )
        return LENGTH_BYTES + length

    def _read_header(self, header: bytes) -> None:
        try:
            content = json.loads(header, parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise BrokenFrame(f"Received a header that is not JSON ({error}).") from error
        if not isinstance(content, dict) or set(content) != {"type", "fields", "arrays"}:
            raise BrokenFrame("Received a header without exactly the parts type, fields and arrays.")
        kind = MESSAGE_TYPES.get(content["type"]) if isinstance(content["type"], str) else None
        if kind is None:
            raise BrokenFrame(f"Received a message of unknown type {str(content['type'])[:60]!r}.")
        slots = _array_slots(kind, content["arrays"])
        self._body_length = slots[-1].end if slots else 0
        if len(header) + self._body_length > self._max_total:
            raise BrokenFrame(
                f"Received the announcement of {self._body_length:,} bytes of arrays; "
                f"expected at most {self._max_total:,}."
            )
        values = _field_values(kind, content["fields"])
        self._assemble = lambda body: _assembled(kind, values, slots, body)


class _Slot:
    """Where in the body an announced array lies."""

    __slots__ = ("dtype", "end", "field", "key", "shape", "start")

    def __init__(
        self, field: str, key: str | None, dtype: str, shape: tuple[int, ...], start: int, end: int
    ) -> None:
        self.field = field
        self.key = key
        self.dtype = dtype
        self.shape = shape
        self.start = start
        self.end = end


def _array_slots(kind: type[Any], listed: object) -> list[_Slot]:
    if not isinstance(listed, list):
        raise BrokenFrame("Received a header whose arrays are not a list.")
    types = {field.name: field.type for field in fields(kind)}
    seen: set[tuple[str, str | None]] = set()
    slots: list[_Slot] = []
    position = 0
    for entry in listed:
        if not isinstance(entry, list) or len(entry) != 4:
            raise BrokenFrame("Received an array without exactly a field, a key, a type and a shape.")
        name, key, dtype, shape = entry
        expected = types.get(name) if isinstance(name, str) else None
        fits = key is None if expected == "Array" else isinstance(key, str)
        if expected not in ("Array", "Mapping[str, Array]") or not fits or (name, key) in seen:
            raise BrokenFrame(
                f"Received an array for {str(name)[:60]!r}, which {kind.__name__} has no place for."
            )
        seen.add((name, key))
        if not isinstance(dtype, str) or dtype not in ITEM_SIZES:
            raise BrokenFrame(
                f"Received an array of type {str(dtype)[:60]!r}; expected one of {', '.join(ITEM_SIZES)}."
            )
        if not isinstance(shape, list) or len(shape) > MAX_AXES or not all(map(_is_size, shape)):
            raise BrokenFrame("Received an array whose shape is not a short list of sizes.")
        length = ITEM_SIZES[dtype]
        for size in shape:
            length *= size
        start = -(-position // ALIGNMENT) * ALIGNMENT
        position = start + length
        slots.append(_Slot(name, key, dtype, tuple(shape), start, position))
    if slots:
        # Padding follows every array, the last one too.
        slots[-1].end = -(-position // ALIGNMENT) * ALIGNMENT
    return slots


def _is_size(value: object) -> bool:
    return type(value) is int and 0 <= value < 2**48


def _assembled(kind: type[Any], values: dict[str, Any], slots: list[_Slot], body: bytearray) -> Message:
    import numpy

    view = memoryview(body)
    for slot in slots:
        count = 1
        for size in slot.shape:
            count *= size
        raw = view[slot.start : slot.start + count * ITEM_SIZES[slot.dtype]]
        try:
            array = numpy.frombuffer(raw, dtype=slot.dtype).reshape(slot.shape)
        except ValueError as error:
            raise BrokenFrame(f"Received an array whose shape cannot be used ({error}).") from error
        array.flags.writeable = False
        if slot.key is None:
            values[slot.field] = array
        else:
            values[slot.field][slot.key] = array
    missing = {field.name for field in fields(kind)} - set(values)
    if missing:
        raise BrokenFrame(f"Received a {kind.__name__} without its array {min(missing)}.")
    message: Message = kind(**values)
    return message


def _field_values(kind: type[Any], received: object) -> dict[str, Any]:
    expected = {field.name: str(field.type) for field in fields(kind) if field.type != "Array"}
    if not isinstance(received, dict) or set(received) != set(expected):
        raise BrokenFrame(f"Received a {kind.__name__} without exactly the fields {', '.join(expected)}.")
    return {
        name: _from_plain(received[name], annotation, f"{kind.__name__}.{name}")
        for name, annotation in expected.items()
    }


def _from_plain(value: object, annotation: str, place: str) -> Any:
    if annotation.endswith(" | None"):
        return None if value is None else _from_plain(value, annotation.removesuffix(" | None"), place)
    if annotation == "bool" and type(value) is bool:
        return value
    if annotation == "int" and type(value) is int and abs(value) < 2**63:
        return value
    if annotation == "float" and type(value) in (int, float):
        return float(value)  # type: ignore[arg-type]  # the type was compared exactly
    if annotation == "str" and isinstance(value, str):
        return value
    if annotation == "Mapping[str, Array]" and value is None:
        return {}
    if annotation.startswith("Mapping[") and isinstance(value, dict):
        return _mapping(value, annotation, place)
    if annotation == "tuple[str, ...]" and isinstance(value, list):
        return tuple(_from_plain(item, "str", place) for item in value)
    if annotation == "tuple[PlannedLayer, ...]" and isinstance(value, list):
        return tuple(_planned_layer(item, place, 0) for item in value)
    raise BrokenFrame(f"Received {str(value)[:60]!r} for {place}; expected {annotation}.")


def _mapping(value: dict[str, object], annotation: str, place: str) -> dict[Any, Any]:
    key_type, value_type = annotation.removeprefix("Mapping[").removesuffix("]").split(", ")
    result = {}
    for key, item in value.items():
        if key_type == "int" and not (key.isascii() and key.isdigit() and len(key) < 12):
            raise BrokenFrame(f"Received the key {key[:60]!r} in {place}; expected a whole number.")
        result[int(key) if key_type == "int" else key] = _from_plain(item, value_type, place)
    return result


def _planned_layer(value: object, place: str, depth: int) -> PlannedLayer:
    if (
        depth > MAX_NESTING
        or not isinstance(value, list)
        or len(value) != 5
        or not isinstance(value[3], list)
    ):
        raise BrokenFrame(
            f"Received something else than a layer with id, name, kind, children and what it shares in {place}."
        )
    identity, name, kind, shares = (_from_plain(value[item], "str", place) for item in (0, 1, 2, 4))
    children = tuple(_planned_layer(child, place, depth + 1) for child in value[3])
    return PlannedLayer(identity, name, kind, children, shares)


def _to_plain(value: object) -> object:
    if isinstance(value, PlannedLayer):
        children = [_to_plain(child) for child in value.children]
        return [value.id, value.name, value.kind, children, value.shares]
    if isinstance(value, Mapping):
        return {str(key): item for key, item in value.items()}
    if isinstance(value, tuple):
        return [_to_plain(item) for item in value]
    return value


def _describe(array: Array, place: str) -> list[Any]:
    name = array.dtype.name
    if name not in ITEM_SIZES or not array.dtype.isnative:
        raise BrokenFrame(
            f"An array of type {name} was to be sent as {place}; expected one of {', '.join(ITEM_SIZES)}. "
            "Convert it first."
        )
    return [name, list(array.shape)]


def _raw(array: numpy.ndarray[Any, Any]) -> list[bytes | memoryview]:
    import numpy

    if not array.size:
        return []
    flat = numpy.asarray(array, order="C").reshape(-1).view(numpy.uint8)
    padding = -flat.size % ALIGNMENT
    chunks: list[bytes | memoryview] = [flat.data]
    return [*chunks, bytes(padding)] if padding else chunks


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")


__all__ = ["MAX_HEADER", "MAX_TOTAL", "BrokenFrame", "FrameReader", "encode"]
