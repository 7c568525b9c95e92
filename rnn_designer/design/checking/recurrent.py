"""Checks of recurrent layers' settings: what slows them down, blows them up, or is silently ignored by Keras."""

from collections.abc import Iterator

from rnn_designer.catalog.parts import ACTIVATIONS
from rnn_designer.design.checking.context import Context, called, error, information, setting, warning
from rnn_designer.design.checking.open_axes import USUAL_STEPS, closing, input_behind
from rnn_designer.design.edits import chain
from rnn_designer.design.edits.layers import remove, reset_parameter, set_parameter
from rnn_designer.design.edits.wrapping import wrap
from rnn_designer.design.model import Layer
from rnn_designer.design.problems import Fix, Problem

LONG_UNROLL = 100
"""Steps from which unrolling makes the first run take seconds."""


def _recurrent(context: Context) -> Iterator[Layer]:
    return (layer for layer in context.layers if layer.type.recurrent)


def fast_kernel(context: Context) -> Iterator[Problem]:
    """What keeps an LSTM or GRU from the fast code for graphics cards."""
    for layer in _recurrent(context):
        if "use_cudnn" not in layer.type.by_name or layer.value("use_cudnn") is False:
            continue
        required: dict[str, object] = {
            "activation": "tanh",
            "recurrent_activation": "sigmoid",
            "recurrent_dropout": 0.0,
            "unroll": False,
            "use_bias": True,
        }
        if "reset_after" in layer.type.by_name:
            required["reset_after"] = True
        reasons = [name for name, value in required.items() if layer.value(name) != value]
        if layer.value("use_cudnn") is True:
            yield warning(
                "gpu_only",
                layer,
                f"{called(layer)} has use cudnn on, which fails wherever there is no graphics card. Leave "
                "it to Keras: auto.",
                setting("Set use cudnn to auto", layer, "use_cudnn", "auto"),
                parameter="use_cudnn",
                why="cuDNN is the code that NVIDIA wrote for its graphics cards. With “auto”, Keras uses it "
                "where it can and its own code elsewhere; with “on”, it stops with an error where it cannot.",
            )
        if layer.value("recurrent_dropout"):
            rate = layer.value("recurrent_dropout")
            moved = [set_parameter(layer.id, "recurrent_dropout", 0.0)]
            if not layer.value("dropout"):
                moved.append(set_parameter(layer.id, "dropout", rate))
            yield warning(
                "recurrent_dropout_slow",
                layer,
                f"{called(layer)} with recurrent dropout {rate:g} cannot use the fast code for graphics "
                "cards. Use dropout on its inputs, or a Dropout layer after it.",
                Fix("Use dropout on the inputs instead", chain(*moved)),
                parameter="recurrent_dropout",
                why="Recurrent dropout sets parts of the state to zero at every step, while training. cuDNN "
                "has no such thing, so Keras falls back to its own step-by-step code.",
            )
        others = [name for name in reasons if name != "recurrent_dropout"]
        if others:
            listed = ", ".join(f"{name.replace('_', ' ')} {_said(layer.value(name))}" for name in others)
            yield information(
                "no_fast_kernel",
                layer,
                f"{called(layer)} does not use the fast code for graphics cards (cuDNN) because of: "
                f"{listed}.",
                Fix(
                    "Use the settings that it needs",
                    chain(*(set_parameter(layer.id, name, required[name]) for name in others)),
                ),
                parameter=others[0],
                why="cuDNN computes the whole sequence in one go, but only for activation tanh, recurrent "
                "activation sigmoid, a bias, no recurrent dropout, no unrolling and, in a GRU, reset after. "
                "Everything else works as well, only more slowly on a graphics card; on the processor there "
                "is no difference.",
            )


def _said(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return "none" if value is None else str(value)


def activations(context: Context) -> Iterator[Problem]:
    """Activations that make a recurrence blow up or mix its units."""
    for layer in (each for each in context.layers if each.type.recurrent or each.type.cell):
        for name, usual in (("activation", "tanh"), ("recurrent_activation", "sigmoid")):
            if name not in layer.type.by_name:
                continue
            value = layer.value(name)
            kind = ACTIVATIONS.get(value) if value is not None else None
            if value is not None and (kind is None or kind.recurrent_safe):
                continue
            label = name.replace("_", " ")
            shown = "none (linear)" if value is None else value
            fix = setting(f"Use {usual}", layer, name, usual)
            if kind is not None and kind.vector:
                yield warning(
                    "vector_activation",
                    layer,
                    f"{called(layer)} has {label} {shown}, which makes its units compete at every step. Use "
                    f"{usual}.",
                    fix,
                    parameter=name,
                    why="softmax and its kin look at all units at once and make their sum 1. Inside a "
                    "recurrence this ties every unit's memory to that of the others, which is hardly ever "
                    "meant. As the activation of the last Dense it is right.",
                )
            else:
                yield warning(
                    "unbounded_activation",
                    layer,
                    f"{called(layer)} has {label} {shown}, which lets its state grow without limit from "
                    f"step to step. Use {usual}.",
                    fix,
                    parameter=name,
                    why="At every step the state goes through the recurrent kernel and this function again. "
                    "tanh keeps it between −1 and 1; relu, elu or none let it grow: after 100 steps of a "
                    "plain recurrent layer with relu, values of 10²⁹ were seen. If you do want it, start "
                    "the recurrent kernel as Identity or Orthogonal and clip gradients.",
                )


def forget_gates(context: Context) -> Iterator[Problem]:
    """LSTMs, and their cells, that forget from the outset."""
    for layer in context.layers:
        values = layer.values()
        if values.get("unit_forget_bias") is False and values["use_bias"]:
            yield warning(
                "no_forget_bias",
                layer,
                f"{called(layer)} starts with its forget gates half shut. Turn on unit forget bias.",
                setting("Turn on unit forget bias", layer, "unit_forget_bias", True),
                parameter="unit_forget_bias",
                why="With a forget bias of 1 the gates start at σ(1) ≈ 0.73 and the cell state lasts from "
                "the outset; with 0 they start at 0.5, and half of the memory is gone at every step until "
                "training has found out.",
            )


def settings(context: Context) -> Iterator[Problem]:
    """Settings that work against the layer, or that Keras ignores."""
    for layer in _recurrent(context):
        wrapped = layer.id in context.graph.owners
        arriving = context.arriving(layer)
        steps = arriving[0].time if arriving else None
        if layer.value("unroll") and arriving and arriving[0].rank == 3 and steps is None:
            source, _flattened = input_behind(context, layer)
            fixes = [setting("Turn off unroll", layer, "unroll", False)]
            if source is not None and len(shape := source.value("shape")) == 2 and shape[0] is None:
                data = context.design.source_of(source.id)
                fixes.append(closing(source, shape, {0: data.time_steps if data else USUAL_STEPS}))
            yield warning(
                "open_unroll",
                layer,
                f"{called(layer)} unrolls its steps, but their number is open, so no compiled model can run it. "
                "Turn off unroll, or fix the number of steps.",
                *fixes,
                parameter="unroll",
                why="Unrolling writes the step out once per time step, so the number of steps has to be known when the "
                "model is compiled. Step by step in plain Python it runs; in fit, predict and an exported model Keras "
                "stops with an error.",
            )
        if layer.value("unroll") and steps is not None and steps > LONG_UNROLL:
            yield warning(
                "long_unroll",
                layer,
                f"{called(layer)} unrolls {steps} steps, which takes long to build and much memory. Turn "
                "off unroll.",
                setting("Turn off unroll", layer, "unroll", False),
                parameter="unroll",
                why="Unrolling writes the step out once per time step instead of looping. For a few steps "
                "that can be quicker; at 50 steps the first run already takes more than a second, and it "
                "grows with every step.",
            )
        if layer.value("go_backwards") and layer.value("return_sequences") and not wrapped:
            yield warning(
                "reversed_output",
                layer,
                f"{called(layer)} reads backwards, so its output comes out in reversed order of time. Turn "
                "off go backwards, or use Bidirectional.",
                setting("Turn off go backwards", layer, "go_backwards", False),
                Fix(
                    "Read both ways: wrap it in Bidirectional",
                    chain(set_parameter(layer.id, "go_backwards", False), wrap(layer.id, "Bidirectional")),
                ),
                parameter="go_backwards",
                why="With go backwards the layer starts at the last step, and step 0 of its output belongs "
                "to the last step of its input. Joined with a sequence that runs forwards, steps that do "
                "not belong together meet. Bidirectional turns the output round again.",
            )
        if layer.kind == "SimpleRNN":
            for name, loss in (
                ("activity_regularizer", "never adds it to the loss"),
                ("seed", "does not save it"),
            ):
                if layer.value(name) is not None:
                    yield warning(
                        "ignored_by_keras",
                        layer,
                        f"{called(layer)} has {name.replace('_', ' ')} set, but Keras’ SimpleRNN {loss}. "
                        "Remove it.",
                        Fix(f"Remove {name.replace('_', ' ')}", reset_parameter(layer.id, name)),
                        parameter=name,
                        why="Keras 3.15 accepts this argument of SimpleRNN and then drops it. LSTM and GRU "
                        "keep it.",
                    )


def stateful_both_ways(context: Context) -> Iterator[Problem]:
    """What goes wrong inside a Bidirectional only."""
    for layer in _recurrent(context):
        owner = context.graph.owners.get(layer.id)
        if owner is None or owner.kind != "Bidirectional":
            continue
        if layer.value("stateful"):
            yield warning(
                "stateful_backwards",
                layer,
                f"{called(layer)} is stateful inside Bidirectional, where the backward state comes from the "
                "future. Turn off stateful.",
                setting("Turn off stateful", layer, "stateful", False)
                if len(owner.children) == 1
                else Fix(
                    "Turn off stateful",
                    chain(*(set_parameter(each.id, "stateful", False) for each in owner.children)),
                ),
                parameter="stateful",
                why="A stateful layer starts each batch where the last one ended. Read backwards, the end "
                "is the first step, so the state that is carried on belongs to the wrong side of the next "
                "piece.",
            )
        tensors = context.arriving(layer)
        masked = bool(tensors) and tensors[0].masked
        if layer.value("unroll") and layer.value("return_sequences") and masked:
            yield error(
                "unrolled_mask",
                layer,
                f"{called(layer)} unrolls a masked sequence inside Bidirectional, which Keras computes "
                "wrongly. Turn off unroll.",
                setting("Turn off unroll", layer, "unroll", False),
                parameter="unroll",
                why="In Keras 3.15 the unrolled loop puts the zeros of masked steps at the wrong end when "
                "it reads backwards. No error is raised; the numbers are simply wrong (by 0.6 in a trial). "
                "The loop that is not unrolled is right.",
            )


def unrolled_backwards(context: Context) -> Iterator[Problem]:
    """The same defect of the unrolled loop in a layer that reads backwards by itself."""
    for layer in _recurrent(context):
        owner, tensors = context.graph.owners.get(layer.id), context.arriving(layer)
        values = layer.values()
        if (owner is not None and owner.kind == "Bidirectional") or not tensors or not tensors[0].masked:
            continue
        if not all(
            values.get(name)
            for name in ("unroll", "go_backwards", "zero_output_for_mask", "return_sequences")
        ):
            continue
        yield error(
            "unrolled_backwards",
            layer,
            f"{called(layer)} unrolls a masked sequence backwards and fills masked steps with 0, which Keras puts at "
            "the wrong steps. Turn off unroll.",
            setting("Turn off unroll", layer, "unroll", False),
            parameter="unroll",
            why="In Keras 3.15 the unrolled loop turns its outputs round, but not the mask by which it fills in the "
            "zeros. No error is raised; the numbers are simply wrong. The loop that is not unrolled is right.",
        )


def frame_masks(context: Context) -> Iterator[Problem]:
    """A mask for single places of frames, which a ConvLSTM cannot use: Keras fails when it computes."""
    for layer in _recurrent(context):
        tensors = context.arriving(layer)
        if layer.id not in context.graph.tops or not tensors or tensors[0].rank < 4 or not tensors[0].masked:
            continue
        maker = next((each for each in context.before(layer) if each.kind == "Masking"), None)
        made_for = context.arriving(maker) if maker is not None else ()
        if maker is None or not made_for or made_for[0].rank < 4:
            continue
        yield error(
            "frame_mask",
            layer,
            f"{called(layer)} needs a mask of whole steps, got one of single places from ‘{maker.name}’. Remove "
            "that Masking.",
            Fix(f"Remove ‘{maker.name}’", remove([maker.id])),
            why="Masking looks at the last axis alone. In a sequence of frames it therefore says for each place "
            "of a frame whether it counts, not for each step, and Keras stops with an error when the layer "
            "reads such a mask.",
        )


RULES = (
    fast_kernel,
    activations,
    forget_gates,
    settings,
    stateful_both_ways,
    unrolled_backwards,
    frame_masks,
)
