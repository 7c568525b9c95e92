"""What the designs of the gallery are made of, and how their weights are trained."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import keras
import numpy

from rnn_designer.catalog import FrozenMap
from rnn_designer.codegen import generate, planned
from rnn_designer.design import DataSource, Design, Generation, Layer, Link, Note, Severity, check, files
from rnn_designer.design.model import Training
from rnn_designer.design.weights import save_weights
from rnn_designer.engine.build import BuiltModel
from rnn_designer.messages import PlannedLayer

EXAMPLES = Path(__file__).resolve().parents[2] / "resources" / "examples"
COLUMN, ROW = 290.0, 180.0
"""From one box to the next."""
_NOTE_WIDTH, _LINE, _CHARACTERS = 480.0, 16.0, 76

TUTORIAL = (
    (
        (0.1, 0.2, 0.3, 0.4, 0.5),
        (0.6, 0.7, 0.8, 0.9, 1.0),
        (1.1, 1.2, 1.3, 1.4, 1.5),
    ),
)
"""The little batch that the systems start from: 1 sample × 3 time steps × 5 features."""


@dataclass(frozen=True)
class Example:
    """A design of the gallery, and how it learns.

    Attributes:
        design: without weights.
        lesson: inputs and targets to fit the design's own model to, or its head; None where nothing is trained.
        loss: Keras' name of the loss.
        epochs: how often the lesson is gone through.
        head: layers to be put behind each of the taught outputs while training; they stay behind.
        taught: how many of the model's outputs learn, from the first on; the targets are a list if not all alike.
        batch_size: samples per step of training.
        rate: Adam's learning rate.
    """

    design: Design
    lesson: Callable[[], tuple[Any, Any]] | None = None
    loss: str = "mse"
    epochs: int = 60
    head: Callable[[], list[Any]] | None = None
    taught: int = 1
    batch_size: int = 32
    rate: float = 5e-3


def layer(
    layer_id: str, kind: str, name: str, position: tuple[float, float], *children: Layer, **params: object
) -> Layer:
    """A layer with the parameters that differ from Keras' defaults."""
    return Layer(layer_id, kind, name, FrozenMap(params), position, children)


def sheet(text: str, position: tuple[float, float], width: float = _NOTE_WIDTH) -> Note:
    """A note on the canvas, as high as its text; the design's id for it comes from its text."""
    across = int(_CHARACTERS * width / _NOTE_WIDTH)
    lines = sum(max(1, -(-len(line) // across)) for line in text.split("\n"))
    number = sum(map(ord, text)) % 16**6
    return Note(f"n{number:07x}", text, position, (width, 24.0 + _LINE * lines), "yellow")


def design(
    name: str,
    notes: str,
    layers: tuple[Layer, ...],
    data: dict[str, DataSource],
    *sheets: Note,
    links: tuple[Link, ...] | None = None,
    seed: int = 7,
    generation: Generation | None = None,
    training: Training | None = None,
) -> Design:
    """A design; its layers follow one another where no wires are given."""
    wires = tuple(Link(before.id, after.id) for before, after in pairwise(layers)) if links is None else links
    return Design(
        name,
        layers,
        wires,
        FrozenMap(data),
        seed=seed,
        notes=notes,
        canvas_notes=sheets,
        generation=generation,
        training=training,
    )


def tutorial_data(**more: Any) -> DataSource:
    """The little batch, typed into the design."""
    return DataSource("typed", FrozenMap(values=TUTORIAL), time_steps=3, **more)


def running_means(features: int = 5, longest: int = 12, samples: int = 1024) -> tuple[Any, Any]:
    """Random sequences; asked for is, at every step, the mean of each feature so far: a state has to keep count."""
    random = numpy.random.default_rng(7)
    inputs = random.uniform(0.0, 1.5, (samples, longest, features)).astype("float32")
    counts = numpy.arange(1, longest + 1)[:, None]
    return inputs, (inputs.cumsum(axis=1) / counts).astype("float32")


def dense_head(features: int = 5) -> Callable[[], list[Any]]:
    """A Dense behind the model while it learns."""
    return lambda: [keras.layers.Dense(features)]


def make(example: Example, *, train: bool = True) -> None:
    """Train an example's own model and write design and weights; without training, the design alone."""
    shown = example.design
    if not train:
        weights = f"{shown.name}.weights.npz"
        there = (EXAMPLES / weights).is_file()
        files.save(replace(shown, weights=weights if there else None), EXAMPLES / f"{shown.name}.rnnd")
        return
    checked = check(shown)
    errors = [problem.message for problem in checked.problems if problem.severity is Severity.ERROR]
    if errors:
        raise SystemExit(f"{shown.name}: {errors[0]}")
    built = BuiltModel(generate(checked).text, tuple(_plan(each) for each in planned(checked)))
    built.fill({}, shown.seed, lambda: None)
    said = "not trained"
    if example.lesson is not None:
        said = _taught(example, built.model)
    EXAMPLES.mkdir(exist_ok=True)
    weights = f"{shown.name}.weights.npz"
    held = built.weights()
    if held:
        save_weights(EXAMPLES / weights, held)
        shown = replace(shown, weights=weights)
    files.save(shown, EXAMPLES / f"{shown.name}.rnnd")
    print(f"{shown.name}: {said}", flush=True)


def _taught(example: Example, model: Any) -> str:
    assert example.lesson is not None
    keras.utils.set_random_seed(example.design.seed)
    inputs, targets = example.lesson()
    outputs = list(model.outputs[: example.taught])
    if example.head is not None:
        for number, tensor in enumerate(outputs):
            for each in example.head():
                tensor = each(tensor)
            outputs[number] = tensor
    learner = keras.Model(model.inputs, outputs)
    if not isinstance(targets, list):
        targets = [targets] * len(outputs)
    learner.compile(keras.optimizers.Adam(example.rate, clipnorm=1.0), example.loss)
    history = learner.fit(
        inputs, targets, batch_size=example.batch_size, epochs=example.epochs, verbose=0
    ).history["loss"]
    return f"{example.loss} {history[0]:.4f} -> {history[-1]:.4f} in {example.epochs} epochs"


def _plan(entry: Any) -> PlannedLayer:
    layer_id, name, kind, children, *more = entry
    return PlannedLayer(layer_id, name, kind, tuple(_plan(child) for child in children), *more)
