"""Every setting of the window, declared once with its type, its default and what counts as valid."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from PySide6.QtCore import QByteArray, QSettings

from rnn_designer.paths import resources
from rnn_designer.ui.theme import Scheme

_T = TypeVar("_T")
_RECENT_FILES_KEPT = 10
SCALES = (80, 90, 100, 125, 150, 175, 200)


@dataclass(frozen=True)
class Setting(Generic[_T]):
    """One setting: where it is kept, what it is without the user's word, and which values are accepted."""

    key: str
    default: _T
    valid: Callable[[_T], bool] = lambda _value: True


THEME: Setting[Scheme] = Setting("look/theme", "system", lambda value: value in ("system", "light", "dark"))
SCALE: Setting[int] = Setting("look/scale", 0, lambda value: value == 0 or value in SCALES)
"""The size of everything in percent of the screen's own; 0 leaves it to the screen."""
REDUCED_MOTION = Setting("look/reduced_motion", False)
LIVE = Setting("run/live", True)
TOUR_SEEN = Setting("help/tour_seen", False)
GEOMETRY = Setting("window/geometry", QByteArray())
STATE = Setting("window/state", QByteArray())
MINIMAP = Setting("canvas/minimap", True)
WIRE_VALUES = Setting("canvas/wire_values", True)
LAST_FOLDER = Setting("files/folder", "")
PLOT_FOLDER = Setting("files/plot_folder", "")
SCOPE_DOCKS: Setting[list[str]] = Setting("window/scope_docks", [])
"""Ids of the layers whose scopes had docks of their own."""
RECENT_FILES: Setting[list[str]] = Setting("files/recent", [])


class Settings:
    """The user's settings in an INI file; what cannot be read counts as not set."""

    def __init__(self) -> None:
        folder = os.environ.get("RNN_DESIGNER_CONFIG")
        if folder:
            path = Path(folder) / "settings.ini"
        else:
            from platformdirs import user_config_path

            path = user_config_path("rnn-designer", appauthor=False) / "settings.ini"
        self._settings = QSettings(str(path), QSettings.Format.IniFormat)

    def get(self, setting: Setting[_T]) -> _T:
        """The value of a setting; its default where the file has none, or one that is not valid."""
        kind = type(setting.default)
        try:
            value = self._settings.value(setting.key, setting.default, type=kind)
        except (TypeError, ValueError, EOFError, RuntimeError):
            return setting.default
        return value if isinstance(value, kind) and setting.valid(value) else setting.default

    def put(self, setting: Setting[_T], value: _T) -> None:
        """Set a setting; written by Qt soon after."""
        self._settings.setValue(setting.key, value)

    def forget(self, *settings: Setting[_T]) -> None:
        """Go back to the default."""
        for setting in settings:
            self._settings.remove(setting.key)

    def recent_files(self) -> list[Path]:
        """The files opened and saved last, the newest first; some may be gone by now."""
        return [Path(each) for each in self.get(RECENT_FILES) if each]

    def remember_file(self, path: Path) -> None:
        """Put a file at the head of the recent ones; what comes with the program has a list of its own."""
        if path.resolve().is_relative_to(resources()):
            return
        shown = str(path.absolute())
        others = [each for each in self.get(RECENT_FILES) if each != shown]
        self.put(RECENT_FILES, [shown, *others][:_RECENT_FILES_KEPT])
        self.put(LAST_FOLDER, str(path.absolute().parent))

    def forget_file(self, path: Path) -> None:
        """Take a file off the recent ones."""
        self.put(RECENT_FILES, [each for each in self.get(RECENT_FILES) if each != str(path.absolute())])
