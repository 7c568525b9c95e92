"""A dock whose title bar is a row of tabs: no space lost to a title, and the row's free part drags the dock."""

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QStackedWidget, QTabBar, QToolButton, QWidget

from rnn_designer.ui.icons import icon
from rnn_designer.ui.theme import keeper, theme


class _Header(QWidget):
    """Tabs on the left, the current page's own controls on the right, a hairline below."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("dock header")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.tabs = QTabBar(self)
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setElideMode(Qt.TextElideMode.ElideNone)
        self.tabs.setUsesScrollButtons(False)
        self.corner = QStackedWidget(self)
        self.corner.setSizePolicy(
            self.corner.sizePolicy().Policy.Maximum, self.corner.sizePolicy().Policy.Preferred
        )
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 4, 0)
        row.setSpacing(0)
        row.addWidget(self.tabs, 0)
        row.addStretch(1)
        row.addWidget(self.corner, 0)
        # A title bar of one's own has no buttons; by these a floating dock is put back or put away.
        self.back = self._button("Put the panel back into the window")
        self.close_button = self._button("Hide the panel; the View menu brings it back")
        row.addWidget(self.back, 0)
        row.addWidget(self.close_button, 0)
        self.dress()
        keeper().changed.connect(self.dress)

    def _button(self, words: str) -> QToolButton:
        button = QToolButton(self)
        button.setIconSize(QSize(14, 14))
        button.setToolTip(words)
        button.setAccessibleName(words)
        button.hide()
        return button

    def show_floating(self, floating: bool) -> None:
        """Offer the buttons while the dock floats."""
        self.back.setVisible(floating)
        self.close_button.setVisible(floating)

    def dress(self) -> None:
        """Take the colours of the theme."""
        self.back.setIcon(icon("dock"))
        self.close_button.setIcon(icon("close"))


class TabbedDock(QDockWidget):
    """Several panels behind one row of tabs."""

    def __init__(self, name: str, title: str, parent: QWidget) -> None:
        super().__init__(title, parent)
        self.setObjectName(name)
        self.setFeatures(
            QDockWidget.DockWidgetFeature.DockWidgetMovable
            | QDockWidget.DockWidgetFeature.DockWidgetFloatable
            | QDockWidget.DockWidgetFeature.DockWidgetClosable
        )
        self._header = _Header(self)
        self._pages = QStackedWidget(self)
        self._titles: list[str] = []
        self.setTitleBarWidget(self._header)
        self.setWidget(self._pages)
        self._header.tabs.currentChanged.connect(self._show_page)
        self._header.back.clicked.connect(lambda: self.setFloating(False))
        self._header.close_button.clicked.connect(self.hide)
        self.topLevelChanged.connect(self._header.show_floating)
        self._edge = FloatingEdge(self)

    @property
    def tabs(self) -> QTabBar:
        """The row of tabs."""
        return self._header.tabs

    def add_page(self, title: str, page: QWidget, corner: QWidget | None = None) -> int:
        """Add a panel behind a new tab.

        Args:
            title: the tab's text.
            page: the panel.
            corner: controls shown at the right of the row while the panel is in front.

        Returns:
            The page's index.
        """
        self._titles.append(title)
        self._pages.addWidget(page)
        self._header.corner.addWidget(corner if corner is not None else QWidget(self))
        index = self._header.tabs.addTab(title)
        self._header.tabs.setTabToolTip(index, "")
        return index

    def set_count(self, index: int, count: int) -> None:
        """Write a number behind a tab's title, such as the number of problems; 0 writes none."""
        self._header.tabs.setTabText(
            index, f"{self._titles[index]}  {count}" if count else self._titles[index]
        )

    def show_page(self, index: int) -> None:
        """Bring a panel to the front, and the dock with it if it was hidden."""
        self.show()
        self.raise_()
        self._header.tabs.setCurrentIndex(index)

    def page(self, index: int) -> QWidget:
        """The panel at an index."""
        widget = self._pages.widget(index)
        if widget is None:
            raise IndexError(f"The dock “{self.objectName()}” has no page {index}.")
        return widget

    def _show_page(self, index: int) -> None:
        self._pages.setCurrentIndex(index)
        self._header.corner.setCurrentIndex(index)
        corner = self._header.corner.currentWidget()
        self._header.corner.setVisible(corner is not None and corner.layout() is not None)


class FloatingEdge(QWidget):
    """A thin line around a dock while it floats: without it the dock would melt into the window below."""

    def __init__(self, dock: QDockWidget) -> None:
        super().__init__(dock)
        self._dock = dock
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        dock.installEventFilter(self)
        dock.topLevelChanged.connect(self._show_floating)
        keeper().changed.connect(self.update)

    def _show_floating(self, floating: bool) -> None:
        self.setGeometry(self._dock.rect())
        self.setVisible(floating)
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(theme().color("faint"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay as large as the dock."""
        if event.type() == QEvent.Type.Resize:
            self.setGeometry(self._dock.rect())
            self.raise_()
        return False
