"""Custom cells from files run only when their text is trusted, and trust is no file's to give."""

import json
import os
import runpy
import stat
from pathlib import Path

import pytest

from rnn_designer.catalog.cell_templates import cell_templates
from rnn_designer.paths import resource
from rnn_designer.session.trust import FILE_NAME, Trust, bundled_hashes, plain_hash

CODE = "class Cell:  # somebody's\n    pass\n"
posix = pytest.mark.skipif(os.name != "posix", reason="only POSIX systems have these permissions")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "settings"


def test_that_a_text_is_trusted_once_it_was_added_and_stays_so(folder: Path) -> None:
    trust = Trust(folder=folder)
    heard: list[bool] = []
    trust.changed.connect(lambda: heard.append(True))
    assert not trust.knows(CODE)
    trust.add(CODE)
    trust.add(CODE)
    assert heard == [True]
    assert Trust(folder=folder).knows(CODE)
    assert not Trust(folder=folder).knows(CODE + "\n")


def test_that_asking_alone_writes_no_file(folder: Path) -> None:
    assert not Trust(folder=folder).knows(CODE)
    assert not folder.exists()


def test_that_what_is_only_allowed_is_not_remembered(folder: Path) -> None:
    trust = Trust(folder=folder)
    trust.allow(CODE)
    assert trust.knows(CODE)
    assert not Trust(folder=folder).knows(CODE)
    assert not folder.exists()


def test_that_what_was_allowed_is_remembered_once_it_is_added_and_said_only_once(folder: Path) -> None:
    Trust(folder=folder).add("first")
    trust = Trust(folder=folder)
    heard: list[bool] = []
    trust.changed.connect(lambda: heard.append(True))
    trust.allow(CODE)
    trust.add(CODE)
    assert heard == [True]
    again = Trust(folder=folder)
    assert again.knows(CODE)
    assert again.knows("first")


def test_that_two_windows_share_what_they_trust(folder: Path) -> None:
    one, other = Trust(folder=folder), Trust(folder=folder)
    one.add(CODE)
    assert other.knows(CODE)
    other.add("second")
    assert one.knows("second")
    assert Trust(folder=folder).knows(CODE)


def test_that_the_file_holds_no_code_and_marks_that_mean_nothing_to_another_user(folder: Path) -> None:
    Trust(folder=folder).add(CODE)
    stranger = folder.parent / "stranger"
    Trust(folder=stranger).add("another")
    mine, theirs = (json.loads((place / FILE_NAME).read_text()) for place in (folder, stranger))
    assert "somebody" not in (folder / FILE_NAME).read_text()
    assert plain_hash(CODE) not in mine["trusted"]
    assert mine["secret"] != theirs["secret"]
    theirs["trusted"] += mine["trusted"]
    (stranger / FILE_NAME).write_text(json.dumps(theirs))
    assert not Trust(folder=stranger).knows(CODE)


@posix
def test_that_nobody_else_can_read_the_secret(folder: Path) -> None:
    trust = Trust(folder=folder)
    for code in (CODE, "second"):
        trust.add(code)
        assert stat.S_IMODE((folder / FILE_NAME).stat().st_mode) == 0o600


@posix
def test_that_a_file_that_others_can_write_counts_for_nothing(folder: Path) -> None:
    Trust(folder=folder).add(CODE)
    (folder / FILE_NAME).chmod(0o666)
    trust = Trust(folder=folder)
    said: list[str] = []
    trust.noticed.connect(said.append)
    assert not trust.knows(CODE)
    assert len(said) == 1
    assert "others can read or change it" in said[0]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"[" * 100_000,
        b"[]",
        b"{}",
        b'{"format": 2, "secret": "00", "trusted": []}',
        b'{"format": 1, "secret": "00", "trusted": []}',
        b'{"format": 1, "secret": "zz", "trusted": []}',
        b'{"format": 1, "secret": "' + b"00" * 32 + b'", "trusted": [1]}',
        b'{"format": 1, "secret": "' + b"00" * 32 + b'", "trusted": {}}',
        b" " * (3 << 20),
    ],
    ids=range(11),
)
def test_that_a_broken_file_counts_for_nothing_and_is_kept_aside(folder: Path, content: bytes) -> None:
    folder.mkdir()
    path = folder / FILE_NAME
    path.write_bytes(content)
    path.chmod(0o600)
    trust = Trust(folder=folder)
    said: list[str] = []
    trust.noticed.connect(said.append)
    assert not trust.knows(CODE)
    assert not trust.knows(CODE)
    assert len(said) == 1
    assert said[0].endswith("is kept as “trusted_cells.json.broken”.")
    assert (folder / f"{FILE_NAME}.broken").read_bytes() == content
    trust.add(CODE)
    assert Trust(folder=folder).knows(CODE)


@pytest.mark.parametrize("kept", range(0, 180, 7))
def test_that_a_file_cut_short_anywhere_counts_for_nothing(folder: Path, kept: int) -> None:
    Trust(folder=folder).add(CODE)
    path = folder / FILE_NAME
    content = path.read_bytes()
    assert kept < len(content)
    path.write_bytes(content[:kept])
    assert not Trust(folder=folder).knows(CODE)


def test_that_trust_that_cannot_be_written_down_holds_until_the_end(tmp_path: Path) -> None:
    in_the_way = tmp_path / "settings"
    in_the_way.write_text("a file where the folder should be")
    trust = Trust(folder=in_the_way)
    said: list[str] = []
    trust.noticed.connect(said.append)
    trust.add(CODE)
    assert trust.knows(CODE)
    assert len(said) == 1
    assert "until you close the program" in said[0]
    assert not Trust(folder=in_the_way).knows(CODE)


def test_that_the_programs_own_cells_are_trusted_and_no_others(folder: Path) -> None:
    trust = Trust(folder=folder)
    assert all(trust.knows(template.code) for template in cell_templates())
    assert not trust.knows(cell_templates()[0].code + "# changed\n")
    assert not folder.exists()
    script = Path(__file__).parents[2] / "packaging" / "trusted_cells.py"
    made = runpy.run_path(str(script))
    assert made["content"]() == resource("cells", "trusted.txt").read_text(), (
        "run packaging/trusted_cells.py, after a look at what changed"
    )
    assert set(made["own_cells"]()) == bundled_hashes()
