"""The menu of a parameter's label offers to vary it in a sweep."""

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from rnn_designer.design import Design, edits, new_layer
from rnn_designer.session import Workspace
from rnn_designer.ui.properties.form import LayerForm


def test_that_a_parameter_is_varied_from_the_menu_of_its_label(qtbot: QtBot, workspace: Workspace) -> None:
    design = edits.add(new_layer(Design(), "LSTM"))(Design())
    workspace.show(design)
    layer = workspace.document.design.layers[0]
    form = LayerForm(workspace.document, layer.type)
    qtbot.addWidget(form)
    form.show_layers((layer,), workspace.checks.checked)
    form.show()

    def menu() -> QMenu | None:
        form.rows["units"].label.customContextMenuRequested.emit(QPoint(3, 3))
        return next((each for each in form.findChildren(QMenu) if each.isVisible()), None)

    first = menu()
    assert first is not None
    assert [each.text() for each in first.actions()] == ["Vary in a sweep…"]
    first.actions()[0].trigger()
    first.close()
    sweep = workspace.document.design.sweep
    assert sweep is not None
    assert [(each.layer, each.name) for each in sweep.varied] == [(layer.id, "units")]
    qtbot.waitUntil(lambda: not any(each.isVisible() for each in form.findChildren(QMenu)))
    again = menu()
    assert again is not None
    assert again.actions()[0].text().startswith("Vary it no more (")
    again.actions()[0].trigger()
    again.close()
    sweep = workspace.document.design.sweep
    assert sweep is not None
    assert sweep.varied == ()
