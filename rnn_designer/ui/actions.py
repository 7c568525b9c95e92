"""Every action of the window in one table: its words, menu and shortcut; menus and the command search read it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QMenuBar, QPlainTextEdit, QWidget
from shiboken6 import isValid

from rnn_designer.design import COLORS
from rnn_designer.ui.canvas.aligning import ALIGNMENTS, DISTRIBUTIONS
from rnn_designer.ui.canvas.tints import color_icon, tint
from rnn_designer.ui.icons import icon
from rnn_designer.ui.theme import keeper, theme

_MENUS = ("&File", "&Edit", "&View", "&Design", "&Run", "&Train", "&Help")


class Where(Enum):
    """Where a shortcut counts: single keys must not fire while somebody types or tabs through a form."""

    WINDOW = "window"
    CANVAS = "canvas"
    PLOTS = "canvas and scopes"


@dataclass(frozen=True)
class ActionSpec:
    """One action before it is made.

    Attributes:
        id: by which the program refers to it.
        text: as the menu says it, with the access key.
        menu: the menu it stands in.
        shortcut: one or more key sequences, as Qt writes them.
        icon: the icon's name, if it has one.
        where: where the shortcut counts.
        checkable: whether it is on or off.
        separated: whether a line stands above it.
        submenu: the title of a submenu in which it stands.
    """

    id: str
    text: str
    menu: str
    shortcut: str | tuple[str, ...] = ()
    icon: str = ""
    where: Where = Where.WINDOW
    checkable: bool = False
    separated: bool = False
    submenu: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """The key sequences."""
        return (self.shortcut,) if isinstance(self.shortcut, str) else self.shortcut


_CANVAS = Where.CANVAS
_PLOTS = Where.PLOTS
_ALIGN = "A&lign and distribute"

SPECS = (
    ActionSpec("new", "&New design", "&File", "Ctrl+N", "new"),
    ActionSpec("new_window", "New &window", "&File", "Ctrl+Shift+N"),
    ActionSpec("open", "&Open…", "&File", "Ctrl+O", "open", separated=True),
    ActionSpec("import", "&Import model…", "&File", "Ctrl+Shift+I"),
    ActionSpec("examples", "E&xamples…", "&File", "Ctrl+Shift+O"),
    ActionSpec("save", "&Save", "&File", "Ctrl+S", "save", separated=True),
    ActionSpec("save_as", "Save &as…", "&File", "Ctrl+Shift+S"),
    ActionSpec("export", "&Export Keras code…", "&File", "Ctrl+E", "code", separated=True),
    ActionSpec("close", "&Close window", "&File", "Ctrl+W", separated=True),
    ActionSpec("quit", "&Quit", "&File", "Ctrl+Q"),
    ActionSpec("undo", "&Undo", "&Edit", "Ctrl+Z", "undo"),
    ActionSpec("redo", "&Redo", "&Edit", ("Ctrl+Shift+Z", "Ctrl+Y"), "redo"),
    ActionSpec("cut", "Cu&t", "&Edit", "Ctrl+X", where=_CANVAS, separated=True),
    ActionSpec("copy", "&Copy", "&Edit", "Ctrl+C", "copy", where=_CANVAS),
    ActionSpec("paste", "&Paste", "&Edit", "Ctrl+V", where=_CANVAS),
    ActionSpec("duplicate", "&Duplicate", "&Edit", "Ctrl+D", where=_CANVAS),
    ActionSpec("delete", "De&lete", "&Edit", ("Del", "Backspace"), "trash", where=_CANVAS),
    ActionSpec("select_all", "Select &all", "&Edit", "Ctrl+A", where=_CANVAS, separated=True),
    ActionSpec("rename", "Re&name", "&Edit", "F2", where=_CANVAS),
    ActionSpec("history", "&History", "&Edit", "Ctrl+H", separated=True),
    ActionSpec("preferences", "&Preferences…", "&Edit", "Ctrl+,", separated=True),
    ActionSpec("fit", "&Fit the design", "&View", "F", "fit", where=_CANVAS),
    ActionSpec("actual_size", "Zoom to &100 %", "&View", "0", where=_CANVAS),
    ActionSpec("zoom_in", "Zoom &in", "&View", ("Ctrl++", "Ctrl+=")),
    ActionSpec("zoom_out", "Zoom &out", "&View", "Ctrl+-"),
    ActionSpec("minimap", "&Minimap", "&View", checkable=True),
    ActionSpec("wire_values", "Values on &wires", "&View", checkable=True),
    ActionSpec("theme_system", "As the &system", "&View", checkable=True, submenu="&Theme", separated=True),
    ActionSpec("theme_light", "&Light", "&View", checkable=True, submenu="&Theme"),
    ActionSpec("theme_dark", "&Dark", "&View", checkable=True, submenu="&Theme"),
    ActionSpec("next_view", "Next &view of the layer", "&View", "V", where=_PLOTS, separated=True),
    ActionSpec("previous_view", "Previo&us view of the layer", "&View", "Shift+V", where=_PLOTS),
    ActionSpec("scope_dock", "Scope in its &own dock", "&View", "Ctrl+Shift+D"),
    ActionSpec("next_dock", "&Next panel", "&View", "F6"),
    ActionSpec("reset_layout", "&Reset layout", "&View"),
    ActionSpec("commands", "&Search layers and commands…", "&Design", "Ctrl+K", "search"),
    ActionSpec("wire", "Start a &wire from the selection", "&Design", "C", where=_CANVAS),
    ActionSpec("insert", "&Insert a layer, into the wire if one is selected…", "&Design", "I", where=_CANVAS),
    ActionSpec("inside", "&Put into or take out of a wrapper…", "&Design", "M", where=_CANVAS),
    ActionSpec("fold", "&Expand or collapse the wrapper or stack", "&Design", "E", where=_CANVAS),
    ActionSpec("cell_up", "Move the cell up in its stack", "&Design", "Alt+Up", where=_CANVAS),
    ActionSpec("cell_down", "Move the cell down in its stack", "&Design", "Alt+Down", where=_CANVAS),
    ActionSpec(
        "call_again", "Call the &layer again, with the same weights", "&Design", "Shift+D", where=_CANVAS
    ),
    ActionSpec("make_own", "Make the call a layer of its o&wn", "&Design", where=_CANVAS),
    ActionSpec("start_states", "Start from the &states of…", "&Design", where=_CANVAS),
    ActionSpec("cell_code", "Edit the cell's cod&e…", "&Design", "Ctrl+Shift+E"),
    ActionSpec("next_wire", "Select the ne&xt wire", "&Design", "W", where=_CANVAS),
    ActionSpec("previous_wire", "Select the pre&vious wire", "&Design", "Shift+W", where=_CANVAS),
    ActionSpec("note", "Write a &note…", "&Design", "N", where=_CANVAS, separated=True),
    ActionSpec("color_none", "None", "&Design", "Alt+0", where=_CANVAS, submenu="&Colour"),
    *(
        ActionSpec(
            f"color_{color}", color.capitalize(), "&Design", f"Alt+{number}", where=_CANVAS, submenu="&Colour"
        )
        for number, color in enumerate(COLORS, start=1)
    ),
    ActionSpec("group", "&Group", "&Design", "Ctrl+G", where=_CANVAS, separated=True),
    ActionSpec("ungroup", "&Ungroup", "&Design", "Ctrl+Shift+G", where=_CANVAS),
    ActionSpec("toggle_group", "C&ollapse or expand the group", "&Design", "G", where=_CANVAS),
    *(
        ActionSpec(
            f"align_{edge}", words, "&Design", keys, where=_CANVAS, submenu=_ALIGN, separated=edge == "left"
        )
        for edge, words, keys in ALIGNMENTS
    ),
    *(
        ActionSpec(f"distribute_{way}", words, "&Design", keys, where=_CANVAS, submenu=_ALIGN)
        for way, words, keys in DISTRIBUTIONS
    ),
    ActionSpec("arrange", "&Arrange boxes", "&Design", "Ctrl+Shift+A"),
    ActionSpec("first_fix", "Apply the first &fix", "&Design", "Ctrl+."),
    ActionSpec("live", "&Live", "&Run", "L", checkable=True, where=_PLOTS),
    ActionSpec("run_now", "&Run now", "&Run", "Ctrl+R"),
    ActionSpec("stop", "&Stop", "&Run", "Ctrl+Shift+R", "stop"),
    ActionSpec("generate", "&Generate", "&Run", "Shift+L", checkable=True, where=_PLOTS, separated=True),
    ActionSpec("new_draw", "Generate with a ne&w draw", "&Run"),
    ActionSpec(
        "training", "Watch as in &training", "&Run", "Shift+T", checkable=True, where=_PLOTS, separated=True
    ),
    ActionSpec("training_draw", "New draw of dr&opout and noise", "&Run", "Ctrl+Shift+T", "dice"),
    ActionSpec("restart_engine", "R&estart engine", "&Run", separated=True),
    ActionSpec("keep_weights", "&Keep these weights with the design", "&Run", separated=True),
    ActionSpec("draw_weights", "&Draw new weights", "&Run"),
    ActionSpec("play", "&Play or pause", "&Run", "Space", "play", where=_PLOTS, separated=True),
    ActionSpec("first", "To the &first step", "&Run", "Home", "first", where=_PLOTS),
    ActionSpec("back", "One step &back", "&Run", "Ctrl+Left", "back"),
    ActionSpec("forward", "One step f&orward", "&Run", "Ctrl+Right", "forward"),
    ActionSpec("faster", "Play f&aster", "&Run", "Ctrl+Up", separated=True),
    ActionSpec("slower", "Play s&lower", "&Run", "Ctrl+Down"),
    ActionSpec("loop", "L&oop", "&Run", "Ctrl+Shift+L", "loop", checkable=True),
    ActionSpec("train", "&Train", "&Train", "Ctrl+T", "train"),
    ActionSpec("train_pause", "&Pause or go on", "&Train", "Ctrl+P", "pause"),
    ActionSpec("train_batch", "One &batch", "&Train", "Ctrl+B", "forward"),
    ActionSpec("train_stop", "&Stop training", "&Train", "Ctrl+Shift+B", "stop"),
    ActionSpec("train_settings", "&Settings of the training", "&Train", "F7", separated=True),
    ActionSpec("train_curves", "&Curves and epochs", "&Train", "F8"),
    ActionSpec("train_runs", "&Runs", "&Train", "Shift+F8"),
    ActionSpec("epoch_back", "One epoch bac&k", "&Train", "Alt+Left", separated=True),
    ActionSpec("epoch_forward", "One epoch f&orward", "&Train", "Alt+Right"),
    ActionSpec("epoch_best", "To the b&est epoch", "&Train", "Alt+Home"),
    ActionSpec("epoch_follow", "&Follow the training", "&Train", "Alt+End", checkable=True),
    ActionSpec("epoch_play", "P&lay through the epochs", "&Train", "Shift+Space", where=_PLOTS),
    ActionSpec("use_epoch", "&Use these weights", "&Train", "Ctrl+U", separated=True),
    ActionSpec("own_weights", "Back to the design's o&wn weights", "&Train", "Ctrl+Shift+U"),
    ActionSpec("evaluate", "E&valuate on held-out samples", "&Train", "F9", separated=True),
    ActionSpec("sweep", "S&weep: try other settings", "&Train", "Shift+F9"),
    ActionSpec("explain", "&Explain the selection", "&Help", "F1", "explain"),
    ActionSpec("tour", "Show the &tour again", "&Help"),
    ActionSpec("shortcuts", "&Keyboard shortcuts", "&Help"),
    ActionSpec("about", "&About RNN Designer", "&Help", separated=True),
)


class Actions(QObject):
    """The made actions, by id, in their menus."""

    def __init__(self, window: QWidget, menu_bar: QMenuBar) -> None:
        super().__init__(window)
        self._made: dict[str, QAction] = {}
        self.menus: dict[str, QMenu] = {}
        submenus: dict[str, QMenu] = {}
        for title in _MENUS:
            self.menus[title.replace("&", "")] = menu_bar.addMenu(title)
        for spec in SPECS:
            menu = self.menus[spec.menu.replace("&", "")]
            if spec.submenu:
                if spec.submenu not in submenus:
                    if spec.separated:
                        menu.addSeparator()
                    submenus[spec.submenu] = menu.addMenu(spec.submenu)
                menu = submenus[spec.submenu]
            elif spec.separated:
                menu.addSeparator()
            action = QAction(spec.text, window)
            action.setObjectName(spec.id)
            action.setCheckable(spec.checkable)
            action.setShortcuts([QKeySequence(keys) for keys in spec.keys])
            if spec.where is not Where.WINDOW:
                action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            menu.addAction(action)
            self._made[spec.id] = action
        self._guard = ShortcutGuard(self)
        keeper().changed.connect(self._dress)
        self._dress()

    def __getitem__(self, action_id: str) -> QAction:
        return self._made[action_id]

    def __iter__(self) -> Iterator[QAction]:
        return iter(self._made.values())

    def connect_all(self, handlers: dict[str, Callable[[], object]]) -> None:
        """Give every action what it does.

        Raises:
            KeyError: an action has no handler, or a handler has no action; both are mistakes in the program.
        """
        odd = set(handlers) ^ set(self._made)
        if odd:
            raise KeyError(f"Actions and handlers differ: {', '.join(sorted(odd))}.")
        for action_id, handler in handlers.items():
            self._made[action_id].triggered.connect(_without_argument(handler))

    def place(self, canvas: QWidget, *plots: QWidget) -> None:
        """Let the single-key shortcuts count in the widgets they belong to."""
        for spec in SPECS:
            if spec.where is not Where.WINDOW:
                canvas.addAction(self._made[spec.id])
            if spec.where is Where.PLOTS:
                for each in plots:
                    each.addAction(self._made[spec.id])

    def tip(self, action_id: str) -> str:
        """What a button for the action says when hovered: its words and its shortcut."""
        action = self._made[action_id]
        words = action.text().replace("&", "").rstrip("…")
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        return f"{words}  {keys}" if keys else words

    def _dress(self) -> None:
        for spec in SPECS:
            if spec.icon:
                self._made[spec.id].setIcon(icon(spec.icon))
            hue = tint(spec.id.removeprefix("color_"), theme()) if spec.id.startswith("color_") else None
            if hue is not None:
                self._made[spec.id].setIcon(color_icon(hue))


class ShortcutGuard(QObject):
    """Keeps the window's own shortcuts in force while a text field has the focus.

    On some platforms a line of text takes Ctrl+E and Ctrl+K for itself, as Emacs would; nobody expects that here.
    """

    _KEPT = ("export", "commands")

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._keys = [QKeySequence(key) for spec in SPECS if spec.id in self._KEPT for key in spec.keys]
        self._watched: QWidget | None = None
        application = QApplication.instance()
        if isinstance(application, QApplication):
            application.focusChanged.connect(self._watch)

    def _watch(self, _old: QWidget | None, new: QWidget | None) -> None:
        if self._watched is not None and isValid(self._watched):
            self._watched.removeEventFilter(self)
        self._watched = new if isinstance(new, QLineEdit | QPlainTextEdit) else None
        if self._watched is not None:
            self._watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            pressed = QKeySequence(event.keyCombination())
            if any(pressed.matches(keys) is QKeySequence.SequenceMatch.ExactMatch for keys in self._keys):
                event.ignore()
                return True
        return super().eventFilter(watched, event)


def _without_argument(handler: Callable[[], object]) -> Callable[[bool], None]:
    """Qt hands ``triggered`` the checked state; handlers take none."""

    def _handle(_checked: bool = False) -> None:
        handler()

    return _handle
