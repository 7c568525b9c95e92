"""Takes the pictures of README and of screenshots/views.md in the real window, with its real worker, on any screen.

``python packaging/screenshots.py`` takes them all anew; names as in ``view_pictures.PICTURES``, or ``window``, take
only those. ``--dark``, ``--size 1920x1080``, ``--height 320`` (of the scopes), ``--width`` and ``--to FOLDER`` are for
looking.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import monotonic

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["RNN_DESIGNER_CONFIG"] = tempfile.mkdtemp()

from PySide6.QtCore import QEventLoop, QSize, Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from view_pictures import PICTURES, Picture

from rnn_designer.paths import resource
from rnn_designer.session import EngineState
from rnn_designer.ui.application import make_window
from rnn_designer.ui.main_window import MainWindow

HERE = Path(__file__).resolve().parent / "screenshots"
SIZE = QSize(1440, 900)
WIDTH = 1080
PATIENCE = 120.0
QUIET = 0.6
"""For how many seconds nothing may be under way before a picture is taken."""


def go_on(milliseconds: int = 50) -> None:
    """Let the program do what it has to do."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def wait_for(condition: Callable[[], bool], what: str) -> None:
    """Let the program go on until something holds, or end it when that takes too long."""
    until = monotonic() + PATIENCE
    while not condition():
        if monotonic() > until:
            sys.exit(f"{what} did not come in time.")
        go_on()


def settle(window: MainWindow) -> None:
    """Wait until the worker has answered everything and all is painted."""
    since = monotonic()
    until = since + PATIENCE
    while monotonic() - since < QUIET:
        if monotonic() > until:
            sys.exit("The engine did not come to rest in time.")
        go_on()
        live = window.workspace.live
        working = window.workspace.engine.state is not EngineState.READY or window.workspace.analyses.waiting
        if working or live.stale or live.trace is None:
            since = monotonic()


def save(image: QImage, path: Path) -> None:
    """Write a picture without the transparency that nothing here has, as small as PNG can."""
    # Qt's scale: 0 compresses most.
    image.convertToFormat(QImage.Format.Format_RGB888).save(str(path), "PNG", 0)
    print(path, f"{path.stat().st_size / 1000:.0f} kB")


def open_design(window: MainWindow, name: str) -> None:
    """Open an example and wait for its first run."""
    window.workspace.open(resource("examples", f"{name}.rnnd"))
    wait_for(lambda: window.workspace.live.trace is not None, "The first trace")
    settle(window)
    window.canvas.fit()


def set_size(window: MainWindow, width: int, height: int) -> None:
    """Give the scopes a size."""
    docks = [window.bottom_left, window.bottom_right]
    window.resizeDocks(docks, [height, height], Qt.Orientation.Vertical)
    window.resizeDocks(docks, [width, window.width() - width], Qt.Orientation.Horizontal)


def take(window: MainWindow, name: str, picture: Picture, wanted: argparse.Namespace) -> None:
    """Bring the window into the state that a picture shows, and save it."""
    set_size(window, wanted.width, wanted.height or picture.height)
    open_design(window, picture.design)
    picture.prepare(window)
    settle(window)
    picture.finish(window)
    settle(window)
    shown = window if wanted.whole else picture.widget(window)
    save(shown.grab().toImage(), wanted.to / f"{name}.png")
    picture.leave(window)


def take_window(window: MainWindow, to: Path) -> None:
    """The pictures of README: the whole window in both themes."""
    window.reset_layout()
    open_design(window, "sunspots")
    window.workspace.playback.go_to(57)
    for scheme in ("light", "dark"):
        window.set_scheme(scheme)
        settle(window)
        save(window.grab().toImage(), to / f"{scheme}.png")


def main() -> None:
    """Take the pictures that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--dark", action="store_true")
    parser.add_argument("--size", default=f"{SIZE.width()}x{SIZE.height()}")
    parser.add_argument("--width", type=int, default=WIDTH)
    parser.add_argument("--height", type=int, default=0)
    parser.add_argument("--whole", action="store_true", help="the whole window, whatever a picture shows")
    parser.add_argument("--to", type=Path, default=HERE)
    wanted = parser.parse_args()
    wanted.to.mkdir(parents=True, exist_ok=True)
    application = QApplication(sys.argv[:1])
    window = make_window(resource("examples", "sunspots.rnnd"))
    window.resize(*(int(each) for each in wanted.size.split("x")))
    window.show()
    window.set_scheme("dark" if wanted.dark else "light")
    wait_for(lambda: window.workspace.live.trace is not None, "The first trace")
    for name in wanted.names or PICTURES:
        if name in PICTURES:
            take(window, name, PICTURES[name], wanted)
    if not wanted.names or "window" in wanted.names:
        take_window(window, wanted.to)
    window.close_now()
    application.quit()


if __name__ == "__main__":
    main()
