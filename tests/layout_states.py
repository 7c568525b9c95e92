"""Brings the real window into every state that shows words, and has each looked over by ``layout_walk``.

``python tests/layout_states.py 1280 800 light`` prints the faults as JSON: so it runs under any scale factor of Qt.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hand_training import give_training, made_run
from layout_walk import faults
from painted_words import painting, word_faults
from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QPointF, QSize
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from quiet import SILENT
from view_answers import answer_views

from rnn_designer.catalog import CATALOG, FrozenMap, Part
from rnn_designer.design import Design, Generation, Layer, Link, edits, new_layer
from rnn_designer.messages import Trace
from rnn_designer.paths import resource
from rnn_designer.session import EngineProcess, Workspace
from rnn_designer.session.training import TrainerState
from rnn_designer.ui.main_window import MainWindow
from rnn_designer.ui.settings import Settings
from rnn_designer.ui.theme import keeper
from rnn_designer.ui.training.page import PAGES
from rnn_designer.ui.training.shown import shown_run
from rnn_designer.ui.widgets.section import Section

LONG = (
    "Layer “memory” was given 32,768 units, but “decoder” expects at most 1,024 of them: give it fewer units, or put a "
    "Dense layer between the two, and run the design again when that is done."
)


def open_window(width: int, height: int, scheme: Any, *, reads: bool = True) -> MainWindow:
    """A window of a size in a theme, with an engine that never answers, and a reader that does if it ``reads``."""
    keeper().apply(scheme)
    reader = None if reads else EngineProcess(command=SILENT)
    workspace = Workspace(engine=EngineProcess(command=SILENT), reader=reader)
    give_training(workspace)
    window = MainWindow(workspace, Settings())
    window.resize(width, height)
    window.show()
    settle()
    return window


def close_window(window: MainWindow) -> None:
    """Close it for good."""
    window.close_now()
    window.deleteLater()
    window.workspace.deleteLater()
    settle()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def settle() -> None:
    """Let layouts and deferred refreshes happen."""
    for _ in range(3):
        QApplication.processEvents()


def wait_for(condition: Callable[[], bool]) -> None:
    """Let the program go on until something holds; the machine may be slow."""
    until = time.monotonic() + 120
    while not condition():
        if time.monotonic() > until:
            raise TimeoutError("What was waited for did not come.")
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 50)
        time.sleep(0.005)


STEPPING = {
    "LSTM": ("state/h", "state/c", "gate/input", "gate/forget", "gate/candidate", "gate/output"),
    "GRU": ("state/h", "gate/update", "gate/reset", "gate/candidate"),
}
"""What is recorded of a layer that computes step by step."""


def give_trace(window: MainWindow, steps: int = 120, samples: int = 32, late: float = 0.0) -> None:
    """Have every layer of the design traced, without an engine; waves may come ``late`` by a part of their length."""
    import numpy

    arrays, layers = {}, {}
    step, unit = numpy.arange(steps, dtype=numpy.float32)[:, None], numpy.arange(8, dtype=numpy.float32)
    wave = numpy.sin(step / (4 + 2 * unit) + unit - late)[None]
    for layer in window.workspace.document.design.walk():
        layers.setdefault(layer.id, layer.name)
        signals = ["input", "result"] if layer.kind == "Input" else ["result", "output"]
        signals += STEPPING.get(layer.kind, ())
        if layer.kind == "Bidirectional":
            inner = layer.children[0]
            layers[inner.id] = f"{layer.name}/forward"
            both = ("output", *STEPPING.get(inner.kind, ()))
            signals = ["result", *(f"{side}/{signal}" for side in ("forward", "backward") for signal in both)]
        for signal in signals:
            arrays[f"{layer.name}/{signal}"] = numpy.repeat(wave, samples, axis=0)
    live: Any = window.workspace.live
    live._trace, live._extent = Trace(1, arrays, layers, 0.004), (steps, samples)
    live._set_stale(False)
    live.traced.emit(live._trace)


def states(window: MainWindow) -> Iterator[tuple[str, QWidget]]:
    """Every state, by name, with the widget to look over."""
    yield from _empty(window)
    yield from _tour(window)
    for name, kind in (("sunspots", "LSTM"), ("el_nino", "Bidirectional")):
        window.workspace.open(resource("examples", f"{name}.rnnd"))
        wait_for(lambda: window.workspace.samples.ready)
        give_trace(window)
        for layer in window.workspace.document.design.walk():
            window.selection.set((layer.id,))
            for page in range(3):
                window.left.show_page(page)
                window.right.show_page(page)
                yield f"{name}, {layer.name}, page {page}", window
        yield from _views(window, kind)
    yield from _data(window)
    yield from _kinds(window)
    yield from _cells(window)
    yield from _generation(window)
    yield from _training(window)
    yield from _troubles(window)
    window.workspace.open(resource("examples", "sunspots.rnnd"))
    yield from _dialogs(window)


def _empty(window: MainWindow) -> Iterator[tuple[str, QWidget]]:
    yield "empty", window
    for place in range(6):
        window.settings.remember_file(
            Path(f"/home/somebody/a folder with a long name/deeper/design {place}.rnnd")
        )
    window.files.recent_changed.emit()
    yield "empty with recent files", window
    for page in range(3):
        window.left.show_page(page)
        window.right.show_page(page)
        window.bottom_right.show_page(page % 2)
        yield f"empty, page {page}", window


def _tour(window: MainWindow) -> Iterator[tuple[str, QWidget]]:
    window.start_tour()
    tour: Any = window._tour
    while tour.running:
        yield f"hint {tour.place}", tour.callout
        tour.forward()


SMALL = QSize(600, 260)
"""As small as somebody may make a dock with a view, and still expect to read it."""

VIEWS = (
    "states",
    "unit",
    "cell",
    "unrolled",
    "weights",
    "saturation",
    "memory",
    "trajectory",
    "match",
    "compare",
)
"""Every view of a layer, the cell's in both its ways."""


def show_view(window: MainWindow, name: str) -> QWidget:
    """Bring one of :data:`VIEWS` to the front, at step 57, with all that it can show."""
    window.workspace.playback.go_to(57)
    window.scopes.show_view("cell" if name == "unrolled" else name)
    settle()
    view: Any = window.scopes.instruments.view
    match name:
        case "cell" | "unrolled":
            view.show_way("step" if name == "cell" else name)
        case "trajectory":
            view.points_button.choose("zero")
        case "match":
            view.brush.brushed.emit(30, 40)
        case "compare":
            give_trace(window)
            view.pin()
            give_trace(window, late=0.7)
    settle()
    return window.scopes


def _views(window: MainWindow, kind: str) -> Iterator[tuple[str, QWidget]]:
    """Every view of a layer of the traced design that is open, in the window and in a small dock."""
    answer_views(window)
    found = next(layer for layer in window.workspace.document.design.walk() if layer.kind == kind)
    window.selection.set((found.id,))
    for view in VIEWS:
        yield f"{view} of a {kind}", show_view(window, view)
        instrument = window.scopes.instruments.view
        if instrument is not None:
            size = instrument.size()
            instrument.resize(SMALL)
            yield f"{view} of a {kind} in a small dock", instrument
            instrument.resize(size)
    window.scopes.show_view("states")


def _data(window: MainWindow) -> Iterator[tuple[str, QWidget]]:
    from rnn_designer.catalog import FrozenMap
    from rnn_designer.design import DataSource
    from rnn_designer.sequences import GENERATORS

    document = window.workspace.document
    window.workspace.open(resource("examples", "sunspots.rnnd"))
    window.right.show_page(1)
    found = next(layer for layer in document.design.layers if layer.kind == "Input")
    window.selection.set((found.id,))
    for name in GENERATORS:
        document.apply(edits.set_data(found.id, DataSource(name, FrozenMap())), f"Feed {name}")
        yield f"data from {name}", window


def _kinds(window: MainWindow) -> Iterator[tuple[str, QWidget]]:
    """A form of every kind of layer, every section opened."""
    document = window.workspace.document
    for kind in CATALOG:
        window.workspace.new()
        document.apply(edits.add(new_layer(document.design, kind)), f"Add {kind}")
        window.selection.set(layer.id for layer in document.design.layers)
        window.right.show_page(0)
        settle()
        for section in window.properties.findChildren(Section):
            section.open(True)
        yield f"properties of {kind}", window
        window.right.show_page(2)
        yield f"explanation of {kind}", window


def _cells(window: MainWindow) -> Iterator[tuple[str, QWidget]]:
    """Stacks, states to begin from, layers called twice, and the code of cells."""
    from rnn_designer.catalog.cell_templates import minimal_cell
    from rnn_designer.design.edits.cell_code import keep_draft, set_code
    from rnn_designer.ui.cell_editor.trust_dialog import TrustDialog

    document = window.workspace.document
    window.workspace.new()
    rnn = new_layer(document.design, "RNN")
    document.apply(edits.add(rnn), "Add")
    stack = new_layer(document.design, "StackedRNNCells")
    document.apply(edits.set_child(rnn.id, 0, stack), "Put in")
    cell = new_layer(document.design, "CustomCell")
    document.apply(edits.insert_child(stack.id, 1, cell), "Add")
    document.apply(edits.set_parameter(rnn.id, "initial_state", ((0.5,) * 32, 0.25, 1.0, 0.0, 0.0)), "Set")
    lstm = new_layer(document.design, "LSTM", (600.0, 0.0))
    document.apply(edits.add(lstm), "Add")
    document.apply(edits.call_again(lstm.id, (600.0, 200.0)), "Call again")
    second = document.design.layers[-1]
    window.right.show_page(0)
    for layer_id in (rnn.id, stack.id, cell.id, lstm.id, second.id):
        window.selection.set((layer_id,))
        settle()
        for section in window.properties.findChildren(Section):
            section.open(True)
        for page in (0, 2):
            window.right.show_page(page)
            yield f"cells: {document.design.layer(layer_id).name}, page {page}", window
        window.right.show_page(0)
    dock = window.own_code.dock
    window.own_code.edit(cell.id)
    yield "code of a cell", dock
    dock.editor.find_bar.open()
    document.apply(keep_draft(cell.id, "class Half(\n"), "Type")
    yield "code that is no cell", dock
    document.apply(
        set_code(cell.id, minimal_cell().replace("MinimalCell", "ForeignCellWithALongName")), "Open"
    )
    yield "code that may not run", dock
    yield "notice of code that may not run", window
    window.bottom_right.show_page(1)
    window.canvas.show_fault(cell.id)
    yield "problem of code that may not run", window
    window.canvas.overlays.card.dismiss()
    dock.setFloating(False)
    yield "code in the window", window
    dock.put_away()
    dialog = TrustDialog(window.workspace, window)
    dialog.show()
    yield "question whether code may run", dialog
    dialog.close()
    dialog.deleteLater()
    window.notice.clear()


def _generation(window: MainWindow) -> Iterator[tuple[str, QWidget]]:
    """Off, on, refused, and a token model with an impossible number."""
    document = window.workspace.document
    window.workspace.open(resource("examples", "sunspots.rnnd"))
    window.bottom_right.show_page(2)
    yield "generation off", window
    document.apply(edits.set_generation(Generation(steps=10_000, prefix=60)), "Generate")
    yield "generation on", window
    output = next(layer for layer in document.design.layers if layer.kind == "Dense")
    document.apply(edits.set_parameter(output.id, "units", 5), "Set units")
    yield "generation refused", window
    vocabulary = 40
    text = Layer("t", "Input", "text", FrozenMap(shape=(None,), dtype="int32"))
    embedding = Layer("e", "Embedding", "embedding", FrozenMap(input_dim=vocabulary, output_dim=4))
    gru = Layer("g", "GRU", "memory", FrozenMap(units=4))
    last = Layer("d", "Dense", "next_token", FrozenMap(units=vocabulary))
    links = (Link("t", "e"), Link("e", "g"), Link("g", "d"))
    window.workspace.show(Design("writer", (text, embedding, gru, last), links, generation=Generation()))
    window.generate.temperature.field.edited.emit(-1.0)
    yield "generation of tokens", window
    window.bottom_right.show_page(0)


def _training(window: MainWindow) -> Iterator[tuple[str, QWidget]]:
    """Before, while and after; every page; several outputs of every kind of task; problems at their fields."""
    workspace: Any = window.workspace
    document = workspace.document
    workspace.open(resource("examples", "sunspots.rnnd"))
    wait_for(lambda: workspace.samples.ready)
    give_trace(window)
    window.right.show_page(3)
    window.bottom_right.show_page(3)
    for section in window.train.sections.values():
        section.open(True)
    yield "nothing trained yet", window
    settings = {
        "optimizer": Part("SGD", FrozenMap(learning_rate=0.00123, momentum=0.9)),
        "schedule": Part("CosineDecayRestarts", FrozenMap(first_decay_steps=1000)),
        "clipping": "global_norm",
        "patience": 12,
        "validation": 0.05,
        "batch_size": 4096,
    }
    document.apply(edits.change_training(**settings), "Set")
    wait_for(lambda: bool(window.train.preview.plan.sentence))
    bar = window.train.area.verticalScrollBar()
    for place in range(0, bar.maximum() + 1, max(1, window.train.area.height())):
        bar.setValue(place)
        yield f"settings of a training from {place}", window
    run = made_run(document.design, "A run with a rather long name, as people give them", state="running")
    workspace.runs.saved[run.id] = {epoch: {"m/kernel": numbers(epoch)} for epoch in range(13)}
    workspace.runs.give(made_run(document.design, "Run 1", state="interrupted"), run)
    workspace.trainer.tell(run, 13, 7, 123, eta=7300.0)
    workspace.epochs.follow()
    look_again(window)
    yield "a training under way", window
    workspace.trainer.become(TrainerState.PAUSED, "Paused in epoch 13 of 50, batch 7 of 123 · loss 0.1234")
    look_again(window)
    yield "a training paused", window
    workspace.trainer.become(TrainerState.IDLE, LONG, problem=True)
    workspace.epochs.go_to(run, 8)
    for page in PAGES:
        window.training.show_page(page)
        look_again(window)
        yield f"training: {page}", window
    window.right.show_page(2)
    window.explain.show_setting(window.train.optimizer.rows["optimizer"].parameter)
    yield "a setting explained", window
    window.right.show_page(3)
    out = next(layer for layer in document.design.layers if layer.kind == "Dense")
    window.selection.set((out.id,))
    window.scopes.show_view("target")
    yield "target and prediction", window
    window.scopes.show_view("states")
    window.right.show_page(0)
    window.bottom_right.show_page(0)
    workspace.epochs.leave()
    workspace.runs.give()
    window.notice.clear()


def numbers(epoch: int) -> Any:
    """A weight of some epoch."""
    import numpy

    return numpy.random.default_rng(epoch).normal(size=(8, 32)).astype(numpy.float32)


def look_again(window: MainWindow) -> None:
    """Let the training views show what has changed, without waiting for their next frame."""
    shown: Any = shown_run(window.workspace)
    wait_for(lambda: not shown._timer.isActive())


def _troubles(window: MainWindow) -> Iterator[tuple[str, QWidget]]:
    document = window.workspace.document
    window.workspace.show(Design("a_design_with_a_rather_long_name"))
    document.apply(edits.add(new_layer(document.design, "LSTM")), "Add LSTM")
    document.apply(edits.add(new_layer(document.design, "GRU", (260.0, 0.0))), "Add GRU")
    window.bottom_right.show_page(1)
    yield "problems", window
    layer = document.design.layers[0]
    window.canvas.show_fault(layer.id)
    yield "fault card", window
    window.canvas.overlays.card.dismiss()
    window.canvas.search_at(QPointF(0, 0))
    yield "search on the canvas", window
    window.canvas.overlays.search.hide()
    window.notice.say(LONG, kind="error", stay=True, action="Restart engine", do=lambda: None)
    yield "a long notice", window
    window.notice.clear()
    window.status.work.look()
    window.status.work._show()
    yield "work under way", window
    window.open_search()
    yield "command search", window.search
    window.search.hide()


def _dialogs(window: MainWindow) -> Iterator[tuple[str, QWidget]]:
    for name, action in (
        ("export", window.files.export),
        ("examples", window.show_examples),
        ("preferences", window.show_preferences),
        ("shortcuts", window.actions_table["shortcuts"].trigger),
    ):
        action()
        settle()
        for dialog in window.findChildren(QDialog):
            if dialog.isVisible():
                yield f"{name} dialog", dialog
                dialog.close()


def walk(width: int, height: int, scheme: str) -> list[str]:
    """Every fault in every state of a window of this size in this theme, each said once."""
    window = open_window(width, height, scheme)
    found: dict[str, str] = {}
    try:
        for name, widget in states(window):
            settle()
            if (window.width(), window.height()) != (width, height):
                found.setdefault(f"the window grew to {window.width()} × {window.height()}", name)
                window.resize(width, height)
            words = (fault for each in painting(widget) for fault in word_faults(each))
            for fault in (*faults(widget), *words):
                found.setdefault(fault, name)
    finally:
        close_window(window)
    return [f"[{name}] {fault}" for fault, name in found.items()]


def main() -> None:
    """Walk as the arguments say, and print what was found."""
    application = QApplication(sys.argv[:1])
    width, height, scheme = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    print(json.dumps({"ratio": application.devicePixelRatio(), "faults": walk(width, height, scheme)}))


if __name__ == "__main__":
    main()
