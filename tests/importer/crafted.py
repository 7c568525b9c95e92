"""Model files made by hand, as Keras writes them or as somebody would who means harm."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy

UNITS, FEATURES = 3, 2


def layer(kind: str, name: str, /, module: str | None = "keras.layers", **config: Any) -> dict[str, Any]:
    """A layer as Keras 3 describes it."""
    described = {
        "class_name": kind,
        "config": {"name": name, "trainable": True, "dtype": "float32", **config},
    }
    return {**described, "module": module, "registered_name": None} if module else described


def input_layer(name: str = "x", shape: tuple[int | None, ...] = (None, None, FEATURES)) -> dict[str, Any]:
    config = {"batch_shape": list(shape), "dtype": "float32", "sparse": False, "name": name}
    return {"module": "keras.layers", "class_name": "InputLayer", "config": config, "registered_name": None}


def lstm(name: str = "memory", **more: Any) -> dict[str, Any]:
    return layer("LSTM", name, units=UNITS, **more)


def sequential(*layers: Any, name: str = "made") -> dict[str, Any]:
    config = {"name": name, "trainable": True, "layers": list(layers)}
    return {"module": "keras", "class_name": "Sequential", "config": config, "registered_name": None}


def tensor(name: str, node: int = 0, output: int = 0) -> dict[str, Any]:
    return {
        "class_name": "__keras_tensor__",
        "config": {"shape": [None, 1], "keras_history": [name, node, output]},
    }


def called(described: dict[str, Any], *calls: Any) -> dict[str, Any]:
    """The layer with its calls: each a tuple of positional and one of named arguments."""
    nodes = [{"args": list(args), "kwargs": dict(kwargs)} for args, kwargs in calls]
    return {**described, "name": described["config"]["name"], "inbound_nodes": nodes}


def functional(
    layers: list[Any], inputs: list[Any], outputs: list[Any], name: str = "made"
) -> dict[str, Any]:
    config = {
        "name": name,
        "trainable": True,
        "layers": layers,
        "input_layers": inputs,
        "output_layers": outputs,
    }
    return {
        "module": "keras.src.models.functional",
        "class_name": "Functional",
        "config": config,
        "registered_name": "Functional",
    }


def lstm_weights(seed: int = 1) -> list[Any]:
    random = numpy.random.default_rng(seed)
    shapes = [(FEATURES, 4 * UNITS), (UNITS, 4 * UNITS), (4 * UNITS,)]
    return [random.normal(size=shape).astype("float32") for shape in shapes]


def hdf(groups: Mapping[str, Any]) -> bytes:
    """An HDF5 file with these arrays by path."""
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        for path, value in groups.items():
            file[path] = value
    return content.getvalue()


def weights_of_lstm() -> bytes:
    return hdf({f"layers/lstm/cell/vars/{place}": value for place, value in enumerate(lstm_weights())})


def archive(path: Path, config: Any, weights: bytes | None = None, **members: bytes) -> Path:
    """A ``.keras`` file; ``config`` is made JSON unless it is bytes."""
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("metadata.json", json.dumps({"keras_version": "3.15.1"}))
        file.writestr("config.json", config if isinstance(config, bytes) else json.dumps(config))
        if weights is not None:
            file.writestr("model.weights.h5", weights)
        for name, content in members.items():
            file.writestr(name, content)
    return path


def text(path: Path, config: Any) -> Path:
    """The JSON of a model in a file."""
    path.write_text(config if isinstance(config, str) else json.dumps(config), encoding="utf-8")
    return path
