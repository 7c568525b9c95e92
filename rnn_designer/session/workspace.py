"""Everything that belongs to one open design, made in the right order and ended in the right order."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from rnn_designer.design import Design, edits, files
from rnn_designer.design.files import FileProblem
from rnn_designer.session.analyses import Analyses
from rnn_designer.session.checks import Checks
from rnn_designer.session.document import Document
from rnn_designer.session.engine_process import EngineProcess
from rnn_designer.session.live_run import LiveRun
from rnn_designer.session.model_files import ModelFiles
from rnn_designer.session.pinned import PinnedRuns
from rnn_designer.session.playback import Playback
from rnn_designer.session.samples import SampleStore
from rnn_designer.session.training.epochs import EpochCursor
from rnn_designer.session.training.evaluation import Evaluator
from rnn_designer.session.training.runs import Runs, TrainingRun
from rnn_designer.session.training.sweeper import Sweeper
from rnn_designer.session.training.trainer import Trainer
from rnn_designer.session.trust import Trust

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rnn_designer.messages import Array


class Workspace(QObject):
    """The running program without its window.

    Attributes:
        document: the design, its history and its file.
        trust: which custom cells may run.
        checks: its shapes and problems.
        engine: the process that runs it.
        samples: what its Inputs are fed with.
        models: reads the model files of others.
        live: traces of it, kept up to date.
        analyses: what views ask about it beyond the trace.
        pinned: runs that are kept for comparing.
        playback: the cursor over the trace.
        runs: the trainings of the open design.
        epochs: which epoch of which of them the plots show.
        trainer: trains the open design.
        evaluator: measures it on samples that it has not learned from.
        sweeper: trains it many times with other settings.

    Signals:
        noticed(sentence): something that the user should read, and that stopped nothing: weights that could
            not be loaded, for example.
    """

    noticed = Signal(str)

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        engine: EngineProcess | None = None,
        reader: EngineProcess | None = None,
        trainer: EngineProcess | None = None,
        trust: Trust | None = None,
    ) -> None:
        super().__init__(parent)
        self.document = Document()
        self.document.setParent(self)
        self.trust = trust or Trust(self)
        self.trust.noticed.connect(self.noticed)
        self.checks = Checks(self.document, self, trust=self.trust)
        self.engine = engine or EngineProcess(self)
        self.samples = SampleStore(self.document, self, reader=reader)
        self.models = ModelFiles(self.samples.files.reader, self)
        self.live = LiveRun(self.document, self.checks, self.samples, self.engine, self)
        self.analyses = Analyses(self.engine, self.live, self)
        self.pinned = PinnedRuns(self.live, self)
        self.playback = Playback(self)
        self.runs = Runs(self.document, self)
        self.runs.noticed.connect(self.noticed)
        self.epochs = EpochCursor(self.document, self.live, self.runs, self.adopt_weights, self)
        self.trainer = Trainer(
            self.document,
            self.samples,
            self.live,
            self.runs,
            self.epochs,
            self.adopt_weights,
            self,
            engine=trainer,
            trust=self.trust,
        )
        self.evaluator = Evaluator(
            self.document,
            self.samples,
            self.live,
            self.runs,
            self.epochs,
            self.trainer,
            self,
            trust=self.trust,
        )
        self.trainer.noticed.connect(self.noticed)
        self.sweeper = Sweeper(self.document, self, trust=self.trust)
        self._started = False
        self._own_weights_change = False
        self.live.traced.connect(self._fit_playback)
        self.live.cleared.connect(self._fit_playback)
        self.document.changed.connect(self._design_changed)

    def start(self) -> None:
        """Start the engine and make the first samples; call it once the window shows."""
        if self._started:
            return
        self._started = True
        self.engine.start()
        self._load_weights()
        self.samples.start()
        self.runs.start()

    def close(self) -> None:
        """End every process and timer; the workspace is of no use afterwards. A training is interrupted."""
        self._started = False
        self.playback.pause()
        self.sweeper.close()
        self.trainer.close()
        self.runs.stop()
        self.live.stop()
        self.samples.stop()
        self.engine.stop()

    def new(self) -> None:
        """Replace the design by an empty one."""
        self._replace(Design(), None)

    def open(self, path: Path) -> None:
        """Replace the design by the one in a file.

        Raises:
            FileProblem: the file cannot be read; the open design stays. The text is a sentence.
        """
        self._replace(files.load(path), path)

    def show(self, design: Design, path: Path | None = None, *, saved: bool = False) -> None:
        """Replace the design by one that comes from elsewhere: an import, a recovered or a copied design."""
        self._replace(design, path, saved=saved)

    def show_imported(self, design: Design, weights: Mapping[str, Array]) -> None:
        """Replace the design by an imported one that has no file yet, with the weights that came with it."""
        name = _weights_name(Path(design.name)) if weights else None
        self._replace(replace(design, weights=name), None, saved=False)
        if weights:
            self.live.set_weights(weights)

    def save(self, path: Path | None = None) -> None:
        """Save the design, and its weights beside it if it carries some.

        Args:
            path: another file than the design's own.

        Raises:
            FileProblem: nothing was saved; the old file is intact. The text is a sentence.
        """
        target = path or self.document.path
        if target is None:
            raise FileProblem("This design has no file yet: choose a folder and a name for it.")
        design = self.document.design
        name = self._save_weights(design, target)
        files.save(replace(design, weights=name), target)
        if name != design.weights:
            self._refer_to_weights(name)
        self.document.mark_saved(target)

    def keep_weights(self) -> None:
        """Make the weights that the plots show the design's own: saving the design then saves them beside it."""
        self.live.keep_weights()
        if self.live.carries_weights and self.document.design.weights is None:
            self._refer_to_weights(_weights_name(self.document.path or Path("model")))

    def adopt_weights(self, weights: Mapping[str, Array]) -> None:
        """Make these the design's own weights, as after a training; saving the design then saves them beside it."""
        self.live.show_weights(None)
        self.live.set_weights(weights)
        if self.document.design.weights is None:
            self._refer_to_weights(_weights_name(self.document.path or Path("model")))
        else:
            self.document.touch()

    def restore(self, run: TrainingRun, epoch: int | None = None) -> None:
        """Go back to the design of a run, as one step that can be undone, with the weights of one of its epochs.

        Args:
            run: the run.
            epoch: which epoch; None for the best one.

        Raises:
            Refused: its weights are not there any more.
        """
        design, weights = self.runs.restore(run, epoch)
        self.epochs.leave()
        current = self.document.design
        name = current.weights or _weights_name(self.document.path or Path("model"))
        # Whatever the run began as, it is one of the runs of this design.
        training = replace(run.training, runs=current.training.runs) if current.training else run.training
        label = f"Restore {run.name}"
        self._own_weights_change = True
        try:
            self.document.apply(lambda _design: replace(design, weights=name, training=training), label)
        finally:
            self._own_weights_change = False
        self.adopt_weights(weights)

    def forget_weights(self) -> None:
        """Draw weights from the design's seed again; the design's own are left out at the next save."""
        self.live.forget_weights()
        if self.document.design.weights is not None:
            self._refer_to_weights(None)

    def _replace(self, design: Design, path: Path | None, *, saved: bool = True) -> None:
        self.trainer.abandon()
        self.epochs.leave()
        self.live.reset()
        self.playback.reset()
        self._own_weights_change = True
        try:
            self.document.reset(design, path, saved=saved)
        finally:
            self._own_weights_change = False
        if self._started:
            self._load_weights()

    def _save_weights(self, design: Design, target: Path) -> str | None:
        """Write the weights, if there are any; the name by which the saved design refers to them."""
        weights = self.live.weights_to_save(design)
        old = self.document.path
        if not weights and design.weights is None:
            return None
        same_file = old is not None and target.resolve() == old.resolve()
        name = design.weights if design.weights is not None and same_file else _weights_name(target)
        if not weights and design.weights is not None and not same_file and old is not None:
            weights = self._read_weights(design, old)
        if weights:
            from rnn_designer.design.weights import save_weights

            save_weights(target.parent / name, weights)
        return name

    def _refer_to_weights(self, name: str | None) -> None:
        self._own_weights_change = True
        try:
            self.document.apply(edits.set_weights(name), "Keep weights" if name else "Draw weights anew")
        finally:
            self._own_weights_change = False

    def _design_changed(self, old: Design, new: Design) -> None:
        self.playback.keep(layer.id for layer in new.walk())
        if old.weights != new.weights and not self._own_weights_change and self._started:
            if new.weights is None:
                self.live.forget_weights()
            else:
                self._load_weights()

    def _load_weights(self) -> None:
        """Start from the weights that the design refers to, if they can be read."""
        design, path = self.document.design, self.document.path
        if design.weights is None or path is None:
            return
        try:
            self.live.set_weights(self._read_weights(design, path))
        except FileProblem as problem:
            self.noticed.emit(f"{problem} The design runs with weights drawn from its seed.")

    def _read_weights(self, design: Design, path: Path) -> dict[str, Array]:
        from rnn_designer.design.weights import load_weights

        file = files.weights_path(design, path)
        return {} if file is None else load_weights(file)

    def _fit_playback(self, *_: object) -> None:
        trace = self.live.trace
        growing = trace is not None and trace.generated is not None
        at_the_end = growing and self.playback.step == self.playback.steps - 1
        self.playback.set_extent(*self.live.extent)
        if at_the_end:
            self.playback.go_to(self.playback.steps - 1)


def _weights_name(path: Path) -> str:
    return f"{path.stem}.weights.npz"
