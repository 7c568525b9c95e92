"""A model file of Keras dropped onto the window, or chosen under File: it is shown, or a sentence says why not."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

LONG = 120_000
UNITS, FEATURES = 3, 2


def described(*more: dict[str, Any]) -> dict[str, Any]:
    """A Sequential model with an LSTM, as Keras writes it."""
    start = {"class_name": "InputLayer", "config": {"name": "x", "batch_shape": [None, None, FEATURES]}}
    memory = {"class_name": "LSTM", "config": {"name": "memory", "units": UNITS}}
    return {"class_name": "Sequential", "config": {"name": "theirs", "layers": [start, memory, *more]}}


def model_file(path: Path, config: dict[str, Any]) -> tuple[Path, list[Any]]:
    """A ``.keras`` file with weights for the LSTM, and these weights."""
    random = numpy.random.default_rng(4)
    shapes = [(FEATURES, 4 * UNITS), (UNITS, 4 * UNITS), (4 * UNITS,)]
    arrays = [random.normal(size=shape).astype("float32") for shape in shapes]
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        for place, array in enumerate(arrays):
            file[f"layers/lstm/cell/vars/{place}"] = array
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", content.getvalue())
    return path, arrays


def drop(window: Any, path: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    assert window.drops.entered(mime)
    assert path.name in window.drops.hint.text
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    window.dropEvent(
        QDropEvent(QPointF(window.rect().center()), Qt.DropAction.CopyAction, mime, buttons, keys)
    )


def test_that_a_dropped_model_stands_on_the_canvas_with_its_weights(
    window: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    path, arrays = model_file(tmp_path / "theirs.keras", described())
    drop(window, path)
    document = window.workspace.document
    qtbot.waitUntil(lambda: document.design.name == "theirs", timeout=LONG)
    assert [layer.kind for layer in document.design.layers] == ["Input", "LSTM"]
    assert document.path is None
    assert document.modified
    assert window.notice.text == "Imported “theirs.keras”: 2 layers, with its weights."
    window.workspace.save(tmp_path / "mine.rnnd")
    kept = window.workspace._read_weights(document.design, tmp_path / "mine.rnnd")
    memory = document.design.layers[1].id
    for name, array in zip(("kernel", "recurrent_kernel", "bias"), arrays, strict=True):
        numpy.testing.assert_array_equal(kept[f"{memory}/{name}"], array)


def test_that_a_layer_that_is_not_known_is_an_inert_box_that_says_so(
    window: Any, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gadget = {"class_name": "Lambda", "config": {"name": "trick", "function": "<b>os.system</b>"}}
    path, _arrays = model_file(tmp_path / "theirs.keras", described(gadget))
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(path), ""))
    window.actions_table["import"].trigger()
    document = window.workspace.document
    qtbot.waitUntil(lambda: document.design.name == "theirs", timeout=LONG)
    box = document.design.layers[-1]
    assert box.kind == "Unknown"
    assert "a Lambda is code" in window.notice.text
    assert "a Lambda is code" in document.design.canvas_notes[0].text
    window.selection.set((box.id,))
    window.right.show_page(0)
    qtbot.waitUntil(lambda: window.properties._several.isVisible())
    assert "<b>os.system</b>" in window.properties._several.text()
    document.mark_saved(tmp_path / "none.rnnd")


def test_that_a_file_that_cannot_be_imported_leaves_the_design_and_gives_a_sentence(
    window: Any, qtbot: QtBot, tmp_path: Path
) -> None:
    path = tmp_path / "broken.h5"
    path.write_bytes(b"\x89HDF\r\n\x1a\nand no more")
    before = window.workspace.document.design
    drop(window, path)
    qtbot.waitUntil(lambda: "no HDF5 file" in window.notice.text, timeout=LONG)
    assert window.workspace.document.design is before
