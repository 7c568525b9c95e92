"""``rnn-designer export``: the design as a Keras program, and its weights beside it."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from rnn_designer.cli.common import (
    STANDARD_OUTPUT,
    Refusal,
    design_argument,
    load_checked,
    require_other_file,
    write,
)

if TYPE_CHECKING:
    from rnn_designer.codegen import Style
    from rnn_designer.design import Checked


@click.command()
@design_argument
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default=STANDARD_OUTPUT,
    metavar="FILE.py",
    help="Where the program goes; standard output without it.",
)
@click.option(
    "--style",
    type=click.Choice(["auto", "sequential", "functional", "subclass"]),
    default="auto",
    show_default=True,
    help="auto: Sequential where the design is a chain, Functional otherwise. subclass: a class of its own, "
    "registered for saved models.",
)
@click.option(
    "--weights",
    is_flag=True,
    help="Also write FILE.weights.h5, the weights that a trace uses; build_model() loads them.",
)
@click.option(
    "--training",
    is_flag=True,
    help="Write the program that also trains the model on the design's data, keeps the best epoch and tests it. "
    "Samples that it cannot read itself go beside it.",
)
@click.option(
    "--trust-code",
    is_flag=True,
    help="With --weights: run custom cells that were not trusted before. The program alone needs no run.",
)
def export(design: Path, output: Path, style: str, weights: bool, training: bool, trust_code: bool) -> int:
    """Write a DESIGN as a Keras program."""
    from rnn_designer.codegen import NotExportable, formatted, generate

    if weights and output == STANDARD_OUTPUT:
        raise Refusal("The weights go beside the program: say where that is with -o FILE.py.")
    if training and output == STANDARD_OUTPUT:
        raise Refusal("The samples may go beside the program: say where that is with -o FILE.py.")
    checked = load_checked(design)
    if output != STANDARD_OUTPUT:
        require_other_file(output, design)
    weights_path = output.with_name(f"{output.stem}.weights.h5") if weights else None
    weights_name = None if weights_path is None else weights_path.name
    files: Mapping[str, bytes] = {}
    words = ""
    try:
        if training:
            from rnn_designer.cli.training_program import training_program

            exported = training_program(checked.design, design, output, weights_name)
            source, files, words = exported.source, exported.files, exported.words
        else:
            source = generate(checked, style=cast("Style", style), weights_file=weights_name)
    except NotExportable as problem:
        raise Refusal(_with_layer(checked, problem)) from None
    text = formatted(source).text
    if weights_path is not None:
        from rnn_designer.cli.engine import weights_file

        content = weights_file(checked, design, cast("Style", style), trust_code=trust_code)
        write(weights_path, content)
        click.echo(f"Wrote {weights_path}", err=True)
    for name, content in files.items():
        require_other_file(output.with_name(name), design)
        write(output.with_name(name), content)
        click.echo(f"Wrote {output.with_name(name)}", err=True)
    if output == STANDARD_OUTPUT:
        click.echo(text, nl=False)
    else:
        write(output, text.encode())
        click.echo(f"Wrote {output}", err=True)
        if words:
            click.echo(words, err=True)
    _name_what_is_left_out(checked)
    return 0


def _with_layer(checked: "Checked", problem: Exception) -> str:
    layer = checked.design.find(getattr(problem, "layer", None) or "")
    sentence = str(problem)
    return sentence if layer is None or layer.name in sentence else f"“{layer.name}”: {sentence}"


def _name_what_is_left_out(checked: "Checked") -> None:
    from rnn_designer.codegen import planned, runnable_part

    part = runnable_part(checked)
    built = set() if part is None else {layer[0] for layer in planned(part)}
    names = [f"“{layer.name}”" for layer in checked.design.layers if layer.id not in built]
    if names:
        click.echo(f"Left out, as nothing flows through: {', '.join(names)}.", err=True)
