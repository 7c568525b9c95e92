"""Started elsewhere: a Keras model, designed in RNN Designer."""

import keras
from keras import layers


def constant_state(
    sequence: keras.KerasTensor, units: int, value: float | list[float]
) -> keras.KerasTensor:
    """Make an initial state, the same for every sample: one value, or one per unit."""
    first = sequence[:, 0, :1]
    return keras.ops.full_like(
        keras.ops.tile(first, (1, units)), keras.ops.array(value)
    )


def build_model() -> keras.Model:
    """Build the model.

    Input:
        series: (batch, time, features=2)

    Output:
        gru: (batch, features=2)
    """
    series = keras.Input((None, 2), name="series")
    x = layers.LSTM(3, return_sequences=True, name="memory")(
        series,
        initial_state=[
            constant_state(series, 3, 0.5),
            constant_state(series, 3, [0.1, 0.2, -0.3]),
        ],
    )
    x = layers.GRU(2)(x, initial_state=constant_state(x, 2, 1.0))
    return keras.Model(series, x, name="started_elsewhere")


def main() -> None:
    """Build the model, print its summary and run one random batch through it."""
    model = build_model()
    model.summary()
    batch = keras.random.normal((1, 50, 2))
    output = model.predict_on_batch(batch)
    print("gru", output.shape)


if __name__ == "__main__":
    main()
