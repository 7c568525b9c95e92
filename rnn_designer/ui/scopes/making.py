"""Makes the picture of a layer out of the last run: which signals, which input above, which masks.

NumPy is only imported when there is a trace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnn_designer.design import Layer
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.scopes.signals import Shown, mask_names
from rnn_designer.ui.scopes.state import LINES, ONE, LayerView, SharedChoices

if TYPE_CHECKING:
    from rnn_designer.messages import Trace
    from rnn_designer.ui.scopes.picture import Picture, PlanesOf, Series

_AUTOMATIC_UNITS = 2


def make_picture(
    workspace: Workspace,
    layer: Layer,
    trace: Trace,
    signals: tuple[Shown, ...],
    view: LayerView,
    shared: SharedChoices,
    samples: str,
) -> Picture | None:
    """What a scope draws of a layer, or None if none of its signals was recorded with a value in it.

    Args:
        workspace: the open design, and which sample is shown.
        layer: of that design.
        trace: the finished run.
        signals: what there is to show of the layer.
        view: what of it is chosen.
        shared: how units are sorted and coloured.
        samples: one sample or all: a key of ``state.SAMPLES``.

    Raises:
        NotReadyError: a table is large, and still being worked up by ``shared.digests``.
    """
    from rnn_designer.ui.scopes.bands import liveliest
    from rnn_designer.ui.scopes.picture import picture

    playback = workspace.playback
    drawn = picture(
        trace,
        layer.id,
        layer.name,
        view.chosen(signals),
        sample=playback.sample,
        steps=playback.steps,
        order=shared.order,
        series=_series(workspace, layer, trace),
        masks=mask_names(trace.layers[layer.id], view.side or ""),
        recurrent=any(each.type.recurrent or each.type.cell for each in layer.walk()),
        timed=_timed(workspace, layer, trace),
        every_sample=samples != ONE and playback.samples > 1,
        lines=samples == LINES,
        common=shared.common(samples != ONE and playback.samples > 1),
        digests=shared.digests,
        planes=_planes(layer),
    )
    if drawn is not None:
        units = shared.units(layer.id)
        if not units.fit(drawn.main.units):
            units.automatic = liveliest(drawn.main.values, _AUTOMATIC_UNITS, drawn.main.survey)
            units.among = drawn.main.units
    return drawn


def _planes(layer: Layer) -> PlanesOf:
    """How pictures lie in what a layer computes, if it computes any."""
    from rnn_designer.ui.scopes.picture import PlanesOf

    inner = tuple(layer.walk())
    first = any(each.params.get("data_format") == "channels_first" for each in inner)
    return PlanesOf(first, 3 if any(each.kind == "ConvLSTM1D" for each in inner) else 4)


def nearest_input(workspace: Workspace, layer: Layer, trace: Trace) -> Layer | None:
    """The Input that a layer hangs on, the nearest by links, if its samples were recorded."""
    design = workspace.document.design
    seen: set[str] = set()
    open_ids = [design.top(layer.id).id]
    while open_ids:
        layer_id = open_ids.pop(0)
        if layer_id in seen:
            continue
        seen.add(layer_id)
        found = design.find(layer_id)
        if found is not None and found.kind == "Input" and trace.signal(layer_id, "input") is not None:
            return found
        open_ids.extend(link.source for link in design.links if link.target == layer_id)
    return None


def _series(workspace: Workspace, layer: Layer, trace: Trace) -> Series | None:
    """What stands above the layer's values: the sample of the Input that it hangs on."""
    from rnn_designer.ui.scopes.picture import series_of

    found = None if layer.kind == "Input" else nearest_input(workspace, layer, trace)
    array = None if found is None else trace.signal(found.id, "input")
    if found is None or array is None:
        return None
    source = f"{trace.layers[found.id]}/input"
    real = None if trace.generated is None else workspace.samples.array(found.id)
    sample = workspace.playback.sample
    return series_of(found.name, array, sample, source, real=real, since=trace.generated)


def _timed(workspace: Workspace, layer: Layer, trace: Trace) -> bool:
    """Whether a two-axis array of the layer is (batch, time), as token ids are, and not (batch, features)."""
    array = trace.signal(layer.id, "input")
    if array is not None:
        return array.dtype.kind in "iu"
    spec = workspace.checks.checked.shapes.get((layer.id, "output"))
    return spec is not None and spec.rank == 2 and (spec.axes[1] == "time" or spec.kind == "int")
