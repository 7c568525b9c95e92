"""The model that is trained: made from the source, filled, compiled by the source's own ``compile_model``.

What it had come to at the end of an epoch is its weights and its state: what the optimizer keeps for every weight,
where the seed generators stand, and the states that stateful layers carry on.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import keras
import numpy

from rnn_designer.engine.build import BuiltModel
from rnn_designer.engine.draws import generators_in
from rnn_designer.engine.failures import Refused, essence
from rnn_designer.engine.weights import CARRIED_TYPES, weight_seed
from rnn_designer.messages import Array, Evaluate, Train


class Pupil:
    """A model that can be trained and measured.

    Args:
        request: where its source, layers and weights come from.
        checkpoint: called between stages; it may raise to stop.

    Attributes:
        layers: the plan that the source was made from.
        built: the model, and where its layers and weights are.
        ids: layer ids by layer name.
        outputs: the names of the layers that give the outputs, in the model's order. A layer that gives several
            stands there for each; a box that calls another's layer once more stands there with its own name.

    Raises:
        Refused: the source does not say how the model is trained.
        Exception: whatever the source or Keras raises.
    """

    def __init__(self, request: Train | Evaluate, checkpoint: Callable[[], None]) -> None:
        self.layers = request.layers
        self.built = BuiltModel(request.source, request.layers)
        checkpoint()
        self.built.fill(request.weights, request.seed, checkpoint)
        compile_model = self.built.functions.get("compile_model")
        if not callable(compile_model):
            raise Refused("The generated code has no compile_model(); please report this design.")
        compile_model(self.model)
        if not getattr(self.model, "compiled", False):
            raise Refused("compile_model() did not compile the model; please report this design.")
        self.ids = {layer.name: layer.id for layer in request.layers}
        self.outputs = [self._giver(tensor) for tensor in self.model.outputs]

    @property
    def model(self) -> Any:
        """The Keras model."""
        return self.built.model

    def make_ready(self, batch: Any) -> None:
        """Make the variables of loss, metrics and optimizer, as ``fit`` does before its first step.

        Args:
            batch: inputs, targets and weights of some samples.

        Raises:
            Refused: the loss or a metric does not fit the output and its targets.
        """
        try:
            self.model._symbolic_build(data_batch=batch)
        except Exception as error:
            measure = _measure_in_frames(error)
            if measure is None:
                raise
            raise Refused(
                f"The {measure} cannot be computed from this output and its targets: {essence(str(error))} "
                "Choose one that fits them, or change the units of the output."
            ) from error
        self.model.optimizer.build(self.model.trainable_variables)

    def owners(self) -> list[str]:
        """The layer id of every trainable weight, in the model's order of them."""
        ids = {id(variable): key.split("/")[0] for key, variable in self.built.keys.items()}
        return [ids.get(id(variable), "") for variable in self.model.trainable_variables]

    def begin_draws(self, seed: int) -> None:
        """Put dropout and noise to their beginning.

        A generator without a seed of its own starts at the number that ``weight_seed`` makes of the seed and
        ``<path of the layer>/seed_<number>``, such as ``memory/seed_0`` or ``both/backward/seed_0``.
        """
        for key, generator in self._generators():
            if generator.get_config()["seed"] is None:
                start = [weight_seed(seed, key), 0]
                generator.state.assign(numpy.array(start, dtype=str(generator.state.dtype)))

    def state(self) -> dict[str, Array]:
        """What is needed, besides the weights, to go on as if nothing had happened."""
        return {key: _portable(variable) for key, variable in self._kept()}

    def take_up(self, state: Mapping[str, Array]) -> None:
        """Go back to a state.

        Raises:
            Refused: it is of another model or another optimizer.
        """
        for key, variable in self._kept():
            array = state.get(key)
            if array is None or tuple(array.shape) != tuple(variable.shape):
                received = "nothing" if array is None else f"an array of shape {tuple(array.shape)}"
                raise Refused(
                    f"Training cannot be taken up again: received {received} for {key}; expected shape "
                    f"{tuple(variable.shape)}. The design or its optimizer is another one now; train from the start."
                )
            variable.assign(numpy.asarray(array).astype(str(variable.dtype)))

    @contextmanager
    def undisturbed(self) -> Iterator[None]:
        """While this is open, passes over the model may draw and carry on states; afterwards it is as it was.

        Recurrent layers of Keras draw their dropout in every pass, even where they do not use it.
        """
        kept = [(variable, variable.numpy()) for _, variable in self._carried_on()]
        try:
            yield
        finally:
            for variable, value in kept:
                variable.assign(value)

    def _giver(self, tensor: Any) -> str:
        for place in self.built.placed:
            if any(output is tensor for output in place.outputs):
                return place.planned.name
        return str(tensor._keras_history.operation.name)

    def _kept(self) -> Iterator[tuple[str, Any]]:
        for number, variable in enumerate(self.model.optimizer.variables):
            yield f"optimizer/{number}/{variable.name}", variable
        yield from self._carried_on()

    def _carried_on(self) -> Iterator[tuple[str, Any]]:
        """What every pass may change: seed generators, and the states of stateful layers."""
        for key, generator in self._generators():
            yield key, generator.state
        for place in self.built.placed:
            layer = place.layer
            if place.cells and place.call == 0 and layer.stateful and layer.states is not None:
                for number, variable in enumerate(keras.tree.flatten(list(layer.states))):
                    yield f"{place.path}/carried_{number}", variable

    def _generators(self) -> Iterator[tuple[str, Any]]:
        owned: dict[int, tuple[str, Any]] = {}
        # Wrapped layers and cells come after what holds them, so that they are the owners in the end.
        for place in self.built.placed:
            if place.call == 0:
                for number, generator in enumerate(generators_in(place.layer)):
                    owned[id(generator)] = (f"{place.path}/seed_{number}", generator)
        for number, generator in enumerate(generators_in(self.model)):
            owned.setdefault(id(generator), (f"model/seed_{number}", generator))
        yield from owned.values()


def _measure_in_frames(error: BaseException) -> str | None:
    """The loss or metric that was being computed when this was raised, in words."""
    found = None
    for frame, _ in traceback.walk_tb(error.__traceback__):
        owner = frame.f_locals.get("self")
        # What Keras itself wraps around the losses and metrics of a model is not what was chosen.
        if type(owner).__name__.startswith("Compile"):
            continue
        if isinstance(owner, keras.losses.Loss):
            found = f"loss “{owner.name}”"
        elif isinstance(owner, keras.metrics.Metric):
            found = f"metric “{owner.name}”"
    return found


def _portable(variable: Any) -> Array:
    """A value in a type that messages carry, from which it comes back exactly."""
    value = numpy.asarray(keras.ops.convert_to_numpy(variable))
    if value.dtype.name in CARRIED_TYPES:
        return value
    return value.astype("int64" if value.dtype.kind in "iu" else "float32")
