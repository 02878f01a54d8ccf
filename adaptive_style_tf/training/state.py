"""Everything that decides the future of a training, in one place and as plain arrays."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

import keras
import numpy as np
import numpy.typing as npt
from keras import ops

from adaptive_style_tf.kernels import fastest_normalization
from adaptive_style_tf.models import (
    Discriminator,
    Generator,
    PatchDiscriminator,
    TransformerBlock,
    assign_weights,
    named_weights,
    read_value,
    read_weights,
)
from adaptive_style_tf.training.adam import Adam, assign_slots, read_slots
from adaptive_style_tf.training.objectives import Networks
from adaptive_style_tf.training.settings import NetworkSettings, OptimizationSettings

Arrays = dict[str, npt.NDArray[Any]]
PICTURES = (None, None, None, 3)


class TrainingState:
    """Networks, optimizers, weight average, step and success average.

    `arrays()` and `assign()` move all weights out and in under the names that checkpoints use, the
    same for every Keras backend: `generator/...`, `discriminator/...`, `transformer/...`,
    `generator_average/...`, `generator_optimizer/{momentum,velocity}/...`,
    `generator_optimizer/iterations` and the same for `discriminator_optimizer`.

    Args:
        seed: of the initial weights.

    Attributes:
        step: training steps done, of both networks together.
        success: the discriminator's success average, started at the threshold (REFERENCE 3).
    """

    def __init__(
        self, network: NetworkSettings, optimization: OptimizationSettings, seed: int
    ) -> None:
        keras.utils.set_random_seed(seed % 2**32)
        policy = network.precision
        normalization = fastest_normalization()
        self.networks = Networks(
            Generator(network.ngf, normalization, name="generator", dtype=policy),
            made_discriminator(network),
            TransformerBlock(
                network.transformer_kind,
                network.transformer_kernel,
                name="transformer",
                dtype="float32",
            ),
        )
        for part in self.parts().values():
            part.build(PICTURES)
        self.generator_optimizer = made_optimizer(optimization, self.networks.generator_variables())
        self.discriminator_optimizer = made_optimizer(
            optimization, self.networks.discriminator.trainable_variables
        )
        self.average = (
            [
                # A copy: a Keras variable made from a variable would be that variable.
                keras.Variable(read_value(weight), trainable=False, name=f"average_{index}")
                for index, weight in enumerate(self.networks.generator.weights)
            ]
            if optimization.generator_ema
            else []
        )
        self.step = 0
        self.success = optimization.discriminator_success_rate

    def parts(self) -> dict[str, Any]:
        return {
            "generator": self.networks.generator,
            "discriminator": self.networks.discriminator,
            "transformer": self.networks.transformer,
        }

    def optimizers(self) -> dict[str, tuple[Adam, list[str]]]:
        """Each optimizer with the names of the weights that it trains, in its order."""
        generator_names = list(named_weights(self.networks.generator))
        generator_names += list(named_weights(self.networks.transformer))
        discriminator_names = list(named_weights(self.networks.discriminator))
        return {
            "generator_optimizer": (self.generator_optimizer, generator_names),
            "discriminator_optimizer": (self.discriminator_optimizer, discriminator_names),
        }

    def arrays(self) -> Arrays:
        """A copy of every array that decides the future."""
        parts = {name: read_weights(part) for name, part in self.parts().items()}
        if self.average:
            parts["generator_average"] = self.average_weights()
        parts |= {
            name: read_slots(optimizer, names)
            for name, (optimizer, names) in self.optimizers().items()
        }
        return {
            f"{part}/{name}": value
            for part, arrays in parts.items()
            for name, value in arrays.items()
        }

    def average_weights(self) -> Arrays:
        names = named_weights(self.networks.generator)
        return {
            name: read_value(variable) for name, variable in zip(names, self.average, strict=True)
        }

    def assign(self, arrays: Mapping[str, npt.NDArray[Any]]) -> None:
        """Sets everything to what `arrays()` gave.

        Raises:
            ValueError, KeyError: if something is missing or of another shape.
        """
        for name, part in self.parts().items():
            assign_weights(part, below(arrays, name))
        for name, (optimizer, names) in self.optimizers().items():
            assign_slots(optimizer, names, below(arrays, name))
        averages = below(arrays, "generator_average")
        for name, variable in zip(
            named_weights(self.networks.generator), self.average, strict=False
        ):
            variable.assign(averages[name])

    @contextlib.contextmanager
    def generator_for_use(self) -> Iterator[keras.Model]:
        """The generator as it would be shipped: with the averaged weights, if there are any."""
        if not self.average:
            yield self.networks.generator
            return
        trained = read_weights(self.networks.generator)
        assign_weights(self.networks.generator, self.average_weights())
        try:
            yield self.networks.generator
        finally:
            assign_weights(self.networks.generator, trained)

    def stylized(self, photographs: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """What the generator for use makes of photographs `(N, H, W, 3)` in [-1, 1].

        One by one: a batch of large pictures may not fit where training with one does.
        """
        with self.generator_for_use() as generator:
            results = [ops.convert_to_numpy(generator(one[np.newaxis])) for one in photographs]
        return np.concatenate(results)

    def start_from(
        self,
        generator: Mapping[str, npt.NDArray[Any]],
        discriminator: Mapping[str, npt.NDArray[Any]] | None = None,
        optimizers: Mapping[str, npt.NDArray[Any]] | None = None,
    ) -> None:
        """Takes over a trained or converted style: the generator and what else there is of it.

        Raises:
            ValueError, KeyError: if the widths differ.
        """
        assign_weights(self.networks.generator, generator)
        if discriminator is not None:
            assign_weights(self.networks.discriminator, discriminator)
        for name, (optimizer, names) in self.optimizers().items():
            slots = below(optimizers or {}, name)
            if slots:
                learned = named_weights(self.networks.transformer)
                fresh = read_slots(optimizer, names)  # T's slots, which no style holds
                kept = {key: fresh[key] for key in fresh if key.split("/", 1)[-1] in learned}
                assign_slots(optimizer, names, {**kept, **slots})
        for mean, weight in zip(self.average, self.networks.generator.weights, strict=False):
            mean.assign(weight.value)

    def forget_generator_updates(self) -> None:
        """Starts the generator's optimizer anew, as between two phases with different losses."""
        optimizer, names = self.optimizers()["generator_optimizer"]
        fresh = {name: np.zeros_like(value) for name, value in read_slots(optimizer, names).items()}
        assign_slots(optimizer, names, fresh)


def made_discriminator(network: NetworkSettings) -> keras.Model:
    options = {"name": "discriminator", "dtype": network.precision}
    if network.discriminator == "patches":
        return PatchDiscriminator(network.ndf, **options)
    return Discriminator(network.ndf, fastest_normalization(), **options)


def made_optimizer(settings: OptimizationSettings, variables: list[Any]) -> Adam:
    optimizer = Adam(
        settings.learning_rate,
        beta_1=settings.adam_beta1,
        global_clipnorm=settings.clip_norm or None,
    )
    optimizer.build(variables)
    return optimizer


def below(arrays: Mapping[str, npt.NDArray[Any]], part: str) -> Arrays:
    """The entries of one part, without its prefix."""
    prefix = part + "/"
    return {
        name.removeprefix(prefix): value
        for name, value in arrays.items()
        if name.startswith(prefix)
    }
