"""One step at a time: a Keras model, designed in RNN Designer."""

import keras
from keras import layers


def build_model() -> keras.Model:
    """Build the model.

    Input:
        x: (batch, time, features=5)

    Output:
        projection: (batch, time, features=5)
    """
    return keras.Sequential(
        [
            keras.Input((None, 5), name="x"),
            layers.SimpleRNN(64, return_sequences=True, name="simple_rnn"),
            layers.Dense(5, name="projection"),
        ],
        name="one_step_at_a_time",
    )


def build_step_model(model: keras.Model) -> keras.Model:
    """Build the model of one step: the same layers, with states going in and out.

    Args:
        model: what `build_model()` makes.

    Inputs:
        x: any number of steps
        simple_rnn_h: the state before them; zeros at the beginning

    Outputs:
        what the model predicts, then its state after the last step
    """
    x_ = keras.Input((None, 5), name="x")
    simple_rnn_h = keras.Input((64,), name="simple_rnn_h")
    x, *simple_rnn_states = layers.RNN(
        model.get_layer("simple_rnn").cell, return_sequences=True, return_state=True
    )(x_, initial_state=[simple_rnn_h])
    x = model.get_layer("projection")(x)
    return keras.Model([x_, simple_rnn_h], [x, *simple_rnn_states])


def generate(step_model, prefix, steps):
    """Continue sequences by themselves: every prediction is the next input.

    Args:
        step_model: what `build_step_model()` makes.
        prefix: how the sequences begin, `(batch, time, features)`.
        steps: how many steps to add.

    Returns:
        The prefix with the new steps behind it, `(batch, time + steps, features)`.
    """
    piece = keras.ops.convert_to_tensor(prefix, "float32")
    pieces = [piece]
    states = [
        keras.ops.zeros((len(prefix), *state.shape[1:]))
        for state in step_model.inputs[1:]
    ]
    for _ in range(steps):
        prediction, *states = step_model.predict_on_batch([piece, *states])
        piece = prediction[:, -1:]
        pieces.append(piece)
    return keras.ops.concatenate(pieces, axis=1)


def main() -> None:
    """Build the model, print its summary and run one random batch through it."""
    model = build_model()
    model.summary()
    batch = keras.random.normal((1, 3, 5))
    output = model.predict_on_batch(batch)
    print("projection", output.shape)
    step_model = build_step_model(model)
    generated = generate(step_model, batch, steps=5)
    print("generated", generated.shape)


if __name__ == "__main__":
    main()
