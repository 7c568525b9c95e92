"""The style sheet of the whole program, filled from the tokens of a theme."""

from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnn_designer.ui.theme import Theme

# Widgets opt in by object name or by a dynamic property (`role`), so that a new panel looks right by saying what it is.
_SHEET = Template("""
* { outline: none; }
QMainWindow, QDialog { background: $window; }
QMainWindow::separator { background: $hairline; width: 1px; height: 1px; }
QMainWindow::separator:hover { background: $accent; }
QToolTip { background: $tooltip; color: $on_tooltip; border: none; padding: 5px 8px; }

QMenuBar { background: $window; padding: 1px 4px; }
QMenuBar::item { padding: 4px 9px; border-radius: 5px; background: transparent; }
QMenuBar::item:selected { background: $accent_soft; }
QMenu { background: $panel; border: 1px solid $hairline; padding: 5px; }
QMenu::item { padding: 5px 26px 5px 24px; border-radius: 5px; }
QMenu::item:selected { background: $accent_soft; color: $text; }
QMenu::item:disabled { color: $faint; }
QMenu::separator { height: 1px; background: $hairline; margin: 5px 6px; }

QToolBar { background: $window; border: none; border-top: 1px solid $hairline; border-bottom: 1px solid $hairline;
  padding: 5px 10px; spacing: 4px; }
QToolBar::separator { background: $hairline; width: 1px; margin: 5px 6px; }
QToolButton { border: none; border-radius: 6px; padding: 5px; background: transparent; color: $text; }
QToolButton:hover { background: $field; }
QToolButton:pressed, QToolButton:checked { background: $accent_soft; }
QToolButton:focus { border: 1px solid $accent; padding: 4px; }
QToolButton::menu-indicator { image: none; width: 0; }

QPushButton { background: $panel; color: $text; border: 1px solid $hairline; border-radius: 6px; padding: 4px 12px;
  min-height: 17px; }
QPushButton:hover { border-color: $faint; }
QPushButton:pressed { background: $accent_soft; }
QPushButton:focus { border-color: $accent; }
QPushButton:disabled { color: $faint; background: $window; }
QPushButton[role="primary"] { background: $accent; color: $on_accent; border-color: $accent; font-weight: 600;
  padding: 5px 14px; }
QPushButton[role="primary"]:hover { background: $accent_hover; }
QPushButton[role="primary"]:disabled { background: $hairline; border-color: $hairline; color: $muted; }
QPushButton[role="fix"] { color: $accent; font-weight: 600; }
QPushButton[role="search"] { background: $field; color: $muted; text-align: left; padding: 5px 12px; }
QPushButton[role="link"] { border: none; background: transparent; color: $muted; padding: 4px 6px; }
QPushButton[role="link"]:hover { color: $text; }
QPushButton[role="start"] { background: $panel; border: 1px solid $hairline; border-radius: 9px; padding: 0; }
QPushButton[role="start"]:hover, QPushButton[role="start"]:focus { border-color: $accent; }
QPushButton[role="start"]:pressed { background: $accent_soft; }
QPushButton[role="recent"] { border: none; background: transparent; color: $accent; padding: 3px 4px;
  text-align: left; }
QPushButton[role="recent"]:hover, QPushButton[role="recent"]:focus { text-decoration: underline; }
QPushButton[role="chip"], QPushButton[role="section chip"] { border: 1px solid $hairline; border-radius: 11px;
  padding: 1px 10px; background: $panel; color: $muted; min-height: 18px; }
QPushButton[role="chip"] { font-family: "$mono"; }
QPushButton[role="chip"]:checked, QPushButton[role="section chip"]:checked { background: $accent_soft;
  border-color: $accent_soft; color: $accent; font-weight: 600; }
QPushButton[role="chip"]:focus, QPushButton[role="section chip"]:focus { border-color: $accent; }
QFrame[role="held"] { border: 1px solid $accent; border-radius: 11px; background: $accent_soft; }
QPushButton[role="live"] { border: none; border-radius: 7px; padding: 5px 12px; background: $field; color: $muted;
  font-weight: 600; }
QPushButton[role="live"]:checked { background: $live_soft; color: $live; }
QPushButton[role="mode"] { border: none; border-radius: 7px; padding: 5px 10px; background: $field; color: $muted;
  font-weight: 600; }
QPushButton[role="mode"]:checked { background: $accent_soft; color: $accent; }
QPushButton[role="mode"]:disabled { color: $faint; }
QPushButton[role="mode"]:focus { border: 1px solid $accent; padding: 4px 9px; }
QPushButton[role="train"] { border: none; border-radius: 7px; padding: 5px 12px; background: $accent_soft;
  color: $accent; font-weight: 600; }
QPushButton[role="train"]:hover { background: $hairline; }
QPushButton[role="train"]:disabled { color: $faint; }
QPushButton[role="train"]:focus { border: 1px solid $accent; padding: 4px 11px; }
QPushButton[role="live"]:focus { border: 1px solid $accent; padding: 4px 11px; }

QLineEdit, QSpinBox, QDoubleSpinBox, QComboBox, QPlainTextEdit[role="field"] { background: $field; color: $text;
  border: 1px solid $hairline; border-radius: 6px; padding: 0 8px; min-height: 25px; max-height: 25px;
  selection-background-color: $accent; selection-color: $on_accent; }
QPlainTextEdit[role="field"] { max-height: 1000px; padding: 4px 6px; }
QLineEdit:hover, QSpinBox:hover, QDoubleSpinBox:hover, QComboBox:hover { border-color: $faint; }
QLineEdit:focus, QSpinBox:focus, QDoubleSpinBox:focus, QComboBox:focus { border-color: $accent; }
QLineEdit[state="bad"], QSpinBox[state="bad"], QDoubleSpinBox[state="bad"], QComboBox[state="bad"] {
  border-color: $error; }
QLineEdit[role="title"] { background: transparent; border-color: transparent; padding: 0 4px; }
QLineEdit[role="title"]:hover { border-color: $hairline; }
QLineEdit[role="title"]:focus { background: $field; border-color: $accent; }
QLineEdit:disabled, QSpinBox:disabled, QDoubleSpinBox:disabled, QComboBox:disabled { color: $faint; }
QSpinBox::up-button, QDoubleSpinBox::up-button { subcontrol-origin: border; subcontrol-position: top right;
  width: 18px;
  border: none; background: transparent; margin: 2px 2px 0 0; }
QSpinBox::down-button, QDoubleSpinBox::down-button { subcontrol-origin: border; subcontrol-position: bottom right;
  width: 18px; border: none; background: transparent; margin: 0 2px 2px 0; }
QSpinBox::up-arrow, QDoubleSpinBox::up-arrow { image: url("$icons/chevron-up-$tone.svg"); width: 9px; height: 9px; }
QSpinBox::down-arrow, QDoubleSpinBox::down-arrow { image: url("$icons/chevron-down-$tone.svg"); width: 9px;
  height: 9px; }
QComboBox { padding-right: 0; }
QComboBox { combobox-popup: 0; }
QComboBox::drop-down { border: none; width: 22px; }
QComboBox::down-arrow { image: url("$icons/chevron-down-$tone.svg"); width: 10px; height: 10px; }
QComboBox QAbstractItemView { background: $panel; border: 1px solid $hairline;
  selection-background-color: $accent_soft;
  selection-color: $text; padding: 4px; }
QListView[role="popup"] { background: $panel; border: 1px solid $hairline; padding: 4px; }
QMessageBox, QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QCheckBox { spacing: 7px; }
QCheckBox::indicator, QAbstractItemView::indicator { width: 14px; height: 14px; border: 1px solid $faint;
  border-radius: 4px; background: $field; }
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked { background: $accent; border-color: $accent;
  image: url("$icons/check-$tone.svg"); }
QCheckBox::indicator:focus { border-color: $accent; }
QCheckBox::indicator:disabled { border-color: $hairline; background: $window; }

QTabBar { background: $window; }
QTabBar::tab { background: transparent; color: $muted; padding: 7px 1px 6px 1px; margin: 0 7px; border: none;
  border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; font-weight: 600; }
QTabBar::tab:focus { color: $accent; }
QTabWidget::pane { border: none; border-top: 1px solid $hairline; background: $window; }
QTabWidget::tab-bar { left: 2px; }

QDockWidget { titlebar-close-icon: none; titlebar-normal-icon: none; }
QScrollArea { border: none; background: transparent; }
QScrollArea > QWidget > QWidget { background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $hairline; border-radius: 3px; margin: 2px; min-height: 24px; min-width: 24px; }
QScrollBar::handle:hover { background: $faint; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QTreeView, QListView, QTableView, QTreeWidget, QListWidget { background: $window; border: none; color: $text;
  selection-background-color: $accent_soft; selection-color: $text; show-decoration-selected: 1; }
QTreeView::item, QListView::item { padding: 3px 4px; border-radius: 5px; }
QTreeView::item:hover, QListView::item:hover { background: $field; }
QTreeView::item:selected, QListView::item:selected { background: $accent_soft; color: $text; }
QTableCornerButton::section { background: $window; border: none; border-bottom: 1px solid $hairline; }
QHeaderView { background: $window; }
QHeaderView::section { background: $window; color: $muted; border: none; border-bottom: 1px solid $hairline;
  padding: 4px 6px; }

QSlider::groove:horizontal { height: 4px; background: $hairline; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::handle:horizontal { background: $accent; width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; }
QSlider::handle:horizontal:focus { border: 2px solid $accent_soft; width: 10px; height: 10px; }
QSlider::sub-page:horizontal:disabled, QSlider::handle:horizontal:disabled { background: $faint; }

QStatusBar { background: $window; color: $muted; border-top: 1px solid $hairline; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: $muted; padding: 0 6px; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="section"] { color: $muted; font-weight: 600; }
QLabel[role="heading"] { font-weight: 600; }
QLabel[role="error"] { color: $error; }
QLabel[role="warning"] { color: $warning; }
QFrame[role="hint"], QLabel[role="hint"] { background: $accent_soft; border: none; border-radius: 6px;
  padding: 8px 10px; }
QFrame[role="card"] { background: $panel; border: 1px solid $hairline; border-radius: 9px; }
QFrame[role="line"] { background: $hairline; border: none; max-height: 1px; min-height: 1px; }
QPlainTextEdit[role="code"] { background: $window; color: $text; border: none; font-family: "$mono"; }
QProgressBar { background: $hairline; border: none; border-radius: 2px; max-height: 4px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }
""")


def style_sheet(theme: "Theme") -> str:
    """The style sheet in the colours of a theme."""
    from PySide6.QtGui import QColor

    from rnn_designer.paths import resource
    from rnn_designer.ui.theme import code_font

    tokens = {name: value for name, value in vars(theme).items() if isinstance(value, str)}
    hover = QColor(theme.accent).lighter(108) if theme.dark else QColor(theme.accent).darker(108)
    return _SHEET.substitute(
        tokens,
        accent_hover=hover.name(),
        mono=code_font().family(),
        icons=resource("icons").as_posix(),
        tone="dark" if theme.dark else "light",
    )
