"""``rnn-designer verify``: the exported program, run in a clean interpreter, held against the trace of its design."""

import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from rnn_designer.cli.common import Refusal, design_argument, load_checked

if TYPE_CHECKING:
    from rnn_designer.codegen import Style
    from rnn_designer.design import Checked
    from rnn_designer.session.verification import Verification

DIFFERENT = 1
"""The exit code where the exported program does not do what the design does."""
_NAME = "model.py"
_LOOK_MINUTES = 10.0


@click.command()
@design_argument
@click.option(
    "--style",
    type=click.Choice(["auto", "sequential", "functional", "subclass"]),
    default="auto",
    show_default=True,
    help="Which of the exported programs to verify; see “rnn-designer export”.",
)
@click.option(
    "--program",
    type=click.Path(path_type=Path),
    metavar="FILE.py",
    help="Verify this file, exported before, as it is now. It is run. Where it loads no weights by itself, it is "
    "given those of the design.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Samples to use instead of the design's own, as for “rnn-designer trace”.",
)
@click.option(
    "--trust-code", is_flag=True, help="Run custom cells that you have not trusted yet, this time only."
)
@click.option("--json", "as_json", is_flag=True, help="One line of JSON instead of the sentence.")
def verify(
    design: Path, style: str, program: Path | None, data: Path | None, trust_code: bool, as_json: bool
) -> int:
    """Run what a DESIGN exports in a clean interpreter and compare it with the trace.

    Outputs, every state at every step and the settings of every layer have to be the same. Exit code 1 if they
    are not; the sentence names the first place.
    """
    checked = load_checked(design)
    if checked.errors:
        raise Refusal(f"{checked.errors[0].message} (“rnn-designer check” lists all problems.)")
    if program is not None and not program.is_file():
        raise Refusal(f"There is no file “{program}”. Give the name of an exported program.")
    found = _verified(checked, design, cast("Style", style), program, data, trust_code=trust_code)
    click.echo(found.to_text() if as_json else found.sentence)
    return 0 if found.verified else DIFFERENT


def _verified(
    checked: "Checked",
    path: Path,
    style: "Style",
    program: Path | None,
    data: Path | None,
    *,
    trust_code: bool,
) -> "Verification":
    from rnn_designer.cli.data import require_room, samples
    from rnn_designer.cli.engine import application, build, worker
    from rnn_designer.codegen import NotExportable, formatted, generate, keras_names, runnable_part
    from rnn_designer.messages import Run, Saved, SaveWeights, Trace
    from rnn_designer.session import verification

    running = application()
    weights_name = f"{Path(_NAME).stem}.weights.h5"
    try:
        exported = formatted(generate(checked, style=style, weights_file=weights_name)).text
        form = "" if style == "auto" else generate(checked, style=style).text
    except NotExportable as problem:
        raise Refusal(str(problem)) from None
    part = runnable_part(checked)
    assert part is not None, "generate() refuses a design of which nothing can run"
    with worker() as engine:
        inputs = samples(checked, path, data)
        require_room(checked, inputs)
        build(engine, checked, path, trust_code=trust_code)
        trace = engine.ask(lambda run: Run(run, inputs), Trace)
        saved = engine.ask(lambda run: SaveWeights(run, form), Saved)
    del running
    names = keras_names(part.design)
    fed = [trace.arrays[f"{names[each.id]}/input"] for each in part.design.layers if not each.type.inputs]
    with tempfile.TemporaryDirectory(prefix="rnn-designer-verify-") as outside:
        home, job = Path(outside, "program"), Path(outside, "record")
        home.mkdir()
        job.mkdir()
        (home / _NAME).write_text(exported, encoding="utf-8")
        weights = home / weights_name
        weights.write_bytes(saved.content.tobytes())
        loads = program is None or "load_weights" in program.read_text(encoding="utf-8", errors="replace")
        verification.write_job(job, program or home / _NAME, None if loads else weights, fed)
        try:
            _run(verification.probe_command(job), job)
            record = verification.read_record(job)
        except verification.NoRecord as problem:
            return verification.Verification(str(problem), False)
    return verification.compare(part, trace, saved.configuration, record)


def _run(command: list[str], folder: Path) -> None:
    """Wait for the probe; it ends when this process does, since that holds the other end of its standard input."""
    with open(folder / "said.txt", "wb") as said:
        probe = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=subprocess.STDOUT,
            cwd=folder,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        try:
            probe.wait(_LOOK_MINUTES * 60)
        except subprocess.TimeoutExpired:
            raise Refusal(
                f"The exported program still ran after {_LOOK_MINUTES:g} minutes. Try fewer samples or steps: --data."
            ) from None
        finally:
            probe.kill()
            probe.wait()
            if probe.stdin is not None:
                probe.stdin.close()
