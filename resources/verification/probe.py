"""Runs an exported program by itself and writes down what its model gives and what every cell of it remembers.

Started as ``python -I probe.py FOLDER`` with nothing but Python, NumPy and Keras; RNN Designer cannot be imported
here. It knows nothing of how RNN Designer traces: it calls the model once, step by step in plain Python, and
listens to Keras' own ``Layer.__call__``. What is compared with what is decided by whoever reads the record.

In the folder: ``job.json`` (``program``; ``weights``: a file to load, or null; ``inputs``: how many), and
``inputs.npz`` (``0``, ``1`` … in the order of the model's inputs). Afterwards also ``record.json`` and
``record.npz``, or ``failure.json`` with the sentence. The trap: what a cell hands on is the state that it got at the
next call, since Keras holds states at masked steps only after the cell has run.
"""

import json
import os
import runpy
import sys
import threading


class NotHere:
    """Keeps RNN Designer out: the program has to do without it, as it will elsewhere."""

    def find_spec(self, name, path=None, target=None):
        """Refuse the package and all in it; leave everything else to those that come after."""
        if name.split(".")[0] == "rnn_designer":
            raise ModuleNotFoundError(
                "RNN Designer is kept out while an exported program is verified.", name=name
            )


class Call:
    """One call of a layer.

    Attributes:
        layer: which one.
        top: the call of a layer of the model that it was made in; itself if it is one.
        loop: the call of the recurrent layer that it was made in, if it is a cell's in Keras' own loop.
        sequence: the first argument.
        received: the tensors of all positional arguments after the first, flat: a cell's states.
        returned: what it gave, flat.
    """

    def __init__(self, layer, open_calls, sequence, received):
        loops = [
            each
            for each in open_calls
            if hasattr(each.layer, "return_sequences") and hasattr(each.layer, "cell")
        ]
        self.layer = layer
        self.top = open_calls[0] if open_calls else self
        self.loop = loops[-1] if loops else None
        self.sequence = sequence
        self.received = received
        self.returned = []


def record_of(model, inputs):
    """Call the model once and describe every call that was made in it.

    Args:
        model: the Keras model.
        inputs: one array for each of its inputs.

    Returns:
        A pair: what ``record.json`` holds, and the arrays that it refers to by their numbers.
    """
    import keras
    import numpy

    calls, open_calls = [], []
    original = keras.layers.Layer.__call__

    def __call__(self, *positional, **named):  # noqa: N807 - it stands in for that method
        if self is model:
            return original(self, *positional, **named)
        states = keras.tree.flatten(list(positional[1:]) + [named[k] for k in ("states",) if k in named])
        call = Call(self, open_calls, positional[0] if positional else None, states)
        calls.append(call)
        open_calls.append(call)
        try:
            result = original(self, *positional, **named)
        finally:
            open_calls.pop()
        call.returned = keras.tree.flatten(result)
        return result

    keras.layers.Layer.__call__ = __call__
    try:
        outputs = model(inputs if len(inputs) > 1 else inputs[0], training=False)
    finally:
        keras.layers.Layer.__call__ = original

    arrays = []

    def kept(tensor):
        value = numpy.asarray(keras.ops.convert_to_numpy(tensor))
        arrays.append(
            value.astype("float32") if value.dtype.kind == "f" or value.dtype.name == "bfloat16" else value
        )
        return len(arrays) - 1

    tops, made, places = [], {}, {}
    for layer in model.layers:
        places.update(inner_places(layer, layer.name))
    loops = {}
    for call in calls:
        if call.top is call:
            if id(call.layer) in loops:
                # A program that spells its loop out calls the same cell again for every step.
                call.entry = loops[id(call.layer)]
                continue
            made[id(call.layer)] = made.get(id(call.layer), 0) + 1
            stepping = is_cell(call.layer)
            tops.append(
                {
                    "name": call.layer.name,
                    "call": made[id(call.layer)],
                    "returned": [] if stepping else [kept(each) for each in call.returned],
                    "inner": {},
                    "cells": {},
                }
            )
            call.entry = tops[-1]
            if stepping:
                loops[id(call.layer)] = call.entry
    by_place = {}
    for call in calls:
        place, cell = places.get(id(call.layer), (None, False))
        if place is None:
            continue
        entry = call.top.entry
        below = place[len(call.top.layer.name) :].lstrip("/")
        if cell and call.received:
            by_place.setdefault((id(entry), below), (entry, below, []))[2].append(call)
        elif not cell and call.top is not call:
            entry["inner"][below] = [kept(each) for each in call.returned]
    for entry, below, steps in by_place.values():
        entry["cells"][below] = steps_of(steps, kept)
    flat = keras.tree.flatten(outputs)
    record = {
        "outputs": [kept(each) for each in flat],
        "calls": tops,
        "keras": keras.__version__,
        "configuration": configuration_of(model),
    }
    return record, arrays


def steps_of(calls, kept):
    """The outputs and states of one cell, call after call, each as numbers of arrays ``(batch, steps, …)``."""
    import numpy

    if calls[0].loop is not None:
        # Before its loop, Keras runs the cell on the first step to see what it gives.
        calls = calls[-calls[0].loop.sequence.shape[1] :]

    def stacked(tensors):
        return kept(numpy.stack([numpy.asarray(each) for each in tensors], axis=1))

    states = len(calls[0].received)
    handed_on = [*(call.received for call in calls[1:]), calls[-1].returned[-states:]]
    return {
        "output": stacked([call.returned[0] for call in calls]),
        "states": [stacked([step[number] for step in handed_on]) for number in range(states)],
        "before_last": [kept(each) for each in calls[-1].received],
    }


def inner_places(layer, path):
    """Where the layers and cells in a layer stand, by their ``id``: a path, and whether it is a cell."""
    found = {}
    for attribute, step in (("forward_layer", "forward"), ("backward_layer", "backward"), ("layer", "layer")):
        inner = getattr(layer, attribute, None)
        if inner is not None:
            found[id(inner)] = (f"{path}/{step}", False)
            found.update(inner_places(inner, f"{path}/{step}"))
    cell = getattr(layer, "cell", None)
    if cell is None and is_cell(layer):
        cell = layer
    if cell is not None:
        found.update(cell_places(cell, path))
    return found


def is_cell(layer):
    """Whether it computes one step and is handed its states."""
    return hasattr(layer, "state_size") and not hasattr(layer, "return_sequences")


def cell_places(cell, path):
    """The same for a cell and, if it is a stack, for those in it."""
    found = {}
    inner = getattr(cell, "cells", None)
    if inner is None:
        found[id(cell)] = (path, True)
    else:
        for number, each in enumerate(inner):
            found.update(cell_places(each, f"{path}/cell_{number}"))
    return found


def configuration_of(model):
    """How the model and each of its layers describe themselves; plain JSON."""

    def plain(make):
        try:
            return json.loads(json.dumps(make(), default=str))
        except NotImplementedError:
            return None

    return {
        "model": plain(model.get_config),
        "class": type(model).__name__,
        "layers": {
            layer.name: {"class_name": type(layer).__name__, "config": plain(layer.get_config)}
            for layer in model.layers
        },
    }


def main(folder):
    """Do the job in the folder.

    Returns:
        The exit code: 0 if the record is written, 1 if there is a sentence instead.
    """
    sys.meta_path.insert(0, NotHere())
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with open(os.path.join(folder, "job.json"), encoding="utf-8") as file:
        job = json.load(file)
    try:
        import numpy

        program = runpy.run_path(job["program"], run_name="exported")
        if "build_model" not in program:
            raise LookupError("it defines no build_model()")
        model = program["build_model"]()
        with numpy.load(os.path.join(folder, "inputs.npz"), allow_pickle=False) as stored:
            inputs = [stored[str(number)] for number in range(job["inputs"])]
        if job["weights"]:
            if not model.built:
                model(inputs if len(inputs) > 1 else inputs[0])
            model.load_weights(job["weights"])
        record, arrays = record_of(model, inputs)
    except BaseException as problem:
        import traceback

        traceback.print_exc()
        first = (str(problem).strip().splitlines() or ["it gave no reason"])[0][:300]
        write(folder, "failure.json", {"kind": type(problem).__name__, "reason": first})
        return 1
    numpy.savez(
        os.path.join(folder, "record.npz"), **{str(place): array for place, array in enumerate(arrays)}
    )
    write(folder, "record.json", record)
    return 0


def write(folder, name, content):
    """Write JSON into the folder."""
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        json.dump(content, file)


def end_with_parent():
    """End when whoever started this is gone: its end of our standard input closes then."""
    sys.stdin.buffer.read()
    os._exit(3)


if __name__ == "__main__":
    threading.Thread(target=end_with_parent, daemon=True).start()
    code = main(sys.argv[1])
    sys.stdout.flush()
    sys.stderr.flush()
    # Without waiting for TensorFlow's threads, or for the one that reads.
    os._exit(code)
