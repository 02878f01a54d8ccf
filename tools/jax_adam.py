"""Adam by TensorFlow 1's rule, and clipping, as pure functions of arrays (REFERENCE 3)."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

Arrays = tuple[jax.Array, ...]


class Trained(NamedTuple):
    """What one optimizer trains, each in the order of its variables."""

    weights: Arrays
    momentum: Arrays
    velocity: Arrays


def corrected_rate(learning_rate: float, updates: int, betas: Sequence[float]) -> np.float32:
    """The rate of an update, counted from 1, with the bias correction folded in.

    In float64, on the host: in float32, 1 - beta_2^t loses four digits.
    """
    beta_1, beta_2 = betas
    correction = np.sqrt(1 - beta_2**updates) / (1 - beta_1**updates)
    return np.float32(float(np.float32(learning_rate)) * correction)


def adam_updated(
    trained: Trained, gradients: Arrays, rate: Any, betas: Sequence[float], epsilon: float
) -> Trained:
    """One update; `rate` is from `corrected_rate`."""
    steps_1, steps_2 = (1 - beta for beta in betas)
    momentum = tuple(
        m + steps_1 * (g - m) for m, g in zip(trained.momentum, gradients, strict=True)
    )
    velocity = tuple(
        v + steps_2 * (g * g - v) for v, g in zip(trained.velocity, gradients, strict=True)
    )
    weights = tuple(
        w - rate * m / (jnp.sqrt(v) + epsilon)
        for w, m, v in zip(trained.weights, momentum, velocity, strict=True)
    )
    return Trained(weights, momentum, velocity)


def clipped(gradients: Arrays, largest_norm: float) -> Arrays:
    """The gradients scaled so that their common norm is at most `largest_norm`."""
    norm = jnp.sqrt(sum(jnp.sum(g * g) for g in gradients))
    factor = largest_norm * jnp.minimum(1 / norm, 1 / largest_norm)
    return tuple(factor * g for g in gradients)
