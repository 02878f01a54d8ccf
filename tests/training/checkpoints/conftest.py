import math

import numpy as np
import pytest


@pytest.fixture
def state_of():
    """Makes arrays that tell the step they were saved at."""

    def make(step):
        return {
            "generator/encoder/conv_1/kernel": np.full((3, 3, 4, 2), step, np.float32),
            "generator_optimizer/iterations": np.asarray(step, np.int64),
            "generator/exact": np.array([math.pi, step / 3.0]),
        }

    return make


@pytest.fixture
def refuse():
    """To be given where no warning is due."""

    def refuse(message):
        pytest.fail(f"no warning was due: {message}")

    return refuse


@pytest.fixture
def names_in():
    """Lists a folder, sorted."""

    def names(folder):
        return sorted(path.name for path in folder.iterdir())

    return names
