"""What every test starts from: a quiet TensorFlow and the same random numbers."""

import os
import random
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # read once, when tensorflow is imported

import numpy as np
import pytest


@pytest.fixture(autouse=True)
def same_random_numbers() -> None:
    """Seeds every generator that is loaded, so that a test does not depend on those before it."""
    random.seed(20180908)
    np.random.seed(20180908)  # noqa: NPY002 - libraries still draw from the global generator
    if keras := sys.modules.get("keras"):
        keras.utils.set_random_seed(20180908)
