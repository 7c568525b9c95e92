"""The exported program: from a checked design to a whole Python module.

The same text is what the engine runs, what the code panel shows and what ``export`` writes.
"""

import ast
from collections.abc import Mapping
from typing import Literal, TypeAlias

from rnn_designer.codegen.allowed import allowed_names, called_names
from rnn_designer.codegen.batch import main_function
from rnn_designer.codegen.body import functional_body, sequential_body
from rnn_designer.codegen.custom import custom_classes, section_lines
from rnn_designer.codegen.errors import NotExportable
from rnn_designer.codegen.generation import generating_part
from rnn_designer.codegen.graph import Graph, runnable_part
from rnn_designer.codegen.layout import owned_lines, paired, render
from rnn_designer.codegen.names import one_line
from rnn_designer.codegen.source import Source
from rnn_designer.codegen.states import helper_functions
from rnn_designer.codegen.subclassed import subclassed
from rnn_designer.codegen.training import compile_function
from rnn_designer.codegen.tree import Notes, call, docstring, dotted, function, name
from rnn_designer.design.problems import Checked
from rnn_designer.design.tasks import FittedGoal

Style: TypeAlias = Literal["auto", "sequential", "functional", "subclass"]
_MODULES = ("constraints", "initializers", "layers", "regularizers")


def generate(
    checked: Checked,
    *,
    style: Style = "auto",
    weights_file: str | None = None,
    training: Mapping[str, FittedGoal] | None = None,
) -> Source:
    """The design as Keras Python, unformatted.

    Layers carry ``name=`` only where Keras' own counters, fresh, would call them otherwise: a process that
    runs several such programs has to call ``keras.utils.clear_session()`` before each.

    Args:
        checked: a design without errors; layers that no Input reaches are left out.
        style: ``auto`` is Sequential where the design is a chain, Functional otherwise; ``subclass`` a class of
            its own.
        weights_file: name of a ``.weights.h5`` file beside the program that ``build_model()`` shall load.
        training: what each output learns (``design.tasks.fitting``), for a program that also defines
            ``compile_model(model)``; None for one that does not speak of training.

    Raises:
        NotExportable: if the design has errors, nothing in it can run, the style does not suit it, or nothing that
            it gives can be trained.
    """
    if checked.errors:
        first, more = checked.errors[0], len(checked.errors) - 1
        others = f" ({more} more {'error' if more == 1 else 'errors'} in the design.)" if more else ""
        raise NotExportable(f"{first.message}{others}", first.layer)
    part = runnable_part(checked)
    if part is None:
        raise NotExportable("There is nothing to build yet: connect an Input to a layer.")
    graph = Graph(part)
    if style == "sequential" and graph.why_no_chain is not None:
        raise NotExportable(
            f"A Sequential model is one chain from one Input to one output, but {graph.why_no_chain}. "
            "Use the functional style, or auto."
        )
    notes = Notes()
    own_calls: frozenset[str] = frozenset()
    if style == "subclass":
        body, used = functional_body(graph, notes, None)
        made, own_calls = subclassed(graph, body, notes, weights_file)
        functions = [*custom_classes(graph, notes), *helper_functions(graph), *made]
        modules = tuple(each for each in _MODULES if each in used)
    else:
        functions, modules = model_functions(graph, notes, weights_file, functional=style == "functional")
    generation = generating_part(graph, notes)
    if generation is not None:
        modules = tuple(each for each in _MODULES if each in modules or each in generation.modules)
    module = ast.Module(
        [
            docstring(f"{one_line(graph.design.name) or 'model'}: a Keras model, designed in RNN Designer."),
            *([import_from("pathlib", "Path")] if weights_file is not None else []),
            ast.Import([ast.alias("keras")]),
            import_from("keras", *modules),
            *functions,
            *([compile_function(graph, training)] if training is not None else []),
            *(generation.functions if generation is not None else ()),
            main_function(graph, generation.shown if generation is not None else ()),
            ast.If(
                ast.Compare(name("__name__"), [ast.Eq()], [ast.Constant("__main__")]),
                [ast.Expr(call("main"))],
                [],
            ),
        ],
        [],
    )
    return finished(module, notes, own_calls)


def model_functions(
    graph: Graph, notes: Notes, weights_file: str | None, *, functional: bool = False
) -> tuple[list[ast.stmt], tuple[str, ...]]:
    """``build_model()`` with the classes and functions that it needs before it, and the Keras modules used.

    Args:
        graph: the layers of the program.
        notes: takes owners and comments.
        weights_file: name of a file beside the program that it loads.
        functional: whether a chain is no Sequential model either.
    """
    make_body = sequential_body if graph.chain and not functional else functional_body
    classes = custom_classes(graph, notes)
    body, modules = make_body(graph, notes, weights_file)
    functions = [*classes, *helper_functions(graph), function("build_model", dotted("keras.Model"), body)]
    return functions, tuple(each for each in _MODULES if each in modules)


def import_from(package: str, *names: str) -> ast.ImportFrom:
    """``from package import a, b``."""
    return ast.ImportFrom(package, [ast.alias(each) for each in names], 0)


def finished(module: ast.Module, notes: Notes, more: frozenset[str] = frozenset()) -> Source:
    """The module as text, after making sure that the text says what the tree says and calls nothing else.

    Args:
        module: the tree.
        notes: owners and comments.
        more: what it may call besides what every program may.
    """
    text = render(module, notes)
    parsed = ast.parse(text)
    if ast.dump(parsed) != ast.dump(module):
        raise AssertionError("The generated source does not read as the program that was meant.")
    strangers = called_names(text) - allowed_names() - more
    if strangers:
        raise AssertionError(f"The generated source calls {', '.join(sorted(strangers))}.")
    owned = [(new, notes.owner[old]) for old, new in paired(module, parsed) if old in notes.owner]
    lines = owned_lines(text, owned) | section_lines(text, notes.sections.items())
    return Source(text, dict(sorted(lines.items())))
