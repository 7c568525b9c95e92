"""A cell with a single gate: a GRU reduced to what is needed (minimal gated unit)."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="rnn_designer")
class MinimalGatedCell(keras.layers.Layer):
    """The minimal gated unit of Zhou, Wu, Zhang and Zhou (2016).

    f = sigmoid(x · W_f + h' · U_f + b_f)
    g = tanh(x · W_g + (f ⊙ h') · U_g + b_g)
    h = (1 - f) ⊙ h' + f ⊙ g

    The one gate f decides both how much of the old state the candidate g sees, and how much of it g replaces.
    It has two thirds of a GRU's weights.

    Args:
        units: How many numbers the state h and the output have.
    """

    state_names = ("h",)

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.state_size = units
        self.output_size = units

    def build(self, input_shape):
        features = input_shape[-1]
        # Gate and candidate lie side by side in each weight.
        self.kernel = self.add_weight(
            name="kernel", shape=(features, 2 * self.units), initializer="glorot_uniform"
        )
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(self.units, 2 * self.units), initializer="orthogonal"
        )
        self.bias = self.add_weight(name="bias", shape=(2 * self.units,), initializer="zeros")

    def call(self, inputs, states):
        previous = states[0]
        read_f, read_g = ops.split(ops.matmul(inputs, self.kernel) + self.bias, 2, axis=-1)
        recurrent_f, recurrent_g = ops.split(self.recurrent_kernel, 2, axis=-1)
        f = ops.sigmoid(read_f + ops.matmul(previous, recurrent_f))
        g = ops.tanh(read_g + ops.matmul(f * previous, recurrent_g))
        h = (1 - f) * previous + f * g
        return h, [h]

    def get_config(self):
        return {**super().get_config(), "units": self.units}
