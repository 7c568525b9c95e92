"""``rnn-designer check``: the problems of a design, for people or for scripts."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from rnn_designer.cli.common import design_argument, load_checked
from rnn_designer.wording import counted

if TYPE_CHECKING:
    from rnn_designer.design import Checked, Problem


@click.command()
@design_argument
@click.option("--json", "as_json", is_flag=True, help="Problems, shapes and parameter counts as JSON.")
def check(design: Path, as_json: bool) -> int:
    """List the problems of a DESIGN. Exit code 1 if any is an error."""
    checked = load_checked(design)
    if as_json:
        click.echo(json.dumps(_as_tree(design, checked), indent=2, ensure_ascii=False))
    else:
        for problem in checked.problems:
            click.echo(f"{problem.severity.name.lower():<12} {_place(checked, problem)}{problem.message}")
        click.echo(_summary(checked))
    return 1 if checked.errors else 0


def _place(checked: "Checked", problem: "Problem") -> str:
    layer = None if problem.layer is None else checked.design.find(problem.layer)
    if layer is None:
        return ""
    return f"{layer.name}.{problem.parameter}: " if problem.parameter else f"{layer.name}: "


def _summary(checked: "Checked") -> str:
    layers = counted(len(checked.design.layers), "layer")
    counts = [
        counted(number, noun)
        for noun, severity in (("error", 3), ("warning", 2))
        if (number := sum(problem.severity == severity for problem in checked.problems))
    ]
    weights = counted(_weights(checked), "parameter")
    return f"{layers}, {weights}: {', '.join(counts) if counts else 'no problems'}."


def _weights(checked: "Checked") -> int:
    return sum(checked.counts.get(layer.id, 0) for layer in checked.design.layers)


def _as_tree(path: Path, checked: "Checked") -> dict[str, Any]:
    shapes: dict[str, dict[str, Any]] = {}
    for layer in checked.design.layers:
        for (owner, port), spec in checked.shapes.items():
            if owner == layer.id:
                shapes.setdefault(layer.name, {})[port] = {
                    "sizes": list(spec.sizes),
                    "axes": list(spec.axes),
                    "type": spec.kind,
                    "masked": spec.masked,
                }
    problems = []
    for problem in checked.problems:
        layer_found = None if problem.layer is None else checked.design.find(problem.layer)
        problems.append(
            {
                "layer": None if layer_found is None else layer_found.name,
                "parameter": problem.parameter,
                "severity": problem.severity.name.lower(),
                "code": problem.code,
                "message": problem.message,
                "fixes": [fix.label for fix in problem.fixes],
            }
        )
    return {
        "file": str(path),
        "name": checked.design.name,
        "errors": len(checked.errors),
        "parameters": _weights(checked),
        "problems": problems,
        "shapes": shapes,
    }
