"""Zwei Zweige: a Keras model, designed in RNN Designer."""

import keras
from keras import layers


def build_model() -> keras.Model:
    """Build the model.

    Inputs:
        sensor: (batch, time, features=3)
        word: (batch, time)

    Outputs:
        each_step: (batch, time, features=2)
        summary: (batch, features=2)
    """
    sensor = keras.Input((None, 3), name="sensor")
    encoder, encoder_h, _encoder_c = layers.LSTM(
        4, return_sequences=True, return_state=True, name="encoder"
    )(sensor)
    summary = layers.Dense(2, activation="softmax", name="summary")(encoder_h)
    word = keras.Input((None,), dtype="int32", name="word")
    x = layers.Embedding(50, 4)(word)
    reader = layers.SimpleRNN(4, return_sequences=True, name="reader")(x)
    # Keras drops a SimpleRNN's own activity_regularizer, so the penalty is a layer.
    reader = layers.ActivityRegularization(l1=0.01, name="reader_activity")(reader)
    x = layers.Concatenate(name="together")([encoder, reader])
    each_step = layers.TimeDistributed(layers.Dense(2), name="each_step")(x)
    return keras.Model([sensor, word], [each_step, summary], name="zwei_zweige")


def main() -> None:
    """Build the model, print its summary and run one random batch through it."""
    model = build_model()
    model.summary()
    batch = [keras.random.normal((1, 50, 3)), keras.random.randint((1, 50), 0, 50)]
    outputs = model.predict_on_batch(batch)
    for label, output in zip(["each_step", "summary"], outputs, strict=True):
        print(label, output.shape)


if __name__ == "__main__":
    main()
