"""Whether things may move by themselves: the user's wish, for everything that would."""

from functools import cache

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QApplication

_EFFECTS = (
    Qt.UIEffect.UI_AnimateMenu,
    Qt.UIEffect.UI_FadeMenu,
    Qt.UIEffect.UI_AnimateCombo,
    Qt.UIEffect.UI_AnimateTooltip,
    Qt.UIEffect.UI_FadeTooltip,
    Qt.UIEffect.UI_AnimateToolBox,
)


class Motion(QObject):
    """Holds the wish for less motion.

    Signals:
        changed(): the wish is another one.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._reduced = False

    @property
    def reduced(self) -> bool:
        """Whether nothing is to move unless the user moves it."""
        return self._reduced

    def reduce(self, reduced: bool) -> None:
        """Set the wish; menus, lists and tool tips of Qt's own follow it as well."""
        if reduced:
            for effect in _EFFECTS:
                QApplication.setEffectEnabled(effect, False)
        if reduced != self._reduced:
            self._reduced = reduced
            self.changed.emit()


@cache
def motion() -> Motion:
    """The one place to ask."""
    return Motion()
