"""GRU: a Keras model, designed in RNN Designer."""

import keras
from keras import layers


def build_model() -> keras.Model:
    """Build the model.

    Input:
        x: (batch, time=3, features=5)

    Output:
        gru: (batch, time=3, features=64)
    """
    return keras.Sequential(
        [
            keras.Input((3, 5), name="x"),
            layers.GRU(64, return_sequences=True),
        ],
        name="gru",
    )


def main() -> None:
    """Build the model, print its summary and run one random batch through it."""
    model = build_model()
    model.summary()
    batch = keras.random.normal((1, 3, 5))
    output = model.predict_on_batch(batch)
    print("gru", output.shape)


if __name__ == "__main__":
    main()
