"""Weights files hold plain arrays, and anything else in them is refused with a sentence."""

import io
import os
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from rnn_designer.design import weights
from rnn_designer.design.files import FileProblem
from rnn_designer.design.weights import load_weights, save_weights


def test_that_arrays_come_back_as_they_were(tmp_path: Path) -> None:
    arrays = {
        "a1b2/kernel": np.arange(12, dtype="float32").reshape(3, 4),
        "a1b2/größe": np.array(2.5, dtype="float64"),
        "ids": np.array([], dtype="int64"),
        "odd": np.asfortranarray(np.arange(6, dtype="float32").reshape(2, 3)),
    }
    path = tmp_path / "m.weights.npz"
    save_weights(path, arrays)
    loaded = load_weights(path)
    assert loaded.keys() == arrays.keys()
    for key, array in arrays.items():
        assert loaded[key].dtype == array.dtype
        assert loaded[key].shape == array.shape
        np.testing.assert_array_equal(loaded[key], array)
        loaded[key].flags.writeable  # noqa: B018 - a copy of its own
    with np.load(path, allow_pickle=False) as plain:
        np.testing.assert_array_equal(plain["a1b2/kernel"], arrays["a1b2/kernel"])


def test_that_files_written_by_numpy_are_read(tmp_path: Path) -> None:
    array = np.random.default_rng(0).normal(size=(50, 40)).astype("float32")
    np.savez_compressed(tmp_path / "w.npz", kernel=array)
    np.testing.assert_array_equal(load_weights(tmp_path / "w.npz")["kernel"], array)


def test_that_equal_weights_give_equal_files(tmp_path: Path) -> None:
    for name in ("one", "two"):
        save_weights(tmp_path / name, {"b": np.ones(3, "float32"), "a": np.zeros(2, "float32")})
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


class Payload:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("executed",)


def _zip(*members: tuple[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return buffer.getvalue()


def _npy(array: np.ndarray, allow_pickle: bool = False) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=allow_pickle)
    return buffer.getvalue()


def _lying() -> bytes:
    content = _npy(np.zeros((2, 2), "float32"))
    return content.replace(b"(2, 2)", b"(9, 9)")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "weights file"),
        (b"PK\x03\x04 not really", "weights file"),
        (_zip(("k.npy", _npy(np.array([Payload()], dtype=object), True))), "plain numbers"),
        (_zip(("k.npy", pickle.dumps(Payload()))), "weights file"),
        (_zip(("run.py", b"print()")), "no array"),
        (_zip(("../k.npy", _npy(np.zeros(1, "float32")))), "no array"),
        (_zip(("/k.npy", _npy(np.zeros(1, "float32")))), "no array"),
        (_zip(("k.npy", _npy(np.zeros(1, "<U5")))), "plain numbers"),
        (_zip(("k.npy", _lying())), "not as large"),
        (_zip(("k.npy", _npy(np.zeros(10**6, "float32"))), compression=zipfile.ZIP_DEFLATED), "grow"),
        (_zip(("k.npy", b"\x93NUMPY\x01\x00\x10\x00{'descr': ((((((")), "weights file"),
    ],
)
def test_that_what_is_no_plain_array_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "bad.weights.npz"
    path.write_bytes(content)
    with pytest.raises(FileProblem, match=words):
        load_weights(path)
    assert not (tmp_path / "executed").exists()


def test_that_too_large_a_total_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "m.weights.npz"
    save_weights(path, {"a": np.zeros(1000, "float32"), "b": np.zeros(1000, "float32")})
    monkeypatch.setattr(weights, "LARGEST", 6000)
    with pytest.raises(FileProblem):
        load_weights(path)


def test_that_objects_are_not_saved(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="plain numbers"):
        save_weights(tmp_path / "m.npz", {"k": np.array([{}], dtype=object)})
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("seed", range(40))
def test_that_a_damaged_file_gives_a_sentence_or_arrays(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "m.weights.npz"
    save_weights(path, {"kernel": np.arange(40, dtype="float32"), "bias": np.ones(3, "float32")})
    random = np.random.default_rng(seed)
    content = bytearray(path.read_bytes())
    for _change in range(int(random.integers(1, 6))):
        content[int(random.integers(len(content)))] = int(random.integers(256))
    path.write_bytes(bytes(content[: int(random.integers(1, len(content) + 1))] if seed % 2 else content))
    try:
        loaded = load_weights(path)
    except FileProblem:
        return
    assert loaded.keys() <= {"kernel", "bias"} or all(array.size for array in loaded.values())
