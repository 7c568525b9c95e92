"""The smallest useful recurrent cell: a dense layer that also reads its own last output."""

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="rnn_designer")
class MinimalCell(keras.layers.Layer):
    """One step of h = activation(x · W + h' · U + b), where h' is the state of the step before.

    Args:
        units: How many numbers the state h and the output have.
        activation: The function that keeps the state in bounds.
    """

    # Names of the states, in the order of state_size; plots and wires show them.
    state_names = ("h",)

    def __init__(self, units, activation="tanh", **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.activation = keras.activations.get(activation)
        # The RNN around the cell asks for these two: one state of so many units, and as many outputs.
        self.state_size = units
        self.output_size = units

    def build(self, input_shape):
        # The inputs of one step have the shape (batch, features).
        features = input_shape[-1]
        self.kernel = self.add_weight(
            name="kernel", shape=(features, self.units), initializer="glorot_uniform"
        )
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(self.units, self.units), initializer="orthogonal"
        )
        self.bias = self.add_weight(name="bias", shape=(self.units,), initializer="zeros")

    def call(self, inputs, states):
        # Keras 3 hands the states over as a list, also where there is only one.
        previous = states[0]
        h = self.activation(
            ops.matmul(inputs, self.kernel) + ops.matmul(previous, self.recurrent_kernel) + self.bias
        )
        # The output of this step, and the list of states for the next one.
        return h, [h]

    def get_config(self):
        # What __init__ needs to make the same cell again when a saved model is loaded.
        return {
            **super().get_config(),
            "units": self.units,
            "activation": keras.activations.serialize(self.activation),
        }
