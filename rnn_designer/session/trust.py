"""Which custom cells may run: those that this user wrote here or has looked at, and the program's own.

What counts is the text of a cell, not the file that it came in. The trusted texts are kept as HMAC-SHA256 under a
secret of the user's own, so that no file from elsewhere can bring its trust along. A cell that is not trusted is
drawn, checked, saved and exported, but never run.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import stat
from functools import cache
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, Signal

from rnn_designer.catalog import LayerType
from rnn_designer.catalog.code_parameters import Text
from rnn_designer.design import Design, Layer
from rnn_designer.design.storage import FileProblem, read_limited, write_atomically
from rnn_designer.paths import resource, settings_folder

FILE_NAME: Final = "trusted_cells.json"
_SECRET_BYTES: Final = 32
_MOST_TRUSTED: Final = 10_000
_LARGEST_FILE: Final = 2 << 20


class Trust(QObject):
    """The cells that this user lets run.

    The file is read when it is first needed, and again whenever another window has changed it. One that is broken,
    or that others could write to, counts for nothing and is kept aside.

    Args:
        parent: Qt's parent.
        folder: where the file lies; the settings folder without it.

    Signals:
        changed(): something is trusted now that was not before.
        noticed(sentence): the file could not be used or written, and what follows from that.
    """

    changed = Signal()
    noticed = Signal(str)

    def __init__(self, parent: QObject | None = None, *, folder: Path | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._secret = b""
        self._trusted: dict[str, None] = {}
        self._passing: set[str] = set()
        self._seen: tuple[int, int, int] | None = None

    @property
    def path(self) -> Path:
        """The file that remembers."""
        return (self._folder or settings_folder()) / FILE_NAME

    def knows(self, code: str) -> bool:
        """Whether a cell with this text may run."""
        if is_bundled(code) or code in self._passing:
            return True
        self._refresh()
        return bool(self._secret) and self._mark(code) in self._trusted

    def add(self, code: str) -> None:
        """Let a cell with this text run from now on; the user has typed it here, or has seen it and said so."""
        self._refresh()
        if plain_hash(code) in bundled_hashes() or (self._secret and self._mark(code) in self._trusted):
            return
        passing = code in self._passing
        if not self._secret:
            self._secret = os.urandom(_SECRET_BYTES)
        self._trusted[self._mark(code)] = None
        while len(self._trusted) > _MOST_TRUSTED:
            del self._trusted[next(iter(self._trusted))]
        # Where it cannot be written, it holds until the program ends all the same.
        self._passing.add(code)
        self._write()
        if not passing:
            self.changed.emit()

    def allow(self, code: str) -> None:
        """Let a cell with this text run until the program ends; nothing is remembered."""
        if not self.knows(code):
            self._passing.add(code)
            self.changed.emit()

    def _mark(self, code: str) -> str:
        return hmac.new(self._secret, code.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()

    def _refresh(self) -> None:
        seen = _signature(self.path)
        if seen == self._seen:
            return
        self._seen = seen
        self._secret, self._trusted = b"", {}
        if seen is None:
            return
        try:
            self._secret, self._trusted = _read(self.path)
        except FileProblem as problem:
            self._set_aside(str(problem))
        except (OSError, ValueError, RecursionError):
            self._set_aside("It is damaged.")

    def _set_aside(self, problem: str) -> None:
        aside = self.path.with_suffix(".json.broken")
        kept = ""
        with contextlib.suppress(OSError):
            os.replace(self.path, aside)
            kept = f" The old list is kept as “{aside.name}”."
        self._seen = _signature(self.path)
        self.noticed.emit(
            f"The list of trusted custom cells cannot be used: {problem} Cells from files are not run before you "
            f"trust them again.{kept}"
        )

    def _write(self) -> None:
        content = json.dumps(
            {"format": 1, "secret": self._secret.hex(), "trusted": list(self._trusted)}, indent=1
        )
        path = self.path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(path, content.encode("ascii"), private=True)
        except (OSError, FileProblem) as problem:
            self.noticed.emit(
                f"It could not be noted down that this cell is trusted: {_why(problem)} It runs until you close "
                "the program."
            )
        self._seen = _signature(path)


def untrusted_cells(design: Design, trust: Trust | None) -> tuple[Layer, ...]:
    """The custom cells of a design, inner ones too, whose code may not run.

    Args:
        design: any design.
        trust: what the user trusts; None for nothing but the program's own cells.
    """
    knows = is_bundled if trust is None else trust.knows
    return tuple(layer for layer in design.walk() if (code := code_of(layer)) is not None and not knows(code))


def code_of(layer: Layer) -> str | None:
    """The text that a layer brings along to be run; None if its type has none."""
    name = _code_parameter(layer.type)
    value = None if name is None else layer.value(name)
    return value if isinstance(value, str) else None


@cache
def _code_parameter(kind: LayerType) -> str | None:
    """The parameter of a layer type that holds code; None for nearly all of them."""
    return next(
        (each.name for each in kind.parameters if isinstance(each.type, Text) and each.type.code), None
    )


def plain_hash(code: str) -> str:
    """SHA-256 of a text, as the list of the program's own cells has it."""
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()


def is_bundled(code: str) -> bool:
    """Whether the text is one of the program's own cells."""
    return plain_hash(code) in bundled_hashes()


@cache
def bundled_hashes() -> frozenset[str]:
    """The hashes of the program's own cells: its templates and those of its examples."""
    lines = resource("cells", "trusted.txt").read_text(encoding="ascii").split("\n")
    return frozenset(line.partition(" ")[0] for line in lines if line and not line.startswith("#"))


def _read(path: Path) -> tuple[bytes, dict[str, None]]:
    """Secret and trusted texts; FileProblem with a sentence, or ValueError for anything else than expected."""
    if os.name == "posix":
        found = os.stat(path)
        if found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
            raise FileProblem("It belongs to someone else, or others can read or change it.")
    content = json.loads(read_limited(path, _LARGEST_FILE))
    match content:
        case {"format": 1, "secret": str(secret), "trusted": list(trusted)}:
            key = bytes.fromhex(secret)
        case _:
            raise ValueError
    if len(key) != _SECRET_BYTES or not all(isinstance(each, str) and len(each) == 64 for each in trusted):
        raise ValueError
    return key, dict.fromkeys(trusted)


def _signature(path: Path) -> tuple[int, int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _why(problem: Exception) -> str:
    if isinstance(problem, OSError):
        return f"{problem.strerror or 'the system refused it'}."
    return str(problem)
