"""Runs in the environment of requirements-addons.txt: witness.py MODEL QUESTIONS ANSWERS.

Questions and answers are NumPy archives: `features`, `scale` and `offset` for the normalization of
tensorflow_addons, `levels`, `values` and `png` for the signatures of the exported model.
"""

import sys

import numpy as np
import tensorflow as tf
import tensorflow_addons as tfa


def main(model: str, questions: str, answers: str) -> None:
    asked = np.load(questions)
    signatures = tf.saved_model.load(model).signatures
    levels = signatures["serving_default"](image=tf.constant(asked["levels"]))
    values = signatures["stylize_float"](image=tf.constant(asked["values"]))
    file = tf.constant([asked["png"].tobytes()])
    files = {
        name: signatures[name](image_bytes=file)["stylized_bytes"].numpy()[0]
        for name in ("stylize_encoded", "stylize_encoded_png")
    }
    np.savez(
        answers,
        versions=[tf.__version__, tfa.__version__],
        normalized=normalized(asked["features"], asked["scale"], asked["offset"]),
        levels=levels["stylized"],
        values=values["stylized"],
        **{name: np.frombuffer(content, np.uint8) for name, content in files.items()},
    )


def normalized(features: np.ndarray, scale: np.ndarray, offset: np.ndarray) -> np.ndarray:
    # Its own epsilon is 1e-3.
    layer = tfa.layers.InstanceNormalization(epsilon=1e-5)
    layer.build(features.shape)
    layer.set_weights([scale, offset])
    return layer(features).numpy()


if __name__ == "__main__":
    main(*sys.argv[1:])
