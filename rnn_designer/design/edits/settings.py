"""Edits of what belongs to the design as a whole: its name, seed, notes, weights and sample sources."""

from dataclasses import replace
from pathlib import PureWindowsPath

from rnn_designer.catalog import BadValue, Integer
from rnn_designer.design.edits.layers import found, set_parameter
from rnn_designer.design.model import DataSource, Design
from rnn_designer.design.naming import text_fault
from rnn_designer.design.refusal import Edit, Refused

HIGHEST_SEED = 2**32 - 1
NORMALIZATIONS = ("none", "standard", "range")
PARTS = ("all", "train", "validation", "test")


def set_data(input_id: str, source: DataSource | None, features: int | None = None) -> Edit:
    """Say where the samples of an Input come from.

    Args:
        input_id: the Input.
        source: the new source; None for none of its own.
        features: how many columns it has; the Input's last axis is set to it.
    """

    def edit(design: Design) -> Design:
        layer = found(design, input_id)
        if layer.kind != "Input" or layer not in design.layers:
            raise Refused(f"Sample data enters a design at an Input; ‘{layer.name}’ is a {layer.kind}.")
        changed = replace(design, data=design.data.without(input_id))
        if source is not None:
            fault = source_fault(source)
            if fault:
                raise Refused(fault)
            changed = replace(design, data=design.data.having(**{input_id: source}))
        if features is None:
            return changed
        shape = layer.value("shape")
        if not isinstance(shape, tuple) or not shape:
            raise Refused(
                f"Input ‘{layer.name}’ has no feature axis. Give it a shape such as (none, {features})."
            )
        return set_parameter(input_id, "shape", (*shape[:-1], features))(changed)

    return edit


def source_fault(source: DataSource) -> str | None:
    """What is wrong with how a source is cut into samples, as a sentence; None if nothing is."""
    for label, value in (
        ("batch size", source.batch_size),
        ("time steps", source.time_steps),
        ("stride", source.stride),
    ):
        try:
            Integer(minimum=1, maximum=10**9).accept(value)
        except BadValue as bad:
            return f"“{label}” of the sample data: {bad}"
    if source.normalize not in NORMALIZATIONS:
        listed = ", ".join(NORMALIZATIONS)
        return f"“normalize” of the sample data: Expected one of {listed}, got “{source.normalize}”."
    if isinstance(source.horizon, bool) or not 0 <= source.horizon <= 10**6:
        return f"“horizon” of the sample data: Expected a whole number from 0 to 1,000,000, got {source.horizon}."
    shares = (source.validation, source.test)
    if not all(0 <= share < 1 for share in shares) or sum(shares) >= 1:
        return (
            f"The sample data: Expected shares for validation and test that leave something to learn from, got "
            f"{source.validation:g} and {source.test:g}."
        )
    if source.part not in PARTS:
        return f"“part” of the sample data: Expected one of {', '.join(PARTS)}, got “{source.part}”."
    if not source.kind:
        return "The sample data needs a kind, such as “csv” or “sine”."
    return None


def set_name(name: str) -> Edit:
    """Name the design, and with it the exported model."""

    def edit(design: Design) -> Design:
        wanted = name.strip()
        if not wanted or len(wanted) > 200 or text_fault(wanted):
            raise Refused(f"A design's name is one line of 1 to 200 characters, got “{name[:50]}”.")
        return replace(design, name=wanted)

    return edit


def set_seed(seed: int) -> Edit:
    """Draw untrained weights from another seed."""

    def edit(design: Design) -> Design:
        try:
            accepted = Integer(minimum=0, maximum=HIGHEST_SEED).accept(seed)
        except BadValue as bad:
            raise Refused(f"“seed”: {bad}") from None
        assert isinstance(accepted, int)
        return replace(design, seed=accepted)

    return edit


def set_notes(notes: str) -> Edit:
    """Change the line or two about the design."""

    def edit(design: Design) -> Design:
        if any(text_fault(line.replace("\t", " ")) for line in notes.split("\n")):
            raise Refused("The notes may hold only printable characters. Type them again.")
        return replace(design, notes=notes)

    return edit


def set_weights(path: str | None) -> Edit:
    """Say which file beside the design file holds its weights; None for weights drawn from the seed."""

    def edit(design: Design) -> Design:
        fault = None if path is None else weights_fault(path)
        if fault:
            raise Refused(fault)
        return replace(design, weights=path)

    return edit


def weights_fault(path: str) -> str | None:
    """Why a design cannot refer to that weights file, as a sentence; None if it can."""
    if not path.strip() or text_fault(path):
        return "The name of a weights file is one line of printable characters. Choose another file."
    windows = PureWindowsPath(path)
    if path.startswith("/") or windows.drive or windows.root or ".." in windows.parts:
        return f"A weights file lies beside the design file or below it, got “{path}”. Move it there."
    return None
