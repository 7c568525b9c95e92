"""The form of a design file: which fields it has, with which JSON types. Imported when the first file is read."""

from functools import cache
from typing import Any, NotRequired

# Pydantic refuses typing's own TypedDict below Python 3.12.
from typing_extensions import TypedDict

from rnn_designer.design.encoding import place


class LayerForm(TypedDict):
    """A layer as a block of the file."""

    id: str
    kind: str
    name: str
    params: NotRequired[dict[str, Any]]
    position: NotRequired[list[float]]
    children: NotRequired[list["LayerForm"]]
    shares: NotRequired[str | None]
    color: NotRequired[str | None]
    collapsed: NotRequired[bool]


class LinkForm(TypedDict):
    """A wire as a line of the file."""

    source: str
    target: str
    source_port: NotRequired[str]
    target_port: NotRequired[str]


class SourceForm(TypedDict):
    """The sample source of an Input."""

    kind: str
    options: NotRequired[dict[str, Any]]
    batch_size: NotRequired[int]
    time_steps: NotRequired[int]
    stride: NotRequired[int]
    normalize: NotRequired[str]
    horizon: NotRequired[int]
    validation: NotRequired[float]
    test: NotRequired[float]
    part: NotRequired[str]


class NoteForm(TypedDict):
    """A sheet of text on the canvas."""

    id: str
    text: NotRequired[str]
    position: NotRequired[list[float]]
    size: NotRequired[list[float]]
    color: NotRequired[str | None]


class GroupForm(TypedDict):
    """A title over boxes and notes."""

    id: str
    name: str
    members: NotRequired[list[str]]
    collapsed: NotRequired[bool]
    color: NotRequired[str | None]


class GenerationForm(TypedDict):
    """How the model continues a sequence by itself."""

    steps: NotRequired[int]
    prefix: NotRequired[int | None]
    temperature: NotRequired[float]
    seed: NotRequired[int]
    input: NotRequired[str | None]
    output: NotRequired[str | None]


class GoalForm(TypedDict):
    """What one output of the model is to learn."""

    task: NotRequired[str]
    columns: NotRequired[list[str]]
    source: NotRequired[SourceForm | None]
    horizon: NotRequired[int]
    loss: NotRequired[dict[str, Any] | None]
    metrics: NotRequired[list[dict[str, Any]] | None]
    weight: NotRequired[float]
    balanced: NotRequired[bool]


class TrainingForm(TypedDict):
    """How the model is trained."""

    goals: NotRequired[dict[str, GoalForm]]
    optimizer: NotRequired[dict[str, Any]]
    schedule: NotRequired[dict[str, Any] | None]
    clipping: NotRequired[str]
    clip_at: NotRequired[float]
    batch_size: NotRequired[int]
    epochs: NotRequired[int]
    stride: NotRequired[int]
    samples: NotRequired[int]
    validation: NotRequired[float]
    test: NotRequired[float]
    shuffle: NotRequired[bool]
    patience: NotRequired[int | None]
    monitor: NotRequired[str]
    least_progress: NotRequired[float]
    seed: NotRequired[int]
    runs: NotRequired[str]


class VariedForm(TypedDict):
    """One setting that a sweep tries out."""

    layer: NotRequired[str | None]
    name: str
    choices: NotRequired[list[Any]]
    low: NotRequired[int | float]
    high: NotRequired[int | float]
    log: NotRequired[bool]


class SweepForm(TypedDict):
    """What a sweep tries out."""

    varied: NotRequired[list[VariedForm]]
    method: NotRequired[str]
    trials: NotRequired[int]
    pruning: NotRequired[bool]
    patience: NotRequired[int]
    seed: NotRequired[int]


class DesignForm(TypedDict):
    """A whole design file."""

    format: int
    name: NotRequired[str]
    layers: NotRequired[list[LayerForm]]
    links: NotRequired[list[LinkForm]]
    data: NotRequired[dict[str, SourceForm]]
    seed: NotRequired[int]
    weights: NotRequired[str | None]
    notes: NotRequired[str]
    canvas_notes: NotRequired[list[NoteForm]]
    groups: NotRequired[list[GroupForm]]
    generation: NotRequired[GenerationForm | None]
    training: NotRequired[TrainingForm | None]
    sweep: NotRequired[SweepForm | None]


_FORMS = (
    *(LayerForm, LinkForm, SourceForm, NoteForm, GroupForm, GenerationForm),
    *(GoalForm, TrainingForm, VariedForm, SweepForm, DesignForm),
)
for _form in _FORMS:
    # Fields of later versions pass, and are kept.
    setattr(_form, "__pydantic_config__", {"extra": "allow", "strict": True})  # noqa: B010 - not declared by TypedDict


@cache
def _adapter() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(DesignForm)


def form_errors(tree: Any) -> list[str]:
    """Every place where the tree has not the form of a design file, as sentences."""
    from pydantic import ValidationError

    try:
        _adapter().validate_python(tree)
    except ValidationError as error:
        return [_sentence(each["loc"], each["type"], each["msg"], each["input"]) for each in error.errors()]
    return []


def _sentence(steps: tuple[str | int, ...], kind: str, message: str, given: Any) -> str:
    where = place(*steps)
    if kind == "missing":
        return f"{where}: this field is missing."
    shown = repr(given)
    if len(shown) > 60:
        shown = shown[:57] + "..."
    expected = _EXPECTED.get(kind)
    if expected is None:
        return f"{where}: {message[:1].lower()}{message[1:]}, got {shown}."
    return f"{where}: expected {expected}, got {shown}."


_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "list_type": "a list",
    "dict_type": "an object with fields",
}
