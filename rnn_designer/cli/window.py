"""``rnn-designer [DESIGN]``: the window, if there is a screen to show it on."""

import os
import sys
from pathlib import Path

import click

from rnn_designer.cli.common import Refusal

NO_SCREEN = (
    "There is no screen to show the window on (neither DISPLAY nor WAYLAND_DISPLAY is set): log in to a "
    "desktop, or work without a window: “rnn-designer check, export or trace DESIGN”."
)


@click.command(hidden=True)
@click.argument("design", required=False, type=click.Path(path_type=Path))
def window(design: Path | None) -> int:
    """Open the window, on a DESIGN if one is given."""
    if design is not None and not os.path.isfile(design):
        what = "is a folder" if os.path.isdir(design) else "is neither a file nor a command"
        raise Refusal(f"“{design}” {what}: give a design file, or see rnn-designer --help.")
    if not has_screen():
        raise Refusal(NO_SCREEN)
    try:
        from rnn_designer.ui import application
    except ImportError as problem:
        raise Refusal(f"The window cannot open: {problem}. Run “rnn-designer doctor”.") from None
    return int(application.run(design) or 0)


def has_screen() -> bool:
    """Whether Qt can open windows; asked beforehand, because Qt itself aborts the program where it cannot."""
    if not sys.platform.startswith("linux"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
