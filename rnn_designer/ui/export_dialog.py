"""The export dialog: how the code is to look, where it goes, and the code itself before anything is written."""

from pathlib import Path

from PySide6.QtCore import QSize
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from rnn_designer.codegen import NotExportable, Style
from rnn_designer.session.exporter import Exporter, weights_file_for
from rnn_designer.session.verifier import Verifier
from rnn_designer.ui.code import CodeView

_STYLES: tuple[tuple[str, Style], ...] = (
    ("As fits the design", "auto"),
    ("Sequential", "sequential"),
    ("Functional", "functional"),
    ("A class of its own", "subclass"),
)
_SIZE = QSize(760, 620)


class ExportDialog(QDialog):
    """Asks for style, weights and file, shows the program, and has it written."""

    def __init__(
        self,
        exporter: Exporter,
        suggested: Path,
        *,
        with_weights: bool,
        verifier: Verifier | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export Keras code")
        self.resize(_SIZE)
        self._exporter = exporter
        self._verifier = verifier

        self._style = QComboBox(self)
        for words, style in _STYLES:
            self._style.addItem(words, style)
        self._style.setAccessibleName("Style of the code")
        self.with_weights = QCheckBox("With the weights that the plots show", self)
        self.with_weights.setChecked(with_weights)
        self.with_weights.setToolTip(
            "Writes a .weights.h5 file beside the code, and build_model() loads it: running the code gives the "
            "numbers of the plots. Without it the model starts from newly drawn weights."
        )
        self._path = QLineEdit(str(suggested), self)
        self._path.setAccessibleName("File to write")
        self._browse = QPushButton("Choose…", self)
        self._browse.clicked.connect(self._choose)
        self._code = CodeView(self)
        self._refusal = QLabel(self)
        self._refusal.setWordWrap(True)
        self._refusal.setProperty("role", "error")
        self._refusal.hide()
        self._message = QLabel(self)
        self._message.setWordWrap(True)
        self._message.setProperty("role", "muted")
        self._copy_button = QPushButton("Copy code", self)
        self._copy_button.clicked.connect(self._copy)
        self._verify_button = QPushButton("Verify", self)
        self._verify_button.setToolTip(
            "Runs this program in a clean interpreter with the weights and samples of the plots, and compares its "
            "outputs, every state at every step and all settings with them."
        )
        self._verify_button.clicked.connect(self._verify)
        self._badge = QLabel(self)
        self._badge.setWordWrap(True)
        self._badge.setAccessibleName("Verification")
        self._badge.hide()
        cancel = QPushButton("Cancel", self)
        cancel.clicked.connect(self.reject)
        self._export = QPushButton("Export", self)
        self._export.setProperty("role", "primary")
        self._export.setDefault(True)
        self._export.clicked.connect(self._write)

        options = QHBoxLayout()
        options.addWidget(QLabel("Style", self))
        options.addWidget(self._style)
        options.addSpacing(16)
        options.addWidget(self.with_weights)
        options.addStretch(1)
        target = QHBoxLayout()
        self._file_label = QLabel("File", self)
        target.addWidget(self._file_label)
        target.addWidget(self._path, 1)
        target.addWidget(self._browse)
        buttons = QHBoxLayout()
        buttons.addWidget(self._copy_button)
        buttons.addWidget(self._verify_button)
        buttons.addStretch(1)
        buttons.addWidget(cancel)
        buttons.addWidget(self._export)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(10)
        column.addLayout(options)
        column.addWidget(self._code, 1)
        column.addWidget(self._refusal)
        column.addLayout(target)
        column.addWidget(self._badge)
        column.addWidget(self._message)
        column.addLayout(buttons)

        self._style.currentIndexChanged.connect(self._show_code)
        self._style.currentIndexChanged.connect(self._forget_verification)
        self.with_weights.toggled.connect(self._show_code)
        self._path.textChanged.connect(self._show_code)
        exporter.finished.connect(self._finished)
        exporter.failed.connect(self._failed)
        if verifier is None:
            self._verify_button.hide()
        else:
            verifier.forget()
            verifier.changed.connect(self._show_verification)
        self._show_code()

    @property
    def path(self) -> Path:
        """The file to write; ``.py`` is added where it is missing."""
        path = Path(self._path.text().strip()).expanduser()
        return path if path.suffix == ".py" else path.with_name(path.name + ".py")

    def _show_code(self) -> None:
        weights = weights_file_for(self.path).name if self.with_weights.isChecked() and self._named else None
        try:
            text = self._exporter.text(style=self._style.currentData(), weights_file=weights)
        except NotExportable as refusal:
            self._refuse(str(refusal))
            return
        if self._code.isHidden():
            self._refusal.hide()
            for each in self._of_code:
                each.show()
            self.resize(_SIZE)
        self._export.setEnabled(self._named)
        if self._named:
            self._say(f"Writes {self.path.name}" + (f" and {weights}." if weights else "."))
        else:
            self._say("Name the file to write.", bad=True)
        self._code.show_code(text)

    def _refuse(self, sentence: str) -> None:
        """Nothing can be written: say why in place of code and file, in a window no larger than that takes."""
        self._export.setEnabled(False)
        self._code.show_code("")
        for each in self._of_code:
            each.hide()
        self._refusal.setText(sentence)
        self._refusal.show()
        self.adjustSize()

    @property
    def _of_code(self) -> tuple[QWidget, ...]:
        """What is about the code and its file, and of no use without code."""
        always = (self._code, self._message, self._copy_button, self._path, self._file_label, self._browse)
        return always if self._verifier is None else (*always, self._verify_button)

    @property
    def _named(self) -> bool:
        return bool(self._path.text().strip()) and not self._path.text().strip().endswith(("/", "\\"))

    def _choose(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self, "Export Keras code", str(self.path), "Python files (*.py);;All files (*)"
        )
        if chosen:
            self._path.setText(chosen)

    def _copy(self) -> None:
        QApplication.clipboard().setText(self._code.toPlainText())
        self._say("The code is on the clipboard.")

    def _write(self) -> None:
        self._export.setEnabled(False)
        self._say("Writing…")
        self._exporter.export(
            self.path, style=self._style.currentData(), weights=self.with_weights.isChecked()
        )
        if self._exporter.busy:
            self._say("Waiting for the weights of the run that is under way… Cancel stops the export.")

    def _verify(self) -> None:
        if self._verifier is None:
            return
        if self._verifier.running:
            self._verifier.cancel()
        else:
            self._verifier.verify(self._style.currentData())

    def _forget_verification(self) -> None:
        if self._verifier is not None:
            self._verifier.forget()

    def _show_verification(self) -> None:
        if self._verifier is None:
            return
        running, result = self._verifier.running, self._verifier.result
        self._verify_button.setText("Stop verifying" if running else "Verify")
        if running:
            sentence, role = (
                "Running the program in a clean interpreter, and comparing it with the plots…",
                "muted",
            )
        elif result is None:
            sentence, role = "", "muted"
        else:
            sentence = f"{'✓' if result.verified else '✗'} {result.sentence}"
            role = "hint" if result.verified else "error"
        self._badge.setVisible(bool(sentence))
        _set_role(self._badge, role)
        self._badge.setText(sentence)

    def done(self, result: int) -> None:
        """Close; a verification under way is stopped, since nobody would see what comes of it."""
        if self._verifier is not None:
            self._verifier.cancel()
        super().done(result)

    def reject(self) -> None:
        """Close without writing; what is still waited for is given up."""
        self._exporter.cancel()
        super().reject()

    def _finished(self, _paths: tuple[Path, ...]) -> None:
        self.accept()

    def _failed(self, sentence: str) -> None:
        self._export.setEnabled(True)
        self._say(sentence, bad=True)

    def _say(self, sentence: str, *, bad: bool = False) -> None:
        _set_role(self._message, "error" if bad else "muted")
        self._message.setText(sentence)


def _set_role(label: QLabel, role: str) -> None:
    label.setProperty("role", role)
    label.style().unpolish(label)
    label.style().polish(label)
