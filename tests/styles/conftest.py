from collections.abc import Callable, Mapping

import numpy as np
import pytest

from adaptive_style_tf.models.shapes import discriminator_shapes, generator_shapes
from adaptive_style_tf.styles import StyleDescription

NGF, NDF = 2, 3

Arrays = dict[str, np.ndarray]


def random_arrays(shapes: Mapping[str, tuple[int, ...]], seed: int) -> Arrays:
    generator = np.random.default_rng(seed)
    return {name: generator.normal(0, 0.1, s).astype(np.float32) for name, s in shapes.items()}


@pytest.fixture(scope="session")
def generator() -> Arrays:
    return random_arrays(generator_shapes(NGF), 1)


@pytest.fixture(scope="session")
def discriminator() -> Arrays:
    return random_arrays(discriminator_shapes(NDF), 2)


@pytest.fixture(scope="session")
def optimizer() -> Arrays:
    state: Arrays = {}
    for seed, (name, shapes) in enumerate(
        {
            "generator_optimizer": generator_shapes(NGF),
            "discriminator_optimizer": discriminator_shapes(NDF),
        }.items()
    ):
        for slot in ("momentum", "velocity"):
            values = random_arrays(shapes, 10 * seed + len(slot))
            state |= {f"{name}/{slot}/{weight}": array for weight, array in values.items()}
        state[f"{name}/iterations"] = np.array(40 + seed, np.int64)
    return state


@pytest.fixture
def describe() -> Callable[..., StyleDescription]:
    def describe(**changes: object) -> StyleDescription:
        fields: dict[str, object] = {
            "name": "Paul Cézanne",
            "artist": "paul-cezanne",
            "ngf": NGF,
            "ndf": NDF,
            "step": 41,
            "settings": {"preset": "release", "learning_rate": 2e-4},
            "data": {"paintings": 61},
            "hardware": "2 cores",
            "date": "2025-03-01T12:00:00+00:00",
            "package_version": "0.1.0",
            "licence": "Apache-2.0",
        }
        return StyleDescription(**(fields | changes))  # type: ignore[arg-type]

    return describe
