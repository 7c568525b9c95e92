"""The learning-rate schedules of Keras: how far a step goes while training goes on.

A step is one batch: an epoch has as many as there are batches. In formulas η₀ is the optimizer's learning rate.
"""

from functools import cache

from rnn_designer.catalog.keras_arguments import argument, with_defaults
from rnn_designer.catalog.parameters import Flag, Integer, Integers, Number, Numbers, Parameter, PartType

_STEPS = Integer(minimum=1, maximum=10**9)
_RATE = Number(minimum=0.0, maximum=1000.0)
_STAIRS = argument(
    "staircase",
    Flag(),
    "Whether the learning rate goes down in stairs, once in so many steps, and not a little with every step.",
)


def _steps(explanation: str, name: str = "decay_steps") -> Parameter:
    return argument(name, _STEPS, explanation + " A step is one batch.", initial=1000)


def _part(kind: str, explanation: str, formula: str, *drafts: Parameter) -> PartType:
    parameters = with_defaults(kind, drafts, "schedules")
    return PartType("schedules", kind, parameters, explanation, (kind.lower(),), formula=formula)


@cache
def schedules() -> tuple[PartType, ...]:
    """Every schedule, the usual ones first."""
    return (
        _part(
            "CosineDecay",
            "Down along half a cosine wave: slowly at first, quickly in the middle, and gently into the end. With a "
            "warm-up it first climbs from the learning rate to a target.",
            "η = η₀ · ((1 − α) · ½ (1 + cos(π · step / steps)) + α)",
            _steps("How many steps the way down takes; then the learning rate stays as it is."),
            argument(
                "alpha",
                Number(minimum=0.0, maximum=1.0),
                "The least learning rate, as a share of the one that the way down starts from.",
            ),
            argument(
                "warmup_target",
                Number(minimum=0.0, maximum=1000.0, optional=True),
                "The learning rate that a warm-up climbs to, from the optimizer's own. None: no warm-up.",
            ),
            argument(
                "warmup_steps",
                Integer(minimum=0, maximum=10**9),
                "How many steps the warm-up takes. A step is one batch.",
            ),
        ),
        _part(
            "ExponentialDecay",
            "The same factor again and again: after so many steps the learning rate is that share of what it was.",
            "η = η₀ · rate^(step / steps)",
            _steps("How many steps it takes until the factor has come in full."),
            argument(
                "decay_rate",
                Number(minimum=0.0, maximum=10.0),
                "The factor. 0.96 takes off 4 % each time, 0.5 halves.",
                initial=0.96,
            ),
            _STAIRS,
        ),
        _part(
            "PiecewiseConstantDecay",
            "Constant for a while, then another constant, at steps chosen by hand. It does not look at the "
            "optimizer's learning rate: the first value takes its place.",
            "η = values[i] while boundaries[i − 1] < step ≤ boundaries[i]",
            argument(
                "boundaries",
                Integers(minimum=1),
                "The steps after which the learning rate changes, in rising order. A step is one batch.",
                initial=(1000, 2000),
            ),
            argument(
                "values",
                Numbers(minimum=0.0, maximum=1000.0),
                "The learning rates: one before the first boundary and one after each, so one more than boundaries.",
                initial=(0.001, 0.0003, 0.0001),
            ),
        ),
        _part(
            "CosineDecayRestarts",
            "Down along half a cosine wave, then up again at once and down once more, each time over more steps. The "
            "jumps can free training from a bad place.",
            "as CosineDecay, over steps, steps · t, steps · t² … from η₀, η₀ · m, η₀ · m² …",
            _steps("How many steps the first way down takes.", "first_decay_steps"),
            argument(
                "t_mul",
                Number(minimum=1.0, maximum=1000.0),
                "How many times as long each way down is as the one before.",
            ),
            argument(
                "m_mul",
                Number(minimum=0.0, maximum=1000.0),
                "Where each way down starts, as a multiple of where the one before did.",
            ),
            argument(
                "alpha",
                Number(minimum=0.0, maximum=1.0),
                "The least learning rate, as a share of the one that it starts from.",
            ),
        ),
        _part(
            "PolynomialDecay",
            "From the learning rate to an end value along a straight line, or a curve of higher power that is steep "
            "at first.",
            "η = (η₀ − end) · (1 − step / steps)^power + end",
            _steps("How many steps the way takes."),
            argument("end_learning_rate", _RATE, "The learning rate at the end of the way."),
            argument(
                "power",
                Number(minimum=1e-6, maximum=100.0),
                "The shape of the way: 1 a straight line, 2 steeper at first and flatter at the end, ½ the reverse.",
            ),
            argument(
                "cycle",
                Flag(),
                "Whether it starts again, over more steps, once the way has been gone. Else it stays at the end value.",
            ),
        ),
        _part(
            "InverseTimeDecay",
            "Down as 1 / time: quickly at first, then ever more slowly, without an end.",
            "η = η₀ / (1 + rate · step / steps)",
            _steps("How many steps count as one unit of time."),
            argument(
                "decay_rate",
                Number(minimum=0.0, maximum=1e6),
                "How quickly it goes down: with 1 the learning rate is halved after the first unit of time.",
                initial=1.0,
            ),
            _STAIRS,
        ),
    )
