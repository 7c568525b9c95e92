"""Why a design, or part of it, is not run: the sentences behind a status bar that shows no trace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnn_designer.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rnn_designer.design import Checked, Layer
    from rnn_designer.session.request import Model
    from rnn_designer.session.samples import SampleStore


def nothing_to_run(checked: Checked, untrusted: Sequence[Layer] = ()) -> str:
    """Why no layer at all can run, given which cells may not."""
    design = checked.design
    if not design.layers:
        return "Nothing to run yet: put an Input and a layer on the canvas."
    errors = len(checked.errors)
    if errors and design.links:
        return f"Nothing can run yet: mend the {f'{errors} errors' if errors > 1 else 'error'} first."
    if untrusted and checked.runnable:
        return f"Not run: {_names(untrusted)} came with a file and is not trusted yet. Read it, then decide."
    return "Nothing to run yet: connect an Input to a layer."


def left_out(untrusted: Sequence[Layer]) -> str:
    """What to add to the status of a run without these cells; empty without any."""
    return f"; left out: {_names(untrusted)}, not trusted yet" if untrusted else ""


def ended_twice(how: str) -> str:
    """Why a design is left alone with which the engine ended again; ``how`` is the sentence about its end."""
    return f"{how} It happened twice with this design, so it is not run again before you change it."


def not_traced(layers: Sequence[Layer], untrusted: Sequence[Layer]) -> str:
    """What the command line says of the layers that it has no trace of."""
    names = ", ".join(f"“{layer.name}”" for layer in layers)
    return (
        f"Not traced: {names}, because {_names(untrusted)} is not trusted. Read the code in the design; "
        "--trust-code runs it."
    )


def _names(untrusted: Sequence[Layer]) -> str:
    if len(untrusted) == 1:
        return f"the code of “{untrusted[0].name}”"
    return f"the code of {counted(len(untrusted), 'cell')} (“{untrusted[0].name}” …)"


def problem_with_samples(model: Model, samples: SampleStore) -> str | None:
    """What keeps the samples from being fed to a model, or None."""
    batches = []
    for layer in model.inputs:
        problem = samples.problem(layer.id)
        array = samples.array(layer.id)
        if problem is not None or array is None:
            return f"Input “{layer.name}”: {problem or 'it has no samples yet.'}"
        batches.append((layer.name, len(array)))
    for name, batch in batches[1:]:
        if batch != batches[0][1]:
            return (
                f"Input “{batches[0][0]}” has {batches[0][1]} samples and Input “{name}” has {batch}: "
                "give both the same batch size in the data panel."
            )
    return None
