"""The mistakes that Keras users make with recurrent models, one by one: which check tells each, or why none can.

The numbers are those of the list that the checks were written from. Every code that is named has a case in which it is
found and in which each of its fixes mends it (``test_lints.py``, ``test_generating.py``).
"""

import re
import runpy
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import rnn_designer.design as package
from rnn_designer.codegen import generate
from rnn_designer.design import DataSource, Design, Edit, Refused, check, edits
from rnn_designer.design.ports import output_ports

KIT = runpy.run_path(str(Path(__file__).with_name("lint_cases_recurrent.py")))
chain, series, lstm, gru, dense = (KIT[name] for name in ("chain", "series", "lstm", "gru", "dense"))
stack, loop, cell = (KIT[name] for name in ("stack", "loop", "cell"))
TRAINED = runpy.run_path(str(Path(__file__).with_name("lint_cases_training.py")))
CODES = {code for code, _layer, _design in (*KIT["HELPERS"]["CASES"], *KIT["CASES"], *TRAINED["CASES"])}
LINE = chain(series(), lstm(), dense())


@dataclass(frozen=True)
class Impossible:
    """A state that the program cannot get into, and the function that shows it."""

    reason: str
    shown: Callable[[], bool]


def refuses(edit: Callable[[], Edit], design: Design = LINE) -> Callable[[], bool]:
    """Whether an edit is refused with a sentence."""

    def shown() -> bool:
        with pytest.raises(Refused, match=r"\.$"):
            edit()(design)
        return True

    return shown


def apart() -> bool:
    """A state has a port of its own, and a model that uses one is no Sequential."""
    states = lstm("encoder", return_state=True)
    ports = [(port.name, port.state) for port in output_ports(states)]
    text = generate(check(chain(series(), states, gru()))).text
    return ports == [("output", False), ("h", True), ("c", True)] and "keras.Sequential(" not in text


def no_input_shape() -> bool:
    """An Input of its own says what comes in."""
    text = generate(check(LINE)).text
    return "keras.Input(" in text and "input_shape" not in text


def only_programs_and_weights() -> bool:
    """What an export writes is a program and, if wanted, its weights: no compiled model of any format."""
    source = Path(package.__file__).parents[1]
    written = "".join(each.read_text(encoding="utf-8") for each in source.rglob("*.py"))
    # A model is written by save, save_model or export; weights by save_weights. Sentences tell people to save theirs.
    return not re.search(r"\bmodel\.(?:save|export)\((?!“)|\bsave_model\(|TFLiteConverter", written)


MISTAKES: dict[int, tuple[str, tuple[str, ...] | Impossible]] = {
    1: ("A layer for sequences after a last output", ("needs_sequence",)),
    2: ("A sequence without a feature axis", ("rank_time_features",)),
    3: ("A sequence with one axis too many", ("rank_time_features", "rank")),
    4: ("An open feature axis", ("features_open",)),
    5: ("Steps and features the wrong way round", ("swapped_axes",)),
    6: ("Token ids straight into a recurrent layer", ("tokens", "ids_as_amounts")),
    7: (
        "Ids beyond the rows of an Embedding, or with fractions",
        ("ids_too_large", "float_ids", "ids_with_features"),
    ),
    8: (
        "States taken for a tensor, or in the middle of a Sequential",
        Impossible("A state has its own port.", apart),
    ),
    9: ("States at the end of a model with a single target", ("unused_states",)),
    10: ("Too few or too many initial states", ("state_count", "state_constant")),
    11: (
        "Initial states of another size, or one for all samples",
        ("state_size", "state_batch", "state_for_all"),
    ),
    12: ("A layer in a cell's place, or a cell in a layer's", ("wrapped_kind", "cell_alone")),
    13: ("A custom cell that lacks what RNN asks for", ("cell_code", "cell_argument", "cell_class_twice")),
    14: ("A stack of a single cell", ("one_cell_stack",)),
    15: ("stateful with an open batch", ("batch_open",)),
    16: ("Another batch than the fixed one", ("data_batch",)),
    17: ("stateful with shuffled samples", ("stateful_shuffled",)),
    18: ("stateful inside a Bidirectional", ("stateful_backwards",)),
    19: ("unroll over an open or a long time axis", ("open_unroll", "long_unroll")),
    20: ("unroll with a mask, backwards", ("unrolled_mask", "unrolled_backwards")),
    21: ("A mask lost before a recurrent layer", ("lost_mask",)),
    22: ("Only one of two joined tensors masked", ("partly_masked",)),
    23: ("What a mask does to the loss", ("masked_loss",)),
    24: ("A mask value that real steps have", ("masks_real_steps",)),
    25: ("A sample that is masked throughout", ("all_masked",)),
    26: ("What keeps a layer from the fast code", ("no_fast_kernel",)),
    27: ("Fast code demanded where there is none", ("gpu_only",)),
    28: ("Masked outputs that depend on the machine", ("masked_kernel",)),
    29: ("An activation without bounds in a recurrence", ("unbounded_activation", "unclipped")),
    30: ("A recurrent kernel that stretches or shrinks the state", ("recurrent_scale",)),
    31: ("An LSTM that starts by forgetting", ("no_forget_bias",)),
    32: ("Dropout of everything", ("drops_everything",)),
    33: ("Recurrent dropout rules out the fast code", ("recurrent_dropout_slow",)),
    34: ("A Bidirectional around a layer that reads backwards", ("wrapped_backwards",)),
    35: ("A Bidirectional around something else", ("wrapped_kind",)),
    36: ("Doubled features, and a direction that nobody uses", ("doubled_features", "unused_direction")),
    37: ("A reversed output among forward ones", ("reversed_output",)),
    38: ("Tensors that do not join, or join by repetition", ("merge_mismatch", "broadcast")),
    39: ("A recurrent layer, or a Dense, step by step", ("time_distributed_sequence", "needless_wrapper")),
    40: ("Weights for an open number of steps", ("time_open",)),
    41: ("A window longer than the series", ("window_too_long",)),
    42: ("Repeating what is a sequence already", ("rank",)),
    43: ("Attention with one wire, or with tensors that do not match", ("missing_input", "attention_rank")),
    44: ("A softmax over one unit", ("softmax_of_one",)),
    45: ("One target for a whole sequence", ("target_steps",)),
    46: ("A loss for one-hot targets with ids", ("loss_misfit",)),
    47: (
        "Names used twice, with a slash, or unfit for Python",
        ("duplicate_name", "bad_name", "unusual_name"),
    ),
    48: (
        "No steps or no samples at all",
        Impossible(
            "Neither an Input nor a source takes 0.",
            lambda: all(
                shown()
                for shown in (
                    refuses(lambda: edits.set_data("x", DataSource("sine", time_steps=0))),
                    refuses(lambda: edits.set_data("x", DataSource("sine", batch_size=0))),
                    refuses(lambda: edits.set_parameter("x", "shape", (0, 2))),
                )
            ),
        ),
    ),
    49: ("Gaps in the data", ("data_gaps",)),
    50: ("Settings that SimpleRNN drops", ("ignored_by_keras",)),
    51: ("A penalty of nothing", ("penalty_of_nothing",)),
    52: ("An activation that ties units together in a recurrence", ("vector_activation",)),
    53: (
        "Generation that cannot be fed back, or looks ahead",
        ("generates_misfits", "generates_ahead", "generates_with_wired_states"),
    ),
    54: ("A loop in a model for phones", Impossible("No such file is written.", only_programs_and_weights)),
    55: ("A masked model as .h5", Impossible("No such file is written.", only_programs_and_weights)),
    56: ("input_shape= in the first layer", Impossible("It is never written.", no_input_shape)),
    57: ("A layer too large to build in a moment", ("large_layer", "large_trace")),
}

DEFECTS: dict[int, tuple[str, tuple[str, ...] | Impossible]] = {
    1: ("SimpleRNN drops its activity regularizer", ("ignored_by_keras",)),
    2: ("SimpleRNN does not save its seed", ("ignored_by_keras",)),
    3: ("An RNN over a list of one cell fails with a mask or unrolled", ("one_cell_stack",)),
    4: ("Unrolled, masked, backwards: zeros at the wrong steps", ("unrolled_mask", "unrolled_backwards")),
    5: ("A stateful RNN over several cells cannot be reset", ("stateful_stack",)),
    6: (
        "A masked model as .h5 cannot be opened",
        Impossible("No such file is written.", only_programs_and_weights),
    ),
    7: ("LSTM and GRU with dropout 1 drop nothing", ("drops_everything",)),
    8: ("Initial states are not checked", ("state_count", "state_size")),
}

BEYOND = {
    "needs_matrix": "Orthogonal and identity starts, and orthogonal penalties, on a bias",
    "stateful_stack": "A state that reset_state cannot reach",
    "nested_states": "States of a stack in a stack, which return_state cannot give out",
    "one_step_only": "A series laid along the features, so that there is one step",
    "shared_differ": "One layer called with tensors that need other weights",
    "shared_state": "One stateful layer called twice",
    "state_inside": "A typed start on a layer that its wrapper calls",
    "open_time_distributed": "TimeDistributed over an open time axis in a compiled model",
    "frame_mask": "A mask of places where one of steps is needed",
    "masked_softmax": "Softmax as a layer behind a mask",
    "attention_mismatch": "Query, value and key of different sizes",
    "lora_constraint": "A constraint on weights that are not trained",
    "dtype": "An orthogonal start in bfloat16",
    "fixed_batch": "Training with batches of another size than the Input's",
    "few_validated": "A validation part of a handful of samples",
    "learning_rate": "A learning rate with which no training settles, or none begins",
    "logits": "A loss that is told scores where the output gives probabilities, or the reverse",
    "metric_misfit": "A metric for another form of targets",
    "monitor_unknown": "A figure to watch that no metric gives",
    "nothing_validated": "A validation figure to watch, and nothing held back",
    "nothing_to_learn": "An output that nothing says the target of",
    "out_of_reach": "Targets outside the range of the last activation",
    "patience_beyond": "More patience than epochs",
    "too_few_classes": "Fewer units than classes",
}
"""What the list lacks, and the checker tells."""


def generation_codes() -> set[str]:
    source = (Path(package.__file__).parent / "generation_problems.py").read_text(encoding="utf-8")
    return set(re.findall(r"\"(generates_\w+)\"", source))


def test_that_every_mistake_of_the_list_is_accounted_for() -> None:
    assert sorted(MISTAKES) == list(range(1, 58))
    assert sorted(DEFECTS) == list(range(1, 9))


@pytest.mark.parametrize("number", MISTAKES, ids=str)
def test_that_a_check_tells_the_mistake_or_it_cannot_be_made(number: int) -> None:
    _what, answer = MISTAKES[number]
    if isinstance(answer, Impossible):
        assert answer.shown(), answer.reason
    elif isinstance(answer, tuple):
        assert set(answer) <= CODES | generation_codes()


@pytest.mark.parametrize("number", DEFECTS, ids=str)
def test_that_a_check_names_the_defect_or_the_program_does_not_meet_it(number: int) -> None:
    _what, answer = DEFECTS[number]
    if isinstance(answer, Impossible):
        assert answer.shown(), answer.reason
    else:
        assert set(answer) <= CODES


def test_that_what_the_list_lacks_is_told_as_well() -> None:
    assert set(BEYOND) <= CODES


def test_that_every_code_is_a_mistake_of_the_list_or_one_of_the_drawing_itself() -> None:
    """A new check belongs in one of the tables, unless it is about wires, data and values that any design has."""
    answers = [
        answer for _what, answer in (*MISTAKES.values(), *DEFECTS.values()) if isinstance(answer, tuple)
    ]
    listed = {code for codes in answers for code in codes} | set(BEYOND)
    drawing = {"cycle", "unconnected", "unused_input", "needs_layer", "one_input", "two_inputs"}
    values = {
        "attention_axes",
        "axis_twice",
        "bad_axis",
        "bad_target",
        "batch_axis",
        "crop_too_long",
        "groups",
        "output_padding",
        "strides_and_dilation",
        "wrapped_differ",
        "time_distributed_rank",
        "data_steps",
        "data_width",
    }
    assert CODES - listed == drawing | values
