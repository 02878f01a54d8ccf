"""The two training steps under TensorFlow: forward, gradients, update, and nothing else."""

from typing import Any

import tensorflow as tf

from adaptive_style_tf.training.objectives import (
    Terms,
    discriminator_objective,
    generator_objective,
)
from adaptive_style_tf.training.palette import Palette
from adaptive_style_tf.training.settings import ObjectiveSettings
from adaptive_style_tf.training.state import TrainingState
from adaptive_style_tf.training.warm_start import (
    WARM_START_CLIP_NORM,
    warm_start_objective,
)


class TrainingSteps:
    """`generator_step` and `discriminator_step` as graphs, each traced once for a shape of batch.

    Args:
        state: what the steps change; they do not touch its `step` and `success`.
        average_memory: share of the generator's weight average that a step keeps, in [0, 1).
        palette: of the paintings; the warm start and a stroke weight need it.
    """

    def __init__(
        self,
        state: TrainingState,
        settings: ObjectiveSettings,
        average_memory: float = 0.0,
        palette: Palette | None = None,
    ) -> None:
        self.networks = state.networks
        self.generator_optimizer = state.generator_optimizer
        self.discriminator_optimizer = state.discriminator_optimizer
        self.average = state.average
        self.settings = settings
        self.average_memory = average_memory
        self.palette = palette

    @tf.function
    def generator_step(self, photographs: tf.Tensor, numbers: tf.Tensor | None = None) -> Terms:
        """Trains E and G (and T) on photographs `(N, H, W, 3)` in [-1, 1]; terms before it.

        Args:
            numbers: random ones for what the discriminator sees, see `numbers_of_step`.
        """
        variables = self.networks.generator_variables()
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([variable.value for variable in variables])
            total, terms = generator_objective(
                self.networks, photographs, self.settings, numbers, self.palette
            )
        gradients = tape.gradient(total, [variable.value for variable in variables])
        self.generator_optimizer.apply_gradients(zip(gradients, variables, strict=True))
        for mean, variable in zip(self.average, self.networks.generator.weights, strict=False):
            mean.assign_sub((1 - self.average_memory) * (mean.value - variable.value))
        return terms

    @tf.function
    def warm_start_step(self, photographs: tf.Tensor) -> Terms:
        """Trains E and G to give photographs `(N, H, W, 3)` in [-1, 1] back in strokes."""
        assert self.palette is not None, "a warm start needs a palette"
        variables = self.networks.generator.trainable_variables
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([variable.value for variable in variables])
            total, terms = warm_start_objective(self.networks.generator, photographs, self.palette)
        gradients = tape.gradient(total, [variable.value for variable in variables])
        gradients, _ = tf.clip_by_global_norm(gradients, WARM_START_CLIP_NORM)
        self.generator_optimizer.apply_gradients(zip(gradients, variables, strict=True))
        for mean, variable in zip(self.average, self.networks.generator.weights, strict=False):
            mean.assign(variable.value)
        return terms

    @tf.function
    def discriminator_step(
        self, paintings: tf.Tensor, photographs: tf.Tensor, numbers: tf.Tensor | None = None
    ) -> Terms:
        """Trains D on both and on what the generator makes of the photographs; terms before it.

        Args:
            numbers: random ones for what the discriminator sees, see `numbers_of_step`.
        """
        variables = self.networks.discriminator.trainable_variables
        stylized = self.networks.generator(photographs)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch([variable.value for variable in variables])
            total, terms = discriminator_objective(
                self.networks, paintings, photographs, stylized, self.settings, numbers
            )
        gradients: list[Any] = tape.gradient(total, [variable.value for variable in variables])
        self.discriminator_optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return terms
