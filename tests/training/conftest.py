"""Small pictures to train on."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image


@dataclass(frozen=True)
class Folders:
    paintings: Path
    photographs: Path


def bands(random):
    """A vertical pattern of two oranges."""
    side = random.integers(10, 20)
    columns = np.arange(112) // side % 2
    picture = np.array([(250, 150, 20), (150, 60, 0)])[columns][np.newaxis].repeat(96, axis=0)
    return picture + random.integers(0, 6, picture.shape)


def waves(random):
    """Something smooth and blue with an edge to follow."""
    rows, columns = np.mgrid[:96, :112] / 96
    wave = np.sin(5 * random.random() * rows + 9 * random.random() * columns + 6 * random.random())
    brightness = 0.5 + 0.2 * wave + 0.25 * (columns > random.uniform(0.3, 0.8))
    return np.array([60, 120, 255]) * brightness[..., np.newaxis]


def save(folder, draw, seed, count):
    folder.mkdir()
    for number in range(count):
        picture = draw(np.random.default_rng((seed, number)))
        Image.fromarray(picture.clip(0, 255).astype(np.uint8)).save(folder / f"{number}.png")
    return folder


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """Three paintings and three photographs of 112 x 96 px; not to be changed."""
    folder = tmp_path_factory.mktemp("pictures")
    return Folders(
        save(folder / "paintings", bands, 1, 3), save(folder / "photographs", waves, 2, 3)
    )


@pytest.fixture(scope="session")
def generator():
    """A very narrow one with random weights; not to be changed."""
    import keras

    from adaptive_style_tf.models import Generator

    keras.utils.set_random_seed(1)
    made = Generator(ngf=2)
    made.build((None, None, None, 3))
    return made
