"""``rnn-designer trace``: outputs, states and gates at every step, into a file or a picture."""

import io
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rnn_designer.cli.common import Refusal, design_argument, load_checked, require_other_file, write
from rnn_designer.wording import counted

if TYPE_CHECKING:
    from rnn_designer.design import Checked


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
    help="Run custom cells that you have not trusted yet, this time only. Without it they are left out, and so "
    "is everything that follows them.",
)
@click.option(
    "--training",
    is_flag=True,
    help="Run as in training: dropout and noise act, and normalization uses the statistics of the batch.",
)
@click.option(
    "--draw",
    type=click.IntRange(min=0, max=2**31 - 1),
    metavar="N",
    help="Which random numbers dropout and noise get with --training; 0 without it. A number always gives the same.",
)
def trace(
    design: Path,
    data: Path | None,
    output: Path | None,
    plot: Path | None,
    trust_code: bool,
    training: bool,
    draw: int | None,
) -> int:
    """Run a DESIGN and write every output, state and gate at every step."""
    if draw is not None and not training:
        raise Refusal(
            f"Received --draw {draw} without --training; nothing is drawn in prediction. Add --training."
        )
    checked = load_checked(design)
    if checked.errors:
        raise Refusal(f"{checked.errors[0].message} (“rnn-designer check” lists all problems.)")
    checked, left_out = _trusted_part(checked, trust_code)
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
    from rnn_designer.design.training import acts_in_training
    from rnn_designer.messages import Run, Trace

    running = application(pictures=plot is not None)
    with worker() as engine:
        inputs = samples(checked, design, data)
        require_room(checked, inputs)
        build(engine, checked, design, trust_code=trust_code)
        traced = engine.ask(lambda run: Run(run, inputs, training, draw or 0), Trace)
    content = io.BytesIO()
    arrays: dict[str, Any] = dict(traced.arrays)
    np.savez(content, **arrays)
    write(output, content.getvalue())
    mode = f", as in training (draw {draw or 0})" if traced.training else ""
    click.echo(f"Wrote {output}: {counted(len(traced.arrays), 'array')} in {traced.seconds:.3f} s{mode}")
    for name, array in traced.arrays.items():
        click.echo(f"  {name:<40} {'×'.join(map(str, array.shape)):>16}  {array.dtype}")
    if training and not any(map(acts_in_training, checked.design.walk())):
        click.echo(
            "Nothing in this design acts in training only: these are the values of prediction.", err=True
        )
    if left_out:
        click.echo(left_out, err=True)
    if plot is not None:
        from rnn_designer.ui.figure import picture

        write(plot, picture(checked.design, traced))
        click.echo(f"Wrote {plot}")
    del running
    return 0


def _trusted_part(checked: "Checked", trust_code: bool) -> tuple["Checked", str]:
    """The part of a design that may run, and what to say of the rest; empty if it is the whole.

    Raises:
        Refusal: if nothing is left.
    """
    from rnn_designer.cli.engine import untrusted
    from rnn_designer.codegen import runnable_part
    from rnn_designer.session.reasons import not_traced

    foreign = untrusted(checked, trust_code)
    if not foreign:
        return checked, ""
    whole = runnable_part(checked)
    part = runnable_part(checked, frozenset(layer.id for layer in foreign))
    kept = {layer.id for layer in part.design.layers} if part is not None else set()
    computing = [] if whole is None else [layer for layer in whole.design.layers if layer.type.inputs]
    rest = [layer for layer in computing if layer.id not in kept]
    sentence = not_traced(rest, foreign)
    if part is None:
        raise Refusal(sentence)
    return part, sentence
