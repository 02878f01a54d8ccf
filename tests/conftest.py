"""What every test starts from: a quiet TensorFlow and the same random numbers."""

import os
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read once, when tensorflow is imported

import numpy as np
import pytest

if TYPE_CHECKING:
    from adaptive_style_tf.styles import Style


@pytest.fixture(autouse=True)
def same_random_numbers() -> None:
    """Seeds every generator that is loaded, so that a test does not depend on those before it."""
    random.seed(20180908)
    np.random.seed(20180908)  # noqa: NPY002 - libraries still draw from the global generator
    if keras := sys.modules.get("keras"):
        keras.utils.set_random_seed(20180908)


@pytest.fixture
def tiny_style(tmp_path: Path) -> "Style":
    """An untrained, very narrow style in `<tmp_path>/runs/paul-cezanne/style`."""
    import keras

    from adaptive_style_tf.models import Generator, read_weights
    from adaptive_style_tf.styles import StyleDescription, write_style

    # Seeded here too: keras may not have been imported when the test began.
    keras.utils.set_random_seed(20180908)
    generator = Generator(ngf=2)
    generator.build((None, None, None, 3))
    description = StyleDescription(
        name="Tiny",
        artist="paul-cezanne",
        ngf=2,
        step=7,
        date="2018-09-08",
        package_version="0",
        licence="CC0-1.0",
    )
    folder = tmp_path / "runs" / "paul-cezanne" / "style"
    return write_style(folder, description, read_weights(generator))
