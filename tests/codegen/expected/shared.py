"""One reader for both: a Keras model, designed in RNN Designer."""

import keras
from keras import layers


def build_model() -> keras.Model:
    """Build the model.

    Inputs:
        question: (batch, time, features=4)
        answer: (batch, time, features=4)

    Output:
        match: (batch, features=1)
    """
    question = keras.Input((None, 4), name="question")
    # Both directions side by side: twice the features of one.
    reader = layers.Bidirectional(layers.GRU(8, return_state=True), name="reader")
    _reader_output, reader_forward_h, _reader_backward_h = reader(question)
    answer = keras.Input((None, 4), name="answer")
    _reader_again_output, reader_again_forward_h, _reader_again_backward_h = reader(
        answer
    )
    x = layers.Subtract(name="difference")([reader_forward_h, reader_again_forward_h])
    x = layers.Dense(1, activation="sigmoid", name="match")(x)
    return keras.Model([question, answer], x, name="one_reader_for_both")


def main() -> None:
    """Build the model, print its summary and run one random batch through it."""
    model = build_model()
    model.summary()
    batch = [keras.random.normal((1, 50, 4)), keras.random.normal((1, 50, 4))]
    output = model.predict_on_batch(batch)
    print("match", output.shape)


if __name__ == "__main__":
    main()
