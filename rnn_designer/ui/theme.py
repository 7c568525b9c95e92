"""The look in one place: colours of the light and the dark theme, fonts, sizes, and the style sheet made of them.

Plots and the canvas paint themselves from the same tokens; they repaint when :attr:`ThemeKeeper.changed` fires.
"""

from dataclasses import dataclass
from functools import cache
from typing import Literal, TypeAlias

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from rnn_designer.catalog import Family
from rnn_designer.ui.style_sheet import style_sheet

Scheme: TypeAlias = Literal["system", "light", "dark"]

GRID = 4
FIELD_HEIGHT = 27
FIELD_RADIUS = 6
BOX_RADIUS = 9


@dataclass(frozen=True)
class Theme:
    """The colours of one theme, as ``#rrggbb``.

    Attributes:
        dark: whether it is the dark one.
        window: behind toolbars, docks and panels.
        canvas: behind the boxes of the canvas.
        grid: the dots of the canvas.
        panel: boxes, cards, popups.
        field: behind editable values.
        hairline: thin lines between and around things.
        text, muted, faint: primary, secondary and tertiary text; the first two reach 4.5:1 on every surface.
        accent: selection and the primary action; ``on_accent`` is text upon it.
        accent_soft: a tint of it behind selected rows, chips and explanations.
        live, live_soft: the Live switch when on.
        warning, error, information: marks of problems.
        wire: lines between boxes.
        negative, positive: the ends of the diverging map for signed values; its middle is ``panel``.
        series: colours for lines of chosen units, told apart without red against green.
    """

    dark: bool
    window: str
    canvas: str
    grid: str
    panel: str
    field: str
    hairline: str
    text: str
    muted: str
    faint: str
    accent: str
    on_accent: str
    accent_soft: str
    live: str
    live_soft: str
    warning: str
    error: str
    information: str
    wire: str
    negative: str
    positive: str
    green: str
    blue: str
    violet: str
    slate: str
    code_keyword: str
    code_string: str
    code_number: str
    code_comment: str
    code_name: str
    tooltip: str
    on_tooltip: str
    series: tuple[str, ...]

    def color(self, name: str, alpha: float = 1.0) -> QColor:
        """A token as a QColor, with an opacity from 0 to 1."""
        color = QColor(getattr(self, name))
        color.setAlphaF(alpha)
        return color

    def family(self, family: Family) -> QColor:
        """The hue of a family of layers, for small marks only."""
        return QColor(getattr(self, _FAMILY_HUES.get(family, "slate")))


_FAMILY_HUES = {
    Family.RECURRENT: "blue",
    Family.CELLS: "violet",
    Family.WRAPPERS: "violet",
    Family.INPUT_AND_TEXT: "green",
}

LIGHT = Theme(
    dark=False,
    window="#ffffff",
    canvas="#fafbfc",
    grid="#d9dee6",
    panel="#ffffff",
    field="#f6f7f9",
    hairline="#e3e6eb",
    text="#1b2230",
    muted="#5a6475",
    faint="#8a93a3",
    accent="#2f6fe0",
    on_accent="#ffffff",
    accent_soft="#e8f0fe",
    live="#17794f",
    live_soft="#dcf1e6",
    warning="#a8660c",
    error="#c2392b",
    information="#4a6a9c",
    wire="#959cb0",
    negative="#2f6fe0",
    positive="#d97706",
    green="#14996f",
    blue="#2f6fe0",
    violet="#8355e8",
    slate="#64708a",
    code_keyword="#7a3fd0",
    code_string="#a8560c",
    code_number="#0b7a75",
    code_comment="#6b7584",
    code_name="#0b7a75",
    tooltip="#1f2530",
    on_tooltip="#f4f6f9",
    series=("#2f6fe0", "#d97706", "#7c3aed", "#0e8c86", "#b8336a", "#6b7a1e", "#475569", "#0284c7"),
)

DARK = Theme(
    dark=True,
    window="#22272f",
    canvas="#1d2127",
    grid="#343b46",
    panel="#262c35",
    field="#1e232a",
    hairline="#363d48",
    text="#e6e9ef",
    muted="#a3acba",
    faint="#768091",
    accent="#6ea6ff",
    on_accent="#10151c",
    accent_soft="#2a3548",
    live="#5cc698",
    live_soft="#24403a",
    warning="#e3b04a",
    error="#f07f72",
    information="#8fb2e8",
    wire="#8e96a8",
    negative="#5b9dff",
    positive="#ffab40",
    green="#2bb98a",
    blue="#4d8df6",
    violet="#9f7bf5",
    slate="#7f8ba3",
    code_keyword="#c3a2ff",
    code_string="#ffb86b",
    code_number="#6fd8cf",
    code_comment="#8b95a5",
    code_name="#6fd8cf",
    tooltip="#eceff4",
    on_tooltip="#171c23",
    series=("#5b9dff", "#ffab40", "#b794ff", "#4fd1c5", "#ff8fb8", "#c3d35a", "#a9b4c4", "#7dd3fc"),
)


class ThemeKeeper(QObject):
    """Knows which theme is in force and says when it changes.

    Signals:
        changed(): colours differ now; everything that paints itself repaints.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._scheme: Scheme = "system"
        self._theme = LIGHT

    @property
    def theme(self) -> Theme:
        """The theme in force."""
        return self._theme

    @property
    def scheme(self) -> Scheme:
        """What the user chose: light, dark, or as the system says."""
        return self._scheme

    def apply(self, scheme: Scheme) -> None:
        """Dress the application in a theme."""
        application = QApplication.instance()
        if not isinstance(application, QApplication):
            raise RuntimeError("A theme needs a running QApplication; make one first.")
        self._scheme = scheme
        hints = application.styleHints()
        wanted = {
            "light": Qt.ColorScheme.Light,
            "dark": Qt.ColorScheme.Dark,
            "system": Qt.ColorScheme.Unknown,
        }[scheme]
        hints.setColorScheme(wanted)
        # WORKAROUND (Qt 6.8 to 6.12): offscreen and on bare X the hint changes nothing, so the palette is ours.
        dark = scheme == "dark" or (scheme == "system" and hints.colorScheme() == Qt.ColorScheme.Dark)
        self._theme = DARK if dark else LIGHT
        application.setStyle("Fusion")
        application.setFont(interface_font())
        application.setPalette(_palette(self._theme))
        application.setStyleSheet(style_sheet(self._theme))
        self.changed.emit()


@cache
def keeper() -> ThemeKeeper:
    """The one keeper of the theme."""
    return ThemeKeeper()


def theme() -> Theme:
    """The theme in force."""
    return keeper().theme


def interface_font(size: float = 10.0, *, bold: bool = False) -> QFont:
    """The platform's interface font; Inter where the desktop names none."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
    families = [family for family in ("Inter", font.family()) if family in QFontDatabase.families()]
    if families and font.family() in ("", "Sans Serif", "Sans"):
        font.setFamily(families[0])
    font.setPointSizeF(size)
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return font


def code_font(size: float = 9.5) -> QFont:
    """A monospaced font for shapes, numbers and code."""
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    font.setStyleHint(QFont.StyleHint.Monospace)
    font.setPointSizeF(size)
    return font


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    tokens = {
        role.Window: theme.window,
        role.Base: theme.field,
        role.AlternateBase: theme.panel,
        role.Button: theme.panel,
        role.WindowText: theme.text,
        role.Text: theme.text,
        role.ButtonText: theme.text,
        role.BrightText: theme.error,
        role.PlaceholderText: theme.muted,
        role.ToolTipBase: theme.tooltip,
        role.ToolTipText: theme.on_tooltip,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Link: theme.accent,
        role.Accent: theme.accent,
        role.Light: theme.panel,
        role.Midlight: theme.hairline,
        role.Mid: theme.hairline,
        role.Dark: theme.hairline,
        role.Shadow: theme.hairline,
    }
    for each, token in tokens.items():
        palette.setColor(each, QColor(token))
    for each in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, each, QColor(theme.faint))
    palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, QColor(theme.hairline))
    return palette
