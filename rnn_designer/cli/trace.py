"""``rnn-designer trace``: outputs, states and gates at every step, into a file or a picture."""

import io
import os
from pathlib import Path
from typing import Any

import click

from rnn_designer.cli.common import Refusal, design_argument, load_checked, require_other_file, write
from rnn_designer.wording import counted


@click.command()
@design_argument
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Samples to use instead of the design's own: .npy, .npz (an array per Input), .csv, .tsv or .txt, "
    "taken as they are. An array with one axis less than the Input is one sample.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE.npz",
    help="Where the arrays go; DESIGN.trace.npz in the current folder without it.",
)
@click.option(
    "--plot", type=click.Path(path_type=Path), metavar="FILE.png", help="Also draw them as heat maps."
)
@click.option(
    "--trust-code",
    is_flag=True,
    help="Run custom cells that were not trusted before. Designs without custom cells do not need it.",
)
def trace(design: Path, data: Path | None, output: Path | None, plot: Path | None, trust_code: bool) -> int:
    """Run a DESIGN and write every output, state and gate at every step."""
    del trust_code  # No layer type of this version has code of its own to trust.
    checked = load_checked(design)
    if checked.errors:
        raise Refusal(f"{checked.errors[0].message} (“rnn-designer check” lists all problems.)")
    output = output or Path(f"{design.stem}.trace.npz")
    for target in (output, plot):
        if target is None:
            continue
        if os.path.isdir(target):
            raise Refusal(f"Could not save “{target}”: it is a folder. Give the name of a file.")
        require_other_file(target, design, data)
        if not os.path.isdir(target.absolute().parent):
            raise Refusal(f"Could not save “{target}”: there is no such folder. Choose another folder.")

    import numpy as np

    from rnn_designer.cli.data import require_room, samples
    from rnn_designer.cli.engine import application, build, worker
    from rnn_designer.messages import Run, Trace

    running = application(pictures=plot is not None)
    with worker() as engine:
        inputs = samples(checked, design, data)
        require_room(checked, inputs)
        build(engine, checked, design)
        traced = engine.ask(lambda run: Run(run, inputs), Trace)
    content = io.BytesIO()
    arrays: dict[str, Any] = dict(traced.arrays)
    np.savez(content, **arrays)
    write(output, content.getvalue())
    click.echo(f"Wrote {output}: {counted(len(traced.arrays), 'array')} in {traced.seconds:.3f} s")
    for name, array in traced.arrays.items():
        click.echo(f"  {name:<40} {'×'.join(map(str, array.shape)):>16}  {array.dtype}")
    if plot is not None:
        from rnn_designer.ui.figure import picture

        write(plot, picture(checked.design, traced))
        click.echo(f"Wrote {plot}")
    del running
    return 0
