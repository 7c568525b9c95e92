"""Saving leaves the old file or the new one, whatever fails; reading gives a sentence."""

import errno
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rnn_designer.design import Design, files
from rnn_designer.design.files import FileProblem
from rnn_designer.design.storage import read_limited, write_atomically

CALLS = ("open", "write", "chmod", "fsync", "close", "replace", "stat", "urandom")


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "design.rnnd"
    path.write_bytes(b"old")
    return path


def failing(real: Callable[..., Any], at: int, number: int) -> Callable[..., Any]:
    count = 0

    def call(*args: Any, **more: Any) -> Any:
        nonlocal count
        count += 1
        if count == at:
            raise OSError(number, os.strerror(number))
        return real(*args, **more)

    return call


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EIO])
def test_that_a_failure_at_any_call_leaves_one_whole_file_and_nothing_else(
    target: Path, monkeypatch: pytest.MonkeyPatch, name: str, at: int, number: int
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, name, failing(getattr(os, name), at, number))
        try:
            write_atomically(target, b"new" * 1000)
            sentence = None
        except FileProblem as problem:
            sentence = str(problem)
    if sentence is not None:
        assert "as it was" in sentence
        assert target.name in sentence
        assert target.read_bytes() == b"old"
    else:
        assert target.read_bytes() == b"new" * 1000
    assert [each.name for each in target.parent.iterdir()] == [target.name]


def test_that_a_disk_that_takes_a_few_bytes_at_a_time_gets_all_of_them(
    target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda handle, content: real(handle, bytes(content)[:7]))
    write_atomically(target, bytes(range(256)))
    assert target.read_bytes() == bytes(range(256))


def test_that_a_disk_that_takes_nothing_more_is_full(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "write", lambda _handle, _content: 0)
    with pytest.raises(FileProblem, match="disk is full"):
        write_atomically(target, b"new")
    assert target.read_bytes() == b"old"


def test_that_permissions_are_kept(target: Path) -> None:
    target.chmod(0o640)
    write_atomically(target, b"new")
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_that_a_link_stays_a_link(target: Path) -> None:
    link = target.parent / "link.rnnd"
    link.symlink_to(target.name)
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


@pytest.mark.parametrize(
    ("place", "words"),
    [("missing/design.rnnd", "no such folder"), ("x" * 300, "too long"), ("a\0b", "Could not save")],
)
def test_that_a_place_where_nothing_can_be_saved_is_named(tmp_path: Path, place: str, words: str) -> None:
    with pytest.raises(FileProblem, match=words):
        files.save(Design(), tmp_path / place)


def test_that_a_folder_is_not_overwritten(tmp_path: Path) -> None:
    folder = tmp_path / "design.rnnd"
    folder.mkdir()
    with pytest.raises(FileProblem):
        files.save(Design(), folder)
    assert folder.is_dir()
    assert list(tmp_path.iterdir()) == [folder]


@pytest.mark.parametrize(("place", "words"), [("nothing.rnnd", "no such file"), (".", "not a file")])
def test_that_what_cannot_be_read_is_named(tmp_path: Path, place: str, words: str) -> None:
    with pytest.raises(FileProblem, match=words):
        files.load(tmp_path / place)


def test_that_a_path_with_a_zero_byte_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="Could not open"):
        files.load(tmp_path / "a\0b")


def test_that_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.rnnd")
    with pytest.raises(FileProblem, match="not a file"):
        files.load(tmp_path / "pipe.rnnd")


def test_that_a_file_larger_than_the_limit_is_refused_without_reading_it_all(tmp_path: Path) -> None:
    path = tmp_path / "huge.rnnd"
    with path.open("wb") as file:
        file.truncate(3 * 2**20)
    with pytest.raises(FileProblem, match="larger than 2 MiB"):
        read_limited(path, 2 * 2**20)


SAVER = """
import sys
from pathlib import Path
from rnn_designer.design import Design, files
number = 0
while True:
    number += 1
    files.save(Design(notes=f"{number} " * 20_000), Path(sys.argv[1]))
    print(number, flush=True)
"""


@pytest.mark.parametrize("saves", [1, 2, 3, 5, 8, 13])
def test_that_a_program_killed_while_saving_leaves_a_whole_file(tmp_path: Path, saves: int) -> None:
    path = tmp_path / "design.rnnd"
    with subprocess.Popen([sys.executable, "-c", SAVER, str(path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for _save in range(saves):
            assert process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        process.wait(300)
    number = files.load(path).notes.split(" ", 1)[0]
    assert int(number) >= saves
