"""A cell without weights: it adds up what it has read so far."""

import keras


@keras.saving.register_keras_serializable(package="rnn_designer")
class RunningSumCell(keras.layers.Layer):
    """One step of s = decay · s' + x: with a decay of 1, the sum of everything up to this step.

    Args:
        units: How many features come in; there is one sum for each.
        decay: How much of the old sum is kept at each step. Below 1, old inputs fade.
    """

    state_names = ("sum",)

    def __init__(self, units, decay=1.0, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.decay = decay
        self.state_size = units
        self.output_size = units

    def build(self, input_shape):
        # Adding needs as many sums as there are features: anything else would be spread out or fail later.
        features = input_shape[-1]
        if features != self.units:
            raise ValueError(
                f"Expected as many units as the input has features, {features}, got {self.units}. "
                f"Set units to {features}."
            )

    def call(self, inputs, states):
        total = self.decay * states[0] + inputs
        return total, [total]

    def get_config(self):
        return {**super().get_config(), "units": self.units, "decay": self.decay}
