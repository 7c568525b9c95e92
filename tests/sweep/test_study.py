"""A study that workers share: each trial is taken once, none is lost, and bad ones end early."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from rnn_designer.catalog import FrozenMap, Part
from rnn_designer.design import Design, edits, new_layer
from rnn_designer.design.model import Link
from rnn_designer.design.sweeping import Varied
from rnn_designer.design.trials import tried
from rnn_designer.sweep import study as study_module
from rnn_designer.sweep.space import asked, larger_is_better, study_name, told
from rnn_designer.sweep.study import MOST_TRIES, SILENCE, Study, StudyProblemError, worker_name

pytest.importorskip("optuna")


@pytest.fixture
def design() -> Design:
    made = Design(name="Größe 1")
    for kind in ("Input", "LSTM", "Dense"):
        made = edits.add(new_layer(made, kind))(made)
    first, memory, last = (layer.id for layer in made.layers)
    for edit in (
        edits.connect(Link(first, memory)),
        edits.connect(Link(memory, last)),
        edits.vary(Varied(memory, "units", low=2, high=64, log=True)),
        edits.vary(Varied(memory, "kind", choices=("LSTM", "GRU"))),
        edits.vary(Varied(memory, "dropout", low=0.0, high=0.5)),
        edits.vary(Varied(None, "optimizer", choices=("Adam", "SGD"))),
        edits.vary(Varied(None, "shuffle", choices=(True, False))),
    ):
        made = edit(made)
    return made


@pytest.fixture(params=["journal", "sqlite"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    path = tmp_path / "kept" / "study"
    if request.param == "journal":
        return str(path)
    path.parent.mkdir()
    return f"sqlite:///{path}.db"


def taken(study: Study, design: Design, worker: str = "") -> tuple[Any, dict[str, Any]]:
    trial = study.take(worker or worker_name())
    assert trial is not None
    return trial, asked(design, trial)


def test_that_each_wanted_trial_is_taken_once_by_whoever_asks(design: Design, storage: str) -> None:
    first, second = Study.open(design, storage), Study.open(design, storage)
    assert first.name == second.name == study_name(design)
    first.want(4)
    second.want(4)
    tickets = []
    for place in range(4):
        trial, values = taken((first, second)[place % 2], design)
        tickets.append(trial.user_attrs["ticket"])
        made = tried(design, values)
        assert 2 <= made.layers[1].value("units") <= 64
        assert made.layers[1].kind in ("LSTM", "GRU")
        assert made.training is not None
        assert made.training.optimizer.kind in ("Adam", "SGD")
        assert isinstance(made.training.shuffle, bool)
        assert told(design, trial.params) == values
        (first, second)[place % 2].end(trial, float(place))
    assert tickets == [0, 1, 2, 3]
    assert first.take("x:1") is None
    assert [each.state for each in second.trials()] == ["complete"] * 4
    assert [each.ticket for each in second.best()] == [0, 1, 2, 3]
    # More are wanted later; what is done stays.
    first.want(5)
    assert second.left() == 1


def test_that_the_trial_of_a_dead_worker_is_taken_again_with_its_values(design: Design, storage: str) -> None:
    study = Study.open(design, storage)
    study.want(2)
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    name = worker_name().rpartition(":")[0]
    _trial, values = taken(study, design, f"{name}:{dead.pid}")
    other, _values = taken(study, design)
    lost = study.reclaim() if os.name == "posix" else study.reclaim([f"{name}:{dead.pid}"])
    assert lost == 1
    assert [each.state for each in study.trials()] == ["waiting", "running"]
    again, repeated = taken(study, design)
    assert repeated == values
    assert study.trials()[0].tries == 2
    study.end(again, 1.0)
    study.end(other, 2.0)
    assert study.reclaim() == 0
    assert study.left() == 0


def test_that_a_silent_trial_is_lost_and_its_late_answer_does_not_count(
    design: Design, storage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = Study.open(design, storage)
    study.want(1)
    trial, _values = taken(study, design, "elsewhere:1")
    assert study.reclaim() == 0
    now = time.time()
    monkeypatch.setattr(study_module.time, "time", lambda: now + SILENCE / 2)
    study.heard(trial)
    monkeypatch.setattr(study_module.time, "time", lambda: now + SILENCE * 1.2)
    assert study.reclaim() == 0
    monkeypatch.setattr(study_module.time, "time", lambda: now + SILENCE * 2)
    assert study.reclaim() == 1
    study.end(trial, 0.5)
    again, _values = taken(study, design)
    study.end(again, 0.75)
    assert [each.value for each in study.trials()] == [0.75]


def test_that_a_trial_that_kills_every_worker_is_given_up(design: Design, tmp_path: Path) -> None:
    study = Study.open(design, str(tmp_path / "study"))
    study.want(1)
    for _time in range(MOST_TRIES):
        taken(study, design, "elsewhere:1")
        study.reclaim(["elsewhere:1"])
    assert study.take("elsewhere:2") is None
    found = study.trials()[0]
    assert (found.state, found.tries) == ("failed", MOST_TRIES)
    assert found.reason == f"It was begun {MOST_TRIES} times and lost each time."


def test_that_what_failed_says_why_and_has_no_place_in_the_ranking(design: Design, tmp_path: Path) -> None:
    study = Study.open(design, str(tmp_path / "study"))
    study.want(2)
    trial, _values = taken(study, design)
    study.end(trial, None, reason="The loss was no number any more.")
    trial, _values = taken(study, design)
    study.retry(trial, "The trainer ended.")
    assert [each.state for each in study.trials()] == ["failed", "waiting"]
    assert study.trials()[0].reason == "The loss was no number any more."
    assert study.best() == []


def test_that_a_trial_worse_than_the_median_ends_early(design: Design, tmp_path: Path) -> None:
    design = edits.change_sweep(patience=2)(design)
    study = Study.open(design, str(tmp_path / "study"))
    study.want(4)
    for place in range(3):
        trial, _values = taken(study, design)
        assert not any(study.report(trial, epoch, 1.0 / epoch) for epoch in (1, 2, 3))
        study.end(trial, 0.3 + place)
    bad, _values = taken(study, design)
    assert [study.report(bad, epoch, 9.0) for epoch in (1, 2)] == [False, True]
    study.end(bad, 9.0, pruned=True)
    assert study.trials()[3].state == "pruned"
    assert study.trials()[3].value == 9.0
    assert [each.ticket for each in study.best()] == [0, 1, 2, 3]


@pytest.mark.parametrize("method", ["random", "bayesian"])
def test_that_the_same_seed_tries_the_same(design: Design, tmp_path: Path, method: str) -> None:
    design = edits.change_sweep(method=method, seed=7)(design)
    drawn = []
    for name in ("a", "b"):
        study = Study.open(design, str(tmp_path / name))
        study.want(8)
        values = []
        for _trial in range(8):
            trial, found = taken(study, design)
            values.append(found)
            study.end(trial, float(found[f"{design.layers[1].id}/units"]))
        drawn.append(values)
    assert drawn[0] == drawn[1]
    assert len({str(each) for each in drawn[0]}) > 4


def test_that_another_range_is_another_study_and_a_moved_box_is_not(design: Design) -> None:
    memory = design.layers[1].id
    assert study_name(design).startswith("gr-e-1-")
    assert study_name(edits.move({memory: (50.0, 70.0)})(design)) == study_name(design)
    assert study_name(edits.change_sweep(trials=99)(design)) == study_name(design)
    other = edits.vary(Varied(memory, "units", low=2, high=65, log=True))(design)
    assert study_name(other) != study_name(design)
    assert study_name(edits.change_training(epochs=3)(design)) != study_name(design)


def test_that_accuracies_are_to_grow_and_losses_to_shrink(design: Design, tmp_path: Path) -> None:
    assert [larger_is_better(each) for each in ("val_loss", "mean_squared_error", "top_k_accuracy_loss")] == [
        False
    ] * 3
    assert larger_is_better("val_sparse_categorical_accuracy")
    assert larger_is_better("kind_f1_score")
    monitored = edits.change_training(monitor="val_r2_score")(design)
    study = Study.open(monitored, str(tmp_path / "study"))
    study.want(2)
    for value in (0.25, 0.75):
        trial, _values = taken(study, monitored)
        study.end(trial, value)
    assert study.larger
    assert [each.value for each in study.best()] == [0.75, 0.25]


def test_that_values_of_other_kinds_are_left_out(design: Design) -> None:
    memory = design.layers[1].id
    rate = edits.change_training(optimizer=Part("Adam", FrozenMap(learning_rate=0.5)))(design)
    made = tried(
        rate, {f"{memory}/kind": "GRU", f"{memory}/unit_forget_bias": False, "training/optimizer": "SGD"}
    )
    assert made.training is not None
    assert made.training.optimizer == Part("SGD", FrozenMap(learning_rate=0.5))
    assert "unit_forget_bias" not in made.layer(memory).params


def test_that_a_storage_that_cannot_be_used_is_said(design: Design, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    for storage in ("nonsense://x", f"sqlite:///{tmp_path}/no/such/folder.db"):
        with pytest.raises(StudyProblemError, match="cannot be used"):
            Study.open(design, storage)
