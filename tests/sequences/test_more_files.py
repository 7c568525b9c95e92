"""WAV, Parquet, NPZ, plain text and large tables."""

import io
import struct
import wave
import zipfile
from pathlib import Path

import numpy as np
import pytest

from rnn_designer.sequences import DataProblem, read_table


def write_wav(path: Path, values: np.ndarray, width: int, rate: int = 8000) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(values.shape[1])
        file.setsampwidth(width)
        file.setframerate(rate)
        if width == 1:
            raw = (values + 128).astype(np.uint8).tobytes()
        elif width == 3:
            raw = b"".join(int(v).to_bytes(3, "little", signed=True) for v in values.reshape(-1))
        else:
            raw = values.astype(f"<i{width}").tobytes()
        file.writeframes(raw)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_that_whole_numbers_of_every_width_lie_between_minus_one_and_one(tmp_path: Path, width: int) -> None:
    full = 2 ** (8 * width - 1)
    values = np.array([[-full, full // 2], [0, -full // 4], [full - 1, 0]])
    write_wav(tmp_path / "a.wav", values, width)
    table = read_table(tmp_path / "a.wav")
    np.testing.assert_allclose(table.values, values / full, atol=1e-7)
    assert table.columns == ("left", "right")
    assert table.available == ("left", "right", "mix")
    assert "8,000 samples per second, 2 channels" in table.remarks[0]
    mixed = read_table(tmp_path / "a.wav", ("mix",)).values[:, 0]
    np.testing.assert_allclose(mixed, (values / full).mean(axis=1), atol=1e-7)
    assert len(read_table(tmp_path / "a.wav", rows=2).values) == 2


@pytest.mark.parametrize("extensible", [False, True])
def test_that_floats_are_read(tmp_path: Path, extensible: bool) -> None:
    data = np.array([0.5, -0.25], "<f4").tobytes()
    kind = 0xFFFE if extensible else 3
    fmt = struct.pack("<HHIIHH", kind, 1, 44100, 176400, 4, 32)
    if extensible:
        fmt += struct.pack("<HHIH", 22, 32, 0, 3) + bytes(14)
    chunks = b"fmt " + struct.pack("<I", len(fmt)) + fmt + b"LIST" + struct.pack("<I", 3) + b"abc\0"
    chunks += b"data" + struct.pack("<I", len(data)) + data
    (tmp_path / "f.wav").write_bytes(b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks)
    table = read_table(tmp_path / "f.wav")
    assert table.values[:, 0].tolist() == [0.5, -0.25]
    assert table.available == ("mono",)


def test_that_every_cut_of_a_sound_is_read_or_explained(tmp_path: Path) -> None:
    write_wav(tmp_path / "a.wav", np.arange(8).reshape(4, 2), 2)
    whole = (tmp_path / "a.wav").read_bytes()
    for length in range(1, len(whole)):
        path = tmp_path / "cut.wav"
        path.write_bytes(whole[:length])
        try:
            table = read_table(path)
        except DataProblem:
            continue
        assert table.values.shape[1] == 2


def test_that_parquet_gives_its_numeric_columns(tmp_path: Path) -> None:
    import polars as pl

    path = tmp_path / "a.parquet"
    pl.DataFrame({"n": [1, None, 3], "name": ["a", "b", "c"], "ok": [True, False, True]}).write_parquet(path)
    table = read_table(path)
    assert table.available == ("n", "ok")
    np.testing.assert_array_equal(table.values, np.array([[1, 1], [np.nan, 0], [3, 1]], np.float32))
    assert any("name" in remark for remark in table.remarks)
    assert any("first in row 1" in remark for remark in table.remarks)
    assert table.noticed.total == 3
    assert read_table(path, ("ok",), rows=1).values.tolist() == [[1]]
    raw = path.read_bytes()
    for content in (b"PAR1" + bytes(50), raw[: len(raw) // 2], b"none"):
        path.write_bytes(content)
        with pytest.raises(DataProblem, match="Parquet"):
            read_table(path)


def test_that_a_member_of_an_archive_is_chosen(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez_compressed(path, names=np.array(["x"]), x=np.arange(6.0).reshape(3, 2), y=np.ones((2, 3, 4)))
    table = read_table(path)
    assert table.noticed.members == ("names", "x", "y")
    assert table.noticed.facts["member"] == "x"
    assert table.values.shape == (3, 2)
    assert read_table(path, options={"member": "y"}).values.shape == (2, 3, 4)
    with pytest.raises(DataProblem, match="holds text"):
        read_table(path, options={"member": "names"})
    with pytest.raises(DataProblem, match="choose among names, x, y"):
        read_table(path, options={"member": "z"})


def test_that_archives_that_are_broken_or_bombs_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(b"PK\3\4 nothing")
    with pytest.raises(DataProblem, match="broken NPZ"):
        read_table(path)
    inner = io.BytesIO()
    np.save(inner, np.zeros(8_000_000))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.npy", inner.getvalue())
        archive.writestr("note.txt", "no array")
    with pytest.raises(DataProblem, match="would grow to"):
        read_table(path)
    pickled = io.BytesIO()
    np.save(pickled, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("objects.npy", pickled.getvalue())
    with pytest.raises(DataProblem, match="no table of numbers"):
        read_table(path)


def test_that_text_becomes_ids_with_the_commonest_first(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("The cat and the dog.\nThe end")
    options = {"kind": "text", "unit": "words", "lower": "yes"}
    table = read_table(path, options=options)
    words = table.noticed.vocabulary
    assert words[:3] == ("‹padding›", "‹unknown›", "the")
    assert [words[int(each)] for each in table.values[:, 0]] == [
        "the",
        "cat",
        "and",
        "the",
        "dog",
        ".",
        "the",
        "end",
    ]
    assert table.noticed.counts[2] == 3
    few = read_table(path, options={**options, "most": "3"})
    assert few.noticed.vocabulary == words[:3]
    assert set(few.values[:, 0]) == {1, 2}
    assert "became id 1" in few.remarks[1]
    characters = read_table(path, options={"kind": "text"})
    assert len(characters.values) == len(path.read_text())
    assert read_table(path, options={"kind": "auto"}).noticed.facts["kind"] == "text"
    path.write_text("1 2\n3 4\n")
    assert read_table(path, options={"kind": "auto"}).noticed.facts["kind"] == "csv"


def test_that_findings_can_be_overruled(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("1;2\n3;4\n")
    table = read_table(path)
    assert dict(table.noticed.facts) == {
        "kind": "csv",
        "separator": "semicolon",
        "decimal": "point",
        "header": "no",
        "encoding": "utf-8",
    }
    named = read_table(path, options={"header": "yes"})
    assert (named.columns, named.values.tolist()) == (("1", "2"), [[3, 4]])
    path.write_text("1,5\n2,5\n")
    assert read_table(path, options={"separator": "none", "decimal": "comma"}).values.tolist() == [
        [1.5],
        [2.5],
    ]
    path.write_bytes("gr\xf6\xdfe\n1\n".encode("cp1252"))
    assert read_table(path, options={"encoding": "cp1252"}).columns == ("größe",)
    with pytest.raises(DataProblem, match="Expected an encoding"):
        read_table(path, options={"encoding": "ebcdic"})


def test_that_a_preview_reads_only_the_beginning_and_a_stop_keeps_what_was_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    row = "12345.678,-0.25\n"
    path.write_text("a,b\n" + row * 700_000)
    head = read_table(path, rows=50)
    assert head.values.shape == (50, 2)
    assert head.noticed.total is None
    told: list[float | None] = []

    def once(fraction: float | None, words: str) -> bool:
        told.append(fraction)
        return False

    stopped = read_table(path, watch=once)
    assert len(told) == 1
    assert 0 < len(stopped.values) < 700_000
    assert "was stopped after" in stopped.remarks[-1]
    whole = read_table(path)
    assert len(whole.values) == whole.noticed.total == 700_000


def test_that_an_uneven_row_far_down_is_named_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("a,b\n" + "12345.678,-0.25\n" * 400_000 + "1\n" + "1,2\n" * 9)
    with pytest.raises(DataProblem, match="line 400002 has 1 cell"):
        read_table(path)
