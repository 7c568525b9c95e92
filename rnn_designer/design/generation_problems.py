"""What keeps a model from generating, as problems with fixes: warnings, because the model itself runs all the same."""

from collections.abc import Mapping, Sequence

from rnn_designer.catalog import FrozenMap, TensorSpec
from rnn_designer.design.checking.context import BOX, called, setting, warning
from rnn_designer.design.checking.graph import Graph
from rnn_designer.design.edits.layers import add, remove, set_parameter
from rnn_designer.design.edits.links import connect, disconnect
from rnn_designer.design.edits.wrapping import unwrap
from rnn_designer.design.model import Design, Layer, Link, new_id
from rnn_designer.design.naming import new_layer
from rnn_designer.design.problems import Fix, PortRef, Problem
from rnn_designer.design.refusal import Edit

_AHEAD = (
    "Generation adds one step after another. A layer that looks at later steps would have said something else about "
    "the earlier ones once the later are there, and its memory cannot be carried on from where it stopped."
)
_FORM = (
    "What the model predicts becomes its next input, so a prediction has to have the form of one step of that input: "
    "as many features, or, where tokens go in, one number for every token that could come next."
)


class Obstacles:
    """Collects everything that stands between the prediction and the next input.

    Attributes:
        problems: what was found so far, in the order of the way from the Input to the prediction.
    """

    def __init__(self, graph: Graph, shapes: Mapping[PortRef, TensorSpec]) -> None:
        self._graph = graph
        self._shapes = shapes
        self.problems: list[Problem] = []

    def nothing_to_run(self) -> None:
        """No Input leads anywhere."""
        self._say(
            "generates_nothing",
            None,
            "Generation has no model to run yet. Connect an Input to a layer.",
            why="A sequence is continued by a model that reads what is there and predicts what comes next.",
        )

    def several_inputs(self, start: Layer, others: Sequence[Layer]) -> None:
        """There is nothing to feed to the other Inputs."""
        for each in others:
            self._say(
                "generates_from_several",
                each,
                f"Generation feeds ‘{start.name}’ with what the model predicts and has nothing for Input "
                f"‘{each.name}’. Remove ‘{each.name}’, or generate with a model of one Input.",
                Fix(f"Remove ‘{each.name}’", _without_input(each)),
                why="After the last sample there are no further values for a second Input, and the model predicts "
                "only one of them.",
            )

    def input_form(self, start: Layer, spec: TensorSpec, tokens: int | None) -> None:
        """The Input has no time axis, a closed one, or takes whole numbers that no prediction gives."""
        rank = spec.rank + (tokens is not None)
        if rank < 3:
            self._say(
                "generates_no_steps",
                start,
                f"Generation needs a sequence; Input ‘{start.name}’ takes {spec}, without time steps. Add a time axis.",
                setting("Add a time axis", start, "shape", (None, spec.features)),
                parameter="shape",
                why="Every prediction is put behind the steps that are there. Without a time axis there is no behind.",
            )
            return
        if spec.time is not None:
            self._say(
                "generates_past_the_end",
                start,
                f"Input ‘{start.name}’ takes {spec.time} steps and no more, but generation goes on after them. Leave "
                "the number of steps open.",
                setting("Leave the number of steps open", start, "shape", (None, *spec.sizes[2:])),
                parameter="shape",
                why="A model that is made for a fixed number of steps cannot read one more. With an open number the "
                "same weights read any.",
            )
        if tokens is None and spec.kind == "int":
            self._say(
                "generates_no_whole_numbers",
                start,
                f"Input ‘{start.name}’ takes whole numbers, and a prediction is a number with a fraction. Take "
                "float32, or put an Embedding behind the Input if the numbers are tokens.",
                setting("Take float32", start, "dtype", "float32"),
                parameter="dtype",
                why="Tokens are drawn from one score for each; plain whole numbers would have to be rounded at every "
                "step, which no model is trained for.",
            )

    def misfit(self, start: Layer, end: PortRef, tokens: int | None) -> None:
        """No output has the form of one step of the Input."""
        layer, spec = self._graph.tops[end[0]], self._shapes[end]
        frame = self._shapes[start.id, "output"].sizes[2:]
        wanted = frame if tokens is None else (tokens,)
        if not wanted:
            return  # The missing axis of the Input is the matter.
        shown = "×".join("any" if size is None else str(size) for size in wanted)
        expected = (
            f"one score for each of the {tokens} tokens of the Embedding"
            if tokens is not None
            else f"{shown} features, as Input ‘{start.name}’ has"
        )
        fixes: list[Fix] = []
        remedy = "Give it as many units." if layer.kind == "Dense" else "Add a Dense layer of that size."
        if len(wanted) == 1 and wanted[0] is not None:
            if layer.kind == "Dense":
                fixes.append(setting(f"Give ‘{layer.name}’ {wanted[0]} units", layer, "units", wanted[0]))
            else:
                activation = {} if tokens is None else {"activation": "softmax"}
                label = f"Add a Dense layer with {wanted[0]} units"
                fixes.append(Fix(label, _adding_dense(layer, end[1], wanted[0], activation)))
        self._say(
            "generates_misfits",
            layer,
            f"{called(layer)} predicts {spec.features if spec.features is not None else 'any number of'} features; to "
            f"be fed back, expected {expected}. {remedy}",
            *fixes,
            why=_FORM,
        )

    def several_steps(self, layer: Layer, spec: TensorSpec) -> None:
        """The prediction looks like a sequence but is made from the last output."""
        self._say(
            "generates_several",
            layer,
            f"{called(layer)} predicts {spec} from the end of the sequence; expected one step. Predict one.",
            *self._removing_one(layer),
            why="Each prediction becomes the next input, so it is of one step. Several steps ahead come from doing "
            "that several times.",
        )

    def wired_states(self, layer: Layer, links: Sequence[Link]) -> None:
        """Its first state is made from the sequence itself."""
        self._say(
            "generates_with_wired_states",
            layer,
            f"{called(layer)} starts from states that are wired to it, which change with every step that is added. "
            "Remove the wires.",
            Fix("Remove the wires to its states", _disconnecting(links)),
            why=_AHEAD,
        )

    def mixed(self, layer: Layer) -> None:
        """A sequence meets what was made of all of it."""
        self._say(
            "generates_ahead",
            layer,
            f"{called(layer)} joins a sequence with the last output of one, so every step knows the end. Remove it.",
            *self._removing_one(layer),
            why=_AHEAD,
        )

    def recurrent(self, layer: Layer) -> bool:
        """What a recurrent layer must not do; whether its states are all that it remembers."""
        if layer.kind == "Bidirectional":
            fixes = [Fix("Take the layer out of Bidirectional", unwrap(layer.id))] if layer.children else []
            self._say(
                "generates_ahead",
                layer,
                f"{called(layer)} also reads the sequence from its end, which generation moves at every step. Use the "
                "layer inside it alone.",
                *fixes,
                why=_AHEAD,
            )
            return False
        if layer.value("go_backwards"):
            self._say(
                "generates_ahead",
                layer,
                f"{called(layer)} reads the sequence from its end, which generation moves at every step. Turn off go "
                "backwards.",
                setting("Turn off go backwards", layer, "go_backwards", False),
                parameter="go_backwards",
                why=_AHEAD,
            )
        for name, reason in (
            (
                "stateful",
                "starts each run from where the last one ended, so no sequence is generated twice alike",
            ),
            ("unroll", "is written out for a fixed number of steps, and generation adds some"),
        ):
            if layer.value(name):
                self._say(
                    f"generates_{name}",
                    layer,
                    f"{called(layer)} {reason}. Turn off {name}.",
                    setting(f"Turn off {name}", layer, name, False),
                    parameter=name,
                    why="Generation carries the states itself, from the first step to the last, and takes one step at "
                    "a time.",
                )
        return True

    def attention(self, layer: Layer) -> None:
        """Attention that sees later steps."""
        if not layer.value("use_causal_mask"):
            self._say(
                "generates_ahead",
                layer,
                f"{called(layer)} lets every step look at later ones. Turn on use causal mask.",
                setting("Turn on use causal mask", layer, "use_causal_mask", True),
                parameter="use_causal_mask",
                why=_AHEAD,
            )

    def convolution(self, layer: Layer) -> bool:
        """A window that reaches ahead or leaves steps out; whether it looks at single steps only."""
        single = all(size == 1 for size in _sizes(layer.value("kernel_size")))
        padding = layer.value("padding")
        if any(size != 1 for size in _sizes(layer.value("strides"))):
            self._say(
                "generates_ahead",
                layer,
                f"{called(layer)} leaves steps out, so its last output is not that of the last step. Use strides 1.",
                setting("Use strides 1", layer, "strides", 1),
                parameter="strides",
                why="Every step needs a prediction of the next one, and steps that are left out get none.",
            )
        elif not single and padding != "causal":
            causal = layer.kind == "Conv1D"
            self._say(
                "generates_ahead",
                layer,
                f"{called(layer)} has padding {padding}, so its window reaches beyond the step that it stands for. "
                + (
                    "Use padding causal."
                    if causal
                    else "Use a Conv1D with padding causal, or a kernel of 1 step."
                ),
                setting("Use padding causal", layer, "padding", "causal")
                if causal
                else setting("Use a kernel of 1 step", layer, "kernel_size", 1),
                parameter="padding",
                why="With padding causal the window ends at its own step and looks back only. " + _AHEAD,
            )
        return single

    def axis(self, layer: Layer, rank: int) -> None:
        """A layer along the axis of time."""
        axes = _sizes(layer.value("axis"))
        if any(axis % rank == 1 for axis in axes):
            self._say(
                "generates_ahead",
                layer,
                f"{called(layer)} works along the time axis, over all steps at once. Use axis -1, the features.",
                setting("Use axis -1", layer, "axis", -1),
                parameter="axis",
                why=_AHEAD,
            )

    def slopes(self, layer: Layer) -> None:
        """A PReLU with a slope for every step."""
        shared = layer.value("shared_axes")
        if 1 not in _sizes(shared):
            self._say(
                "generates_past_the_end",
                layer,
                f"{called(layer)} learns a slope for each step, and there is none for a step that is added. Share them "
                "over axis 1.",
                setting("Share the slopes over time", layer, "shared_axes", (*_sizes(shared), 1)),
                parameter="shared_axes",
                why="Weights for single steps exist only for the steps that the model was made for.",
            )

    def over_all_steps(self, layer: Layer, start: Layer) -> None:
        """Any other layer: it takes all steps together, or gives steps of its own."""
        feeder = self._graph.feeder(layer.id)
        fixes = self._removing_one(layer)
        if (
            layer.kind.startswith("Global")
            and feeder is not None
            and "return_sequences" in feeder.type.by_name
        ):
            fixes = [
                Fix(
                    f"Use the last output of ‘{feeder.name}’ instead",
                    _both(set_parameter(feeder.id, "return_sequences", False), _removing(layer)),
                )
            ]
        elif (
            layer.kind == "RepeatVector" and feeder is not None and "return_sequences" in feeder.type.by_name
        ):
            fixes = [
                Fix(
                    f"Use the sequence of ‘{feeder.name}’ instead",
                    _both(set_parameter(feeder.id, "return_sequences", True), _removing(layer)),
                )
            ]
        self._say(
            "generates_ahead",
            layer,
            f"{called(layer)} does not keep to the steps of ‘{start.name}’: what it gives for a step depends on others "
            "that come later, or is not of that step. Remove it.",
            *fixes,
            why=_AHEAD,
        )

    def _removing_one(self, layer: Layer) -> list[Fix]:
        return [Fix(f"Remove ‘{layer.name}’", _removing(layer))]

    def _say(
        self,
        code: str,
        layer: Layer | None,
        message: str,
        *fixes: Fix,
        why: str,
        parameter: str | None = None,
    ) -> None:
        self.problems.append(warning(code, layer, message, *fixes, why=why, parameter=parameter))


def _sizes(value: object) -> tuple[int, ...]:
    if isinstance(value, tuple):
        return value
    return () if value is None else (value,)  # type: ignore[return-value]


def _removing(layer: Layer) -> Edit:
    return remove([layer.id])


def _without_input(start: Layer) -> Edit:
    """Remove an Input, and every merge layer that has a single tensor left to merge."""

    def edit(design: Design) -> Design:
        joined = {link.target for link in design.links if link.source == start.id}
        design = remove([start.id])(design)
        for layer in design.layers:
            left = [link for link in design.links if link.target == layer.id]
            if layer.id in joined and layer.type.inputs[0].many and len(left) == 1:
                design = remove([layer.id])(design)
        return design

    return edit


def _both(one: Edit, other: Edit) -> Edit:
    return lambda design: other(one(design))


def _disconnecting(links: Sequence[Link]) -> Edit:
    def edit(design: Design) -> Design:
        for link in links:
            design = disconnect(link)(design)
        return design

    return edit


def _adding_dense(layer: Layer, port: str, units: int, params: Mapping[str, object]) -> Edit:
    """Put a Dense behind a layer that nothing follows."""
    fresh = new_id()

    def edit(design: Design) -> Design:
        x, y = design.layer(layer.id).position
        made = new_layer(design, "Dense", (x + BOX[0], y))
        dense = Layer(
            fresh,
            "Dense",
            made.name,
            FrozenMap({**made.params, "units": units, **params}),
            made.position,
        )
        return connect(Link(layer.id, fresh, port))(add(dense)(design))

    return edit
