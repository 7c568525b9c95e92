"""``rnn-designer sweep``: try out settings of a design by many trainings, on the workers of one machine or many."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from rnn_designer.cli.common import Refusal, design_argument, load_checked

if TYPE_CHECKING:
    from rnn_designer.design import Design
    from rnn_designer.session.trust import Trust
    from rnn_designer.sweep.study import Study, Trial

_MOST_IN_TABLE = 10


@click.command()
@design_argument
@click.option(
    "--trials",
    type=click.IntRange(1, 10_000),
    metavar="N",
    help="How many trainings in all; the design's own number.",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    default=1,
    show_default=True,
    metavar="N",
    help="How many trials are trained at once on this machine.",
)
@click.option(
    "--storage",
    metavar="URL",
    help="Where the study is kept: the path of a journal file, or any URL that Optuna knows (sqlite:///sweep.db, "
    "postgresql://…). Machines that name the same storage share the trials. Without it a file of this user.",
)
@click.option(
    "--study", metavar="NAME", help="The study's name; without it one that follows from the design."
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="Where the design of each trial is kept, with its weights.",
)
@click.option(
    "--ray",
    metavar="ADDRESS",
    help="Let Ray Tune spread the trials over a cluster; “local” for this machine.",
)
@click.option("--show", is_flag=True, help="Only show what the study has found so far.")
@click.option("--json", "as_lines", is_flag=True, help="Print every change as one line of JSON.")
@click.option(
    "--trust-code", is_flag=True, help="Run custom cells that you have not trusted yet, this time only."
)
@click.option("--beside", type=click.Path(path_type=Path), hidden=True)
@click.option("--as-worker", is_flag=True, hidden=True)
@click.option("--one", hidden=True)
@click.option("--end-with-parent", is_flag=True, hidden=True)
def sweep(
    design: Path,
    trials: int | None,
    workers: int,
    storage: str | None,
    study: str | None,
    folder: Path | None,
    ray: str | None,
    show: bool,
    as_lines: bool,
    trust_code: bool,
    beside: Path | None,
    as_worker: bool,
    one: str | None,
    end_with_parent: bool,
) -> int:
    """Train a DESIGN again and again with other settings, and rank what comes of it.

    Which settings vary is said in the design (Train ▸ Sweep in the window). A sweep that was ended goes on where it
    was: trials under way are trained again, those done stay.
    """
    if end_with_parent:
        from rnn_designer.sweep import worker

        worker.end_with_parent()
    checked = load_checked(design)
    if checked.errors:
        raise Refusal(f"{checked.errors[0].message} (“rnn-designer check” lists all problems.)")
    from rnn_designer.design.trials import living

    made = checked.design
    if not living(made):
        raise Refusal(
            "The design does not say which settings vary. Open it in the window and choose them in Train ▸ Sweep."
        )
    if ray is not None:
        return _on_ray(made, beside or design, ray, trials, folder or _folder(made))
    if one is not None:
        return _one(made, design, one, folder or _folder(made), trust_code)
    from rnn_designer.sweep.study import NoOptunaError, Study, StudyProblemError

    place = folder or _folder(made)
    where = storage or str(place / "study.journal")
    try:
        opened = Study.open(made, where, study or "")
    except (NoOptunaError, StudyProblemError) as problem:
        raise Refusal(str(problem)) from None
    if as_worker:
        return _work(made, beside or design, opened, place, trust_code)
    if show:
        _print_all(made, opened, as_lines)
        return 0
    arguments = [
        "sweep",
        str(design),
        "--storage",
        where,
        "--study",
        opened.name,
        "--folder",
        str(place),
        "--as-worker",
    ]
    arguments += ["--beside", str((beside or design).absolute())]
    arguments += ["--trust-code"] if trust_code else []
    return _lead(made, opened, trials, workers, arguments, as_lines)


def _folder(design: "Design") -> Path:
    from rnn_designer.session.training.runs import runs_folder
    from rnn_designer.sweep.space import study_name

    return runs_folder() / "sweeps" / study_name(design)


def _work(design: "Design", path: Path, study: "Study", folder: Path, trust_code: bool) -> int:
    from rnn_designer.cli.engine import application
    from rnn_designer.sweep.worker import end_with_parent, work

    end_with_parent()
    running = application()
    work(design, path, study, folder, _trust(design, trust_code))
    del running
    return 0


def _one(design: "Design", path: Path, values: str, folder: Path, trust_code: bool) -> int:
    from rnn_designer.cli.engine import application
    from rnn_designer.sweep.worker import end_with_parent, train_one

    end_with_parent()
    running = application()
    chosen = json.loads(values)
    reason = train_one(design, path, chosen, folder, lambda told: _line(**told), _trust(design, trust_code))
    del running
    if reason:
        raise Refusal(reason)
    return 0


def _on_ray(design: "Design", path: Path, address: str, trials: int | None, folder: Path) -> int:
    from rnn_designer.design.sweeping import Sweep
    from rnn_designer.design.trials import shown
    from rnn_designer.sweep.on_ray import RayProblemError, sweep_on_ray

    wanted = trials or (design.sweep or Sweep()).trials
    try:
        found = sweep_on_ray(design, path, address, wanted, folder)
    except RayProblemError as problem:
        raise Refusal(str(problem)) from None
    names = _names(design)
    click.echo(f"\nBest {min(len(found), _MOST_IN_TABLE)} of {len(found)}:")
    for place, (value, params, file) in enumerate(found[:_MOST_IN_TABLE], start=1):
        words = ", ".join(f"{names.get(key, key)} {shown(each)}" for key, each in params.items())
        click.echo(f"{place:>3}. {value:<12.6g} {words}  {file}")
    return 0 if found else 1


def _trust(design: "Design", trust_code: bool) -> "Trust":
    """Which custom cells may run: those trusted, or all of the design's."""
    from rnn_designer.session.trust import Trust, code_of

    trust = Trust()
    for code in filter(None, map(code_of, design.walk())) if trust_code else ():
        trust.allow(code)
    return trust


def _lead(
    design: "Design", study: "Study", trials: int | None, workers: int, arguments: list[str], as_lines: bool
) -> int:
    from rnn_designer.cli.engine import application, wait
    from rnn_designer.design.sweeping import Sweep
    from rnn_designer.sweep.team import Team

    running = application()
    wanted = trials or (design.sweep or Sweep()).trials
    study.want(wanted)
    team = Team(study, workers, arguments)
    names = _names(design)
    ended: list[bool] = []
    if as_lines:
        _line(begin={"study": study.name, "trials": wanted, "larger": study.larger, "names": names})
        team.told.connect(lambda trial: _line(trial=asdict(trial)))
        team.said.connect(lambda sentence: _line(said=sentence))
    else:
        click.echo(f"Study “{study.name}”: {wanted} trials on {workers} worker{'s' * (workers > 1)}.")
        team.told.connect(lambda trial: _echo(trial, names))
        team.said.connect(lambda sentence: click.echo(sentence, err=True))
    team.finished.connect(lambda: ended.append(True))
    try:
        team.start()
        wait(lambda: bool(ended), team.finished.connect)
    finally:
        if not ended:
            team.stop()
    if team.problem:
        raise Refusal(team.problem)
    if as_lines:
        _line(end={"left": study.left()})
    else:
        _table(design, study)
    del running
    return 0 if study.best() else 1


def _names(design: "Design") -> dict[str, str]:
    from rnn_designer.design.trials import living, title

    return {each.key: title(design, each) for each in living(design)}


def _print_all(design: "Design", study: "Study", as_lines: bool) -> None:
    if not as_lines:
        _table(design, study)
        return
    names = _names(design)
    found = study.trials()
    _line(begin={"study": study.name, "trials": len(found), "larger": study.larger, "names": names})
    for trial in found:
        _line(trial=asdict(trial))
    _line(end={"left": study.left()})


def _line(**content: object) -> None:
    click.echo(json.dumps(content))


def _echo(trial: "Trial", names: dict[str, str]) -> None:
    """One line for each state that a trial reaches; epochs are not told."""
    if trial.state == "waiting" or (trial.state == "running" and trial.values):
        return
    if trial.state == "running" and not trial.params:
        return
    value = "" if trial.value is None else f"  {trial.value:.6g}"
    note = f"  {trial.reason}" if trial.reason else ""
    spent = f"  ({len(trial.values)} epochs, {trial.seconds:.0f} s)" if trial.state != "running" else ""
    click.echo(f"trial {trial.ticket:>3}  {trial.state:<8}{value}  {_params(trial, names)}{spent}{note}")


def _params(trial: "Trial", names: dict[str, str]) -> str:
    from rnn_designer.design.trials import shown

    return ", ".join(f"{names.get(key, key)} {shown(value)}" for key, value in trial.params.items())


def _table(design: "Design", study: "Study") -> None:
    names = _names(design)
    ranked = study.best()
    failed = [each for each in study.trials() if each.state == "failed"]
    if not ranked:
        said = failed[0].reason if failed else "No trial has come to its end yet."
        click.echo(f"No trial has a value. {said}", err=True)
        return
    monitor = design.training.monitor if design.training is not None else "val_loss"
    click.echo(f"\nBest {min(len(ranked), _MOST_IN_TABLE)} of {len(ranked)} by {monitor}:")
    for place, trial in enumerate(ranked[:_MOST_IN_TABLE], start=1):
        pruned = "  (ended early)" if trial.state == "pruned" else ""
        click.echo(
            f"{place:>3}. trial {trial.ticket:<4} {trial.value:<12.6g} {_params(trial, names)}{pruned}"
        )
    if failed:
        click.echo(f"{len(failed)} failed: {failed[0].reason}")
    if ranked[0].file:
        click.echo(f"\nThe best design, with its weights: {ranked[0].file}")
