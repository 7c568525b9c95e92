"""The program as a class of its own: layers made in ``__init__``, called in ``call``, registered for saved models.

It is the functional program taken apart, so that both make the same layers in the same order and call them in the
same way.
"""

import ast
import keyword
import re
from typing import Any

from rnn_designer.catalog import Part
from rnn_designer.codegen.errors import NotExportable
from rnn_designer.codegen.graph import Graph
from rnn_designer.codegen.names import slug
from rnn_designer.codegen.tree import Notes, assign, bind, call, docstring, dotted, list_of, literal, name

_CALLED_ONCE = "Called once, so that the weights are there."


def class_name(graph: Graph) -> str:
    """What the class is called: the design's name in capitals and small letters, and Model behind it."""
    words = slug(graph.design.name, "model").split("_")
    plain = "".join(word.capitalize() for word in words)
    return plain if plain.endswith("Model") else f"{plain}Model"


def subclassed(
    graph: Graph, body: list[ast.stmt], notes: Notes, weights_file: str | None
) -> tuple[list[ast.stmt], frozenset[str]]:
    """The class and its ``build_model()`` in place of a functional one, and what they call besides.

    Args:
        graph: the layers of the program.
        body: the statements of the functional ``build_model()`` without any weights file.
        notes: takes comments and owners.
        weights_file: name of a file beside the program that is loaded.

    Raises:
        NotExportable: the design has something that only holds while a functional model is built.
    """
    if _hands_masks_over(body):
        raise NotExportable(
            "Here a mask is handed over beside an initial state, and a subclassed model does not keep it where it is "
            "read. Use the functional style, or auto."
        )
    for layer in graph.design.walk():
        if layer.params.get("stateful"):
            raise NotExportable(
                f"“{layer.name}” is stateful, and Keras does not make its states in a subclassed model. Use the "
                "functional style, or auto.",
                layer.id,
            )
        penalty = layer.params.get("activity_regularizer")
        if isinstance(penalty, Part) and penalty.kind == "OrthogonalRegularizer":
            raise NotExportable(
                f"The outputs of “{layer.name}” are held orthogonal, for which Keras has to know how many samples "
                "there are while a subclassed model is made. Use the functional style, or auto.",
                layer.id,
            )
    head, *statements, end = body
    assert isinstance(end, ast.Return)
    assert isinstance(end.value, ast.Call)
    parts = _Parts(notes)
    called = [found for each in statements if (found := parts.taken_apart(each)) is not None]
    outputs = end.value.args[1]
    fed = parts.inputs
    unpacked: list[ast.stmt] = []
    if len(fed) > 1:
        target = ast.Tuple([ast.Name(each, ast.Store()) for each in fed], ast.Store())
        unpacked = [bind(target, name("inputs"))]
    elif fed[0] != "inputs":
        unpacked = [assign(fed, name("inputs"))]
    kind = class_name(graph)
    made = ast.Call(
        ast.Attribute(call("super"), "__init__", ast.Load()), [], [ast.keyword(None, name("settings"))]
    )
    constructor = _method("__init__", ["self"], [ast.Expr(made), *parts.made], keywords="settings")
    caller = _method("call", ["self", "inputs"], [*unpacked, *called, ast.Return(outputs)])
    described = _method(
        "get_config",
        ["self"],
        [
            docstring("Say what makes the same model again: its layers are always these."),
            ast.Return(call(ast.Attribute(call("super"), "get_config", ast.Load()))),
        ],
    )
    registered = call("keras.saving.register_keras_serializable", (), {"package": literal("rnn_designer")})
    defined = ast.ClassDef(
        kind,
        [dotted("keras.Model")],
        [],
        [
            docstring(f"The layers of {slug(graph.design.name, 'the model')}, and how they are called."),
            constructor,
            caller,
            described,
        ],
        [registered],
        **_type_params(ast.ClassDef),
    )
    building: list[ast.stmt] = [
        head,
        assign(["model"], call(kind, (), {"name": end.value.keywords[-1].value})),
    ]
    first = call("model", [parts.symbols[0] if len(fed) == 1 else list_of(parts.symbols)])
    notes.comment[first] = _CALLED_ONCE
    building.append(ast.Expr(first))
    if weights_file is not None:
        beside = ast.Attribute(call("Path", [name("__file__")]), "with_name", ast.Load())
        building.append(ast.Expr(call("model.load_weights", [call(beside, [literal(weights_file)])])))
    building.append(ast.Return(name("model")))
    builder = ast.FunctionDef(
        "build_model",
        _arguments([]),
        building,
        [],
        dotted("keras.Model"),
        lineno=0,
        **_type_params(ast.FunctionDef),
    )
    more = {
        kind,
        "model",
        "super",
        "super().__init__",
        "super().get_config",
        "keras.saving.register_keras_serializable",
    }
    return [defined, builder], frozenset(more | {f"self.{each}" for each in parts.attributes.values()})


class _Parts:
    """Takes functional statements apart: what makes layers, what calls them, what stands for the inputs."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self.made: list[ast.stmt] = []
        self.inputs: list[str] = []
        self.symbols: list[ast.expr] = []
        self.attributes: dict[str, str] = {}

    def taken_apart(self, statement: ast.stmt) -> ast.stmt | None:
        """What is left of a statement in ``call``; None if nothing is."""
        assert isinstance(statement, ast.Assign)
        assert isinstance(statement.value, ast.Call)
        value, owner = statement.value, self._notes.owner.get(statement)
        if ast.unparse(value.func) == "keras.Input":
            assert isinstance(statement.targets[0], ast.Name)
            self.inputs.append(statement.targets[0].id)
            self.symbols.append(value)
            return None
        if not isinstance(value.func, ast.Call):
            target = statement.targets[0]
            if isinstance(target, ast.Name) and _makes_a_layer(value):
                # A layer that is called several times is in a variable already.
                self._make(target.id, value, owner)
                return None
            return self._called(statement, value, owner)
        layer = value.func
        given = next((each.value for each in layer.keywords if each.arg == "name"), None)
        wanted = given.value if isinstance(given, ast.Constant) else None
        attribute = self._make(str(wanted or _plain_name(layer)), layer, owner)
        made = ast.Call(ast.Attribute(name("self"), attribute, ast.Load()), value.args, value.keywords)
        comment = self._notes.comment.pop(value, None)
        if comment is not None:
            self._notes.comment[made] = comment
        new = bind(statement.targets[0], made)
        if owner is not None:
            self._notes.owner[new] = owner
        return new

    def _called(self, statement: ast.Assign, value: ast.Call, owner: str | None) -> ast.stmt:
        """A call of a layer in a variable, which is an attribute now."""
        assert isinstance(value.func, ast.Name)
        made = ast.Call(
            ast.Attribute(name("self"), self.attributes[value.func.id], ast.Load()),
            value.args,
            value.keywords,
        )
        new = bind(statement.targets[0], made)
        if owner is not None:
            self._notes.owner[new] = owner
        return new

    def _make(self, wanted: str, layer: ast.Call, owner: str | None) -> str:
        """``self.<attribute> = <layer>``; the attribute is close to the wanted name, and none of Keras' own."""
        attribute = slug(wanted, "layer")
        taken = {*_KERAS_OWN, *self.attributes.values()}
        hidden = attribute in _KERAS_OWN or keyword.iskeyword(attribute)
        free, number = (f"{attribute}_layer" if hidden else attribute), 1
        while free in taken:
            free, number = f"{attribute}_{number}", number + 1
        self.attributes[wanted if wanted not in self.attributes else free] = free
        target = ast.Attribute(name("self"), free, ast.Store())
        made = bind(target, layer)
        if owner is not None:
            self._notes.owner[made] = owner
        self.made.append(made)
        return free


_KERAS_OWN = frozenset(
    [
        "activity_regularizer",
        "add_loss",
        "add_metric",
        "add_variable",
        "add_weight",
        "autocast",
        "build",
        "build_from_config",
        "built",
        "call",
        "compile",
        "compile_from_config",
        "compiled",
        "compiled_metrics",
        "compute_dtype",
        "compute_loss",
        "compute_mask",
        "compute_metrics",
        "compute_output_shape",
        "compute_output_spec",
        "count_params",
        "distribute_reduction_method",
        "distribute_strategy",
        "dtype",
        "dtype_policy",
        "evaluate",
        "export",
        "fit",
        "from_config",
        "get_build_config",
        "get_compile_config",
        "get_config",
        "get_layer",
        "get_metrics_result",
        "get_state_tree",
        "get_weights",
        "input",
        "input_dtype",
        "input_shape",
        "input_spec",
        "inputs",
        "jit_compile",
        "layers",
        "load_own_variables",
        "load_weights",
        "loss",
        "losses",
        "make_predict_function",
        "make_test_function",
        "make_train_function",
        "metrics",
        "metrics_names",
        "metrics_variables",
        "name",
        "non_trainable_variables",
        "non_trainable_weights",
        "optimizer",
        "output",
        "outputs",
        "path",
        "predict",
        "predict_function",
        "predict_on_batch",
        "predict_step",
        "quantization_mode",
        "quantize",
        "quantized_build",
        "quantized_call",
        "rematerialized_call",
        "remat",
        "reset_metrics",
        "run_eagerly",
        "save",
        "save_own_variables",
        "save_weights",
        "set_state_tree",
        "set_weights",
        "stateless_call",
        "stateless_compute_loss",
        "stateless_reset_metrics",
        "steps_per_execution",
        "stop_evaluating",
        "stop_predicting",
        "stop_training",
        "summary",
        "supports_jit",
        "supports_masking",
        "symbolic_call",
        "test_function",
        "test_on_batch",
        "test_step",
        "to_json",
        "train_function",
        "train_on_batch",
        "train_step",
        "trainable",
        "trainable_variables",
        "trainable_weights",
        "variable_dtype",
        "variables",
        "weights",
    ]
)
"""What every model of Keras has under these names; a layer must not hide it."""


def _makes_a_layer(value: ast.Call) -> bool:
    return ast.unparse(value.func).startswith("layers.")


def _plain_name(layer: ast.Call) -> str:
    kind = ast.unparse(layer.func).rpartition(".")[2]
    kind = re.sub(r"(.)([A-Z][a-z]+)", r"\1_\2", kind)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", kind).lower()


def _hands_masks_over(body: list[ast.stmt]) -> bool:
    nodes = (each for statement in body for each in ast.walk(statement))
    return any(isinstance(each, ast.Attribute) and each.attr == "_keras_mask" for each in nodes)


def _method(
    identifier: str, arguments: list[str], body: list[ast.stmt], keywords: str | None = None
) -> ast.FunctionDef:
    return ast.FunctionDef(
        identifier, _arguments(arguments, keywords), body, [], None, lineno=0, **_type_params(ast.FunctionDef)
    )


def _arguments(arguments: list[str], keywords: str | None = None) -> ast.arguments:
    return ast.arguments(
        posonlyargs=[],
        args=[ast.arg(each) for each in arguments],
        vararg=None,
        kwonlyargs=[],
        kw_defaults=[],
        kwarg=None if keywords is None else ast.arg(keywords),
        defaults=[],
    )


def _type_params(kind: type[ast.AST]) -> dict[str, Any]:
    # Python 3.12 added type_params; 3.11 would warn about it.
    return {"type_params": []} if "type_params" in kind._fields else {}
