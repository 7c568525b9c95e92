"""Checks of what silently goes wrong while a model is trained; only of designs that say how they are trained.

They are warnings at most: a model whose training makes no sense still runs.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from rnn_designer.catalog.figures import figure_name
from rnn_designer.catalog.parts import part_type
from rnn_designer.design.checking.context import called, information, warning
from rnn_designer.design.checking.graph import Graph
from rnn_designer.design.checking.training_goals import GOAL_RULES, Pupil
from rnn_designer.design.edits import change_training, set_parameter
from rnn_designer.design.model import Layer
from rnn_designer.design.problems import Checked, Fix, Problem
from rnn_designer.design.tasks import fitting
from rnn_designer.wording import counted

_FASTEST = {"SGD": 2.0, "Adadelta": 10.0, "Adagrad": 1.0, "Ftrl": 2.0, "Lion": 0.01}
"""From which learning rate on an optimizer hardly ever settles."""
_USUALLY_FASTEST = 0.1
_SLOWEST = 1e-7
_FEW = 10
"""Fewer samples than this say little."""


def training_problems(checked: Checked) -> Iterator[Problem]:
    """Everything that is to be said of how a checked design is trained."""
    if checked.design.training is None:
        return
    pupil = Pupil(checked, Graph(checked.design), checked.design.training, fitting(checked.design, checked))
    if not pupil.goals:
        return
    for goal_rule in GOAL_RULES:
        for goal in pupil.goals.values():
            yield from goal_rule(pupil, goal)
    for rule in _RULES:
        yield from rule(pupil)


def _first(pupil: Pupil) -> Layer:
    """The layer that is blamed for what concerns the training as a whole."""
    return pupil.graph.tops[next(iter(pupil.goals))]


def _shuffled(pupil: Pupil) -> Iterator[Problem]:
    """Lint 17."""
    if not pupil.training.shuffle:
        return
    for layer in pupil.checked.design.walk():
        if "stateful" in layer.type.by_name and layer.value("stateful") and layer.shares is None:
            yield warning(
                "stateful_shuffled",
                layer,
                f"{called(layer)} carries its state from batch to batch, but training shuffles the samples, so it is "
                "the state of another place in the data. Turn shuffling off, or stateful.",
                Fix("Train in the order of the data", change_training(shuffle=False)),
                Fix(f"Turn off stateful of ‘{layer.name}’", set_parameter(layer.id, "stateful", False)),
                parameter="stateful",
                why="A stateful layer goes on with sample 0 of a batch where sample 0 of the batch before ended. That "
                "makes sense only where the two follow each other. In another order the state is noise from "
                "elsewhere, and nothing says so: training just works less well.",
            )


def _fixed_batch(pupil: Pupil) -> Iterator[Problem]:
    for layer in pupil.graph.tops.values():
        fixed = layer.value("batch_size") if layer.kind == "Input" else None
        if isinstance(fixed, int) and fixed != pupil.training.batch_size:
            yield warning(
                "fixed_batch",
                layer,
                f"{called(layer)} fixes a batch of {counted(fixed, 'sample')}, but training takes "
                f"{pupil.training.batch_size:,} at a time. Use the same number.",
                Fix(f"Train with batches of {fixed}", change_training(batch_size=fixed)),
                Fix("Leave the batch size open", set_parameter(layer.id, "batch_size", None)),
                parameter="batch_size",
                why="A model with a fixed batch size takes batches of just that size, in training too. Only stateful "
                "layers need one.",
            )


def _monitored(pupil: Pupil) -> Iterator[Problem]:
    training = pupil.training
    figure = training.monitor.removeprefix("val_")
    known = {"loss"} | {figure_name(metric) for goal in pupil.goals.values() for metric in goal.metrics}
    if figure not in known and not (
        len(pupil.goals) > 1 and any(figure.endswith(f"_{each}") for each in known)
    ):
        yield warning(
            "monitor_unknown",
            _first(pupil),
            f"Training is to watch “{training.monitor}”, which none of its figures is called. Expected one of "
            f"{', '.join(sorted(known))}, with val_ before it for the validation part.",
            Fix("Watch val_loss", change_training(monitor="val_loss")),
            Fix("Watch loss", change_training(monitor="loss")),
            why="The figure that is watched decides which epoch is the best and when there is no more progress. If it "
            "is never told, training never stops early, and the last epoch counts as the best.",
        )
    if training.monitor.startswith("val_") and not _share(pupil):
        yield warning(
            "nothing_validated",
            _first(pupil),
            f"Training is to watch “{training.monitor}”, but nothing is held back for validation. Hold something back, "
            "or watch the figure of the training part.",
            Fix(
                "Hold back a fifth for validation",
                change_training(validation=0.2, test=min(training.test, 0.5)),
            ),
            Fix(f"Watch {figure}", change_training(monitor=figure)),
            why="Figures with val_ before their name come from samples that the network has not learned from. Without "
            "such samples only the training part can be watched, and that grows better even where the network only "
            "learns it by heart.",
        )


def _share(pupil: Pupil) -> float:
    """The share held back for validation: that of the first source that names one, else the training's."""
    for source in pupil.checked.design.data.values():
        if source.validation or source.test:
            return float(source.validation)
    return pupil.training.validation


def _few_validated(pupil: Pupil) -> Iterator[Problem]:
    from rnn_designer.sequences import GENERATORS

    sources = pupil.checked.design.data
    if not sources or any(source.kind not in GENERATORS for source in sources.values()):
        return
    training, share = pupil.training, _share(pupil)
    count = int(training.samples * share)
    if share > 0 and count < _FEW:
        yield warning(
            "few_validated",
            _first(pupil),
            f"Of {counted(training.samples, 'sample')}, {share:.0%} are {count}: too few to tell how well the network "
            f"does on what it has not seen. Make at least {_FEW}.",
            Fix(
                f"Make {_enough(share):,} samples",
                change_training(samples=_enough(share)),
            ),
            why="A figure over a handful of samples jumps about by chance. Which epoch is the best, and when to stop, "
            "is then decided by luck.",
        )


def _enough(share: float) -> int:
    """The first power of two whose share is enough."""
    samples = 16
    while samples * share < _FEW:
        samples *= 2
    return samples


def _pace(pupil: Pupil) -> Iterator[Problem]:
    training = pupil.training
    optimizer = part_type("optimizers", training.optimizer.kind)
    assert optimizer is not None
    usual = next(each.default for each in optimizer.parameters if each.name == "learning_rate")
    rate = training.optimizer.params.get("learning_rate", usual)
    limit = _FASTEST.get(optimizer.kind, _USUALLY_FASTEST)
    if _SLOWEST <= rate <= limit:
        return
    ordinary = replace(training.optimizer, params=training.optimizer.params.without("learning_rate"))
    what = (
        "so large that training most likely jumps about"
        if rate > limit
        else "so small that nothing is learned"
    )
    yield warning(
        "learning_rate",
        _first(pupil),
        f"The learning rate of {optimizer.kind} is {rate:g}, {what}. Keras' own is {usual:g}.",
        Fix(f"Set the learning rate to {usual:g}", change_training(optimizer=ordinary)),
        why="The learning rate says how far each step goes. Beyond a certain size a step leads across the valley and "
        "up on the other side, further each time. Far below it, a whole training hardly moves the weights.",
    )


def _patience(pupil: Pupil) -> Iterator[Problem]:
    training = pupil.training
    if training.patience is not None and training.patience >= training.epochs:
        yield information(
            "patience_beyond",
            _first(pupil),
            f"Training ends early after {counted(training.patience, 'epoch')} without progress, but has only "
            f"{training.epochs:,} in all. Allow more epochs, or less patience.",
            Fix(f"Train for {4 * training.patience:,} epochs", change_training(epochs=4 * training.patience)),
            Fix("Go on to the last epoch", change_training(patience=None)),
            why="Early stopping waits as many epochs as patience says. If there are no more than that, it can never "
            "happen.",
        )


def _open_recurrence(pupil: Pupil) -> Iterator[Problem]:
    """Lint 29, as far as training goes: gradients that explode."""
    if pupil.training.clipping != "none":
        return
    for layer in pupil.checked.design.walk():
        if not (layer.type.recurrent or layer.type.cell) or layer.shares is not None:
            continue
        if "activation" in layer.type.by_name and layer.value("activation") in _UNBOUNDED:
            yield warning(
                "unclipped",
                layer,
                f"{called(layer)} has {layer.value('activation') or 'no'} activation in its recurrence, where "
                "gradients can grow with every step back, and they are not clipped. Clip them.",
                Fix(
                    "Clip gradients at length 1 in all", change_training(clipping="global_norm", clip_at=1.0)
                ),
                Fix(f"Use tanh in ‘{layer.name}’", set_parameter(layer.id, "activation", "tanh")),
                parameter="activation",
                why="Going back through a sequence, the gradient is multiplied by the recurrent kernel once a step. "
                "Where the activation does not limit it, that can end in numbers so large that one step of training "
                "ruins the weights. Clipping shortens such a gradient and keeps its direction.",
            )


_UNBOUNDED = (
    None,
    "celu",
    "elu",
    "exponential",
    "gelu",
    "leaky_relu",
    "linear",
    "mish",
    "relu",
    "selu",
    "silu",
)

_RULES: tuple[Callable[[Pupil], Iterator[Problem]], ...] = (
    _shuffled,
    _fixed_batch,
    _monitored,
    _few_validated,
    _pace,
    _patience,
    _open_recurrence,
)
