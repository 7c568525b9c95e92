"""Reading and writing whole files so that what is on disk is the old file or the new one, never a broken one."""

import contextlib
import errno
import os
import stat
from collections.abc import Iterable
from pathlib import Path

_REASONS = {
    errno.ENOSPC: ("the disk is full", "Free some space, or save somewhere else."),
    errno.EDQUOT: ("your share of the disk is used up", "Free some space, or save somewhere else."),
    errno.EROFS: ("the disk can only be read", "Save somewhere else."),
    errno.EACCES: ("you may not write there", "Save somewhere else, or change the folder's permissions."),
    errno.EPERM: ("you may not write there", "Save somewhere else, or change the folder's permissions."),
    errno.ENOENT: ("there is no such folder", "Choose another folder."),
    errno.ENOTDIR: ("there is no such folder", "Choose another folder."),
    errno.ENAMETOOLONG: ("the file name is too long", "Choose a shorter name."),
    errno.EIO: ("the disk reported an error", "Save somewhere else and check the disk."),
}
_READ_REASONS = {
    errno.ENOENT: ("there is no such file", "Check the name and the folder."),
    errno.ENOTDIR: ("there is no such file", "Check the name and the folder."),
    errno.EACCES: ("you may not read it", "Change its permissions, or ask its owner."),
    errno.EPERM: ("you may not read it", "Change its permissions, or ask its owner."),
    errno.EISDIR: ("it is a folder", "Choose a file."),
}


class FileProblem(Exception):  # noqa: N818 - the sentence is the point, and callers show it as it is
    """A file that could not be read or written; the text is a sentence: what failed and what to do.

    Attributes:
        problems: every single error found, each a sentence with the place where it is.
    """

    def __init__(self, sentence: str, problems: Iterable[str] = ()) -> None:
        super().__init__(sentence)
        self.problems = tuple(problems) or (sentence,)


def write_atomically(path: Path, content: bytes, *, private: bool = False, durable: bool = True) -> None:
    """Replace a file's content in one step, whatever fails on the way.

    The content goes to a new file in the same folder and to the disk before it takes the old file's name. A symbolic
    link stays one, and the file behind it keeps its permissions.

    Args:
        path: the file.
        content: all that it is to hold.
        private: whether nobody but its owner may ever read it, whatever its permissions were.
        durable: whether to wait for the disk. Without, the file is whole when a program ends badly, but a power
            failure may leave an older one.

    Raises:
        FileProblem: if any step fails; the old file is as it was.
    """
    temporary: str | None = None
    try:
        target = os.path.realpath(path)
        folder, name = os.path.split(target)
        mode = None if private else _mode(target)
        temporary = os.path.join(folder, f".{name[:100]}.{os.urandom(6).hex()}.part")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        handle = os.open(temporary, flags, 0o600 if private else 0o666)
        try:
            _write_all(handle, content)
            if mode is not None:
                os.chmod(temporary, mode)
            if durable:
                os.fsync(handle)
        finally:
            os.close(handle)
        os.replace(temporary, target)
        temporary = None
    except (OSError, ValueError) as error:
        raise _cannot("save", path, error, " The file on disk is as it was.", _REASONS) from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
    if durable:
        _flush_folder(folder)


def read_limited(path: Path, limit: int) -> bytes:
    """The content of a regular file of up to ``limit`` bytes.

    Raises:
        FileProblem: if it cannot be read, is no regular file, or is larger.
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise FileProblem(f"Could not open “{_shown(path)}”: it is not a file. Choose a file.")
        with open(path, "rb") as file:
            content = file.read(limit + 1)
    except (OSError, ValueError) as error:
        raise _cannot("open", path, error, "", _READ_REASONS) from error
    if len(content) > limit:
        raise FileProblem(
            f"Could not open “{_shown(path)}”: it is larger than {limit // 2**20} MiB, which no such file "
            "should be. Choose another file."
        )
    return content


def _mode(target: str) -> int | None:
    try:
        return stat.S_IMODE(os.stat(target).st_mode)
    except FileNotFoundError:
        return None


def _write_all(handle: int, content: bytes) -> None:
    """``os.write`` may take less than it is given, on a disk that is nearly full for one."""
    rest = memoryview(content)
    while rest:
        written = os.write(handle, rest)
        if written <= 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        rest = rest[written:]


def _flush_folder(folder: str) -> None:
    """Bring the new name itself to the disk, where the system can do that; the file is in place already."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _cannot(
    verb: str, path: Path, error: Exception, more: str, reasons: dict[int, tuple[str, str]]
) -> FileProblem:
    number = error.errno if isinstance(error, OSError) else None
    why, what = reasons.get(number or 0, (_why(error), "Try again, or choose another place."))
    return FileProblem(f"Could not {verb} “{_shown(path)}”: {why}.{more} {what}")


def _why(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) else None
    return (text or "the system refused it").rstrip(".")


def _shown(path: Path) -> str:
    name = path.name.encode("utf-8", "replace").decode("utf-8")
    return name if len(name) <= 100 else f"{name[:99]}…"
