"""``rnn-designer import``: a Keras model file as a design, with its weights beside it; nothing in it is run."""

from dataclasses import replace
from pathlib import Path

import click

from rnn_designer.cli.common import Refusal, require_other_file, write
from rnn_designer.wording import counted


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path),
    help="The design to write; its weights go beside it.",
)
def import_model(file: Path, output: Path) -> int:
    """Make a design of a Keras model FILE: .keras, .h5 or the JSON of model.to_json()."""
    from rnn_designer.design import files
    from rnn_designer.design.storage import FileProblem
    from rnn_designer.design.weights import SUFFIX, packed
    from rnn_designer.importer import read_model

    if not output.suffix:
        output = output.with_suffix(files.SUFFIX)
    if output.suffix != files.SUFFIX:
        raise Refusal(
            f"A design's file ends in {files.SUFFIX}, got “{output.name}”: give another name with -o."
        )
    require_other_file(output, file)
    try:
        imported = read_model(file)
        design = imported.design
        if imported.weights:
            beside = output.with_name(output.stem + SUFFIX)
            design = replace(design, weights=beside.name)
            write(beside, packed(imported.weights))
        write(output, files.to_text(design).encode("utf-8"))
    except FileProblem as problem:
        raise Refusal(str(problem)) from None
    for remark in imported.remarks:
        click.echo(remark, err=True)
    came = counted(len(design.layers), "layer")
    weights = f" and {counted(len(imported.weights), 'array')} of weights" if imported.weights else ""
    click.echo(f"Wrote {output}: {came}{weights}.", err=True)
    return 0
