"""The Explain panel: what the selected layer does, in plain words, with this design's own numbers and problems."""

from html import escape

from PySide6.QtCore import QUrl
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QTextBrowser, QVBoxLayout, QWidget

from rnn_designer.catalog import CATALOG, Parameter
from rnn_designer.design import Checked, Layer, Severity
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.properties.header import count_text
from rnn_designer.ui.properties.hints import formula_html
from rnn_designer.ui.selection import Selection
from rnn_designer.ui.theme import code_font, keeper, theme

_SEVERITY = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFORMATION: "information"}
_BEGIN = """
<h3>How to begin</h3>
<p>A design is a chain of boxes. Data enters at an <b>Input</b> and flows along the wires, step by step.</p>
<ol>
<li>Drag <b>Input</b> from the layers at the left onto the canvas, or double-click it.</li>
<li>Add a recurrent layer such as <b>LSTM</b>. It reads the sequence one step at a time and keeps a memory.</li>
<li>Drag from the port at the right of one box to the port at the left of the next.</li>
<li>End with a <b>Dense</b> layer that turns the memory into the number you are after.</li>
<li>Look below: the layer's output, its states and gates are drawn over time. Press Space to play the sequence.</li>
</ol>
<p>Select a layer to read here what it does. Set its parameters under Properties, and what it is fed under Data.</p>
<h3>Words</h3>
<p><b>Time step</b>: one element of a sequence, counted from 0. <b>Batch</b>: several sequences that run side by side.
<b>Features</b>: the numbers that arrive at each step. <b>Units</b>: the numbers that a layer keeps and gives.</p>
<p><b>Hidden state h</b>: what a recurrent layer gives at each step and takes along to the next.
<b>Cell state c</b>: the LSTM's second, longer memory. <b>Gate</b>: a number from 0 to 1 per unit that decides how much
passes.</p>
"""


class Explain(QWidget):
    """Rich text about the current layer; with nothing selected, how to begin."""

    def __init__(self, workspace: Workspace, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._selection = selection
        self._parameter: tuple[str, str] | None = None
        self._stale = True
        self._html = ""
        self.browser = QTextBrowser()
        self.browser.setFrameShape(QFrame.Shape.NoFrame)
        self.browser.setOpenLinks(False)
        self.browser.viewport().setAutoFillBackground(False)
        self.browser.setAccessibleName("Explanation")
        self.browser.document().setDocumentMargin(12)
        self.browser.anchorClicked.connect(self._follow)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.browser)
        selection.changed.connect(self.refresh)
        workspace.checks.changed.connect(self.refresh)
        keeper().changed.connect(self._restyle)
        self._restyle()

    def show_parameter(self, layer_id: str, name: str) -> None:
        """Explain this parameter first, as long as its layer is the current one."""
        self._parameter = (layer_id, name)
        self.refresh()

    def refresh(self) -> None:
        """Explain the current layer as it is now; while the panel is hidden, when it shows next."""
        if not self.isVisible():
            self._stale = True
            return
        self._stale = False
        current = self._selection.current
        layer = self._workspace.document.design.find(current) if current is not None else None
        html = _BEGIN if layer is None else self._layer_html(layer)
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

    def _layer_html(self, layer: Layer) -> str:
        checked = self._workspace.checks.checked
        title = f"<h2>{escape(layer.kind)} <span class='muted'>{escape(layer.name)}</span></h2>"
        entry = CATALOG.get(layer.kind)
        if entry is None:
            return f"{title}<p>This version does not know layers of this type. It is kept as it is.</p>"
        parts = [title]
        chosen = self._parameter
        if chosen is not None and chosen[0] == layer.id and chosen[1] in entry.by_name:
            parts.append(_parameter_html(entry.by_name[chosen[1]], layer, checked))
        problems = _problems_html(layer, checked)
        parts += [problems] if problems else []
        parts += [f"<p><b>{escape(entry.summary)}</b></p>", *map(_paragraph, entry.explanation.split("\n\n"))]
        parts.append(_ports_html(layer, checked))
        signals = (*entry.states, *entry.gates)
        if signals:
            rows = "".join(
                f"<tr><td class='code'>{escape(each.symbol)}</td><td>{escape(each.explanation)}</td></tr>"
                for each in signals
            )
            parts.append(f"<h3>States and gates</h3><table>{rows}</table>")
        parts += [
            f"<p>Holds <b>{escape(child.kind)}</b> ‘{escape(child.name)}’. "
            f"<a href='layer:{child.id}'>Explain it</a></p>"
            for child in layer.children
        ]
        return "".join(parts)

    def _follow(self, url: QUrl) -> None:
        kind, _, rest = url.toString().partition(":")
        if kind == "layer":
            self._selection.set((rest,))
            return
        problem, _, fix = rest.partition(".")
        current = self._selection.current
        problems = self._workspace.checks.checked.of(current) if current is not None else ()
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
            f".muted {{ color: {colors.muted}; font-weight: normal; font-size: 10pt; }}"
            f".code {{ font-family: '{mono}'; font-size: 9pt; }} td {{ padding: 2px 8px 2px 0; }}"
            f".error {{ color: {colors.error}; }} .warning {{ color: {colors.warning}; }}"
            f".information {{ color: {colors.information}; }}"
        )
        if self._html:
            self.browser.setHtml(self._html)

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while hidden."""
        super().showEvent(event)
        if self._stale:
            self.refresh()


def _paragraph(text: str) -> str:
    lines = text.split("\n")
    if all(" = " in line or " ∈ " in line for line in lines) and not text.rstrip().endswith("."):
        return "<p class='code'>" + "<br>".join(map(escape, lines)) + "</p>"
    return "<p>" + "<br>".join(map(escape, lines)) + "</p>"


def _parameter_html(parameter: Parameter, layer: Layer, checked: Checked) -> str:
    formula = f"<p>{formula_html(parameter.formula, layer, checked)}</p>" if parameter.formula else ""
    limits = f"<p class='muted'>Takes {escape(parameter.type.expected)}.</p>"
    return f"<h3>{escape(parameter.label)}</h3><p>{escape(parameter.explanation)}</p>{formula}{limits}"


def _problems_html(layer: Layer, checked: Checked) -> str:
    parts = []
    for number, problem in enumerate(checked.of(layer.id)):
        kind = _SEVERITY[problem.severity]
        fixes = " &nbsp; ".join(
            f"<a href='fix:{number}.{place}'>{escape(fix.label)}</a>"
            for place, fix in enumerate(problem.fixes)
        )
        parts.append(f"<p class='{kind}'>{escape(problem.message)}</p>")
        parts += [f"<p>{escape(problem.why)}</p>"] if problem.why else []
        parts += [f"<p>{fixes}</p>"] if fixes else []
    return "<h3>Problems</h3>" + "".join(parts) if parts else ""


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
