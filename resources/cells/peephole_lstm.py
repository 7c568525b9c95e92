"""An LSTM cell whose gates also see the cell state, through so-called peepholes."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="rnn_designer")
class PeepholeLSTMCell(keras.layers.Layer):
    """The LSTM of Gers and Schmidhuber (2000): gates that look at the memory that they guard.

    i = sigmoid(x · W_i + h' · U_i + p_i ⊙ c' + b_i)
    f = sigmoid(x · W_f + h' · U_f + p_f ⊙ c' + b_f)
    g = tanh(x · W_g + h' · U_g + b_g)
    c = f ⊙ c' + i ⊙ g
    o = sigmoid(x · W_o + h' · U_o + p_o ⊙ c + b_o)
    h = o ⊙ tanh(c)

    It learns precise timing better than the usual LSTM, since a gate can open when c reaches some level.

    Args:
        units: How many numbers the states h and c and the output have.
        forget_bias: Where the forget gate's bias starts; 1 keeps memories at the beginning of training.
    """

    state_names = ("h", "c")

    def __init__(self, units, forget_bias=1.0, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.forget_bias = forget_bias
        # Two states: what is put out, and the memory.
        self.state_size = [units, units]
        self.output_size = units

    def build(self, input_shape):
        features = input_shape[-1]
        # The weights of all four gates lie side by side, in the order i, f, g, o.
        self.kernel = self.add_weight(
            name="kernel", shape=(features, 4 * self.units), initializer="glorot_uniform"
        )
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(self.units, 4 * self.units), initializer="orthogonal"
        )
        # A peephole is one number per unit: each unit's gate sees that unit's memory only.
        self.peepholes = self.add_weight(
            name="peepholes", shape=(3, self.units), initializer=keras.initializers.RandomNormal(stddev=0.1)
        )
        self.bias = self.add_weight(name="bias", shape=(4 * self.units,), initializer="zeros")

    def call(self, inputs, states):
        h, c = states
        sums = ops.matmul(inputs, self.kernel) + ops.matmul(h, self.recurrent_kernel) + self.bias
        sum_i, sum_f, sum_g, sum_o = ops.split(sums, 4, axis=-1)
        i = ops.sigmoid(sum_i + self.peepholes[0] * c)
        f = ops.sigmoid(sum_f + self.forget_bias + self.peepholes[1] * c)
        c = f * c + i * ops.tanh(sum_g)
        # The output gate sees the memory as it is now, after this step.
        o = ops.sigmoid(sum_o + self.peepholes[2] * c)
        h = o * ops.tanh(c)
        return h, [h, c]

    def get_config(self):
        return {**super().get_config(), "units": self.units, "forget_bias": self.forget_bias}
