"""``rnn-designer import``: a model file becomes a design that the other commands take; bad input gives a sentence."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rnn_designer.design import files

MODEL = {
    "class_name": "Sequential",
    "config": {
        "name": "theirs",
        "layers": [
            {"class_name": "InputLayer", "config": {"name": "x", "batch_shape": [None, None, 2]}},
            {"class_name": "LSTM", "config": {"name": "memory", "units": 3}},
        ],
    },
}


def test_that_a_model_becomes_a_design(command: Callable[..., Any], tmp_path: Path) -> None:
    model = tmp_path / "model.json"
    model.write_text(json.dumps(MODEL))
    outcome = command("import", str(model), "-o", str(tmp_path / "mine"))
    assert outcome.code == 0
    assert "2 layers" in outcome.err
    assert [layer.kind for layer in files.load(tmp_path / "mine.rnnd").layers] == ["Input", "LSTM"]
    assert command("check", str(tmp_path / "mine.rnnd")).code == 0


def test_that_bad_input_ends_with_a_sentence_and_writes_nothing(
    command: Callable[..., Any], tmp_path: Path
) -> None:
    bad = tmp_path / "bad.keras"
    bad.write_bytes(b"PK nothing")
    outcome = command("import", str(bad), "-o", str(tmp_path / "mine.rnnd"))
    assert outcome.code == 2
    assert "no zip archive" in outcome.err
    assert not (tmp_path / "mine.rnnd").exists()
    assert command("import", str(bad), "-o", str(tmp_path / "mine.py")).code == 2
    assert command("import", str(tmp_path / "none.h5"), "-o", str(tmp_path / "mine.rnnd")).code == 2


def test_that_importing_needs_neither_keras_nor_qt(tmp_path: Path) -> None:
    model = tmp_path / "model.json"
    model.write_text(json.dumps(MODEL))
    code = (
        "import sys; from rnn_designer.cli import run;"
        f"code = run(['import', {str(model)!r}, '-o', {str(tmp_path / 'mine.rnnd')!r}]);"
        "print(code, sorted({'keras', 'tensorflow', 'PySide6'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=300, check=True
    )
    assert done.stdout.strip() == "0 []"
