"""A sweep to and from the tree of a design file."""

from collections.abc import Callable

from rnn_designer.catalog import BadValue, FrozenMap
from rnn_designer.design.migrations import Tree
from rnn_designer.design.model import Design
from rnn_designer.design.sweeping import Sweep, Varied
from rnn_designer.design.trials import living, sweep_fault, varied_fault

_PLAIN = ("method", "trials", "pruning", "patience", "seed")


def sweep_tree(design: Design, sweep: Sweep) -> Tree:
    """The sweep as the plain values of JSON, without settings of layers that are gone."""
    from rnn_designer.design.encoding import thawed

    return {
        **thawed(sweep.extra),
        **{name: getattr(sweep, name) for name in _PLAIN},
        "varied": [_varied_tree(each) for each in living(design)],
    }


def _varied_tree(varied: Varied) -> Tree:
    from rnn_designer.design.encoding import encoded, thawed

    tree: Tree = {**thawed(varied.extra), "layer": varied.layer, "name": varied.name}
    if varied.choices:
        return {**tree, "choices": encoded(varied.choices)}
    return {**tree, "low": varied.low, "high": varied.high, "log": varied.log}


def sweep_of(
    tree: Tree | None, design: Design, say: Callable[..., None], extra: Callable[[type, Tree], FrozenMap]
) -> Sweep | None:
    """The sweep of a file that has the right form; meaningless where something was said.

    Args:
        tree: the file's field; None where it has none.
        design: everything else that the file holds.
        say: takes an error's sentence and the steps to its place in the file.
        extra: gives the fields that this version does not know.
    """
    from rnn_designer.design.encoding import decoded

    if tree is None:
        return None
    found: list[Varied] = []
    for index, each in enumerate(tree.get("varied", [])):
        at = ("sweep", "varied", index)
        try:
            choices = decoded(each.get("choices", []))
        except BadValue as bad:
            say(str(bad), *at, "choices")
            continue
        varied = Varied(
            each.get("layer"),
            each["name"],
            choices if isinstance(choices, tuple) else (),
            each.get("low", 0),
            each.get("high", 0),
            each.get("log", False),
            extra(Varied, each),
        )
        fault = varied_fault(design, varied)
        if fault:
            say(fault, *at)
        else:
            found.append(varied)
    given = {name: tree[name] for name in _PLAIN if name in tree}
    sweep = Sweep(tuple(found), **given, extra=extra(Sweep, tree))
    fault = sweep_fault(design, sweep)
    if fault:
        say(fault, "sweep")
    return sweep
