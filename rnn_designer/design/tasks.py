"""What an output can learn from its data, and which task, loss and metrics fit it, each with the reason.

Nothing here looks at data: what the targets are is told from the design alone; ``sequences.lessons`` makes them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

from rnn_designer.catalog import Part, TensorSpec
from rnn_designer.catalog.tensors import Size
from rnn_designer.design.checking.graph import Graph
from rnn_designer.design.fitted_loss import FOR_SEVERAL_CLASSES, Encoding, FittedLoss, fitted_loss
from rnn_designer.design.last_activation import last_activation
from rnn_designer.design.model import DataSource, Design, Goal, Layer, Training
from rnn_designer.design.problems import Checked, PortRef
from rnn_designer.wording import counted

TaskName: TypeAlias = Literal["next_step", "horizon", "value", "values", "class", "classes", "next_token"]


@dataclass(frozen=True)
class Task:
    """A kind of thing to learn.

    Attributes:
        name: as it stands in a design file.
        title: what lists call it.
        explanation: what the network is asked for, and what that takes.
        formula: the target y of the input x, in plain Unicode.
        per_step: whether there is a target at every step; None where it is as the output has it.
        classes: whether a class is to be told, and not a number.
        foretells: whether the target lies ahead in the data that the Input reads.
    """

    name: TaskName
    title: str
    explanation: str
    formula: str
    per_step: bool | None
    classes: bool = False
    foretells: bool = False


_TASKS = (
    Task(
        "next_step",
        "Next step",
        "After every step, the value of the next one. The network learns from each step of a sample, so a long sample "
        "is worth many. The output has as many steps as the Input: turn on return sequences.",
        "y(t) = x(t + 1)",
        True,
        foretells=True,
    ),
    Task(
        "horizon",
        "Steps ahead",
        "Once, after the whole sample: the value that follows it, or that comes some steps later. The usual way to "
        "forecast.",
        "y = x(T + horizon − 1), the sample being x(0) … x(T − 1)",
        False,
        foretells=True,
    ),
    Task(
        "value",
        "A number for each sample",
        "Once, after the whole sample: a number that belongs to it. It comes from other columns of the data (there, "
        "from the row of the sample's last step), from a source of its own, or from the task of a generator.",
        "y = y(T − 1)",
        False,
    ),
    Task(
        "values",
        "A number at every step",
        "At every step, a number that belongs to it, from other columns of the same row, from a source of its own or "
        "from the task of a generator. Steps whose target is a gap do not count.",
        "y(t) for every t",
        True,
    ),
    Task(
        "class",
        "A class for each sample",
        "Once, after the whole sample: which of several classes it belongs to. The classes are numbered from 0.",
        "y ∈ {0, 1, … n − 1}",
        False,
        classes=True,
    ),
    Task(
        "classes",
        "A class at every step",
        "At every step, which of several classes it belongs to, numbered from 0. Steps whose target is a gap do not "
        "count.",
        "y(t) ∈ {0, 1, … n − 1}",
        True,
        classes=True,
    ),
    Task(
        "next_token",
        "Next token",
        "Which token comes next: after every step where the output has steps, else once after the whole sample. So "
        "texts are learned.",
        "y(t) = x(t + 1), a token's number",
        None,
        classes=True,
        foretells=True,
    ),
)
AUTO = "auto"
"""The task of a goal for which nobody has chosen one."""
TASKS: Mapping[str, Task] = MappingProxyType({task.name: task for task in _TASKS})
"""Every task by its name."""

CLASSES_OF: Mapping[str, int] = MappingProxyType({"waves": 3})
"""Generators whose samples belong to classes by turns, and to how many."""


@dataclass(frozen=True)
class FittedGoal:
    """What one output learns, complete: what was chosen, and what fits where nothing was.

    Attributes:
        layer: id of the layer whose output is trained.
        port: which of its outputs.
        input: id of the Input in whose data the targets lie.
        task: a name in :data:`TASKS`.
        task_why: why that one, in a sentence.
        loss: a loss of the catalog.
        loss_why: why that one.
        metrics: metrics of the catalog.
        metrics_why: why those.
        per_step: whether there is a target at every step.
        encoding: ``numbers``; ``ids`` for the number of the class; ``one_hot`` for a 1 at the class among zeros;
            ``binary`` for one 0 or 1.
        sizes: what the targets' axes are after that of the samples, as far as it is known.
        classes: how many classes are told apart; None for numbers.
        horizon: how many steps after the sample's end the target lies.
        columns: the columns of the targets; none for those that the Input reads.
        source: where the targets come from instead.
        weight: how much its loss counts beside others.
        balanced: whether rare classes count as much in all as frequent ones.
        masked: whether the output has a mask, so that masked steps do not count.
        missing: what has to be chosen or changed before there are targets that fit, as a sentence; empty where
            nothing has to.
        activation: the last activation function before the output.
    """

    layer: str
    port: str
    input: str
    task: TaskName
    task_why: str
    loss: Part
    loss_why: str
    metrics: tuple[Part, ...]
    metrics_why: str
    per_step: bool
    encoding: Encoding
    sizes: tuple[Size, ...]
    classes: int | None
    horizon: int
    columns: tuple[str, ...]
    source: DataSource | None
    weight: float
    balanced: bool
    masked: bool
    missing: str
    activation: str


def trained_outputs(design: Design, checked: Checked) -> tuple[PortRef, ...]:
    """The outputs that can be trained, in the design's order: the first port of each last layer, states left out."""
    followed = {link.source for link in design.links if link.target in checked.runnable}
    found: list[PortRef] = []
    for layer in design.layers:
        if (
            layer.id not in checked.runnable
            or layer.id in followed
            or layer.type.cell
            or not layer.type.inputs
        ):
            continue
        ports = layer.type.outputs(layer.values(), layer.call.children)
        port = next((each.name for each in ports if not each.state), None)
        spec = None if port is None else checked.shapes.get((layer.id, port))
        if port is not None and spec is not None and spec.kind == "float" and spec.rank > 1:
            found.append((layer.id, port))
    return tuple(found)


def fitting(design: Design, checked: Checked) -> dict[str, FittedGoal]:
    """What each output that can be trained learns, by the id of its layer, in the design's order.

    Args:
        design: the design; what its training names goes before what fits.
        checked: the same design, checked.
    """
    training = design.training or Training()
    graph = Graph(design)
    found: dict[str, FittedGoal] = {}
    for layer_id, port in trained_outputs(design, checked):
        goal: Goal = training.goals.get(layer_id) or Goal()
        found[layer_id] = _Fitting(design, checked, graph, goal, layer_id, port).goal()
    return found


@dataclass(frozen=True)
class _Fitting:
    """One output, its goal, and what is known of both."""

    design: Design
    checked: Checked
    graph: Graph
    given: Goal
    layer_id: str
    port: str

    def goal(self) -> FittedGoal:
        task_name, task_why = self._task()
        task = TASKS[task_name]
        activation = last_activation(self.graph, self.layer_id)
        # A chosen loss decides the form of the targets; where none is, a task of classes decides both.
        gaps = task.per_step is True and not task.foretells and self._steps
        fitted = fitted_loss(self.given, task.classes, self._steps, gaps, self.spec, activation)
        per_step = self._steps if task.per_step is None else task.per_step
        return FittedGoal(
            layer=self.layer_id,
            port=self.port,
            input=self.source_input.id,
            task=task_name,
            task_why=task_why,
            loss=fitted.loss,
            loss_why=fitted.loss_why,
            metrics=fitted.metrics,
            metrics_why=fitted.metrics_why,
            per_step=per_step,
            encoding=fitted.encoding,
            sizes=self.spec.sizes[1:-1] if fitted.encoding == "ids" else self.spec.sizes[1:],
            classes=self._classes(fitted) if task.classes else None,
            horizon=self.given.horizon if task_name == "horizon" else 1,
            columns=self.given.columns,
            source=self.given.source,
            weight=self.given.weight,
            balanced=self.given.balanced and task.classes,
            masked=self.spec.masked,
            missing=self._missing(task),
            activation=activation,
        )

    @property
    def spec(self) -> TensorSpec:
        """The tensor at the output."""
        return self.checked.shapes[self.layer_id, self.port]

    @property
    def _steps(self) -> bool:
        """Whether the output has something at every step."""
        return self.spec.rank > 2 and self.spec.axes[1] == "time"

    @property
    def source_input(self) -> Layer:
        """The Input whose data the targets most likely lie in: one of the output's own sizes, else the first."""
        inputs = self._inputs()
        for layer in inputs:
            if self._same_sizes(layer):
                return layer
        return inputs[0]

    def _inputs(self) -> list[Layer]:
        reached, waiting = {self.layer_id}, [self.layer_id]
        while waiting:
            for link in self.graph.entering[waiting.pop()]:
                if link.source not in reached:
                    reached.add(link.source)
                    waiting.append(link.source)
        return [layer for layer in self.design.layers if layer.kind == "Input" and layer.id in reached]

    def _same_sizes(self, layer: Layer) -> bool:
        """Whether the output holds what a step of the Input holds: as many features, rows and columns."""
        spec = self.checked.shapes[layer.id, "output"]
        if spec.kind == "int" and spec.rank == 2:
            return vocabulary(self.graph, layer) == self.spec.features
        step = spec.sizes[2:]
        return bool(step) and step == (self.spec.sizes[2:] if self._steps else self.spec.sizes[1:])

    def _classes(self, fitted: FittedLoss) -> int | None:
        return 2 if fitted.encoding == "binary" else self.spec.features

    def _task(self) -> tuple[TaskName, str]:
        """The task chosen, or the one that fits."""
        if self.given.task in TASKS:
            return TASKS[self.given.task].name, "It was chosen by hand."
        if self.given.source is not None or self.given.columns:
            return self._task_of_own_targets()
        layer = self.source_input
        source = self.design.source_of(layer.id)
        answered = self._task_of_generator(layer, "" if source is None else source.kind)
        if answered is not None:
            return answered
        spec = self.checked.shapes[layer.id, "output"]
        activation = last_activation(self.graph, self.layer_id)
        when = "at every step" if self._steps else "once for the whole sample"
        if spec.kind == "int" and spec.rank == 2 and (self._same_sizes(layer) or activation == "softmax"):
            return (
                "next_token",
                f"“{layer.name}” reads tokens, and the output gives a number for each token there is, {when}.",
            )
        if self._same_sizes(layer) and activation != "softmax":
            task: TaskName = "next_step" if self._steps else "horizon"
            return (
                task,
                f"The output gives {when} just as many numbers as a step of “{layer.name}” has: a prediction of the "
                "data itself.",
            )
        if self._classifies(activation):
            return (
                "classes" if self._steps else "class",
                f"The output gives a number for each class, {when}, as its {self._by(activation)} says.",
            )
        return (
            "values" if self._steps else "value",
            f"The output gives {counted(self.spec.features or 0, 'number')} {when}, which is not what a step of "
            f"“{layer.name}” has.",
        )

    def _task_of_own_targets(self) -> tuple[TaskName, str]:
        activation = last_activation(self.graph, self.layer_id)
        when = "at every step" if self._steps else "once for the whole sample"
        if self._classifies(activation):
            return (
                "classes" if self._steps else "class",
                f"Targets were chosen, and the output gives a number for each class, {when}, as its "
                f"{self._by(activation)} says.",
            )
        if len(self.given.columns) == 1 and (self.spec.features or 0) > 1:
            return (
                "classes" if self._steps else "class",
                f"The target is one column and the output has {self.spec.features} numbers, {when}: a score for each "
                "class.",
            )
        if self.given.source is None and self._reads_its_targets():
            return (
                "next_step" if self._steps else "horizon",
                "The target columns are read by the Input as well, so what is to be learned is how they go on.",
            )
        return (
            "values" if self._steps else "value",
            f"Targets of their own were chosen, and the output gives numbers {when}.",
        )

    def _reads_its_targets(self) -> bool:
        source = self.design.source_of(self.source_input.id)
        if source is None:
            return False
        read = source.options.get("columns") or ()
        return not read or set(self.given.columns) <= {str(each) for each in read}

    def _task_of_generator(self, layer: Layer, kind: str) -> tuple[TaskName, str] | None:
        from rnn_designer.sequences import GENERATORS

        generator = GENERATORS.get(kind)
        if generator is None:
            return None
        if kind in CLASSES_OF and (self.spec.features or 0) > 1:
            return (
                "class",
                f"The samples of “{layer.name}” belong to {CLASSES_OF[kind]} classes by turns.",
            )
        if generator.target is None:
            return None
        activation = last_activation(self.graph, self.layer_id)
        says = f"“{layer.name}” sets a task: {generator.task}."
        if (self.spec.features or 0) > 1 or activation == "sigmoid":
            return ("classes" if self._steps else "class"), says
        return ("values" if self._steps else "value"), says

    def _classifies(self, activation: str) -> bool:
        wide = (self.spec.features or 0) > 1
        if wide and self.given.loss is not None and self.given.loss.kind in FOR_SEVERAL_CLASSES:
            return True
        return (activation == "softmax" and wide) or (activation == "sigmoid" and not wide)

    def _by(self, activation: str) -> str:
        return f"last activation, {activation}," if activation in ("softmax", "sigmoid") else "loss"

    def _missing(self, task: Task) -> str:
        """What has to be chosen before there are targets that fit."""
        if task.per_step is not None and task.per_step != self._steps:
            wanted = "at every step" if task.per_step else "once for the whole sample"
            gives = "one prediction for the whole sample" if task.per_step else "a prediction at every step"
            words = "on" if task.per_step else "off"
            return (
                f"“{task.title}” asks for an answer {wanted}, but “{self.graph.tops[self.layer_id].name}” gives "
                f"{gives}. Turn {words} return sequences of the last recurrent layer, or choose another task."
            )
        if self.given.source is not None or self.given.columns:
            return ""
        layer = self.source_input
        source = self.design.source_of(layer.id)
        kind = "" if source is None else source.kind
        if task.foretells:
            if task.name == "next_token" or self._same_sizes(layer):
                return ""
            step = self.checked.shapes[layer.id, "output"].sizes[2:]
            return (
                f"The output has {counted(self.spec.features or 0, 'number')}, a step of “{layer.name}” "
                f"{' × '.join(map(str, step)) or 'none'}. Choose which columns are to be predicted, or give the "
                "output as many units."
            )
        from rnn_designer.sequences import GENERATORS

        generator = GENERATORS.get(kind)
        if generator is not None and (generator.target is not None or (task.classes and kind in CLASSES_OF)):
            return ""
        name = self.graph.tops[self.layer_id].name
        if task.classes:
            return f"Nothing says what “{name}” is to learn. Choose the column with the classes."
        units = fitting_units(self.graph, self.checked, layer)
        if units is None or self.given.task != AUTO:
            return f"Nothing says what “{name}” is to learn. Choose the columns with the targets."
        layer_itself = self.graph.tops[self.layer_id]
        way = (
            f"give it {counted(units, 'unit')}"
            if layer_itself.kind == "Dense"
            else f"put a Dense with {counted(units, 'unit')} behind it"
        )
        gives = counted(self.spec.features or 0, "number")
        return (
            f"Nothing says what “{name}” is to learn: it gives {gives}, and a step of “{layer.name}” has {units}. To "
            f"foretell the data, {way}; else choose the columns with the targets."
        )


def fitting_units(graph: Graph, checked: Checked, layer: Layer) -> int | None:
    """How many units an output needs to foretell an Input: its features, or its tokens; None where it has neither."""
    spec = checked.shapes.get((layer.id, "output"))
    if spec is None:
        return None
    if spec.kind == "int":
        return vocabulary(graph, layer) if spec.rank == 2 else None
    return spec.features if spec.rank == 3 else None


def vocabulary(graph: Graph, layer: Layer) -> int | None:
    """How many tokens there are, by the Embedding that reads them."""
    for link in graph.leaving[layer.id]:
        follower = graph.tops[link.target]
        for each in follower.walk():
            for name in ("input_dim", "num_tokens"):
                if name in each.type.by_name and isinstance(each.value(name), int):
                    return int(each.value(name))
    return None
