"""NPY files: honest ones, broken ones, and ones that want to be more than numbers."""

import contextlib
from pathlib import Path

import numpy as np
import pytest

from rnn_designer.sequences import DataProblem, read_table


@pytest.mark.parametrize(
    ("array", "shape"),
    [
        (np.arange(5), (5, 1)),
        (np.arange(6.0).reshape(3, 2), (3, 2)),
        (np.arange(24.0).reshape(2, 3, 4), (2, 3, 4)),
        (np.asfortranarray(np.arange(6.0).reshape(3, 2)), (3, 2)),
        (np.array([True, False]), (2, 1)),
        (np.arange(4, dtype=">i2"), (4, 1)),
        (np.arange(4, dtype=np.float16), (4, 1)),
    ],
)
def test_that_numbers_of_any_type_are_read(tmp_path: Path, array: np.ndarray, shape: tuple[int, ...]) -> None:
    path = tmp_path / "data.npy"
    np.save(path, array)
    table = read_table(path)
    assert table.values.shape == shape
    assert table.values.dtype == np.float32
    np.testing.assert_array_equal(table.values.ravel(), array.astype(np.float32).reshape(shape).ravel())
    assert len(table.columns) == shape[-1]


def test_that_columns_can_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "data.npy"
    np.save(path, np.arange(24.0).reshape(2, 3, 4))
    table = read_table(path, ("column_3", "1"))
    assert table.columns == ("column_3", "column_1")
    np.testing.assert_array_equal(table.values[0, 0], [3, 1])


def test_that_gaps_infinities_and_rounded_numbers_are_told(tmp_path: Path) -> None:
    path = tmp_path / "data.npy"
    np.save(path, np.array([[np.nan, np.inf], [1e300, 1.0]]))
    remarks = " ".join(read_table(path).remarks)
    assert "1 of the numbers are NaN" in remarks
    assert "2 of the numbers are infinite" in remarks
    np.save(path, np.array([2**24 + 1]))
    assert "rounded" in " ".join(read_table(path).remarks)


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.array(["a", "b"]), "holds text"),
        (np.array([1 + 2j]), "complex numbers"),
        (np.zeros((2, 2, 2, 2)), "4 axes"),
        (np.float64(3.0), "0 axes"),
        (np.zeros((0, 3)), "not a number in it"),
        (np.zeros(2, [("a", "f4")]), "records"),
    ],
)
def test_that_other_content_is_refused_by_name(tmp_path: Path, array, words: str) -> None:
    path = tmp_path / "data.npy"
    np.save(path, array)
    with pytest.raises(DataProblem) as problem:
        read_table(path)
    assert words in str(problem.value)


def test_that_pickled_objects_are_refused_without_being_loaded(tmp_path: Path) -> None:
    path = tmp_path / "data.npy"
    np.save(path, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(DataProblem, match="Python objects"):
        read_table(path)


def good(path: Path) -> bytes:
    np.save(path, np.arange(100.0))
    return path.read_bytes()


@pytest.mark.parametrize(
    "broken",
    [
        lambda content: content[:-8],
        lambda content: content + b"12345678",
        lambda content: content[:20],
        lambda content: b"not numpy" + content,
        lambda content: content.replace(b"(100,)", b"(999,)"),
        lambda content: content.replace(b"(100,)", b"(-10,)").replace(b"(-10,)", b"(-1, )"),
        lambda content: content.replace(b"'descr'", b"'de\x00cr'"),
        lambda content: content.replace(b"{", b"("),
        lambda content: content.replace(b"<f8", b"<q9"),
        lambda content: content[:6] + b"\x09" + content[7:],
    ],
)
def test_that_a_broken_file_is_a_sentence_and_no_other_error(tmp_path: Path, broken) -> None:
    path = tmp_path / "data.npy"
    content = broken(good(path))
    path.write_bytes(content)
    with pytest.raises(DataProblem):
        read_table(path)


def test_that_any_single_damaged_header_byte_gives_numbers_or_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "data.npy"
    content = good(path)
    for place in range(128):
        for value in (0, 0x28, 0xFF):
            path.write_bytes(content[:place] + bytes([value]) + content[place + 1 :])
            with contextlib.suppress(DataProblem):
                assert read_table(path).values.size
