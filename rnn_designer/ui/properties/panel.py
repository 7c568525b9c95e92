"""The Properties panel: chooses the page for what is selected and keeps it up to date."""

from html import escape

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QIcon, QShowEvent
from PySide6.QtWidgets import QApplication, QFrame, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from rnn_designer.catalog import CATALOG, UNKNOWN, layer_type
from rnn_designer.design import Fix, Layer
from rnn_designer.session.workspace import Workspace
from rnn_designer.ui.icons import icon
from rnn_designer.ui.properties.design_page import DesignPage
from rnn_designer.ui.properties.form import LayerForm
from rnn_designer.ui.properties.page import LayerPage
from rnn_designer.ui.selection import Selection
from rnn_designer.ui.theme import keeper, theme

_HINT_DELAY = 90
"""Milliseconds before the explanation follows the focus: long enough for a click to land where it was aimed."""


_LEAST_WIDTH = 310

_SPARE_DELAY = 700
"""Milliseconds without a change after which the page of another layer type of the design is made ready."""


class Properties(QWidget):
    """The form for whatever is selected.

    Pages are made once per layer type and kept: selecting shows values in them, so that nothing is deleted under
    its own signal, and typing never loses the focus or the caret.

    Signals:
        parameter_focused(layer_id, name): a parameter's field has the focus now.
        code_wanted(layer_id): the code of a custom cell is to be edited.
    """

    parameter_focused = Signal(str, str)
    code_wanted = Signal(str)

    def __init__(self, workspace: Workspace, selection: Selection, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._selection = selection
        self._pages: dict[str, LayerPage] = {}
        self._page: LayerPage | None = None
        self._stale = True
        self._hint_wanted: tuple[LayerForm, str] | None = None
        self._hint_timer = QTimer(self)
        self._hint_timer.setSingleShot(True)
        self._hint_timer.setInterval(_HINT_DELAY)
        self._hint_timer.timeout.connect(self._move_hint)
        self._spare_timer = QTimer(self)
        self._spare_timer.setSingleShot(True)
        self._spare_timer.setInterval(_SPARE_DELAY)
        self._spare_timer.timeout.connect(self._prepare)
        self.filter = QLineEdit()
        self.filter.setPlaceholderText("Filter parameters")
        self.filter.setAccessibleName("Filter parameters")
        self.filter.setClearButtonEnabled(True)
        self._search = self.filter.addAction(QIcon(), QLineEdit.ActionPosition.LeadingPosition)
        self.filter.textChanged.connect(self._filter)
        self._design_page = DesignPage(workspace.document)
        self._design_page.fixed.connect(self._fix)
        self._design_page.explained.connect(self._selection.ask_why)
        self._several = QLabel()
        self._several.setWordWrap(True)
        # Names and settings come from files of others: nothing in them is markup.
        self._several.setTextFormat(Qt.TextFormat.PlainText)
        self._several.setProperty("role", "muted")
        self._several.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._body = QWidget()
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(12, 6, 12, 12)
        self._column.addWidget(self._design_page)
        self.crumbs = QLabel()
        self.crumbs.setProperty("role", "muted")
        self.crumbs.setTextFormat(Qt.TextFormat.RichText)
        self.crumbs.setWordWrap(True)
        self.crumbs.setTextInteractionFlags(
            Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
        )
        self.crumbs.linkActivated.connect(selection.reveal)
        self.crumbs.hide()
        self._column.addWidget(self._several)
        self._column.addWidget(self.crumbs)
        self._column.addStretch(1)
        self.area = QScrollArea()
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setWidget(self._body)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        # Narrower, fields would be cut off: the panel does not scroll sideways.
        self.area.setMinimumWidth(_LEAST_WIDTH)
        top = QVBoxLayout()
        top.setContentsMargins(12, 8, 12, 2)
        top.addWidget(self.filter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self.area, 1)
        selection.changed.connect(self.refresh)
        workspace.checks.changed.connect(self.refresh)
        keeper().changed.connect(self._restyle)
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._focus_moved)
        self._restyle()

    # Showing.

    def refresh(self) -> None:
        """Show what is selected as it is now; while the panel is hidden, when it shows next."""
        if not self.isVisible():
            self._stale = True
            return
        self._stale = False
        design = self._workspace.document.design
        checked = self._workspace.checks.checked
        found = [design.find(each) for each in self._selection.ids]
        layers = tuple(each for each in found if each is not None)
        kinds = {layer.kind for layer in layers}
        page = None
        if len(kinds) == 1 and layers[-1].kind in CATALOG:
            page = self._page_for(layers[-1].kind)
            page.show_layers(layers, checked)
        self._switch(page)
        self._design_page.setVisible(not layers)
        self._several.setVisible(bool(layers) and page is None)
        if not layers:
            self._design_page.show_design(design, checked)
        elif page is None:
            self._several.setText(self._why_no_page(layers))
        self._show_crumbs(layers)
        self.filter.setVisible(page is not None)
        self._spare_timer.start()

    def _show_crumbs(self, layers: tuple[Layer, ...]) -> None:
        """The frames around the layer that shows, outermost first, each a way back to it."""
        around: list[str] = []
        owner = self._workspace.document.design.owner(layers[0].id) if len(layers) == 1 else None
        while owner is not None:
            around.insert(
                0,
                f"<a href='{escape(owner.id)}' style='color: {theme().accent}; text-decoration: none'>"
                f"{escape(owner.name)}</a>",
            )
            owner = self._workspace.document.design.owner(owner.id)
        self.crumbs.setText(f"in {' › '.join(around)}" if around else "")
        self.crumbs.setVisible(bool(around))

    def _prepare(self) -> None:
        """Make one page that will be wanted: a type's first page takes a tenth of a second, which a click shows."""
        if not self.isVisible() or QApplication.mouseButtons() != Qt.MouseButton.NoButton:
            return
        for layer in self._workspace.document.design.layers:
            if layer.kind in CATALOG and layer.kind not in self._pages:
                self._page_for(layer.kind)
                self._spare_timer.start()
                return

    @staticmethod
    def _why_no_page(layers: tuple[Layer, ...]) -> str:
        if len(layers) == 1 and layers[0].kind == UNKNOWN.kind:
            values = layers[0].values()
            return (
                f"‘{layers[0].name}’ is a {values['class_name']} of the imported file, and an inert box here. "
                f"{values['reason']}\n\nIts settings in the file:\n{values['settings']}"
            )
        if len(layers) == 1:
            return f"‘{layers[0].name}’ is of a type that this version does not know: {layers[0].kind}."
        return (
            f"{len(layers)} layers of different types are selected. Layers of one type can be set together; "
            "click one of them to see its parameters."
        )

    def _page_for(self, kind: str) -> LayerPage:
        if kind not in self._pages:
            page = LayerPage(self._workspace.document, layer_type(kind))
            page.fixed.connect(self._fix)
            page.explained.connect(self._selection.ask_why)
            page.pointed.connect(self._point)
            page.wished.connect(self._wish)
            page.hide()
            self._pages[kind] = page
            self._column.insertWidget(self._column.count() - 1, page)
        return self._pages[kind]

    def _switch(self, page: LayerPage | None) -> None:
        if page is self._page:
            return
        if self._page is not None:
            self._page.hide()
        self._page = page
        if page is None:
            return
        page.filter(self.filter.text())
        if page.form.hinted is None:
            first = next((name for name, row in page.form.rows.items() if row.parameter.editable), None)
            page.form.hint(first)
        page.show()
        self.area.verticalScrollBar().setValue(0)

    @property
    def page(self) -> LayerPage | None:
        """The page that shows; None while no layer, or layers of several types, are selected."""
        return self._page

    def focus_first(self) -> None:
        """Put the focus into the first field, as Enter on the canvas does."""
        if self._stale:
            self.refresh()
        if self._page is None:
            self._design_page.name.setFocus(Qt.FocusReason.OtherFocusReason)
            return
        first = next((row for row in self._page.form.rows.values() if row.parameter.editable), None)
        if first is not None:
            first.editor.setFocus(Qt.FocusReason.OtherFocusReason)
            self.area.ensureWidgetVisible(first)

    def _filter(self, query: str) -> None:
        if self._page is not None:
            self._page.filter(query)

    def _fix(self, fix: Fix) -> None:
        self._workspace.document.apply(fix.edit, fix.label)

    def _wish(self, what: str, layer_id: str) -> None:
        match what:
            case "open":
                self._selection.reveal(layer_id)
            case "code":
                self.code_wanted.emit(layer_id)
            case "trust":
                self._selection.trust_wanted.emit(layer_id)
            case "refresh":
                self.refresh()

    def _restyle(self) -> None:
        self._search.setIcon(icon("search", theme().muted))

    # The explanation follows the focus.

    def _focus_moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        if new is None or self._page is None or not self._page.isAncestorOf(new):
            return
        for form in self._page.forms():
            row = form.row_of(new)
            if row is not None:
                self.area.ensureWidgetVisible(new, 0, 24)
                self._point(form, row.parameter.name)
                return

    def _point(self, form: LayerForm, name: str) -> None:
        self._hint_wanted = (form, name)
        self._hint_timer.start()
        if form.layers:
            self.parameter_focused.emit(form.layers[-1].id, name)

    def _move_hint(self) -> None:
        # Moving fields under a pressed mouse or an open list would make the click miss.
        if (
            QApplication.mouseButtons() != Qt.MouseButton.NoButton
            or QApplication.activePopupWidget() is not None
        ):
            self._hint_timer.start()
            return
        if self._hint_wanted is None or self._page is None:
            return
        wanted_form, name = self._hint_wanted
        row = wanted_form.rows.get(name)
        before = self._height_of(row)
        for form in self._page.forms():
            form.hint(name if form is wanted_form else None)
        self._column.activate()
        bar = self.area.verticalScrollBar()
        bar.setValue(bar.value() + self._height_of(row) - before)

    def _height_of(self, row: QWidget | None) -> int:
        return row.mapTo(self.area, row.rect().topLeft()).y() if row is not None and row.isVisible() else 0

    # Qt's own.

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what changed while hidden."""
        super().showEvent(event)
        if self._stale:
            self.refresh()

    def changeEvent(self, event: QEvent) -> None:
        """Another font may need other heights."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._body.updateGeometry()
