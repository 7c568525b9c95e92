"""Weights belong to their layers: nothing that happens elsewhere changes them."""

from __future__ import annotations

from typing import Any

import numpy
from standing_models import Stand, Standing, planned, program

LSTM = "layers.LSTM(4, return_sequences=True, name='memory')"
INPUT = "keras.Input((None, 3), name='series')"
MEMORY = planned("memory", "LSTM")


def chain(*lines: str) -> str:
    return program([f"return keras.Sequential([{INPUT}, {', '.join(lines)}])"])


def weights(standing: Standing) -> dict[str, Any]:
    return standing.built.weights()


def test_that_keys_are_the_layers_id_and_the_weights_name(stand: Stand) -> None:
    source = chain(
        LSTM,
        "layers.BatchNormalization(name='norm')",
        "layers.Bidirectional(layers.GRU(2, return_sequences=True, name='g'), name='bi')",
        "layers.Bidirectional(layers.GRU(2, return_sequences=True, name='fore'), backward_layer="
        "layers.LSTM(2, return_sequences=True, go_backwards=True, name='back'), name='own')",
        "layers.TimeDistributed(layers.Dense(1, name='inner'), name='td')",
    )
    plan = (
        planned("series", "Input"),
        MEMORY,
        planned("norm", "BatchNormalization"),
        planned("bi", "Bidirectional", planned("g", "GRU")),
        planned("own", "Bidirectional", planned("fore", "GRU"), planned("back", "LSTM")),
        planned("td", "TimeDistributed", planned("inner", "Dense")),
    )
    standing = stand(source, plan)
    rnn = ("kernel", "recurrent_kernel", "bias")
    assert list(weights(standing)) == [
        *(f"#memory/{name}" for name in rnn),
        *(f"#norm/{name}" for name in ("gamma", "beta", "moving_mean", "moving_variance")),
        *(f"#g/{name}" for name in rnn),
        *(f"#g/backward/{name}" for name in rnn),
        *(f"#fore/{name}" for name in rnn),
        *(f"#back/{name}" for name in rnn),
        "#inner/kernel",
        "#inner/bias",
    ]
    assert all(value.dtype == numpy.float32 for value in weights(standing).values())
    counts = standing.built.counts()
    assert counts["#series"] == 0
    assert counts["#memory"] == 4 * 4 * (3 + 4 + 1)
    assert counts["#norm"] == 16
    assert counts["#bi"] == 2 * counts["#g"]
    assert counts["#own"] == counts["#fore"] + counts["#back"]
    assert counts["#td"] == counts["#inner"] == 5


def test_that_an_edit_elsewhere_and_a_move_into_a_wrapper_change_no_weight(stand: Stand) -> None:
    alone = weights(stand(chain(LSTM), (planned("series", "Input"), MEMORY)))
    before = stand(
        chain("layers.Dense(3, name='first')", LSTM, "layers.GRU(2, name='last')"),
        (planned("series", "Input"), planned("first", "Dense"), MEMORY, planned("last", "GRU")),
    )
    wrapped = stand(
        chain(f"layers.Bidirectional({LSTM}, name='bi')"),
        (planned("series", "Input"), planned("bi", "Bidirectional", MEMORY)),
    )
    for key, value in alone.items():
        assert numpy.array_equal(weights(before)[key], value)
        assert numpy.array_equal(weights(wrapped)[key], value)
    backward = weights(wrapped)["#memory/backward/kernel"]
    assert not numpy.array_equal(backward, alone["#memory/kernel"])


def test_that_the_designs_seed_and_the_layers_id_decide_the_draw(stand: Stand) -> None:
    source = chain(LSTM, "layers.LSTM(4, name='other')")
    plan = (planned("series", "Input"), MEMORY, planned("other", "LSTM"))
    one, same = weights(stand(source, plan, seed=1)), weights(stand(source, plan, seed=1))
    other = weights(stand(source, plan, seed=2))
    assert all(numpy.array_equal(one[key], same[key]) for key in one)
    assert not numpy.array_equal(one["#memory/kernel"], other["#memory/kernel"])
    assert not numpy.array_equal(one["#memory/recurrent_kernel"], one["#other/recurrent_kernel"])


def test_that_the_seed_of_a_weight_is_the_same_on_every_machine() -> None:
    from rnn_designer.engine.weights import weight_seed

    assert weight_seed(1, "a1b2/kernel") == weight_seed(1, "a1b2/kernel") < 2**31
    assert weight_seed(0, "a1b2/kernel") == 1782788646
    assert len({weight_seed(seed, f"{key}/kernel") for seed in range(50) for key in range(50)}) == 2500


def test_that_keras_own_initializers_draw_the_weights(stand: Stand) -> None:
    source = chain(
        "layers.LSTM(32, return_sequences=True, name='a')",
        "layers.LSTM(32, return_sequences=True, unit_forget_bias=False, bias_initializer='ones', name='b')",
        "layers.LSTM(8, return_sequences=True, bias_initializer='random_normal', name='c')",
        "layers.GRU(8, return_sequences=True, recurrent_initializer=keras.initializers.Identity(gain=0.5),"
        " kernel_initializer=keras.initializers.RandomUniform(minval=2.0, maxval=3.0), name='d')",
        "layers.Dense(400, name='e', kernel_initializer="
        "keras.initializers.VarianceScaling(2.0, 'fan_out', 'untruncated_normal'))",
    )
    plan = (
        planned("series", "Input"),
        *(planned(n, "LSTM") for n in "abc"),
        planned("d", "GRU"),
        planned("e", "Dense"),
    )
    drawn = weights(stand(source, plan))
    recurrent = drawn["#a/recurrent_kernel"]
    assert numpy.allclose(recurrent @ recurrent.T, numpy.eye(32), atol=1e-5)
    limit = numpy.sqrt(6 / (3 + 128))
    assert 0.9 * limit < numpy.abs(drawn["#a/kernel"]).max() <= limit
    assert numpy.array_equal(drawn["#a/bias"], numpy.repeat([0, 1, 0, 0], 32))
    assert numpy.array_equal(drawn["#b/bias"], numpy.ones(128))
    bias = drawn["#c/bias"]
    assert numpy.array_equal(bias[8:16], numpy.ones(8))
    assert 0 < numpy.abs(bias[:8]).max() < 0.5
    assert numpy.array_equal(drawn["#d/recurrent_kernel"][:, :8], numpy.eye(8) * 0.5)
    assert 2 <= drawn["#d/kernel"].min() < drawn["#d/kernel"].max() < 3
    assert abs(drawn["#e/kernel"].std() / numpy.sqrt(2 / 400) - 1) < 0.1


def test_that_a_users_own_seed_is_kept_and_drawing_leaves_the_layers_as_they_were(stand: Stand) -> None:
    import keras

    seeded = "layers.LSTM(4, kernel_initializer=keras.initializers.GlorotUniform(seed=5), name='memory')"
    plan = (planned("series", "Input"), MEMORY)
    one, other = stand(chain(seeded), plan, seed=1), stand(chain(seeded), plan, seed=2)
    expected = keras.initializers.GlorotUniform(seed=5)((3, 16))
    assert numpy.array_equal(weights(one)["#memory/kernel"], expected)
    assert numpy.array_equal(weights(other)["#memory/kernel"], expected)
    assert not numpy.array_equal(
        weights(one)["#memory/recurrent_kernel"], weights(other)["#memory/recurrent_kernel"]
    )
    configuration = one.layer("memory").get_config()
    assert configuration["recurrent_initializer"]["config"]["seed"] is None
    assert configuration["bias_initializer"]["class_name"] == "Zeros"


def test_that_given_weights_are_used_and_one_that_does_not_fit_is_drawn_anew(stand: Stand) -> None:
    plan = (planned("series", "Input"), MEMORY)
    given = {
        "#memory/kernel": numpy.full((3, 16), 0.25, "float32"),
        "#memory/recurrent_kernel": numpy.ones((5, 20), "float32"),
        "#gone/kernel": numpy.ones((1, 1), "float32"),
    }
    standing = stand(chain(LSTM), plan, given=given)
    drawn = weights(stand(chain(LSTM), plan))
    assert numpy.array_equal(weights(standing)["#memory/kernel"], given["#memory/kernel"])
    assert numpy.array_equal(weights(standing)["#memory/recurrent_kernel"], drawn["#memory/recurrent_kernel"])
    assert "#gone/kernel" not in weights(standing)


def test_that_no_initializer_runs_for_a_weight_that_is_given(stand: Stand, monkeypatch: Any) -> None:
    import keras

    plan = (planned("series", "Input"), MEMORY)
    given = weights(stand(chain(LSTM), plan))

    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("an initializer ran")

    monkeypatch.setattr(keras.initializers.Orthogonal, "__call__", forbidden)
    monkeypatch.setattr(keras.initializers.GlorotUniform, "__call__", forbidden)
    again = stand(chain(LSTM), plan, given=given)
    assert all(numpy.array_equal(weights(again)[key], value) for key, value in given.items())


def test_that_weights_of_wider_types_survive_the_journey_as_float32(stand: Stand) -> None:
    source = chain("layers.LSTM(4, dtype='float64', name='memory')")
    plan = (planned("series", "Input"), MEMORY)
    first = stand(source, plan)
    again = stand(source, plan, given=weights(first))
    for one, other in zip(first.model.weights, again.model.weights, strict=True):
        assert numpy.array_equal(one, other)
        assert str(one.dtype) == "float64"
