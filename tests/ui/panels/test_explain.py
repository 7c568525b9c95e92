"""Explain: the words beside the field, the problem that was asked about, and Keras' own documentation."""

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QTextDocument
from PySide6.QtWidgets import QWidget

from rnn_designer.catalog import Part
from rnn_designer.catalog.parts import ACTIVATIONS
from rnn_designer.design import edits
from rnn_designer.messages import Describe, Description, Hello
from rnn_designer.session import EngineState
from rnn_designer.ui.documentation import text_html
from rnn_designer.ui.explain import Explain
from rnn_designer.ui.theme import keeper

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def explain(workspace: Any, selection: Any, show: Callable[[QWidget], QWidget]) -> Any:
    made = Explain(workspace, selection)
    made.resize(312, 700)
    return show(made)


def words(html: str) -> str:
    document = QTextDocument()
    document.setHtml(html)
    return " ".join(document.toPlainText().split())


# The words.


def test_that_the_card_beside_the_field_and_the_tab_use_the_same_words(
    draw: Any, explain: Any, properties: Any, selection: Any
) -> None:
    lstm = draw("Input", "LSTM").layers[1]
    selection.set((lstm.id,))
    properties.page.form.hint("units")
    card = words(properties.page.form.rows["units"]._hint.text())
    explain.show_parameter(lstm.id, "units")
    assert card in " ".join(explain.text().split())


def test_that_a_parameter_of_a_wrapped_layer_is_explained_with_its_owner(
    draw: Any, explain: Any, selection: Any
) -> None:
    wrapper = draw("Input", "Bidirectional").layers[1]
    selection.set((wrapper.id,))
    explain.show_parameter(wrapper.children[0].id, "units")
    assert f"units of {wrapper.children[0].name}" in explain.text()


def test_that_an_activation_is_explained_with_its_curve_and_where_it_saturates(
    draw: Any, explain: Any, selection: Any, workspace: Any
) -> None:
    lstm = draw("Input", "LSTM").layers[1]
    selection.set((lstm.id,))
    explain.show_parameter(lstm.id, "activation")
    assert ACTIVATIONS["tanh"].explanation in explain.text()
    assert "below −2.2 and above 2.2" in explain.text()
    source = next(
        part.split("'")[0] for part in explain._html.split("src='")[1:] if part.startswith("curve:tanh")
    )
    image = explain.browser.loadResource(QTextDocument.ResourceType.ImageResource.value, QUrl(source))
    assert not image.isNull()
    assert explain.browser.loadResource(2, QUrl("file:///etc/hostname")) is None
    workspace.document.apply(edits.set_parameter(lstm.id, "activation", "relu"), "Set")
    assert ACTIVATIONS["relu"].explanation in explain.text()


def test_that_a_part_is_explained_with_its_arguments(
    draw: Any, explain: Any, selection: Any, workspace: Any
) -> None:
    lstm = draw("Input", "LSTM").layers[1]
    workspace.document.apply(edits.set_parameter(lstm.id, "kernel_regularizer", Part("L1L2")), "Set")
    selection.set((lstm.id,))
    explain.show_parameter(lstm.id, "kernel_regularizer")
    assert "L1L2: Both at once." in explain.text()
    assert "How strongly |w| counts." in explain.text()


# Problems.


@pytest.fixture
def faulty(draw: Any, workspace: Any) -> Any:
    """The design with a Dense layer that has two faults, and the layer's id."""
    dense = draw("Input", "LSTM", "Dense").layers[2].id
    edit = edits.chain(
        edits.set_parameter(dense, "units", 1), edits.set_parameter(dense, "activation", "softmax")
    )
    workspace.document.apply(edit, "Set")
    return dense


def test_that_why_opens_the_explanation_at_that_problem(
    faulty: str, explain: Any, selection: Any, workspace: Any
) -> None:
    problem = next(each for each in workspace.checks.checked.problems if each.layer == faulty and each.why)
    selection.ask_why(problem)
    assert selection.ids == (faulty,)
    text = explain.text()
    assert text.index("Why is this") < text.index(problem.message) < text.index(problem.why)
    assert text.count(problem.message) == 1
    explain._follow(QUrl(f"fix:{workspace.checks.checked.problems.index(problem)}.0"))
    assert "Why is this" not in explain.text()


def test_that_the_question_is_forgotten_when_another_layer_is_selected(
    faulty: str, explain: Any, selection: Any, workspace: Any
) -> None:
    problem = workspace.checks.checked.of(faulty)[0]
    selection.ask_why(problem)
    selection.set((workspace.document.design.layers[0].id,))
    selection.set((faulty,))
    assert "Why is this" not in explain.text()
    assert problem.message in explain.text()


# Keras' documentation.


class Answering:
    """Stands in for the worker: keeps what is asked, and answers when told to."""

    def __init__(self, engine: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        self.engine = engine
        self.asked: list[Describe] = []
        monkeypatch.setattr(engine, "send", self._send)

    def _send(self, message: Any) -> bool:
        if self.engine.state is not EngineState.READY:
            return False
        self.asked.append(message)
        return True

    def ready(self) -> None:
        self.engine._take(Hello({"keras": "3.15.1"}, "CPU", 1))

    def answer(self) -> None:
        for each in self.asked:
            said = {"units": "The `size` of it.", "activation": "Which one.\n\n>>> a(1)\n2"}
            self.engine.received.emit(Description(each.run, each.name, f"About {each.name}.", "More.", said))
        self.asked.clear()


@pytest.fixture
def answering(workspace: Any, monkeypatch: pytest.MonkeyPatch) -> Answering:
    return Answering(workspace.engine, monkeypatch)


def test_that_nothing_is_asked_before_the_fold_is_opened_and_no_engine_is_a_sentence(
    draw: Any, explain: Any, selection: Any, answering: Answering, workspace: Any
) -> None:
    selection.set((draw("Input", "LSTM").layers[1].id,))
    assert "▸ Keras documentation" in explain.text()
    assert explain.docs.why_none("layers.LSTM") not in explain.text()
    explain._follow(QUrl("fold:layer"))
    assert "▾ Keras documentation" in explain.text()
    assert workspace.engine.reason in explain.text()
    assert answering.asked == []


def test_that_the_documentation_comes_from_the_installed_keras_and_says_so(
    draw: Any, explain: Any, selection: Any, answering: Answering
) -> None:
    lstm = draw("Input", "LSTM").layers[1]
    selection.set((lstm.id,))
    explain._follow(QUrl("fold:layer"))
    answering.ready()
    assert [each.name for each in answering.asked] == ["layers.LSTM"]
    assert "Asking the installed Keras" in explain.text()
    answering.answer()
    assert "From Keras 3.15.1 as installed" in explain.text()
    assert "About layers.LSTM." in explain.text()
    explain.show_parameter(lstm.id, "activation")
    assert "▸ What Keras says about activation" in explain.text()
    explain._follow(QUrl("fold:parameter"))
    assert [each.name for each in answering.asked] == ["activations.tanh"]
    answering.answer()
    assert "About activations.tanh." in explain.text()
    explain.show_parameter(lstm.id, "dropout")
    assert "Keras says nothing about dropout." in explain.text()
    explain._follow(QUrl("fold:parameter"))
    assert "Keras says nothing" not in explain.text()


def test_that_a_docstring_keeps_its_lists_and_code() -> None:
    html = text_html(
        "A line that\ngoes on with `code`.\n\n1. First.\n   Still first.\n2. Second.\n\n"
        "For example:\n\n>>> f(1)\n... \n<3>\n\nEnd.\n\n```\nx = 1\n\ny = 2\n```"
    )
    assert "<p>A line that goes on with <span class='code'>code</span>.</p>" in html
    assert "<p>1. First. Still first.<br>2. Second.</p>" in html
    assert "<pre class='code'>&gt;&gt;&gt; f(1)\n...\n&lt;3&gt;</pre>" in html
    assert "<p>End.</p>" in html
    assert "<pre class='code'>x = 1\n\ny = 2</pre>" in html


def test_that_the_explanation_takes_the_colours_of_another_theme(
    draw: Any, explain: Any, selection: Any
) -> None:
    lstm = draw("Input", "LSTM").layers[1]
    selection.set((lstm.id,))
    explain.show_parameter(lstm.id, "activation")
    before = keeper().scheme
    light = explain._html
    try:
        keeper().apply("dark")
        assert "/dark" in explain._html
        assert explain._html != light
    finally:
        keeper().apply(before)
