"""Batch size and time steps: a Keras model, designed in RNN Designer."""

import keras
from keras import layers


def build_model() -> keras.Model:
    """Build the model.

    Input:
        x: (batch, time, features=5)

    Output:
        simple_rnn: (batch, time, features=64)
    """
    return keras.Sequential(
        [
            keras.Input((None, 5), name="x"),
            layers.SimpleRNN(64, return_sequences=True),
        ],
        name="batch_size_and_time_steps",
    )


def main() -> None:
    """Build the model, print its summary and run one random batch through it."""
    model = build_model()
    model.summary()
    batch = keras.random.normal((2, 4, 5))
    output = model.predict_on_batch(batch)
    print("simple_rnn", output.shape)


if __name__ == "__main__":
    main()
