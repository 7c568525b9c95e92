"""A study that several processes, on one machine or many, share: which trial is next, which are lost, which are best.

Every trial that is wanted is enqueued once, as a ticket. Taking a waiting one is atomic in every storage of Optuna, so
no two workers train the same, and none is trained twice. Whoever trains says so every few seconds; a trial whose worker
is dead, or has said nothing for long, is enqueued again with the very same values.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rnn_designer.design import Design, files
from rnn_designer.design.sweeping import Sweep
from rnn_designer.sweep.space import larger_is_better, study_name

if TYPE_CHECKING:
    import optuna

MISSING = (
    "A sweep needs Optuna, which is not installed. Install it with “pip install 'rnn-designer[sweep]'”, "
    "or “pip install optuna”, and start the sweep again."
)
SILENCE = 180.0
"""Seconds after which a trial of which nothing was heard is lost. Machines' clocks may differ by less than that."""
MOST_TRIES = 3
"""How often a trial is begun before it is given up: one that kills its worker must not do so for ever."""
_TICKET, _OWNER, _SEEN, _TRIES, _REASON, _FILE = "ticket", "owner", "seen", "tries", "reason", "file"
_SURPLUS, _GIVEN_UP = "surplus", "given up "


class NoOptunaError(Exception):
    """Optuna is not installed; the text says how to install it."""


class StudyProblemError(Exception):
    """A study cannot be opened; the text is a sentence."""


@dataclass(frozen=True)
class Trial:
    """One trial as it stands.

    Attributes:
        ticket: its number among those wanted, from 0.
        state: ``waiting``, ``running``, ``complete``, ``pruned`` or ``failed``.
        params: what was tried, by key, as the study holds it.
        value: the best monitored figure; None before there is one.
        values: the monitored figure by epoch.
        file: the design of the trial with its weights beside it; empty if it is not on this machine or not yet there.
        reason: why it failed.
        tries: how often it was begun.
        seconds: how long it took, or takes by now.
        owner: who trains it, or did: ``<machine>:<process id>``.
    """

    ticket: int
    state: str
    params: dict[str, Any] = field(default_factory=dict)
    value: float | None = None
    values: dict[int, float] = field(default_factory=dict)
    file: str = ""
    reason: str = ""
    tries: int = 1
    seconds: float = 0.0
    owner: str = ""


class Study:
    """The study behind a sweep.

    Args:
        study: Optuna's.
        sweep: how trials are chosen, and when they end early.
    """

    def __init__(self, study: optuna.Study, sweep: Sweep) -> None:
        self._study = study
        self._sweep = sweep
        self.larger = study.direction.name == "MAXIMIZE"

    @classmethod
    def open(cls, design: Design, storage: str, name: str = "") -> Study:
        """Open the study of a design's sweep, and make it where there is none yet.

        Args:
            design: what is swept.
            storage: a URL that Optuna knows, such as ``sqlite:///sweep.db``, or the path of a journal file.
            name: the study's; without it one that follows from the design.

        Raises:
            NoOptunaError: Optuna is not installed.
            StudyProblemError: the storage cannot be used.
        """
        optuna = _optuna()
        sweep = design.sweep or Sweep()
        monitor = design.training.monitor if design.training is not None else "val_loss"
        direction = "maximize" if larger_is_better(monitor) else "minimize"
        pruner = (
            optuna.pruners.MedianPruner(n_startup_trials=3, n_warmup_steps=sweep.patience)
            if sweep.pruning
            else optuna.pruners.NopPruner()
        )
        try:
            study = optuna.create_study(
                storage=_storage(storage),
                study_name=name or study_name(design),
                direction=direction,
                pruner=pruner,
                load_if_exists=True,
            )
            if "design" not in study.user_attrs:
                study.set_user_attr("design", files.to_text(design))
        except Exception as problem:
            # A storage may be of any database, whose driver has errors of its own.
            reason = " ".join(str(problem).split())[:200] or type(problem).__name__
            raise StudyProblemError(
                f"The storage “{storage}” cannot be used: {reason}. Expected the path of a file that can be written, "
                "or a URL such as sqlite:///sweep.db."
            ) from None
        return cls(study, sweep)

    @property
    def name(self) -> str:
        """The study's name in its storage."""
        return str(self._study.study_name)

    def want(self, trials: int) -> None:
        """See to it that there are so many tickets."""
        known = {each.user_attrs.get(_TICKET) for each in self._study.get_trials(deepcopy=False)}
        for ticket in range(trials):
            if ticket not in known:
                self._study.enqueue_trial({}, user_attrs={_TICKET: ticket, _TRIES: 1})

    def take(self, worker: str) -> optuna.Trial | None:
        """The next trial that waits, now this worker's; None if none waits."""
        optuna = _optuna()
        waiting = optuna.trial.TrialState.WAITING
        while self._study.get_trials(deepcopy=False, states=(waiting,)):
            trial = self._study.ask()
            ticket = trial.user_attrs.get(_TICKET)
            if ticket is None or self._is_twice(trial.number, ticket):
                # Another worker was faster, and this is a new trial that nobody wanted.
                trial.set_user_attr(_SURPLUS, True)
                self._study.tell(trial, state=optuna.trial.TrialState.FAIL)
                continue
            trial.set_user_attr(_OWNER, worker)
            trial.set_user_attr(_SEEN, time.time())
            # What a ticket draws depends on nothing but its number and what came before.
            self._study.sampler = self._sampler(int(ticket))
            return trial
        return None

    def _is_twice(self, number: int, ticket: int) -> bool:
        """Whether two machines that started at once made the same ticket, and this is the later one."""
        gone = _optuna().trial.TrialState.FAIL
        return any(
            each.user_attrs.get(_TICKET) == ticket and each.number < number and each.state != gone
            for each in self._study.get_trials(deepcopy=False)
        )

    def _sampler(self, ticket: int) -> Any:
        optuna = _optuna()
        seed = (self._sweep.seed * 1_000_003 + ticket) % 2**32
        if self._sweep.method == "random":
            return optuna.samplers.RandomSampler(seed=seed)
        return optuna.samplers.TPESampler(seed=seed, n_startup_trials=5, constant_liar=True)

    def heard(self, trial: optuna.Trial) -> None:
        """Say that somebody still trains it."""
        trial.set_user_attr(_SEEN, time.time())

    def report(self, trial: optuna.Trial, epoch: int, value: float) -> bool:
        """Tell the monitored figure of an epoch; whether it is so bad that the trial should end."""
        trial.report(value, epoch)
        self.heard(trial)
        return bool(trial.should_prune())

    def end(
        self,
        trial: optuna.Trial,
        value: float | None,
        *,
        pruned: bool = False,
        file: str = "",
        reason: str = "",
    ) -> None:
        """Tell what came of a trial: a value, or why there is none."""
        states = _optuna().trial.TrialState
        if file:
            trial.set_user_attr(_FILE, f"{socket.gethostname()}:{file}")
        if reason:
            trial.set_user_attr(_REASON, reason)
        if pruned:
            trial.set_user_attr("value", value)
            self._tell(trial, None, states.PRUNED)
        elif value is None:
            self._tell(trial, None, states.FAIL)
        else:
            self._tell(trial, value, states.COMPLETE)

    def _tell(self, trial: optuna.Trial, value: float | None, state: Any) -> None:
        try:
            self._study.tell(trial, value, state=state)
        except (RuntimeError, ValueError):
            # It was thought lost meanwhile, and enqueued again: the other one counts.
            return

    def reclaim(self, dead: Iterable[str] = ()) -> int:
        """Enqueue every trial again whose worker is dead or silent; how many there were.

        Args:
            dead: workers of which it is known.
        """
        optuna = _optuna()
        states, gone = optuna.trial.TrialState, frozenset(dead)
        lost = 0
        for each in self._study.get_trials(deepcopy=False, states=(states.RUNNING,)):
            owner = str(each.user_attrs.get(_OWNER, ""))
            begun = each.datetime_start.timestamp() if each.datetime_start is not None else 0.0
            silent = time.time() - float(each.user_attrs.get(_SEEN, begun))
            if not (owner in gone or silent > SILENCE or (owner and _is_dead(owner))):
                continue
            try:
                self._study.tell(each.number, state=states.FAIL)
            except (RuntimeError, ValueError):
                continue  # Somebody else was faster.
            lost += self._again(each)
        return lost

    def _again(self, trial: optuna.trial.FrozenTrial) -> int:
        ticket, tries = trial.user_attrs.get(_TICKET), int(trial.user_attrs.get(_TRIES, 1))
        if ticket is None:
            return 0
        if tries >= MOST_TRIES:
            # What is told of a trial after its end cannot be told to the trial any more, but to the study.
            self._study.set_user_attr(
                f"{_GIVEN_UP}{ticket}", f"It was begun {tries} times and lost each time."
            )
            return 0
        self._study.enqueue_trial(dict(trial.params), user_attrs={_TICKET: ticket, _TRIES: tries + 1})
        return 1

    def retry(self, trial: optuna.Trial, reason: str) -> None:
        """Give a trial back that could not be trained to its end through no fault of its settings."""
        number = trial.number
        trial.set_user_attr(_REASON, reason)
        self._tell(trial, None, _optuna().trial.TrialState.FAIL)
        frozen = next(each for each in self._study.get_trials(deepcopy=False) if each.number == number)
        self._again(frozen)

    def trials(self) -> list[Trial]:
        """Every ticket with its newest trial, by number."""
        found: dict[int, Trial] = {}
        host = socket.gethostname()
        for each in self._study.get_trials(deepcopy=False):
            ticket = each.user_attrs.get(_TICKET)
            if ticket is None or each.user_attrs.get(_SURPLUS):
                continue
            found[int(ticket)] = _as_trial(each, int(ticket), host)
        for number, trial in found.items():
            given_up = self._study.user_attrs.get(f"{_GIVEN_UP}{number}", "")
            if given_up and trial.state == "failed" and not trial.reason:
                found[number] = replace(trial, reason=str(given_up))
        return [found[ticket] for ticket in sorted(found)]

    def left(self) -> int:
        """How many trials wait or are under way."""
        return sum(each.state in ("waiting", "running") for each in self.trials())

    def best(self) -> list[Trial]:
        """Trials with a value, the best first; pruned ones after all that went to their end."""
        told = [each for each in self.trials() if each.value is not None]
        sign = -1.0 if self.larger else 1.0
        return sorted(told, key=lambda each: (each.state != "complete", sign * (each.value or 0.0)))


def worker_name() -> str:
    """Names this process among all that share a study."""
    return f"{socket.gethostname()}:{os.getpid()}"


def _as_trial(frozen: optuna.trial.FrozenTrial, ticket: int, host: str) -> Trial:
    state = {"COMPLETE": "complete", "PRUNED": "pruned", "FAIL": "failed", "RUNNING": "running"}.get(
        frozen.state.name, "waiting"
    )
    value = frozen.value if state == "complete" else frozen.user_attrs.get("value")
    where, _colon, path = str(frozen.user_attrs.get(_FILE, "")).partition(":")
    seconds = 0.0
    if frozen.datetime_start is not None:
        end = frozen.datetime_complete.timestamp() if frozen.datetime_complete is not None else time.time()
        seconds = max(0.0, end - frozen.datetime_start.timestamp())
    return Trial(
        ticket,
        state,
        dict(frozen.params),
        value,
        dict(frozen.intermediate_values),
        path if where == host and Path(path).is_file() else "",
        str(frozen.user_attrs.get(_REASON, "")),
        int(frozen.user_attrs.get(_TRIES, 1)),
        seconds,
        str(frozen.user_attrs.get(_OWNER, "")),
    )


def _is_dead(owner: str) -> bool:
    """Whether a worker of this machine has ended; of another machine that cannot be told."""
    host, _colon, number = owner.rpartition(":")
    if host != socket.gethostname() or not number.isdigit() or os.name != "posix":
        return False
    try:
        os.kill(int(number), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _storage(storage: str) -> Any:
    optuna = _optuna()
    if "://" in storage:
        return storage
    from optuna.storages import JournalStorage
    from optuna.storages.journal import JournalFileBackend

    Path(storage).parent.mkdir(parents=True, exist_ok=True)
    del optuna
    return JournalStorage(JournalFileBackend(storage))


def _optuna() -> Any:
    try:
        import optuna
    except ImportError:
        raise NoOptunaError(MISSING) from None
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    return optuna
