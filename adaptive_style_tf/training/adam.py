"""Adam as TensorFlow 1 computes it, with the fused kernel where there is one."""

from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from adaptive_style_tf.models import read_value


@keras.saving.register_keras_serializable("adaptive_style_tf")
class Adam(keras.optimizers.Adam):
    """TensorFlow 1's rule (REFERENCE 3), epsilon added to sqrt(v), 1e-8 by default.

    `w -= lr * sqrt(1 - beta_2^t) / (1 - beta_1^t) * m / (sqrt(v) + epsilon)`

    Keras' Adam is the same rule in a dozen passes over the weights; TensorFlow's kernel makes one,
    which matters for the 50 million weights of the discriminator. Other backends use Keras' own.
    """

    def __init__(self, learning_rate: float = 2e-4, epsilon: float = 1e-8, **options: Any) -> None:
        super().__init__(learning_rate=learning_rate, epsilon=epsilon, **options)

    def update_step(self, gradient: Any, variable: Any, learning_rate: Any) -> None:
        if keras.config.backend() != "tensorflow":
            super().update_step(gradient, variable, learning_rate)
            return
        import tensorflow as tf

        index = self._get_variable_index(variable)
        dtype = variable.dtype.as_numpy_dtype
        # TensorFlow 1 rounds the betas to the weights' dtype. The bias correction is taken in
        # float64: in float32, 1 - beta_2^t loses four digits.
        beta_1, beta_2 = (np.dtype(dtype).type(beta) for beta in (self.beta_1, self.beta_2))
        updates = ops.cast(self.iterations + 1, "float64")
        rate = (
            ops.cast(learning_rate, "float64")
            * ops.sqrt(1 - ops.power(np.float64(beta_2), updates))
            / (1 - ops.power(np.float64(beta_1), updates))
        )
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,  # Keras hands over the tf.Variable itself
            m=self._momentums[index].value.handle,
            v=self._velocities[index].value.handle,
            beta1_power=tf.zeros((), dtype),
            beta2_power=tf.zeros((), dtype),
            lr=tf.cast(rate, dtype),
            beta1=beta_1,
            beta2=beta_2,
            epsilon=tf.constant(self.epsilon, dtype),
            grad=tf.cast(gradient, dtype),
            use_locking=True,
        )


def read_slots(optimizer: keras.optimizers.Adam, names: list[str]) -> dict[str, npt.NDArray[Any]]:
    """State of a built optimizer as `iterations`, `momentum/<name>`, `velocity/<name>`.

    Args:
        names: the names of the variables it was built with, in that order.
    """
    state = {"iterations": read_value(optimizer.iterations).astype(np.int64)}
    for kind, variables in slots(optimizer).items():
        for name, variable in zip(names, variables, strict=True):
            state[f"{kind}/{name}"] = read_value(variable)
    return state


def assign_slots(
    optimizer: keras.optimizers.Adam, names: list[str], state: dict[str, npt.NDArray[Any]]
) -> None:
    """Sets a built optimizer to what `read_slots` gave.

    Raises:
        KeyError: if a slot is missing.
    """
    optimizer.iterations.assign(state["iterations"].reshape(()))
    for kind, variables in slots(optimizer).items():
        for name, variable in zip(names, variables, strict=True):
            variable.assign(state[f"{kind}/{name}"])


def slots(optimizer: keras.optimizers.Adam) -> dict[str, list[Any]]:
    return {"momentum": optimizer._momentums, "velocity": optimizer._velocities}
