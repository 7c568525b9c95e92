"""Stack to stack: a Keras model, designed in RNN Designer."""

import keras
from keras import layers, regularizers


def build_model() -> keras.Model:
    """Build the model.

    Input:
        series: (batch, time, features=3)

    Output:
        decoder: (batch, time=6, features=4)
    """
    series = keras.Input((None, 3), name="series")
    encoder, (encoder_cell_0_h, encoder_cell_0_c), encoder_cell_1_h = layers.RNN(
        layers.StackedRNNCells(
            [
                layers.LSTMCell(
                    8, kernel_regularizer=regularizers.L2(0.01), name="lower"
                ),
                layers.GRUCell(4),
            ]
        ),
        return_state=True,
        name="encoder",
    )(series)
    repeat_vector = layers.RepeatVector(6)(encoder)
    x = layers.RNN(
        layers.StackedRNNCells(
            [
                layers.LSTMCell(8),
                layers.GRUCell(4),
            ]
        ),
        return_sequences=True,
        name="decoder",
    )(
        repeat_vector,
        initial_state=[[encoder_cell_0_h, encoder_cell_0_c], encoder_cell_1_h],
    )
    return keras.Model(series, x, name="stack_to_stack")


def main() -> None:
    """Build the model, print its summary and run one random batch through it."""
    model = build_model()
    model.summary()
    batch = keras.random.normal((1, 50, 3))
    output = model.predict_on_batch(batch)
    print("decoder", output.shape)


if __name__ == "__main__":
    main()
