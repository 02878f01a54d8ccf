"""Golden numbers of the 2018 release, and networks with its weights (tests/goldens/README.md)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from adaptive_style_tf.kernels import fastest_normalization
from adaptive_style_tf.models import Discriminator, Generator, TransformerBlock, assign_weights
from adaptive_style_tf.release import ReleaseCheckpoint, read_release_checkpoint
from adaptive_style_tf.training.objectives import Networks

GOLDENS = Path(__file__).parents[1] / "goldens" / "released_small"

Arrays = dict[str, Any]


@pytest.fixture(scope="session")
def golden() -> Callable[[str], Arrays]:
    """Reads one file of golden numbers."""

    def read(name: str) -> Arrays:
        with np.load(GOLDENS / f"{name}.npz") as file:
            return dict(file)

    return read


@pytest.fixture(scope="session")
def start() -> ReleaseCheckpoint:
    """The snapshot from which all golden numbers start."""
    return read_release_checkpoint(GOLDENS / "checkpoint.tar.xz")


@pytest.fixture(scope="session")
def after_24_steps() -> ReleaseCheckpoint:
    return read_release_checkpoint(GOLDENS / "after_24_steps.tar.xz")


@pytest.fixture
def networks_of() -> Callable[[ReleaseCheckpoint, str], Networks]:
    """Builds the networks of a checkpoint with a dtype policy, as they are trained."""

    def build(checkpoint: ReleaseCheckpoint, dtype: str) -> Networks:
        normalization = fastest_normalization()  # as in training
        networks = Networks(
            Generator(checkpoint.ngf, normalization, dtype=dtype),
            Discriminator(checkpoint.ndf, normalization, dtype=dtype),
            TransformerBlock(dtype=dtype),
        )
        for model in (networks.generator, networks.discriminator):
            model.build((None, None, None, 3))
        assign_weights(networks.generator, checkpoint.generator)
        assign_weights(networks.discriminator, checkpoint.discriminator)
        return networks

    return build
