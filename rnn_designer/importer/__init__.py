"""Model files of others as designs: ``.keras``, ``.h5`` and ``model.to_json()``, read and never run.

No Keras here: what Keras would construct or execute from such a file (Lambdas, classes by name, files that it names)
stays text. What the catalog does not know becomes an inert box.
"""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

from rnn_designer.design.model import Design, Note, new_id
from rnn_designer.design.storage import FileProblem, read_limited
from rnn_designer.importer.archive import Archive
from rnn_designer.importer.hdf import Hdf
from rnn_designer.importer.layout import arranged
from rnn_designer.importer.made import Canvas, Container, Imported
from rnn_designer.importer.models import finish, read_model_tree
from rnn_designer.importer.settings import Unfit
from rnn_designer.importer.tree import LARGEST, Tree, mapping, parse, text
from rnn_designer.importer.weights import Weights, from_class_groups, from_layer_groups

__all__ = ["SUFFIXES", "Imported", "read_model"]

SUFFIXES = (".keras", ".h5", ".hdf5", ".json")
"""What model files end in."""

_REFUSED = {
    ".pb": "a SavedModel is a program, and a program from a file is not run",
    ".pt": "it is a pickle, and reading one can run what its author put in it",
    ".pth": "it is a pickle, and reading one can run what its author put in it",
    ".pkl": "reading a pickle can run what its author put in it",
    ".pickle": "reading a pickle can run what its author put in it",
}
_MOST_REMARKS = 8
_ZIP, _HDF = b"PK", b"\x89HDF\r\n\x1a\n"


def read_model(path: Path) -> Imported:
    """The model in a file as a design, arranged, with its weights.

    Args:
        path: a ``.keras`` or ``.h5`` file, or the text that ``model.to_json()`` gives; its beginning decides.

    Raises:
        FileProblem: it cannot be read, or describes no model; the text is a sentence.
    """
    if path.is_dir():
        saved = (path / "saved_model.pb").exists()
        what = f"is a SavedModel: {_REFUSED['.pb']}" if saved else "is a folder, not a model file"
        raise FileProblem(
            f"“{path.name}” {what}. Save the model with model.save(“model.keras”), and choose that."
        )
    beginning = _beginning(path)
    try:
        if beginning.startswith(_ZIP):
            return _from_archive(path)
        if beginning.startswith(_HDF):
            return _from_hdf(path)
        if path.suffix.lower() in _REFUSED:
            raise FileProblem(
                f"“{path.name}” cannot be imported: {_REFUSED[path.suffix.lower()]}. Save the model with "
                "model.save(“model.keras”), and choose that."
            )
        if path.suffix.lower() in (".keras", ".h5", ".hdf5"):
            raise FileProblem(
                f"“{path.name}” is no Keras model: its content is neither a .keras archive nor HDF5, or only part of "
                "one. Save the model again with model.save(“model.keras”)."
            )
        tree = parse(read_limited(path, LARGEST), path.name)
        return _drawn(tree, path, lambda _container, _weights: None)[0]
    except Unfit as unfit:
        raise FileProblem(f"“{path.name}” cannot be opened: {unfit}") from None
    except RecursionError:
        raise FileProblem(f"“{path.name}” cannot be opened: its layers are nested too deep.") from None


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(8)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the system refused it"
        raise FileProblem(f"“{path.name}” could not be read: {reason}. Choose another file.") from None


def _from_archive(path: Path) -> Imported:
    archive = Archive(path)
    try:
        tree = parse(archive.config(), path.name)
        _require_layers(tree, path)
        content: list[io.BytesIO | None] = []

        def fill(container: Container, weights: Weights) -> None:
            content.append(archive.weights())
            if content[0] is not None:
                with Hdf(content[0], path.name) as file:
                    _require_plain(file, "/layers")
                    from_class_groups(container, file, weights)

        made, given = _drawn(tree, path, fill)
        return made if given else replace(made, remarks=(*made.remarks, "The file has no weights."))
    finally:
        archive.close()


def _from_hdf(path: Path) -> Imported:
    with Hdf(path, path.name) as file:
        described = file.text("/", "model_config")
        if not described:
            hint = "it holds weights alone" if file.names("/") else "it is empty"
            raise FileProblem(
                f"“{path.name}” does not describe a model: {hint}. Save the whole model with "
                "model.save(“model.keras”)."
            )
        tree = parse(described, path.name)
        _require_layers(tree, path)

        def fill(container: Container, weights: Weights) -> None:
            _require_plain(file, "/model_weights")
            from_layer_groups(container, file, weights, "/model_weights")

        return _drawn(tree, path, fill)[0]


def _require_plain(file: Hdf, top: str) -> None:
    """Look at every group and link before anything is read: the first bad one refuses the file."""
    for _path in file.arrays(top):
        pass


def _require_layers(tree: Tree, path: Path) -> None:
    config = tree.get("config")
    if isinstance(config, list) or "layers" in mapping(config):
        return
    name = text(tree.get("class_name"))
    raise FileProblem(
        f"“{path.name}” holds a model of the class “{name[:80]}”, whose layers are in its Python code and not in the "
        "file. Build it as a Sequential or Functional model and save that."
    )


def _drawn(tree: Tree, path: Path, fill: Any) -> tuple[Imported, bool]:
    """The described model as a design, and whether weights were found."""
    from rnn_designer.design import check

    tree = tree if "config" in tree else mapping(tree.get("model_config"))
    canvas = Canvas()
    container, outputs = read_model_tree(tree, canvas)
    finish(canvas, outputs)
    if not canvas.layers:
        raise Unfit("it describes no layers.")
    inputs = [layer for layer in canvas.layers if layer.kind == "Input"]
    others = [layer for layer in canvas.layers if layer.kind != "Input"]
    given = text(mapping(tree.get("config")).get("name")) or path.stem
    name = "".join(letter if letter.isprintable() else " " for letter in given)[:200].strip() or "model"
    known = {layer.id for layer in canvas.layers}
    groups = tuple(
        replace(group, members=tuple(each for each in group.members if each in known))
        for group in canvas.groups
    )
    design = Design(
        name=name,
        layers=(*inputs, *others),
        links=tuple(canvas.links),
        groups=tuple(group for group in groups if group.members),
    )
    weights = Weights(check(design).counts)
    fill(container, weights)
    remarks = [*canvas.remarks, *(weights.remarks() if weights.arrays else ())]
    made = Imported(_with_report(arranged(design), path, remarks), weights.arrays, tuple(remarks))
    return made, bool(weights.arrays) or not weights.missing


def _with_report(design: Design, path: Path, remarks: list[str]) -> Design:
    """The design with a note above it that says what came otherwise than it was; as it is where all came."""
    if not remarks:
        return design
    lines = [f"• {each}" for each in remarks[:_MOST_REMARKS]]
    if len(remarks) > _MOST_REMARKS:
        lines.append(f"… and {len(remarks) - _MOST_REMARKS} more.")
    name = "".join(letter if letter.isprintable() else " " for letter in path.name)
    height = 48.0 + 36.0 * len(lines)
    note = Note(
        new_id(),
        "\n".join([f"Imported from {name}", *lines]),
        (0.0, -height - 48.0),
        (560.0, height),
        "yellow",
    )
    return replace(design, canvas_notes=(note,))
