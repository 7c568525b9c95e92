"""Text tables as people really have them."""

from pathlib import Path

import numpy as np
import pytest

from rnn_designer.sequences import DataProblem, SeriesTable, read_table

NAN = float("nan")


@pytest.fixture
def written(tmp_path: Path):
    def write(content: str | bytes, name: str = "data.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


def values(table: SeriesTable) -> list[list[float]]:
    return table.values.tolist()


@pytest.mark.parametrize(
    ("content", "columns", "expected"),
    [
        ("year,value\n1700,5.0\n1701,11\n", ("year", "value"), [[1700, 5], [1701, 11]]),
        ("1700,5.0\n1701,11\n", ("column_0", "column_1"), [[1700, 5], [1701, 11]]),
        ("a;b\n1,5;2,25\n3,0;4\n", ("a", "b"), [[1.5, 2.25], [3, 4]]),
        ("a;b\n1.5;2.25\n3.0;4\n", ("a", "b"), [[1.5, 2.25], [3, 4]]),
        ("a;b\n1.234,5;1\n2.345.678,25;2\n", ("a", "b"), [[1234.5, 1], [2345678.25, 2]]),
        ("a\tb\n1\t2\n3\t4\n", ("a", "b"), [[1, 2], [3, 4]]),
        ("a|b\n1|2\n3|4\n", ("a", "b"), [[1, 2], [3, 4]]),
        ("  1749 01   96.7\n 1749 02  104.5\n", ("column_0", "column_1", "column_2"), None),
        ("value\n1\n2\n", ("value",), [[1], [2]]),
        ("1\n2\n", ("column_0",), [[1], [2]]),
        ("# t x\n1 2\n3 4\n", ("t", "x"), [[1, 2], [3, 4]]),
        ("% made by hand\n\na,b\n\n1,2\n", ("a", "b"), [[1, 2]]),
        ("a,b\r\n1,2\r\n3,4", ("a", "b"), [[1, 2], [3, 4]]),
        ("a,b\r1,2\r3,4\r", ("a", "b"), [[1, 2], [3, 4]]),
        ("a, b\n1, 2\n", ("a", "b"), [[1, 2]]),
        ("x y\n0 1 2\n1 3 4\n", ("row", "x", "y"), [[0, 1, 2], [1, 3, 4]]),
        ('"big, one","b"\n"1,234.5","2"\n"1.5",3\n', ("big, one", "b"), [[1234.5, 2], [1.5, 3]]),
        ("a,a,\n1,2,3\n", ("a", "a_1", "column_2"), [[1, 2, 3]]),
        ("a,b\n+1,-2e3\n.5,1E-2\n", ("a", "b"), [[1, -2000], [0.5, 0.01]]),
    ],
)
def test_that_the_dialect_is_found_out(written, content: str, columns: tuple[str, ...], expected) -> None:
    table = read_table(written(content))
    assert table.columns == table.available == columns
    assert table.values.dtype == np.float32
    if expected is not None:
        np.testing.assert_allclose(table.values, expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("codec", "mark", "remark"),
    [
        ("utf-8", b"", False),
        ("utf-8", b"\xef\xbb\xbf", False),
        ("latin-1", b"", True),
        ("utf-16-le", b"\xff\xfe", True),
        ("utf-16-be", b"\xfe\xff", True),
    ],
)
def test_that_encodings_are_recognised_and_unusual_ones_named(
    written, codec: str, mark: bytes, remark
) -> None:
    table = read_table(written(mark + "größe,b\n1,2\n".encode(codec)))
    assert table.columns == ("größe", "b")
    assert any("Read as" in each for each in table.remarks) is remark


def test_that_gaps_stay_gaps_and_are_counted_with_their_line(written) -> None:
    table = read_table(written("a,b\n1,2\n,3\nNA,4\nnan,5\n"))
    assert values(table)[0] == [1, 2]
    assert np.isnan(table.values[1:, 0]).all()
    assert "Column “a” has 3 empty cells, the first in line 3; gaps are left there." in table.remarks


def test_that_text_columns_are_left_out_by_name(written) -> None:
    table = read_table(written("date,value\n2020-01-01,1\n2020-01-02,2\n"))
    assert table.columns == table.available == ("value",)
    assert "Column “date” is not numeric: line 2 has “2020-01-01”. It is left out." in table.remarks


def test_that_single_strange_cells_become_gaps_that_are_told(written) -> None:
    table = read_table(written("a,b\n1,1\nabc,2\n3,3\n4,4\n"))
    assert np.isnan(table.values[1, 0])
    assert any("1 cell that is no number (line 3 has “abc”)" in remark for remark in table.remarks)


def test_that_infinite_numbers_are_counted(written) -> None:
    table = read_table(written("a\tb\n1\tinf\n2\t1e300\n", "data.tsv"))
    assert np.isinf(table.values[:, 1]).all()
    assert any(remark.startswith("2 of the numbers are infinite") for remark in table.remarks)


def test_that_columns_are_chosen_by_name_or_number_in_the_order_wanted(written) -> None:
    path = written("a,b,c\n1,2,3\n4,5,6\n")
    table = read_table(path, ("c", "0"))
    assert table.columns == ("c", "a")
    assert table.available == ("a", "b", "c")
    assert values(table) == [[3, 1], [6, 4]]


def test_that_a_name_made_of_digits_wins_over_a_number(written) -> None:
    table = read_table(written("x,0\n1,2\n3,4\n"), ("0",))
    assert table.columns == ("0",)
    assert values(table) == [[2], [4]]


def test_that_dates_in_the_first_row_are_no_header(written) -> None:
    table = read_table(written("2020-01-01,5\n2020-01-02,6\n"))
    assert table.columns == ("column_1",)
    assert values(table) == [[5], [6]]


@pytest.mark.parametrize(
    ("content", "wanted", "words"),
    [
        (
            "a,b\n1,2\n3\n4,5\n6\n7,8\n",
            (),
            "line 3 has 1 cell where the others have 2. So it is in 2 lines: 3, 5.",
        ),
        ("a,b\n1,2\n3,4,5\n6,7\n", (), "line 3 has 3 cells where the others have 2"),
        ("a,b\nx,y\n", (), "no column of numbers"),
        ("a,b\n", (), "column names but no rows"),
        ("", (), "is empty"),
        ("\n \n", (), "has no rows"),
        ("# only a comment\n", (), "has no rows"),
        (b"a\x00\x01\x02", (), "not a text file"),
        (b"\xff\xfea", (), "not UTF-16 text throughout"),
        ('a,b\n1,"2\n3,4\n', (), "quotation mark"),
        ("a,b\n1,2\n", ("c",), "no column “c”: choose among a, b"),
        ("a,b\nx,2\ny,3\n", ("a",), "Column “a” is not numeric"),
        ("a,b\n1,\n2,\n", ("b",), "Column “b” is empty"),
    ],
)
def test_that_what_cannot_be_read_is_explained(written, content, wanted: tuple[str, ...], words: str) -> None:
    with pytest.raises(DataProblem, match=r"\.$") as problem:
        read_table(written(content), wanted)
    assert words in str(problem.value)


@pytest.mark.parametrize(
    ("name", "words"),
    [("missing.csv", "There is no file"), ("picture.png", "not of a kind"), ("", "not of a kind")],
)
def test_that_a_wrong_file_is_explained(tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(DataProblem) as problem:
        read_table(tmp_path / name)
    assert words in str(problem.value)


def test_that_a_folder_and_a_pipe_are_no_files(tmp_path: Path) -> None:
    import os

    (tmp_path / "folder.csv").mkdir()
    os.mkfifo(tmp_path / "pipe.csv")
    for name in ("folder.csv", "pipe.csv"):
        with pytest.raises(DataProblem, match="is not a file"):
            read_table(tmp_path / name)


def test_that_a_long_file_is_read_whole_and_in_order(written) -> None:
    rows = "\n".join(f"{number},{number * 0.5}" for number in range(50_000))
    table = read_table(written(f"n,half\n{rows}\n"))
    assert table.values.shape == (50_000, 2)
    np.testing.assert_array_equal(table.values[:, 0], np.arange(50_000))
