"""parts: a Keras model, designed in RNN Designer."""

import keras
from keras import constraints, initializers, layers, regularizers


def build_model() -> keras.Model:
    """Build the model.

    Input:
        input: (batch, time=30, features=2)

    Output:
        global_average_pooling1d: (batch, features=5)
    """
    return keras.Sequential(
        [
            keras.Input((30, 2), name="input"),
            layers.GRU(
                5,
                return_sequences=True,
                reset_after=False,
                kernel_regularizer=regularizers.L1L2(l1=0.01, l2=0.02),
                kernel_initializer="he_normal",
                recurrent_initializer=initializers.Orthogonal(gain=0.5),
                bias_initializer=initializers.Constant(0.25),
                recurrent_constraint=constraints.MaxNorm(max_value=3.0),
                bias_constraint="non_neg",
            ),
            layers.Masking(mask_value=-1.0),
            layers.GlobalAveragePooling1D(),
        ],
        name="parts",
    )


def main() -> None:
    """Build the model, print its summary and run one random batch through it."""
    model = build_model()
    model.summary()
    batch = keras.random.normal((1, 30, 2))
    output = model.predict_on_batch(batch)
    print("global_average_pooling1d", output.shape)


if __name__ == "__main__":
    main()
