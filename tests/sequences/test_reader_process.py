"""The reader as the process that it is."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rnn_designer.framing import FrameReader, encode
from rnn_designer.messages import Failure, Hello, Message, Progress, ReadTable, Run, Table

COMMAND = [sys.executable, "-m", "rnn_designer.reader"]


def talk(*messages: Message, raw: bytes = b"") -> tuple[list[Message], int, str]:
    sent = b"".join(bytes(chunk) for message in messages for chunk in encode(message)) + raw
    done = subprocess.run(COMMAND, input=sent, capture_output=True, timeout=300, check=False)
    frames = FrameReader()
    answers = frames.feed(done.stdout)
    assert frames.empty
    return answers, done.returncode, done.stderr.decode()


def test_that_it_greets_reads_and_ends_with_its_input(tmp_path: Path) -> None:
    path = tmp_path / "data.csv"
    path.write_text("a,b\n1,2\n3,\n")
    answers, code, _log = talk(
        ReadTable(1, str(path)), ReadTable(2, str(path), ("b",)), ReadTable(3, "/no.csv")
    )
    hello, both, one, missing = (each for each in answers if not isinstance(each, Progress))
    assert code == 0
    assert isinstance(hello, Hello)
    assert isinstance(both, Table)
    assert (both.run, both.columns, both.available) == (1, ("a", "b"), ("a", "b"))
    np.testing.assert_array_equal(both.values, [[1, 2], [3, np.nan]])
    assert isinstance(one, Table)
    assert one.columns == ("b",)
    assert isinstance(missing, Failure)
    assert (missing.run, missing.sentence.startswith("There is no file")) == (3, True)


def test_that_a_request_that_is_not_its_business_is_refused() -> None:
    answers, code, _log = talk(Run(5, {}))
    assert isinstance(answers[1], Failure)
    assert answers[1].run == 5
    assert code == 0


def test_that_garbage_ends_it() -> None:
    answers, code, log = talk(raw=b"\xff" * 64)
    assert len(answers) == 1
    assert code == 3
    assert "The reader ends" in log


@pytest.mark.parametrize("name", ["strange.csv", "strange.npy"])
def test_that_random_bytes_give_an_answer_each_time(tmp_path: Path, name: str) -> None:
    random = np.random.default_rng(0)
    requests = []
    for number in range(30):
        path = tmp_path / f"{number}{name}"
        path.write_bytes(random.bytes(int(random.integers(1, 300))))
        requests.append(ReadTable(number + 1, str(path)))
    answers, code, _log = talk(*requests)
    assert code == 0
    assert [answer.run for answer in answers[1:]] == list(range(1, 31))


def test_that_it_loads_neither_tensorflow_nor_qt() -> None:
    code = (
        "import sys; from pathlib import Path; import rnn_designer.reader as r;"
        "from rnn_designer.messages import ReadTable;"
        "r.answer(ReadTable(1, '/no.csv'));"
        "print([n for n in ('tensorflow', 'keras', 'PySide6', 'rnn_designer.engine') if n in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=True
    )
    assert done.stdout.strip() == "[]"
