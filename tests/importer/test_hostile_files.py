"""Files that mean harm: each is refused with a sentence, or opens with an inert box, and nothing in it is run."""

from __future__ import annotations

import io
import json
import os
import random
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy
import pytest
from crafted import (
    FEATURES,
    UNITS,
    archive,
    called,
    functional,
    hdf,
    input_layer,
    layer,
    lstm,
    sequential,
    tensor,
    text,
    weights_of_lstm,
)

from rnn_designer.design import check, files
from rnn_designer.design.storage import FileProblem
from rnn_designer.importer import Imported, read_model

PLAIN = sequential(input_layer(), lstm())


def refused(path: Path, words: str) -> None:
    with pytest.raises(FileProblem, match=words) as raised:
        read_model(path)
    sentence = str(raised.value)
    assert sentence.startswith("“")
    assert sentence.endswith(".")
    assert path.name in sentence


def inert(imported: Imported) -> list[str]:
    assert files.from_text(files.to_text(imported.design)) == imported.design
    return [each.params["class_name"] for each in imported.design.layers if each.kind == "Unknown"]


# The archive.


def bomb(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("config.json", json.dumps(PLAIN))
        file.writestr("model.weights.h5", b"\0" * (200 * 2**20))
    return path


def with_member(name: str, content: bytes = b"x") -> Callable[[Path], Path]:
    return lambda path: archive(path, PLAIN, weights_of_lstm(), **{name: content})


def link_member(path: Path) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        entry = zipfile.ZipInfo("config.json")
        entry.external_attr = 0o120777 << 16
        file.writestr(entry, "/etc/passwd")
    return path


def twice(path: Path) -> Path:
    archive(path, PLAIN)
    content = path.read_bytes()
    with pytest.warns(UserWarning, match="Duplicate name"), zipfile.ZipFile(path, "a") as file:
        file.writestr("config.json", b"{}")
    assert path.read_bytes() != content
    return path


def lying(path: Path) -> Path:
    """A member that is longer than the table of contents says."""
    archive(path, PLAIN)
    content = path.read_bytes()
    size = len(json.dumps(PLAIN)).to_bytes(4, "little")
    return _written(path, content.replace(size, (7).to_bytes(4, "little")))


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def cut(path: Path) -> Path:
    content = archive(path, PLAIN, weights_of_lstm()).read_bytes()
    return _written(path, content[: len(content) // 2])


ARCHIVES = {
    "a bomb": (bomb, "would grow to"),
    "a way out": (with_member("../../.bashrc"), "outside of it"),
    "an absolute name": (with_member("/etc/cron.d/x"), "outside of it"),
    "a drive": (with_member("C:\\autostart.bat"), "outside of it"),
    "a way out with backslashes": (with_member("..\\x"), "outside of it"),
    "a link": (link_member, "is a link"),
    "the same twice": (twice, "twice"),
    "a lie about a size": (lying, "damaged|not as long"),
    "half a file": (cut, "no zip archive"),
    "no configuration": (lambda path: _zip(path, {"metadata.json": b"{}"}), "holds no config.json"),
    "an empty archive": (lambda path: _zip(path, {}), "holds no config.json|no zip|neither"),
    "an empty file": (lambda path: _written(path, b""), "neither a .keras archive nor HDF5"),
    "text": (lambda path: _written(path, b"hello"), "neither a .keras archive nor HDF5"),
    "a broken deflate": (lambda path: _spoilt(path), "damaged"),
}


def _zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def _spoilt(path: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("config.json", json.dumps(PLAIN))
    content = bytearray(path.read_bytes())
    content[60:80] = b"\xff" * 20
    return _written(path, bytes(content))


@pytest.mark.parametrize("name", ARCHIVES)
def test_that_a_hostile_archive_is_refused_with_a_sentence(name: str, tmp_path: Path) -> None:
    make, words = ARCHIVES[name]
    refused(make(tmp_path / "model.keras"), words)


# The description.


DESCRIPTIONS = {
    "no JSON": ("{", "it is no JSON"),
    "not UTF-8": (b"\xff\xfe{}", "it is no JSON"),
    "a list": ("[1, 2]", "expected a JSON object, got a list"),
    "a number": ("17", "got a number"),
    "deep lists": ("[" * 100_000, "nested too deep|no JSON"),
    "deep lists that close": ("[" * 2000 + "]" * 2000, "nested"),
    "deep objects": ('{"a":' * 90 + "1" + "}" * 90, "nested more than 64 deep"),
    "many values": ("[" + "1," * 200_000 + "1]", "more than 100,000 values"),
    "a long number": ('{"a": ' + "9" * 5000 + "}", "a whole number of 5,000 digits"),
    "too large": ('{"a": "' + "x" * (17 * 2**20) + '"}', "at most 16 MiB|larger|16"),
    "nothing": ("{}", "does not say which class|holds a model of the class"),
    "a lone layer": (json.dumps(lstm()), "whose layers are in its Python code|single layer"),
    "a model of its own": (
        json.dumps({"module": "me", "class_name": "Mine", "registered_name": "me>Mine", "config": {}}),
        "whose layers are in its Python code",
    ),
    "no layers": (json.dumps(sequential()), "it has no layers"),
    "outputs that are not there": (
        json.dumps(functional([input_layer()], [["x", 0, 0]], [["y", 0, 0]])),
        "is not described",
    ),
    "no outputs": (json.dumps(functional([input_layer()], [["x", 0, 0]], [])), "are its outputs"),
    "a circle": (
        json.dumps(
            functional(
                [
                    called(input_layer()),
                    called(layer("Dense", "a", units=1), ((tensor("b"),), {})),
                    called(layer("Dense", "b", units=1), ((tensor("a"),), {})),
                ],
                [["x", 0, 0]],
                [["b", 0, 0]],
            )
        ),
        "round in a circle",
    ),
}


@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_that_a_description_that_is_none_is_refused_with_a_sentence(name: str, tmp_path: Path) -> None:
    content, words = DESCRIPTIONS[name]
    raw = content if isinstance(content, bytes) else content.encode()
    refused(archive(tmp_path / "model.keras", raw), words)
    if name != "a lone layer":
        with pytest.raises(FileProblem):
            read_model(_written(tmp_path / "model.json", raw))


def lambda_of(code: Any) -> dict[str, Any]:
    return layer("Lambda", "gadget", function={"class_name": "__lambda__", "config": {"code": code}})


GADGETS: dict[str, dict[str, Any]] = {
    "a Lambda": lambda_of("4wAAAAA="),
    "a Lambda that names os.system": layer(
        "Lambda", "gadget", function={"module": "os", "class_name": "function", "config": "system"}
    ),
    "a Lambda that names get_file": layer(
        "Lambda", "gadget", function={"module": "keras.utils", "class_name": "function", "config": "get_file"}
    ),
    "a Lambda that turns safety off": layer(
        "Lambda",
        "gadget",
        function={
            "module": "keras.config",
            "class_name": "function",
            "config": "enable_unsafe_deserialization",
        },
    ),
    "a Lambda that loads a layer": layer(
        "Lambda", "gadget", function=layer("TFSMLayer", "t", filepath="/tmp/x")
    ),
    "a saved program": layer("TFSMLayer", "gadget", filepath="/tmp/evil", call_endpoint="serve"),
    "a wrapped torch module": layer("TorchModuleWrapper", "gadget", module="gAN9"),
    "a vocabulary from a file": layer("StringLookup", "gadget", vocabulary="/etc/passwd"),
    "a process": layer("Popen", "gadget", module="subprocess", args=["touch", "/tmp/x"]),
    "the interpreter": layer("eval", "gadget", module="builtins"),
    "a known name from elsewhere": layer("LSTM", "gadget", module="evil.layers", units=3),
    "a known name registered by somebody": {**lstm("gadget"), "registered_name": "evil>LSTM"},
    "an activation that is code": layer(
        "Dense",
        "gadget",
        units=1,
        activation={"class_name": "function", "config": "os.system", "module": "os"},
    ),
    "an initializer from elsewhere": layer(
        "Dense",
        "gadget",
        units=1,
        kernel_initializer={"module": "subprocess", "class_name": "Popen", "config": {"args": "x"}},
    ),
    "a regularizer of somebody's": layer(
        "Dense",
        "gadget",
        units=1,
        kernel_regularizer={"class_name": "L2", "config": {"l2": 1}, "registered_name": "evil>L2"},
    ),
    "units beyond all measure": layer("LSTM", "gadget", units=10**30),
    "units that are none": layer("LSTM", "gadget", units=-1),
    "units of text": layer("LSTM", "gadget", units="64"),
    "units of numbers": layer("LSTM", "gadget", units=[1, 2]),
    "no units": layer("LSTM", "gadget"),
    "a setting that is an object": layer("Dense", "gadget", units={"class_name": "Popen", "config": {}}),
    "a setting nobody knows": layer("Dense", "gadget", units=1, callback="os.system"),
    "a wrapper around code": layer("TimeDistributed", "gadget", layer=lambda_of("x")),
    "a wrapper around nothing": layer("TimeDistributed", "gadget", layer=None),
    "a wrapper around a model": layer("TimeDistributed", "gadget", layer=sequential(lstm("inner"))),
    "a stack of nonsense": layer("RNN", "gadget", cell=layer("StackedRNNCells", "s", cells=[1, "x"])),
    "a class that is no text": {
        "module": "keras.layers",
        "class_name": ["LSTM"],
        "config": {"name": "gadget"},
    },
    "a cell written by hand": layer("CustomCell", "gadget", code="import os", arguments={}),
}


@pytest.mark.parametrize("name", GADGETS)
def test_that_a_layer_that_could_harm_is_an_inert_box_and_the_rest_opens(name: str, tmp_path: Path) -> None:
    behind = layer("Dense", "behind", units=1)
    path = archive(tmp_path / "model.keras", sequential(input_layer(), lstm("before"), GADGETS[name], behind))
    imported = read_model(path)
    kinds = [each.kind for each in imported.design.layers]
    assert kinds == ["Input", "LSTM", "Unknown", "Dense"]
    assert len(inert(imported)) == 1
    assert any("inert box" in remark for remark in imported.remarks)
    checked = check(imported.design)
    assert [problem.code for problem in checked.errors] == ["unknown_layer"]
    assert [(link.source, link.target) for link in imported.design.links] == [
        (one.id, two.id) for one, two in zip(imported.design.layers, imported.design.layers[1:], strict=False)
    ]


NAMES = [
    'x"); __import__("os").system("id"); ("',
    "a/b",
    "\x00\x1b[2J",
    "Ω" * 500,
    "",
    " ",
    "../..",
    "\ud800",
    "<b>",
]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_that_no_name_is_more_than_a_name(name: str, tmp_path: Path) -> None:
    from rnn_designer.codegen import allowed_names, called_names, generate

    imported = read_model(archive(tmp_path / "model.keras", sequential(input_layer(), lstm(name), name=name)))
    assert inert(imported) == []
    assert called_names(generate(check(imported.design)).text) <= allowed_names()


def test_that_a_model_called_within_itself_many_times_over_is_refused(tmp_path: Path) -> None:
    inner: dict[str, Any] = functional(
        [called(input_layer()), called(layer("Dense", "d", units=1), ((tensor("x"),), {}))],
        [["x", 0, 0]],
        [["d", 0, 0]],
        "m0",
    )
    for depth in range(1, 9):
        name = f"m{depth - 1}"
        calls = [((tensor("x") if not number else tensor(name, number - 1),), {}) for number in range(12)]
        inner = functional(
            [called(input_layer()), called(inner, *calls)], [["x", 0, 0]], [[name, 11, 0]], f"m{depth}"
        )
    refused(text(tmp_path / "model.json", inner), "calls more than 3,000 layers")


# The weights.


def external_link(path: Path) -> bytes:
    secret = path / "secret.h5"
    secret.write_bytes(hdf({"v": numpy.ones(3)}))
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        file["layers/lstm/cell"] = h5py.ExternalLink(str(secret), "/")
    return content.getvalue()


def soft_link(_path: Path) -> bytes:
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        file["layers/lstm/cell"] = h5py.SoftLink("/layers")
    return content.getvalue()


def external_storage(path: Path) -> bytes:
    secret = path / "secret.bin"
    secret.write_bytes(b"\1" * 96)
    target = path / "made.h5"
    with h5py.File(target, "w") as file:
        file.create_dataset(
            "layers/lstm/cell/vars/0", (FEATURES, 4 * UNITS), "float32", external=[(str(secret), 0, 96)]
        )
    return target.read_bytes()


def virtual(path: Path) -> bytes:
    source = path / "source.h5"
    source.write_bytes(hdf({"v": numpy.ones((FEATURES, 4 * UNITS), "float32")}))
    target = path / "made.h5"
    with h5py.File(target, "w") as file:
        layout = h5py.VirtualLayout((FEATURES, 4 * UNITS), "float32")
        layout[:] = h5py.VirtualSource(str(source), "v", (FEATURES, 4 * UNITS))
        file.create_virtual_dataset("layers/lstm/cell/vars/0", layout)
    return target.read_bytes()


def _dataset(**how: Any) -> Callable[[Path], bytes]:
    def make(_path: Path) -> bytes:
        content = io.BytesIO()
        with h5py.File(content, "w") as file:
            file.create_dataset("layers/lstm/cell/vars/0", **how)
        return content.getvalue()

    return make


def circle(_path: Path) -> bytes:
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        group = file.create_group("layers/lstm")
        group["again"] = file["layers"]
    return content.getvalue()


WEIGHTS = {
    "a link to another file": (external_link, "is a link to somewhere else"),
    "a link within the file": (soft_link, "is a link to somewhere else"),
    "numbers in another file": (external_storage, "lies in another file"),
    "numbers put together": (virtual, "from other files"),
    "terabytes that take no room": (_dataset(shape=(2**40,), dtype="float32"), "would take"),
    "a thousand-fold of zeros": (
        _dataset(data=numpy.zeros(2**26, "uint8"), compression="gzip", chunks=(2**20,)),
        "would take",
    ),
    "texts": (_dataset(data=["os.system"], dtype=h5py.string_dtype()), "not plain numbers"),
    "references": (_dataset(shape=(1,), dtype=h5py.ref_dtype), "not plain numbers"),
    "records": (_dataset(shape=(1,), dtype=[("a", "f4")]), "not plain numbers"),
    "no HDF5": (lambda _path: b"not HDF5 at all", "no HDF5 file"),
    "half of it": (lambda _path: weights_of_lstm()[:900], "no HDF5 file|damaged"),
    "a circle": (circle, "round in a circle"),
}


@pytest.mark.parametrize("name", WEIGHTS)
def test_that_hostile_weights_are_refused_with_a_sentence(name: str, tmp_path: Path) -> None:
    make, words = WEIGHTS[name]
    refused(archive(tmp_path / "model.keras", PLAIN, make(tmp_path)), words)


@pytest.mark.parametrize("suffix", [".pt", ".pth", ".pkl", ".pb"])
def test_that_programs_and_pickles_are_refused_with_the_reason(suffix: str, tmp_path: Path) -> None:
    refused(_written(tmp_path / f"model{suffix}", b"\x80\x04cos\nsystem\n."), "run")


def test_that_a_saved_model_is_refused_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "saved_model.pb").write_bytes(b"x")
    refused(tmp_path / "saved", "a SavedModel is a program")


def test_that_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    refused(tmp_path / "none.keras", "could not be read")


# Mutants.


def test_that_no_mutant_of_a_good_file_does_more_than_open_or_be_refused(tmp_path: Path) -> None:
    good = archive(tmp_path / "good.keras", PLAIN, weights_of_lstm()).read_bytes()
    config = json.dumps(PLAIN).encode()
    drawn = random.Random(7)
    opened = 0
    for number in range(300):
        path = tmp_path / "mutant.keras"
        if number % 2:
            content = bytearray(good)
            for _byte in range(drawn.randint(1, 8)):
                content[drawn.randrange(len(content))] = drawn.randrange(256)
            path.write_bytes(bytes(content))
        else:
            changed = bytearray(config)
            for _byte in range(drawn.randint(1, 4)):
                changed[drawn.randrange(len(changed))] = ord(drawn.choice('"{}[],:0aL\\n-1e'))
            archive(path, bytes(changed), weights_of_lstm())
        try:
            imported = read_model(path)
        except FileProblem:
            continue
        else:
            opened += 1
            assert files.from_text(files.to_text(imported.design)) == imported.design
    assert 10 < opened < 300


_WATCHED = """
import sys
watched = ("exec", "os.system", "subprocess.Popen", "os.posix_spawn", "socket.connect")
watched += ("pickle.find_class", "marshal.loads")
seen = []
from pathlib import Path
import h5py, numpy, rnn_designer.design, rnn_designer.importer.models, rnn_designer.importer.hdf
import rnn_designer.design.encoding
from rnn_designer.importer import read_model
from rnn_designer.design.storage import FileProblem
paths = [Path(each) for each in sys.argv[1:]]
read_model(paths[0])
before = set(sys.modules)
def hook(event, arguments):
    if event in watched:
        seen.append(event)
    elif event == "open" and str(arguments[0]) not in map(str, paths):
        seen.append(f"open {arguments[0]}")
sys.addaudithook(hook)
for path in paths:
    try:
        read_model(path)
    except FileProblem:
        pass
heavy = {"keras", "tensorflow", "PySide6"} & set(sys.modules)
print(seen, sorted(set(sys.modules) - before), sorted(heavy))
# Not getrusage(): there the memory of the process that started this one counts, too.
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM:"))
print(int(peak.split()[1]) // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="what a process used is told in other units elsewhere")
def test_that_nothing_is_run_opened_or_imported_by_any_hostile_file(tmp_path: Path) -> None:
    paths = [archive(tmp_path / "good.keras", PLAIN, weights_of_lstm())]
    for number, gadget in enumerate(GADGETS.values()):
        described = sequential(input_layer(), lstm("before"), gadget)
        paths.append(archive(tmp_path / f"gadget{number}.keras", described, weights_of_lstm()))
        paths.append(text(tmp_path / f"gadget{number}.json", described))
    for number, (make, _words) in enumerate(WEIGHTS.values()):
        paths.append(archive(tmp_path / f"weights{number}.keras", PLAIN, make(tmp_path)))
    for number, name in enumerate(("a bomb", "a way out", "a link")):
        paths.append(ARCHIVES[name][0](tmp_path / f"archive{number}.keras"))
    done = subprocess.run(
        [sys.executable, "-c", _WATCHED, *map(os.fspath, paths)],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    told, megabytes = done.stdout.splitlines()
    assert told == "[] [] []", done.stderr
    assert int(megabytes) < 512
    assert zlib.crc32(paths[0].read_bytes())
