"""One training for the command line: the session's own trainer without a window, a bar, figures, and a file."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rnn_designer.catalog import FrozenMap
from rnn_designer.cli.common import Refusal, write
from rnn_designer.cli.engine import application, wait, worker
from rnn_designer.cli.train import ARRAYS, DESIGN
from rnn_designer.design import Design, Refused, edits, files
from rnn_designer.design.storage import FileProblem
from rnn_designer.design.weights import load_weights, packed
from rnn_designer.messages import Built, Saved, SaveWeights
from rnn_designer.sequences import DataProblem
from rnn_designer.session import EngineProcess, Trust, Workspace
from rnn_designer.session.engine_process import role_command
from rnn_designer.session.inputs import RESOURCE, file_kind, inputs_of, reference, resolved
from rnn_designer.session.training.evaluation import Evaluator
from rnn_designer.session.training.program import program_of
from rnn_designer.session.training.words import duration

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from rnn_designer.messages import Array
    from rnn_designer.session.training import TrainingRun

INTERRUPTED = 130


class _TrustsAll(Trust):
    """For ``--trust-code``: lets every cell run, and remembers none."""

    def knows(self, _code: str) -> bool:
        return True


def train_design(
    design: Design, path: Path, output: Path, data: Path | None, epochs: int | None, *, trust_code: bool
) -> int:
    """Train a design, say how good it is on what was held back, and save it.

    Args:
        design: the design.
        path: its file.
        output: where the result goes.
        data: a data file in place of the design's own.
        epochs: the number of epochs in place of the design's own.
        trust_code: whether every custom cell may run.

    Returns:
        The exit code: 0; 1 where the loss was no number any more; 130 after Ctrl-C.

    Raises:
        Refusal: it cannot be trained or saved; nothing is written then.
    """
    running = application()
    try:
        design = design if data is None else _with_data(design, data)
        design = design if epochs is None else edits.change_training(epochs=epochs)(design)
    except Refused as refusal:
        raise Refusal(str(refusal)) from None
    with _workspace(design, path, trust_code) as workspace:
        own = files.weights_path(design, path)
        try:
            if own is not None:
                workspace.live.set_weights(load_weights(own))
        except FileProblem as problem:
            raise Refusal(str(problem)) from None
        interrupted = _trained(workspace)
        run = workspace.trainer.run
        assert run is not None
        weights = workspace.live.weights_to_save(workspace.document.design)
        if not weights:
            # No epoch was better: what it started from is what there is.
            weights = workspace.runs.weights(run, run.best_epoch) or {}
            workspace.adopt_weights(weights)
        _save(workspace, path, output, weights)
        _say_figures(workspace, run)
    del running
    if interrupted:
        return INTERRUPTED
    return 1 if run.state == "not_a_number" else 0


@contextmanager
def _workspace(design: Design, path: Path, trust_code: bool) -> Iterator[Workspace]:
    """A design as the window holds it, of which only the trainer and the reader ever start."""
    trust = _TrustsAll() if trust_code else Trust()
    trust.noticed.connect(lambda sentence: click.echo(sentence, err=True))
    reader = EngineProcess(command=role_command("reader"), subject="The reader of data files")
    workspace = Workspace(reader=reader, trust=trust)
    workspace.live.set_enabled(False)
    workspace.noticed.connect(lambda sentence: click.echo(sentence, err=True))
    workspace.document.reset(design, path)
    workspace.runs.start()
    try:
        yield workspace
    finally:
        workspace.close()
        reader.stop()


def _with_data(design: Design, data: Path) -> Design:
    """The design with another data file behind its Input.

    Raises:
        Refusal: the file is not there, or the design has several Inputs.
    """
    inputs = inputs_of(design)
    if len(inputs) != 1:
        raise Refusal(
            f"--data gives one file, and the design has {len(inputs)} Inputs. Set their data in the design instead."
        )
    if not data.is_file():
        raise Refusal(f"There is no file “{data}”. Check the name and the folder.")
    kind = file_kind(data)
    source = design.source_of(inputs[0].id)
    if source is None:
        raise Refusal(
            f"The design does not say how data for “{inputs[0].name}” is cut: open it, choose the data there, and save."
        )
    options = {
        name: value for name, value in source.options.items() if source.kind == kind or name == "columns"
    }
    changed = replace(source, kind=kind, options=FrozenMap({**options, "path": str(data.absolute())}))
    return edits.set_data(inputs[0].id, changed)(design)


def _trained(workspace: Workspace) -> bool:
    """Train to the end; whether it was interrupted.

    Raises:
        Refusal: it could not be trained.
    """
    trainer = workspace.trainer
    failures: list[str] = []
    trainer.failed.connect(failures.append)

    def connect(slot: Callable[..., None]) -> None:
        trainer.changed.connect(slot)
        trainer.failed.connect(slot)
        trainer.ended.connect(slot)

    interrupted = False
    with _telling(workspace):
        trainer.start()
        try:
            wait(lambda: not trainer.active, connect)
        except KeyboardInterrupt:
            interrupted = True
            trainer.stop()
            wait(lambda: not trainer.active, connect)
    run = trainer.run
    if failures:
        raise Refusal(failures[0])
    if run is None:
        raise Refusal("The training was stopped before its first batch; nothing was saved.")
    click.echo(trainer.status.text, err=run.state == "not_a_number")
    return interrupted


@contextmanager
def _telling(workspace: Workspace) -> Iterator[None]:
    """A bar on a terminal, and a line for each epoch elsewhere, both on standard error."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn

    trainer = workspace.trainer
    training = workspace.document.design.training
    epochs = 0 if training is None else training.epochs
    console = Console(stderr=True)
    if not console.is_terminal:
        trainer.epoch_ended.connect(lambda run, epoch: click.echo(_line(run, epoch), err=True))
        yield
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[figures]}"))
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Preparing", total=None, figures="")
        trainer.changed.connect(lambda: _show(workspace, bar, task, epochs))
        trainer.stepped.connect(lambda _step: _show(workspace, bar, task, epochs))
        yield


def _show(workspace: Workspace, bar: Progress, task: TaskID, epochs: int) -> None:
    trainer = workspace.trainer
    step = trainer.step
    if step is None:
        bar.update(task, description=trainer.status.text)
        return
    logs = "  ".join(f"{name} {value:.4g}" for name, value in step.logs.items())
    left = "" if trainer.eta is None else f"  {duration(trainer.eta)} left"
    bar.update(
        task,
        description=f"epoch {step.epoch}/{epochs or step.epoch}",
        total=max(epochs, step.epoch) * step.batches,
        completed=(step.epoch - 1) * step.batches + step.batch,
        figures=f"{logs}{left}",
    )


def _line(run: TrainingRun, epoch: int) -> str:
    record = run.record(epoch)
    logs = {} if record is None else record.logs
    figures = "  ".join(f"{name} {value:.4g}" for name, value in logs.items() if not math.isnan(value))
    return f"epoch {epoch}/{run.training.epochs}  {figures}".rstrip()


def _save(workspace: Workspace, path: Path, output: Path, weights: Mapping[str, Array]) -> None:
    """Write the design with its weights, or the weights alone."""
    name = output.name.lower()
    if name.endswith(DESIGN):
        target = output.absolute()
        design = _moved(workspace.document.design, path, target)
        workspace.document.apply(lambda _design: design, "Name data")
        try:
            workspace.save(target)
        except FileProblem as problem:
            raise Refusal(str(problem)) from None
        beside = files.weights_path(workspace.document.design, target)
        click.echo(f"Wrote {output}" + (f" and {beside.name} beside it" if beside is not None else ""))
        return
    write(output, packed(weights) if name.endswith(ARRAYS) else _keras_weights(workspace, weights))
    click.echo(f"Wrote {output}")


def _moved(design: Design, path: Path, target: Path) -> Design:
    """The design with its data files named as they are seen from where it is saved."""
    if path.absolute().parent == target.parent:
        return design
    for layer_id, source in design.data.items():
        named = source.options.get("path")
        if not isinstance(named, str) or named.startswith(RESOURCE):
            continue
        try:
            found = resolved(named, path.absolute().parent)
        except DataProblem:
            continue
        options = FrozenMap({**source.options, "path": reference(found, target.parent)})
        design = edits.set_data(layer_id, replace(source, options=options))(design)
    return design


def _keras_weights(workspace: Workspace, weights: Mapping[str, Array]) -> bytes:
    """The content of a ``.weights.h5`` file, which only Keras writes."""
    model = program_of(workspace.document.design, workspace.trust).model
    with worker() as engine:
        engine.ask(lambda run: model.build(run, weights), Built)
        return bytes(engine.ask(SaveWeights, Saved).content.tobytes())


def _say_figures(workspace: Workspace, run: TrainingRun) -> None:
    """What the best epoch reached, and how good it is on what was held back, beside what needs no network."""
    record = run.record(run.best_epoch)
    for name, value in ({} if record is None else record.logs).items():
        click.echo(f"  {name:<40} {value:.6g}")
    evaluator = Evaluator(
        workspace.document,
        workspace.samples,
        workspace.live,
        workspace.runs,
        workspace.epochs,
        workspace.trainer,
        workspace,
        trust=workspace.trust,
    )

    def connect(slot: Callable[..., None]) -> None:
        evaluator.changed.connect(slot)
        evaluator.failed.connect(slot)

    evaluator.evaluate()
    wait(lambda: not evaluator.busy, connect)
    found = evaluator.evaluation
    if found is None:
        click.echo(f"It could not be evaluated. {evaluator.status.text}", err=True)
        return
    click.echo(f"On the {found.part} part, {found.samples:,} samples:")
    for name, value in found.logs.items():
        click.echo(f"  {name:<40} {value:.6g}")
    for output in found.outputs:
        click.echo(f"  {output.name}: {output.sentence or 'there is nothing to compare it with.'}")
