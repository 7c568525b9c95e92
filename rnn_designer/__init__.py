"""RNN Designer: draw recurrent networks, watch their states and gates, export exact Keras code."""

__version__ = "0.1.0"
