"""HDF5 from a stranger's file: plain numbers and texts only, each looked at before a byte of it is read.

HDF5 can point at other files (external links, external storage, virtual datasets), declare terabytes that take no
room, name filters that are loaded as plug-ins, and go round in circles. None of that is followed.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnn_designer.design.storage import FileProblem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from rnn_designer.messages import Array

LARGEST_FILE = 2**31
LARGEST = 2**31
"""Bytes that all arrays together may have."""
LARGEST_RATIO = 200
MOST_MEMBERS = 200_000
DEEPEST = 64
LARGEST_TEXT = 16 * 2**20
_MOST_NAMES = 100_000
_FREE = 2**20
"""Bytes that an array may have whatever it takes in the file: biases of zeros compress well."""
_FILTERS = {1, 2, 3}
"""HDF5's own deflate, shuffle and checksum: any other would be looked for among plug-ins."""


class Hdf:
    """An HDF5 file of which groups, plain arrays and plain texts can be read."""

    def __init__(self, source: Path | io.BytesIO, name: str) -> None:
        """Open a file, or one in memory.

        Raises:
            FileProblem: it is none, or too large.
        """
        import h5py

        self._h5py = h5py
        self._name = name
        self._read = 0
        try:
            if isinstance(source, Path) and source.stat().st_size > LARGEST_FILE:
                raise self.unfit(
                    f"it has {source.stat().st_size:,} bytes, and at most {LARGEST_FILE:,} are read"
                )
            self._file = h5py.File(source, "r")
        except FileProblem:
            raise
        except Exception as error:
            raise self.unfit(f"it is no HDF5 file, or only part of one ({_short(error)})") from None

    def __enter__(self) -> Hdf:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._file.close()

    def unfit(self, reason: str) -> FileProblem:
        """The sentence that says why the file is refused."""
        return FileProblem(
            f"“{self._name}” is no model file that can be opened: {reason}. Save the model again with "
            "model.save(“model.keras”)."
        )

    def names(self, path: str = "/") -> list[str]:
        """The members of a group; none where there is no such group."""
        try:
            group = self._find(path)
            return list(group) if isinstance(group, self._h5py.Group) else []
        except FileProblem:
            raise
        except Exception as error:
            raise self.unfit(f"a group in it is damaged ({_short(error)})") from None

    def arrays(self, top: str = "/") -> Iterator[str]:
        """The path of every array below a group, looked at but not read.

        Raises:
            FileProblem: something there is not what weights are made of.
        """
        waiting = [(top.rstrip("/"), 0)]
        seen: set[Any] = set()
        count = 0
        while waiting:
            path, depth = waiting.pop()
            try:
                group = self._find(path or "/")
                if not isinstance(group, self._h5py.Group):
                    continue
                mark = self._h5py.h5o.get_info(group.id)
                if (mark.fileno, mark.addr) in seen:
                    raise self.unfit("its groups go round in a circle")
                seen.add((mark.fileno, mark.addr))
                members = list(group)
            except FileProblem:
                raise
            except Exception as error:
                raise self.unfit(f"a group in it is damaged ({_short(error)})") from None
            count += len(members)
            if count > MOST_MEMBERS or depth > DEEPEST:
                raise self.unfit("it holds too many groups for a model")
            for name in members:
                below = f"{path}/{name}"
                found = self._find(below)
                if isinstance(found, self._h5py.Group):
                    waiting.append((below, depth + 1))
                elif isinstance(found, self._h5py.Dataset):
                    yield below

    def array(self, path: str) -> Array | None:
        """The array at a path as numbers that messages and weights files carry; None if there is none.

        Raises:
            FileProblem: it is not made of plain numbers, or is larger than it may be.
        """
        import numpy

        found = self._find(path)
        if not isinstance(found, self._h5py.Dataset):
            return None
        self._require_plain(found, path)
        try:
            values: Array = numpy.asarray(found[()])
        except Exception as error:
            raise self.unfit(f"the array “{path[:120]}” is damaged ({_short(error)})") from None
        if values.dtype.kind == "f":
            return numpy.ascontiguousarray(values.astype("float32")).reshape(values.shape)
        return values.astype("int64" if values.dtype.itemsize > 4 else "int32").reshape(values.shape)

    def words(self, path: str, attribute: str) -> list[str]:
        """A list of texts beside a group: one attribute, or numbered ones where it was too long."""
        found: list[str] = []
        whole = self._attribute(path, attribute)
        parts = [whole] if whole is not None else []
        number = 0
        while whole is None and (part := self._attribute(path, f"{attribute}{number}")) is not None:
            parts.append(part)
            number += 1
        for part in parts:
            found += [_word(each) for each in (part if isinstance(part, list) else [part])]
        return found

    def text(self, path: str, attribute: str) -> str:
        """A text beside a group; empty where there is none."""
        value = self._attribute(path, attribute)
        return _word(value) if isinstance(value, str | bytes) else ""

    def _attribute(self, path: str, attribute: str) -> Any:
        holder = self._find(path)
        if holder is None:
            return None
        try:
            if attribute not in holder.attrs:
                return None
            identity = holder.attrs.get_id(attribute)
            count = 1
            for size in identity.shape:
                count *= int(size)
            if count > _MOST_NAMES or count * identity.dtype.itemsize > LARGEST_TEXT:
                raise self.unfit(f"its “{attribute}” is larger than a model's can be")
            value = holder.attrs[attribute]
        except FileProblem:
            raise
        except Exception as error:
            raise self.unfit(f"its “{attribute}” is damaged ({_short(error)})") from None
        if isinstance(value, str | bytes):
            return value
        if hasattr(value, "tolist"):
            return value.tolist()
        return None

    def _find(self, path: str) -> Any:
        """The group or array at a path, reached by plain links only."""
        found: Any = self._file
        try:
            for step in path.split("/"):
                if not step:
                    continue
                if not isinstance(found, self._h5py.Group):
                    return None
                link = found.get(step, getlink=True) if step in found.keys() else None  # noqa: SIM118
                if link is None:
                    return None
                if not isinstance(link, self._h5py.HardLink):
                    raise self.unfit(f"“{path[:120]}” in it is a link to somewhere else")
                found = found[step]
        except FileProblem:
            raise
        except Exception as error:
            raise self.unfit(f"“{path[:120]}” in it is damaged ({_short(error)})") from None
        return found

    def _require_plain(self, data: Any, path: str) -> None:
        shown = path[:120]
        try:
            plan = data.id.get_create_plist()
            kind, size = data.dtype.kind, data.dtype.itemsize
            taken = data.id.get_storage_size()
            filters = {plan.get_filter(number)[0] for number in range(plan.get_nfilters())}
            layout, outside = plan.get_layout(), plan.get_external_count()
            shape = data.shape
        except Exception as error:
            raise self.unfit(f"the array “{shown}” is damaged ({_short(error)})") from None
        if outside:
            raise self.unfit(f"the array “{shown}” lies in another file")
        if layout == self._h5py.h5d.VIRTUAL:
            raise self.unfit(f"the array “{shown}” is put together from other files")
        if filters - _FILTERS:
            raise self.unfit(f"the array “{shown}” is packed in a way that Keras does not use")
        if kind not in "fiub" or size > 8 or shape is None:
            raise self.unfit(f"the array “{shown}” holds {data.dtype}, not plain numbers")
        count = size
        for axis in shape:
            count *= int(axis)
        self._read += count
        if (
            count > LARGEST
            or self._read > LARGEST
            or (count > _FREE and count > LARGEST_RATIO * max(taken, 1))
        ):
            raise self.unfit(f"the array “{shown}” would take {count:,} bytes, more than the file can hold")


def _word(value: str | bytes | Any) -> str:
    return value.decode("utf-8", errors="replace") if isinstance(value, bytes) else str(value)


def _short(error: Exception) -> str:
    return (" ".join(str(error).split()) or type(error).__name__).rstrip(".")[:160]
