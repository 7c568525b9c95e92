"""Encoder–decoder with attention: a Keras model, designed in RNN Designer."""

import keras
from keras import layers


def build_model() -> keras.Model:
    """Build the model.

    Inputs:
        past: (batch, time, features=3)
        future: (batch, time, features=1)

    Output:
        forecast: (batch, time, features=1)
    """
    past = keras.Input((None, 3), name="past")
    encoder, encoder_h, encoder_c = layers.LSTM(
        16, return_sequences=True, return_state=True, name="encoder"
    )(past)
    future = keras.Input((None, 1), name="future")
    decoder = layers.LSTM(16, return_sequences=True, name="decoder")(
        future, initial_state=[encoder_h, encoder_c]
    )
    looking_back = layers.Attention(name="looking_back")([decoder, encoder])
    x = layers.Concatenate()([decoder, looking_back])
    x = layers.Dense(1, name="forecast")(x)
    return keras.Model([past, future], x, name="encoder_decoder_with_attention")


def main() -> None:
    """Build the model, print its summary and run one random batch through it."""
    model = build_model()
    model.summary()
    batch = [keras.random.normal((1, 50, 3)), keras.random.normal((1, 50, 1))]
    output = model.predict_on_batch(batch)
    print("forecast", output.shape)


if __name__ == "__main__":
    main()
