"""The training steps under JAX: forward, gradients and update in one compiled function each.

What is trained lies on the device and every step takes it over (donated buffers); nothing comes
back to the host but what the caller fetches of a step's terms.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import keras
import numpy as np
from jax_adam import Arrays, Trained, adam_updated, clipped, corrected_rate

from adaptive_style_tf.models import read_value
from adaptive_style_tf.training.adam import slots
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

# XLA would count, when it compiles, which pixels each window of T holds: 20 s at 256 px, minutes at
# 768 px.
NO_FOLDING = {"xla_disable_hlo_passes": "constant_folding"}


class StepTerms(NamedTuple):
    """The terms of a step before its update: one array on the device, to be fetched at once."""

    names: tuple[str, ...]
    values: jax.Array

    def fetched(self) -> dict[str, float]:
        """Waits for the step and gives its terms by name."""
        return dict(zip(self.names, map(float, np.asarray(self.values)), strict=True))


class JaxSteps:
    """The steps of the TensorFlow loop's `TrainingSteps`, each compiled once for a shape.

    Args:
        state: whose networks and optimizers these are; its arrays are copied to the device.
        clip_norm: largest norm of each network's gradient; 0: not clipped.
        average_memory: share of the generator's weight average that a step keeps, in [0, 1).
        palette: of the paintings; the warm start and a stroke weight need it.
    """

    def __init__(
        self,
        state: TrainingState,
        objective: ObjectiveSettings,
        clip_norm: float = 0.0,
        average_memory: float = 0.0,
        palette: Palette | None = None,
    ) -> None:
        self._networks = state.networks
        self._objective = objective
        self._clip_norm = clip_norm
        self._average_memory = average_memory
        self._palette = palette
        self._generator_variables = state.networks.generator_variables()
        self._discriminator_variables = state.networks.discriminator.trainable_variables
        adam = state.generator_optimizer
        # TensorFlow 1 rounds the betas to the weights' dtype.
        self._betas = tuple(float(np.float32(beta)) for beta in (adam.beta_1, adam.beta_2))
        self._epsilon = adam.epsilon
        self._names: dict[str, tuple[str, ...]] = {}
        self.compiled = {
            "generator": jax.jit(
                self._generator_step, donate_argnums=(0, 1), compiler_options=NO_FOLDING
            ),
            "discriminator": jax.jit(self._discriminator_step, donate_argnums=0),
            "warm_start": jax.jit(self._warm_start_step, donate_argnums=(0, 1)),
            "stylize": jax.jit(self._stylized),
        }
        self.take_from(state)

    def take_from(self, state: TrainingState) -> None:
        """Copies the state's arrays to the device."""
        self._updates = {
            "generator": int(state.generator_optimizer.iterations.value),
            "discriminator": int(state.discriminator_optimizer.iterations.value),
        }
        self._generator = copied(self._generator_variables, state.generator_optimizer)
        self._discriminator = copied(self._discriminator_variables, state.discriminator_optimizer)
        self._average = copies(state.average)

    def give_to(self, state: TrainingState) -> None:
        """Puts what was trained into the state, where it stays whole until the next step."""
        for optimizer, variables, trained, network in (
            (state.generator_optimizer, self._generator_variables, self._generator, "generator"),
            (
                state.discriminator_optimizer,
                self._discriminator_variables,
                self._discriminator,
                "discriminator",
            ),
        ):
            optimizer.iterations.assign(self._updates[network])
            kept = (variables, *slots(optimizer).values())
            for those, arrays in zip(kept, trained, strict=True):
                assign(those, arrays)
        assign(state.average, self._average)

    def generator_step(
        self,
        photographs: Any,
        learning_rate: float,
        numbers: Any = None,
    ) -> StepTerms:
        """Trains E and G (and T) on photographs `(N, H, W, 3)` in [-1, 1].

        Args:
            numbers: random ones for what the discriminator sees, see `numbers_of_step`.
        """
        self._generator, self._average, values = self.compiled["generator"](
            self._generator,
            self._average,
            self._discriminator.weights,
            photographs,
            numbers,
            self._next_rate("generator", learning_rate),
        )
        return StepTerms(self._names["generator"], values)

    def discriminator_step(
        self, paintings: Any, photographs: Any, learning_rate: float, numbers: Any = None
    ) -> StepTerms:
        """Trains D on both and on what the generator makes of the photographs.

        Args:
            numbers: random ones for what the discriminator sees, see `numbers_of_step`.
        """
        self._discriminator, values = self.compiled["discriminator"](
            self._discriminator,
            self._generator.weights,
            paintings,
            photographs,
            numbers,
            self._next_rate("discriminator", learning_rate),
        )
        return StepTerms(self._names["discriminator"], values)

    def warm_start_step(self, pictures: Any, learning_rate: float) -> StepTerms:
        """Trains E and G to give pictures `(N, H, W, 3)` in [-1, 1] back in the palette."""
        self._generator, self._average, values = self.compiled["warm_start"](
            self._generator, self._average, pictures, self._next_rate("generator", learning_rate)
        )
        return StepTerms(self._names["warm_start"], values)

    def forget_generator_updates(self) -> None:
        """Starts the generator's optimizer anew, as between two phases with different losses."""
        weights, momentum, velocity = self._generator
        self._generator = Trained(weights, zeros_like(momentum), zeros_like(velocity))
        self._updates["generator"] = 0

    def stylized(self, photographs: Any) -> np.ndarray:
        """What the generator makes of photographs `(N, H, W, 3)`, with the averaged weights.

        One by one: a batch of large pictures may not fit where training with one does.
        """
        count = len(self._networks.generator.trainable_variables)
        weights = self._average or self._generator.weights[:count]
        stylize = self.compiled["stylize"]
        results = [stylize(weights, photograph[np.newaxis]) for photograph in photographs]
        return np.concatenate(results).astype(np.float32)

    def _next_rate(self, network: str, learning_rate: float) -> np.float32:
        self._updates[network] += 1
        return corrected_rate(learning_rate, self._updates[network], self._betas)

    def _generator_step(
        self,
        trained: Trained,
        average: Arrays,
        discriminator: Arrays,
        photographs: jax.Array,
        numbers: jax.Array | None,
        rate: jax.Array,
    ) -> tuple[Trained, Arrays, jax.Array]:
        def objective(weights: Arrays) -> tuple[jax.Array, Terms]:
            held = [*pairs(self._generator_variables, weights)]
            held += pairs(self._discriminator_variables, discriminator)
            with keras.StatelessScope(state_mapping=held):
                return generator_objective(
                    self._networks, photographs, self._objective, numbers, self._palette
                )

        terms, gradients = gradients_of(objective, trained.weights)
        after = self._updated(trained, gradients, rate)
        return after, self._averaged(average, after), self._packed("generator", terms)

    def _discriminator_step(
        self,
        trained: Trained,
        generator: Arrays,
        paintings: jax.Array,
        photographs: jax.Array,
        numbers: jax.Array | None,
        rate: jax.Array,
    ) -> tuple[Trained, jax.Array]:
        with keras.StatelessScope(state_mapping=pairs(self._generator_variables, generator)):
            stylized = self._networks.generator(photographs)

        def objective(weights: Arrays) -> tuple[jax.Array, Terms]:
            held = pairs(self._discriminator_variables, weights)
            with keras.StatelessScope(state_mapping=held):
                return discriminator_objective(
                    self._networks, paintings, photographs, stylized, self._objective, numbers
                )

        terms, gradients = gradients_of(objective, trained.weights)
        after = self._updated(trained, gradients, rate)
        return after, self._packed("discriminator", terms)

    def _warm_start_step(
        self, trained: Trained, average: Arrays, pictures: jax.Array, rate: jax.Array
    ) -> tuple[Trained, Arrays, jax.Array]:
        assert self._palette is not None, "a warm start needs a palette"
        variables = self._networks.generator.trainable_variables  # T rests
        resting = Trained(*(arrays[len(variables) :] for arrays in trained))
        trained = Trained(*(arrays[: len(variables)] for arrays in trained))

        def objective(weights: Arrays) -> tuple[jax.Array, Terms]:
            with keras.StatelessScope(state_mapping=pairs(variables, weights)):
                return warm_start_objective(self._networks.generator, pictures, self._palette)

        terms, gradients = gradients_of(objective, trained.weights)
        after = self._updated(trained, clipped(gradients, WARM_START_CLIP_NORM), rate)
        # Copies: the next step takes over the buffers of both.
        average = tuple(map(jnp.copy, after.weights[: len(average)]))
        whole = Trained(*(new + old for new, old in zip(after, resting, strict=True)))
        return whole, average, self._packed("warm_start", terms)

    def _stylized(self, weights: Arrays, photographs: jax.Array) -> jax.Array:
        variables = self._networks.generator.trainable_variables
        with keras.StatelessScope(state_mapping=pairs(variables, weights)):
            return self._networks.generator(photographs)

    def _updated(self, trained: Trained, gradients: Arrays, rate: jax.Array) -> Trained:
        if self._clip_norm:
            gradients = clipped(gradients, self._clip_norm)
        return adam_updated(trained, gradients, rate, self._betas, self._epsilon)

    def _averaged(self, average: Arrays, after: Trained) -> Arrays:
        # Without an average there is nothing to go through; T has none.
        return tuple(
            mean - (1 - self._average_memory) * (mean - weight)
            for mean, weight in zip(average, after.weights, strict=False)
        )

    def _packed(self, network: str, terms: Terms) -> jax.Array:
        """The terms as one array; their names, the same in every step, are kept when traced."""
        self._names[network] = tuple(terms)
        return jnp.stack([jnp.asarray(value, jnp.float32) for value in terms.values()])


def gradients_of(
    objective: Callable[[Arrays], tuple[jax.Array, Terms]], weights: Arrays
) -> tuple[Terms, Arrays]:
    (_, terms), gradients = jax.value_and_grad(objective, has_aux=True)(weights)
    return terms, gradients


def pairs(variables: Sequence[Any], arrays: Arrays) -> list[tuple[Any, jax.Array]]:
    return list(zip(variables, arrays, strict=True))


def copied(variables: Sequence[Any], optimizer: Any) -> Trained:
    return Trained(copies(variables), *(copies(kept) for kept in slots(optimizer).values()))


def copies(variables: Sequence[Any]) -> Arrays:
    # A step takes over the buffers, which must then belong to nobody else. Through the host, since
    # JAX would compile a copy for each shape.
    return tuple(jax.device_put(read_value(variable), may_alias=False) for variable in variables)


def zeros_like(arrays: Arrays) -> Arrays:
    return tuple(map(jnp.zeros_like, arrays))


def assign(variables: Sequence[Any], arrays: Arrays) -> None:
    for variable, array in zip(variables, arrays, strict=True):
        variable.assign(array)
