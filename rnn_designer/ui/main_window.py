"""The window: panels in their docks, the top bar, and the wires between what the panels say and what others do."""

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QApplication, QMainWindow, QVBoxLayout, QWidget

from rnn_designer.design.training import can_show_training
from rnn_designer.session import EngineState, Workspace
from rnn_designer.ui import settings as keys
from rnn_designer.ui.actions import Actions
from rnn_designer.ui.canvas import CanvasView
from rnn_designer.ui.cell_editor.own_code import OwnCode
from rnn_designer.ui.code import CodePanel
from rnn_designer.ui.command_search import CommandSearch
from rnn_designer.ui.commands import commands_of
from rnn_designer.ui.data import DataPanel
from rnn_designer.ui.dock import TabbedDock
from rnn_designer.ui.docks import Docks, Panels
from rnn_designer.ui.drops import FileDrops
from rnn_designer.ui.examples import ExamplesPanel
from rnn_designer.ui.explain import Explain
from rnn_designer.ui.file_actions import FileActions
from rnn_designer.ui.generate import GeneratePanel
from rnn_designer.ui.handlers import handlers_of
from rnn_designer.ui.history_panel import HistoryPanel
from rnn_designer.ui.motion import motion
from rnn_designer.ui.notice import NoticeBar
from rnn_designer.ui.outline import Outline
from rnn_designer.ui.palette import Palette
from rnn_designer.ui.problems import ProblemsPanel
from rnn_designer.ui.properties import Properties
from rnn_designer.ui.scopes import ScopeDock, ScopeDocks, Scopes
from rnn_designer.ui.selection import Selection
from rnn_designer.ui.settings import Settings
from rnn_designer.ui.status import StatusBar
from rnn_designer.ui.theme import Scheme, keeper
from rnn_designer.ui.top_bar import TopBar
from rnn_designer.ui.tour import Tour
from rnn_designer.ui.training.asides import Asides
from rnn_designer.ui.training.panel import TrainingPanel
from rnn_designer.ui.training.view import TrainingView
from rnn_designer.ui.training.wiring import Trainings

_SEARCH_WIDTH = 520


class MainWindow(QMainWindow):
    """One window on one design.

    Nothing here changes the design by itself: panels hand edits to the document, and this class carries wishes from
    one panel to another ("show this layer", "add that kind").

    Signals:
        new_window_wanted(), quit_wanted(): concern all windows, so that somebody else has to answer.
        preferences_changed(): the settings are others; every window shows them.
        closed(): the window and its engine are gone.
    """

    new_window_wanted = Signal()
    quit_wanted = Signal()
    preferences_changed = Signal()
    closed = Signal()

    def __init__(self, workspace: Workspace, settings: Settings) -> None:
        super().__init__()
        self.setObjectName("main window")
        self.setAcceptDrops(True)
        self.setDockNestingEnabled(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.workspace = workspace
        self.settings = settings
        self.selection = Selection(self)
        self.notice = NoticeBar(self)
        self.actions_table = Actions(self, self.menuBar())
        self.files = FileActions(self, workspace, settings, self.notice)
        self._first_show = True
        self._agreed = False
        self._tour: Tour | None = None

        self._make_panels()
        self._make_docks()
        self._make_top_bar()
        self._connect_panels()
        self.trainings = Trainings(self)
        self.asides = Asides(self)
        self.actions_table.connect_all(handlers_of(self))
        self.actions_table.place(self.canvas, self.scopes)
        self.files.fill_menus(self.actions_table.menus["File"], self.actions_table["examples"])
        self._restore()
        self._show_file()
        self._show_history()

    # ------------------------------------------------------------------------------------------ making the window

    def _make_panels(self) -> None:
        workspace, selection = self.workspace, self.selection
        self.canvas = CanvasView(workspace, selection)
        centre = QWidget(self)
        column = QVBoxLayout(centre)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.canvas, 1)
        column.addWidget(self.notice)
        self.setCentralWidget(centre)
        self.drops = FileDrops(self, centre)
        self.palette_panel = Palette(workspace, selection)
        self.outline = Outline(workspace, selection)
        self.outline.commands.frames.offer = self.canvas.offer
        self.examples = ExamplesPanel(workspace, selection)
        self.properties = Properties(workspace, selection)
        self.data = DataPanel(workspace, selection)
        self.explain = Explain(workspace, selection)
        self.scopes = Scopes(workspace, selection)
        self.code = CodePanel(workspace, selection)
        self.problems = ProblemsPanel(workspace, selection)
        self.generate = GeneratePanel(workspace, selection)
        self.train = TrainingPanel(workspace, selection)
        self.training = TrainingView(workspace)
        self.history = HistoryPanel(workspace, selection)
        self.status = StatusBar(workspace, self)
        self.setStatusBar(self.status)

    def _make_docks(self) -> None:
        self._docks = Docks(
            self,
            Panels(
                self.palette_panel,
                self.outline,
                self.examples,
                self.properties,
                self.data,
                self.explain,
                self.train,
                self.scopes,
                self.code,
                self.problems,
                self.generate,
                self.training,
                self.history,
            ),
        )
        self.left, self.right = self._docks.left, self._docks.right
        self.bottom_left, self.bottom_right = self._docks.bottom_left, self._docks.bottom_right
        self.docks = self._docks.all
        self.own_code = OwnCode(self, self.workspace, self.selection, self.notice, self.right)
        self.scope_docks = ScopeDocks(self, self.workspace, self.selection, self.scopes)
        panels = self.actions_table.menus["View"].addMenu("&Panels")
        for dock in self.docks:
            panels.addAction(dock.toggleViewAction())

    def _make_top_bar(self) -> None:
        self.top_bar = TopBar(self.workspace, self.actions_table, self)
        self.transport, self.search_button = self.top_bar.transport, self.top_bar.search
        self.export_button = self.top_bar.export
        self.top_bar.search_wanted.connect(self.open_search)
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, self.top_bar)
        self.search = CommandSearch(lambda: commands_of(self), self)

    def _connect_panels(self) -> None:
        workspace = self.workspace
        self.palette_panel.layer_wanted.connect(self._add_layer)
        self.examples.example_wanted.connect(self.files.open)
        self.canvas.example_wanted.connect(self.show_examples)
        self.canvas.overlays.empty.recent_wanted.connect(self.files.open_recent)
        self.files.recent_changed.connect(self._show_recent)
        self.status.work.watch(self.files.exporter)
        self.canvas.open_wanted.connect(self.files.ask_and_open)
        self.canvas.opened.connect(self._open_layer)
        self.canvas.inside_wanted.connect(self._look_inside)
        self.canvas.unit_wanted.connect(self._show_unit)
        self.outline.opened.connect(self._open_layer)
        self.canvas.zoom_changed.connect(self.status.show_zoom)
        self.status.zoom_reset_wanted.connect(lambda: self.canvas.zoom_to(1.0))
        self.status.problems_wanted.connect(lambda: self.bottom_right.show_page(1))
        self.problems.count_changed.connect(self._show_problem_count)
        self.selection.why_wanted.connect(lambda _problem: self.right.show_page(2))
        self.properties.parameter_focused.connect(self.explain.show_parameter)
        self.properties.code_wanted.connect(self.own_code.edit)
        self.files.settle = self.own_code.finish
        workspace.document.changed.connect(self._design_changed)
        workspace.document.file_changed.connect(self._show_file)
        workspace.document.file_changed.connect(self._show_history)
        workspace.document.refused.connect(lambda sentence: self.notice.say(sentence, kind="warning"))
        workspace.noticed.connect(lambda sentence: self.notice.say(sentence, kind="warning", stay=True))
        workspace.engine.state_changed.connect(self._engine_changed)
        workspace.live.failed.connect(
            lambda failure: self.notice.say(failure.sentence, kind="error", subject="run")
        )
        workspace.live.traced.connect(lambda _trace: self.notice.clear("run"))
        workspace.live.status_changed.connect(lambda _status: self._show_live())
        workspace.live.training.changed.connect(self._show_live)
        self.files.opened.connect(self._opened)
        for each in (self.scopes, self.scope_docks):
            each.noticed.connect(self.notice.say)
        workspace.playback.loop_changed.connect(self.actions_table["loop"].setChecked)

    # ---------------------------------------------------------------------------------- what panels ask of others

    def open_search(self) -> None:
        """Open the command search below its field."""
        self.search.open_at(self.top_bar.search_corner(), _SEARCH_WIDTH)

    def show_history(self) -> None:
        """Show the steps to undo and redo, ready for the arrow keys; or put them away where they have the focus."""
        dock = self._docks.history
        if dock.isVisible() and self.history.list.hasFocus():
            dock.hide()
            self.canvas.setFocus()
            return
        dock.show_page(0)
        self.history.list.setFocus()

    def _add_layer(self, kind: str) -> None:
        self.canvas.add_layer(kind)
        self.canvas.setFocus()

    def show_examples(self) -> None:
        """Open the dialog with the examples."""
        from rnn_designer.ui.examples_dialog import ExamplesDialog

        dialog = ExamplesDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.example_wanted.connect(self.files.open)
        dialog.open()

    def show_preferences(self) -> None:
        """Open the preferences; what is changed there holds at once, in every window."""
        from rnn_designer.ui.preferences import Preferences

        dialog = Preferences(self.settings, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.changed.connect(self._preferences_changed)
        dialog.layout_reset_wanted.connect(self.reset_layout)
        dialog.recent_cleared.connect(self.files.clear_recent)
        dialog.tour_wanted.connect(self.start_tour)
        dialog.open()

    def _preferences_changed(self) -> None:
        self.show_preferences_in_force()
        self.preferences_changed.emit()

    def show_preferences_in_force(self) -> None:
        """Make the window what the settings say."""
        motion().reduce(self.settings.get(keys.REDUCED_MOTION))
        self.setAnimated(not motion().reduced)
        minimap = self.settings.get(keys.MINIMAP)
        self.actions_table["minimap"].setChecked(minimap)
        self.canvas.set_minimap(minimap)
        values = self.settings.get(keys.WIRE_VALUES)
        self.actions_table["wire_values"].setChecked(values)
        self.canvas.canvas_scene.show_values_on_wires(values)
        self._show_scheme()
        self._show_recent()

    def start_tour(self) -> None:
        """Show the hints, from the first."""
        if self._tour is not None:
            self._tour.end()
        self._docks.bring_back()
        self.left.show_page(0)
        self.right.show_page(0)
        bar = self.transport
        self._tour = Tour(self, (self.left, self.canvas, self.properties, bar, bar.train, self.export_button))
        self.settings.put(keys.TOUR_SEEN, True)
        self._tour.start()

    def start_tour_once(self) -> None:
        """Show the hints to somebody who has never seen them."""
        if not self.settings.get(keys.TOUR_SEEN):
            self.start_tour()

    def _show_recent(self) -> None:
        self.canvas.overlays.empty.show_recent(self.settings.recent_files())
        self.canvas.overlays.place()

    def _open_layer(self, layer_id: str) -> None:
        self.selection.set((layer_id,))
        self.right.show_page(0)
        self.properties.focus_first()

    def _look_inside(self, layer_id: str) -> None:
        self.selection.set((layer_id,))
        self.bottom_left.show()
        self.bottom_left.raise_()
        self.scopes.look_inside(layer_id)

    def _show_unit(self, layer_id: str, unit: int) -> None:
        self.selection.set((layer_id,))
        self.bottom_left.show()
        self.bottom_left.raise_()
        self.scopes.show_unit(layer_id, unit)

    def _show_problem_count(self, errors: int, warnings: int, _information: int) -> None:
        self.bottom_right.set_count(1, errors + warnings)

    def toggle_live(self) -> None:
        """Switch live running as the action says; how it starts is a matter of the preferences."""
        self.workspace.live.set_enabled(self.actions_table["live"].isChecked())

    def _show_live(self) -> None:
        self.actions_table["live"].setChecked(self.workspace.live.enabled)
        self.actions_table["generate"].setChecked(self.workspace.document.design.generation is not None)
        self.actions_table["new_draw"].setEnabled(self.generate.can_draw)
        can_train = can_show_training(self.workspace.document.design)
        self.actions_table["training"].setChecked(can_train and self.workspace.live.training.active)
        for name in ("training", "training_draw"):
            self.actions_table[name].setEnabled(can_train)
        self.actions_table["stop"].setEnabled(self.workspace.live.status.busy)

    def toggle_generation(self) -> None:
        """Switch generation on or off, and show the panel with its settings where it is on."""
        self.generate.toggle()
        if self.workspace.document.design.generation is not None:
            self.bottom_right.show_page(2)
        self._show_live()

    def keep_weights(self) -> None:
        """Make the weights of the plots the design's own."""
        self.workspace.keep_weights()
        self.notice.say("These weights now belong to the design: saving writes them beside it.")

    def toggle_minimap(self) -> None:
        """Show or hide the minimap, and remember it."""
        shown = self.actions_table["minimap"].isChecked()
        self.canvas.set_minimap(shown)
        self.settings.put(keys.MINIMAP, shown)

    def toggle_wire_values(self) -> None:
        """Show what flows over the wires, or only its shape, and remember it."""
        shown = self.actions_table["wire_values"].isChecked()
        self.canvas.canvas_scene.show_values_on_wires(shown)
        self.settings.put(keys.WIRE_VALUES, shown)

    def next_dock(self) -> None:
        """Move the focus to the next panel, or to the canvas."""
        asides = (self._docks.history, self.asides.dock, self.own_code.dock)
        docks = (*self.docks, *asides, *self.scope_docks.docks)
        stops: list[QWidget] = [self.canvas, *(dock for dock in docks if dock.isVisible())]
        focused = QApplication.focusWidget() or self.focusWidget()
        inside = [
            index
            for index, stop in enumerate(stops)
            if focused is not None and (stop is focused or stop.isAncestorOf(focused))
        ]
        stop = stops[((inside[-1] if inside else -1) + 1) % len(stops)]
        if stop is self.bottom_left:
            target = self.scopes.first_stop
        elif isinstance(stop, ScopeDock):
            target = stop.scope.first_stop
        else:
            target = stop.tabs if isinstance(stop, TabbedDock) else stop
        if isinstance(focused, QWidget) and focused.window() is not target.window():
            target.window().activateWindow()
        target.setFocus(Qt.FocusReason.TabFocusReason)

    # -------------------------------------------------------------------------------------- keeping what is shown

    def _design_changed(self, _old: object, new: object) -> None:
        del new
        # A file that could not be opened is yesterday's news once work goes on.
        self.notice.clear("open")
        self.selection.keep(layer.id for layer in self.workspace.document.design.walk())
        self._show_live()

    def _opened(self) -> None:
        self.selection.clear()
        self.canvas.fit()
        self._select_first_recurrent()
        self.scope_docks.reopen(self.settings.get(keys.SCOPE_DOCKS))

    def _select_first_recurrent(self) -> None:
        """A newcomer sees gates move without a click: the first recurrent layer's scopes are in front."""
        for layer in self.workspace.document.design.walk():
            if layer.type.recurrent:
                self.selection.set((layer.id,))
                return

    def _show_file(self) -> None:
        document = self.workspace.document
        name = document.path.name if document.path else f"{document.design.name} (not saved)"
        self.setWindowTitle(f"{name}[*] — RNN Designer")
        self.setWindowModified(document.modified)

    def _show_history(self) -> None:
        history = self.workspace.document.history
        for name, word, label in (("undo", "Undo", history.undo_label), ("redo", "Redo", history.redo_label)):
            action = self.actions_table[name]
            action.setEnabled(label is not None)
            action.setText(f"&{word} {label[0].lower() + label[1:]}" if label else f"&{word}")
            action.setToolTip(self.actions_table.tip(name))

    def _engine_changed(self, state: EngineState) -> None:
        engine = self.workspace.engine
        if state is EngineState.STOPPED and engine.reason:
            self.notice.say(
                engine.reason,
                kind="error",
                subject="engine",
                stay=True,
                action="Restart engine",
                do=engine.restart,
            )
        elif state is EngineState.CRASHED:
            self.notice.say(engine.reason, kind="warning", subject="engine")
        elif state is EngineState.READY and not engine.last_end:
            self.notice.clear("engine")

    def set_scheme(self, scheme: Scheme) -> None:
        """Dress the program in a theme and remember it."""
        self.settings.put(keys.THEME, scheme)
        keeper().apply(scheme)
        self._show_scheme()

    def _show_scheme(self) -> None:
        for name in ("system", "light", "dark"):
            self.actions_table[f"theme_{name}"].setChecked(keeper().scheme == name)

    # ------------------------------------------------------------------------------------------- layout and closing

    def reset_layout(self) -> None:
        """Every dock back in its place, at its size, and forget how they were."""
        self.scope_docks.close_all()
        self._docks.reset()
        self.asides.put_away()
        self.own_code.dock.put_away()
        self.settings.forget(keys.STATE)

    def _restore(self) -> None:
        room = self.screen().availableSize()
        # Most of a large screen; the size of the drawings, or all there is, on a smaller one.
        wanted = (room * 0.85).boundedTo(QSize(1760, 1060)).expandedTo(QSize(1440, 900))
        self.resize(wanted.boundedTo(room - QSize(8, 40)))
        geometry = self.settings.get(keys.GEOMETRY)
        if not geometry.isEmpty():
            self.restoreGeometry(geometry)
        self._restored = self.restoreState(self.settings.get(keys.STATE))
        # No cell is written yet, wherever its dock was when the window was closed.
        self.own_code.dock.put_away()
        self.workspace.live.set_enabled(self.settings.get(keys.LIVE))
        self._show_live()
        self.show_preferences_in_force()

    def may_close(self) -> bool:
        """Whether the window may go; asks about unsaved work."""
        return self.files.may_discard()

    def close_now(self) -> None:
        """Close without asking: :meth:`may_close` was asked before."""
        self._agreed = True
        self.close()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._first_show:
            self._first_show = False
            if not self._restored:
                self._docks.size()
            # After the first paint: NumPy, pyqtgraph and the engine come while the window can be used already.
            QTimer.singleShot(0, self._start)

    def _start(self) -> None:
        self.canvas.fit()
        self.workspace.start()
        self.scopes.ensure_plots()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._agreed and not self.may_close():
            event.ignore()
            return
        self._agreed = False
        self.own_code.close()
        if self._tour is not None:
            self._tour.end()
        self.settings.put(keys.GEOMETRY, self.saveGeometry())
        self.settings.put(keys.STATE, self.saveState())
        self.settings.put(keys.SCOPE_DOCKS, self.scope_docks.remembered)
        self.workspace.close()
        event.accept()
        self.closed.emit()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self.drops.entered(event.mimeData()):
            event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.drops.left()
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        if self.drops.dropped(event.mimeData()):
            event.acceptProposedAction()
