"""Runs signatures by TensorFlow in Python, without Keras."""

import tensorflow as tf


def connect(folder: str):
    """What runs a signature of this model: its name and inputs to its outputs."""
    model = tf.saved_model.load(folder)

    def run(name, inputs):
        outputs = model.signatures[name](**{key: tf.constant(v) for key, v in inputs.items()})
        return {key: taken(output) for key, output in outputs.items()}

    return run


def taken(output: tf.Tensor):
    return output.numpy().tolist() if output.dtype == tf.string else output.numpy()
