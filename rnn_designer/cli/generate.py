"""``rnn-designer generate``: the model continues its samples by itself, into a file of arrays or of text."""

import io
import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rnn_designer.cli.common import Refusal, design_argument, load_checked, require_other_file, write
from rnn_designer.wording import counted

if TYPE_CHECKING:
    from rnn_designer.design import Checked
    from rnn_designer.design.generating import Feedback


@click.command()
@design_argument
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Samples to continue instead of the design's own: .npy, .npz, .csv, .tsv or .txt, taken as they are. An "
    "array with one axis less than the Input is one sample.",
)
@click.option(
    "--steps", type=int, metavar="N", help="How many steps to add; the design's own number without it."
)
@click.option(
    "--prefix", type=int, metavar="N", help="How many steps of each sample to start from; all without it."
)
@click.option(
    "--temperature",
    type=float,
    metavar="T",
    help="Of a token model: 0 takes the likeliest token, 1 draws by the model's probabilities.",
)
@click.option("--seed", type=int, metavar="S", help="Of a token model's draws.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE.npz|FILE.txt",
    help="Where the arrays of the whole run go, or the text; DESIGN.generated.npz in the current folder without it.",
)
@click.option(
    "--trust-code",
    is_flag=True,
    help="Run custom cells that you have not trusted yet, this time only.",
)
def generate(
    design: Path,
    data: Path | None,
    steps: int | None,
    prefix: int | None,
    temperature: float | None,
    seed: int | None,
    output: Path | None,
    trust_code: bool,
) -> int:
    """Let the model of a DESIGN continue its samples, each prediction being its next input."""
    wanted = {"steps": steps, "prefix": prefix, "temperature": temperature, "seed": seed}
    checked, found = _generating(
        load_checked(design), {key: each for key, each in wanted.items() if each is not None}
    )
    output = output or Path(f"{design.stem}.generated.npz")
    as_text = output.suffix.lower() == ".txt"
    if as_text and found.tokens is None:
        raise Refusal(
            f"“{output}” would hold text, and this model generates numbers. Give the name of a .npz file."
        )
    if os.path.isdir(output):
        raise Refusal(f"Could not save “{output}”: it is a folder. Give the name of a file.")
    require_other_file(output, design, data)
    if not os.path.isdir(output.absolute().parent):
        raise Refusal(f"Could not save “{output}”: there is no such folder. Choose another folder.")

    import numpy as np

    from rnn_designer.cli.data import require_room, samples, vocabulary
    from rnn_designer.cli.engine import application, build, worker
    from rnn_designer.codegen import runnable_part
    from rnn_designer.messages import Trace
    from rnn_designer.session.generating import continuation, spelled

    part = runnable_part(checked)
    continued = None if part is None else continuation(part)
    if continued is None:
        raise Refusal("There is nothing to run yet: connect an Input to a layer.")
    running = application()
    with worker() as engine:
        inputs = samples(checked, design, data)
        ((name, start),) = ((each, continued.start(array)) for each, array in inputs.items())
        length = start.shape[1] + continued.settings.steps
        require_room(checked, {name: np.broadcast_to(start[:, :1], (len(start), length, *start.shape[2:]))})
        known, unit = (
            vocabulary(checked.design, design, found.input) if found.tokens is not None else ((), "")
        )
        if as_text and not known:
            raise Refusal(
                f"“{found.input.name}” is fed from no text that would name its tokens. Give the name of a .npz file."
            )
        build(engine, checked, design, trust_code=trust_code)
        traced = engine.ask(lambda run: continued.message(run, inputs, growing=False), Trace)
    del running
    sequence = traced.arrays[f"{name}/input"]
    texts = [spelled(map(int, each), known, unit) for each in sequence] if known else []
    if as_text:
        write(output, ("\n\n".join(texts) + "\n").encode())
    else:
        content = io.BytesIO()
        arrays: dict[str, Any] = {**traced.arrays, f"{name}/generated": sequence[:, traced.generated :]}
        np.savez(content, **arrays)
        write(output, content.getvalue())
    added = counted(continued.settings.steps, "step")
    click.echo(f"Wrote {output}: {added} behind {start.shape[1]} of {counted(len(sequence), 'sample')}")
    for text in () if as_text else texts:
        click.echo(text)
    return 0


def _generating(checked: "Checked", wanted: dict[str, Any]) -> tuple["Checked", "Feedback"]:
    """The design with generation on, and what is fed back in it.

    Raises:
        Refusal: if it has errors, cannot generate, or the settings are impossible.
    """
    from rnn_designer.design import Generation, Refused, check, edits
    from rnn_designer.design.generating import Feedback, feedback

    if checked.errors:
        raise Refusal(f"{checked.errors[0].message} (“rnn-designer check” lists all problems.)")
    settings = replace(checked.design.generation or Generation(), **wanted)
    try:
        checked = check(edits.set_generation(settings)(checked.design))
    except Refused as refusal:
        raise Refusal(str(refusal)) from None
    found = feedback(checked.design, checked.shapes)
    if not isinstance(found, Feedback):
        raise Refusal(found[0].message)
    return checked, found
