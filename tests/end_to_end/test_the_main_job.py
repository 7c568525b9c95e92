"""The main job by mouse and keyboard in the real window, with the real worker: draw, feed, watch, export, undo."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import QApplication, QLineEdit, QListView, QPushButton, QWidget

from rnn_designer.paths import resource

Until = Callable[[Callable[[], object]], None]
OpenWindow = Callable[[Path | None], Any]


def copy_of_example(name: str, folder: Path) -> Path:
    for suffix in (".rnnd", ".weights.npz"):
        shutil.copy(resource("examples", name + suffix), folder)
    return folder / f"{name}.rnnd"


def port(window: Any, layer_id: str, name: str, *, output: bool) -> QPoint:
    canvas = window.canvas
    at = canvas.scene().item_for_layer[layer_id].port_point(name, output=output)
    return on_screen(window, at)


def on_screen(window: Any, at: QPointF) -> QPoint:
    canvas = window.canvas
    return canvas.viewport().mapToGlobal(canvas.mapFromScene(at))


def palette_row(window: Any, kind: str) -> QPoint:
    view = window.palette_panel.findChild(QListView)
    index = view.model().row_of(kind)
    view.scrollTo(index)
    return view.viewport().mapToGlobal(view.visualRect(index).center())


def layer_named(window: Any, name: str) -> Any:
    return next(layer for layer in window.workspace.document.design.walk() if layer.name == name)


def layer_of_kind(window: Any, kind: str) -> Any:
    return next((layer for layer in window.workspace.document.design.walk() if layer.kind == kind), None)


def result(window: Any, name: str) -> numpy.ndarray | None:
    trace = window.workspace.live.trace
    return None if trace is None or window.workspace.live.stale else trace.arrays.get(f"{name}/result")


def field_of(window: Any, parameter: str) -> QLineEdit:
    """The line in which a parameter's number is typed."""
    fields = [
        each
        for each in window.properties.findChildren(QLineEdit)
        if each.accessibleName().lower() == parameter and each.isVisible()
    ]
    assert fields, [each.accessibleName() for each in window.properties.findChildren(QLineEdit)]
    return fields[0]


def grab(widget: QWidget) -> bytes:
    image = widget.grab().toImage()
    return bytes(image.constBits())


def run_exported(path: Path, inputs: numpy.ndarray, folder: Path) -> numpy.ndarray:
    """Build the exported model in a fresh interpreter, outside the project, and run it on these inputs."""
    numpy.save(folder / "inputs.npy", inputs)
    code = (
        f"import sys, numpy; sys.path.insert(0, {str(path.parent)!r}); import {path.stem} as exported\n"
        f"model = exported.build_model()\n"
        f"numpy.save('outputs.npy', model(numpy.load('inputs.npy'), training=False))"
    )
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": "-1"}
    for command in ([sys.executable, "-c", code], [sys.executable, str(path)]):
        done = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
    return numpy.load(folder / "outputs.npy")


def test_that_a_layer_drawn_wired_and_edited_by_hand_is_traced_exported_and_undone(
    open_window: OpenWindow, robot: Any, until: Until, tmp_path: Path
) -> None:
    path = copy_of_example("sunspots", tmp_path)
    window = open_window(path)
    workspace = window.workspace
    start = workspace.document.design
    until(lambda: result(window, "next_year") is not None)
    until(lambda: not window.scopes.message)
    first_picture = grab(window.scopes.plot)

    # Drag a GRU from the palette to an empty place of the canvas.
    below = window.canvas.mapToScene(window.canvas.viewport().rect().center()) + QPointF(0, 110)
    robot.drag(palette_row(window, "GRU"), on_screen(window, below))
    until(lambda: layer_of_kind(window, "GRU") is not None)
    gru = layer_of_kind(window, "GRU")
    assert window.selection.current == gru.id

    # Wire it behind the memory: memory -> gru -> next_year, which takes the wire of the dropout away.
    memory, head = layer_named(window, "memory"), layer_named(window, "next_year")
    robot.drag(port(window, memory.id, "output", output=True), port(window, gru.id, "input", output=False))
    until(lambda: any(link.target == gru.id for link in workspace.document.design.links))
    robot.drag(port(window, gru.id, "output", output=True), port(window, head.id, "input", output=False))
    until(lambda: any(link.source == gru.id for link in workspace.document.design.links))
    assert all(link.target != head.id or link.source == gru.id for link in workspace.document.design.links)

    # Units, typed: shapes and code at once, the trace as soon as the engine has it.
    robot.click(on_screen(window, window.canvas.scene().item_for_layer[gru.id].scene_rect().center()))
    until(lambda: window.selection.current == gru.id)
    field = field_of(window, "units")
    robot.click_widget(field)
    robot.key("ctrl+a")
    robot.type("5")
    robot.key("Return")
    until(lambda: layer_of_kind(window, "GRU").value("units") == 5)
    assert workspace.checks.checked.shapes[gru.id, "output"].features == 5
    until(lambda: "layers.GRU(5" in window.code.source.text)
    until(lambda: result(window, gru.name) is not None and result(window, gru.name).shape == (32, 5))
    until(lambda: workspace.live.trace.signal(gru.id, "gate/update") is not None)
    until(lambda: grab(window.scopes.plot) != first_picture)

    # The dropout leads nowhere now, which would make it a second output: away with it.
    dropout = layer_named(window, "dropout")
    robot.click(on_screen(window, window.canvas.scene().item_for_layer[dropout.id].scene_rect().center()))
    robot.key("Delete")
    until(lambda: layer_of_kind(window, "Dropout") is None)
    until(lambda: result(window, "next_year") is not None)

    # Export it with its weights through the dialog, and run the file.
    robot.key("ctrl+e")
    until(lambda: QApplication.activeModalWidget() is not None)
    dialog = QApplication.activeModalWidget()
    exported = tmp_path / "drawn.py"
    line = next(each for each in dialog.findChildren(QLineEdit) if each.accessibleName() == "File to write")
    robot.click_widget(line)
    robot.key("ctrl+a")
    robot.type(str(exported))
    until(lambda: dialog.path == exported)
    assert dialog.with_weights.isChecked()
    robot.click_widget(next(each for each in dialog.findChildren(QPushButton) if each.text() == "Export"))
    until(exported.exists)
    until(lambda: QApplication.activeModalWidget() is None)
    shown = result(window, "next_year")
    computed = run_exported(exported, workspace.live.trace.arrays["sunspots/input"], tmp_path)
    numpy.testing.assert_allclose(computed, shown, rtol=1e-6, atol=1e-6)

    # Save, open again, and find the same design; then undo everything back to the start.
    robot.click(on_screen(window, below + QPointF(0, 90)))
    robot.key("ctrl+s")
    until(lambda: not workspace.document.modified)
    drawn = workspace.document.design
    for _ in range(len(workspace.document.history.steps) + 1):
        robot.key("ctrl+z")
    until(lambda: workspace.document.design == start)
    until(
        lambda: result(window, "next_year") is not None and result(window, "next_year").shape == (32, 120, 1)
    )
    workspace.document.mark_saved(path)
    window.files.open(path)
    assert workspace.document.design.layers == drawn.layers
    assert workspace.document.design.links == drawn.links
    until(lambda: result(window, gru.name) is not None)


def test_that_a_killed_worker_costs_nothing_but_a_moment(
    open_window: OpenWindow, until: Until, tmp_path: Path
) -> None:
    window = open_window(copy_of_example("nile", tmp_path))
    workspace = window.workspace
    until(lambda: result(window, "next_flow") is not None)
    before = workspace.document.design
    first = workspace.engine.pid

    # A run is under way when the worker dies.
    workspace.live.run_now()
    os.kill(first, signal.SIGKILL)
    until(lambda: workspace.engine.last_end)
    assert window.isVisible()
    assert window.notice.text
    until(lambda: workspace.engine.pid not in (0, first))
    until(lambda: result(window, "next_flow") is not None)
    assert workspace.document.design == before


def test_that_no_worker_outlives_a_killed_window(until: Until, tmp_path: Path) -> None:
    path = copy_of_example("sunspots", tmp_path)
    window = subprocess.Popen(
        [sys.executable, "-m", "rnn_designer", str(path)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: workers_of(window.pid))
        workers = workers_of(window.pid)
    finally:
        window.kill()
        window.wait()
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in workers))


def workers_of(parent: int) -> list[int]:
    """The process ids of a window's workers."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rsplit(")", 1)[1].split()
            command = (status.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if int(fields[1]) == parent and b"--worker" in command:
            found.append(int(status.parent.name))
    return found
