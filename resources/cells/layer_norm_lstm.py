"""An LSTM cell that brings its sums to a common scale at every step (layer normalisation)."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="rnn_designer")
class LayerNormLSTMCell(keras.layers.Layer):
    """The LSTM with layer normalisation of Ba, Kiros and Hinton (2016).

    [i, f, g, o] = norm(x · W) + norm(h' · U) + b, with sigmoid on i, f and o and tanh on g
    c = f ⊙ c' + i ⊙ g
    h = o ⊙ tanh(norm(c))

    Each norm subtracts the mean over the units, divides by their deviation, and has a learned scale; the last one
    has a learned shift as well. States keep their size over long sequences, and training is steadier.

    Args:
        units: How many numbers the states h and c and the output have.
        epsilon: A small number added to the variance, so that nothing is divided by 0.
    """

    state_names = ("h", "c")

    def __init__(self, units, epsilon=0.001, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.epsilon = epsilon
        self.state_size = [units, units]
        self.output_size = units
        # Layers inside a cell are made here, and built in build().
        self.norm_inputs = keras.layers.LayerNormalization(epsilon=epsilon, center=False, name="norm_inputs")
        self.norm_state = keras.layers.LayerNormalization(epsilon=epsilon, center=False, name="norm_state")
        self.norm_memory = keras.layers.LayerNormalization(epsilon=epsilon, name="norm_memory")

    def build(self, input_shape):
        features = input_shape[-1]
        # The weights of all four gates lie side by side, in the order i, f, g, o.
        self.kernel = self.add_weight(
            name="kernel", shape=(features, 4 * self.units), initializer="glorot_uniform"
        )
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(self.units, 4 * self.units), initializer="orthogonal"
        )
        self.bias = self.add_weight(name="bias", shape=(4 * self.units,), initializer="zeros")
        self.norm_inputs.build((None, 4 * self.units))
        self.norm_state.build((None, 4 * self.units))
        self.norm_memory.build((None, self.units))

    def call(self, inputs, states):
        h, c = states
        sums = (
            self.norm_inputs(ops.matmul(inputs, self.kernel))
            + self.norm_state(ops.matmul(h, self.recurrent_kernel))
            + self.bias
        )
        sum_i, sum_f, sum_g, sum_o = ops.split(sums, 4, axis=-1)
        # Adding 1 lets the forget gate start out open.
        c = ops.sigmoid(sum_f + 1.0) * c + ops.sigmoid(sum_i) * ops.tanh(sum_g)
        h = ops.sigmoid(sum_o) * ops.tanh(self.norm_memory(c))
        return h, [h, c]

    def get_config(self):
        return {**super().get_config(), "units": self.units, "epsilon": self.epsilon}
