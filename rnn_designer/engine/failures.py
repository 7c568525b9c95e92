"""Turns what Keras, TensorFlow or a design's code raises into one plain sentence and a layer to blame."""

from __future__ import annotations

import contextlib
import re
import traceback
from collections.abc import Iterator, Mapping

from rnn_designer.engine.own_code import DESIGN_FILE as DESIGN_FILE
from rnn_designer.engine.own_code import DESIGN_MODULE, design_lines, own_line, subject
from rnn_designer.messages import Failure, PlannedLayer

LONGEST_SENTENCE = 400
_INPUT = r"Input \d+ (?:with name '[^']*' )?of layer '?[\w ]*'? is incompatible with the layer: "
PLAINER = (
    (
        _INPUT + r"expected (?:min_|max_)?ndim=(\d+), found ndim=(\d+)\. Full shape received: (\([^)]*\))",
        r"it received an input of \2 axes, \3, and expected \1",
    ),
    (
        _INPUT + r"expected axis (-?\d+) of input shape to have value (\d+), but received input with shape "
        r"(\([^)]*\))",
        r"it received an input of shape \3 and expected size \2 in axis \1",
    ),
    (
        _INPUT + r"expected shape=(\([^)]*\)), found shape=(\([^)]*\))",
        r"it received an input of shape \2 and expected \1",
    ),
    (
        r"Dimensions must be equal, but are (\d+) and (\d+) for .* with input shapes: (.*?)\.?$",
        r"it joins tensors of \1 and \2 features, of shapes \3, and expected equal ones",
    ),
    (
        r"(?:The RNN cell should have a `state_size` attribute|state_size must be specified as property on the RNN "
        r"cell).*",
        "its cell has no state_size; expected self.state_size in the cell's __init__, an integer or a list with "
        "one for each state",
    ),
    (
        r"'(\w+)' object has no attribute '(?:built|_\w+)'",
        r"\1 is no complete layer; expected super().__init__(**kwargs) as the first line of its __init__",
    ),
    (
        r"All cells must have a `state_size` attribute\. Received cell without a `state_size`: .*",
        "one of its cells has no state_size; expected self.state_size in the cell's __init__, an integer or a "
        "list with one for each state",
    ),
)


class Refused(Exception):  # noqa: N818 - the sentence is the value
    """A request that the engine itself turns down; its text is the user's sentence.

    Args:
        sentence: received, expected, what to do.
        layer: id of the layer that is to blame, if one is.
        name: its Keras name instead, for those who do not know the plan.
    """

    def __init__(self, sentence: str, layer: str | None = None, name: str | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.layer = layer
        self.name = name


def failure(
    run: int,
    error: BaseException,
    layers: tuple[PlannedLayer, ...] = (),
    layer_of_line: Mapping[int, str] | None = None,
) -> Failure:
    """The answer to a request that ended in this exception.

    Args:
        run: which request.
        error: what was raised.
        layers: the layers of the source, to know one by its name in a message.
        layer_of_line: the source's lines, to know a layer by the line that raised.
    """
    detail = "".join(traceback.format_exception(error))
    if isinstance(error, Refused):
        named = _ids_by_name(layers).get(error.name or "") or _layer_in_frames(error, layers)
        return Failure(run, error.sentence, error.layer or named, detail)
    layer = blamed_layer(error, layers, layer_of_line or {})
    name = _name_of(layer, layers)
    return Failure(run, _in_own_code(error, name) or sentence(error, name), layer, detail)


def _in_own_code(error: BaseException, name: str | None) -> str | None:
    """The sentence for what went wrong in hand-written code, or in Keras on its behalf; None for all else."""
    if isinstance(error, MemoryError):
        return None
    for line in reversed(list(design_lines(error))):
        own = own_line(line)
        if own is not None:
            return f"{subject(name or own.class_name, own.class_name, line)} {what_stopped(error)}"
    return None


def what_stopped(error: BaseException) -> str:
    """The rest of a sentence that begins with a cell and its line: what its code did, and what to do."""
    kind, words = type(error).__name__, essence(str(error))
    if isinstance(error, SyntaxError):
        return f"is no Python: {error.msg}. Mend that line."
    if isinstance(error, SystemExit):
        return "ends the program; expected an output and new states. Take the exit out."
    if isinstance(error, RecursionError):
        return "calls itself without end. Give the recursion an end, or take it out."
    if "symbolic" in words and "bool" in words:
        return (
            "decides by the value of a tensor, which Python’s if, while, and, or, not cannot do inside a compiled "
            "model. Use keras.ops.where or keras.ops.cond."
        )
    if "singleton tf.Variable" in words or "tried to create variables" in words:
        return (
            "makes weights while it runs. Make them in build(), and build the layers inside the cell there."
        )
    return f"fails: {kind}: {words} Mend that line." if words else f"fails: {kind}. Mend that line."


def blamed_layer(
    error: BaseException, layers: tuple[PlannedLayer, ...], layer_of_line: Mapping[int, str]
) -> str | None:
    """The id of the layer in whose call it was raised, on whose line, or whose name the message has; or None."""
    in_call = _layer_in_frames(error, layers)
    if in_call is not None:
        return in_call
    by_name = _layer_in_message(str(error), layers)
    lines = list(design_lines(error))
    # The line that made a cell says more than one of its class, which several layers may have.
    line = next((line for line in reversed(lines) if own_line(line) is None), None)
    while line is not None and line > 0 and own_line(line) is None:
        if line in layer_of_line:
            owner = layer_of_line[line]
            # A call spans lines, and its first one is its wrapper's: the message may know the inner layer.
            inner = by_name is not None and any(by_name == child for child in _ids_below(owner, layers))
            return by_name if inner else owner
        line -= 1
    return by_name or next((layer_of_line[line] for line in reversed(lines) if line in layer_of_line), None)


def sentence(error: BaseException, layer_name: str | None) -> str:
    """What happened and what to do, without Python or TensorFlow in it as far as possible."""
    kind = type(error).__name__
    subject = f"Layer “{layer_name}”" if layer_name else "The model"
    if isinstance(error, MemoryError) or kind == "ResourceExhaustedError":
        return f"{subject} needs more memory than there is; use fewer units, samples or time steps."
    if isinstance(error, SyntaxError):
        return (
            f"The generated code has an error in line {error.lineno}: {error.msg}. Please report this design."
        )
    if isinstance(error, RecursionError):
        return (
            f"{subject} is too deep for Keras: too many layers follow one another, or sit inside one another. "
            "Take some out."
        )
    return f"{subject} cannot be run: {essence(str(error)) or kind + '.'} Change it or the layer before it."


def essence(message: str) -> str:
    """The part of a Keras or TensorFlow message that says what was received and what was expected."""
    message = re.sub(r"\x1b\[[0-9;]*m", "", message)
    message = re.sub(r"^Exception encountered when calling [^\n]*\n+", "", message)
    message = re.split(r"\n+\s*(?:Arguments received by|Call arguments received by|Stack trace)", message)[0]
    # Graph errors: "Graph execution error: … Detected at node … <trace> … Node: … <the reason> [[{{node
    # …}}]]".
    if "Graph execution error" in message:
        message = re.sub(r"(?s)^.*\n(?=[^\n]*\n\s*\[\[\{\{node)", "", message)
    message = re.sub(r"\[\[?\{\{.*", "", message, flags=re.DOTALL)
    message = re.sub(r"\{\{[^}]*\}\}|\[Op:[^\]]*\](?: name:.*)?", "", message)
    words = " ".join(message.split())
    for pattern, replacement in PLAINER:
        words = re.sub(pattern, replacement, words)
    if len(words) > LONGEST_SENTENCE:
        words = words[:LONGEST_SENTENCE].rsplit(" ", 1)[0] + " …"
    if words and words[-1] not in ".!?…":
        words += "."
    return words


def _layer_in_frames(error: BaseException, layers: tuple[PlannedLayer, ...]) -> str | None:
    """The innermost Keras layer that was being built or called, as far as Keras leaves its frames in."""
    ids = _ids_by_name(layers)
    found = None
    for frame, _ in traceback.walk_tb(error.__traceback__):
        owner = frame.f_locals.get("self")
        bases = {base.__name__ for base in type(owner).__mro__ if base.__module__.startswith("keras.")}
        if "Layer" in bases and "Model" not in bases:
            # A layer that refuses its arguments has no name yet; a user's class may do anything when asked.
            with contextlib.suppress(Exception):
                name = str(owner.name)  # type: ignore[union-attr]  # every Keras layer has one
                for known in (name, name.removeprefix("forward_"), name.removeprefix("backward_")):
                    found = ids.get(known, found)
            if type(owner).__module__ == DESIGN_MODULE and found is not None:
                # What a hand-written cell holds inside has names of its own, which are no layers of the design.
                break
    return found


def _layer_in_message(message: str, layers: tuple[PlannedLayer, ...]) -> str | None:
    # The last name wins: Keras names the outermost layer first and the one that raised last.
    best, position = None, -1
    for layer in flattened(layers):
        for prefix in ("", "forward_", "backward_"):
            pattern = rf"(?<![\w.]){re.escape(prefix + layer.name)}(?![\w.])"
            quoted = rf"""['"“/]{pattern}['"”/]|layer {pattern}"""
            for match in re.finditer(quoted, message):
                if match.end() > position:
                    best, position = layer.id, match.end()
    return best


def flattened(layers: tuple[PlannedLayer, ...]) -> Iterator[PlannedLayer]:
    """Every layer of a plan, wrappers before what they wrap."""
    for layer in layers:
        yield layer
        yield from flattened(layer.children)


def _ids_by_name(layers: tuple[PlannedLayer, ...]) -> dict[str, str]:
    """Layer ids by Keras name; a box that calls another's layer once more has that layer's."""
    every = list(flattened(layers))
    return {layer.name: layer.id for layer in sorted(every, key=lambda layer: not layer.shares)}


def _ids_below(owner: str, layers: tuple[PlannedLayer, ...]) -> list[str]:
    for layer in flattened(layers):
        if layer.id == owner:
            return [child.id for child in flattened(layer.children)]
    return []


def _name_of(identity: str | None, layers: tuple[PlannedLayer, ...]) -> str | None:
    return next((layer.name for layer in flattened(layers) if layer.id == identity), None)
