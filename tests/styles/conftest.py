from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from adaptive_style_tf.models.shapes import discriminator_shapes, generator_shapes
from adaptive_style_tf.styles import StyleDescription, write_style

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
def describe(
    describe_untrained: Callable[..., StyleDescription],
) -> Callable[..., StyleDescription]:
    """Describes a style with all that can be told, but for the fields that are given."""

    def describe(**changes: object) -> StyleDescription:
        fields: dict[str, object] = {
            "name": "Paul Cézanne",
            "ngf": NGF,
            "ndf": NDF,
            "step": 41,
            "settings": {"preset": "release", "learning_rate": 2e-4},
            "data": {"paintings": 61},
            "hardware": "2 cores",
            "date": "2025-03-01T12:00:00+00:00",
        }
        return describe_untrained(**(fields | changes))

    return describe


@pytest.fixture
def style_folder(
    tmp_path: Path, describe: Callable[..., StyleDescription], generator: Arrays
) -> Path:
    """A style of a generator alone."""
    return write_style(tmp_path / "style", describe(), generator).folder
