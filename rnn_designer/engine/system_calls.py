"""Refuses a few system calls for good: what Landlock leaves open, and no model needs.

A filter of Linux' seccomp sees the number of every system call of this thread and of those started later. Landlock
knows files and TCP; but a socket in the file system leads to the desktop's own services, which start programs for
whoever asks, and UDP leads to the network.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from typing import Final

_PR_SET_SECCOMP, _MODE_FILTER = 22, 2
_LOAD_WORD, _JUMP_EQUAL, _JUMP_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_OFFSET_OF_NUMBER, _OFFSET_OF_MACHINE = 0, 4
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | errno.EPERM
_SECOND_NUMBERING: Final = 0x40000000
"""From here on, x86-64 numbers the same calls once more (x32)."""

_MACHINES: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_NUMBERS: Final = {
    # Connections of every kind; io_uring could make them without asking.
    "socket": {"x86_64": 41, "aarch64": 198},
    "io_uring_setup": {"x86_64": 425, "aarch64": 425},
    # Other programs.
    "execve": {"x86_64": 59, "aarch64": 221},
    "execveat": {"x86_64": 322, "aarch64": 281},
    # Reaching into other processes.
    "ptrace": {"x86_64": 101, "aarch64": 117},
    "process_vm_readv": {"x86_64": 310, "aarch64": 270},
    "process_vm_writev": {"x86_64": 311, "aarch64": 271},
    "pidfd_getfd": {"x86_64": 438, "aarch64": 438},
    # Doors to the kernel itself that have been left ajar more than once.
    "bpf": {"x86_64": 321, "aarch64": 280},
    "userfaultfd": {"x86_64": 323, "aarch64": 282},
    "unshare": {"x86_64": 272, "aarch64": 97},
    "setns": {"x86_64": 308, "aarch64": 268},
    "keyctl": {"x86_64": 250, "aarch64": 219},
}


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("if_true", ctypes.c_uint8),
        ("if_false", ctypes.c_uint8),
        ("operand", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("instructions", ctypes.POINTER(_Instruction)))


def refuse_system_calls() -> bool:
    """Refuse them from now on, in this thread and those started later; no privileges can be gained any more either.

    Returns:
        Whether that is in force; not on other systems than Linux, and not on processors that are not known here.
    """
    machine = _machine()
    if machine is None:
        return False
    instructions = _instructions(machine)
    program = _Program(len(instructions), (_Instruction * len(instructions))(*instructions))
    libc = ctypes.CDLL(None, use_errno=True)
    done = libc.prctl(
        ctypes.c_int(_PR_SET_SECCOMP), ctypes.c_ulong(_MODE_FILTER), ctypes.byref(program), *_zeros(2)
    )
    return int(done) == 0


def known_here() -> bool:
    """Whether the filter can be written for this system and processor."""
    return _machine() is not None


def _machine() -> str | None:
    if not sys.platform.startswith("linux") or sys.maxsize <= 2**32:
        return None
    machine = os.uname().machine
    return machine if machine in _MACHINES else None


def _zeros(count: int) -> list[ctypes.c_ulong]:
    return [ctypes.c_ulong(0)] * count


def _instructions(machine: str) -> list[_Instruction]:
    """The filter: refuse foreign numberings and the listed calls, allow all else."""
    refused = [numbers[machine] for numbers in _NUMBERS.values()]
    tests = [(_JUMP_AT_LEAST, _SECOND_NUMBERING)] if machine == "x86_64" else []
    tests += [(_JUMP_EQUAL, number) for number in refused]
    return [
        _Instruction(_LOAD_WORD, 0, 0, _OFFSET_OF_MACHINE),
        _Instruction(_JUMP_EQUAL, 1, 0, _MACHINES[machine]),
        _Instruction(_RETURN, 0, 0, _REFUSE),
        _Instruction(_LOAD_WORD, 0, 0, _OFFSET_OF_NUMBER),
        # A call that is met jumps over the tests behind it and over the instruction that allows.
        *(_Instruction(code, len(tests) - place, 0, operand) for place, (code, operand) in enumerate(tests)),
        _Instruction(_RETURN, 0, 0, _ALLOW),
        _Instruction(_RETURN, 0, 0, _REFUSE),
    ]
