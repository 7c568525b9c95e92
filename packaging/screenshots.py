"""Takes the README's pictures of the real window: python packaging/screenshots.py, on any screen.

Opens the designer on an example with its real worker, waits until the plots are there, moves the cursor, and writes
packaging/screenshots/light.png and dark.png.
"""

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["RNN_DESIGNER_CONFIG"] = tempfile.mkdtemp()

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from rnn_designer.paths import resource
from rnn_designer.ui.application import make_window

HERE = Path(__file__).resolve().parent / "screenshots"
PATIENCE = 120_000


def wait_for(signal: object) -> None:
    """Run the event loop until a signal comes, or end the program when it does not."""
    loop = QEventLoop()
    signal.connect(loop.quit)
    QTimer.singleShot(PATIENCE, lambda: sys.exit("The engine gave no trace in time."))
    loop.exec()


def settle(milliseconds: int = 600) -> None:
    """Let everything be painted that is still to come."""
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def main() -> None:
    """Take both pictures."""
    application = QApplication(sys.argv[:1])
    window = make_window(resource("examples", "sunspots.rnnd"))
    window.resize(1440, 900)
    window.show()
    wait_for(window.workspace.live.traced)
    window.workspace.playback.go_to(57)
    for scheme in ("light", "dark"):
        window.set_scheme(scheme)
        settle()
        picture = HERE / f"{scheme}.png"
        window.grab().save(str(picture))
        print(picture)
    window.close()
    application.quit()


if __name__ == "__main__":
    main()
