"""``rnn-designer train``: train a design on its data, just as the window does, and save what was learned."""

from pathlib import Path

import click

from rnn_designer.cli.common import Refusal, design_argument, load_checked

DESIGN, ARRAYS, KERAS = ".rnnd", ".weights.npz", ".weights.h5"


@click.command()
@design_argument
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="A data file to learn from instead of the design's own; columns, steps and scaling stay as in the design.",
)
@click.option(
    "--epochs",
    type=click.IntRange(min=1),
    metavar="N",
    help="How often to go through the samples; the design's own number without it.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    metavar="FILE",
    help="Where the result goes: a design with its weights beside it (.rnnd), or only the weights, for this program "
    "(.weights.npz) or for Keras (.weights.h5).",
)
@click.option(
    "--trust-code", is_flag=True, help="Run custom cells that you have not trusted yet, this time only."
)
def train(design: Path, data: Path | None, epochs: int | None, output: Path, trust_code: bool) -> int:
    """Train a DESIGN and save it with what it learned.

    Ctrl-C ends the training; the best epoch until then is saved all the same.
    """
    checked = load_checked(design)
    if checked.errors:
        raise Refusal(f"{checked.errors[0].message} (“rnn-designer check” lists all problems.)")
    _require_output(output)

    from rnn_designer.cli.training import train_design

    return train_design(checked.design, design, output, data, epochs, trust_code=trust_code)


def _require_output(output: Path) -> None:
    """Refuse a place to which nothing could be written, before hours of training.

    Raises:
        Refusal: with the names that would do.
    """
    name = output.name.lower()
    if not name.endswith((DESIGN, ARRAYS, KERAS)):
        raise Refusal(
            f"“{output}” is no name for a trained design: expected one that ends in {DESIGN}, {ARRAYS} or {KERAS}."
        )
    if output.is_dir():
        raise Refusal(f"Could not save “{output}”: it is a folder. Give the name of a file.")
    if not output.absolute().parent.is_dir():
        raise Refusal(f"Could not save “{output}”: there is no such folder. Choose another folder.")
