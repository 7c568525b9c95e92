"""What a scope shows, as files: pictures that look like the screen, numbers that are the trace's own."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QFileDialog

from rnn_designer.paths import resource
from rnn_designer.ui import settings as keys
from rnn_designer.ui.scopes import Scopes
from rnn_designer.ui.settings import Settings


@pytest.fixture
def scopes(bench: Any, trace: Any) -> Scopes:
    panel = Scopes(bench.workspace, bench.selection)
    bench.show(panel)
    bench.selection.set(["mem"])
    bench.workspace.give(trace)
    return panel


def _rendered(path: Path, size: QSize) -> QImage:
    renderer = QSvgRenderer(str(path))
    assert renderer.isValid()
    image = QImage(size, QImage.Format.Format_RGB32)
    image.fill(QColor("#ff00ff"))
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    return image


def _apart(one: QColor, other: QColor) -> int:
    return max(abs(one.red() - other.red()), abs(one.green() - other.green()), abs(one.blue() - other.blue()))


@pytest.mark.parametrize("samples", ["one", "maps"])
@pytest.mark.parametrize("zoomed", [False, True])
def test_that_an_svg_drawing_shows_the_heat_map_as_the_screen_does(
    scopes: Scopes, bench: Any, tmp_path: Path, samples: str, zoomed: bool
) -> None:
    scopes.show_samples(samples)
    plot = scopes.plot
    bench.workspace.playback.go_to(50)
    if zoomed:
        plot.show_window(plot.window_in_view.zoomed(0.5, 20))
    assert scopes.save(tmp_path / "h.svg")
    drawing = _rendered(tmp_path / "h.svg", plot.size())
    screen = plot.grab().toImage()
    assert plot.picture is not None
    places = []
    grid, frame = plot.grid_now(), plot.frame_now()
    rects = [each.plot for each in grid.cells] if grid is not None else list(frame.bands)
    window = plot.window_in_view
    for rect in rects:
        for unit in range(plot.picture.main.units):
            for step in range(int(window.first) + 2, int(window.last) - 1, 5):
                x = rect.left() + (step - window.first) / (window.last - window.first) * rect.width()
                y = rect.top() + (unit + 0.5) * rect.height() / plot.picture.main.units
                places.append((int(x), int(y)))
    differences = [_apart(screen.pixelColor(*place), drawing.pixelColor(*place)) for place in places]
    # Narrow cells meet within a pixel, where each renderer rounds its own way.
    assert np.median(differences) <= 3
    assert np.mean(np.array(differences) > 40) < 0.1
    # Nothing reaches beyond the plot: the gutters are the same but for the shape of letters.
    left = int(rects[0].left())
    for y in range(int(frame.plot.top()), int(frame.plot.bottom())):
        assert _apart(drawing.pixelColor(1, y), screen.pixelColor(1, y)) < 60, (left, y)


@pytest.mark.parametrize("layer", ["mem", "den", "bi"])
def test_that_every_kind_of_picture_can_be_saved_as_everything(
    scopes: Scopes, bench: Any, tmp_path: Path, layer: str
) -> None:
    bench.selection.set([layer])
    for suffix in (".png", ".svg", ".csv", ".npz"):
        assert scopes.save(tmp_path / f"{layer}{suffix}")
    assert not list(tmp_path.glob("*.part"))
    assert _rendered(tmp_path / f"{layer}.svg", QSize(300, 100)).pixelColor(1, 1) != QColor("#ff00ff")


def test_that_arrays_are_saved_under_the_traces_names_for_all_samples(
    scopes: Scopes, tmp_path: Path, trace: Any
) -> None:
    scopes.chips.chip("all").click()
    assert scopes.save(tmp_path / "all.npz")
    with np.load(tmp_path / "all.npz", allow_pickle=False) as arrays:
        assert set(arrays) == {
            *(f"memory/state/{name}" for name in "hc"),
            *(f"memory/gate/{name}" for name in ("input", "forget", "candidate", "output")),
            "sunspots/input",
        }
        for name in arrays:
            np.testing.assert_array_equal(arrays[name], trace.arrays[name])


def test_that_numbers_of_all_samples_have_a_row_for_each_sample_and_step(
    scopes: Scopes, tmp_path: Path, trace: Any
) -> None:
    scopes.show_samples("lines")
    assert scopes.save(tmp_path / "h.csv")
    lines = (tmp_path / "h.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("sample,step,h unit 0,")
    values = np.array([line.split(",") for line in lines[1:]], dtype=np.float32)
    np.testing.assert_array_equal(values[:, 2:].reshape(3, 60, 12), trace.arrays["memory/state/h"])
    np.testing.assert_array_equal(values[::60, 0], [0, 1, 2])


def test_that_names_are_suggested_and_the_folder_is_remembered(
    scopes: Scopes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []
    answers: list[str] = []

    def _answer(_parent: object, _title: str, place: str, _kinds: str) -> tuple[str, str]:
        asked.append(Path(place))
        return answers.pop(0), ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", _answer)
    folder = tmp_path / "Bilder ščž"
    folder.mkdir()
    entries = scopes.save_button.menu().actions()
    answers += [str(folder / "mine"), "", ""]
    entries[0].trigger()
    assert asked[-1].name == "memory-h.png"
    assert (folder / "mine.png").exists(), "the suffix is added where it was not typed"
    scopes.chips.chip("all").click()
    entries[1].trigger()
    assert asked[-1] == folder / "memory-signals.svg"
    scopes.chips.chip("f").click()
    scopes.show_samples("maps")
    entries[3].trigger()
    assert asked[-1] == folder / "memory-f-samples.npz"


def test_that_a_name_without_suffix_replaces_no_file_nobody_was_asked_about(
    scopes: Scopes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.csv").write_text("precious", encoding="utf-8")
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(tmp_path / "mine"), ""))
    said: list[str] = []
    scopes.noticed.connect(said.append)
    scopes.save_button.menu().actions()[2].trigger()
    assert (tmp_path / "mine.csv").read_text(encoding="utf-8") == "precious"
    assert said == ["“mine.csv” exists already. Choose it in the list to replace it."]


def test_that_failures_leave_the_old_file_and_nothing_else(
    scopes: Scopes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import os

    def _full(_part: object, _path: object) -> None:
        raise OSError(28, "No space left on device")

    said: list[str] = []
    scopes.noticed.connect(said.append)
    for suffix in ("png", "svg", "csv", "npz"):
        path = tmp_path / f"h.{suffix}"
        path.write_text("old", encoding="utf-8")
        with monkeypatch.context() as patched:
            patched.setattr(os, "replace", _full)
            assert not scopes.save(path)
        assert path.read_text(encoding="utf-8") == "old"
        assert said[-1] == (
            f"Could not save “h.{suffix}”: the disk is full. The file on disk is as it was. "
            "Free some space, or save somewhere else."
        )
    assert sorted(each.name for each in tmp_path.iterdir()) == ["h.csv", "h.npz", "h.png", "h.svg"]


@pytest.mark.parametrize("place", [None, resource("examples") / "sunspots.rnnd"])
def test_that_a_folder_that_is_gone_or_the_programs_own_is_not_suggested(
    scopes: Scopes, bench: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: Path | None
) -> None:
    if place is not None:
        bench.workspace.document.mark_saved(place)
    Settings().put(keys.PLOT_FOLDER, str(tmp_path / "gone"))
    asked: list[Path] = []

    def _answer(_parent: object, _title: str, place: str, _kinds: str) -> tuple[str, str]:
        asked.append(Path(place))
        return "", ""

    monkeypatch.setattr(QFileDialog, "getSaveFileName", _answer)
    scopes.save_button.menu().actions()[0].trigger()
    assert asked[0].parent in (Path.home(), Path.home() / "Documents")
