"""Designs to and from the tree of a design file, value by value, with every error named by its place."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from rnn_designer.catalog import REQUIRED, BadValue, FrozenMap, LayerType, Part, Value, find_type
from rnn_designer.design.edits.generation import generation_fault
from rnn_designer.design.edits.layers import equals_default
from rnn_designer.design.edits.settings import HIGHEST_SEED, source_fault, weights_fault
from rnn_designer.design.migrations import FORMAT, Tree
from rnn_designer.design.model import (
    DataSource,
    Design,
    Generation,
    Goal,
    Group,
    Layer,
    Link,
    Note,
    Position,
    Training,
)
from rnn_designer.design.naming import name_fault
from rnn_designer.design.ports import input_ports, output_ports
from rnn_designer.design.sharing import mirrored, own
from rnn_designer.design.sweep_encoding import sweep_of, sweep_tree
from rnn_designer.design.sweeping import Sweep, Varied
from rnn_designer.design.training_encoding import TrainingDecoder, training_tree

_FARTHEST = 10_000_000
"""How far from the middle of the canvas anything may lie, in scene units."""
_FIELDS: dict[type, frozenset[str]] = {
    form: frozenset(each.name for each in fields(form))
    for form in (Design, Layer, Link, DataSource, Generation, Note, Group, Training, Goal, Sweep, Varied)
}


def to_tree(design: Design) -> Tree:
    """The design as the plain values of JSON."""
    tree: Tree = {
        **thawed(design.extra),
        "format": FORMAT,
        "name": design.name,
        "seed": design.seed,
        "notes": design.notes,
        "weights": design.weights,
        "layers": [_layer_tree(layer) for layer in design.layers],
        "links": [
            {
                **thawed(link.extra),
                "source": link.source,
                "source_port": link.source_port,
                "target": link.target,
                "target_port": link.target_port,
            }
            for link in design.links
        ],
        "data": {key: _source_tree(source) for key, source in design.data.items()},
    }
    # What only the canvas shows is written only where there is any: most designs have none.
    if design.canvas_notes:
        tree["canvas_notes"] = [
            {
                **thawed(note.extra),
                "id": note.id,
                "text": note.text,
                "position": [float(each) for each in note.position],
                "size": [float(each) for each in note.size],
                **_color_tree(note.color),
            }
            for note in design.canvas_notes
        ]
    if design.groups:
        tree["groups"] = [
            {
                **thawed(group.extra),
                "id": group.id,
                "name": group.name,
                "members": list(group.members),
                "collapsed": group.collapsed,
                **_color_tree(group.color),
            }
            for group in design.groups
        ]
    if design.generation is not None:
        tree["generation"] = _generation_tree(design.generation)
    if design.training is not None:
        tree["training"] = training_tree(design.training, _source_tree)
    if design.sweep is not None:
        tree["sweep"] = sweep_tree(design, design.sweep)
    return tree


def _generation_tree(generation: Generation) -> Tree:
    return {
        **thawed(generation.extra),
        "steps": generation.steps,
        "prefix": generation.prefix,
        "temperature": float(generation.temperature),
        "seed": generation.seed,
        "input": generation.input,
        "output": generation.output,
    }


def _source_tree(source: DataSource) -> Tree:
    tree: Tree = {
        **thawed(source.extra),
        "kind": source.kind,
        "options": thawed(source.options),
        "batch_size": source.batch_size,
        "time_steps": source.time_steps,
        "stride": source.stride,
        "normalize": source.normalize,
    }
    # Most sources are neither split nor have a horizon: their files do not speak of it.
    if source.horizon:
        tree["horizon"] = source.horizon
    if source.validation or source.test or source.part != "all":
        tree |= {"validation": source.validation, "test": source.test, "part": source.part}
    return tree


def _color_tree(color: str | None) -> Tree:
    return {} if color is None else {"color": color}


def _layer_tree(layer: Layer) -> Tree:
    tree: Tree = {
        **thawed(layer.extra),
        "id": layer.id,
        "kind": layer.kind,
        "name": layer.name,
        "params": {name: encoded(value) for name, value in layer.params.items()},
        "position": [float(layer.position[0]), float(layer.position[1])],
        **_color_tree(layer.color),
    }
    if layer.collapsed:
        tree["collapsed"] = True
    if layer.shares is not None:
        tree["shares"] = layer.shares
    if layer.children:
        tree["children"] = [_layer_tree(child) for child in layer.children]
    return tree


def encoded(value: Value) -> Any:
    """A parameter value as JSON: tuples as lists, ``Part("L2", l2=0.02)`` as ``{"part": "L2", "l2": 0.02}``."""
    if isinstance(value, Part):
        arguments = {name: encoded(each) for name, each in value.params.items()}
        # A cell's own argument may be called part; none can be called with.
        return {"part": value.kind, **({"with": arguments} if "part" in arguments else arguments)}
    if isinstance(value, tuple):
        return [encoded(each) for each in value]
    return value


def decoded(value: Any) -> Value:
    """A parameter value from JSON; :class:`BadValue` with a sentence otherwise."""
    if isinstance(value, list):
        return tuple(decoded(each) for each in value)
    if isinstance(value, dict):
        kind = value.get("part")
        if not isinstance(kind, str):
            raise BadValue("Expected an object with the field “part”.")
        apart = value.get("with")
        given = apart if isinstance(apart, dict) else {name: value[name] for name in value if name != "part"}
        return Part(kind, FrozenMap({name: decoded(each) for name, each in given.items()}))
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise BadValue(f"Expected a plain value, got {value!r}.")


def frozen(value: Any) -> Any:
    """A JSON value made immutable: lists as tuples, objects as :class:`FrozenMap`."""
    if isinstance(value, list):
        return tuple(frozen(each) for each in value)
    if isinstance(value, dict):
        return FrozenMap({name: frozen(each) for name, each in value.items()})
    return value


def thawed(value: Any) -> Any:
    """The JSON value behind a frozen one."""
    if isinstance(value, tuple | list):
        return [thawed(each) for each in value]
    if isinstance(value, Mapping):
        return {name: thawed(each) for name, each in value.items()}
    return value


def place(*steps: str | int) -> str:
    """A place in the file, in words that a text editor's search finds: ``layers[2].params.units``."""
    text = ""
    for step in steps:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text or "the file"


class Decoder:
    """Reads one tree that has the form of a design file; afterwards :attr:`errors` tells all that is wrong."""

    def __init__(self, part: bool = False) -> None:
        self.errors: list[str] = []
        self._part = part
        self._ids: dict[str, str] = {}
        self._names: dict[str, str] = {}

    def design(self, tree: Tree) -> Design:
        """The design; meaningless where there are errors."""
        layers = tuple(
            layer
            for index, each in enumerate(tree.get("layers", []))
            if (layer := self._layer(each, ("layers", index), 0)) is not None
        )
        if not self.errors:
            self._check_sharing(layers)
        design = Design(name=tree.get("name", "model"), layers=layers, extra=_extra(Design, tree, "format"))
        if not design.name.strip():
            self._say("Expected a name for the design, got an empty one.", "name")
        seed = tree.get("seed", 0)
        if not 0 <= seed <= HIGHEST_SEED:
            self._say(f"Expected a whole number from 0 to {HIGHEST_SEED}, got {seed}.", "seed")
        weights = tree.get("weights")
        fault = None if weights is None else weights_fault(weights)
        if fault:
            self._say(fault, "weights")
        design = replace(design, seed=seed, notes=tree.get("notes", ""), weights=weights)
        design = replace(design, links=self._links(tree, design), data=self._data(tree, design))
        design = replace(design, canvas_notes=self._notes(tree), generation=self._generation(tree))
        goals = TrainingDecoder(self._say, self._source, _extra, {layer.id for layer in layers})
        design = replace(design, training=goals.training(tree.get("training")))
        if not self.errors:
            sweep = sweep_of(tree.get("sweep"), design, self._say, _extra)
            design = replace(design, sweep=sweep)
        return replace(design, groups=self._groups(tree, design))

    def _say(self, sentence: str, *steps: str | int) -> None:
        self.errors.append(f"{place(*steps)}: {sentence}")

    def _layer(self, tree: Tree, at: tuple[str | int, ...], depth: int) -> Layer | None:
        if depth > 16:
            self._say("Layers are nested more than 16 deep.", *at)
            return None
        self._unique(tree["id"], self._ids, "id", at)
        self._unique(tree["name"], self._names, "name", at)
        fault = name_fault(tree["name"])
        if fault:
            self._say(fault, *at, "name")
        if not tree["id"]:
            self._say("Expected an id, got an empty text.", *at, "id")
        children = tuple(
            child
            for index, each in enumerate(tree.get("children", []))
            if (child := self._layer(each, (*at, "children", index), depth + 1)) is not None
        )
        kind = find_type(tree["kind"])
        if kind is None:
            self._say(f"There is no layer type called “{tree['kind']}” in the catalog.", *at, "kind")
            return None
        if kind.most_children is not None and len(children) > kind.most_children:
            self._say(
                f"{kind.kind} holds up to {kind.most_children} layers, got {len(children)}.", *at, "children"
            )
        for index, child in enumerate(children):
            slot = kind.slot(index)
            if slot is not None and not slot.accepts(child.type):
                self._say(f"{kind.kind} holds {slot.expected}, got {child.kind}.", *at, "children", index)
        return Layer(
            id=tree["id"],
            kind=tree["kind"],
            name=tree["name"],
            params=self._params(kind, tree.get("params", {}), at),
            position=self._pair(tree.get("position", [0.0, 0.0]), (*at, "position")),
            children=children,
            extra=_extra(Layer, tree),
            color=tree.get("color"),
            collapsed=tree.get("collapsed", False),
            shares=tree.get("shares"),
        )

    def _check_sharing(self, layers: tuple[Layer, ...]) -> None:
        """Every shared box calls a layer on the canvas that shares nothing itself, and looks like it."""
        tops = {layer.id: layer for layer in layers}
        for index, layer in enumerate(layers):
            at = ("layers", index, "shares")
            if layer.shares is None:
                if own(layer) != layer:
                    self._say("A layer inside another can share nothing unless its wrapper does.", *at[:2])
                continue
            original = tops.get(layer.shares)
            if original is None:
                if not self._part:
                    self._say(f"There is no layer on the canvas with the id “{layer.shares}”.", *at)
            elif original.shares is not None:
                self._say(f"“{original.name}” shares another layer itself. Name that one.", *at)
            elif mirrored(original, layer, set()) != layer:
                self._say(
                    f"“{layer.name}” calls “{original.name}” once more, so its kind, parameters and inner layers have "
                    "to be the same, and they differ.",
                    *at,
                )

    def _pair(self, given: list[float], at: tuple[str | int, ...]) -> Position:
        # NaN and infinity fail the comparison as well.
        if len(given) != 2 or not all(-_FARTHEST <= each <= _FARTHEST for each in given):
            self._say(f"Expected two finite numbers from {-_FARTHEST:,} to {_FARTHEST:,}.", *at)
            return (0.0, 0.0)
        return (float(given[0]), float(given[1]))

    def _notes(self, tree: Tree) -> tuple[Note, ...]:
        notes: list[Note] = []
        for index, each in enumerate(tree.get("canvas_notes", [])):
            at = ("canvas_notes", index)
            self._unique(each["id"], self._ids, "id", at)
            size = self._pair(each.get("size", list(Note("").size)), (*at, "size"))
            if min(size) <= 0.0:
                self._say("Expected a width and a height above 0.", *at, "size")
            notes.append(
                Note(
                    each["id"],
                    each.get("text", ""),
                    self._pair(each.get("position", [0.0, 0.0]), (*at, "position")),
                    size,
                    each.get("color"),
                    _extra(Note, each),
                )
            )
        return tuple(notes)

    def _groups(self, tree: Tree, design: Design) -> tuple[Group, ...]:
        there = {layer.id for layer in design.layers} | {note.id for note in design.canvas_notes}
        groups: list[Group] = []
        taken: set[str] = set()
        for index, each in enumerate(tree.get("groups", [])):
            at = ("groups", index)
            self._unique(each["id"], self._ids, "id", at)
            members: list[str] = each.get("members", [])
            for place_in_list, member in enumerate(members):
                if member not in there and not self.errors:
                    self._say(
                        f"There is no box or note with the id “{member}”.", *at, "members", place_in_list
                    )
                elif member in taken:
                    self._say(f"“{member}” is in a group already.", *at, "members", place_in_list)
                taken.add(member)
            groups.append(
                Group(
                    each["id"],
                    each["name"],
                    tuple(members),
                    each.get("collapsed", False),
                    each.get("color"),
                    _extra(Group, each),
                )
            )
        return tuple(groups)

    def _generation(self, tree: Tree) -> Generation | None:
        given = tree.get("generation")
        if given is None:
            return None
        default = Generation()
        generation = Generation(
            steps=given.get("steps", default.steps),
            prefix=given.get("prefix"),
            temperature=float(given.get("temperature", default.temperature)),
            seed=given.get("seed", default.seed),
            input=given.get("input"),
            output=given.get("output"),
            extra=_extra(Generation, given),
        )
        fault = generation_fault(generation)
        if fault:
            self._say(fault, "generation")
        return generation

    def _unique(self, value: str, taken: dict[str, str], field: str, at: tuple[str | int, ...]) -> None:
        if value in taken:
            self._say(f"The {field} “{value}” is used at {taken[value]} already.", *at, field)
        else:
            taken[value] = place(*at)

    def _params(self, kind: LayerType, tree: Tree, at: tuple[str | int, ...]) -> FrozenMap:
        params: dict[str, Value] = dict(kind.new_params())
        for name, given in tree.items():
            parameter = kind.by_name.get(name)
            if parameter is None:
                self._say(f"{kind.kind} has no parameter called “{name}”.", *at, "params", name)
                continue
            try:
                value = parameter.type.accept(decoded(given))
            except BadValue as bad:
                self._say(str(bad), *at, "params", name)
                continue
            if parameter.default is REQUIRED or not equals_default(parameter, value):
                params[name] = value
        return FrozenMap(params)

    def _links(self, tree: Tree, design: Design) -> tuple[Link, ...]:
        tops = {layer.id: layer for layer in design.layers}
        links: list[Link] = []
        for index, each in enumerate(tree.get("links", [])):
            link = Link(
                each["source"],
                each["target"],
                each.get("source_port", "output"),
                each.get("target_port", "input"),
                _extra(Link, each),
            )
            source, target = tops.get(link.source), tops.get(link.target)
            at = ("links", index)
            if source is None or target is None:
                lost = link.source if source is None else link.target
                if lost in self._ids and lost not in tops and not self.errors:
                    self._say(f"The layer “{lost}” is inside another, where no wire can end.", *at)
                elif lost not in self._ids:
                    self._say(f"There is no layer with the id “{lost}”.", *at)
                continue
            if not self.errors:
                self._check_ports(link, source, target, links, at)
            links.append(link)
        return tuple(links)

    def _check_ports(
        self, link: Link, source: Layer, target: Layer, before: list[Link], at: tuple[str | int, ...]
    ) -> None:
        port = next((each for each in input_ports(target) if each.name == link.target_port), None)
        if port is None:
            self._say(f"{target.kind} has no input “{link.target_port}”.", *at, "target_port")
        elif link in before:
            self._say("This wire is in the file twice.", *at)
        elif not port.many and any(
            (e.target, e.target_port) == (link.target, link.target_port) for e in before
        ):
            self._say(f"“{target.name}” takes one wire at “{link.target_port}”, and this is another.", *at)
        if not any(each.name == link.source_port for each in output_ports(source)):
            self._say(f"{source.kind} has no output “{link.source_port}”.", *at, "source_port")
        if source is target:
            self._say("A wire leads from a layer to itself.", *at)

    def _data(self, tree: Tree, design: Design) -> FrozenMap:
        inputs = {layer.id for layer in design.layers if layer.kind == "Input"}
        sources: dict[str, DataSource] = {}
        for key, each in tree.get("data", {}).items():
            if key not in inputs:
                self._say("There is no Input with this id.", "data", key)
                continue
            sources[key] = self._source(each, "data", key)
        return FrozenMap(sources)

    def _source(self, tree: Tree, *at: str) -> DataSource:
        source = DataSource(
            kind=tree["kind"],
            options=frozen(tree.get("options", {})),
            batch_size=tree.get("batch_size", 1),
            time_steps=tree.get("time_steps", 50),
            stride=tree.get("stride", 1),
            normalize=tree.get("normalize", "none"),
            horizon=tree.get("horizon", 0),
            validation=float(tree.get("validation", 0.0)),
            test=float(tree.get("test", 0.0)),
            part=tree.get("part", "all"),
            extra=_extra(DataSource, tree),
        )
        fault = source_fault(source)
        if fault:
            self._say(fault, *at)
        return source


def _extra(form: type, tree: Tree, *known: str) -> FrozenMap:
    return FrozenMap(
        {name: frozen(each) for name, each in tree.items() if name not in _FIELDS[form] and name not in known}
        | ({"extra": frozen(tree["extra"])} if "extra" in tree else {})
    )
