"""The switch for yes and no, where the press itself moves it."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from rnn_designer.ui.widgets.switch import Switch


def in_a_window(qtbot: object) -> tuple[QWidget, Switch]:
    window = QWidget()
    qtbot.addWidget(window)  # type: ignore[attr-defined]
    window.resize(300, 300)
    switch = Switch(window)
    switch.move(100, 200)
    window.show()
    qtbot.waitExposed(window)  # type: ignore[attr-defined]
    return window, switch


def test_that_a_click_counts_though_the_press_moves_the_switch_away(qtbot: object) -> None:
    _, switch = in_a_window(qtbot)
    pressed = switch.rect().center()
    QTest.mousePress(switch, Qt.MouseButton.LeftButton, pos=pressed)
    switch.move(100, 60)
    QTest.mouseRelease(switch, Qt.MouseButton.LeftButton, pos=pressed + QPoint(0, 140))
    assert switch.isChecked()


def test_that_a_press_drawn_away_from_the_switch_toggles_nothing(qtbot: object) -> None:
    _, switch = in_a_window(qtbot)
    pressed = switch.rect().center()
    QTest.mousePress(switch, Qt.MouseButton.LeftButton, pos=pressed)
    QTest.mouseRelease(switch, Qt.MouseButton.LeftButton, pos=pressed + QPoint(0, 140))
    assert not switch.isChecked()
