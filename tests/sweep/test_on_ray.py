"""A sweep on Ray; only where Ray is installed."""

import sys
from pathlib import Path

import pytest

from rnn_designer.cli import run
from rnn_designer.design import DataSource, Design, edits, files, new_layer
from rnn_designer.design.model import Link
from rnn_designer.design.sweeping import Varied
from rnn_designer.sweep import on_ray
from rnn_designer.sweep.on_ray import RayProblemError, sweep_on_ray


@pytest.fixture
def design() -> Design:
    made = Design(name="tiny")
    for kind in ("Input", "SimpleRNN", "Dense"):
        made = edits.add(new_layer(made, kind))(made)
    first, memory, last = (layer.id for layer in made.layers)
    for edit in (
        edits.connect(Link(first, memory)),
        edits.connect(Link(memory, last)),
        edits.set_parameter(last, "units", 1),
        edits.set_data(first, DataSource("sine", time_steps=6)),
        edits.change_training(epochs=2, samples=32),
        edits.vary(Varied(memory, "units", low=1, high=4)),
        edits.vary(Varied(None, "optimizer", choices=("Adam", "SGD"))),
        edits.change_sweep(trials=2, method="random", pruning=False),
    ):
        made = edit(made)
    return made


def test_that_without_ray_it_is_said_how_to_get_it(
    design: Design, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(RayProblemError, match="every machine of the cluster"):
        sweep_on_ray(design, tmp_path / "tiny.rnnd", "local", 1, tmp_path)
    files.save(design, tmp_path / "tiny.rnnd")
    assert run(["sweep", str(tmp_path / "tiny.rnnd"), "--ray", "local"]) == 2
    assert "rnn-designer[ray]" in capsys.readouterr().err


def test_that_keys_travel_through_ray_and_back(design: Design) -> None:
    tune = pytest.importorskip("ray.tune")
    space = on_ray._space(design, tune)
    assert all("/" not in key for key in space)
    drawn = {key: each.sample() for key, each in space.items()}
    assert set(on_ray._keyed(drawn)) == {each.key for each in design.sweep.varied} if design.sweep else False


def test_that_ray_trains_trials_and_ranks_them(design: Design, tmp_path: Path) -> None:
    pytest.importorskip("ray.tune")
    found = sweep_on_ray(design, tmp_path / "tiny.rnnd", "local", 2, tmp_path / "trials")
    assert len(found) == 2
    assert found[0][0] <= found[1][0]
    for _value, params, file in found:
        made = files.load(Path(file))
        memory = made.layers[1]
        assert memory.value("units") == params[f"{memory.id}/units"]
