"""Every setting of a training and of a goal: what it may be, and what it does in plain words.

Forms, edits and files all go by these, as they go by a layer type's parameters.
"""

from collections.abc import Mapping

from rnn_designer.catalog import Choice, Flag, Integer, Number, Parameter, PartOf
from rnn_designer.catalog.code_parameters import Text
from rnn_designer.design.edits.settings import HIGHEST_SEED

CLIPPINGS = ("none", "norm", "global_norm", "value")
MOST_SAMPLES = 1_000_000

TRAINING_SETTINGS: tuple[Parameter, ...] = (
    Parameter(
        "optimizer",
        PartOf("optimizers"),
        None,
        "The rule by which each step of training changes the weights, from the slope of the loss. Adam is the usual "
        "first choice: it finds a pace of its own for every weight.",
    ),
    Parameter(
        "schedule",
        PartOf("schedules", optional=True),
        None,
        "How the learning rate changes while training goes on. It starts from the learning rate of the optimizer. "
        "Without one the learning rate stays as it is.",
    ),
    Parameter(
        "clipping",
        Choice(CLIPPINGS),
        "none",
        "Keeps steps from becoming too large where the slope of the loss is steep, as it is now and then in recurrent "
        "networks. “norm” shortens the gradient of each weight array, “global_norm” shortens all of them together and "
        "so keeps their direction, “value” cuts off every single number.",
        "g ← g · limit / ‖g‖ where ‖g‖ > limit",
    ),
    Parameter(
        "clip_at",
        Number(minimum=1e-12, maximum=1e12),
        1.0,
        "How long a gradient may be (or how large a number in it, where values are clipped). 1 is usual.",
    ),
    Parameter(
        "batch_size",
        Integer(minimum=1, maximum=MOST_SAMPLES),
        32,
        "How many samples make one step: the weights change by the mean of their gradients. Small batches take more, "
        "noisier steps in an epoch; large ones fewer and steadier ones, and need more memory.",
    ),
    Parameter(
        "epochs",
        Integer(minimum=1, maximum=100_000),
        50,
        "How often all samples of the training part are gone through.",
    ),
    Parameter(
        "patience",
        Integer(minimum=1, maximum=100_000, optional=True),
        None,
        "Early stopping: training ends when the monitored figure has made no progress for so many epochs. None: it "
        "goes on to the last epoch.",
    ),
    Parameter(
        "monitor",
        Text(longest=200),
        "val_loss",
        "The figure that says which epoch is best: val_loss is the loss on samples that the network has not learned "
        "from. Where nothing is held back for validation, choose loss.",
    ),
    Parameter(
        "least_progress",
        Number(minimum=0.0, maximum=1e9),
        0.0,
        "A change of the monitored figure that is not larger than this counts as none.",
        group="behaviour",
    ),
    Parameter(
        "validation",
        Number(minimum=0.0, maximum=0.95),
        0.2,
        "The share of the data that is held back to watch the training: what follows the training part in time, so "
        "that nothing of the future leaks into learning. It counts where the data itself names no share.",
    ),
    Parameter(
        "test",
        Number(minimum=0.0, maximum=0.95),
        0.1,
        "The share at the very end that is looked at once, when all is settled. It counts where the data itself names "
        "no share.",
    ),
    Parameter(
        "stride",
        Integer(minimum=1, maximum=10**9),
        1,
        "How many steps later each further sample begins, where samples are cut from one long series. 1 uses every "
        "window there is; more gives fewer samples that have less in common.",
        group="behaviour",
    ),
    Parameter(
        "samples",
        Integer(minimum=1, maximum=MOST_SAMPLES),
        512,
        "How many samples a generator makes, those for validation and test among them.",
    ),
    Parameter(
        "shuffle",
        Flag(),
        True,
        "Whether the samples of the training part come in another order in each epoch. It is the order of whole "
        "samples: the steps within each stay as they are. Turn it off for stateful layers.",
        group="behaviour",
    ),
    Parameter(
        "seed",
        Integer(minimum=0, maximum=HIGHEST_SEED),
        0,
        "Fixes the order of the samples and what dropout and noise draw, so that the same training gives the same "
        "network again.",
        group="behaviour",
    ),
)
"""The settings of :class:`~rnn_designer.design.model.Training`, in the order in which a form shows them."""

GOAL_SETTINGS: tuple[Parameter, ...] = (
    Parameter(
        "horizon",
        Integer(minimum=1, maximum=MOST_SAMPLES),
        1,
        "How many steps after the end of a sample the value lies that is to be predicted.",
        "target = x(t + horizon)",
    ),
    Parameter(
        "loss",
        PartOf("losses", optional=True),
        None,
        "What training makes small: one number that says how far the output is from its target. None: the one that "
        "fits the task and the output.",
    ),
    Parameter(
        "weight",
        Number(minimum=0.0, maximum=1e9),
        1.0,
        "How much this output's loss counts beside those of other outputs.",
        "loss = Σ weight · loss of the output",
    ),
    Parameter(
        "balanced",
        Flag(),
        False,
        "Whether rare classes count as much in all as frequent ones: each sample of a class is weighted by how rare "
        "the class is in the training part.",
        "weight = samples / (classes · samples of the class)",
    ),
)
"""Settings of :class:`~rnn_designer.design.model.Goal` that are a single value, in the order of a form."""

TRAINING_SETTING: Mapping[str, Parameter] = {each.name: each for each in TRAINING_SETTINGS}
GOAL_SETTING: Mapping[str, Parameter] = {each.name: each for each in GOAL_SETTINGS}
METRIC = PartOf("metrics")
