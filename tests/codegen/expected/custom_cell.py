"""Running sum: a Keras model, designed in RNN Designer."""

import keras
from keras import layers


# ---- Custom cell RunningSum: written by hand, kept as it is ----
@keras.saving.register_keras_serializable(package="rnn_designer")  # for saved models
class RunningSum(layers.Layer):
    """Adds   up what it reads."""   # spacing stays as it is

    state_names = ("total",)

    def __init__(self, size, *, fade=1.0, **kwargs):
        super().__init__(**kwargs)
        self.size, self.fade = size, fade
        self.state_size = self.output_size = size

    def call(self, inputs, states):
        total = self.fade * states[0] + inputs
        return total, [total]

    def get_config(self):
        return { **super().get_config(), 'size': self.size, 'fade': self.fade }
# ---- End of RunningSum ----


def build_model() -> keras.Model:
    """Build the model.

    Input:
        x: (batch, time=3, features=5)

    Output:
        dense: (batch, time=3, features=2)
    """
    return keras.Sequential(
        [
            keras.Input((3, 5), name="x"),
            layers.RNN(RunningSum(size=5, fade=0.9), return_sequences=True),
            layers.Dense(2),
        ],
        name="running_sum",
    )


def main() -> None:
    """Build the model, print its summary and run one random batch through it."""
    model = build_model()
    model.summary()
    batch = keras.random.normal((1, 3, 5))
    output = model.predict_on_batch(batch)
    print("dense", output.shape)


if __name__ == "__main__":
    main()
