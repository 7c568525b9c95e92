"""A whole program that trains a design: its data, the model, ``fit`` with callbacks, and a test at the end.

The program is for people who leave the window behind: plain Keras and NumPy, nothing of RNN Designer. It trains on the
same samples in the same order of batches as the window, so that the same weights come to the same losses.
"""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rnn_designer.catalog.figures import direction
from rnn_designer.codegen.errors import NotExportable
from rnn_designer.codegen.graph import Graph
from rnn_designer.codegen.names import one_line
from rnn_designer.codegen.program import finished, import_from, model_functions
from rnn_designer.codegen.source import Source
from rnn_designer.codegen.training import compile_function, trained_goals
from rnn_designer.codegen.tree import Notes, call, docstring, list_of, literal, name
from rnn_designer.design.model import Training
from rnn_designer.design.problems import Checked
from rnn_designer.design.tasks import FittedGoal

PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class SampleFile:
    """Samples that were cut already and lie beside the program, in an ``.npz`` file.

    It holds ``<part>/inputs/<Input>``, ``<part>/targets/<output>`` and, where samples do not all count alike,
    ``<part>/weights/<output>``, the names being those of the layers in Keras.

    Attributes:
        file: its name.
        parts: which of ``train``, ``validation`` and ``test`` it has.
        weighted: the outputs with weights.
    """

    file: str
    parts: tuple[str, ...]
    weighted: tuple[str, ...] = ()


@dataclass(frozen=True)
class SeriesFile:
    """A file with one long series, which the program reads and cuts itself.

    Attributes:
        file: its path from the program's folder, with slashes, or an absolute one.
        separator: between the columns of a text file; None for an ``.npy`` file.
        heading: how many lines come before the numbers.
        columns: which columns are read; those of the Input first.
        features: how many of them the Input reads.
        targets: which of those that are read are the targets.
        steps: how many steps a sample has.
        stride: how many rows later each further sample begins.
        normalize: ``none``, ``standard`` or ``range``.
        validation: the share held back for validation.
        test: the share at the end held back for the test.
    """

    file: str
    separator: str | None
    heading: int
    columns: tuple[int, ...]
    features: int
    targets: tuple[int, ...]
    steps: int
    stride: int
    normalize: str
    validation: float
    test: float

    @property
    def parts(self) -> tuple[str, ...]:
        """Which parts there are."""
        shares = {"train": 1.0, "validation": self.validation, "test": self.test}
        return tuple(part for part, share in shares.items() if share)


def training_script(
    checked: Checked,
    goals: Mapping[str, FittedGoal],
    data: SampleFile | SeriesFile,
    *,
    weights_file: str | None = None,
    stem: str = "model",
) -> Source:
    """The program, unformatted.

    Args:
        checked: the part of the design that runs, without errors.
        goals: what each trained output learns.
        data: where its samples come from.
        weights_file: name of a ``.weights.h5`` file beside the program that training starts from.
        stem: what the files that the program writes begin with.

    Raises:
        NotExportable: if the model cannot be built, or has outputs that are not trained.
    """
    graph = Graph(checked)
    notes = Notes()
    trained = trained_goals(graph, goals)
    untrained = [port for port, goal in zip(graph.outputs, trained, strict=True) if goal is None]
    if untrained:
        layer, port = untrained[0]
        raise NotExportable(
            f"The output “{port}” of “{graph.by_id[layer].name}” is not trained, and a training program gives every "
            "output a target. Connect it, or turn off return state.",
            layer,
        )
    training = checked.design.training or Training()
    functions, modules = model_functions(graph, notes, weights_file)
    if isinstance(data, SeriesFile):
        reading = series_functions(data, next(iter(goals.values())))
    else:
        reading = _sample_functions(graph, data)
    module = ast.Module(
        [
            docstring(
                f"{one_line(graph.design.name) or 'model'}: a Keras model and its training, from RNN Designer."
            ),
            import_from("pathlib", "Path"),
            ast.Import([ast.alias("keras")]),
            ast.Import([ast.alias("numpy", "np")]),
            import_from("keras", *modules),
            *_parsed(_HERE),
            *functions,
            compile_function(graph, goals),
            *_parsed(_BATCHES),
            *reading,
            *_main(training, goals, data.parts, stem),
            ast.If(
                ast.Compare(name("__name__"), [ast.Eq()], [ast.Constant("__main__")]),
                [ast.Expr(call("main"))],
                [],
            ),
        ],
        [],
    )
    return finished(module, notes, CALLED)


_HERE = "HERE = Path(__file__).parent"

_BATCHES = '''
class Batches(keras.utils.PyDataset):
    """Samples with their targets, batch by batch.

    Args:
        samples: inputs, targets and weights, each a list of arrays with the samples
            first; weights may be None.
        batch_size: how many samples make a batch.
        seed: of the order of the samples; None for the order in which they come.
    """

    def __init__(self, samples: tuple, batch_size: int, seed: int | None = None) -> None:
        super().__init__()
        self.samples = samples
        self.batch_size = batch_size
        self.random = None if seed is None else np.random.default_rng(seed)
        self.order = np.arange(len(samples[0][0]))

    def shuffle(self) -> None:
        """Draw a new order of the samples."""
        if self.random is not None:
            self.order = self.random.permutation(len(self.order))

    def __len__(self) -> int:
        return -(-len(self.order) // self.batch_size)

    def __getitem__(self, index: int) -> tuple:
        rows = self.order[index * self.batch_size : (index + 1) * self.batch_size]
        inputs, targets, weights = (pick(arrays, rows) for arrays in self.samples)
        return (inputs, targets) if weights is None else (inputs, targets, weights)


def pick(arrays: list | None, rows: np.ndarray) -> object:
    """Take some samples of each array; one array comes without a list around it."""
    if arrays is None:
        return None
    picked = [array[rows] for array in arrays]
    return picked[0] if len(picked) == 1 else tuple(picked)
'''

CALLED = frozenset(
    {
        "Batches",
        "build_model",
        "compile_model",
        "keras.callbacks.EarlyStopping",
        "keras.callbacks.LambdaCallback",
        "keras.callbacks.ModelCheckpoint",
        "keras.utils.set_random_seed",
        "learned.max",
        "learned.mean",
        "learned.min",
        "learned.std",
        "len",
        "model.evaluate",
        "model.fit",
        "model.load_weights",
        "model.summary",
        "np.arange",
        "np.genfromtxt",
        "np.load",
        "np.random.default_rng",
        "np.where",
        "pick",
        "print",
        "read_samples",
        "read_series",
        "round",
        "scaled.astype",
        "scores.items",
        "self.random.permutation",
        "series.astype",
        "super",
        "super().__init__",
        "train.shuffle",
        "tuple",
        "weights.append",
        "zip",
    }
)
"""What this program may call besides the model's own."""


def output_names(graph: Graph) -> list[str]:
    """What the targets of the outputs are called, in the model's order; two calls of a layer have a name each."""
    return [graph.names[layer_id] for layer_id, _port in graph.outputs]


def _sample_functions(graph: Graph, data: SampleFile) -> list[ast.stmt]:
    """``read_samples()`` from samples that were cut already."""
    values = {
        "FILE": literal(data.file),
        "INPUTS": _list([graph.names[layer.id] for layer in graph.inputs]),
        "OUTPUTS": _list(output_names(graph)),
    }
    return _parsed(_READ_SAMPLES if not data.weighted else _READ_WEIGHTED, values)


_READ_SAMPLES = '''
def read_samples(part: str) -> tuple:
    """Read the samples of a part of the data: "train", "validation" or "test".

    Returns:
        Inputs, targets and weights, each a list of arrays with the samples first.
    """
    with np.load(HERE / FILE) as data:
        inputs = [data[f"{part}/inputs/{name}"] for name in INPUTS]
        targets = [data[f"{part}/targets/{name}"] for name in OUTPUTS]
    return (inputs, targets, None)
'''
_READ_WEIGHTED = '''
def read_samples(part: str) -> tuple:
    """Read the samples of a part of the data: "train", "validation" or "test".

    Returns:
        Inputs, targets and weights, each a list of arrays with the samples first. The
        weights are 0 where there is no target, and None where all count alike.
    """
    outputs = OUTPUTS
    with np.load(HERE / FILE) as data:
        inputs = [data[f"{part}/inputs/{name}"] for name in INPUTS]
        targets = [data[f"{part}/targets/{name}"] for name in outputs]
        weights = None
        if f"{part}/weights/{outputs[0]}" in data:
            weights = [data[f"{part}/weights/{name}"] for name in outputs]
    return (inputs, targets, weights)
'''


def series_functions(data: SeriesFile, goal: FittedGoal) -> list[ast.stmt]:
    """``read_series()`` and ``read_samples()`` from one long series."""
    foretells = goal.task in ("next_step", "horizon")
    values = {
        "FILE": literal(data.file),
        "SEPARATOR": literal(data.separator),
        "HEADING": literal(data.heading),
        "COLUMNS": _list(data.columns),
        "VALIDATION": literal(data.validation),
        "TEST": literal(data.test),
        "STEPS": literal(data.steps),
        "STRIDE": literal(data.stride),
        "FEATURES": literal(data.features),
        "TARGETS": _list(data.targets),
        "AHEAD": literal(goal.horizon if foretells else 0),
        "ROWS": _expression(
            {
                "next_step": "steps + 1",
                "horizon": f"starts + length + {goal.horizon - 1}" if goal.horizon > 1 else "starts + length",
                "values": "steps",
                "value": "starts + length - 1",
            }[goal.task]
        ),
    }
    read = _READ_TEXT if data.separator is not None else _READ_ARRAY
    text = f"{read}{_CUT.replace('SCALING', _SCALING[data.normalize])}"
    if not foretells:
        text = text.replace(" - AHEAD", "")
    if data.features == len(data.columns):
        text = text.replace("[..., :FEATURES]", "")
    if data.targets == tuple(range(len(data.columns))):
        text = text.replace("[..., TARGETS]", "")
    return _parsed(text, values)


_READ_TEXT = '''
def read_series() -> np.ndarray:
    """Read the data, one row for each step: `(rows, columns)`."""
    return np.genfromtxt(HERE / FILE, delimiter=SEPARATOR, skip_header=HEADING, usecols=COLUMNS, ndmin=2)
'''
_READ_ARRAY = '''
def read_series() -> np.ndarray:
    """Read the data, one row for each step: `(rows, columns)`."""
    return np.load(HERE / FILE)[:, COLUMNS]
'''
_CUT = '''

def read_samples(part: str) -> tuple:
    """Cut a part of the series, "train", "validation" or "test", into samples.

    The parts follow each other in time, and no sample or target reaches into another
    part. How the numbers are scaled is told by the training part alone.

    Returns:
        Inputs, targets and weights, each a list of arrays with the samples first.
    """
    validation = VALIDATION
    test = TEST
    length = STEPS
    stride = STRIDE
    series = read_series()
    first = round(len(series) * (1 - validation - test))
    second = round(len(series) * (1 - test))
    rows = {"train": (0, first), "validation": (first, second), "test": (second, len(series))}
    begin, end = rows[part]
    SCALING
    last = end - length - AHEAD
    starts = np.arange(begin, last + 1, stride)
    steps = starts[:, None] + np.arange(length)
    return ([numbers[steps][..., :FEATURES]], [numbers[ROWS][..., TARGETS]], None)
'''
_SCALING = {
    "none": 'numbers = series.astype("float32")',
    "standard": """learned = series[:first]
    deviation = learned.std(axis=0)
    scaled = (series - learned.mean(axis=0)) / np.where(deviation == 0, 1.0, deviation)
    numbers = scaled.astype("float32")""",
    "range": """learned = series[:first]
    spread = learned.max(axis=0) - learned.min(axis=0)
    scaled = (series - learned.min(axis=0)) / np.where(spread == 0, 1.0, spread)
    numbers = scaled.astype("float32")""",
}


def monitored(training: Training, goals: Mapping[str, FittedGoal], validated: bool) -> tuple[str, str]:
    """The figure to watch, and whether it is to become small or large (``min``, ``max``)."""
    figure = training.monitor if validated else training.monitor.removeprefix("val_")
    metrics = [metric for goal in goals.values() for metric in goal.metrics]
    return figure, direction(figure.removeprefix("val_"), metrics)


def _main(
    training: Training, goals: Mapping[str, FittedGoal], parts: tuple[str, ...], stem: str
) -> list[ast.stmt]:
    figure, mode = monitored(training, goals, "validation" in parts)
    values = {
        "SEED": literal(training.seed),
        "BATCH": literal(training.batch_size),
        "BEST": literal(f"{stem}.trained.weights.h5"),
        "MONITOR": literal(figure),
        "MODE": literal(mode),
        "PATIENCE": literal(training.patience),
        "LEAST": literal(float(training.least_progress)),
        "EPOCHS": literal(training.epochs),
    }
    text = _MAIN
    if not training.shuffle:
        text = text.replace(", seed=SEED)", ")").replace(_SHUFFLING, "")
    if training.patience is None:
        text = text.replace(_STOPPING, "")
    elif not training.least_progress:
        text = text.replace(", min_delta=LEAST", "")
    if "validation" not in parts:
        text = text.replace(_VALIDATION, "").replace("validation_data=validation, ", "")
    if "test" not in parts:
        text = text.replace(_TESTING, "")
    return _parsed(text, values)


_SHUFFLING = """
        keras.callbacks.LambdaCallback(on_epoch_begin=lambda epoch, logs: train.shuffle()),"""
_STOPPING = """
        keras.callbacks.EarlyStopping(monitor=MONITOR, mode=MODE, patience=PATIENCE, min_delta=LEAST),"""
_VALIDATION = """
    validation = Batches(read_samples("validation"), BATCH)"""
_TESTING = """
    scores = model.evaluate(Batches(read_samples("test"), BATCH), return_dict=True)
    for figure, value in scores.items():
        print(f"test {figure}: {value:.6g}")"""
_MAIN = f'''
def main() -> None:
    """Train the model, keep the weights of its best epoch, and measure it at the end."""
    keras.utils.set_random_seed(SEED)
    train = Batches(read_samples("train"), BATCH, seed=SEED){_VALIDATION}
    model = build_model()
    compile_model(model)
    model.summary()
    best = HERE / BEST
    callbacks = [{_SHUFFLING}
        keras.callbacks.ModelCheckpoint(
            best, monitor=MONITOR, mode=MODE, save_best_only=True, save_weights_only=True
        ),{_STOPPING}
    ]
    model.fit(train, validation_data=validation, epochs=EPOCHS, shuffle=False, callbacks=callbacks)
    model.load_weights(best){_TESTING}
'''


def _list(values: Iterable[str | int]) -> ast.expr:
    """A list of plain values."""
    return list_of(literal(each) for each in values)


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


class _Filled(ast.NodeTransformer):
    """Puts values in the places of names in capitals, so that no text of a design is ever pasted into a program.

    ``visit_Name`` is what ``ast`` calls.
    """

    def __init__(self, values: Mapping[str, ast.expr]) -> None:
        self._values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._values.get(node.id, node)


def _parsed(text: str, values: Mapping[str, ast.expr] | None = None) -> list[ast.stmt]:
    return [_Filled(values or {}).visit(statement) for statement in ast.parse(text).body]
