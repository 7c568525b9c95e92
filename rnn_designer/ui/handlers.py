"""What every action of the window does, by the action's id."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from rnn_designer.design import COLORS
from rnn_designer.ui.canvas.aligning import ALIGNMENTS, DISTRIBUTIONS
from rnn_designer.ui.help import show_about, show_shortcuts
from rnn_designer.ui.training.handlers import training_handlers

if TYPE_CHECKING:
    from rnn_designer.ui.main_window import MainWindow


def handlers_of(window: MainWindow) -> dict[str, Callable[[], object]]:
    """A handler for each entry of ``actions.SPECS``; Actions refuses a table with one more or less."""
    workspace, canvas, playback = window.workspace, window.canvas, window.workspace.playback

    def settled(do: Callable[[], object]) -> Callable[[], object]:
        """First what is being typed as a cell's code, so that it counts, too."""

        def act() -> None:
            window.own_code.finish()
            do()

        return act

    return {
        "new": window.files.new,
        "new_window": window.new_window_wanted.emit,
        "open": window.files.ask_and_open,
        "import": window.files.ask_and_import,
        "examples": window.show_examples,
        "save": window.files.save,
        "save_as": window.files.save_as,
        "export": window.files.export,
        "close": window.close,
        "quit": window.quit_wanted.emit,
        "undo": settled(workspace.document.undo),
        "redo": workspace.document.redo,
        "cut": canvas.cut,
        "copy": canvas.copy,
        "paste": canvas.paste,
        "duplicate": canvas.duplicate,
        "delete": canvas.delete_selection,
        "select_all": canvas.select_all,
        "rename": canvas.rename_current,
        "history": window.show_history,
        "preferences": window.show_preferences,
        "fit": canvas.fit,
        "actual_size": lambda: canvas.zoom_to(1.0),
        "zoom_in": lambda: canvas.zoom_to(canvas.camera.zoom * 1.25),
        "zoom_out": lambda: canvas.zoom_to(canvas.camera.zoom / 1.25),
        "minimap": window.toggle_minimap,
        "wire_values": window.toggle_wire_values,
        "theme_system": lambda: window.set_scheme("system"),
        "theme_light": lambda: window.set_scheme("light"),
        "theme_dark": lambda: window.set_scheme("dark"),
        "next_view": lambda: window.scope_docks.in_use.show_next_view(1),
        "previous_view": lambda: window.scope_docks.in_use.show_next_view(-1),
        "scope_dock": window.scopes.open_in_a_dock,
        "next_dock": window.next_dock,
        "reset_layout": window.reset_layout,
        "commands": window.open_search,
        "wire": canvas.start_wire,
        "insert": canvas.insert_layer,
        "inside": canvas.put_inside,
        "fold": canvas.fold_current,
        "cell_up": lambda: canvas.move_in_stack(-1),
        "cell_down": lambda: canvas.move_in_stack(1),
        "call_again": canvas.call_again,
        "make_own": canvas.make_own,
        "start_states": canvas.start_from_states,
        "cell_code": window.own_code.edit,
        "next_wire": canvas.select_next_wire,
        "previous_wire": lambda: canvas.select_next_wire(back=True),
        "note": canvas.add_note,
        "color_none": lambda: canvas.color_selection(None),
        **{f"color_{color}": partial(canvas.color_selection, color) for color in COLORS},
        "group": canvas.group_selection,
        "ungroup": canvas.ungroup_selection,
        "toggle_group": canvas.toggle_group,
        **{f"align_{edge}": partial(canvas.align, edge) for edge, _words, _keys in ALIGNMENTS},
        **{f"distribute_{way}": partial(canvas.distribute, way) for way, _words, _keys in DISTRIBUTIONS},
        "arrange": canvas.auto_arrange,
        "first_fix": window.problems.first_fix,
        "live": window.toggle_live,
        "run_now": settled(workspace.live.run_now),
        "stop": workspace.live.cancel,
        "generate": window.toggle_generation,
        "new_draw": window.generate.draw_again,
        "training": lambda: workspace.live.training.set_active(window.actions_table["training"].isChecked()),
        "training_draw": workspace.live.training.new_draw,
        "restart_engine": workspace.engine.restart,
        "keep_weights": window.keep_weights,
        "draw_weights": workspace.forget_weights,
        "play": playback.toggle,
        "first": playback.first,
        "back": playback.back,
        "forward": playback.forward,
        "faster": playback.faster,
        "slower": playback.slower,
        "loop": lambda: playback.set_loop(window.actions_table["loop"].isChecked()),
        **training_handlers(window.trainings),
        **window.asides.handlers(),
        "explain": lambda: None if window.problems.explain_focused() else window.right.show_page(2),
        "tour": window.start_tour,
        "shortcuts": lambda: show_shortcuts(window),
        "about": lambda: show_about(window),
    }
