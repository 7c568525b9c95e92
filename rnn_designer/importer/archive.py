"""The ``.keras`` archive: a zip of which three members are looked at, within limits, and nothing is ever unpacked."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from rnn_designer.design.storage import FileProblem
from rnn_designer.importer.tree import LARGEST as LARGEST_CONFIG

CONFIG = "config.json"
METADATA = "metadata.json"
WEIGHTS = "model.weights.h5"

LARGEST = 2**31
"""Bytes that the weights may have, and the file itself."""
LARGEST_RATIO = 100
"""How many times larger than in the file a member may be: weights hardly compress, bombs do."""
MOST_MEMBERS = 10_000
_FREE = 2**20
"""Bytes that a member may grow to whatever its ratio: a description of repeated layers compresses well."""
_CHUNK = 2**20


class Archive:
    """The members of a ``.keras`` file that an import reads."""

    def __init__(self, path: Path) -> None:
        """Look at the table of contents.

        Raises:
            FileProblem: it is no such archive, or a member is not as it may be.
        """
        self._name = path.name
        try:
            self._zip = zipfile.ZipFile(path)
            entries = self._zip.infolist()
        except Exception as error:  # A broken zip raises almost anything.
            raise self._unfit(f"it is no zip archive ({_short(error)})") from None
        self._entries: dict[str, zipfile.ZipInfo] = {}
        try:
            if len(entries) > MOST_MEMBERS:
                raise self._unfit(f"it holds {len(entries):,} members")
            for entry in entries:
                self._take(entry)
        except FileProblem:
            self._zip.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._zip.close()

    def config(self) -> bytes:
        """The description of the model.

        Raises:
            FileProblem: there is none, or it is too large.
        """
        if CONFIG not in self._entries:
            raise self._unfit(f"it holds no {CONFIG}")
        return self._read(CONFIG, LARGEST_CONFIG)

    def weights(self) -> io.BytesIO | None:
        """The weights as an HDF5 file in memory; None if the archive has none.

        Raises:
            FileProblem: they are too large, or damaged.
        """
        return io.BytesIO(self._read(WEIGHTS, LARGEST)) if WEIGHTS in self._entries else None

    def _take(self, entry: zipfile.ZipInfo) -> None:
        name = entry.filename
        shown = name[:80]
        if name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") or ":" in name:
            raise self._unfit(f"its member “{shown}” would lie outside of it")
        if (entry.external_attr >> 16) & 0o170000 == 0o120000:
            raise self._unfit(f"its member “{shown}” is a link")
        if name not in (CONFIG, METADATA, WEIGHTS):
            return  # Assets, vocabularies and what else there may be are never looked at.
        if name in self._entries:
            raise self._unfit(f"it holds “{shown}” twice")
        if entry.flag_bits & 1:
            raise self._unfit("it is encrypted")
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise self._unfit(f"its member “{shown}” is compressed in a way that Keras does not use")
        if entry.file_size > _FREE and entry.file_size > LARGEST_RATIO * max(entry.compress_size, 1):
            raise self._unfit(f"its member “{shown}” would grow to {entry.file_size:,} bytes")
        self._entries[name] = entry

    def _read(self, name: str, most: int) -> bytes:
        entry = self._entries[name]
        if entry.file_size > most:
            raise self._unfit(
                f"its member “{name}” has {entry.file_size:,} bytes, and at most {most:,} are read"
            )
        parts: list[bytes] = []
        left = entry.file_size
        try:
            with self._zip.open(entry) as member:
                # The size is what the file says; one byte more tells whether it lied.
                while left >= 0 and (part := member.read(min(_CHUNK, left + 1))):
                    parts.append(part)
                    left -= len(part)
        except Exception as error:
            raise self._unfit(f"its member “{name}” is damaged ({_short(error)})") from None
        if left != 0:
            raise self._unfit(f"its member “{name}” is not as long as it says")
        return b"".join(parts)

    def _unfit(self, reason: str) -> FileProblem:
        return FileProblem(
            f"“{self._name}” is no Keras model that can be opened: {reason}. Save the model again with "
            "model.save(“model.keras”)."
        )


def _short(error: Exception) -> str:
    return (" ".join(str(error).split()) or type(error).__name__).rstrip(".")[:160]
