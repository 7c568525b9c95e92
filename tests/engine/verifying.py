"""Holds the exported program of a design against its trace, in one process for the sake of speed.

``tests/cli/test_verify_command.py`` does the same with all the processes that the command starts.
"""

from __future__ import annotations

import json
import runpy
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import numpy

from rnn_designer.codegen import Style, formatted, generate, runnable_part
from rnn_designer.design import Design, check, files
from rnn_designer.design.weights import load_weights
from rnn_designer.engine.build import BuiltModel
from rnn_designer.engine.configuration import configuration_of
from rnn_designer.engine.trace import Tracer
from rnn_designer.messages import Trace
from rnn_designer.paths import resource
from rnn_designer.session.request import planned_layers
from rnn_designer.session.verification import Record, Verification, compare

STEPS = 6


def samples(model: Any) -> dict[str, Any]:
    """Numbers of the right shape and type for every Input, few of each."""
    random = numpy.random.default_rng(5)
    found = {}
    for tensor in model.inputs:
        first, *rest = tensor.shape
        shape = (first or 2, *(STEPS if size is None else size for size in rest))
        whole = keras.backend.is_int_dtype(tensor.dtype)
        found[tensor.name] = (
            random.integers(0, 4, shape).astype(tensor.dtype)
            if whole
            else random.normal(size=shape).astype("float32")
        )
    return found


def verified(
    design: Design,
    path: Path | None = None,
    *,
    style: Style = "auto",
    altered: Callable[[str], str] = lambda text: text,
    use: Callable[[Any], None] = lambda model: None,
) -> Verification:
    """What comes of verifying a design.

    Args:
        design: a design without errors.
        path: its file, if it carries weights.
        style: of the program.
        altered: what is done to the exported text before it runs.
        use: what is done with the model that the program built.
    """
    checked = check(design)
    part = runnable_part(checked)
    assert part is not None
    built = BuiltModel(generate(checked).text, planned_layers(part))
    weights = load_weights(files.weights_path(design, path)) if path is not None and design.weights else {}
    built.fill(weights, design.seed, lambda: None)
    inputs = samples(built.model)
    tracer = Tracer(built.model, built.layers, built.placed)
    trace = Trace(1, tracer.run(inputs), tracer.layers, 0.0)
    configuration = configuration_of(built.model)
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "model.py")
        form = built.model if style == "auto" else built.in_another_form(generate(checked, style=style).text)
        form.save_weights(Path(folder, "model.weights.h5"))
        text = formatted(generate(checked, style=style, weights_file="model.weights.h5")).text
        program.write_text(altered(text), encoding="utf-8")
        keras.utils.clear_session()
        model = runpy.run_path(str(program), run_name="exported")["build_model"]()
    probe = runpy.run_path(str(resource("verification", "probe.py")))
    use(model)
    content, arrays = probe["record_of"](model, [inputs[tensor.name] for tensor in built.model.inputs])
    return compare(part, trace, configuration, Record(json.loads(json.dumps(content)), arrays))
