"""The optimizers of Keras: by which rule a step of training changes the weights.

In formulas g is the gradient of the loss by a weight w, η the learning rate.
"""

from functools import cache

from rnn_designer.catalog.keras_arguments import argument, with_defaults
from rnn_designer.catalog.parameters import Flag, Integer, Number, Parameter, PartType

_RATE = argument(
    "learning_rate",
    Number(minimum=0.0, maximum=1000.0),
    "How far each step goes (η). Too large and the loss jumps about or grows; too small and training takes for ever. "
    "Try factors of 3 up and down. A schedule starts from it.",
)
_DECAY = argument(
    "weight_decay",
    Number(minimum=0.0, maximum=1.0, optional=True),
    "Pulls every weight a little towards 0 at each step, apart from the gradient, so that none grows without need.",
    formula="w ← w − η · decay · w",
    group="regularizers",
)
_GATHERED = argument(
    "gradient_accumulation_steps",
    Integer(minimum=2, maximum=100_000, optional=True),
    "How many batches are gathered before the weights change, as if the batch were so many times as large, at the "
    "memory of one. None: they change after each.",
    group="advanced",
)
_SHARE = Number(minimum=0.0, maximum=0.999999999)


def _epsilon(name: str = "epsilon") -> Parameter:
    return argument(
        name,
        Number(minimum=0.0, maximum=10.0),
        "A small number that keeps a division from blowing up where gradients are almost 0. Larger makes steps "
        "smaller and steadier.",
        group="advanced",
    )


def _first(name: str = "beta_1") -> Parameter:
    return argument(
        name,
        _SHARE,
        "How much of the gradient's running mean is kept at each step. 0.9 remembers about 10 steps, 0.99 about 100.",
        formula="m ← β₁ · m + (1 − β₁) · g",
    )


def _second(name: str = "beta_2") -> Parameter:
    return argument(
        name,
        _SHARE,
        "How much of the running mean of squared gradients is kept. It sets the pace of each weight, and is kept for "
        "longer than the first.",
        formula="v ← β₂ · v + (1 − β₂) · g²",
    )


def _momentum(kind: str) -> Parameter:
    return argument(
        "momentum",
        _SHARE,
        f"How much of the last step is kept in the next, as a ball rolls on{kind}. 0.9 is usual where it is used.",
    )


_NESTEROV = argument(
    "nesterov",
    Flag(),
    "Whether to look at where momentum will have carried the weights, and not at where they are, which dampens "
    "overshooting.",
)
_AMSGRAD = argument(
    "amsgrad",
    Flag(),
    "Whether the pace of a weight may only become slower: the largest mean square so far counts. It helps in rare "
    "cases where Adam does not settle.",
    group="advanced",
)
_ACCUMULATOR = argument(
    "initial_accumulator_value",
    Number(minimum=0.0, maximum=1e6),
    "What the sum of squared gradients starts from. Larger makes the first steps smaller.",
    group="advanced",
)


def _part(kind: str, explanation: str, formula: str, *drafts: Parameter) -> PartType:
    parameters = with_defaults(kind, (_RATE, *drafts, _DECAY, _GATHERED), "optimizers")
    return PartType("optimizers", kind, parameters, explanation, (kind.lower(),), formula=formula)


@cache
def optimizers() -> tuple[PartType, ...]:
    """Every optimizer, the usual ones first."""
    return (
        _part(
            "Adam",
            "A pace of its own for every weight: the running mean of its gradient, divided by its usual size. It "
            "works well nearly everywhere and is the first to try.",
            "w ← w − η · m̂ / (√v̂ + ε)",
            _first(),
            _second(),
            _epsilon(),
            _AMSGRAD,
        ),
        _part(
            "AdamW",
            "Adam that also pulls all weights towards 0, apart from the gradient. Often the better choice where a "
            "network learns its training data by heart.",
            "w ← w − η · (m̂ / (√v̂ + ε) + decay · w)",
            _first(),
            _second(),
            _epsilon(),
            _AMSGRAD,
        ),
        _part(
            "RMSprop",
            "Divides each gradient by its usual size of late, so that all weights move at a similar pace. Long the "
            "usual choice for recurrent networks.",
            "v ← ρ · v + (1 − ρ) · g²;  w ← w − η · g / √(v + ε)",
            argument(
                "rho", _SHARE, "How much of the running mean of squared gradients is kept (ρ) at each step."
            ),
            _momentum(""),
            _epsilon(),
            argument(
                "centered",
                Flag(),
                "Whether the mean of the gradient is taken off before its size is measured: what varies counts, and "
                "not what stays. A little slower.",
            ),
        ),
        _part(
            "SGD",
            "Steepest descent: every step goes straight down the slope. With momentum and a good learning rate it "
            "can end in better places than Adam, but has to be tuned. Clip gradients with it.",
            "u ← momentum · u − η · g;  w ← w + u",
            _momentum(""),
            _NESTEROV,
        ),
        _part(
            "Nadam",
            "Adam that looks ahead along its momentum, as Nesterov does. A little quicker at first.",
            "w ← w − η · (β₁ · m̂ + (1 − β₁) · ĝ) / (√v̂ + ε)",
            _first(),
            _second(),
            _epsilon(),
        ),
        _part(
            "Adamax",
            "Adam that measures the usual size of a gradient by its largest value of late. It is steadier where "
            "gradients are mostly 0, as those of an embedding.",
            "u ← max(β₂ · u, |g|);  w ← w − η · m̂ / (u + ε)",
            _first(),
            _second(),
            _epsilon(),
        ),
        _part(
            "Adagrad",
            "Divides by the size of all gradients so far, so each weight slows down for good the more it has moved. "
            "For rare features; it may stop too early elsewhere.",
            "G ← G + g²;  w ← w − η · g / √(G + ε)",
            _ACCUMULATOR,
            _epsilon(),
        ),
        _part(
            "Adadelta",
            "Sets its own pace from how far it went of late against how large gradients were. Keras' learning rate "
            "for it is small; 1 is what its authors used.",
            "w ← w − η · √(Δ + ε) / √(v + ε) · g, Δ the mean square of the steps of late",
            argument("rho", _SHARE, "How much of both running means is kept (ρ) at each step."),
            _epsilon(),
        ),
        _part(
            "Lion",
            "Only the sign of the mean gradient counts: every weight moves by the same amount. It needs a learning "
            "rate three to ten times smaller than Adam, and less memory.",
            "w ← w − η · sign(β₁ · m + (1 − β₁) · g);  m ← β₂ · m + (1 − β₂) · g",
            argument(
                "beta_1",
                _SHARE,
                "How much the mean gradient counts beside that of this step where the direction is told.",
                formula="sign(β₁ · m + (1 − β₁) · g)",
            ),
            argument(
                "beta_2",
                _SHARE,
                "How much of the gradient's running mean is kept at each step.",
                formula="m ← β₂ · m + (1 − β₂) · g",
            ),
        ),
        _part(
            "Lamb",
            "Adam whose step is as long as the weights of the layer are: made for very large batches.",
            "w ← w − η · ‖w‖ / ‖r‖ · r, r = m̂ / (√v̂ + ε)",
            _first(),
            _second(),
            _epsilon(),
        ),
        _part(
            "Adafactor",
            "Remembers the usual size of gradients by rows and columns only, which saves memory in large layers, and "
            "slows down by itself as training goes on.",
            "w ← w − α · g / √(R · C), R and C the mean squares by row and by column",
            argument(
                "relative_step",
                Flag(),
                "Whether the pace follows from the number of the step, 1 / √step at most, with the learning rate as "
                "the upper limit.",
            ),
            argument(
                "beta_2_decay",
                Number(minimum=-10.0, maximum=0.0),
                "How quickly more of the running mean of squared gradients is kept as training goes on.",
                formula="β₂ = 1 − step^decay",
                group="advanced",
            ),
            argument(
                "clip_threshold",
                Number(minimum=1e-12, maximum=1e6),
                "How large the mean size of a step's change may be before it is scaled down.",
                group="advanced",
            ),
            _epsilon("epsilon_1"),
            argument(
                "epsilon_2",
                Number(minimum=0.0, maximum=10.0),
                "The least size of a weight array that counts where the step is made as long as the weights are.",
                group="advanced",
            ),
        ),
        _part(
            "Muon",
            "Turns the step of each weight matrix into one that moves all directions alike; biases and embeddings "
            "are trained by AdamW. New, and meant for large kernels.",
            "w ← w − η · U Vᵀ, U Σ Vᵀ being the momentum",
            _momentum(" in the matrices"),
            _NESTEROV,
            argument(
                "ns_steps",
                Integer(minimum=1, maximum=100),
                "How often the step is refined towards equal directions. More is more exact and slower.",
            ),
            argument(
                "rms_rate",
                Number(minimum=0.0, maximum=100.0, optional=True),
                "Scales steps so that the learning rates that suit Adam suit here as well. None: they are not scaled.",
            ),
            argument(
                "exclude_embeddings", Flag(), "Whether embeddings are trained by AdamW, as they should be."
            ),
            argument(
                "adam_lr_ratio",
                Number(minimum=0.0, maximum=1e6),
                "The learning rate of what AdamW trains, as a multiple of the learning rate.",
            ),
            _first("adam_beta_1"),
            _second("adam_beta_2"),
            argument(
                "adam_weight_decay",
                Number(minimum=0.0, maximum=1.0, optional=True),
                "Pulls what AdamW trains towards 0.",
                group="regularizers",
            ),
            _epsilon(),
            *(
                argument(
                    f"muon_{letter}",
                    Number(minimum=-100.0, maximum=100.0),
                    "A coefficient of the polynomial by which directions are made equal. There is hardly a reason to "
                    "change it.",
                    formula="X ← a · X + b · X XᵀX + c · (X Xᵀ)² X",
                    group="advanced",
                )
                for letter in "abc"
            ),
        ),
        _part(
            "Ftrl",
            "Follows the regularized leader: made for very many, mostly empty inputs, where it sets weights to "
            "exactly 0. Rare in recurrent networks.",
            "w = argmin(Σ g · w + ½ Σ σ · (w − wₜ)² + λ₁ |w| + λ₂ w²)",
            argument(
                "l1_regularization_strength",
                Number(minimum=0.0, maximum=1e6),
                "How strongly unneeded weights are driven to exactly 0.",
                formula="λ₁ · Σ |w|",
                group="regularizers",
            ),
            argument(
                "l2_regularization_strength",
                Number(minimum=0.0, maximum=1e6),
                "How strongly weights are kept small.",
                formula="λ₂ · Σ w²",
                group="regularizers",
            ),
            argument(
                "l2_shrinkage_regularization_strength",
                Number(minimum=0.0, maximum=1e6),
                "The same by way of the gradient: it acts only on weights whose inputs occur.",
                group="regularizers",
            ),
            argument(
                "learning_rate_power",
                Number(minimum=-10.0, maximum=0.0),
                "How the pace falls with the size of all gradients so far; −0.5 is the square root, 0 keeps it.",
                group="advanced",
            ),
            _ACCUMULATOR,
            argument(
                "beta", Number(minimum=0.0, maximum=1e6), "Makes the first steps smaller.", group="advanced"
            ),
        ),
    )
