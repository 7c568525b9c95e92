"""What a worker may not do, whatever code a design holds: limits from birth, and Landlock before that code runs.

Landlock is Linux' way for a program to give up rights of its own. It holds for the thread that asks for it and
for those started later, so it has to come before any other thread; and it comes after Keras is imported, because
Python must be able to keep what it compiles on the way.

What stays allowed: reading Python, its packages and the system's libraries, and writing to the session's own
folder. What does not: reading anything else, such as the user's files; writing anywhere else; connections; running
other programs; signals to other processes.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import stat
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from rnn_designer.engine.system_calls import refuse_system_calls

SANDBOXED: Final = "sandboxed"
_LARGEST_FILE: Final = 8 << 30
_ROOM_BESIDE_MEMORY: Final = 16 << 30
"""How much more address space than memory there is: TensorFlow reserves some that it never uses."""
_DEEP_STACK: Final = 120 << 20
"""Linux keeps 128 MiB free below the stack. A recursion without end then meets Python's limit, and not the end of the
stack, which would be the end of the process."""
_PR_SET_NO_NEW_PRIVS: Final = 38
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_CREATE_RULESET_VERSION: Final = 1
_RULE_PATH_BENEATH: Final = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_REMOVE_AND_MAKE: Final = sum(1 << bit for bit in range(4, 13))
_REFER, _TRUNCATE, _IOCTL_DEVICE = 1 << 13, 1 << 14, 1 << 15
_READ: Final = _READ_FILE | _READ_DIR
_WRITE: Final = _READ | _WRITE_FILE | _REMOVE_AND_MAKE | _REFER | _TRUNCATE
_OF_FILES: Final = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEVICE
_NETWORK: Final = 1 << 0 | 1 << 1
_SCOPES: Final = 1 << 0 | 1 << 1

_SYSTEM: Final = (
    *("/usr", "/lib", "/lib32", "/lib64", "/opt", "/nix/store", "/gnu/store", "/run/opengl-driver"),
    *("/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/ld.so.preload", "/etc/alternatives"),
    *("/etc/localtime", "/etc/timezone", "/etc/nsswitch.conf", "/etc/passwd", "/etc/group", "/etc/hosts"),
    *(
        "/etc/os-release",
        "/etc/mime.types",
        "/etc/ssl/openssl.cnf",
        "/etc/pki/tls/openssl.cnf",
        "/etc/OpenCL",
    ),
    *("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/version", "/proc/filesystems", "/proc/sys"),
    *("/proc/devices", "/proc/driver", "/proc/self", "/sys"),
)
"""What Python, TensorFlow and the C library read. /proc/self is this very process, and no other."""
_DEVICES: Final = (
    "/dev/null",
    "/dev/zero",
    "/dev/full",
    "/dev/random",
    "/dev/urandom",
    "/dev/kfd",
    "/dev/dri",
)


class _RulesetAttributes(ctypes.Structure):
    _fields_ = (
        ("handled_access_fs", ctypes.c_uint64),
        ("handled_access_net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed_access", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


def limit() -> None:
    """Bound memory, files and privileges of this process; a system that knows no such limits has none.

    No core file is left by a crash, no file grows beyond 8 GiB, no program that it starts gains rights, and the
    stack is deep enough for Python to notice a recursion without end. The
    address space ends 16 GiB above the computer's memory, so that an absurd allocation fails at once and with an
    exception. With an Nvidia driver it does not, because CUDA reserves more than that.
    """
    try:
        import resource
    except ImportError:  # Windows
        return
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, _LARGEST_FILE)
    _raise_to(resource.RLIMIT_STACK, _DEEP_STACK)
    memory = _memory()
    if memory and sys.platform.startswith("linux") and not Path("/dev/nvidiactl").exists():
        _lower(resource.RLIMIT_AS, memory + _ROOM_BESIDE_MEMORY)
    if sys.platform.startswith("linux"):
        _give_up_privileges()


def confine(directory: Path | None) -> str:
    """Give up, for ever, the rights to what is not needed to build and run a model.

    Has to be called before any other thread is started.

    Args:
        directory: the one place that stays writable; None for the system's temporary directory.

    Returns:
        :data:`SANDBOXED`, or ``not sandboxed: `` and why, with what is missing of it in between.
    """
    if not sys.platform.startswith("linux"):
        return "not sandboxed: only Linux has Landlock"
    version = landlock_version()
    if version < 1:
        _give_up_privileges()
        refuse_system_calls()
        return "not sandboxed: this Linux kernel has no Landlock, or has it switched off"
    handled = _READ | _WRITE | _EXECUTE
    if version < 2:
        handled &= ~_REFER
    if version < 3:
        handled &= ~_TRUNCATE
    if version >= 5:
        handled |= _IOCTL_DEVICE
    attributes = _RulesetAttributes(handled, _NETWORK if version >= 4 else 0, _SCOPES if version >= 6 else 0)
    size = 24 if version >= 6 else 16 if version >= 4 else 8
    ruleset = _call(_CREATE_RULESET, ctypes.byref(attributes), ctypes.c_size_t(size), ctypes.c_uint32(0))
    if ruleset < 0:
        return _refused()
    try:
        for path in (*_SYSTEM, *_python_paths()):
            _allow(ruleset, path, _READ & handled)
        for path in (*_DEVICES, *_graphics_cards()):
            _allow(ruleset, path, (_READ | _WRITE_FILE | _TRUNCATE | _IOCTL_DEVICE) & handled)
        _allow(ruleset, str(directory or tempfile.gettempdir()), _WRITE & handled)
        _give_up_privileges()
        if _call(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint32(0)) != 0:
            return _refused()
    finally:
        os.close(ruleset)
    closed = refuse_system_calls()
    return (
        SANDBOXED
        if closed or version >= 4
        else f"{SANDBOXED}, but for the network, which cannot be closed here"
    )


def landlock_version() -> int:
    """Which version of Landlock the kernel has; 0 for none."""
    if not sys.platform.startswith("linux"):
        return 0
    asked = ctypes.c_uint32(_CREATE_RULESET_VERSION)
    return max(0, _call(_CREATE_RULESET, None, ctypes.c_size_t(0), asked))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _call(number: int, *arguments: Any) -> int:
    """One system call for which the C library has no function; -1 if it fails."""
    syscall = _libc().syscall
    syscall.restype = ctypes.c_long
    return int(syscall(ctypes.c_long(number), *arguments))


def _give_up_privileges() -> None:
    """No program started from here on gains rights by being run, as sudo does."""
    _libc().prctl(ctypes.c_int(_PR_SET_NO_NEW_PRIVS), *map(ctypes.c_ulong, (1, 0, 0, 0)))


def _refused() -> str:
    return f"not sandboxed: Landlock was refused ({os.strerror(ctypes.get_errno())})"


def _lower(kind: int, most: int) -> None:
    """Set a limit, unless a lower one holds already; it cannot be raised again."""
    import resource

    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    try:
        resource.setrlimit(kind, (most, most))
    except (OSError, ValueError):
        return


def _raise_to(kind: int, wanted: int) -> None:
    """Raise a limit as far as it may be raised; the first thread's stack then grows into the room at once."""
    import resource

    soft, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(kind, (wanted, hard))


def _memory() -> int:
    """The computer's memory in bytes; 0 if it cannot be told."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        return 0


def _python_paths() -> Iterator[str]:
    """Python itself, its packages, and this program's own code; not what merely lies beside it."""
    program = Path(__file__).resolve().parents[1]
    home = Path(os.path.expanduser("~")).resolve()
    yield str(program)
    yield str(home / ".keras" / "keras.json")
    libraries = os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)
    wanted = (
        sys.prefix,
        sys.base_prefix,
        sys.exec_prefix,
        getattr(sys, "_MEIPASS", ""),
        *sys.path,
        *libraries,
    )
    yield from _narrow(wanted, program.parent, home)


def _narrow(paths: Iterable[str], checkout: Path, home: Path) -> Iterator[str]:
    """The paths that hold code and nothing else: not the home folder or one above it, nor a source checkout."""
    for each in paths:
        path = Path(each).resolve() if each else None
        if path is None or path in (checkout, home) or path in home.parents:
            continue
        yield str(path)


def _graphics_cards() -> Iterator[str]:
    try:
        yield from (f"/dev/{name}" for name in os.listdir("/dev") if name.startswith("nvidia"))
    except OSError:
        return


def _allow(ruleset: int, path: str, rights: int) -> None:
    """Keep some rights below a path; one that is not there needs none."""
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _OF_FILES
        rule = _PathBeneath(rights, descriptor)
        _call(
            _ADD_RULE,
            ctypes.c_int(ruleset),
            ctypes.c_int(_RULE_PATH_BENEATH),
            ctypes.byref(rule),
            ctypes.c_uint32(0),
        )
    finally:
        os.close(descriptor)
