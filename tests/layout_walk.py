"""Walks over every visible widget and tells what cannot be read: cut words, elided words, words over words."""

import re
from collections.abc import Iterator

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QTextDocument
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QGroupBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QStyle,
    QStyleOptionButton,
    QStyleOptionComboBox,
    QTabBar,
    QToolButton,
    QWidget,
)

_RICH = re.compile(r"<(span|b|i|p|br|table|a|sub|code|font)\b")
SLACK = 1
"""Pixels that rounding may take."""


def faults(root: QWidget) -> list[str]:
    """What is wrong below a widget, each with the path to the culprit; empty if everything can be read."""
    found: list[str] = []
    for widget in visible(root):
        found += [f"{path(widget, root)}: {fault}" for fault in faults_of(widget, root)]
    found += overlaps(root)
    return found


def visible(root: QWidget) -> Iterator[QWidget]:
    """The widget and everything in it that is shown, other windows left out."""
    yield root
    for child in root.children():
        if isinstance(child, QWidget) and child.isVisible() and not child.isWindow():
            yield from visible(child)


def path(widget: QWidget, root: QWidget) -> str:
    """Where a widget is: classes and names from the root downwards."""
    parts = []
    each: QWidget | None = widget
    while each is not None:
        name = each.objectName() or each.accessibleName()
        parts.append(f"{type(each).__name__}" + (f" “{name}”" if name else ""))
        if each is root:
            break
        each = each.parentWidget()
    return " > ".join(reversed(parts[:4]))


def faults_of(widget: QWidget, root: QWidget) -> Iterator[str]:
    """What is wrong with one widget's own words."""
    if isinstance(widget, QLabel):
        yield from _label(widget)
    elif isinstance(widget, QComboBox):
        yield from _combo(widget)
    elif isinstance(widget, QTabBar):
        yield from _tabs(widget)
    elif isinstance(widget, QAbstractButton):
        yield from _button(widget)
    elif isinstance(widget, QAbstractSpinBox | QLineEdit):
        if widget.height() + SLACK < widget.fontMetrics().height():
            yield f"{widget.height()} px high, its words need {widget.fontMetrics().height()}"
        if isinstance(widget, QLineEdit) and not widget.text():
            yield from _placeholder(widget)
    elif isinstance(widget, QGroupBox) and widget.width() < widget.minimumSizeHint().width() - SLACK:
        yield f"“{widget.title()}” is cut"
    else:
        return
    yield from _outside(widget, root)


def _need(widget: QWidget, text: str) -> int:
    return QFontMetrics(widget.font()).horizontalAdvance(text.replace("&", ""))


def _label(label: QLabel) -> Iterator[str]:
    text = label.text()
    if not text:
        return
    room = label.contentsRect().adjusted(label.margin(), label.margin(), -label.margin(), -label.margin())
    if label.textFormat() == Qt.TextFormat.RichText or (
        label.textFormat() == Qt.TextFormat.AutoText and _RICH.search(text) is not None
    ):
        document = QTextDocument()
        document.setDefaultFont(label.font())
        document.setDocumentMargin(0)
        document.setHtml(text)
        if label.wordWrap():
            document.setTextWidth(room.width())
        needed = QSize(int(document.idealWidth()), int(document.size().height()))
    else:
        flags = int(label.alignment()) | (int(Qt.TextFlag.TextWordWrap) if label.wordWrap() else 0)
        area = QRect(0, 0, room.width() if label.wordWrap() else 100_000, 100_000)
        needed = QFontMetrics(label.font()).boundingRect(area, flags, text).size()
    if needed.width() > room.width() + SLACK:
        yield f"“{text[:60]}” needs {needed.width()} px, has {room.width()}"
    # What letters hang below their line is not part of what must fit.
    if needed.height() > room.height() + 2 + SLACK:
        yield f"“{text[:60]}” needs a height of {needed.height()} px, has {room.height()}"


def _button(button: QAbstractButton) -> Iterator[str]:
    text = button.text()
    if not text:
        return
    if isinstance(button, QPushButton):
        option = QStyleOptionButton()
        button.initStyleOption(option)
        room = button.style().subElementRect(QStyle.SubElement.SE_PushButtonContents, option, button).width()
    elif isinstance(button, QCheckBox):
        option = QStyleOptionButton()
        button.initStyleOption(option)
        room = button.style().subElementRect(QStyle.SubElement.SE_CheckBoxContents, option, button).width()
    else:
        room = button.width()
    needed = _need(button, text)
    if isinstance(button, QToolButton) and button.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly:
        return
    if not button.icon().isNull():
        needed += button.iconSize().width() + 4
    if needed > room + SLACK:
        yield f"“{text}” needs {needed} px, has {room}"
    if button.height() + SLACK < button.fontMetrics().height():
        yield f"“{text}” is {button.height()} px high, its words need {button.fontMetrics().height()}"


def _combo(combo: QComboBox) -> Iterator[str]:
    option = QStyleOptionComboBox()
    combo.initStyleOption(option)
    room = combo.style().subControlRect(
        QStyle.ComplexControl.CC_ComboBox, option, QStyle.SubControl.SC_ComboBoxEditField, combo
    )
    needed = _need(combo, combo.currentText())
    if needed > room.width() + SLACK:
        yield f"“{combo.currentText()}” needs {needed} px, has {room.width()}"


def _tabs(bar: QTabBar) -> Iterator[str]:
    for index in range(bar.count()):
        rect = bar.tabRect(index)
        if not bar.isTabVisible(index):
            continue
        needed = _need(bar, bar.tabText(index))
        if needed > rect.width() + SLACK:
            yield f"tab “{bar.tabText(index)}” needs {needed} px, has {rect.width()}"
        if rect.right() > bar.width() + SLACK and not bar.usesScrollButtons():
            yield f"tab “{bar.tabText(index)}” ends at {rect.right()}, the bar at {bar.width()}"


def _placeholder(line: QLineEdit) -> Iterator[str]:
    text = line.placeholderText()
    margins = line.textMargins()
    # The frame and the paddings of the style sheet: 9 px on each side.
    room = line.width() - 2 * 9 - margins.left() - margins.right()
    if _need(line, text) > room + SLACK:
        yield f"placeholder “{text}” needs {_need(line, text)} px, has {room}"


def _outside(widget: QWidget, root: QWidget) -> Iterator[str]:
    """Cut off by something around it that cannot be scrolled."""
    rect = widget.rect()
    each = widget
    while each is not root:
        around = each.parentWidget()
        if around is None:
            return
        rect = QRect(each.mapToParent(rect.topLeft()), rect.size())
        if isinstance(around.parentWidget(), QAbstractScrollArea):
            area = around.parentWidget()
            wide = rect.left() < -SLACK or rect.right() > around.width() + SLACK
            if wide and area.horizontalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAlwaysOff:
                yield f"lies {rect} in a scroll area {around.width()} px wide that does not scroll sideways"
            return
        if not around.rect().adjusted(-SLACK, -SLACK, SLACK, SLACK).contains(rect):
            yield f"lies {rect} in {type(around).__name__} {around.rect()}"
            return
        each = around


def overlaps(root: QWidget) -> list[str]:
    """Widgets with words that lie over each other within one parent."""
    found = []
    for parent in visible(root):
        worded = [
            child
            for child in parent.children()
            if isinstance(child, QWidget) and child.isVisible() and not child.isWindow() and _worded(child)
        ]
        for place, one in enumerate(worded):
            for other in worded[place + 1 :]:
                common = one.geometry() & other.geometry()
                if common.width() > SLACK and common.height() > SLACK:
                    found.append(
                        f"{path(one, root)} and {path(other, root)} overlap by "
                        f"{common.width()} × {common.height()} px"
                    )
    return found


def _worded(widget: QWidget) -> bool:
    if isinstance(widget, QLabel | QAbstractButton):
        return bool(widget.text())
    return isinstance(widget, QComboBox | QTabBar | QLineEdit | QAbstractSpinBox)
