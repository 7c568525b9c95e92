"""The window shows before anything heavy is imported."""

import subprocess
import sys


def test_that_importing_the_session_imports_nothing_heavy() -> None:
    heavy = (
        "numpy",
        "polars",
        "pydantic",
        "tensorflow",
        "keras",
        "h5py",
        "PySide6.QtWidgets",
        "PySide6.QtGui",
    )
    code = (
        "import sys, rnn_designer.session as session;"
        "from PySide6.QtCore import QCoreApplication;"
        "application = QCoreApplication([]); workspace = session.Workspace();"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=True
    )
    assert done.stdout.strip() == "[]"
    assert done.stderr == ""
