"""What Explain says of a setting of the training, and how training goes, in plain words."""

from __future__ import annotations

from html import escape
from typing import Any

from rnn_designer.catalog import Parameter, Part, PartOf
from rnn_designer.catalog.parts import part_type
from rnn_designer.design import Design
from rnn_designer.design.model import Goal, Training
from rnn_designer.ui.properties.hints import hint_html

_ABOUT = """
<h3>How a network learns</h3>
<p>At first its weights are random. Training shows it a <b>batch</b> of samples, compares what it gives with the
<b>target</b>, and sums up how wrong it is in one number, the <b>loss</b>. The <b>gradient</b> says for every weight in
which direction the loss falls; the <b>optimizer</b> takes a small step there. Once through all samples is an
<b>epoch</b>.</p>
<p>Samples held back for <b>validation</b> are never learned from. When the loss on them no longer falls while that of
the training does, the network learns by heart. The epoch with the best figure there is kept.</p>
<p>In recurrent layers the gradient runs back through all the steps of a sample: it may <b>vanish</b> on the way, so
that nothing is learned of long ago, or <b>explode</b>, against which clipping helps. See Training ▸ Gradients.</p>
"""


def setting_html(setting: Parameter, design: Design) -> str:
    """A setting with its value, and below it how training goes.

    Args:
        setting: one of ``design.training_settings``.
        design: the open design.
    """
    value = _value(setting.name, design)
    parts = [
        f"<h2>{escape(setting.label.capitalize())} <span class='muted'>of the training</span></h2>",
        f"<p>{hint_html(setting, None, None)}</p>",
    ]
    expected = getattr(setting.type, "expected", "")
    if expected:
        parts.append(f"<p class='muted'>Takes {escape(expected)}.</p>")
    parts += [_part_html(setting, each) for each in (value if isinstance(value, tuple) else (value,))]
    return "".join(parts) + _ABOUT


def _value(name: str, design: Design) -> Any:
    training = design.training or Training()
    if hasattr(training, name):
        return getattr(training, name)
    goals: list[Goal] = list(training.goals.values())
    return getattr(goals[0], name, None) if len(goals) == 1 else None


def _part_html(setting: Parameter, value: Any) -> str:
    if not isinstance(value, Part):
        return ""
    namespace: Any = setting.type.namespace if isinstance(setting.type, PartOf) else "metrics"
    found = part_type(namespace, value.kind)
    if found is None:
        return ""
    rows = "".join(
        f"<tr><td class='code'>{escape(each.label)}</td><td>{escape(each.explanation)}</td></tr>"
        for each in found.parameters
    )
    table = f"<table>{rows}</table>" if rows else ""
    return f"<h3>{escape(found.kind)}</h3><p>{escape(found.explanation)}</p>{table}"
