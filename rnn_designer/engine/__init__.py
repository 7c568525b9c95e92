"""The worker: executes exported source with Keras and records what its layers compute.

Nothing imports this package: it is started by name as a process and spoken to in messages. It is the only one
that may import Keras and TensorFlow, and it knows neither the catalog nor the design.
"""
