"""What drawing a wire by mouse and by keyboard share: the settled end, and a verdict on every port at the other."""

from __future__ import annotations

from dataclasses import dataclass

from rnn_designer.design import Design, Edit, Link, connection_refusal, edits
from rnn_designer.ui.canvas.geometry import PortKey, outline


@dataclass(frozen=True)
class Wiring:
    """A wire of which one end is settled.

    Attributes:
        design: the design without the wire that is being moved, if one is.
        layer_id, port: the settled end.
        from_output: whether the settled end is where the wire starts.
        moved: the wire whose end was taken off a port, if any.
    """

    design: Design
    layer_id: str
    port: str
    from_output: bool
    moved: Link | None = None

    @property
    def start_key(self) -> PortKey:
        """The settled end's port."""
        return (self.layer_id, self.port, self.from_output)

    def link_to(self, layer_id: str, port: str) -> Link:
        """The wire to a port at the other end."""
        if self.from_output:
            return Link(self.layer_id, layer_id, self.port, port)
        return Link(layer_id, self.layer_id, port, self.port)

    def verdicts(self) -> dict[PortKey, str | None]:
        """Every port where the wire could go: None if it may, else the sentence why not."""
        found: dict[PortKey, str | None] = {}
        drawn = set(self.design.links)
        for layer in self.design.layers:
            # What holds for one free port of a layer holds for all of its kind: looking for loops takes its time.
            free: dict[bool, str | None] = {}
            for place in outline(layer).ports:
                if place.output == self.from_output:
                    continue
                link = self.link_to(layer.id, place.port.name)
                state = place.port.state
                if link in drawn:
                    verdict = connection_refusal(self.design, link)
                else:
                    if state not in free:
                        free[state] = connection_refusal(self.design, link)
                    verdict = free[state]
                found[(layer.id, place.port.name, place.output)] = verdict
        return found

    def edit(self, link: Link) -> Edit:
        """The edit that draws the wire, in the place of the one that is being moved."""
        if self.moved is not None and self.moved != link:
            return edits.chain(edits.disconnect(self.moved), edits.connect(link))
        return edits.connect(link)

    def label(self, link: Link) -> str:
        """What the undo menu calls it."""
        source, target = self.design.layer(link.source), self.design.layer(link.target)
        return f"Connect {source.kind} to {target.kind}"


def without(design: Design, link: Link) -> Design:
    """The design without a wire."""
    return edits.disconnect(link)(design)
