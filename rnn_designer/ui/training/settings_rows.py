"""Rows for the settings of a training, like those of a layer, and the explanation that follows the focus."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QApplication, QScrollArea, QVBoxLayout, QWidget

from rnn_designer.catalog import Parameter
from rnn_designer.design import Edit, Problem
from rnn_designer.session.document import Document
from rnn_designer.ui.properties.editors import Editor
from rnn_designer.ui.properties.hints import hint_html
from rnn_designer.ui.properties.row import ParameterRow
from rnn_designer.ui.training.problems import setting_of
from rnn_designer.ui.widgets.editing import try_edit
from rnn_designer.ui.widgets.tab_order import order_tabs

_HINT_DELAY = 90
"""Milliseconds before the explanation follows the focus: long enough for a click to land where it was aimed."""

LABELS = {
    "patience": "stop early after",
    "clip_at": "clip at",
    "least_progress": "least progress",
    "batch_size": "batch size",
    "monitor": "best epoch by",
    "validation": "to validate",
    "test": "to test",
    "samples": "samples made",
    "schedule": "rate schedule",
    "weight": "weight",
    "balanced": "balance classes",
    "horizon": "steps ahead",
}
"""What a form calls a setting, where that says more than its name."""


class SettingsRows(QWidget):
    """Some settings, one below the other; each change is one named step to undo.

    Signals:
        fixed(fix): a problem's fix was chosen.
        explained(problem): the user asks why something is a problem.
        pointed(parameter): a setting's field has the focus, or its label was clicked.
    """

    fixed = Signal(object)
    explained = Signal(object)
    pointed = Signal(object)

    def __init__(
        self,
        document: Document,
        settings: Iterable[Parameter],
        change: Callable[[str, Any], Edit],
        *,
        of: str = "training",
        defaults: Mapping[str, Any],
        editors: Mapping[str, Editor] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        """Make the rows.

        Args:
            document: whose design is changed.
            settings: what each setting may be, and what it does.
            change: the edit that gives a setting, by its name, a value.
            of: what the settings belong to; changes of the same setting of it that follow one another are one step.
            defaults: the values that hold where nobody has said anything.
            editors: editors of settings that have one of their own.
            parent: of the widget.
        """
        super().__init__(parent)
        self._document = document
        self._change = change
        self.of = of
        self._defaults = dict(defaults)
        self._hinted: str | None = None
        self.rows: dict[str, ParameterRow] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for setting in settings:
            parameter = replace(setting, default=self._defaults[setting.name])
            row = ParameterRow("Training", parameter, editor=(editors or {}).get(setting.name))
            label = LABELS.get(setting.name)
            if label is not None:
                row.label.setText(label)
                row.editor.name(label)
            row.value_wanted.connect(self._set)
            row.reset_wanted.connect(self._reset)
            row.finished.connect(document.seal)
            row.fixed.connect(self.fixed)
            row.explained.connect(self.explained)
            row.pointed.connect(lambda name: self.pointed.emit(self.rows[name].parameter))
            self.rows[setting.name] = row
            column.addWidget(row)
        order_tabs(self)

    def show_values(self, values: Mapping[str, Any], problems: Sequence[Problem] = ()) -> None:
        """Show what holds, and what is wrong with it."""
        for name, row in self.rows.items():
            value = values[name]
            default = self._defaults[name]
            row.show_value(value, changed=(type(value), value) != (type(default), default))
            row.show_problems([each for each in problems if setting_of(each) == name])

    def hint(self, name: str | None) -> None:
        """Show the explanation below one setting; None for below none."""
        if self._hinted in self.rows and self._hinted != name:
            self.rows[self._hinted].show_hint("")
        self._hinted = name
        if name in self.rows:
            self.rows[name].show_hint(hint_html(self.rows[name].parameter, None, None))

    def row_of(self, widget: QWidget | None) -> ParameterRow | None:
        """The row that holds a widget."""
        while widget is not None and widget is not self:
            if isinstance(widget, ParameterRow):
                return widget if self.rows.get(widget.parameter.name) is widget else None
            widget = widget.parentWidget()
        return None

    def _set(self, name: str, value: Any, merges: bool) -> None:
        row = self.rows[name]
        merge = f"{self.of} {name}" if merges else None
        words = f"Set {row.label.text()}"
        row.refuse(try_edit(self._document, self._change(name, value), words, merge) or "")

    def _reset(self, name: str) -> None:
        row = self.rows[name]
        row.forget()
        words = f"Reset {row.label.text()}"
        row.refuse(try_edit(self._document, self._change(name, self._defaults[name]), words) or "")


class HintFollower(QWidget):
    """Keeps the explanation below the setting whose field has the focus.

    Signals:
        moved(parameter): another setting is explained.
    """

    moved = Signal(object)

    def __init__(
        self, area: QScrollArea, forms: Callable[[], Iterator[SettingsRows]], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.hide()
        self._area = area
        self._forms = forms
        self._wanted: tuple[SettingsRows, str] | None = None
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_HINT_DELAY)
        self._timer.timeout.connect(self._move)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_moved)

    def point(self, form: SettingsRows, name: str) -> None:
        """Explain this setting soon."""
        self._wanted = (form, name)
        self._timer.start()

    def _focus_moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        if new is None or not self._area.isAncestorOf(new):
            return
        for form in self._forms():
            row = form.row_of(new)
            if row is not None:
                self._area.ensureWidgetVisible(new, 0, 24)
                self.point(form, row.parameter.name)
                self.moved.emit(row.parameter)
                return

    def _move(self) -> None:
        # Moving fields under a pressed mouse or an open list would make the click miss.
        busy = QApplication.activePopupWidget() is not None
        if busy or QApplication.mouseButtons().value:
            self._timer.start()
            return
        if self._wanted is None:
            return
        wanted, name = self._wanted
        row = wanted.rows.get(name)
        before = self._height_of(row)
        for form in self._forms():
            form.hint(name if form is wanted else None)
        body = self._area.widget()
        layout = body.layout() if body is not None else None
        if layout is not None:
            layout.activate()
        bar = self._area.verticalScrollBar()
        bar.setValue(bar.value() + self._height_of(row) - before)

    def _height_of(self, row: QWidget | None) -> int:
        return row.mapTo(self._area, row.rect().topLeft()).y() if row is not None and row.isVisible() else 0
