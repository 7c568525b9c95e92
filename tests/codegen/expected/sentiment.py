"""sentiment: a Keras model, designed in RNN Designer."""

import keras
from keras import layers


def build_model() -> keras.Model:
    """Build the model.

    Input:
        review: (batch, time=80)

    Output:
        dense: (batch, features=1)
    """
    return keras.Sequential(
        [
            keras.Input((80,), dtype="int32", name="review"),
            layers.Embedding(1000, 16, mask_zero=True),
            layers.Bidirectional(
                layers.GRU(8, return_sequences=True), merge_mode="sum", name="both_ways"
            ),
            # Both directions side by side: twice the features of one.
            layers.Bidirectional(
                # Without cuDNN, masked steps give the same on every device.
                layers.LSTM(8, use_cudnn=False)
            ),
            layers.Dense(1, activation="sigmoid"),
        ],
        name="sentiment",
    )


def main() -> None:
    """Build the model, print its summary and run one random batch through it."""
    model = build_model()
    model.summary()
    batch = keras.random.randint((1, 80), 0, 1000)
    output = model.predict_on_batch(batch)
    print("dense", output.shape)


if __name__ == "__main__":
    main()
