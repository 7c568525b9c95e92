"""The window: panels in their docks, the top bar, and the wires between what the panels say and what others do."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, QUrl
from PySide6.QtGui import QCloseEvent, QDesktopServices, QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QHBoxLayout,
    QMainWindow,
    QPushButton,
    QSizePolicy,
    QToolBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from rnn_designer.session import EngineState, Workspace
from rnn_designer.ui import settings as keys
from rnn_designer.ui.actions import Actions
from rnn_designer.ui.canvas import CanvasView
from rnn_designer.ui.code import CodePanel
from rnn_designer.ui.command_search import CommandSearch
from rnn_designer.ui.commands import commands_of
from rnn_designer.ui.data import DataPanel
from rnn_designer.ui.dock import TabbedDock
from rnn_designer.ui.examples import ExamplesPanel
from rnn_designer.ui.explain import Explain
from rnn_designer.ui.file_actions import FileActions
from rnn_designer.ui.help import show_about, show_shortcuts
from rnn_designer.ui.notice import NoticeBar
from rnn_designer.ui.outline import Outline
from rnn_designer.ui.palette import Palette
from rnn_designer.ui.problems import ProblemsPanel
from rnn_designer.ui.properties import Properties
from rnn_designer.ui.scopes import Scopes
from rnn_designer.ui.selection import Selection
from rnn_designer.ui.settings import Settings
from rnn_designer.ui.status import StatusBar
from rnn_designer.ui.theme import Scheme, keeper
from rnn_designer.ui.transport import Transport

_LEFT_WIDTH = 216
_RIGHT_WIDTH = 312
_SEARCH_WIDTH = 420


class MainWindow(QMainWindow):
    """One window on one design.

    Nothing here changes the design by itself: panels hand edits to the document, and this class carries wishes from
    one panel to another ("show this layer", "add that kind").
    """

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

        self._make_panels()
        self._make_docks()
        self._make_top_bar()
        self._connect_panels()
        self.actions_table.connect_all(self._handlers())
        self.actions_table.place(self.canvas, self.scopes)
        self.files.fill_menus(self.actions_table.menus["File"], self.actions_table["save"])
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
        self.palette_panel = Palette(workspace, selection)
        self.outline = Outline(workspace, selection)
        self.examples = ExamplesPanel(workspace, selection)
        self.properties = Properties(workspace, selection)
        self.data = DataPanel(workspace, selection)
        self.explain = Explain(workspace, selection)
        self.scopes = Scopes(workspace, selection)
        self.code = CodePanel(workspace, selection)
        self.problems = ProblemsPanel(workspace, selection)
        self.status = StatusBar(workspace, self)
        self.setStatusBar(self.status)

    def _make_docks(self) -> None:
        area = Qt.DockWidgetArea
        self.setCorner(Qt.Corner.BottomLeftCorner, area.BottomDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, area.BottomDockWidgetArea)
        self.left = TabbedDock("library", "Layers, outline, examples", self)
        self.left.add_page("Layers", self.palette_panel)
        self.left.add_page("Outline", self.outline)
        self.left.add_page("Examples", self.examples)
        self.right = TabbedDock("inspector", "Properties, data, explain", self)
        self.right.add_page("Properties", self.properties)
        self.right.add_page("Data", self.data)
        self.right.add_page("Explain", self.explain)
        # The scopes' own row of tabs is the title: one row instead of two.
        self.bottom_left = QDockWidget("Scopes", self)
        self.bottom_left.setObjectName("scopes")
        self.bottom_left.setFeatures(self.left.features())
        self.bottom_left.setWidget(self.scopes)
        self.bottom_left.setTitleBarWidget(self.scopes.header)
        self.bottom_right = TabbedDock("code", "Code and problems", self)
        self.bottom_right.add_page(
            "Code", self.code, self._side_by_side(self.code.style_button, self.code.copy_button)
        )
        self.bottom_right.add_page("Problems", self.problems)
        self.addDockWidget(area.LeftDockWidgetArea, self.left)
        self.addDockWidget(area.RightDockWidgetArea, self.right)
        self.addDockWidget(area.BottomDockWidgetArea, self.bottom_left)
        self.addDockWidget(area.BottomDockWidgetArea, self.bottom_right)
        self.docks = (self.left, self.right, self.bottom_left, self.bottom_right)
        panels = self.actions_table.menus["View"].addMenu("&Panels")
        for dock in self.docks:
            panels.addAction(dock.toggleViewAction())

    def _side_by_side(self, *widgets: QWidget) -> QWidget:
        together = QWidget(self)
        row = QHBoxLayout(together)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in widgets:
            row.addWidget(widget)
        return together

    def _make_top_bar(self) -> None:
        actions = self.actions_table
        bar = QToolBar("Top bar", self)
        bar.setObjectName("top bar")
        bar.setMovable(False)
        bar.setFloatable(False)
        bar.toggleViewAction().setEnabled(False)
        bar.setIconSize(QSize(18, 18))
        for name in ("undo", "redo"):
            button = QToolButton(bar)
            button.setDefaultAction(actions[name])
            button.setToolTip(actions.tip(name))
            bar.addWidget(button)
        bar.addSeparator()
        self.transport = Transport(self.workspace)
        bar.addWidget(self.transport)
        bar.addSeparator()
        self.transport.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        ends = QWidget(bar)
        row = QHBoxLayout(ends)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        self.search_button = QPushButton("Search layers, commands…   Ctrl+K", ends)
        self.search_button.setProperty("role", "search")
        self.search_button.clicked.connect(self.open_search)
        self.export_button = QPushButton("Export Keras code", ends)
        self.export_button.setProperty("role", "primary")
        self.export_button.setToolTip(actions.tip("export"))
        self.export_button.clicked.connect(lambda: actions["export"].trigger())
        row.addWidget(self.search_button)
        row.addWidget(self.export_button)
        bar.addWidget(ends)
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, bar)
        self.search = CommandSearch(lambda: commands_of(self), self)

    def _connect_panels(self) -> None:
        workspace = self.workspace
        self.palette_panel.layer_wanted.connect(self._add_layer)
        self.examples.example_wanted.connect(self.files.open)
        self.canvas.example_wanted.connect(self._show_examples)
        self.canvas.open_wanted.connect(self.files.ask_and_open)
        self.canvas.opened.connect(self._open_layer)
        self.outline.opened.connect(self._open_layer)
        self.canvas.zoom_changed.connect(self.status.show_zoom)
        self.status.zoom_reset_wanted.connect(lambda: self.canvas.zoom_to(1.0))
        self.status.problems_wanted.connect(lambda: self.bottom_right.show_page(1))
        self.problems.count_changed.connect(self._show_problem_count)
        self.properties.parameter_focused.connect(self.explain.show_parameter)
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
        self.files.opened.connect(self._opened)
        self.scopes.noticed.connect(self.notice.say)

    def _handlers(self) -> dict[str, Callable[[], object]]:
        workspace, canvas, playback = self.workspace, self.canvas, self.workspace.playback
        return {
            "new": self.files.new,
            "open": self.files.ask_and_open,
            "save": self.files.save,
            "save_as": self.files.save_as,
            "export": self.files.export,
            "quit": self.close,
            "undo": workspace.document.undo,
            "redo": workspace.document.redo,
            "cut": canvas.cut,
            "copy": canvas.copy,
            "paste": canvas.paste,
            "duplicate": canvas.duplicate,
            "delete": canvas.delete_selection,
            "select_all": canvas.select_all,
            "rename": canvas.rename_current,
            "fit": canvas.fit,
            "actual_size": lambda: canvas.zoom_to(1.0),
            "zoom_in": lambda: canvas.zoom_to(canvas.camera.zoom * 1.25),
            "zoom_out": lambda: canvas.zoom_to(canvas.camera.zoom / 1.25),
            "minimap": self._toggle_minimap,
            "theme_system": lambda: self.set_scheme("system"),
            "theme_light": lambda: self.set_scheme("light"),
            "theme_dark": lambda: self.set_scheme("dark"),
            "next_dock": self._next_dock,
            "reset_layout": self.reset_layout,
            "commands": self.open_search,
            "wire": canvas.start_wire,
            "arrange": canvas.auto_arrange,
            "first_fix": self.problems.first_fix,
            "live": self._toggle_live,
            "run_now": workspace.live.run_now,
            "stop": workspace.live.cancel,
            "restart_engine": workspace.engine.restart,
            "keep_weights": self._keep_weights,
            "draw_weights": workspace.forget_weights,
            "play": playback.toggle,
            "first": playback.first,
            "back": playback.back,
            "forward": playback.forward,
            "explain": lambda: self.right.show_page(2),
            "shortcuts": lambda: show_shortcuts(self),
            "about": lambda: show_about(self),
        }

    # ---------------------------------------------------------------------------------- what panels ask of others

    def open_search(self) -> None:
        """Open the command search below its field."""
        corner = self.search_button.mapToGlobal(
            QPoint(self.search_button.width(), self.search_button.height() + 4)
        )
        self.search.open_at(corner, _SEARCH_WIDTH)

    def _add_layer(self, kind: str) -> None:
        self.canvas.add_layer(kind)
        self.canvas.setFocus()

    def _show_examples(self) -> None:
        self.left.show_page(2)

    def _open_layer(self, layer_id: str) -> None:
        self.selection.set((layer_id,))
        self.right.show_page(0)
        self.properties.focus_first()

    def _show_problem_count(self, errors: int, warnings: int, _information: int) -> None:
        self.bottom_right.set_count(1, errors + warnings)

    def _toggle_live(self) -> None:
        self.workspace.live.set_enabled(self.actions_table["live"].isChecked())
        self.settings.put(keys.LIVE, self.workspace.live.enabled)

    def _show_live(self) -> None:
        self.actions_table["live"].setChecked(self.workspace.live.enabled)
        self.actions_table["stop"].setEnabled(self.workspace.live.status.busy)

    def _keep_weights(self) -> None:
        self.workspace.keep_weights()
        self.notice.say("These weights now belong to the design: saving writes them beside it.")

    def _toggle_minimap(self) -> None:
        shown = self.actions_table["minimap"].isChecked()
        self.canvas.set_minimap(shown)
        self.settings.put(keys.MINIMAP, shown)

    def _next_dock(self) -> None:
        stops: list[QWidget] = [self.canvas, *(dock for dock in self.docks if dock.isVisible())]
        focused = self.focusWidget()
        inside = [
            index
            for index, stop in enumerate(stops)
            if focused is not None and (stop is focused or stop.isAncestorOf(focused))
        ]
        stop = stops[((inside[-1] if inside else -1) + 1) % len(stops)]
        if stop is self.bottom_left:
            target = self.scopes.first_stop
        else:
            target = stop.tabs if isinstance(stop, TabbedDock) else stop
        target.setFocus(Qt.FocusReason.TabFocusReason)

    # -------------------------------------------------------------------------------------- keeping what is shown

    def _design_changed(self, _old: object, new: object) -> None:
        del new
        self.selection.keep(layer.id for layer in self.workspace.document.design.walk())

    def _opened(self) -> None:
        self.selection.clear()
        self.canvas.fit()
        self._select_first_recurrent()

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
        """Every dock back in its place, at its size."""
        area = Qt.DockWidgetArea
        for dock, where in (
            (self.left, area.LeftDockWidgetArea),
            (self.right, area.RightDockWidgetArea),
            (self.bottom_left, area.BottomDockWidgetArea),
            (self.bottom_right, area.BottomDockWidgetArea),
        ):
            dock.setFloating(False)
            self.addDockWidget(where, dock)
            dock.show()
        self.splitDockWidget(self.bottom_left, self.bottom_right, Qt.Orientation.Horizontal)
        self._size_docks()

    def _size_docks(self) -> None:
        self.resizeDocks([self.left, self.right], [_LEFT_WIDTH, _RIGHT_WIDTH], Qt.Orientation.Horizontal)
        height = max(280, int(self.height() * 0.36))
        self.resizeDocks([self.bottom_left, self.bottom_right], [height, height], Qt.Orientation.Vertical)
        code = max(360, int(self.width() * 0.32))
        self.resizeDocks(
            [self.bottom_left, self.bottom_right], [self.width() - code, code], Qt.Orientation.Horizontal
        )

    def _restore(self) -> None:
        room = self.screen().availableSize()
        self.resize(QSize(1440, 900).boundedTo(room - QSize(8, 40)))
        geometry = self.settings.get(keys.GEOMETRY)
        if not geometry.isEmpty():
            self.restoreGeometry(geometry)
        self._restored = self.restoreState(self.settings.get(keys.STATE))
        minimap = self.settings.get(keys.MINIMAP)
        self.actions_table["minimap"].setChecked(minimap)
        self.canvas.set_minimap(minimap)
        self.workspace.live.set_enabled(self.settings.get(keys.LIVE))
        self._show_live()
        self._show_scheme()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._first_show:
            self._first_show = False
            if not self._restored:
                self._size_docks()
            # After the first paint: NumPy, pyqtgraph and the engine come while the window can be used already.
            QTimer.singleShot(0, self._start)

    def _start(self) -> None:
        self.canvas.fit()
        self.workspace.start()
        self.scopes.ensure_plots()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.files.may_discard():
            event.ignore()
            return
        self.settings.put(keys.GEOMETRY, self.saveGeometry())
        self.settings.put(keys.STATE, self.saveState())
        self.workspace.close()
        event.accept()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._dropped_file(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = self._dropped_file(event)
        if path is not None:
            event.acceptProposedAction()
            self.files.open(path)

    def _dropped_file(self, event: QDropEvent) -> Path | None:
        for url in event.mimeData().urls():
            if url.isLocalFile() and url.toLocalFile().endswith(".rnnd"):
                return Path(url.toLocalFile())
        return None


def open_folder(path: Path) -> None:
    """Show a folder in the desktop's file manager."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
