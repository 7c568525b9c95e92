"""The Explain panel: what the selected layer does, in plain words, with this design's own numbers and problems."""

import re
from html import escape
from typing import Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QShowEvent, QTextDocument
from PySide6.QtWidgets import QFrame, QTextBrowser, QVBoxLayout, QWidget

from rnn_designer.catalog import Activation, Parameter, Part, PartOf, find_type
from rnn_designer.catalog.parts import ACTIVATIONS, part_type
from rnn_designer.design import Checked, Layer, Problem, Severity
from rnn_designer.session.docs import KerasDocs
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.documentation import description_html, docs_name, text_html
from rnn_designer.ui.explain_cells import cell_html, sharing_html
from rnn_designer.ui.properties.header import count_text
from rnn_designer.ui.properties.hints import hint_html
from rnn_designer.ui.selection import Selection
from rnn_designer.ui.theme import code_font, keeper, theme
from rnn_designer.ui.training.explaining import setting_html
from rnn_designer.ui.widgets.curve import curve_image, saturation_words

_SEVERITY = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFORMATION: "information"}
_CURVE_HEIGHT = 140
_WHY = {
    Severity.ERROR: "an error",
    Severity.WARNING: "worth a second look",
    Severity.INFORMATION: "worth knowing",
}
_BEGIN = """
<h3>How to begin</h3>
<p>A design is a chain of boxes. Data enters at an <b>Input</b> and flows along the wires, step by step.</p>
<ol>
<li>Drag <b>Input</b> from the layers at the left onto the canvas, or double-click it.</li>
<li>Add a recurrent layer such as <b>LSTM</b>. It reads the sequence one step at a time and keeps a memory.</li>
<li>Drag from the port at the right of one box to the port at the left of the next.</li>
<li>End with a <b>Dense</b> layer that turns the memory into the number you are after.</li>
<li>Look below: the layer's output, its states and gates are drawn over time. Press Space to play the sequence.</li>
<li>Press <b>Train</b> in the top bar: the design learns from its data, the plots follow, and you can drag through the
epochs afterwards.</li>
</ol>
<p>Select a layer to read here what it does. Set its parameters under Properties, and what it is fed under Data.</p>
<h3>Words</h3>
<p><b>Time step</b>: one element of a sequence, counted from 0. <b>Batch</b>: several sequences that run side by side.
<b>Features</b>: the numbers that arrive at each step. <b>Units</b>: the numbers that a layer keeps and gives.</p>
<p><b>Hidden state h</b>: what a recurrent layer gives at each step and takes along to the next.
<b>Cell state c</b>: the LSTM's second, longer memory. <b>Gate</b>: a number from 0 to 1 per unit that decides how much
passes.</p>
"""


class _Browser(QTextBrowser):
    """A text browser that draws the curves of activations itself, where the text asks for ``curve:…``."""

    def loadResource(self, kind: int, name: QUrl | str) -> Any:
        """Draw what the text asks for."""
        text = name.toString() if isinstance(name, QUrl) else str(name)
        scheme, _, rest = text.partition(":")
        if scheme != "curve" or kind != QTextDocument.ResourceType.ImageResource.value:
            return None
        activation, width, _look = rest.split("/")
        return curve_image(activation or None, int(width), _CURVE_HEIGHT, self.devicePixelRatioF())


class Explain(QWidget):
    """Rich text about the current layer; with nothing selected, how to begin."""

    def __init__(self, workspace: Workspace, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._selection = selection
        self._parameter: tuple[str, str] | None = None
        self._asked: tuple[str | None, str | None, str] | None = None
        self._setting: Parameter | None = None
        self._open: set[str] = set()
        self._stale = True
        self._html = ""
        self.docs = KerasDocs(workspace.engine, self)
        self.docs.changed.connect(lambda _name: self.refresh() if self._open else None)
        self.browser = _Browser()
        self.browser.setFrameShape(QFrame.Shape.NoFrame)
        self.browser.setOpenLinks(False)
        self.browser.viewport().setAutoFillBackground(False)
        self.browser.setAccessibleName("Explanation")
        self.browser.document().setDocumentMargin(12)
        self.browser.anchorClicked.connect(self._follow)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.browser)
        selection.changed.connect(self._selected)
        selection.why_wanted.connect(self.show_problem)
        workspace.checks.changed.connect(self.refresh)
        keeper().changed.connect(self._restyle)
        self._restyle()

    def show_parameter(self, layer_id: str, name: str) -> None:
        """Explain this parameter first, as long as its layer, or the wrapper around it, is the current one."""
        if (layer_id, name) != self._parameter or self._asked is not None:
            # Another section comes first: the top is what is to be read.
            self._html = ""
        self._parameter = (layer_id, name)
        self._asked = self._setting = None
        self.refresh()

    def show_setting(self, setting: Parameter) -> None:
        """Explain this setting of the training, until something else is selected or asked for."""
        if setting is not self._setting:
            self._html = ""
        self._setting = setting
        self.refresh()

    def show_problem(self, problem: Problem) -> None:
        """Explain this problem first, as long as it is there."""
        self._asked = _key(problem)
        self._parameter = self._setting = None
        if problem.layer is not None and problem.parameter is not None:
            self._parameter = (problem.layer, problem.parameter)
        self._html = ""
        self.refresh()

    def _selected(self) -> None:
        if self._asked is not None and self._asked[0] != self._selection.current:
            self._asked = None
        self._setting = None
        self.refresh()

    def refresh(self) -> None:
        """Explain the current layer as it is now; while the panel is hidden, when it shows next."""
        if not self.isVisible():
            self._stale = True
            return
        self._stale = False
        current = self._selection.current
        layer = self._workspace.document.design.find(current) if current is not None else None
        if self._setting is not None:
            html = setting_html(self._setting, self._workspace.document.design)
        else:
            html = self._design_html() if layer is None else self._layer_html(layer)
        if html == self._html:
            return
        # The same layer with other numbers stays where it was scrolled to.
        bar = self.browser.verticalScrollBar()
        place = bar.value() if html[:60] == self._html[:60] else 0
        self._html = html
        self.browser.setHtml(html)
        bar.setValue(place)

    def text(self) -> str:
        """What the panel says, without markup."""
        return self.browser.toPlainText()

    # Writing.

    def _design_html(self) -> str:
        wrong = [each for each in self._workspace.checks.checked.problems if each.layer is None]
        asked = [each for each in wrong if _key(each) == self._asked]
        return "".join(self._problem_html(each, asked=True) for each in asked) + _BEGIN

    def _layer_html(self, layer: Layer) -> str:
        checked = self._workspace.checks.checked
        title = f"<h2>{escape(layer.kind)} <span class='muted'>{escape(layer.name)}</span></h2>"
        entry = find_type(layer.kind)
        if entry is None:
            return f"{title}<p>This version does not know layers of this type. It is kept as it is.</p>"
        parts = [title]
        problems = checked.of(layer.id)
        asked = next((each for each in problems if _key(each) == self._asked), None)
        if asked is not None:
            parts.append(self._problem_html(asked, asked=True))
        chosen = self._chosen_html(layer, checked)
        parts.append(chosen)
        others = [self._problem_html(each) for each in problems if each is not asked]
        if others:
            parts += [f"<h3>{'Other problems' if asked is not None else 'Problems'}</h3>", *others]
        if chosen or problems:
            parts.append("<h3>What it does</h3>")
        parts += [f"<p><b>{escape(entry.summary)}</b></p>", *map(_paragraph, entry.explanation.split("\n\n"))]
        parts.append(_ports_html(layer, checked))
        if layer.kind == "CustomCell":
            parts.append(cell_html(layer))
        parts.append(sharing_html(layer, checked.design))
        signals = (*layer.states, *layer.gates)
        if signals:
            rows = "".join(
                f"<tr><td class='code'>{escape(each.symbol)}</td><td>{escape(each.explanation)}</td></tr>"
                for each in signals
            )
            title = "States and gates" if layer.gates else "States"
            parts.append(f"<h3>{title}</h3><table>{rows}</table>")
        parts += [
            f"<p>Holds <b>{escape(child.kind)}</b> ‘{escape(child.name)}’. "
            f"<a href='layer:{child.id}'>Explain it</a></p>"
            for child in layer.children
        ]
        if layer.kind != "CustomCell":
            parts.append(self._docs_html("layer", "Keras documentation", docs_name(layer.kind)))
        return "".join(parts)

    def _chosen_html(self, layer: Layer, checked: Checked) -> str:
        """The parameter whose field has the focus, also one of a layer inside."""
        if self._parameter is None:
            return ""
        owner = next((each for each in layer.walk() if each.id == self._parameter[0]), None)
        entry = find_type(owner.kind) if owner is not None else None
        parameter = entry.by_name.get(self._parameter[1]) if entry is not None else None
        if owner is None or parameter is None:
            return ""
        of = f" <span class='muted'>of {escape(owner.name)}</span>" if owner is not layer else ""
        value = owner.value(parameter.name)
        return "".join(
            (
                f"<h3>{escape(parameter.label)}{of}</h3><p>{hint_html(parameter, owner, checked)}</p>",
                self._value_html(parameter, value),
                f"<p class='muted'>Takes {escape(parameter.type.expected)}.</p>",
                ""
                if owner.kind == "CustomCell" or parameter.at_call
                else self._docs_html(
                    "parameter",
                    f"What Keras says about {parameter.name}",
                    docs_name(owner.kind),
                    parameter,
                    value,
                ),
            )
        )

    def _value_html(self, parameter: Parameter, value: Any) -> str:
        """What the value itself does, where it is a thing of its own: an activation or a part."""
        if isinstance(parameter.type, Activation):
            name = value if isinstance(value, str) else ""
            width = max(160, min(420, self.width() - 44))
            look = "dark" if theme().dark else "light"
            found = ACTIVATIONS.get(name)
            text = f"<p><b>{escape(name or 'none')}</b>: "
            text += escape(found.explanation) if found else "no function, x stays x."
            text += f"<br><span class='code'>{escape(found.formula)}</span></p>" if found else "</p>"
            text += f"<p><img src='curve:{escape(name)}/{width}/{look}' width='{width}' height='{_CURVE_HEIGHT}'></p>"
            words = saturation_words(name or None)
            return text + (f"<p>{escape(words)}</p>" if words else "")
        if isinstance(parameter.type, PartOf) and isinstance(value, Part):
            part = part_type(parameter.type.namespace, value.kind)
            if part is not None:
                rows = "".join(
                    f"<tr><td class='code'>{escape(each.label)}</td><td>{escape(each.explanation)}</td></tr>"
                    for each in part.parameters
                )
                table = f"<table>{rows}</table>" if rows else ""
                return f"<p><b>{escape(part.kind)}</b>: {escape(part.explanation)}</p>{table}"
        return ""

    def _docs_html(
        self, fold: str, title: str, name: str, parameter: Parameter | None = None, value: Any = None
    ) -> str:
        """A fold with what the installed Keras says: about a layer, or about one argument and its value."""
        opened = fold in self._open
        head = f"<p><a href='fold:{fold}'>{'▾' if opened else '▸'} {escape(title)}</a></p>"
        if not opened:
            return head
        found = self.docs.ask(name)
        if found is None:
            body = f"<p>{escape(self.docs.why_none(name))}</p>"
        elif parameter is None:
            body = description_html(found)
        else:
            said = found.arguments.get(parameter.name)
            body = text_html(said) if said else f"<p>Keras says nothing about {escape(parameter.name)}.</p>"
            body += self._value_docs(parameter, value)
        version = f" {self.docs.version}" if self.docs.version else ""
        note = f"<p class='muted'>From Keras{escape(version)} as installed, in its own words.</p>"
        table = f"<table width='100%' cellpadding='6' bgcolor='{theme().field}'>"
        return f"{head}{table}<tr><td style='padding: 6px 8px'>{note}{body}</td></tr></table>"

    def _value_docs(self, parameter: Parameter, value: Any) -> str:
        name = ""
        if isinstance(parameter.type, Activation) and isinstance(value, str):
            name = f"activations.{value}"
        elif isinstance(parameter.type, PartOf) and isinstance(value, Part):
            name = f"{parameter.type.namespace}.{value.kind}"
        if not name:
            return ""
        found = self.docs.ask(name)
        said = description_html(found) if found else f"<p>{escape(self.docs.why_none(name))}</p>"
        return f"<p class='code'><b>{escape(name)}</b></p>{said}"

    def _problem_html(self, problem: Problem, *, asked: bool = False) -> str:
        number = self._workspace.checks.checked.problems.index(problem)
        kind = _SEVERITY[problem.severity]
        fixes = " &nbsp; ".join(
            f"<a href='fix:{number}.{place}'>{escape(fix.label)}</a>"
            for place, fix in enumerate(problem.fixes)
        )
        text = f"<p class='{kind}'>{escape(problem.message)}</p>"
        text += f"<p>{escape(problem.why)}</p>" if problem.why else ""
        text += f"<p>{fixes}</p>" if fixes else ""
        if not asked:
            return text
        return (
            f"<table width='100%' cellpadding='8' bgcolor='{theme().accent_soft}'><tr><td style='padding: 8px 10px'>"
            f"<p><b>Why is this {_WHY[problem.severity]}?</b></p>{text}</td></tr></table>"
        )

    def _follow(self, url: QUrl) -> None:
        kind, _, rest = url.toString().partition(":")
        if kind == "layer":
            self._selection.set((rest,))
        elif kind == "fold":
            self._open ^= {rest}
            self.refresh()
        elif kind == "fix":
            problem, _, fix = rest.partition(".")
            problems = self._workspace.checks.checked.problems
            if problem.isdigit() and fix.isdigit() and int(problem) < len(problems):
                fixes = problems[int(problem)].fixes
                if int(fix) < len(fixes):
                    self._workspace.document.apply(fixes[int(fix)].edit, fixes[int(fix)].label)

    def _restyle(self) -> None:
        colors = theme()
        mono = code_font().family()
        self.browser.document().setDefaultStyleSheet(
            f"body {{ color: {colors.text}; }} h2 {{ font-size: 12pt; font-weight: 600; margin-bottom: 2px; }}"
            f"h3 {{ font-size: 10pt; font-weight: 600; color: {colors.muted}; margin-top: 12px; margin-bottom: 2px; }}"
            f"p {{ margin-top: 4px; margin-bottom: 6px; }} a {{ color: {colors.accent}; text-decoration: none; }}"
            f"pre {{ margin-top: 4px; margin-bottom: 6px; white-space: pre-wrap; }}"
            f".muted {{ color: {colors.muted}; font-weight: normal; font-size: 10pt; }}"
            f".code {{ font-family: '{mono}'; font-size: 9pt; }} td {{ padding: 2px 8px 2px 0; }}"
            f".error {{ color: {colors.error}; }} .warning {{ color: {colors.warning}; }}"
            f".information {{ color: {colors.information}; }}"
        )
        # Curves and tinted tables carry the colours of the theme.
        self._html = ""
        self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while hidden."""
        super().showEvent(event)
        if self._stale:
            self.refresh()


def _key(problem: Problem) -> tuple[str | None, str | None, str]:
    return problem.layer, problem.parameter, problem.code


def _paragraph(text: str) -> str:
    lines = text.split("\n")
    if all(" = " in line or " ∈ " in line for line in lines) and not text.rstrip().endswith("."):
        return "<p class='code'>" + "<br>".join(map(_equation, lines)) + "</p>"
    return "<p>" + "<br>".join(map(escape, lines)) + "</p>"


def _ports_html(layer: Layer, checked: Checked) -> str:
    rows: list[tuple[str, str]] = []
    arriving = checked.inputs.get(layer.id, ())
    ports = layer.type.inputs
    for place, spec in enumerate(arriving):
        name = ports[place].name if place < len(ports) else ports[-1].name if ports else "input"
        rows.append((f"→ {name}", str(spec)))
    rows += [(f"{port} →", str(spec)) for (owner, port), spec in checked.shapes.items() if owner == layer.id]
    count = checked.counts.get(layer.id)
    text = f"<p>{count_text(count).capitalize()}.</p>" if count is not None and layer.type.inputs else ""
    if not rows:
        return text
    cells = "".join(
        f"<tr><td>{escape(name)}</td><td class='code'>{escape(shape)}</td></tr>" for name, shape in rows
    )
    return f"<h3>Shapes</h3><table>{cells}</table>{text}"


def _equation(line: str) -> str:
    """One line of formulas, with W_f written as a W with a lowered f."""
    return re.sub(r"\b([A-Za-z]′?)_([a-z])\b", r"\1<sub>\2</sub>", escape(line))
