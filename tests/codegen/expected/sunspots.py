"""Sunspots, two LSTMs: a Keras model, designed in RNN Designer."""

import keras
from keras import layers, regularizers


def build_model() -> keras.Model:
    """Build the model.

    Input:
        sunspots: (batch, time, features=1)

    Output:
        forecast: (batch, features=1)
    """
    return keras.Sequential(
        [
            keras.Input((None, 1), name="sunspots"),
            layers.LSTM(64, return_sequences=True, name="memory"),
            layers.Dropout(0.2),
            layers.LSTM(16, kernel_regularizer=regularizers.L2(0.02)),
            layers.Dense(1, name="forecast"),
        ],
        name="sunspots_two_lstms",
    )


def main() -> None:
    """Build the model, print its summary and run one random batch through it."""
    model = build_model()
    model.summary()
    batch = keras.random.normal((8, 120, 1))
    output = model.predict_on_batch(batch)
    print("forecast", output.shape)


if __name__ == "__main__":
    main()
