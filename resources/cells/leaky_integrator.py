"""A cell whose state moves only part of the way at each step, so that it forgets slowly."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="rnn_designer")
class LeakyIntegratorCell(keras.layers.Layer):
    """One step of h = (1 - leak) · h' + leak · activation(x · W + h' · U + b).

    A small leak makes slow units that average over about 1 / leak steps; with a leak of 1 it is the minimal
    cell. Reservoirs (echo state networks) are made of such units.

    Args:
        units: How many numbers the state h and the output have.
        leak: Which part of the state is replaced at each step, above 0 and at most 1.
        activation: The function that keeps the new part in bounds.
    """

    state_names = ("h",)

    def __init__(self, units, leak=0.2, activation="tanh", **kwargs):
        super().__init__(**kwargs)
        if not 0 < leak <= 1:
            raise ValueError(f"Expected a leak above 0 and at most 1, got {leak}. Change the argument leak.")
        self.units = units
        self.leak = leak
        self.activation = keras.activations.get(activation)
        self.state_size = units
        self.output_size = units

    def build(self, input_shape):
        features = input_shape[-1]
        self.kernel = self.add_weight(
            name="kernel", shape=(features, self.units), initializer="glorot_uniform"
        )
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(self.units, self.units), initializer="orthogonal"
        )
        self.bias = self.add_weight(name="bias", shape=(self.units,), initializer="zeros")

    def call(self, inputs, states):
        previous = states[0]
        drive = self.activation(
            ops.matmul(inputs, self.kernel) + ops.matmul(previous, self.recurrent_kernel) + self.bias
        )
        # Most of the old state stays; the rest comes from what is read now.
        h = (1 - self.leak) * previous + self.leak * drive
        return h, [h]

    def get_config(self):
        return {
            **super().get_config(),
            "units": self.units,
            "leak": self.leak,
            "activation": keras.activations.serialize(self.activation),
        }
