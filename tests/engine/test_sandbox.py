"""What a design's code can and cannot do to the computer it runs on, tried in a real worker process."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy
import pytest
from standing_models import planned, program
from worker_process import Process

from rnn_designer.engine.sandbox import SANDBOXED, landlock_version
from rnn_designer.engine.system_calls import known_here
from rnn_designer.messages import Build, Built, Failure, Hello, Message, Run, Saved, SaveWeights, Trace

PLAN = (planned("series", "Input"), planned("memory", "LSTM"))
MODEL = "return keras.Sequential([keras.Input((None, 3), name='series'), layers.LSTM(4, name='memory')])"
LANDLOCK = landlock_version()

needs_landlock = pytest.mark.skipif(LANDLOCK < 1, reason="this kernel has no Landlock")
needs_network_rules = pytest.mark.skipif(
    LANDLOCK < 4, reason="Landlock of this kernel knows no network rules"
)
needs_filter = pytest.mark.skipif(not known_here(), reason="no filter is known for this processor")
needs_scopes = pytest.mark.skipif(LANDLOCK < 6, reason="Landlock of this kernel knows no scopes for signals")

TRIES = """
import json, os, socket, subprocess, tempfile
outcome = {}
def attempt(name, action):
    try:
        action()
    except BaseException as error:
        outcome[name] = type(error).__name__
    else:
        outcome[name] = "done"
"""


class Confined:
    """One worker for all tests here: it takes seconds to start. Its session's folder lies in one of the test's."""

    def __init__(self, folder: Path) -> None:
        self.session = folder / "session"
        self.session.mkdir()
        self.secret = folder / "secret.txt"
        self.secret.write_text("mine")
        self.process = Process(self.session)
        hello = self.process.receive()
        assert isinstance(hello, Hello)
        self.hello = hello
        self._run = 0

    def ask(self, *requests: Message) -> list[Message]:
        """The answers to these requests, whatever run they were given."""
        numbered = [replace(request, run=self._run + k) for k, request in enumerate(requests, 1)]
        self._run += len(requests)
        for each in numbered:
            self.process.send(each)
        return [self.process.receive() for _ in numbered]

    def build(self, *lines: str) -> Message:
        """What comes of building a model after these lines, which nothing has seen before."""
        source = program([f"number = {self._run}", *lines, MODEL])
        return self.ask(Build(0, source, PLAN, {}, 0))[0]

    def outcomes(self, **tries: str) -> dict[str, str]:
        """What came of each of these expressions when a design's own code evaluated it."""
        result = self.session / "outcome.json"
        lines = [*TRIES.strip().splitlines()]
        lines += [f"attempt({name!r}, lambda: {expression})" for name, expression in tries.items()]
        answer = self.build(*lines, f"open({str(result)!r}, 'w').write(json.dumps(outcome))")
        assert isinstance(answer, Built), answer
        found: dict[str, str] = json.loads(result.read_text())
        return found


@pytest.fixture(scope="module")
def confined(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Confined]:
    worker = Confined(tmp_path_factory.mktemp("confined"))
    with contextlib.closing(worker.process):
        yield worker


@needs_landlock
def test_that_a_worker_says_that_it_is_sandboxed(confined: Confined) -> None:
    assert confined.hello.sandbox.startswith(SANDBOXED)


@pytest.mark.skipif(LANDLOCK >= 1, reason="this kernel has Landlock")
def test_that_a_worker_says_that_it_is_not_sandboxed(confined: Confined) -> None:
    assert confined.hello.sandbox.startswith("not sandboxed: ")


@needs_landlock
def test_that_a_designs_code_reads_no_files_of_the_user_and_writes_only_to_the_session(
    confined: Confined,
) -> None:
    secret, session = confined.secret, confined.session
    package = Path(__file__).parents[2] / "rnn_designer"
    found = confined.outcomes(
        read_secret=f"open({str(secret)!r}).read()",
        list_folder=f"os.listdir({str(session.parent)!r})",
        write_secret=f"open({str(secret)!r}, 'w')",
        truncate_secret=f"os.truncate({str(secret)!r}, 0)",
        remove_secret=f"os.remove({str(secret)!r})",
        new_file_outside=f"open({str(session.parent / 'new.txt')!r}, 'w')",
        write_program=f"open({str(package / 'new.py')!r}, 'w')",
        read_through_proc=f"open('/proc/self/root' + {str(secret)!r}).read()",
        read_memory_of_the_parent=f"open('/proc/{os.getpid()}/environ', 'rb').read()",
        link_out=f"os.link({str(secret)!r}, {str(session / 'copy')!r})",
        read_standard_library="open(os.__file__).read()",
        write_in_session=f"open({str(session / 'own.txt')!r}, 'w').write('x')",
        temporary_file="tempfile.TemporaryFile().write(b'x')",
        import_of_more="__import__('wave')",
    )
    linked, truncated = found.pop("link_out"), found.pop("truncate_secret")
    assert linked in ("PermissionError", "OSError")
    assert truncated == "PermissionError" or LANDLOCK < 3
    allowed = ("read_standard_library", "write_in_session", "temporary_file", "import_of_more")
    assert found == {name: "done" if name in allowed else "PermissionError" for name in found}
    assert secret.read_text() == "mine"


@needs_landlock
def test_that_a_designs_code_starts_no_programs(confined: Confined) -> None:
    found = confined.outcomes(
        python=f"subprocess.run([{sys.executable!r}, '-c', 'pass'], check=True)",
        shell="subprocess.run(['/bin/sh', '-c', 'true'], check=True)",
    )
    assert found == {"python": "PermissionError", "shell": "PermissionError"}


@needs_filter
def test_that_a_designs_code_reaches_no_service_of_the_desktop_and_sends_nothing(confined: Confined) -> None:
    found = confined.outcomes(
        service="socket.socket(socket.AF_UNIX)",
        datagram="socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
        tcp="socket.socket(socket.AF_INET6, socket.SOCK_STREAM)",
        pair_of_its_own="[each.close() for each in socket.socketpair()]",
        new_namespace="__import__('ctypes').CDLL(None).unshare(0x10000000) == -1 and [][0]",
    )
    refused = dict.fromkeys(("service", "datagram", "tcp"), "PermissionError")
    assert found == {**refused, "pair_of_its_own": "done", "new_namespace": "IndexError"}


@needs_network_rules
def test_that_a_designs_code_opens_no_connection(confined: Confined) -> None:
    found = confined.outcomes(
        connect="socket.create_connection(('127.0.0.1', 9), timeout=5)",
        serve="socket.create_server(('127.0.0.1', 0)).close()",
    )
    assert found == {"connect": "PermissionError", "serve": "PermissionError"}


@needs_scopes
def test_that_a_designs_code_signals_no_other_process(confined: Confined) -> None:
    found = confined.outcomes(window=f"os.kill({os.getpid()}, 0)", itself="os.kill(os.getpid(), 0)")
    assert found == {"window": "PermissionError", "itself": "done"}


@needs_landlock
def test_that_threads_are_confined_as_well(confined: Confined) -> None:
    secret = confined.secret
    pool = "__import__('concurrent.futures').futures.ThreadPoolExecutor()"
    found = confined.outcomes(
        own_thread=f"{pool}.submit(open, {str(secret)!r}).result()",
        # Every thread of the process, the one that reads requests among them.
        all_threads=(
            "[os.stat(f'/proc/self/task/{each}') for each in os.listdir('/proc/self/task')] and "
            f"open({str(secret)!r})"
        ),
    )
    assert found == {"own_thread": "PermissionError", "all_threads": "PermissionError"}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits of address space are Linux' own")
def test_that_privileges_cores_and_memory_are_limited(confined: Confined) -> None:
    limits = confined.session / "limits.json"
    read = "[*resource.getrlimit(resource.RLIMIT_CORE), resource.getrlimit(resource.RLIMIT_FSIZE)[0]]"
    found = confined.outcomes(
        limits=(
            f"(resource := __import__('resource')) and open({str(limits)!r}, 'w').write(json.dumps({read}))"
        ),
        hundred_gigabytes=f"__import__('numpy').zeros({_absurd()}, 'uint8')",
        privileges="[][0] if 'NoNewPrivs:\\t1' not in open('/proc/self/status').read() else None",
    )
    assert found == {"limits": "done", "hundred_gigabytes": found["hundred_gigabytes"], "privileges": "done"}
    assert found["hundred_gigabytes"].endswith("MemoryError")
    assert json.loads(limits.read_text()) == [0, 0, 8 << 30]


def _absurd() -> int:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(100 * 10**9, 2 * memory + (32 << 30))


def test_that_a_confined_worker_builds_traces_and_saves(confined: Confined) -> None:
    series = {"series": numpy.ones((2, 5, 3), "float32")}
    built, trace, saved = confined.ask(
        Build(0, program([MODEL]), PLAN, {}, 0), Run(0, series), SaveWeights(0)
    )
    assert isinstance(built, Built)
    assert isinstance(trace, Trace)
    assert isinstance(saved, Saved)
    assert saved.content[:4].tobytes() == b"\x89HDF"


def test_that_an_absurd_allocation_is_a_sentence_and_not_the_end(confined: Confined) -> None:
    failed = confined.build(f"import numpy; numpy.zeros({_absurd()}, 'uint8')")
    assert isinstance(failed, Failure)
    assert "needs more memory than there is" in failed.sentence
    assert isinstance(confined.build(), Built)
